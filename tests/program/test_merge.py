"""Partials, merged in any way, give the bill of one run over all logs; they must be of one kind."""

import itertools
import json
import os
import random
import resource
import unittest

from partial_fixture import (ASIDE, DAY, GROUP_BYS, NOBODY, POLICIES, PartialTest,
                             policies_and_groupings, sums)
from program_fixture import DONE, FAILED, MISUSED, lines_by, rate_options, record, swept
from random_logs import RATES, ZONES, random_line, random_log

from partial_format import Row


class Merging(PartialTest):
    def rates(self):
        return [*rate_options(*RATES[:3]), "--unrated", "zero"]

    def cut_into_logs(self, choice, lines, count):
        """Any line may be in any file; some files have none."""
        parts = [[] for _ in range(count)]
        for line in lines:
            choice.choice(parts).append(line)
        parts[0] += parts.pop() if count > 1 else []
        parts.append([])
        return [self.log(*part, name=f"log{number}") for number, part in enumerate(parts)]

    def merges_like_one_run(self, names, options, bill_options):
        """The bill of partials, each of one log, is that of all logs; it is returned."""
        for name in names:
            made = self.run_billing("aggregate", "-q", name, *ASIDE, *options, "--partial",
                                    f"{name}.p")
            self.assertEqual((made.code, made.out), (DONE, b""), made.err)
        expected = self.once(*names, *ASIDE, *options, *bill_options)
        found = self.merge(*(f"{name}.p" for name in names), *bill_options)
        self.assertEqual(found, expected)
        self.assertEqual(expected.code, DONE, expected.err)
        return expected

    def test_every_policy_with_every_grouping_is_billed_as_in_one_run(self):
        choice = random.Random(11)
        names = self.cut_into_logs(choice, [random_line(choice, 0.1) for _ in range(200)], 3)
        formats = itertools.cycle(("text", "csv", "jsonl"))
        for policy, group_by in policies_and_groupings():
            options = (*lines_by(group_by, policy), "--timezone", choice.choice(ZONES))
            bill_options = (*self.rates(), "--output-format", next(formats))
            with self.subTest(options=options, bill_options=bill_options):
                bill = self.merges_like_one_run(names, options, bill_options)
                self.assertGreater(len(bill.out), 0)

    def test_records_without_a_rate_are_rejected_when_partials_are_made(self):
        choice = random.Random(5)
        names = self.cut_into_logs(choice, [random_line(choice, 0.1) for _ in range(300)], 3)
        some = rate_options(*RATES[:2])
        for options in ((), ("--cycle", "calls:3"), ("--status", "2xx", "--cycle", "day"),
                        ("--dedupe-by", "record")):
            rejects = []
            for name in names:
                self.run_billing("aggregate", "-q", name, *options, *some, "--unrated", "reject",
                                 "--rejects", "bad", "--max-rejects", "100%", "--partial",
                                 f"{name}.p").is_done()
                rejects += self.text("bad").splitlines()[1:]
            expected = self.once(*names, *options, *some, "--unrated", "reject", "--rejects", "bad")
            expected.is_done()
            self.assertIn("unrated_task", self.text("bad"))
            with self.subTest(options=options):
                self.assertEqual(rejects, self.text("bad").splitlines()[1:])
                merged = self.merge(*(f"{name}.p" for name in names), *some).is_done()
                self.assertEqual(merged.out, expected.out)

    def test_nothing_of_the_rates_stands_in_a_partial(self):
        self.log(record(task="a"), record(task="b"))
        for number, rate in enumerate(("a=1", "a=2")):
            self.run_billing("aggregate", "-q", "log", "--unrated", "reject", "-r", rate,
                             "--rejects", "bad", "--partial", f"{number}.p").is_done()
        self.assertEqual(self.read("0.p"), self.read("1.p"))
        self.environment(RATE_a="3")
        self.run_billing("aggregate", "-q", "log", "--unrated", "reject", "--rejects", "bad",
                         "--partial", "2.p").is_done()
        self.assertEqual(self.read("0.p"), self.read("2.p"))

    def test_less_may_be_shown_than_the_partials_keep(self):
        choice = random.Random(77)
        lines = [random_line(choice, 0.1) for _ in range(400)]
        names = self.cut_into_logs(choice, lines, 3)
        for policy, kept in policies_and_groupings():
            if policy not in ("calls:5", "calls:1", "day", "all"):
                continue
            for name in names:
                self.run_billing("aggregate", "-q", name, *ASIDE, *lines_by(kept, policy),
                                 "--partial", f"{name}.p").is_done()
            for shown in GROUP_BYS:
                with self.subTest(policy=policy, kept=kept, shown=shown):
                    bill = self.merge(*(f"{name}.p" for name in names), "-g", shown, *self.rates(),
                                      "--output-format", "csv")
                    if set(shown.split(",")) <= {*kept.split(","), "task"}:
                        expected = self.once(*names, *ASIDE, *lines_by(shown, policy),
                                             *self.rates(), "--output-format", "csv")
                        self.assertEqual((bill.out, bill.code), (expected.out, DONE), bill.err)
                    else:
                        keep = kept if "task" in kept else f"{kept},task"
                        bill.fails(MISUSED, f"--group-by: the partials keep {keep} and no more")

    def test_less_is_shown_below_a_memory_limit(self):
        self.log(*(record(f"user{number % 977}", f"task{number % 90}", number,
                          time=f"2025-05-{1 + number % 28:02}T10:11:12Z")
                   for number in range(20_000)))
        for policy in ("calls:5", "day"):
            self.partial("p", "log", "--cycle", policy)
            for shown in ("cycle,task", "cycle", "user", "task"):
                expected = self.once("log", *lines_by(shown, policy), *NOBODY)
                for slice_bytes in ("1", "100000"):
                    bill = self.merge("p", "-g", shown, *NOBODY, "--slice-bytes", slice_bytes,
                                      "--temp-dir", ".")
                    self.assertEqual((bill.out, bill.code), (expected.out, DONE), bill.err)

    def test_a_partial_keeps_all(self):
        self.log(record())
        self.partial("p", "log")
        self.merge("p", "-g", "user", "--partial", "q").fails(
            MISUSED, "--group-by: a partial keeps all that its parts keep")
        self.merge("p", "-g", "user,color").fails(MISUSED, "unknown part 'color'")

    def test_where_clocks_go_back_over_midnight(self):
        # To 23:01 of the day before; the earliest record is of a later day than the latest.
        self.log(record("u", time="2010-11-07T02:30:30Z"),
                 record("u", time="2010-11-07T02:40:00Z"))
        for policy, anchor in (("day", ()), ("month", ("--anchor-day", "7")), ("week", ())):
            self.merges_like_one_run(["log"], ("--cycle", policy, "--timezone",
                                               "America/St_Johns", *anchor), self.rates())

    def test_anchor_days(self):
        choice = random.Random(12)
        names = self.cut_into_logs(choice, [random_line(choice, 0.1) for _ in range(200)], 3)
        for policy, day in itertools.product(("month", "quarter", "year"), ("2", "29", "31")):
            self.merges_like_one_run(names, ("--cycle", policy, "--anchor-day", day,
                                             "--timezone", "America/St_Johns"), self.rates())

    def test_filters(self):
        choice = random.Random(13)
        names = self.cut_into_logs(choice, [random_line(choice, 0.1) for _ in range(200)], 4)
        for policy in ("calls:5", "day"):
            for filters in (("--status", "2xx,404"), ("--since", "2025-01-01"),
                            ("--until", "2025-05-02T23:16:50", "--since", "1999-01-01"),
                            ("--since", "2261-12-31")):
                with self.subTest(filters=filters, policy=policy):
                    self.merges_like_one_run(names, ("--cycle", policy, *filters), self.rates())

    def test_any_split_and_any_tree_of_merges(self):
        for seed in range(swept(24)):
            choice = random.Random(1000 + seed)
            lines = [random_line(choice, choice.choice((0, 0.2)))
                     for _ in range(choice.choice((3, 50, 300)))]
            policy, group_by = POLICIES[seed % len(POLICIES)], choice.choice(GROUP_BYS[:4])
            with self.subTest(seed=seed, policy=policy, group_by=group_by):
                names = self.cut_into_logs(choice, lines, choice.randint(1, 7))
                options = (*ASIDE, *lines_by(group_by, policy))
                self.grow_a_tree(choice, names, options)

    def grow_a_tree(self, choice, names, options):
        """Merges partials of single logs, at random, until one is left."""
        bill_options = (*self.rates(), "--output-format", choice.choice(("text", "csv", "jsonl")))
        expected = self.once(*names, *options, *bill_options)
        self.assertEqual(expected.code, DONE, expected.err)
        self.make(*names, *options, "--partial", "whole")
        left = [self.make(name, *options, *self.engine(choice), "--partial", f"{name}.p")
                for name in names]
        self.assertEqual(self.merge(*left, *bill_options, *self.engine(choice)), expected)
        for step in itertools.count():
            choice.shuffle(left)
            taken = choice.randint(1, 4)
            left = left[taken:] + [self.merged(f"step{step}", *left[:taken], *self.engine(choice))]
            if len(left) == 1:
                break
        self.assertEqual(self.decoded(left[0]), self.decoded("whole"))
        self.assertEqual(self.merge(*left, *bill_options), expected)

    def make(self, *arguments):
        """A partial, maybe with a warning about a log that is empty; its name."""
        made = self.once(*arguments)
        self.assertEqual((made.code, made.out), (DONE, b""), made.err)
        return arguments[-1]

    def engine(self, choice):
        return ("--threads", str(choice.randint(1, 4)), "--slice-bytes",
                str(choice.choice((1, 1000, 10**9))), "--temp-dir", ".")

    def test_partials_without_events_change_nothing(self):
        self.log(record(), record("v", task="b"), name="full")
        self.log("bad", record(status=404), "", name="none")
        self.write("empty", "")
        options = (*ASIDE, "--status", "2xx")
        for name in ("full", "none", "empty"):
            self.make(name, *options, "--partial", f"{name}.p")
        expected = self.once("full", "none", "empty", *options, *NOBODY)
        self.assertEqual(self.merge("empty.p", "full.p", "none.p", *NOBODY), expected)
        nothing = self.merge("none.p", "empty.p", *NOBODY, "--output-format", "csv")
        nothing.warns("no event passes --status: 1 filtered away")
        self.assertEqual(nothing.out, b"user,cycle,task,calls,duration_ms,cost\n")
        self.merge("none.p", "empty.p", "--partial", "nothing.p").warns("no event passes --status")
        self.assertEqual(self.merge("nothing.p", "full.p", *NOBODY), expected)

    def test_rejects_are_set_aside_as_for_a_bill_and_counted_in_the_partial(self):
        self.write("log", random_log(random.Random(14), 200, 0.4))
        self.once("log", "--rejects", "expected.csv", *NOBODY, "-o", "bill")
        self.make("log", "--rejects", "bad.csv", "--partial", "p")
        self.assertEqual(self.read("bad.csv"), self.read("expected.csv"))
        rejected = sum(self.decoded("p").inputs[0].rejected)
        self.assertEqual(rejected, self.text("bad.csv").count("\n") - 1)
        self.assertEqual(self.make("log", "--max-rejects", str(rejected), "--partial", "q"), "q")
        self.assertEqual(self.read("q"), self.read("p"))
        self.merge("p", *NOBODY, "-o", "again")
        self.assertEqual(self.read("again"), self.read("bill"))

    def test_the_summary_is_that_of_one_run(self):
        names = self.cut_into_logs(random.Random(15), [
            random_line(random.Random(seed), 0.1) for seed in range(200)], 3)
        options = (*ASIDE, "--status", "2xx", "--cycle", "day")
        partials = [self.make(name, *options, "--partial", f"{name}.p") for name in names]
        whole = self.once(*names, *options, *self.rates(), "-o", "bill", "--summary", "json")
        merged = self.merge(*partials, *self.rates(), "-o", "bill", "--summary", "json")
        told = [json.loads(result.err.splitlines()[-1]) for result in (whole, merged)]
        for name in ("bytes", "records", "accepted", "rejected", "rejected_by_reason", "filtered",
                     "blank", "quantity_ms", "earliest", "latest", "lines", "billed", "exact",
                     "rounding_difference", "inputs", "rates", "unrated"):
            self.assertEqual(told[1][name], told[0][name], name)

    def test_one_partial_is_billed_at_any_price(self):
        self.write("log", random_log(random.Random(16), 300, 0))
        for policy in ("calls:5", "month"):
            self.partial("p", "log", "--cycle", policy)
            for rounding, scale in itertools.product(
                    ("half-up", "half-even", "half-down", "up", "down"), ("0", "2", "12")):
                options = ("--rounding", rounding, "--scale", scale, *self.rates())
                self.assertEqual(self.merge("p", *options),
                                 self.once("log", "--cycle", policy, *options))
            self.assertNotEqual(self.merge("p", "-r", "login=1", *NOBODY).out,
                                self.merge("p", "-r", "login=2", *NOBODY).out)

    def test_rates_come_from_where_they_come_from_for_a_bill(self):
        self.log(record(), record(task="b"), record(task="c"))
        self.partial("p", "log")
        self.write(".env", "RATE_login=1\nRATE_b=1\n")
        self.environment(RATE_b="2")
        for options in ((), ("-r", "c=3"), ("--unrated", "fail"), NOBODY):
            self.assertEqual(self.merge("p", *options), self.once("log", *options))
        self.write("rates.env", "RATE_c=5\n")
        options = ("--env-file", "rates.env")
        self.assertEqual(self.merge("p", *options), self.once("log", *options))
        self.environment()
        os.remove(self.folder / ".env")
        self.assertEqual(self.merge("p").fails(MISUSED, "rate"), self.once("log"))

    def test_formats_are_chosen_by_the_ending(self):
        self.log(record(user="=1"))
        self.partial("p", "log")
        for name in ("bill.csv", "bill.jsonl", "bill.txt"):
            options = ("-r", "login=1", "--csv-safe", "-o", name)
            self.once("log", *options).succeeds()
            expected = self.read(name)
            self.merge("p", *options).succeeds()
            self.assertEqual(self.read(name), expected)

    def test_a_thousand_partials(self):
        count = 1300
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard < 2 * count:
            self.skipTest("so many files may not be open here")
        names = [self.write_partial(sums([Row(b"u%d" % (number % 7), DAY, 0, 1, number)],
                                         name=b"log%d" % number), name=f"p{number}")
                 for number in range(count)]
        result = self.run_billing(
            "merge", "-q", *names, "-r", "a=1", "-r", "b=1", "--output-format", "csv",
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard)))
        self.assertEqual(result.code, DONE, result.err)
        expected = []
        for user in range(7):
            numbers = range(user, count, 7)
            expected.append(f"u{user},2025-05-02,a,{len(numbers)},{sum(numbers)},{sum(numbers)}.00")
        self.assertEqual(result.out.decode().splitlines()[1:], expected)


