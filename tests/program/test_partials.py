"""Partials: what `aggregate --partial` writes, what `merge` makes of it, and what is refused.

The files are read and written here by an oracle that knows docs/partial-format.md only, and the
usage in them is counted by plain Python.
"""

import collections
import contextlib
import datetime
import itertools
import json
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
import unittest

from program_fixture import (DONE, FAILED, IN_MEMORY, MISUSED, PROGRAM, PROJECT, RUN_LIMIT_SECONDS,
                             TOO_MANY_REJECTS, ProgramTest, Result, clean_environment,
                             rate_options, record)
from random_logs import RATES, ZONES, random_line, random_log

sys.path.insert(0, str(PROJECT / "tests" / "oracle"))
import partial_format  # noqa: E402
import reference_bill  # noqa: E402
from partial_format import Input, Partial, Row  # noqa: E402

EPOCH = datetime.date(1970, 1, 1)
POLICIES = ("calls:1", "calls:5", "calls:1000", "hour", "day", "week", "month", "quarter", "year",
            "every:7m", "all")
GROUP_BYS = ("user,cycle,task", "user,cycle", "user,task", "cycle,task", "user", "cycle", "task")
SOME_RATES = ("login=.005", "b=0.123456789012", "getUserProfile=.002")
ASIDE = ("--rejects", "/dev/null")
NOBODY = ("--unrated", "zero")


# Runs a command and tells, behind all that it writes to standard error, its peak memory in KiB.
# By a process of its own: what a process had in memory before it became the command counts, too.
MEASURED = (sys.executable, "-c", "import resource, subprocess, sys\n"
            "code = subprocess.call(sys.argv[1:])\n"
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)\n"
            "sys.exit(code % 256)")


def policies_and_groupings():
    """All policies with some groupings, all groupings with some policies."""
    for policy, group_by in itertools.product(POLICIES, GROUP_BYS):
        if group_by in GROUP_BYS[:4] or policy in ("calls:5", "month"):
            yield policy, group_by


class PartialTest(ProgramTest):
    folders_in = IN_MEMORY

    def setUp(self):
        super().setUp()
        self.targets = itertools.cycle(((*NOBODY, "-o", "bill"), ("--partial", "bill")))

    def partial(self, name, *arguments, stdin=b""):
        """Makes a partial of logs, quietly."""
        self.run_billing("aggregate", "-q", *arguments, "--partial", name, stdin=stdin
                         ).prints_bytes(b"")
        return name

    def merge(self, *arguments):
        return self.run_billing("merge", "-q", *arguments)

    def merged(self, name, *arguments):
        self.merge(*arguments, "--partial", name).prints_bytes(b"")
        return name

    def once(self, *arguments):
        """A bill of logs, by the parallel engine only."""
        return self.run_billing("aggregate", "-q", *arguments)

    def decoded(self, name):
        return partial_format.read(self.read(name))

    def write_partial(self, partial, name="p", **settings):
        return self.write(name, partial_format.write(partial, **settings))

    def is_refused(self, name, *phrases):
        """By inspect and by merge: neither gives a result, and the old bill stays."""
        with self.subTest(command="inspect"):
            self.run_billing("inspect", name).fails(FAILED, f"'{name}'", *phrases)
        self.is_not_merged(name, phrases=phrases)

    def is_not_merged(self, *names, phrases=()):
        """Neither into a bill nor into a partial, by turns."""
        before = sorted({*self.names(), "bill"})
        target = next(self.targets)
        with self.subTest(command="merge", target=target):
            self.write("bill", "old")
            self.merge(*names, *target).fails(FAILED, f"'{names[0]}'", *phrases)
            self.assertEqual((self.text("bill"), self.names()), ("old", before))


# ---------------------------------------------------------------------------- what is written


def cycle_number(policy, key, group_by):
    """A cycle as the page counts it, from the oracle's key of that cycle."""
    if "cycle" not in group_by or policy in ("all", "hour"):
        return key if "cycle" in group_by else 0
    if policy.startswith("every:"):
        return key // reference_bill.parse_policy(policy)[1]
    days, months = (key - EPOCH).days, key.year * 12 + key.month - 1
    return {"day": days, "week": (days + 3) // 7, "month": months, "quarter": months // 3,
            "year": key.year}[policy]


def expected_rows(events, options):
    """The rows of a partial, with the names of tasks instead of their places."""
    if "cycle" in options.group_by and options.cycle.startswith("calls:"):
        return sorted((event.user, event.time, event.task, event.status, event.quantity)
                      for event in events)
    sums = collections.defaultdict(lambda: [0, 0])
    for event in events:
        key = 0
        if "cycle" in options.group_by:
            key, _ = reference_bill.cycle_of(event.time, options.cycle, options.timezone,
                                             options.anchor_day)
        user = event.user if "user" in options.group_by else b""
        total = sums[user, cycle_number(options.cycle, key, options.group_by), event.task]
        total[0] += 1
        total[1] += event.quantity
    return [(*key, *total) for key, total in sorted(sums.items())]


def expected_input(name, content, options):
    """The control totals of one log."""
    made = Input(name.encode(), len(content))
    rejected, times = collections.Counter(), []
    for _, _, line in reference_bill.cut_into_lines(content):
        result = reference_bill.parse_record(line)
        made = made._replace(records=made.records + 1)
        if result is None:
            made = made._replace(blank=made.blank + 1)
        elif isinstance(result, reference_bill.Reject):
            rejected[result.reason] += 1
        elif reference_bill.is_filtered(result, options):
            made = made._replace(filtered=made.filtered + 1)
        else:
            made = made._replace(accepted=made.accepted + 1,
                                 quantity=made.quantity + result.quantity)
            times.append(result.time)
    if times:
        made = made._replace(earliest=min(times), latest=max(times))
    return made._replace(rejected=tuple(rejected[reason] for reason in partial_format.REASONS))


def with_names(partial):
    return [(row.user, row.when, partial.tasks[row.task], row.extra, row.quantity)
            for row in partial.rows]


def with_times_that_mean_something(made):
    """Earliest and latest mean nothing without accepted events."""
    return made if made.accepted else made._replace(earliest=0, latest=0)


