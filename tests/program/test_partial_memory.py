"""What reading partials takes does not depend on how much they hold, or is refused."""

import json
import subprocess
import unittest

from partial_fixture import MEASURED, NOBODY, PartialTest, sums
from program_fixture import (DONE, FAILED, PROGRAM, RUN_LIMIT_SECONDS, SANITIZED,
                             clean_environment, record)

import partial_format
from partial_format import Input

MB = 10**6


class Measured(PartialTest):
    def measured(self, *arguments):
        """Exit code, standard output, standard error, and the peak of its memory in bytes."""
        done = subprocess.run([*MEASURED, PROGRAM, *arguments], cwd=self.folder,
                              env=clean_environment(), stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=RUN_LIMIT_SECONDS)
        *told, peak = done.stderr.decode().splitlines()
        return done.returncode, done.stdout, "\n".join(told), int(peak) * 1024

    def takes_less_than(self, limit_bytes, *arguments, code=DONE, phrases=()):
        found, out, told, peak_bytes = self.measured(*arguments)
        self.assertEqual(found, code, told)
        for phrase in phrases:
            self.assertIn(phrase, told)
        if not SANITIZED:  # it takes memory of its own
            self.assertLess(peak_bytes, limit_bytes)
        return out


class DroppedUsers(Measured):
    def test_users_that_are_not_shown_take_no_memory(self):
        self.log(*(record(f"user{number:09d}") for number in range(300_000)))
        self.partial("p", "log", "--cycle", "month")
        for shown in ("cycle,task", "cycle", "user,cycle", "task"):
            with self.subTest(shown=shown):
                cycle = ("--cycle", "month") if "cycle" in shown else ()
                expected = self.once("log", *cycle, "-g", shown, *NOBODY).out
                found = self.takes_less_than(40 * MB, "merge", "p", "-q", "-g", shown,
                                             "--memory-limit", "64MB", "--threads", "1", *NOBODY)
                self.assertEqual(found, expected)


class ManyInputs(Measured):
    COUNT = 1_000_000

    def setUp(self):
        super().setUp()
        # Logs of one name that held nothing: one block of them is like the other.
        made = sums([])
        of_a_block = 5000
        block = partial_format.block(
            partial_format.INPUTS, partial_format.input_head(Input(b"some/log"), 0) * of_a_block)
        blocks = partial_format.front_blocks(made)[:1] + [block] * (self.COUNT // of_a_block)
        blocks.append(partial_format.head_end(blocks))
        blocks.append(partial_format.end_block(blocks, made))
        self.write("p", partial_format.whole_file(blocks))

    def test_inspect_lists_the_first_and_counts_all(self):
        text = self.takes_less_than(128 * MB, "inspect", "p").decode()
        self.assertEqual(text.count("some/log"), 10)
        self.assertIn("and 999,990 more", text)
        told = json.loads(self.takes_less_than(128 * MB, "inspect", "--json", "p"))
        self.assertEqual((told["input_count"], len(told["inputs"])), (self.COUNT, 100))

    def test_a_bill_needs_none_of_them(self):
        told = self.measured("merge", "-q", "p", *NOBODY, "-o", "bill", "--summary", "json")[2]
        [summary] = [line for line in told.splitlines() if line.startswith("{")]
        told = json.loads(summary)
        self.assertEqual((told["input_count"], len(told["inputs"])), (self.COUNT, 100))
        self.takes_less_than(64 * MB, "merge", "-q", "p", *NOBODY, "-o", "bill", "--memory-limit",
                             "64MB")

    def test_a_partial_needs_all_within_the_memory_limit(self):
        self.takes_less_than(128 * MB, "merge", "p", "--partial", "q", "--memory-limit", "128MB",
                             code=FAILED, phrases=("quarter", "--memory-limit"))
        self.assertNotIn("q", self.names())
        self.takes_less_than(1000 * MB, "merge", "-q", "p", "--partial", "q", "--memory-limit",
                             "1GB")
        told = json.loads(self.run_billing("inspect", "--json", "q").out)
        self.assertEqual(told["input_count"], self.COUNT)


class ManyTasks(Measured):
    def partial_of_tasks(self, name, numbers):
        self.write("log", "".join(record(user=f"u{number % 100}", task=f"task-{number:020d}") + "\n"
                                  for number in numbers))
        return self.partial(name, "log")

    def test_inspect_lists_the_first_and_counts_all(self):
        self.partial_of_tasks("p", range(400_000))
        told = json.loads(self.takes_less_than(128 * MB, "inspect", "--json", "p"))
        self.assertEqual((told["task_count"], told["users"]), (400_000, 100))
        self.assertEqual([task["calls"] for task in told["tasks"]], [1] * 100)
        text = self.takes_less_than(128 * MB, "inspect", "p").decode()
        self.assertEqual(text.count("task-"), 10)
        self.assertIn("and 399,990 more", text)

    def test_names_that_do_not_fit_a_quarter_of_the_limit_are_refused(self):
        self.partial_of_tasks("p", range(400_000))
        for target in ((*NOBODY, "-o", "bill"), ("--partial", "bill")):
            self.takes_less_than(64 * MB, "merge", "-q", "p", *target, "--memory-limit", "64MB",
                                 code=FAILED, phrases=("names of tasks", "quarter",
                                                       "--memory-limit"))
            self.assertNotIn("bill", self.names())

    def test_names_of_many_partials_together_are_refused_too(self):
        names = [self.partial_of_tasks(f"p{place}", range(place * 20_000, (place + 1) * 20_000))
                 for place in range(20)]
        self.takes_less_than(64 * MB, "merge", "-q", *names, *NOBODY, "--memory-limit", "64MB",
                             code=FAILED, phrases=("names of tasks", "quarter"))

    def test_many_partials_of_many_tasks_stay_within_the_limit(self):
        names = [self.partial_of_tasks(f"p{place}", range(place * 500, place * 500 + 20_000))
                 for place in range(40)]
        expected = self.merge(*names, *NOBODY)
        out = self.takes_less_than(64 * MB, "merge", "-q", *names, *NOBODY, "--memory-limit", "64MB")
        self.assertEqual(out, expected.out)


if __name__ == "__main__":
    unittest.main()
