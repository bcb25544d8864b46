"""Outputs never eat anything: what a run reads, what it keeps, and files of another kind."""

import os
import unittest

from program_fixture import DONE, FAILED, MISUSED, ProgramTest, record

OUTPUTS = ("--output", "--rejects", "--partial")
RATES = "RATE_login=1\n"


class GuardTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.log(record())
        self.write(".env", RATES)
        self.write("prices.env", RATES)

    def refuses(self, *arguments, says=()):
        """Misuse, and no file is another one afterwards."""
        before = self.files()
        result = self.run_billing(*arguments).fails(MISUSED, *says)
        self.assertEqual(self.files(), before)
        return result

    def put(self, name):
        self.run_billing("aggregate", "-q", "log", "--partial", name).prints()
        return name


class FilesInUse(GuardTest):
    def test_the_price_list_of_this_folder(self):
        for option in OUTPUTS:
            self.refuses("aggregate", "log", option, ".env", says=(option, "'.env'"))
            self.refuses("aggregate", "log", "--env-file", "prices.env", option, "./.env",
                         says=(option, "./.env"))

    def test_a_price_list_that_is_not_there_yet(self):
        os.remove(self.folder / ".env")
        self.refuses("aggregate", "log", "-o", ".env", says=("--output", "'.env'"))
        self.refuses("aggregate", "log", "-o", "./.env", says=("--output", "./.env"))

    def test_the_named_price_list_also_through_links(self):
        os.symlink("prices.env", self.folder / "link")
        for option in OUTPUTS:
            for name in ("prices.env", "link"):
                self.refuses("aggregate", "log", "--env-file", "prices.env", option, name,
                             says=(option, name))

    def test_standard_output_that_is_appended_to_the_price_list(self):
        with open(self.folder / ".env", "ab") as file:
            process = self.start("aggregate", "-q", "log", stdout=file)
            self.finish(process).fails(MISUSED, "--output")
        self.assertEqual(self.text(".env"), RATES)

    def test_all_clashes_are_told_together(self):
        self.refuses("aggregate", "log", "-o", ".env", "--rejects", "prices.env", "--env-file",
                     "prices.env", says=("--output: '.env'", "--rejects: 'prices.env'"))
        self.refuses("aggregate", "log", "-o", "log", "--rejects", "./log",
                     says=("--output: 'log'", "--rejects: './log'"))

    def test_files_of_a_state(self):
        self.run_billing("aggregate", "-q", "log", "--state", "state", "-o", "bill").prints()
        for option in OUTPUTS:
            self.refuses("aggregate", "log", "--state", "state", option, "state/usage.partial",
                         says=(option, "state/usage.partial"))

    def test_merging(self):
        self.put("p")
        for option in ("--output", "--partial"):
            self.refuses("merge", "p", option, ".env", says=(option, "'.env'"))
            self.refuses("merge", "p", option, "prices.env", "--env-file", "prices.env",
                         says=(option, "prices.env"))
            self.refuses("merge", "p", option, "./p", says=(option, "./p"))

    def test_generating(self):
        self.refuses("generate", "-n", "1", "-o", ".env", says=("--output", "'.env'"))
        self.run_billing("generate", "-n", "1", "-o", "log").prints()
        self.assertNotEqual(self.text("log"), record() + "\n")


class FilesOfAnotherKind(GuardTest):
    def setUp(self):
        super().setUp()
        self.log(record(), name="feb.log")
        self.log(record(), name="jan.log")
        self.put("a.partial")

    def test_a_pattern_gives_its_first_name_to_an_option(self):
        logs = ("feb.log", "jan.log")
        self.refuses("aggregate", "--rejects", *logs, says=("feb.log", "a log, not a rejects file"))
        self.refuses("aggregate", "--output", *logs, says=("feb.log", "looks like a log, not a bill"))
        self.refuses("aggregate", "--partial", *logs, says=("feb.log", "a log, not a partial"))
        self.put("b.partial")
        self.refuses("merge", "-o", "a.partial", "b.partial",
                     says=("a.partial", "looks like a partial, not a bill"))

    def test_a_log_is_known_by_its_first_line(self):
        for content in (record() + "\r\nrest", record(), "\ufeff" + record() + "\n",
                        "  " + record(user="u" * 255, task="t" * 255) + "\nx"):
            self.write("feb.log", content)
            self.refuses("aggregate", "log", "-o", "feb.log", says=("a log, not a bill",))

    def test_rejects_replace_only_rejects_or_nothing(self):
        self.log(record(), "bad", name="mixed")
        for content in ("", "file,line,byte_offset,reason,record\n"):
            self.write("bad.csv", content)
            for _ in range(2):
                self.run_billing("aggregate", "-q", "mixed", "--rejects", "bad.csv", "-o", "bill"
                                 ).with_rejects("1 of 2 records rejected (field_count 1)",
                                                "bad.csv").prints()
                self.assertIn("bad", self.text("bad.csv"))
        for content in ("\n", "notes", "file,line\n", "user,cycle,task,calls,duration_ms,cost\n"):
            self.write("bad.csv", content)
            self.refuses("aggregate", "mixed", "--rejects", "bad.csv",
                         says=("--rejects", "bad.csv", "does not look like a rejects file"))

    def test_partials_replace_only_partials_or_nothing(self):
        self.write("empty", "")
        self.put("empty")
        self.put("a.partial")
        self.put("empty")
        self.write("notes", "notes")
        self.refuses("aggregate", "log", "--partial", "notes",
                     says=("--partial", "does not look like a partial"))
        self.refuses("merge", "a.partial", "--partial", "notes", says=("--partial", "notes"))

    def test_what_waits_in_a_state_is_not_replaced_by_anything(self):
        self.write("state/rejects.7", "billing undelivered rejects 1\nand so on")
        for arguments in (("aggregate", "log", "-o"), ("aggregate", "log", "--rejects"),
                          ("generate", "-n", "1", "-o")):
            self.refuses(*arguments, "state/rejects.7", says=("looks like a file of a state",))

    def test_a_generated_log_replaces_neither_partials_nor_rejects(self):
        self.put("p")
        self.refuses("generate", "-n", "1", "-o", "p", says=("looks like a partial",))
        self.write("bad.csv", "file,line,byte_offset,reason,record\n")
        self.refuses("generate", "-n", "1", "-o", "bad.csv", says=("looks like a rejects file",))

    def test_a_bill_replaces_all_else(self):
        for content in ("", "old bill\n", "user,cycle,task,calls,duration_ms,cost\n", "\0\n",
                        "bad line\n" + record()):
            self.write("bill", content)
            self.run_billing("aggregate", "-q", "log", "-o", "bill").prints()
            self.assertIn("total_cost", self.text("bill"))

    def test_what_is_appended_to_replaces_nothing(self):
        for name in ("-", "/dev/stdout", "/dev/fd/1"):
            self.log(record(), name="all")
            with open(self.folder / "all", "ab") as file:
                process = self.start("aggregate", "-q", "log", "-g", "user", "-o", name, stdout=file)
                self.assertEqual(self.finish(process).code, DONE)
            self.assertEqual(self.text("all"),
                             record() + "\nu: total_duration=1ms, total_cost=1.00\n")

    def test_missing_inputs_are_told_first(self):
        self.run_billing("aggregate", "none", "--rejects", "feb.log").fails(FAILED, "none")


if __name__ == "__main__":
    unittest.main()
