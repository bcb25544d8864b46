"""check_includes.py finds what breaks its table: each kind of violation, planted in a small tree."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

CHECKER = pathlib.Path(__file__).resolve().parent / "check_includes.py"

# A tree that keeps to the table: render uses values and fmt, and cli a contract that rating fulfils.
SOUND = {
    "include/billing/amount.h": "#pragma once\nint amount_of(int units);\n",
    "src/values/scale.h": "#pragma once\nint scaled(int units);\n",
    "src/values/scale.cc": '#include "values/scale.h"\nint scaled(int units) { return units * 2; }\n',
    "src/rating/amount.cc": '#include "billing/amount.h"\n#include "values/scale.h"\n'
                            "int amount_of(int units) { return scaled(units); }\n",
    "src/cli/main.cc": '#include "billing/amount.h"\n#include <vector>\n#include <sys/stat.h>\n'
                       "int total() { return amount_of(1); }\n",
}


class SmallTree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for name, text in SOUND.items():
            self.write(name, text)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def check(self, *options):
        return subprocess.run([sys.executable, CHECKER, "--root", self.root, *options],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def assert_found(self, complaint, *options):
        done = self.check(*options)
        self.assertEqual((done.returncode, done.stdout), (1, complaint + "\n"))


class CheckIncludesTest(SmallTree):
    def test_a_sound_tree_passes(self):
        self.assertEqual(self.check().returncode, 0, self.check().stdout)

    def test_a_room_that_reaches_up_is_found(self):
        self.write("src/base/text.cc", '\n#include "job/bill.h"\n')
        self.assert_found("src/base/text.cc:2: src/base must not include job/bill.h")

    def test_a_header_of_a_room_that_is_reached_by_contract_is_found(self):
        self.write("src/cli/rates.cc", '#include "rating/rater.h"\n')
        self.assert_found("src/cli/rates.cc:1: src/cli must not include rating/rater.h")

    def test_a_library_of_another_room_is_found(self):
        self.write("src/rating/text.cc", "#include <fmt/format.h>\n")
        self.assert_found("src/rating/text.cc:1: src/rating must not include fmt/format.h")

    def test_libraries_that_nobody_listed_are_found(self):
        for header in ("zlib.h", "curl/curl.h", "boost/any.hpp", "nlohmann/json.hpp", "tbb/tbb.h"):
            with self.subTest(header):
                self.write("include/billing/money.h", f"#include <{header}>\n")
                self.assert_found("include/billing/money.h:1: include/billing must not include " + header)

    def test_a_library_in_quotes_is_found(self):
        self.write("src/render/text.cc", '#include "fmt/format.h"\n')
        self.assert_found("src/render/text.cc:1: src/render must not include fmt/format.h")

    def test_a_folder_without_a_row_is_found(self):
        self.write("src/cloud/upload.cc", "")
        done = self.check()
        self.assertEqual(done.returncode, 1)
        self.assertIn("src/cloud: no row", done.stdout)

    def test_lists_in_braces_without_their_header_are_found(self):
        for line in ("for (const int stream : {0, 1}) use(stream);", "const auto both = {0, 1};"):
            with self.subTest(line):
                self.write("src/base/list.cc", f"\nvoid f() {{ {line} }}\n")
                self.assert_found("src/base/list.cc:2: a list in braces needs <initializer_list>")
                self.write("src/base/list.cc", f"#include <initializer_list>\nvoid f() {{ {line} }}\n")
                self.assertEqual(self.check().returncode, 0)


@unittest.skipUnless(shutil.which("c++") and shutil.which("nm"), "there is no c++ or no nm")
class CheckLinksTest(SmallTree):
    def compile(self, *without):
        """Objects where CMake would put them; the build folder."""
        build = self.root / "build"
        for path in (self.root / "src").rglob("*.cc"):
            name = path.relative_to(self.root)
            if str(name) in without:
                continue
            made = build / "CMakeFiles/core.dir" / f"{name}.o"
            made.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["c++", "-I", self.root / "include", "-I", self.root / "src", "-c", path,
                            "-o", made], check=True)
        return build

    def test_a_sound_tree_passes(self):
        done = self.check("--objects", self.compile())
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_a_link_that_no_include_shows_is_found(self):
        self.write("src/render/text.cc", "int amount_of(int units);\nint f() { return amount_of(1); }\n")
        build = self.compile()
        self.assertEqual(self.check().returncode, 0)
        self.assert_found("src/render/text.cc: src/render must not be linked to src/rating: amount_of(int)",
                          "--objects", build)

    def test_objects_of_sources_that_are_gone_do_not_count(self):
        self.write("src/render/text.cc", "int amount_of(int units);\nint f() { return amount_of(1); }\n")
        build = self.compile()
        (self.root / "src/render/text.cc").unlink()
        self.assertEqual(self.check("--objects", build).returncode, 0)

    def test_missing_objects_are_told_and_skip_the_test(self):
        done = self.check("--objects", self.compile("src/values/scale.cc"))
        self.assertEqual(done.returncode, 77)
        self.assertIn("src/values/scale.cc", done.stdout)


if __name__ == "__main__":
    unittest.main()
