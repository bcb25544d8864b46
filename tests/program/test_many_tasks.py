"""Logs with more tasks than there should be: ids in their names, for example."""

import json
import unittest

from memory_fixture import WatchedTest
from program_fixture import DONE, FAILED, MISUSED, ProgramTest, record

LIMIT_MB = 64
GROUPINGS = (("user",), ("task",), ("user,cycle,task", "--cycle", "month"),
             ("user,cycle,task", "--cycle", "calls:3"), ("cycle", "--cycle", "calls:3"))


def many_tasks(tasks, records, form="task{}", users=1000):
    """Tasks in no order, each about as often."""
    return "".join(record(user=f"user{number * 7 % users}", task=form.format(number * 7919 % tasks),
                          ms=number % 100, time=f"2025-05-{number % 28 + 1:02d}T00:00:00Z") + "\n"
                   for number in range(records))


class Memory(WatchedTest):
    def test_names_that_fit_a_quarter_of_the_limit(self):
        self.write("log", many_tasks(40_000, 250_000))
        for grouping in GROUPINGS:
            for threads in ("1", "2"):
                with self.subTest(grouping=grouping, threads=threads):
                    arguments = ("aggregate", "-q", "log", "-g", *grouping, "-r", "task7=1",
                                 "--threads", threads)
                    self.run_billing(*arguments, "-o", "expected").warns("39,989 more")
                    self.keeps_to(LIMIT_MB, *arguments, "-o", "bill").warns("39,989 more")
                    self.assertTrue(self.read("bill") == self.read("expected"))

    def test_other_names_in_every_slice(self):
        # What was put aside leaves its names behind.
        self.write("log", "".join(many_tasks(3000, 60_000, f"part{part}/{{}}")
                                  for part in range(10)))
        arguments = ("aggregate", "-q", "log", "-r", "part1/7=1", "--threads", "2", "--chunk-bytes",
                     "200000", "--slice-bytes", "1500000")
        for grouping in GROUPINGS:
            with self.subTest(grouping=grouping):
                self.run_billing(*arguments, "-g", *grouping, "-o", "expected").warns("29,989 more")
                result = self.keeps_to(LIMIT_MB, *arguments, "-g", *grouping, "-o", "bill", "--summary",
                                       "json")
                result.warns("29,989 more")
                self.assertTrue(self.read("bill") == self.read("expected"))
                if grouping[0] != "task":
                    told = json.loads(result.err.splitlines()[-1])
                    self.assertGreater(told["spilled_bytes"], 0)

    def test_names_that_do_not_fit_end_the_run_with_what_to_do(self):
        self.write("log", many_tasks(200_000, 200_000, "/orders/{}/" + "x" * 180))
        for grouping in GROUPINGS[1:4]:
            with self.subTest(grouping=grouping):
                result = self.keeps_to(LIMIT_MB, "aggregate", "-q", "log", "-g", *grouping, "-r",
                                       "login=1", "-o", "bill", "--unrated", "zero")
                result.fails(FAILED, "--memory-limit", "names", "sed")
        self.assertEqual(self.names(), ["log"])

    def test_names_that_do_not_fit_together_end_it_too(self):
        # Each slice's own names do.
        self.write("log", "".join(many_tasks(4000, 8000, f"/{part}/{{}}/" + "x" * 150)
                                  for part in range(20)))
        result = self.keeps_to(LIMIT_MB, "aggregate", "-q", "log", "-r", "login=1", "-o", "bill",
                               "--unrated", "zero", "--slice-bytes", "1000000", "--chunk-bytes",
                               "200000")
        result.fails(FAILED, "--memory-limit", "names")


class Lists(ProgramTest):
    """However many tasks there are, people are told of some."""

    def setUp(self):
        super().setUp()
        lines = [record(task=f"task{number:03}") for number in range(150)]
        self.log(*lines, *lines[100:103], lines[102])

    def test_a_warning_names_ten_of_them_those_with_most_calls_first(self):
        result = self.aggregate("log", "--unrated", "zero")
        result.warns("no rate for 'task102' (3 calls), 'task100' (2 calls), 'task101' (2 calls), "
                     "'task000' (1 call)", "'task006' (1 call) and 140 more: billed as 0")
        self.assertNotIn("task007", result.err)

    def test_so_does_an_error(self):
        self.aggregate("log", "--unrated", "fail").fails(
            MISUSED, "'task102' (3 calls)", "'task006' (1 call) and 140 more; give one")
        self.aggregate("log").fails(MISUSED, "'task000', 'task001'", "'task009' and 140 more")

    def test_the_summary_for_programs_names_a_hundred(self):
        result = self.run_billing("aggregate", "-q", "log", "--unrated", "zero", "-o", "bill",
                                  "--summary", "json")
        unrated = json.loads(result.err.splitlines()[-1])["unrated"]
        self.assertEqual((result.code, len(unrated), unrated[0], unrated[-1]),
                         (DONE, 100, {"task": "task102", "calls": 3},
                          {"task": "task096", "calls": 1}))


if __name__ == "__main__":
    unittest.main()