class Format(PartialTest):
    def is_as_the_page_says(self, names, *arguments):
        """The partial of these logs, after it was compared with what plain Python counts."""
        self.partial("p", *names, *ASIDE, *arguments)
        with contextlib.chdir(self.folder):
            options = reference_bill.parse_arguments([*names, *arguments])
            events, _ = reference_bill.read_events(options)
        partial = self.decoded("p")
        self.assertEqual(with_names(partial), expected_rows(events, options))
        self.assertEqual([with_times_that_mean_something(made) for made in partial.inputs],
                         sorted(expected_input(name, self.read(name), options) for name in names))
        self.assertEqual(partial.tasks, sorted({event.task for event in events}))
        return partial

    def random_logs(self, seed, count=2, lines=120):
        choice = random.Random(seed)
        return [self.write(f"log{number}", random_log(choice, lines, 0.1))
                for number in range(count)]

    def test_every_policy_with_every_grouping(self):
        names = self.random_logs(1)
        for policy, group_by in policies_and_groupings():
            with self.subTest(policy=policy, group_by=group_by):
                partial = self.is_as_the_page_says(names, "--cycle", policy, "--group-by", group_by)
                runs = policy.startswith("calls:") and "cycle" in group_by
                self.assertEqual(partial.events, runs)

    def test_time_zones_and_anchor_days(self):
        names = self.random_logs(2)
        for policy, zone in itertools.product(("hour", "day", "week", "month", "every:90m"), ZONES):
            with self.subTest(policy=policy, zone=zone):
                partial = self.is_as_the_page_says(names, "--cycle", policy, "--timezone", zone)
                self.assertEqual(partial.options["timezone"], zone)
        for policy, day in itertools.product(("month", "quarter", "year"), (1, 15, 29, 31)):
            with self.subTest(policy=policy, day=day):
                partial = self.is_as_the_page_says(names, "--cycle", policy, "--anchor-day",
                                                   str(day), "--timezone", "Pacific/Apia")
                self.assertEqual(partial.options["anchor-day"], str(day))

    def test_what_is_filtered_is_counted_and_not_kept(self):
        names = self.random_logs(3)
        for filters in (("--status", "2xx"), ("--since", "2025-01-01"), ("--until", "1999-07-04"),
                        ("--since", "2025-05-02T23:16:50.5Z", "--until", "2100-01-01")):
            for policy in ("calls:5", "month"):
                with self.subTest(filters=filters, policy=policy):
                    self.is_as_the_page_says(names, "--cycle", policy, *filters)

    def test_the_options_in_the_header(self):
        self.log(record())
        self.partial("p", "log", "--group-by", "task,user", "--cycle", "every:60m", "--timezone",
                     "Asia/Kolkata", "--since", "2025-05-01", "--until", "2025-06-01T00:00:00.5Z",
                     "--status", "404,2xx,405,404")
        since, until = ("2025-04-30T18:30:00Z", "2025-06-01T00:00:00.5Z")
        self.assertEqual(self.decoded("p").options, {
            "group-by": "user,task", "cycle": "every:60m", "timezone": "Asia/Kolkata",
            "anchor-day": "", "since": str(reference_bill.parse_instant(since.encode())),
            "until": str(reference_bill.parse_instant(until.encode())),
            "status": "200-299,404-405"})
        self.partial("p", "log")
        self.assertEqual(self.decoded("p").options, {
            "group-by": "user,cycle,task", "cycle": "calls:5", "timezone": "UTC",
            "anchor-day": "", "since": "", "until": "", "status": ""})

    def test_fractions_of_seconds_and_times_before_1970(self):
        times = [f"2025-05-02T23:16:50{'.' + '123456789'[:digits] if digits else ''}Z"
                 for digits in range(10)]
        times += ["1970-01-01T00:00:00+23:59", "1970-01-01T00:00:00.000000001+00:01",
                  "1970-01-01T00:00:00Z", "2261-12-31T23:59:59.999999999-23:59"]
        for count in range(1, len(times) + 1):
            self.log(*(record(time=time, ms=number) for number, time in enumerate(times[-count:])))
            self.is_as_the_page_says(["log"])
        for policy in ("day", "week", "hour", "month", "year", "every:7d", "every:10000d"):
            self.is_as_the_page_says(["log"], "--cycle", policy)

    def test_names_of_every_length_and_script(self):
        users = ["x" * length for length in range(1, 256)]
        users += ["ä" * 127, "ä", "😀" * 63, "😀", "a,b"]
        self.log(*(record(user=user, task=user[::-1]) for user in users))
        for policy in ("calls:5", "all"):
            self.is_as_the_page_says(["log"], "--cycle", policy)

    def test_users_that_share_more_or_less_of_their_names(self):
        choice = random.Random(4)
        users = {"".join(choice.choice("ab") for _ in range(choice.randint(1, 12)))
                 for _ in range(300)}
        self.log(*(record(user=user, ms=number) for number, user in enumerate(users)))
        self.is_as_the_page_says(["log"])

    def test_equal_calls_are_all_kept(self):
        self.log(*[record()] * 7)
        self.assertEqual(len(self.is_as_the_page_says(["log"]).rows), 7)
        self.assertEqual(len(self.is_as_the_page_says(["log"], "--cycle", "day").rows), 1)

    def test_no_events_at_all(self):
        self.write("log", "")
        self.assertEqual(self.run_billing("aggregate", "-q", "log", "--partial", "p").code, DONE)
        partial = self.decoded("p")
        self.assertEqual((partial.tasks, partial.rows), ([], []))
        self.assertEqual([with_times_that_mean_something(made) for made in partial.inputs],
                         [Input(b"log")])
        self.log(record(status=404), "", "bad")
        partial = self.is_as_the_page_says(["log"], "--status", "2xx")
        self.assertEqual((partial.tasks, partial.rows), ([], []))

    def test_users_that_fill_many_blocks(self):
        choice = random.Random(5)
        self.log(*(record(user=f"{choice.getrandbits(64):x}" + "y" * 230, ms=number)
                   for number in range(1000)))
        for policy in ("calls:5", "all"):
            self.is_as_the_page_says(["log"], "--cycle", policy)
            blocks = list(partial_format.blocks_of(self.read("p")))
            self.assertGreater(len(blocks), 3)

    def test_a_user_that_goes_on_in_the_next_block(self):
        choice = random.Random(6)
        times = (f"2025-05-{choice.randint(10, 31)}T10:11:12.{choice.randrange(10**9):09d}Z"
                 for _ in range(9000))
        self.log(record("a"), *(record("m", time=time, ms=123456) for time in times), record("z"))
        partial = self.is_as_the_page_says(["log"])
        self.assertEqual(len(partial.rows), 9002)
        self.assertGreater(len(list(partial_format.blocks_of(self.read("p")))), 3)

    def test_standard_input_has_a_name_of_its_own(self):
        self.partial("p", "-", stdin=record().encode())
        self.assertEqual([made.name for made in self.decoded("p").inputs], [b"<stdin>"])

    def test_names_of_inputs_are_kept_as_given(self):
        names = [self.write("./b", record()), self.write("a\n\x1b", record()), self.write("ä", "")]
        self.assertEqual(self.run_billing("aggregate", "-q", *names, "--partial", "p").code, DONE)
        self.assertEqual([made.name for made in self.decoded("p").inputs],
                         sorted(name.encode() for name in names))

    def test_a_sum_above_64_bits_is_kept_as_the_largest_and_refused_when_billed(self):
        largest = record(ms=10**15 - 1)
        for calls in (9224, 18447):  # above 2^63, and above 2^64
            self.log(*[largest] * calls)
            self.partial("p", "log", "--cycle", "all")
            [row] = self.decoded("p").rows
            self.assertEqual(row.quantity, min(calls * (10**15 - 1), 2**64 - 1))
            refused = self.once("log", "--cycle", "all", "-r", "login=1")
            self.assertEqual(self.merge("p", "-r", "login=1"), refused.fails(FAILED, "2^63"))

    def test_sums_of_partials_above_64_bits(self):
        names = [self.log(*[record(ms=10**15 - 1)] * 9200, name=f"log{part}") for part in range(3)]
        for name in names:
            self.partial(f"{name}.p", name, "--cycle", "all")
        partials = [f"{name}.p" for name in names]
        self.merge(*partials, "-r", "login=1").fails(FAILED, "2^63")
        self.merged("sum", *partials)
        self.assertEqual(self.decoded("sum").rows[0].quantity, 2**64 - 1)
        self.merge("sum", "-r", "login=1").fails(FAILED, "2^63")

    def test_no_setting_of_the_engine_changes_a_byte(self):
        names = self.random_logs(7, count=3)
        for policy in ("calls:5", "day"):
            self.partial("p", *names, *ASIDE, "--cycle", policy)
            for threads, chunk, slice_bytes in itertools.product((1, 3), (1, 999), (1, 10**6)):
                self.partial("q", *reversed(names), *ASIDE, "--cycle", policy, "--threads",
                             str(threads), "--chunk-bytes", str(chunk), "--slice-bytes",
                             str(slice_bytes), "--temp-dir", ".")
                self.assertEqual(self.read("q"), self.read("p"))


