"""BILLING_SIMD: every level gives the same bytes; a level that does not exist is a mistake."""

import random
import unittest

from program_fixture import DONE, MISUSED, ProgramTest, record
from random_logs import random_log

LEVELS = ("scalar", "avx2", "avx512")


class Simd(ProgramTest):
    def available(self, level):
        """Whether this processor has it; the program says so."""
        self.environment(BILLING_SIMD=level)
        result = self.run_billing("aggregate", "-q", "log", "--rate", "login=1")
        if result.code != DONE:
            result.fails(MISUSED, f"'{level}'", "this processor has: scalar")
        return result.code == DONE

    def test_every_level_gives_the_same_bytes(self):
        self.log(record())
        levels = [level for level in LEVELS if self.available(level)]
        self.assertIn("scalar", levels)
        self.write("log", random_log(random.Random(7), lines=20000, bad_share=0.02))
        results = []
        for level in levels:
            self.environment(BILLING_SIMD=level)
            run = self.run_billing("aggregate", "log", "--unrated", "zero", "--output", "bill",
                                   "--rejects", "bad.csv", "--max-rejects", "100%")
            self.assertEqual(run.code, DONE, run.err)
            results.append(self.files())
        for other in results[1:]:
            self.assertEqual(results[0], other)

    def test_an_unknown_level_is_a_mistake_of_each_command(self):
        self.log(record())
        self.environment(BILLING_SIMD="sse9")
        for command in (("aggregate", "log"), ("bench", "--input", "log")):
            self.run_billing(*command).fails(MISUSED, "BILLING_SIMD='sse9'", "scalar")


if __name__ == "__main__":
    unittest.main()
