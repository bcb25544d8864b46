"""Bills that go into a folder under a name with the time; folders that may not be written."""

import os
import time
import unittest

from output_fixture import BILL, OutputTest
from program_fixture import DONE, FAILED, UNPRIVILEGED


class Folders(OutputTest):
    NAME = r"^billing_results_\d{8}_\d{6}(-\d+)?\.(txt|csv|jsonl)$"

    def setUp(self):
        super().setUp()
        (self.folder / "bills").mkdir()

    def made(self, folder="bills"):
        return sorted(os.listdir(self.folder / folder))

    def test_a_name_with_the_time_in_utc_is_made_up(self):
        for output in ("bills", "bills/", "./bills/"):
            before = time.strftime("%Y%m%d_%H%M%S", time.gmtime())
            self.environment(TZ="Asia/Tokyo")
            self.once(output).prints()
            after = time.strftime("%Y%m%d_%H%M%S", time.gmtime())
            [name] = self.made()
            self.assertRegex(name, self.NAME)
            self.assertTrue(before <= name[16:31] <= after, (before, name, after))
            self.assertEqual(self.text("bills/" + name), BILL)
            os.remove(self.folder / "bills" / name)

    def test_the_ending_is_that_of_the_format(self):
        for output_format, ending in (("text", ".txt"), ("csv", ".csv"), ("jsonl", ".jsonl")):
            self.once("bills", "--output-format", output_format).prints()
            self.assertEqual(sum(name.endswith(ending) for name in self.made()), 1)

    def test_a_name_that_is_taken_gets_a_number(self):
        for _ in range(6):
            self.once("bills").prints()
        names = self.made()
        self.assertEqual(len(names), 6)
        for name in names:
            self.assertRegex(name, self.NAME)
            self.assertEqual(self.text("bills/" + name), BILL)
        self.assertTrue(any(name.endswith("-2.txt") for name in names), names)

    def test_runs_at_the_same_time_do_not_take_each_others_name(self):
        processes = [self.start("aggregate", "-q", "log", "--group-by", "user", "-r", "login=1",
                                "-o", "bills") for _ in range(12)]
        for process in processes:
            self.finish(process).prints()
        self.assertEqual([self.text("bills/" + name) for name in self.made()], [BILL] * 12)

    def test_the_summary_tells_the_name(self):
        result = self.run_billing("aggregate", "log", "-r", "login=1", "-o", "bills")
        self.assertIn(self.made()[0], result.err)

    def test_a_folder_with_a_trailing_slash_that_does_not_exist(self):
        result = self.once("new/")
        if result.code == DONE:
            self.assertRegex(self.made("new")[0], self.NAME)
        else:
            result.fails(FAILED, "new/")
            self.assertEqual(self.names(), ["bills", "log"])

    def test_a_link_to_a_folder(self):
        os.symlink("bills", self.folder / "link")
        self.once("link").prints()
        self.assertEqual(len(self.made()), 1)


class Permissions(OutputTest):
    def setUp(self):
        super().setUp()
        os.chmod(self.folder, 0o755)
        (self.folder / "bills").mkdir()
        self.write("bills/bill", "old")
        os.chmod(self.folder / "bills", 0o555)
        self.addCleanup(os.chmod, self.folder / "bills", 0o755)

    def unprivileged(self, output):
        try:
            return self.once(output, **UNPRIVILEGED)
        except PermissionError:
            self.skipTest("an unprivileged user may not run the program from its folder")

    def test_a_read_only_folder(self):
        for output in ("bills/new", "bills/bill", "bills"):
            with self.subTest(output=output):
                self.unprivileged(output).fails(FAILED, "bills", "Permission denied")
        self.assertEqual(os.listdir(self.folder / "bills"), ["bill"])
        self.assertEqual(self.text("bills/bill"), "old")

    def test_rejects_into_a_read_only_folder(self):
        try:
            result = self.once("-", "--rejects", "bills/bad.csv", **UNPRIVILEGED)
        except PermissionError:
            self.skipTest("an unprivileged user may not run the program from its folder")
        result.fails(FAILED, "bills/bad.csv", "Permission denied")


if __name__ == "__main__":
    unittest.main()
