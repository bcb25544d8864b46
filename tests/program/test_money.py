"""Rounding, scales and the largest sums, through the command line."""

import unittest

from program_fixture import FAILED, ProgramTest, record

HALVES = {"half-up": "0.02 0.01 0.03", "half-even": "0.02 0.01 0.02", "half-down": "0.01 0.01 0.02",
          "up": "0.02 0.02 0.03", "down": "0.01 0.01 0.02"}


class Rounding(ProgramTest):
    def test_modes_on_halves_and_beside_them(self):
        self.log(record("a", ms=15), record("b", ms=14), record("c", ms=25))
        for mode, costs in HALVES.items():
            out = self.bill("log", "--group-by", "user", "--rounding", mode,
                            rates=("login=.001",)).out.decode()
            self.assertEqual(" ".join(line.split("=")[-1] for line in out.splitlines()), costs, mode)

    def test_half_up_is_the_default(self):
        self.log(record(ms=15))
        self.bill("log", "--group-by", "user", rates=("login=.001",)).prints(
            "u: total_duration=15ms, total_cost=0.02")

    def test_up_rounds_the_smallest_part(self):
        self.log(record(ms=1))
        self.bill("log", "--group-by", "user", "--rounding", "up",
                  rates=("login=.000000000001",)).prints("u: total_duration=1ms, total_cost=0.01")

    def test_each_line_is_rounded_once(self):
        self.log(*[record(ms=4)] * 3)
        self.bill("log", "--group-by", "user", rates=("login=.001",)).prints(
            "u: total_duration=12ms, total_cost=0.01")
        self.bill("log", "--cycle", "calls:1", "--group-by", "cycle", rates=("login=.001",)).prints(
            *(f"cycle={number}: total_duration=4ms, total_cost=0.00" for number in (1, 2, 3)))

    def test_tasks_of_one_line_are_added_before_rounding(self):
        self.log(record(task="a", ms=4), record(task="b", ms=2))
        self.bill("log", "--group-by", "user", rates=("a=.001", "b=.0005")).prints(
            "u: total_duration=6ms, total_cost=0.01")


class Scale(ProgramTest):
    def test_every_scale(self):
        self.log(record(ms=1))
        rate = "9.999999999999"
        for scale in range(13):
            point = "10" + ("." + "0" * scale if scale else "")
            expected = rate if scale == 12 else point
            self.bill("log", "--group-by", "user", "--scale", str(scale),
                      rates=("login=" + rate,)).prints(
                f"u: total_duration=1ms, total_cost={expected}")

    def test_zeros_behind_and_before_the_point(self):
        self.log(record(ms=1))
        self.bill("log", "--group-by", "user", "--scale", "5", rates=("login=.0012",)).prints(
            "u: total_duration=1ms, total_cost=0.00120")


class Overflow(ProgramTest):
    LARGEST_MS = 999_999_999_999_999

    def test_a_quantity_below_2_to_the_63rd_is_exact(self):
        lines = [record(ms=self.LARGEST_MS)] * 9223 + [record(ms=2**63 - 1 - 9223 * self.LARGEST_MS)]
        self.log(*lines)
        self.bill("log", "--group-by", "user", rates=("login=.1",)).prints(
            "u: total_duration=9223372036854775807ms, total_cost=922337203685477580.70")

    def test_a_quantity_of_2_to_the_63rd_names_the_key(self):
        lines = [record(ms=self.LARGEST_MS)] * 9223 + [record(ms=2**63 - 9223 * self.LARGEST_MS)]
        self.log(*lines, record("small"))
        self.bill("log", "--group-by", "user", "-o", "bill").fails(FAILED, "error: u: ")
        self.assertEqual(self.names(), ["log"])

    def test_quantities_of_different_tasks_of_one_line_overflow_together(self):
        lines = [record(task=task, ms=self.LARGEST_MS) for task in "ab" for _ in range(4700)]
        self.log(*lines)
        self.bill("log", "--group-by", "task", rates=("a=0", "b=0")).prints(
            *(f"task={task}: total_duration={4700 * self.LARGEST_MS}ms, total_cost=0.00"
              for task in "ab"))
        self.bill("log", "--group-by", "user", rates=("a=0", "b=0")).fails(FAILED, "error: u: ")

    def test_the_largest_cost(self):
        # Costs count in units of 10^-12: the largest whole cost is (2^127 - 1) / 10^12.
        largest = (2**127 - 1) // 10**12
        rate, ms = 10**12, largest // 10**12
        self.log(record(ms=ms))
        self.bill("log", "--group-by", "user", rates=(f"login={rate}",)).prints(
            f"u: total_duration={ms}ms, total_cost={ms * rate}.00")

    def test_a_cost_beyond_it_names_the_key(self):
        self.log(record("rich", ms=self.LARGEST_MS), record("poor"))
        result = self.bill("log", "--group-by", "user,task", rates=("login=999999999999999",))
        result.fails(FAILED, "rich", "login")
        self.assertNotIn("poor", result.err)

    def test_costs_add_up_to_an_overflow(self):
        ms = ((2**127 - 1) // 10**12) // 10**12
        self.log(record(ms=ms), record(ms=ms))
        self.bill("log", "--group-by", "user", rates=(f"login={10**12}",)).fails(FAILED, "error: u: ")


if __name__ == "__main__":
    unittest.main()
