"""scripts/get_jars.sh with a Maven that is none: a folder is whole or absent, and fetched once."""
import os
import pathlib
import subprocess
import tempfile
import unittest

from processes import ROOT

MAVEN = """\
#!/bin/sh
echo called >>"$MAVEN_CALLS"
for word; do
  case $word in -DoutputDirectory=*) folder=${word#*=} ;; esac
done
echo one >"$folder/one.jar"
[ -z "$MAVEN_FAILS" ] || { echo "no such artifact" >&2; exit 1; }
echo two >"$folder/two.jar"
"""


class Jars(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="billing-jars-")))
        (self.folder / "bin").mkdir()
        maven = self.folder / "bin" / "mvn"
        maven.write_text(MAVEN)
        maven.chmod(0o755)
        self.jars = self.folder / "below" / "jars"

    def get(self, *arguments, **environment):
        environment = {**os.environ, "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
                       "MAVEN_CALLS": str(self.folder / "calls"), "MAVEN_FAILS": "", **environment}
        return subprocess.run([ROOT / "scripts" / "get_jars.sh", *arguments], env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)

    def calls(self):
        return len((self.folder / "calls").read_text().splitlines())

    def names(self):
        return sorted(path.name for path in self.jars.iterdir())

    def test_jars_are_fetched_once(self):
        self.assertEqual(self.get(self.jars).stdout, f"get_jars: {self.jars}: 2 jars\n")
        self.assertEqual(self.names(), ["jars.sha256", "one.jar", "pom.xml", "two.jar"])
        self.assertEqual((self.get(self.jars).returncode, self.calls()), (0, 1))

    def test_a_jar_that_is_damaged_or_gone_is_fetched_again(self):
        self.get(self.jars)
        (self.jars / "one.jar").write_text("on")
        self.assertEqual(self.get(self.jars).returncode, 0)
        (self.jars / "two.jar").unlink()
        self.assertEqual(self.get(self.jars).returncode, 0)
        self.assertEqual(self.calls(), 3)
        self.assertEqual((self.jars / "one.jar").read_text(), "one\n")
        self.assertEqual(self.names(), ["jars.sha256", "one.jar", "pom.xml", "two.jar"])

    def test_another_set_takes_the_place_of_the_first(self):
        self.get(self.jars)
        self.get(self.jars, "kafka")
        self.assertEqual(self.calls(), 2)
        self.assertIn("kafka_2.13", (self.jars / "pom.xml").read_text())

    def test_what_fails_leaves_what_was_there(self):
        failed = self.get(self.jars, MAVEN_FAILS="yes")
        self.assertEqual(failed.returncode, 1)
        self.assertIn("no such artifact", failed.stderr)
        self.assertIn("Maven did not get the jars", failed.stderr)
        self.assertEqual(list(self.jars.parent.iterdir()), [])
        self.get(self.jars)
        self.assertEqual(self.get(self.jars, "kafka", MAVEN_FAILS="yes").returncode, 1)
        self.assertEqual(self.names(), ["jars.sha256", "one.jar", "pom.xml", "two.jar"])
        self.assertEqual([path.name for path in self.jars.parent.iterdir()], ["jars"])

    def test_a_folder_of_somebody_else_is_left_alone(self):
        self.jars.mkdir(parents=True)
        (self.jars / "mine.jar").write_text("mine")
        done = self.get(self.jars)
        self.assertEqual(done.returncode, 1)
        self.assertIn("has other files: name a new folder", done.stderr)
        self.assertEqual(self.names(), ["mine.jar"])

    def test_wrong_arguments(self):
        self.assertIn("usage", self.get().stderr)
        self.assertIn("no set 'flink'", self.get(self.jars, "flink").stderr)


if __name__ == "__main__":
    unittest.main()
