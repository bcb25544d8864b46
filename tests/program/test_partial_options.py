"""Mistakes in options for partials: exit code 2, and every file stays as it was."""

import unittest

from partial_fixture import PartialTest
from program_fixture import FAILED, MISUSED, record


class Misused(PartialTest):
    def setUp(self):
        super().setUp()
        self.log(record())
        self.partial("p", "log")
        self.write("new", "old")

    def is_misused(self, *arguments, phrases):
        before = self.files()
        self.run_billing(*arguments).fails(MISUSED, *phrases)
        self.assertEqual(self.files(), before)

    def test_a_partial_is_not_a_bill(self):
        for option, *value in (("--output", "bill"), ("--rate", "login=1"), ("--unrated", "zero"),
                               ("--rounding", "up"), ("--scale", "3"), ("--output-format", "csv"),
                               ("--output", "-"), ("--unrated", "fail")):
            with self.subTest(option=option):
                for command, name in (("aggregate", "log"), ("merge", "p")):
                    self.is_misused(command, name, "--partial", "new", option, *value,
                                    phrases=("--partial", option))

    def test_rates_say_which_tasks_are_accepted_only_with_unrated_reject(self):
        self.is_misused("aggregate", "log", "--partial", "new", "-r", "login=1",
                        phrases=("--rate and --partial exclude each other", "--unrated reject"))
        self.is_misused("merge", "p", "--partial", "new", "-r", "login=1", "--unrated", "reject",
                        phrases=("--partial", "--rate and", "--unrated and"))

    def test_all_that_exclude_it_are_told_at_once(self):
        self.is_misused("aggregate", "log", "--partial", "new", "-o", "bill", "-r", "login=1",
                        "--rounding", "up", phrases=("--output", "--rate", "--rounding"))

    def test_the_baseline_knows_no_partials(self):
        self.is_misused("aggregate", "log", "--partial", "new", "--naive",
                        phrases=("--partial", "--naive"))
        self.environment(ENVIRONMENT="naive")
        self.is_misused("aggregate", "log", "--partial", "new", phrases=("--partial", "naive"))

    def test_records_cannot_be_rejected_when_partials_are_merged(self):
        self.is_misused("merge", "p", "--unrated", "reject", phrases=("--unrated", "reject"))

    def test_merge_without_partials(self):
        self.is_misused("merge", phrases=("partial",))
        self.is_misused("merge", "--partial", "new", phrases=("partial",))
        self.is_misused("inspect", phrases=("partial",))

    def test_one_partial_is_inspected_at_a_time(self):
        self.is_misused("inspect", "p", "log", phrases=("unexpected argument 'log'",))
        for words in (("p", "--", "log"), ("--", "p", "log"), ("--lgo", "p", "--", "log")):
            self.is_misused("inspect", *words, phrases=("unexpected argument 'log'",))
        self.is_misused("inspect", "p", "-", phrases=("unexpected argument '-'",))
        self.is_misused("inspect", "p", "--lgo", phrases=("unknown option '--lgo'",))

    def test_cycles_and_filters_are_those_of_the_partials(self):
        for option, value in (("--cycle", "day"), ("--timezone", "UTC"),
                              ("--since", "2025-01-01"), ("--status", "2xx"),
                              ("--anchor-day", "2"), ("--rejects", "bad.csv")):
            self.is_misused("merge", "p", option, value, phrases=(option,))

    def test_no_name_and_a_folder(self):
        self.is_misused("aggregate", "log", "--partial", "", phrases=("--partial",))
        for command, name in (("aggregate", "log"), ("merge", "p")):
            result = self.run_billing(command, name, "--partial", ".")
            self.assertIn(result.code, (FAILED, MISUSED))
            result.says("error", "folder")

    def test_what_stands_in_the_environment_does_not_matter(self):
        self.environment(RATE_login="1")
        self.write(".env", "RATE_login=1\n")
        self.partial("again", "log")
        self.assertEqual(self.read("again"), self.read("p"))


if __name__ == "__main__":
    unittest.main()
