"""What cmake --install puts where: the program, its manual page and its completions. The library: see
test_library.py."""

import os
import re
import shutil
import subprocess
import unittest
from pathlib import Path

from program_fixture import PROGRAM, ProgramTest, clean_environment, record

BUILD = Path(PROGRAM).parent
COMMANDS = ("aggregate", "merge", "inspect", "bench", "generate")
MANUAL = "share/man/man1/billing.1"
COMPLETIONS = {
    "bash": "share/bash-completion/completions/billing",
    "zsh": "share/zsh/site-functions/_billing",
    "fish": "share/fish/vendor_completions.d/billing.fish",
}
LIBRARY = re.compile(r"include/billing/\w+\.h|lib/(.*/)?(libbilling\.a|cmake/billing/[\w-]+\.cmake)")


@unittest.skipUnless(shutil.which("cmake") and (BUILD / "cmake_install.cmake").exists(),
                     f"there is no cmake, or {BUILD} is no build folder")
class Install(ProgramTest):
    def setUp(self):
        super().setUp()
        self.called("cmake", "--install", str(BUILD), "--prefix", str(self.folder / "prefix"))

    def called(self, *command):
        """Its output; it must have nothing to complain of."""
        done = subprocess.run(command, cwd=self.folder, env=clean_environment(),
                              capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout

    def installed(self, name):
        return self.text(f"prefix/{name}")

    def options_of_help(self):
        """`--name` of each option that any command tells of in its help."""
        names = set()
        for command in COMMANDS:
            told = self.run_billing(command, "--help").succeeds().out.decode()
            names |= set(re.findall(r"^ +(?:-\w, )?(--[a-z][a-z-]+)", told, re.MULTILINE))
        self.assertGreater(len(names), 20)
        return names

    def test_nothing_but_the_program_its_documents_and_the_library(self):
        found = {str(path.relative_to(self.folder / "prefix"))
                 for path in (self.folder / "prefix").rglob("*") if path.is_file()}
        library = {name for name in found if LIBRARY.fullmatch(name)}
        self.assertEqual(found - library, {"bin/billing", MANUAL, *COMPLETIONS.values()})
        self.assertGreater(len(library), 20)

    def test_the_program_runs(self):
        self.log(record())
        told = self.called(str(self.folder / "prefix/bin/billing"), "aggregate", "-q", "log", "-r",
                           "login=1")
        self.assertIn("u cycle=1 task=login", told)
        self.assertTrue(os.access(self.folder / "prefix/bin/billing", os.X_OK))

    def test_every_option_of_help_is_in_each_document(self):
        for name in (MANUAL, *COMPLETIONS.values()):
            with self.subTest(document=name):
                text = re.sub(r"\\f[BIR]", "", self.installed(name)).replace("\\-", "-")
                # The completions of fish name options without their dashes.
                dashes = "" if name.endswith(".fish") else "--"
                words = set(re.findall(rf"(?<![\w-]){dashes}[a-z][a-z-]+", text))
                told = {dashes + option[2:] for option in self.options_of_help()}
                self.assertEqual(told - words, set())

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_the_manual_page_has_no_mistakes(self):
        self.called("groff", "-man", "-ww", "-Tutf8", "-z", f"prefix/{MANUAL}")

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_the_manual_page_has_no_mistakes_for_mandoc_either(self):
        self.called("mandoc", "-man", "-T", "lint", "-W", "error", f"prefix/{MANUAL}")

    def test_each_shell_can_read_its_completions(self):
        for shell, name in COMPLETIONS.items():
            with self.subTest(shell=shell):
                if not shutil.which(shell):
                    self.skipTest(f"{shell} is not installed")
                self.called(shell, "-n", f"prefix/{name}")


if __name__ == "__main__":
    unittest.main()