class DifferentOptions(PartialTest):
    PAIRS = (
        ("--cycle", (), ("--cycle", "day"), "calls:5", "day"),
        ("--cycle", ("--cycle", "calls:5"), ("--cycle", "calls:6"), "calls:5", "calls:6"),
        ("--cycle", ("--cycle", "month"), ("--cycle", "year"), "month", "year"),
        ("--timezone", (), ("--timezone", "Asia/Kolkata"), "UTC", "Asia/Kolkata"),
        ("--anchor-day", ("--cycle", "month", "--anchor-day", "3"),
         ("--cycle", "month", "--anchor-day", "17"), "3", "17"),
        ("--anchor-day", ("--cycle", "month", "--anchor-day", "1"), ("--cycle", "month"), "1", ""),
        ("--group-by", ("--group-by", "user"), ("--group-by", "user,task"), "user", "user,task"),
        ("--since", ("--since", "2025-05-01"), ("--since", "2025-05-02"), "2025-05-01T00:00:00Z",
         "2025-05-02T00:00:00Z"),
        ("--since", (), ("--since", "2025-05-02"), "none", "2025-05-02T00:00:00Z"),
        ("--until", ("--until", "2025-06-01"), ("--until", "2025-06-02T00:00:00.5Z"),
         "2025-06-01T00:00:00Z", "2025-06-02T00:00:00.5Z"),
        ("--status", ("--status", "2xx"), ("--status", "200,404"), "200-299", "404"),
        ("--status", ("--status", "200"), (), "200", ""),
    )

    def setUp(self):
        super().setUp()
        self.log(record(), name="log1")
        self.log(record(), record(), name="log2")

    def test_are_refused_with_the_option_both_files_and_both_values(self):
        for option, first, second, *values in self.PAIRS:
            with self.subTest(first=first, second=second):
                self.partial("one.partial", "log1", *first)
                self.partial("two.partial", "log2", *second)
                for names in (("one.partial", "two.partial"), ("two.partial", "one.partial")):
                    self.write("bill", "old")
                    for target in (("-r", "login=1", "-o", "bill"), ("--partial", "bill")):
                        self.merge(*names, *target).fails(
                            FAILED, option, "'one.partial'", "'two.partial'", *values)
                        self.assertEqual(self.text("bill"), "old")

    def test_no_other_option_is_named(self):
        self.partial("one", "log1", "--cycle", "day")
        self.partial("two", "log2", "--cycle", "week", "--timezone", "Asia/Kolkata")
        told = self.merge("one", "two").fails(FAILED, "--cycle", "--timezone").err
        for option in ("--group-by", "--anchor-day", "--since", "--until", "--status"):
            self.assertNotIn(option, told)

    def test_one_among_many_is_named(self):
        for number in range(1, 10):
            self.partial(f"p{number}", "log1", "--cycle", "day" if number == 7 else "week")
        self.merge(*(f"p{number}" for number in range(1, 10))).fails(FAILED, "'p7'", "day", "week")

    def test_the_same_in_other_words_is_the_same(self):
        self.partial("one", "log1", "--status", "2xx,404,405", "--group-by", "task,user",
                     "--since", "2025-05-02T00:00:00Z")
        self.partial("two", "log2", "--status", "405,404,2xx,200", "--group-by", "user,task",
                     "--since", "2025-05-02T02:00:00+02:00")
        self.merge("one", "two", "-r", "login=1").prints(
            "u task=login: total_duration=3ms, total_cost=3.00")


if __name__ == "__main__":
    unittest.main()
