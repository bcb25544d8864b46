"""The sample log and the bill that an earlier program, which counted in binary fractions, made of it.

Ours is the same for 877 users. The exact cost of the other 123 ends in half a cent: ours are
rounded up, theirs this way or that.
"""

import collections
import unittest
from fractions import Fraction

from program_fixture import PROJECT, ProgramTest, rate_options

DATA = PROJECT.parent / "shared" / "data"
RATES = {"login": ".005", "getUserProfile": ".002", "createOrder": ".010",
         "updateInventory": ".008", "deleteOrder": ".007"}


class Golden(ProgramTest):
    def test_the_bill_of_the_sample(self):
        log, golden = DATA / "api_logs.txt", DATA / "billing_naive.txt"
        if not log.exists() or not golden.exists():
            self.skipTest(f"the sample log is not in {DATA}")
        result = self.aggregate(str(log), "--group-by", "user", *rate_options(
            *(f"{task}={rate}" for task, rate in RATES.items())))
        self.assertEqual((result.code, result.err), (0, ""))
        ours, theirs = by_user(result.out.decode()), by_user(golden.read_text())
        self.assertEqual((len(ours), set(ours)), (1000, set(theirs)))
        exact = exact_costs(log)
        halves = {user for user, cost in exact.items() if cost * 100 % 1 == Fraction(1, 2)}
        self.assertEqual(len(halves), 123)
        for user, (duration, cost) in ours.items():
            if user in halves:
                self.assertEqual(Fraction(cost), exact[user] + Fraction(1, 200), user)
                self.assertEqual(duration, theirs[user][0], user)
            else:
                self.assertEqual((duration, cost), theirs[user], user)


def by_user(bill):
    """user -> (duration, cost) as written."""
    found = {}
    for line in filter(None, bill.split("\n")):
        user, rest = line.split(": total_duration=")
        found[user] = tuple(rest.split("ms, total_cost="))
    return found


def exact_costs(log):
    costs = collections.Counter()
    for line in log.read_text().splitlines():
        _, user, task, _, duration = line.split()
        costs[user] += int(duration.removesuffix("ms")) * Fraction(RATES[task])
    return costs


if __name__ == "__main__":
    unittest.main()
