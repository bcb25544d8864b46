"""What may be done to the input without changing a byte of the bill."""

import random
import unittest

from program_fixture import ProgramTest
from random_logs import random_line

POLICIES = ("calls:5", "calls:1", "month", "hour", "every:1h", "all")
LINES = 400


class Metamorphic(ProgramTest):
    def setUp(self):
        super().setUp()
        self.random = random.Random(7)
        self.lines = [random_line(self.random, 0.1) for _ in range(LINES)]
        self.log(*self.lines, name="whole")

    def billed(self, policy, *names, options=()):
        result = self.aggregate(*names, "--cycle", policy, "--timezone", "Europe/Berlin", "--rejects",
                                "/dev/null", "--rate", "login=.005", "--rate", "b=.0123",
                                "--unrated", "zero", "--output-format", "csv", *options)
        self.assertEqual(result.code, 0, result.err)
        return result.out

    def test_the_order_of_lines_does_not_matter(self):
        shuffled = self.lines[:]
        self.random.shuffle(shuffled)
        self.log(*shuffled, name="shuffled")
        for policy in POLICIES:
            self.assertEqual(self.billed(policy, "shuffled"), self.billed(policy, "whole"))

    def test_cutting_into_files_and_their_order_do_not_matter(self):
        borders = sorted(self.random.sample(range(LINES), 6)) + [LINES]
        names = [self.log(*self.lines[start:end], name=f"part{start}")
                 for start, end in zip([0] + borders, borders)]
        for policy in POLICIES:
            expected = self.billed(policy, "whole")
            self.assertEqual(self.billed(policy, *names), expected)
            self.assertEqual(self.billed(policy, *reversed(names)), expected)

    def test_a_missing_last_line_feed_does_not_matter(self):
        expected = self.billed("calls:5", "whole")
        self.write("cut", self.read("whole").removesuffix(b"\n"))
        self.assertEqual(self.billed("calls:5", "cut"), expected)

    def test_blanks_and_ends_of_lines_do_not_matter(self):
        self.write("spread", b"\r\n \n".join(line.removesuffix(b"\r") for line in self.lines))
        for policy in POLICIES:
            self.assertEqual(self.billed(policy, "spread"), self.billed(policy, "whole"))

    def test_bad_records_do_not_matter(self):
        lines = [piece for line in self.lines for piece in (line, b"bad", line[:10] + b" x y z 1")]
        self.log(*lines, name="worse")
        for policy in POLICIES:
            self.assertEqual(self.billed(policy, "worse"), self.billed(policy, "whole"))

    def test_the_bills_of_two_halves_add_up(self):
        self.log(*self.lines[:LINES // 2], name="first")
        self.log(*self.lines[LINES // 2:], name="second")
        options = ("--scale", "12")

        def sums(*names):
            total = {}
            for name in names:
                for row in self.billed("month", name, options=options).splitlines()[1:]:
                    key, *numbers = row.rsplit(b",", 3)
                    values = [int(number.replace(b".", b"")) for number in numbers]
                    total[key] = [sum(pair) for pair in zip(total.get(key, [0, 0, 0]), values)]
            return total
        self.assertEqual(sums("first", "second"), sums("whole"))

    def test_an_empty_file_more_does_not_matter(self):
        self.write("empty", "")
        self.assertEqual(self.billed("calls:5", "empty", "whole"), self.billed("calls:5", "whole"))


if __name__ == "__main__":
    unittest.main()