class WrittenByOthers(PartialTest):
    """Files that the page allows, though this program would write them in another way."""

    def setUp(self):
        super().setUp()
        choice = random.Random(8)
        self.write("log", random_log(choice, 150, 0))

    def for_both_kinds(self, rewrite):
        """rewrite: makes other bytes of the same partial."""
        for policy in ("calls:5", "day"):
            with self.subTest(policy=policy):
                self.partial("p", "log", "--cycle", policy)
                expected = self.merge("p", *NOBODY)
                self.assertEqual(expected.code, DONE)
                rewritten = rewrite(self.decoded("p"))
                self.write("q", rewritten)
                self.assertEqual(partial_format.read(rewritten), self.decoded("p"))
                self.assertEqual(self.merge("q", *NOBODY), expected)
                self.assertEqual(self.run_billing("inspect", "q").code, DONE)

    def test_names_may_be_written_whole(self):
        self.for_both_kinds(partial_format.write)

    def test_blocks_may_be_of_any_size(self):
        for size in (1, 2, 7):
            self.for_both_kinds(lambda partial: partial_format.write(partial, size))

    def test_a_name_may_share_less_than_it_could(self):
        def rewrite(partial):
            payload, before = b"", b""
            for user, rows in itertools.groupby(partial.rows, key=lambda row: row.user):
                shared = len(os.path.commonprefix([before, user])) // 2
                payload += partial_format.group(user[shared:], list(rows), shared)
                before = user
            return partial_format.assemble(partial, [payload])
        self.for_both_kinds(rewrite)

    def test_units_may_be_of_any_number_of_digits(self):
        def rewrite(partial, digits):
            payload = b""
            for user, rows in itertools.groupby(partial.rows, key=lambda row: row.user):
                rows = list(rows)
                fits = all(row.when % 10**digits == 0 for row in rows)
                payload += partial_format.group(user, rows, digits=digits if fits else 0)
            return partial_format.assemble(partial, [payload])
        for digits in (1, 5, 8, 9):
            self.for_both_kinds(lambda partial: rewrite(partial, digits))

    def test_a_block_may_be_as_large_as_one_mib(self):
        names = [b"%05d" % number + b"x" * 245 for number in range(4000)]
        rows = [Row(name, DAY, 0, 1, 1) for name in names]
        one = len(partial_format.rows_payload(rows[:1]))
        rows = rows[:(1 << 20) // one]
        missing = (1 << 20) - one * len(rows)
        rows = [row._replace(user=row.user + b"x" * 5) for row in rows[:missing // 5]] + [
            rows[missing // 5]._replace(user=rows[missing // 5].user + b"x" * (missing % 5))
        ] + rows[missing // 5 + 1:]
        payload = partial_format.rows_payload(rows)
        self.assertEqual(len(payload), 1 << 20)
        self.write("p", partial_format.assemble(sums(rows), [payload]))
        result = self.merge("p", "-r", "a=1", "-r", "b=1")
        self.assertEqual((result.code, result.out.count(b"\n")), (DONE, len(rows)), result.err)


# ---------------------------------------------------------------------------- merging


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
            options = ("--cycle", policy, "--group-by", group_by, "--timezone",
                       choice.choice(ZONES))
            bill_options = (*self.rates(), "--output-format", next(formats))
            with self.subTest(options=options, bill_options=bill_options):
                bill = self.merges_like_one_run(names, options, bill_options)
                self.assertGreater(len(bill.out), 0)

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
        for seed in range(24):
            choice = random.Random(1000 + seed)
            lines = [random_line(choice, choice.choice((0, 0.2)))
                     for _ in range(choice.choice((3, 50, 300)))]
            policy, group_by = POLICIES[seed % len(POLICIES)], choice.choice(GROUP_BYS[:4])
            with self.subTest(seed=seed, policy=policy, group_by=group_by):
                names = self.cut_into_logs(choice, lines, choice.randint(1, 7))
                options = (*ASIDE, "--cycle", policy, "--group-by", group_by)
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
        self.merge("none.p", "empty.p", *NOBODY, "--output-format", "csv").prints(
            "user,cycle,task,calls,duration_ms,cost")
        self.merged("nothing.p", "none.p", "empty.p")
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


# ---------------------------------------------------------------------------- damage


class Damage(PartialTest):
    """A byte that is wrong anywhere is found, before anything is written."""

    def setUp(self):
        super().setUp()
        self.log(record("ab", ms=300), record("abc", "b", time="2025-05-02T23:16:50.5Z"))
        self.partial("good", "log")
        self.whole = self.read("good")
        self.assertLess(len(self.whole), 400)

    def all_are_refused(self, damaged):
        """inspect tries each, merge some of them."""
        files = {f"p{number:04d}": case for number, case in enumerate(damaged)}
        for name, (_, data) in files.items():
            self.write(name, data)
        for number, (name, found) in enumerate(self.inspect_all(sorted(files)).items()):
            with self.subTest(what=files[name][0]):
                found.fails(FAILED, f"'{name}'")
                if number % 32 == 0:
                    self.is_not_merged(name)
                    self.is_not_merged(name, "good")

    def inspect_all(self, names):
        """By one shell: a process of Python for each would take most of the time."""
        done = subprocess.run(
            ["sh", "-c", 'for name do "$0" inspect $name >$name.out 2>$name.err; echo $?; done',
             PROGRAM, *names], cwd=self.folder, env=clean_environment(), capture_output=True,
            timeout=RUN_LIMIT_SECONDS)
        codes = [int(code) for code in done.stdout.split()]
        self.assertEqual(len(codes), len(names), done.stderr)
        return {name: Result(self, code, self.read(f"{name}.out"), self.text(f"{name}.err"))
                for name, code in zip(names, codes)}

    def test_any_byte_that_is_changed(self):
        def flipped():
            for mask in (0x01, 0x80, 0xFF):
                for place, byte in enumerate(self.whole):
                    data = bytearray(self.whole)
                    data[place] = byte ^ mask
                    yield f"byte {place} ^ {mask}", bytes(data)
        self.all_are_refused(flipped())

    def test_cut_off_at_any_length(self):
        self.all_are_refused((f"{length} bytes", self.whole[:length])
                             for length in range(len(self.whole)))

    def test_anything_behind_the_end(self):
        end = len(self.whole) - self.whole.rindex(b"\3\0\0\0") + 4
        tails = (b"\0", b"\n", b"x" * 8, b"\0" * 4096, self.whole, self.whole[20:],
                 self.whole[-end:], partial_format.block(4, b""))
        self.all_are_refused((repr(tail), self.whole + tail) for tail in tails)

    def test_a_byte_that_is_missing_or_there_twice(self):
        places = range(0, len(self.whole), 3)
        self.all_are_refused((f"without byte {place}",
                              self.whole[:place] + self.whole[place + 1:]) for place in places)
        self.all_are_refused((f"byte {place} twice",
                              self.whole[:place] + self.whole[place:place + 1] + self.whole[place:])
                             for place in places)

    def test_a_block_that_is_missing_there_twice_or_elsewhere(self):
        self.log(*(record(user=f"{number * 7919 % 900:03d}" + "x" * 240) for number in range(900)))
        self.partial("good", "log")
        data = self.read("good")
        places = [20]
        while places[-1] < len(data):
            places.append(places[-1] + 16 + partial_format.u32(data, places[-1]))
        self.assertGreater(len(places), 4)
        blocks = [data[begin:end] for begin, end in zip(places, places[1:])]
        orders = [blocks[:place] + blocks[place + 1:] for place in range(len(blocks))]
        orders += [blocks[:place + 1] + blocks[place:] for place in range(len(blocks))]
        orders += [[blocks[0], blocks[2], blocks[1], *blocks[3:]], blocks[::-1], []]
        self.all_are_refused((f"order {number}", data[:20] + b"".join(order))
                             for number, order in enumerate(orders))

    def test_a_block_of_another_partial(self):
        self.log(record("ab", ms=301), record("abc", "b", time="2025-05-02T23:16:50.5Z"))
        self.partial("other", "log")
        blocks = {}
        for name in ("good", "other"):
            data, at, blocks[name] = self.read(name), 20, []
            while at < len(data):
                size = 16 + partial_format.u32(data, at)
                blocks[name].append(data[at:at + size])
                at += size
        for place in range(3):
            mixed = blocks["good"][:]
            mixed[place] = blocks["other"][place]
            self.write("p", self.whole[:20] + b"".join(mixed))
            self.is_refused("p")


class NoPartial(PartialTest):
    def test_a_log(self):
        self.log(record())
        self.is_refused("log", "no partial")

    def test_an_empty_file(self):
        self.write("empty", "")
        self.is_refused("empty", "no partial")

    def test_other_kinds_of_files(self):
        for data in (b"\x89PNG\r\n\x1a\n" + bytes(64), b"\x1f\x8b\x08\0rest", b"billing",
                     b"billing partial\r\n" + bytes(64), b"\n", b"BILLING PARTIAL\n" + bytes(64),
                     b"\xef\xbb\xbfbilling partial\n" + bytes(64)):
            with self.subTest(data=data):
                self.write("p", data)
                self.is_refused("p", "no partial")

    def test_another_version_is_told_as_such(self):
        for version in (0, 2, 7, 256, 2**32 - 1):
            with self.subTest(version=version):
                self.write_partial(sums(SUMS), version=version)
                self.is_refused("p", "version", str(version))

    def test_a_newer_version_with_other_blocks_behind(self):
        self.write("p", partial_format.MAGIC + b"\2\0\0\0" + b"who knows")
        self.is_refused("p", "version 2")


# ---------------------------------------------------------------------------- hostile files

DAY = 20210  # 2025-05-02
SECOND = 10**9
FIRST = (DAY * 86400 + 10 * 3600) * SECOND  # what the earliest and latest events of the files are
LAST = ((DAY + 2) * 86400 + 12 * 3600) * SECOND
SUMS = [Row(b"u", DAY, 0, 2, 5), Row(b"u", DAY, 1, 1, 9), Row(b"u", DAY + 2, 0, 1, 0),
        Row(b"v", DAY + 1, 1, 3, 7)]
EVENTS = [Row(b"u", FIRST, 0, 200, 5), Row(b"u", FIRST + SECOND // 2, 1, 404, 7),
          Row(b"v", LAST, 0, 599, 0)]
HUGE = (2**20, 2**32 - 1, 2**40, 2**60, 2**63, 2**64 - 1)


def usage(events, rows, cycle, group_by="user,cycle,task", tasks=(b"a", b"b"), name=b"log",
          **options):
    """A partial of one log that says of itself what these rows add up to."""
    told = {**dict.fromkeys(partial_format.OPTIONS, ""), "timezone": "UTC", "group-by": group_by,
            "cycle": cycle, **options}
    made = Partial(events, told, list(tasks), [], rows)
    calls = partial_format.calls_of(made)
    return made._replace(inputs=[Input(name, 60 * calls, calls, calls, earliest=FIRST, latest=LAST,
                                       quantity=sum(row.quantity for row in rows))])


def sums(rows, cycle="day", **settings):
    return usage(False, rows, cycle, **settings)


def events(rows, cycle="calls:5", **settings):
    return usage(True, rows, cycle, **settings)


def with_input(partial, **changes):
    return partial._replace(inputs=[partial.inputs[0]._replace(**changes)])


class Hostile(PartialTest):
    """Files whose checksums are right and that make no sense."""

    def all_are_refused(self, cases):
        """cases: by what is wrong, a partial or the bytes of a file."""
        for what, case in cases.items():
            with self.subTest(what=what):
                data = partial_format.write(case) if isinstance(case, Partial) else case
                self.write("p", data)
                self.is_refused("p")
                self.assertNotIn("report", self.run_billing("inspect", "p").err)

    def test_without_a_fault_they_are_accepted(self):
        # Otherwise the tests below would show nothing.
        for name, partial in (("sums", sums(SUMS)), ("events", events(EVENTS)),
                              ("all", sums([Row(b"u", 0, 1, 1, 1)], "all")),
                              ("hour", sums([Row(b"u", DAY * 86400 + 36000, 1, 1, 1)], "hour")),
                              ("month", sums([Row(b"u", 2025 * 12 + 4, 1, 1, 1)], "month")),
                              ("task", sums([Row(b"", 0, 1, 1, 1)], group_by="task")),
                              ("none", sums([]))):
            with self.subTest(name=name):
                self.write_partial(partial)
                partial_format.read(self.read("p"))
                self.assertEqual(self.run_billing("inspect", "p").code, DONE)
                self.assertEqual(self.merge("p", *NOBODY).code, DONE)

    def test_rows_out_of_order(self):
        for make, rows in ((sums, SUMS), (events, EVENTS)):
            one, two, three = make(rows), make(rows), make(rows)
            self.all_are_refused({
                "users": one._replace(rows=rows[3:] + rows[:3] if make is sums
                                      else rows[2:] + rows[:2]),
                "all": two._replace(rows=rows[::-1]),
                "users, in another block": partial_format.write(
                    three._replace(rows=rows[::-1]), 1)})
        again = sums(SUMS[1:2] + SUMS[:1])
        self.all_are_refused({"tasks": again,
                              "tasks, in another block": partial_format.write(again, 1)})
        statuses = [Row(b"u", FIRST, 0, 404, 5), Row(b"u", FIRST, 0, 200, 5)]
        quantities = [Row(b"u", FIRST, 0, 200, 6), Row(b"u", FIRST, 0, 200, 5)]
        self.all_are_refused({"statuses": events(statuses), "quantities": events(quantities)})

    def test_rows_of_one_user_in_two_groups_out_of_order(self):
        group = partial_format.group
        for make, late, early in ((sums, SUMS[2], SUMS[0]), (events, EVENTS[1], EVENTS[0])):
            partial = make([late, early])
            self.all_are_refused({
                "in one block": partial_format.assemble(
                    partial, [group(b"u", [late]) + group(b"u", [early])]),
                "in two blocks": partial_format.assemble(
                    partial, [group(b"u", [late]), group(b"u", [early])])})

    def test_two_sums_of_the_same(self):
        twice = sums([SUMS[0], SUMS[0]])
        more = sums([SUMS[0], SUMS[0]._replace(extra=7, quantity=1000)])
        group = partial_format.group
        self.all_are_refused({
            "equal": twice, "of other calls": more,
            "in two groups": partial_format.assemble(
                more, [group(b"u", more.rows[:1]) + group(b"u", more.rows[1:])]),
            "in two blocks": partial_format.write(more, 1)})

    def test_tasks_that_are_not_there(self):
        for task in (2, 3, *HUGE):
            self.all_are_refused({
                f"sum of task {task}": sums([SUMS[0]._replace(task=task)]),
                f"event of task {task}": events([EVENTS[0]._replace(task=task)])})
        self.all_are_refused({"no tasks at all": sums(SUMS, tasks=())})

    def test_statuses_that_no_log_has(self):
        for status in (0, 1, 99, 600, 65536 + 200, *HUGE):
            self.all_are_refused({f"status {status}": events([EVENTS[0]._replace(extra=status)])})

    def test_sums_of_no_calls(self):
        self.all_are_refused({"among others": sums([SUMS[0]._replace(extra=0), *SUMS[1:]])})

    def test_durations_that_no_log_has(self):
        for quantity in (10**15, 2**63, 2**64 - 1):
            self.all_are_refused({str(quantity): events([EVENTS[0]._replace(quantity=quantity)])})

    def test_times_outside_of_the_earliest_and_latest_event(self):
        for when in (FIRST - 1, LAST + 1, 0, -1, 2**63 - 1, -2**63, 9223372036854775807 // 2):
            rows = sorted([*EVENTS, EVENTS[1]._replace(when=when)])
            self.all_are_refused({f"event at {when}": events(rows)})
        outside = {"day": (DAY - 1, DAY + 3, 0, -1), "week": (2886, 2889, DAY, 0),
                   "month": (2025 * 12 + 3, 2025 * 12 + 5, 4, DAY), "all": (1, -1),
                   "quarter": (2025 * 4, 2025 * 4 + 2), "year": (2024, 2026, 55),
                   "hour": (DAY * 86400 + 9 * 3600, (DAY + 2) * 86400 + 13 * 3600, DAY),
                   "every:7m": (DAY * 1440 // 7, (DAY + 3) * 1440 // 7, DAY)}
        for policy, cycles in outside.items():
            for cycle in (*cycles, 2**63 - 1, -2**63):
                rows = [Row(b"u", cycle, 0, 1, 1)]
                self.all_are_refused({f"{policy} {cycle}": sums(rows, policy)})

    def test_cycles_that_are_not_grouped_by(self):
        self.all_are_refused({"day": sums([SUMS[0]], group_by="user,task")})

    def test_hours_that_begin_at_no_hour(self):
        # They would be two lines of the same hour in the bill.
        hour = DAY * 86400 + 36000
        self.all_are_refused({
            "one": sums([Row(b"u", hour + 1, 0, 1, 1)], "hour"),
            "two": sums([Row(b"u", hour, 0, 1, 1), Row(b"u", hour + 1, 0, 1, 1)], "hour")})

    def test_users_where_they_are_not_grouped_by(self):
        rows = [Row(b"u", 0, 0, 1, 1), Row(b"v", 0, 0, 1, 1)]
        self.all_are_refused({
            "task": sums(rows, group_by="task"),
            "cycle,task": sums(SUMS, group_by="cycle,task"),
            "cycle": sums(SUMS, group_by="cycle")})

    def test_names_that_are_too_long(self):
        for length in (256, 257, 1000, 70_000):
            name = b"x" * length
            self.all_are_refused({
                f"user of {length}": sums([SUMS[0]._replace(user=name)]),
                f"user of {length}, of events": events([EVENTS[0]._replace(user=name)]),
                f"task of {length}": sums(SUMS, tasks=(b"a", name))})
        group = partial_format.group
        rows = [Row(b"x" * 255, DAY, 0, 1, 1), Row(b"x" * 256, DAY, 0, 1, 1)]
        self.all_are_refused({"of 255 shared and one byte": partial_format.assemble(
            sums(rows), [group(b"x" * 255, rows[:1]) + group(b"x", rows[1:], shared=255)])})

    # What a log cannot hold: a bill would carry it to terminals and into JSON.
    STRANGE_NAMES = (b"", b"a\x1b[31m", b"a\nb", b"a b", b"a\tb", b"\0", b"\x7f", b"a\xff",
                     b"a\xc2\x85", b"\xed\xa0\x80", b"\xc0\xaf")

    def test_names_of_users_that_no_log_has(self):
        for name in self.STRANGE_NAMES:
            self.all_are_refused({f"user {name}": sums([SUMS[0]._replace(user=name)]),
                                  f"user {name}, event": events([EVENTS[0]._replace(user=name)])})

    def test_names_of_tasks_that_no_log_has(self):
        for name in self.STRANGE_NAMES:
            self.all_are_refused({f"task {name}": sums([SUMS[0]], tasks=(name,)),
                                  f"task {name}, event": events([EVENTS[0]], tasks=(name,))})

    def test_more_shared_bytes_than_the_name_before_has(self):
        group, assemble = partial_format.group, partial_format.assemble
        partial = sums([SUMS[0], SUMS[3]])
        first = group(b"u", [SUMS[0]])
        for shared in (2, 3, 255, *HUGE):
            self.all_are_refused({
                f"shared {shared}": assemble(partial, [first + group(b"v", [SUMS[3]], shared)]),
                f"shared {shared} in the first group": assemble(
                    partial, [group(b"u", [SUMS[0]], shared) + group(b"v", [SUMS[3]])]),
                f"shared {shared} with the block before": assemble(
                    partial, [first, group(b"v", [SUMS[3]], shared)])})
        self.all_are_refused({"shared 1 with the block before": assemble(
            partial, [first, group(b"v", [SUMS[3]], 1)])})

    def test_units_of_more_than_nine_digits(self):
        for digits in (10, 18, 19, 64, 255, *HUGE):
            payload = partial_format.varint(0) + partial_format.string(b"u")
            payload += partial_format.varint(1) + partial_format.varint(digits)
            payload += b"\0" + partial_format.varint(0) + b"\1\1"
            self.all_are_refused({f"{digits} digits": partial_format.assemble(
                sums([Row(b"u", 0, 0, 1, 1)], "all"), [payload])})

    def test_times_that_leave_64_bits(self):
        group, assemble, later = partial_format.group, partial_format.assemble, 2**64 - 1
        first, second = EVENTS[0], EVENTS[1]
        partial = events([first, second])
        head = partial_format.varint(0) + partial_format.string(b"u") + b"\2"
        row = b"\0" + partial_format.varint(200) + b"\5"
        for digits in (0, 9):
            when = partial_format.zigzag(FIRST // 10**digits)
            for delta in (later, later - 5, 2**63, 2**63 - 1):
                payload = head + partial_format.varint(digits) + when + row
                payload += partial_format.varint(delta) + b"\1" + row[1:]
                self.all_are_refused({f"{delta} later, {digits} digits": assemble(
                    partial, [payload])})
        for when in (2**63 - 1, -2**63, 2**62, 2**55):
            payload = group(b"u", [first._replace(when=when)]).replace(b"\1\0", b"\1\x09", 1)
            self.all_are_refused({f"{when} seconds": assemble(events([first]), [payload])})

    def test_groups_that_say_wrong_numbers_of_rows(self):
        partial = sums(SUMS)
        for count in (0, 1, 2, 5, *HUGE):
            self.all_are_refused({f"{count} instead of 3": partial_format.assemble(partial, [
                partial_format.group(b"u", SUMS[:3], count=count)
                + partial_format.group(b"v", SUMS[3:])])})

    def test_groups_that_end_in_their_middle(self):
        partial = sums([SUMS[0]])
        whole = partial_format.group(b"u", [SUMS[0]])
        for length in range(1, len(whole)):
            self.all_are_refused({f"{length} bytes": partial_format.assemble(
                partial, [whole[:length]])})
            self.all_are_refused({f"{length} bytes more": partial_format.assemble(
                partial, [whole + whole[:length]])})

    def test_numbers_of_more_than_64_bits(self):
        for quantity in (b"\xff" * 9 + b"\x02", b"\x80" * 10 + b"\0", b"\xff" * 11 + b"\1",
                         b"\xff" * 200):
            payload = partial_format.group(b"u", [Row(b"u", 0, 0, 1, 0)])[:-1] + quantity
            self.all_are_refused({repr(quantity): partial_format.assemble(
                sums([Row(b"u", 0, 0, 1, 0)], "all"), [payload])})

    def test_blocks_that_are_larger_than_allowed(self):
        number = (1 << 20) // 260
        rows = [Row(b"%05d" % user + b"x" * 250, DAY, 0, 1, 1) for user in range(number)]
        payload = partial_format.rows_payload(rows)
        self.assertGreater(len(payload), 1 << 20)
        self.all_are_refused({"rows": partial_format.assemble(sums(rows), [payload])})

    def test_blocks_of_unknown_kinds(self):
        partial = sums(SUMS)
        header = partial_format.block(partial_format.HEADER, partial_format.header_payload(partial))
        rows = partial_format.block(partial_format.ROWS, partial_format.rows_payload(SUMS))
        for kind in (0, 4, 255, 2**31, 2**32 - 1):
            other = partial_format.block(kind, b"")
            cases = {}
            for blocks in ([other, header, rows], [header, other, rows], [header, rows, other]):
                cases[f"kind {kind} {len(cases)}"] = partial_format.whole_file(
                    [*blocks, partial_format.end_block(blocks, partial)])
            end = partial_format.end_block([header, rows], partial)
            cases["behind the end"] = partial_format.whole_file([header, rows, end, other])
            self.all_are_refused(cases)

    def test_blocks_in_another_order(self):
        partial, nothing = sums(SUMS), sums([])
        header = partial_format.block(partial_format.HEADER, partial_format.header_payload(partial))
        rows = partial_format.block(partial_format.ROWS, partial_format.rows_payload(SUMS))
        orders = {"no header": [rows], "two headers": [header, header, rows],
                  "the header behind the rows": [rows, header],
                  "a header among the rows": [header, rows, header]}
        cases = {}
        for what, blocks in orders.items():
            cases[what] = partial_format.whole_file(
                [*blocks, partial_format.end_block(blocks, partial)])
        end = partial_format.end_block([header, rows], partial)
        cases["two ends"] = partial_format.whole_file([header, rows, end, end])
        cases["rows behind the end"] = partial_format.whole_file([header, end, rows])
        cases["no end"] = partial_format.whole_file([header, rows])
        cases["only an end"] = partial_format.whole_file([partial_format.end_block([], nothing)])
        cases["nothing"] = partial_format.whole_file([])
        self.all_are_refused(cases)

    def test_an_end_that_tells_something_else(self):
        partial = sums(SUMS)
        cases = {f"{name} {number}": partial_format.write(partial, **{name: number})
                 for name, truth in (("rows", 4), ("calls", 7), ("quantity", 21))
                 for number in (0, truth - 1, truth + 1, 2**64 - 1)}
        cases["quantity of 2^128 - 1"] = partial_format.write(partial, quantity=2**128 - 1)
        block, kinds = partial_format.block, (partial_format.HEADER, partial_format.ROWS)
        blocks = [block(kinds[0], partial_format.header_payload(partial)),
                  block(kinds[1], partial_format.rows_payload(SUMS))]
        end = partial_format.end_payload(4, 7, 21, blocks)
        for what, payload in (("another checksum", end[:-1] + bytes([end[-1] ^ 1])),
                              ("a byte more", end + b"\0"), ("a byte less", end[:-1]),
                              ("nothing", b"")):
            cases[what] = partial_format.whole_file(
                [*blocks, block(partial_format.END, payload)])
        cases["checksums in another order"] = partial_format.whole_file(
            [*blocks, partial_format.end_block(blocks[::-1], partial)])
        self.all_are_refused(cases)

    def test_control_totals_that_do_not_balance(self):
        for make, rows in ((sums, SUMS), (events, EVENTS)):
            partial = make(rows)
            calls = partial.inputs[0].accepted
            self.all_are_refused({
                "records": with_input(partial, records=calls + 1),
                "accepted": with_input(partial, accepted=calls + 1, records=calls + 1),
                "accepted less": with_input(partial, accepted=calls - 1, records=calls - 1),
                "nothing accepted": with_input(partial, accepted=0, records=0),
                "filtered": with_input(partial, filtered=1),
                "blank": with_input(partial, blank=1),
                "rejected": with_input(partial, rejected=(1, 0, 0, 0, 0, 0, 0)),
                "quantity": with_input(partial, quantity=partial.inputs[0].quantity + 1),
                "quantity of 2^127": with_input(partial, quantity=2**127),
                "no inputs": partial._replace(inputs=[]),
                "an input twice": partial._replace(inputs=partial.inputs * 2),
                "the latest before the earliest": with_input(partial, earliest=LAST, latest=FIRST)})

    def test_totals_that_wrap_around(self):
        wrap = 2**64
        partial = sums([SUMS[0]._replace(extra=1)])
        [made] = partial.inputs
        more = made._replace(name=b"more", accepted=wrap - 1, records=wrap - 1, quantity=0)
        less = made._replace(accepted=2, records=2)
        calls = sums(SUMS)._replace(rows=[SUMS[0]._replace(extra=wrap - 1),
                                          SUMS[1]._replace(extra=2), *SUMS[2:]])
        self.all_are_refused({
            "records": with_input(partial, filtered=wrap - 1, records=0),
            "records by rejects": with_input(partial, rejected=(wrap - 1, 0, 0, 0, 0, 0, 1),
                                             records=1),
            "accepted": partial._replace(inputs=[less, more]),
            "quantity": partial._replace(inputs=[
                made._replace(accepted=0, records=0, quantity=2**128 - 1),
                made._replace(name=b"more", quantity=made.quantity + 1)]),
            "calls": partial_format.write(with_input(calls, accepted=5, records=5), calls=5)})

    def test_a_sum_above_64_bits_of_inputs_that_have_less(self):
        rows = [Row(b"u", DAY, 0, 20_000, 2**64 - 1)]
        self.all_are_refused({f"{told} ms": with_input(sums(rows), quantity=told)
                              for told in (0, 5, 2**64 - 2)})

    def test_cycles_and_zones_that_nobody_knows(self):
        for cycle in ("", "fortnight", "calls", "calls:0", "calls:-1", "calls:x", "every:0s", "Day",
                      "every:1000000001s", "day ", "calls:" + "9" * 40, "x" * 100_000):
            self.all_are_refused({f"cycle {cycle[:20]}": sums(SUMS, cycle),
                                  f"cycle {cycle[:20]} of events": events(EVENTS, cycle)})
        for zone in ("", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe/", "UTC\0",
                     "x" * 100_000):
            self.all_are_refused({f"zone {zone[:20]}": sums(SUMS, timezone=zone)})

    def test_groups_and_anchor_days_that_make_no_sense(self):
        for group_by in ("", "foo", "user,user", "user,cycle,task,", ",", "user;cycle", "User",
                         "task,cycle,user", "user, cycle", "user,cycle,task,user"):
            self.all_are_refused({f"group-by {group_by}": sums(SUMS, group_by=group_by)})
        month = [Row(b"u", 2025 * 12 + 4, 0, 1, 1)]
        for day in ("0", "32", "-1", "x", "1.5", " 1", "4294967297"):
            self.all_are_refused({f"anchor day {day}": sums(month, "month", **{"anchor-day": day})})
        self.all_are_refused({"an anchor day of days": sums(SUMS, **{"anchor-day": "1"})})

    def test_filters_that_are_no_times_and_no_ranges(self):
        for name in ("since", "until"):
            for value in ("x", "1e3", " 1", "2025-05-01", "99999999999999999999"):
                self.all_are_refused({f"{name} {value}": sums(SUMS, **{name: value})})
        for value in ("x", "2xx", "99-300", "200-600", "299-200", "200,", "404,200"):
            self.all_are_refused({f"status {value}": sums(SUMS, status=value)})

    def test_options_that_are_missing_unknown_or_elsewhere(self):
        partial = sums(SUMS)
        names = list(partial.options)
        cases = {f"without {name}": {other: partial.options[other] for other in names
                                     if other != name} for name in names}
        cases["none"] = {}
        cases["in another order"] = {name: partial.options[name] for name in reversed(names)}
        cases["one more"] = {**partial.options, "color": "red"}
        cases["another name"] = {"Group-By" if name == "group-by" else name: value
                                 for name, value in partial.options.items()}
        self.all_are_refused({what: partial._replace(options=options)
                              for what, options in cases.items()})

    def test_options_that_contradict_the_kind_of_rows(self):
        self.all_are_refused({
            "events by day": events(EVENTS, "day"),
            "events without cycles": events(EVENTS, group_by="user,task"),
            "sums of runs of calls": sums(SUMS, "calls:5"),
            "neither events nor sums": sums(SUMS)._replace(events=2),
            "255": sums(SUMS)._replace(events=255)})

    def test_lists_out_of_order(self):
        one, two = Input(b"a"), Input(b"b")
        empty = sums([])
        self.all_are_refused({
            "tasks": sums(SUMS, tasks=(b"b", b"a")), "equal tasks": sums(SUMS, tasks=(b"a", b"a")),
            "tasks by their length": sums(SUMS, tasks=(b"b", b"aa")),
            "inputs": empty._replace(inputs=[two, one]),
            "inputs of one name": empty._replace(inputs=[one._replace(bytes=2),
                                                         one._replace(bytes=1)])})

    def test_fields_that_are_missing_or_too_many(self):
        partial = sums(SUMS)
        rows = [partial_format.rows_payload(SUMS)]
        header = partial_format.header_payload(partial)
        cases = {f"{length} bytes of the header": partial_format.assemble(
            partial, rows, header=header[:length]) for length in range(0, len(header), 5)}
        for tail in (b"\0", b"\1", header):
            cases[f"{len(tail)} bytes more"] = partial_format.assemble(partial, rows,
                                                                      header=header + tail)
        for count in (0, 6, 8):
            cases[f"{count} reasons"] = with_input(partial, rejected=(0,) * count)
        cases["a flag of 2"] = partial_format.assemble(partial, rows, header=header[:-1] + b"\2")
        cases["a state"] = partial_format.assemble(partial, rows, header=header[:-1] + b"\1")
        self.all_are_refused(cases)


class Mutations(PartialTest):
    """Files of random mistakes, with checksums that are right again."""

    ROUNDS = int(os.environ.get("BILLING_MUTATION_ROUNDS", "150"))

    def setUp(self):
        super().setUp()
        choice = random.Random(9)
        self.write("log", random_log(choice, 12, 0.1))
        self.seeds = []
        for number, policy in enumerate(("calls:5", "day", "hour", "month", "all")):
            self.partial(f"seed{number}", "log", *ASIDE, "--cycle", policy)
            self.seeds.append([(kind, payload) for kind, payload, _ in
                               partial_format.blocks_of(self.read(f"seed{number}"))])

    def mutated(self, choice, payload):
        place = choice.randrange(len(payload))
        byte = choice.choice((payload[place] ^ (1 << choice.randrange(8)), choice.randrange(256),
                              0, 127, 128, 255))
        before, behind = payload[:place], payload[place + 1:]
        return choice.choice((before + bytes([byte]) + behind, before + bytes([byte]) + behind,
                              before + behind, payload[:place] + bytes([byte]) + payload[place:]))

    def with_checksums(self, payloads):
        blocks = [partial_format.block(kind, payload) for kind, payload in payloads[:-1]]
        kind, end = payloads[-1]
        checksums = b"".join(block[-8:] for block in blocks)
        end = end[:-8] + partial_format.xxh3_64(checksums).to_bytes(8, "little")
        return partial_format.whole_file([*blocks, partial_format.block(kind, end)])

    def test_what_breaks_a_promise_is_refused_and_nothing_crashes(self):
        kept = 0
        for number in range(self.ROUNDS):
            choice = random.Random(9000 + number)
            payloads = choice.choice(self.seeds)[:]
            for _ in range(choice.choice((1, 1, 2))):
                place = choice.randrange(len(payloads))
                kind, payload = payloads[place]
                payloads[place] = kind, self.mutated(choice, payload)
            data = self.with_checksums(payloads)
            with self.subTest(number=number):
                self.write("p", data)
                kept += self.agree(data)
        self.assertLess(kept, self.ROUNDS / 2)

    def agree(self, data):
        """Both commands give the same verdict, and accept nothing that the oracle refuses."""
        inspected = self.run_billing("inspect", "p")
        self.assertIn(inspected.code, (DONE, FAILED), inspected.err)
        merged = self.merge("p", *NOBODY)
        self.assertEqual(merged.code, inspected.code, merged.err)
        try:
            partial_format.read(data)
        except (partial_format.Malformed, UnicodeDecodeError) as problem:
            self.assertEqual(inspected.code, FAILED, problem)
        if inspected.code == FAILED:
            inspected.fails(FAILED, "'p'")
            merged.fails(FAILED, "'p'")
        return inspected.code == DONE


class Greedy(PartialTest):
    """Files that say of themselves that they are huge get no memory for it."""

    LIMIT_KIB = 200 << 10
    # Each file by each command, and what code each command ended with.
    LOOK_AT_ALL = """
        for name in p*; do
            "$0" inspect $name; echo $name: $? >&2
            "$0" merge -q $name --unrated zero; echo $name: $? >&2
        done"""

    def all_need_little(self, cases):
        """Both commands fail, with a message, and without having used much memory."""
        for number, data in enumerate(cases.values()):
            self.write(f"p{number}", data)
        self.need_little(cases)

    def need_little(self, names):
        done = subprocess.run([*MEASURED, "sh", "-c", self.LOOK_AT_ALL, PROGRAM], cwd=self.folder,
                              env=clean_environment(), stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=RUN_LIMIT_SECONDS)
        self.assertEqual((done.returncode, done.stdout), (DONE, b""))
        *lines, peak = done.stderr.decode().splitlines()
        for number, what in enumerate(names):
            with self.subTest(what=what):
                self.assertEqual([line for line in lines if line.startswith(f"p{number}: ")],
                                 [f"p{number}: {FAILED}"] * 2, lines)
                told = [line for line in lines if line.startswith(f"billing: error: 'p{number}'")]
                self.assertEqual(len(told), 2, lines)
        self.assertLess(int(peak), self.LIMIT_KIB)

    def test_counts_in_the_header(self):
        made, number = sums(SUMS), partial_format.varint
        rows = [partial_format.rows_payload(SUMS)]
        whole = partial_format.header_payload(made)
        tasks = whole.index(b"\2\1a\1b")
        places = {"options": whole[:1], "tasks": whole[:tasks], "inputs": whole[:tasks + 5],
                  "bytes of a name": whole[:tasks + 6]}
        self.all_need_little({f"{count} {what}": partial_format.assemble(
            made, rows, header=begin + number(count))
            for what, begin in places.items() for count in HUGE})

    def test_counts_in_the_rows(self):
        made, number = sums(SUMS), partial_format.varint
        for count in HUGE:
            name = number(0) + number(count)
            rows = number(0) + partial_format.string(b"u") + number(count) + number(0)
            self.all_need_little({
                f"a name of {count}": partial_format.assemble(made, [name]),
                f"{count} rows": partial_format.assemble(made, [rows]),
                f"{count} calls": partial_format.write(made._replace(
                    rows=[SUMS[0]._replace(extra=count)]), calls=7),
                f"{count} rows at the end": partial_format.write(made, rows=count)})

    def test_sizes_of_blocks(self):
        begin = partial_format.MAGIC + b"\1\0\0\0"
        cases = {}
        for size in (0, 1 << 20, (1 << 20) + 1, 250 << 20, (256 << 20) + 1, 2**31, 2**32 - 1):
            for kind in (1, 2, 3):
                start = size.to_bytes(4, "little") + kind.to_bytes(4, "little")
                cases[f"{size} bytes of kind {kind}"] = begin + start + bytes(100)
                header = partial_format.block(1, partial_format.header_payload(sums(SUMS)))
                cases[f"{size} bytes of kind {kind}, second"] = begin + header + start + bytes(100)
        self.all_need_little(cases)

    def test_a_long_hole_behind_the_header(self):
        header = partial_format.block(1, partial_format.header_payload(sums(SUMS)))
        self.write("p0", partial_format.whole_file([header]))
        os.truncate(self.folder / "p0", 1 << 40)
        self.need_little(["a hole"])


# ---------------------------------------------------------------------------- what goes together


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
        ("--since", ("--since", "2025-05-01"), ("--since", "2025-05-02"), "1746057600000000000",
         "1746144000000000000"),
        ("--since", (), ("--since", "2025-05-02"), "", "1746144000000000000"),
        ("--until", ("--until", "2025-06-01"), ("--until", "2025-06-02T00:00:00.5Z"),
         "1748736000000000000", "1748822400500000000"),
        ("--status", ("--status", "2xx"), ("--status", "200,404"), "200-299", "404"),
        ("--status", ("--status", "404"), (), "404", ""),
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


class Names(PartialTest):
    def setUp(self):
        super().setUp()
        self.log(record())
        self.partial("p", "log")
        self.log(record("v"), name="other")
        self.partial("q", "other")

    def test_the_same_file_twice(self):
        os.link(self.folder / "p", self.folder / "hard")
        os.symlink("p", self.folder / "soft")
        for name in ("p", "./p", "hard", "soft"):
            with self.subTest(name=name):
                self.write("bill", "old")
                self.merge("p", "q", name, "-r", "login=1", "-o", "bill").fails(
                    FAILED, "'p'", f"'{name}'", "same")
                self.assertEqual(self.text("bill"), "old")

    def test_an_output_that_is_an_input(self):
        os.link(self.folder / "p", self.folder / "hard")
        os.symlink("p", self.folder / "soft")
        whole = self.read("p")
        for name in ("p", "./p", "hard", "soft"):
            with self.subTest(name=name):
                self.merge("p", "-r", "login=1", "-o", name).fails(MISUSED, "--output", name)
                self.merge("q", "p", "--partial", name).fails(MISUSED, "--partial", name)
                self.assertEqual(self.read("p"), whole)

    def test_a_partial_that_is_a_log_or_the_rejects(self):
        os.symlink("log", self.folder / "link")
        for name in ("log", "link"):
            self.once("log", "--partial", name).fails(MISUSED, "--partial", name)
        self.once("log", "--partial", "new", "--rejects", "./new").fails(MISUSED, "--rejects")
        self.assertEqual(self.text("log"), record() + "\n")
        self.assertNotIn("new", self.names())

    def test_pipes_are_no_partials(self):
        os.mkfifo(self.folder / "pipe")
        data = self.read("p")
        for arguments in (("inspect", "pipe"), ("merge", "pipe"), ("merge", "p", "pipe")):
            process = self.start(*arguments)
            filler = threading.Thread(target=self.fill, args=(data,), daemon=True)
            filler.start()
            self.finish(process).fails(FAILED, "'pipe'", "pipe")
            filler.join(0.2)
            if filler.is_alive():  # nobody opened the pipe; let the writer go on
                os.close(os.open(self.folder / "pipe", os.O_RDONLY | os.O_NONBLOCK))
                filler.join()
        self.run_billing("merge", "/dev/stdin", stdin=data).fails(FAILED, "'/dev/stdin'")

    def fill(self, data):
        with contextlib.suppress(BrokenPipeError), open(self.folder / "pipe", "wb") as pipe:
            pipe.write(data)

    def test_a_pipe_without_a_writer_is_not_waited_for(self):
        os.mkfifo(self.folder / "pipe")
        for arguments in (("inspect", "pipe"), ("merge", "p", "pipe")):
            process = self.start(*arguments)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                self.fail("the program waits for somebody to write into the pipe")
            self.finish(process).fails(FAILED, "'pipe'")

    def test_folders_and_devices(self):
        (self.folder / "folder").mkdir()
        for name in ("folder", "/dev/null", "."):
            self.run_billing("inspect", name).fails(FAILED, f"'{name}'")
            self.merge("p", name).fails(FAILED, f"'{name}'")

    def test_all_that_cannot_be_read_are_told_at_once(self):
        (self.folder / "folder").mkdir()
        self.write("cut", self.read("p")[:50])
        self.merge("missing", "p", "folder", "no/such", "log", "cut").fails(
            FAILED, "'missing': No such file", "'folder'", "'no/such': No such file",
            "'log': is no partial", "'cut'")
        self.run_billing("inspect", "missing").fails(FAILED, "'missing'", "No such file")

    def test_a_copy_is_billed_with_a_warning(self):
        self.write("copy", self.read("p"))
        self.merge("p", "q", "copy", "-r", "login=1", "--output-format", "csv").warns(
            "'p'", "'copy'", "twice")
        self.merge("p", "copy", "--partial", "both").warns("'p'", "'copy'")
        self.assertEqual(len(self.decoded("both").rows), 2)

    def test_partials_that_only_look_alike_give_no_warning(self):
        self.log(record())
        self.partial("one", "log")
        self.log(record(ms=2))
        self.partial("two", "log")
        self.merge("one", "two", "q", "-r", "login=1").succeeds()

    def test_names_that_write_to_terminals_are_escaped(self):
        name = self.write("a\x1b[31m\n", "x")
        for arguments in (("inspect", name), ("merge", name)):
            told = self.run_billing(*arguments).fails(FAILED, "a\\x1B[31m\\n").err
            self.assertNotIn("\x1b", told)

    def test_positional_and_input_alike(self):
        expected = self.merge("p", "q", "-r", "login=1")
        for arguments in (("-i", "p", "q"), ("-i", "p", "-i", "q"), ("q", "--input", "p")):
            self.assertEqual(self.merge(*arguments, "-r", "login=1"), expected)


class Changing(PartialTest):
    """A merge that waits for the reader of its output has looked at its inputs before."""

    def setUp(self):
        super().setUp()
        for name, ms in (("p", 1), ("other", 2)):
            self.log(*(record(user=f"u{number:03d}", ms=ms) for number in range(500)))
            self.partial(name, "log")
        self.assertEqual(len(self.read("p")), len(self.read("other")))
        os.mkfifo(self.folder / "pipe")

    def merge_around(self, change):
        """The result of a merge during which the partial is changed, and what it had written."""
        process = self.start("merge", "-q", "p", "-r", "login=1", "-o", "pipe")
        self.wait_until_open(process)
        change(self.folder / "p")
        with open(self.folder / "pipe", "rb") as pipe:
            return self.finish(process), pipe.read()

    def wait_until_open(self, process):
        path, folder = str(self.folder / "p"), f"/proc/{process.pid}/fd/"
        for _ in range(1000):
            with contextlib.suppress(FileNotFoundError):
                if path in [os.readlink(folder + name) for name in os.listdir(folder)]:
                    time.sleep(0.05)  # until it waits for the pipe
                    return
            time.sleep(0.005)
        self.fail("the partial was not opened")

    def test_without_a_change_it_is_billed(self):
        result, written = self.merge_around(lambda path: None)
        self.assertEqual((result.code, written.count(b"\n")), (DONE, 500), result.err)

    def test_any_change_is_found(self):
        whole, other = self.read("p"), self.read("other")
        flipped = whole[:-200] + bytes([whole[-200] ^ 1]) + whole[-199:]
        for what, data in (("empty", b""), ("cut", whole[:3000]), ("cut by one", whole[:-1]),
                           ("longer", whole + b"x"), ("another", other), ("a bit", flipped)):
            with self.subTest(what=what):
                self.write("p", whole)
                result, written = self.merge_around(lambda path: path.write_bytes(data))
                result.fails(FAILED, "'p'")
                self.assertEqual(written, b"")

    def test_other_options_are_found_where_all_else_is_the_same(self):
        for name, day in (("p", "01"), ("other", "02")):
            self.partial(name, "log", "--until", f"2026-01-{day}")
        other = self.read("other")
        self.assertEqual(len(other), len(self.read("p")))
        result, written = self.merge_around(lambda path: path.write_bytes(other))
        result.fails(FAILED, "'p'")
        self.assertEqual(written, b"")

    def test_another_file_of_that_name_is_no_change(self):
        result, written = self.merge_around(
            lambda path: os.rename(self.folder / "other", path))
        self.assertEqual((result.code, written.count(b"=1ms")), (DONE, 500), result.err)


class Readers(PartialTest):
    def test_a_reader_that_goes_away_ends_inspect_and_merge_silently(self):
        self.log(record())
        self.partial("p", "log")
        for command in (("inspect", "p"), ("inspect", "p", "--json"), ("merge", "-q", "p", *NOBODY),
                        ("merge", "-q", "p", "--partial", "-")):
            with self.subTest(command=command):
                read_end, write_end = os.pipe()
                os.close(read_end)
                process = self.start(*command, stdout=write_end)
                os.close(write_end)
                result = self.finish(process)
                self.assertIn(result.code, (DONE, 141, -signal.SIGPIPE))
                self.assertNotIn("error", result.err)


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
                               ("--output", "-"), ("--unrated", "reject"), ("--unrated", "fail")):
            with self.subTest(option=option):
                for command, name in (("aggregate", "log"), ("merge", "p")):
                    self.is_misused(command, name, "--partial", "new", option, *value,
                                    phrases=("--partial", option))

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

    def test_cycles_groups_and_filters_are_those_of_the_partials(self):
        for option, value in (("--cycle", "day"), ("--group-by", "user"), ("--timezone", "UTC"),
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


class Inspect(PartialTest):
    def inspected(self, name="p"):
        result = self.run_billing("inspect", "--json", name)
        self.assertEqual((result.code, result.err, result.out.count(b"\n")), (DONE, "", 1))
        return json.loads(result.out)

    def test_the_figures_are_those_that_the_oracle_reads(self):
        for policy in ("calls:5", "month"):
            for seed in range(3):
                choice = random.Random(seed)
                names = [self.write(f"log{part}", random_log(choice, 100, 0.2))
                         for part in range(3)]
                self.partial("p", *names, *ASIDE, "--cycle", policy, "--status", "2xx,404")
                self.compare(self.inspected(), self.decoded("p"))

    def compare(self, told, partial):
        tasks = collections.defaultdict(lambda: [0, 0])
        for row in partial.rows:
            tasks[row.task][0] += 1 if partial.events else row.extra
            tasks[row.task][1] += row.quantity
        self.assertEqual(told["tasks"], [
            {"task": name.decode(), "calls": tasks[place][0], "quantity_ms": tasks[place][1]}
            for place, name in enumerate(partial.tasks)])
        self.assertEqual(told["kind"], "events" if partial.events else "sums")
        self.assertEqual(told["size_bytes"], len(self.read("p")))
        self.assertEqual(told["users"], len({row.user for row in partial.rows}))
        self.assertEqual(told["rows"], len(partial.rows))
        self.assertEqual(told["options"], partial.options)
        self.assertEqual([each["name"] for each in told["inputs"]],
                         [made.name.decode() for made in partial.inputs])
        for each, made in zip(told["inputs"], partial.inputs):
            self.compare_totals(each, [made])
        self.compare_totals(told, partial.inputs)
        first = min(made.earliest for made in partial.inputs if made.accepted)
        last = max(made.latest for made in partial.inputs if made.accepted)
        self.assertEqual([told["earliest"], told["latest"]], [self.time(first), self.time(last)])

    def compare_totals(self, told, inputs):
        for name in ("bytes", "records", "accepted", "filtered", "blank"):
            self.assertEqual(told[name], sum(getattr(made, name) for made in inputs), name)
        self.assertEqual(told["quantity_ms"], sum(made.quantity for made in inputs))
        by_reason = [sum(counts) for counts in zip(*(made.rejected for made in inputs))]
        self.assertEqual(told["rejected_by_reason"], dict(zip(partial_format.REASONS, by_reason)))
        self.assertEqual(told["rejected"], sum(by_reason))

    @staticmethod
    def time(nanoseconds):
        """As the program writes it: a fraction without the zeros at its end."""
        text = reference_bill.format_instant(nanoseconds)
        return text[:-1].rstrip("0") + "Z" if "." in text else text

    def test_the_text(self):
        self.log(record("a", ms=15), record("b", "b", 7, time="2025-06-01T00:00:00.5+02:00"),
                 record(status=404), "", "bad")
        self.partial("p", "log", *ASIDE, "--status", "2xx", "--timezone", "Asia/Kolkata")
        told = self.run_billing("inspect", "p").succeeds().out.decode()
        for line in (r"holds +2 events of 2 users, [0-9]+ bytes; whole",
                     r"group-by +user,cycle,task", r"cycle +calls:5", r"timezone +Asia/Kolkata",
                     r"anchor-day +-", r"since +-", r"until +-", r"status +200-299",
                     r"task +b: 1 calls?, 7 ms", r"task +login: 1 calls?, 15 ms",
                     r"accepted +2 calls, 22 ms", r"rejected +1 +\(field_count 1\)",
                     r"filtered +1", r"blank +1",
                     r"events +2025-05-02T23:16:50Z to 2025-05-31T22:00:00.5Z",
                     r"input +log: 5 records, [0-9]+ bytes"):
            self.assertRegex(told, f"(?m)^{line}$")

    def test_names_of_tasks_are_exact_in_json(self):
        self.log(record(task='a"b\\c'))
        self.partial("p", "log")
        self.assertEqual(self.inspected()["tasks"][0]["task"], 'a"b\\c')

    def test_names_are_escaped_in_text(self):
        name = self.write('o"n\\e\n\x1b[31mä', record(task='a"b\\c'))
        self.partial("p", name)
        told = self.run_billing("inspect", "p").succeeds().out.decode()
        self.assertIn('o"n\\\\e\\n\\x1B[31mä: 1 record', told)
        for arguments in (("inspect", "p"), ("inspect", "p", "--json")):
            self.assertNotIn(b"\x1b", self.run_billing(*arguments).out)

    def test_names_of_inputs_that_are_no_text_stay_json(self):
        self.write_partial(sums(SUMS, name=b"\xff\0\x1b\n\"\\"))
        self.assertEqual(len(self.inspected()["inputs"]), 1)
        self.assertNotIn(b"\x1b", self.run_billing("inspect", "p").succeeds().out)

    def test_without_events_it_tells_no_times(self):
        self.write("log", "")
        self.run_billing("aggregate", "-q", "log", "--partial", "p")
        told = self.inspected()
        self.assertEqual((told["rows"], told["accepted"], told["tasks"]), (0, 0, []))
        self.assertNotIn("1970", self.run_billing("inspect", "p").succeeds().out.decode())


class OldFiles(PartialTest):
    def setUp(self):
        super().setUp()
        self.write("p", "old")

    def stays(self, *arguments, code, phrases=()):
        before = self.names()
        self.run_billing(*arguments, "--partial", "p").fails(code, *phrases)
        self.assertEqual((self.text("p"), self.names()), ("old", before))

    def test_stay_as_they_are_where_records_are_rejected(self):
        self.log(record(), "bad")
        self.stays("aggregate", "log", code=TOO_MANY_REJECTS, phrases=("log:2:4: field_count",))
        self.log(record(), "bad", "bad")
        self.stays("aggregate", "log", "--max-rejects", "1", code=TOO_MANY_REJECTS)

    def test_stay_as_they_are_where_inputs_are_missing(self):
        self.log(record())
        self.stays("aggregate", "log", "missing", code=FAILED, phrases=("missing",))
        self.stays("merge", "missing", code=FAILED, phrases=("missing",))

    def test_are_replaced_whole(self):
        self.log(record())
        self.partial("p", "log")
        self.assertEqual(len(self.decoded("p").rows), 1)
        self.assertEqual(self.names(), ["log", "p"])

    def test_stay_as_they_are_where_the_disk_is_full(self):
        probe = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True)
        if probe.returncode != 0:
            self.skipTest("programs may not be traced here")
        self.log(record())
        self.partial("q", "log")
        before = self.names()
        environment = clean_environment()
        environment["ASAN_OPTIONS"] = environment.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        for command, call in itertools.product((("aggregate", "log"), ("merge", "q")),
                                               ("pwrite64", "fsync", "renameat")):
            with self.subTest(command=command, call=call):
                done = subprocess.run(
                    ["strace", "-f", "-qq", "-o", "/dev/null", "-e",
                     f"inject={call}:error=ENOSPC:when=1", PROGRAM, *command, "--partial", "p"],
                    cwd=self.folder, env=environment, capture_output=True,
                    timeout=RUN_LIMIT_SECONDS)
                self.assertEqual(done.returncode, FAILED, done.stderr)
                self.assertIn(b"No space left", done.stderr)
                self.assertEqual((self.text("p"), self.names()), ("old", before))

    def test_a_new_file_has_the_mode_that_the_umask_leaves(self):
        self.log(record())
        for umask, mode in ((0o022, 0o644), (0o077, 0o600)):
            name = f"new{umask}"
            self.run_billing("aggregate", "-q", "log", "--partial", name, umask=umask).succeeds()
            self.assertEqual(os.stat(self.folder / name).st_mode & 0o777, mode)

    def test_standard_output_gets_the_same_bytes(self):
        self.log(record())
        self.partial("p", "log")
        self.once("log", "--partial", "-").prints_bytes(self.read("p"))
        self.merge("p", "--partial", "-").prints_bytes(self.read("p"))


if __name__ == "__main__":
    unittest.main()
