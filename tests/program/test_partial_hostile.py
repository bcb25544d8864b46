"""Partials whose checksums are right and that make no sense are refused."""

import itertools
import unittest

from partial_fixture import DAY, FIRST, HUGE, LAST, NOBODY, SECOND, SUMS, PartialTest, sums, usage
from program_fixture import DONE, swept_cases

import partial_format
from partial_format import Earlier, Input, Partial, Row, Seen, State

EVENTS = [Row(b"u", FIRST, 0, 200, 5), Row(b"u", FIRST + SECOND // 2, 1, 404, 7),
          Row(b"v", LAST, 0, 599, 0)]


def events(rows, cycle="calls:5", **settings):
    return usage(True, rows, cycle, **settings)


def with_input(partial, **changes):
    return partial._replace(inputs=[partial.inputs[0]._replace(**changes)])


class HostileTest(PartialTest):
    def all_are_refused(self, cases):
        """cases: by what is wrong, a partial or the bytes of a file."""
        for what, case in swept_cases(list(cases.items())):
            with self.subTest(what=what):
                data = partial_format.write(case) if isinstance(case, Partial) else case
                self.write("p", data)
                self.is_refused("p")
                self.assertNotIn("report", self.run_billing("inspect", "p").err)


class Hostile(HostileTest):
    """Files whose checksums are right and that make no sense."""

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
        for status in (1000, 65536 + 200, *HUGE):
            self.all_are_refused({f"status {status}": events([EVENTS[0]._replace(extra=status)])})

    def test_sums_of_no_calls(self):
        self.all_are_refused({"among others": sums([SUMS[0]._replace(extra=0), *SUMS[1:]])})

    def test_durations_that_no_log_has(self):
        for quantity in (10**15, 2**63, 2**64 - 1, 2**120, -1, -10**15, -2**127):
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
    STRANGE_NAMES = (b"", b"a\x1b[31m", b"a\nb", b"a\tb", b"\0", b"\x7f", b"a\xff",
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
        for length in swept_cases(range(1, len(whole))):
            self.all_are_refused({f"{length} bytes": partial_format.assemble(
                partial, [whole[:length]])})
            self.all_are_refused({f"{length} bytes more": partial_format.assemble(
                partial, [whole + whole[:length]])})

    def test_numbers_of_more_than_64_bits(self):
        for calls in (b"\xff" * 9 + b"\2", b"\x80" * 10 + b"\0", b"\xff" * 11 + b"\1", b"\xff" * 200):
            self.row_is_refused(calls + b"\0")

    def test_quantities_of_more_than_128_bits(self):
        for quantity in (b"\xff" * 18 + b"\x04", b"\x80" * 19 + b"\0", b"\xff" * 20 + b"\1",
                         b"\xff" * 200):
            self.row_is_refused(b"\1" + quantity)

    def row_is_refused(self, calls_and_quantity):
        row = Row(b"u", 0, 0, 1, 0)
        payload = partial_format.group(b"u", [row])[:-2] + calls_and_quantity
        self.all_are_refused({repr(calls_and_quantity): partial_format.assemble(
            sums([row], "all"), [payload])})

    def test_blocks_that_are_larger_than_allowed(self):
        number = (256 << 10) // 260 + 1
        names = [b"%05d" % place + b"x" * 250 for place in range(number)]
        payload = partial_format.rows_payload([Row(name, DAY, 0, 1, 1) for name in names])
        self.assertGreater(len(payload), 256 << 10)
        whole = sums(SUMS)
        tasks = [b"".join(partial_format.string(name) for name in names)]
        inputs = [b"".join(partial_format.input_head(Input(name * 4), 0) for name in names)]
        self.all_are_refused({
            "rows": partial_format.assemble(
                sums([Row(name, DAY, 0, 1, 1) for name in names]), [payload]),
            "tasks": partial_format.assemble(whole._replace(rows=[]), [], tasks=tasks),
            "inputs": partial_format.assemble(sums([]), [], inputs=inputs)})

    def test_blocks_of_unknown_kinds(self):
        partial = sums(SUMS)
        front = partial_format.front_blocks(partial)
        rows = partial_format.block(partial_format.ROWS, partial_format.rows_payload(SUMS))
        for kind in (0, 7, 255, 2**31 - 1):
            other = partial_format.block(kind, b"x")
            cases = {}
            for blocks in ([other, *front, rows], [*front, other, rows], [*front, rows, other]):
                cases[f"kind {kind} {len(cases)}"] = partial_format.whole_file(
                    [*blocks, partial_format.end_block(blocks, partial)])
            end = partial_format.end_block([*front, rows], partial)
            cases["behind the end"] = partial_format.whole_file([*front, rows, end, other])
            self.all_are_refused(cases)

    def test_blocks_without_anything_in_them(self):
        partial = sums(SUMS)
        blocks = [*partial_format.front_blocks(partial),
                  partial_format.block(partial_format.ROWS, partial_format.rows_payload(SUMS))]
        cases = {}
        for place in range(len(blocks) + 1):
            for kind in (1, 2, 3, 4, 5, 6, partial_format.SKIPPABLE):
                more = [*blocks[:place], partial_format.block(kind, b""), *blocks[place:]]
                cases[f"kind {kind} at {place}"] = partial_format.whole_file(
                    [*more, partial_format.end_block(more, partial)])
        self.all_are_refused(cases)

    def test_blocks_in_another_order(self):
        partial, nothing = sums(SUMS), sums([])
        header, tasks, _, _ = front = partial_format.front_blocks(partial)
        rows = partial_format.block(partial_format.ROWS, partial_format.rows_payload(SUMS))
        cases = {}
        for order in itertools.permutations([*front, rows]):
            if order != (*front, rows):
                cases[f"order {len(cases)}"] = [*order]
        for place, block in enumerate([*front, rows]):
            cases[f"without block {place}"] = [each for each in (*front, rows) if each is not block]
            for again in range(place, 5):
                cases[f"block {place} also behind block {again}"] = [
                    *[*front, rows][:again + 1], block, *[*front, rows][again + 1:]]
        for blocks in cases.values():  # the checksums in the end of the head are right
            for place, block in enumerate(blocks):
                if block == front[-1]:
                    blocks[place] = partial_format.head_end(blocks[:place])
        cases = {what: partial_format.whole_file(
            [*blocks, partial_format.end_block(blocks, partial)]) for what, blocks in cases.items()}
        end = partial_format.end_block([*front, rows], partial)
        cases["two ends"] = partial_format.whole_file([*front, rows, end, end])
        cases["rows behind the end"] = partial_format.whole_file([*front, end, rows])
        cases["no end"] = partial_format.whole_file([*front, rows])
        cases["only a header"] = partial_format.whole_file([header])
        cases["no inputs, no rows, no end"] = partial_format.whole_file([header, tasks])
        cases["only an end"] = partial_format.whole_file([partial_format.end_block([], nothing)])
        cases["nothing"] = partial_format.whole_file([])
        self.all_are_refused(cases)

    def test_an_end_that_tells_something_else(self):
        partial = sums(SUMS)
        cases = {f"{name} {number}": partial_format.write(partial, **{name: number})
                 for name, truth in (("rows", 4), ("calls", 7), ("quantity", 21))
                 for number in (0, truth - 1, truth + 1, 2**64 - 1)}
        cases["quantity of 2^127 - 1"] = partial_format.write(partial, quantity=2**127 - 1)
        block = partial_format.block
        blocks = [*partial_format.front_blocks(partial),
                  block(partial_format.ROWS, partial_format.rows_payload(SUMS))]
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
                "rejected": with_input(partial, rejected=(1,) + 9 * (0,)),
                "quantity": with_input(partial, quantity=partial.inputs[0].quantity + 1),
                "quantity of 2^126": with_input(partial, quantity=2**126),
                "quantity of -2^127": with_input(partial, quantity=-2**127),
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
            "records by rejects": with_input(partial, rejected=(wrap - 1,) + 8 * (0,) + (1,),
                                             records=1),
            "accepted": partial._replace(inputs=[less, more]),
            "quantity": partial._replace(inputs=[
                made._replace(accepted=0, records=0, quantity=-1),
                made._replace(name=b"more", quantity=made.quantity + 1)]),
            "calls": partial_format.write(with_input(calls, accepted=5, records=5), calls=5)})

    def test_a_sum_above_64_bits_of_inputs_that_have_less(self):
        rows = [Row(b"u", DAY, 0, 20_000, 2**64 - 1)]
        self.all_are_refused({f"{told} ms": with_input(sums(rows), quantity=told)
                              for told in (0, 5, 2**64 - 2, 2**64)})

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
        for value in ("x", "2xx", "-3", "200-1000", "299-200", "200,", "404,200"):
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
            "sums of runs of calls": sums(SUMS, "calls:5")})

    def test_lists_out_of_order(self):
        one, two = Input(b"a"), Input(b"b")
        empty = sums([])
        cases = {
            "tasks": sums(SUMS, tasks=(b"b", b"a")), "equal tasks": sums(SUMS, tasks=(b"a", b"a")),
            "tasks by their length": sums(SUMS, tasks=(b"b", b"aa")),
            "inputs": empty._replace(inputs=[two, one]),
            "inputs of one name": empty._replace(inputs=[one._replace(bytes=2),
                                                         one._replace(bytes=1)])}
        for what in list(cases):
            made = cases[what]
            cases[what + ", in blocks of their own"] = partial_format.assemble(
                made, [partial_format.rows_payload(made.rows)] if made.rows else [],
                tasks=[partial_format.string(task) for task in made.tasks],
                inputs=[partial_format.input_head(each, 0) for each in made.inputs])
        self.all_are_refused(cases)

    def test_fields_that_are_missing_or_too_many(self):
        partial = sums(SUMS)
        rows = [partial_format.rows_payload(SUMS)]
        [made] = partial.inputs
        payloads = {"header": partial_format.header_payload(partial),
                    "tasks": b"".join(partial_format.string(task) for task in partial.tasks),
                    "inputs": partial_format.input_head(made, 0)}
        cases = {}
        for name, payload in payloads.items():
            many = (lambda one: one) if name == "header" else (lambda one: [one])
            for length in range(1, len(payload), 1 if name == "tasks" else 5):
                cases[f"{length} bytes of the {name}"] = partial_format.assemble(
                    partial, rows, **{name: many(payload[:length])})
            for tail in (b"\0", b"\1", payload):
                cases[f"{name}, {tail[:4]} more"] = partial_format.assemble(
                    partial, rows, **{name: many(payload + tail)})
        whole = payloads["inputs"]
        for flag in (b"\1", b"\2"):
            cases[f"a flag of {flag}"] = partial_format.assemble(
                partial, rows, inputs=[whole[:-1] + flag])
        cases["an input in two blocks"] = partial_format.assemble(
            partial, rows, inputs=[whole[:10], whole[10:]])
        cases["a task in two blocks"] = partial_format.assemble(
            partial, rows, tasks=[payloads["tasks"][:3], payloads["tasks"][3:]])
        spelled = partial_format.string
        for what, count, names in (("none", 2, b""), ("one with a count of 0", 1,
                                                      spelled(b"bad_time") + b"\0"),
                                   ("out of order", 2, spelled(b"bad_user") + b"\1"
                                    + spelled(b"bad_time") + b"\1"),
                                   ("twice", 2, (spelled(b"bad_time") + b"\1") * 2)):
            behind_name = len(spelled(made.name)) + 1
            totals = b"".join(map(partial_format.varint, (made.bytes, made.records + count,
                                                          made.accepted, 0, 0)))
            at = whole.index(b"\0\0\0", behind_name) + 2  # filtered, blank, the count of reasons
            cases[f"reasons {what}"] = partial_format.assemble(
                partial, rows, inputs=[whole[:behind_name] + totals + bytes([count]) + names
                                       + whole[at + 1:]])
        self.all_are_refused(cases)

    def test_what_could_be_written_shorter(self):
        partial = sums(SUMS)
        rows = [partial_format.rows_payload(SUMS)]
        [made] = partial.inputs
        header, head = partial_format.header_payload(partial), partial_format.input_head(made, 0)
        self.all_are_refused({
            "the number of options": partial_format.assemble(
                partial, rows, header=header[:1] + b"\x87\0" + header[2:]),
            "the size of a task": partial_format.assemble(
                partial, rows, tasks=[b"\x81\0a\1b"]),
            "the size of an input's name": partial_format.assemble(
                partial, rows, inputs=[b"\x83\0" + head[1:]]),
            "the flag of a state": partial_format.assemble(
                partial, rows, inputs=[head[:-1] + b"\x80\0"])})


