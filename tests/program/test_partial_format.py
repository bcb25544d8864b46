"""A partial holds what docs/partial-format.md says, and all that the page allows is read.

The files are read and written by an oracle that knows that page only, and the usage in them is
counted by plain Python.
"""

import collections
import contextlib
import datetime
import itertools
import os
import random
import unittest

from partial_fixture import ASIDE, DAY, NOBODY, PartialTest, policies_and_groupings, sums
from program_fixture import DONE, FAILED, lines_by, record
from random_logs import ZONES, random_log

import partial_format
import reference_bill
from partial_format import Input, Row

EPOCH = datetime.date(1970, 1, 1)


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
        return self.compared(names, *arguments)

    def compared(self, names, *arguments):
        with contextlib.chdir(self.folder):
            options = reference_bill.parse_arguments([*names, *arguments])
            events, _, _ = reference_bill.read_events(options)
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
                partial = self.is_as_the_page_says(names, *lines_by(group_by, policy))
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
        self.partial("p", "log", "--group-by", "task,cycle", "--cycle", "every:60m", "--timezone",
                     "Asia/Kolkata", "--since", "2025-05-01", "--until", "2025-06-01T00:00:00.5Z",
                     "--status", "404,2xx,405,404")
        since, until = ("2025-04-30T18:30:00Z", "2025-06-01T00:00:00.5Z")
        self.assertEqual(self.decoded("p").options, {
            "group-by": "cycle,task", "cycle": "every:60m", "timezone": "Asia/Kolkata",
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
        self.log(record(status=404), "")
        self.run_billing("aggregate", "-q", "log", "--status", "2xx", "--partial", "p").warns(
            "1 filtered away")
        partial = self.compared(["log"], "--status", "2xx")
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

    def test_a_sum_above_64_bits_is_kept_and_refused_when_billed(self):
        largest = record(ms=10**15 - 1)
        for calls in (9224, 18447):  # above 2^63, and above 2^64
            self.log(*[largest] * calls)
            self.partial("p", "log", "--cycle", "all")
            [row] = self.decoded("p").rows
            self.assertEqual(row.quantity, calls * (10**15 - 1))
            refused = self.once("log", "--cycle", "all", "-r", "login=1")
            self.assertEqual(self.merge("p", "-r", "login=1"), refused.fails(FAILED, "2^63"))

    def test_sums_of_partials_above_64_bits(self):
        names = [self.log(*[record(ms=10**15 - 1)] * 9200, name=f"log{part}") for part in range(3)]
        for name in names:
            self.partial(f"{name}.p", name, "--cycle", "all")
        partials = [f"{name}.p" for name in names]
        self.merge(*partials, "-r", "login=1").fails(FAILED, "2^63")
        self.merged("sum", *partials)
        self.assertEqual(self.decoded("sum").rows[0].quantity, 3 * 9200 * (10**15 - 1))
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

    def test_neither_the_order_of_lines_nor_threads_change_a_byte(self):
        choice = random.Random(44)
        lines = [record(f"user{choice.randrange(900)}", f"task{task}", choice.randrange(2000))
                 for task in range(12) for _ in range(4000)]
        for group_by in ("user", "user,cycle,task"):
            made = set()
            for order in (lines, lines[::-1], choice.sample(lines, len(lines))):
                self.log(*order)
                for threads in ("1", "8"):
                    self.partial("p", "log", "--group-by", group_by, "--threads", threads,
                                 "--chunk-bytes", "100000")
                    made.add(self.read("p"))
            self.assertEqual(len(made), 1)


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

    def test_a_block_may_be_as_large_as_256_kib(self):
        names = [b"%05d" % number + b"x" * 245 for number in range(4000)]
        rows = [Row(name, DAY, 0, 1, 1) for name in names]
        one = len(partial_format.rows_payload(rows[:1]))
        rows = rows[:(256 << 10) // one]
        missing = (256 << 10) - one * len(rows)
        rows = [row._replace(user=row.user + b"x" * 5) for row in rows[:missing // 5]] + [
            rows[missing // 5]._replace(user=rows[missing // 5].user + b"x" * (missing % 5))
        ] + rows[missing // 5 + 1:]
        payload = partial_format.rows_payload(rows)
        self.assertEqual(len(payload), 256 << 10)
        self.write("p", partial_format.assemble(sums(rows), [payload]))
        result = self.merge("p", "-r", "a=1", "-r", "b=1")
        self.assertEqual((result.code, result.out.count(b"\n")), (DONE, len(rows)), result.err)


if __name__ == "__main__":
    unittest.main()