SEEN = Seen(100, 2**127 + 5, 90, 3, b"the rest")
EARLIER = (Earlier(7, 1), Earlier(50, 2), Earlier(99, 2**128 - 1))


def state(*seen, **changes):
    """The state of runs that have read as many inputs, all blank."""
    inputs = [Input(b"log%d" % number, each.bytes if each else 0, 3, blank=3, seen=each)
              for number, each in enumerate(seen)]
    return sums([])._replace(inputs=[each._replace(**changes) for each in inputs],
                             state=State(3, bytes(range(192))))


class HostileStates(HostileTest):
    """The same of what stands in states only."""

    def test_without_a_fault_they_are_accepted(self):
        whole = state(SEEN, SEEN._replace(earlier=EARLIER), SEEN._replace(last_line=b""))
        pieces = [piece for made in whole.inputs for piece in partial_format.input_pieces(made)]
        self.assertEqual(len(pieces), 6)
        for size in (1, 100, 10_000):
            data = partial_format.assemble(whole, [], inputs=partial_format.cut(pieces, size))
            self.write("p", data)
            self.assertEqual(partial_format.read(data), whole)
            self.run_billing("inspect", "p").succeeds()

    def test_earlier_contents(self):
        first, second, third = EARLIER
        cases = {what: state(SEEN._replace(earlier=earlier)) for what, earlier in {
            "out of order": (second, first), "twice": (first, first),
            "of one length": (first, Earlier(7, 2)), "of nothing": (Earlier(0, 1), first),
            "of all": (third, Earlier(100, 3)), "of more than all": (Earlier(2**64 - 1, 3),)}.items()}
        whole = state(SEEN._replace(earlier=EARLIER))
        head, *earlier = partial_format.input_pieces(whole.inputs[0])
        cut = head[:-1]
        for count in (0, 1, 2, 4, 200, *HUGE):
            told = cut + partial_format.varint(count)
            cases[f"{count} instead of 3"] = partial_format.assemble(
                whole, [], inputs=[told + b"".join(earlier)])
            cases[f"{count} instead of 3, in blocks of their own"] = partial_format.assemble(
                whole, [], inputs=[told, *earlier])
        cases["cut in the middle"] = partial_format.assemble(
            whole, [], inputs=[head + earlier[0][:9], earlier[0][9:] + b"".join(earlier[1:])])
        cases["in a longer spelling"] = partial_format.assemble(
            whole, [], inputs=[head + b"\x87\0" + earlier[0][1:] + b"".join(earlier[1:])])
        self.all_are_refused(cases)

    def test_inputs_that_cannot_be(self):
        self.all_are_refused({
            "more taken in than there was": state(SEEN._replace(taken_bytes=101)),
            "seen, but of no state": state(SEEN)._replace(state=None),
            "some of a state, some not": state(SEEN, None),
            "some not of a state, some are": state(None, SEEN),
            "twice the same": state(SEEN, SEEN, name=b"log")})


if __name__ == "__main__":
    unittest.main()
