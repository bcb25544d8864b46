"""--dedupe-by in usage that is kept: duplicates are found across partials.

The measure is the baseline, in one run over everything.
"""

import json
import random
import unittest

from memory_fixture import WatchedTest
from partial_fixture import ASIDE, NOBODY, PartialTest
from program_fixture import DONE, FAILED, MISUSED, record, swept
from random_calls import COUNTS, RATES, Calls, summary_of

import partial_format
from partial_format import Input, Record


class Partials(PartialTest):
    ROUNDS = swept(24)

    def plain(self, names, options):
        return self.run_billing("aggregate", "-q", "--naive", *names, *options, *RATES, *ASIDE,
                                "--max-rejects", "100%", "--output-format", "csv", "-o", "plain.csv",
                                "--summary", "json")

    def test_any_split_and_any_order_of_merging_is_one_run(self):
        for number in range(self.ROUNDS):
            with self.subTest(number=number):
                self.one_round(random.Random(700 + number))

    def one_round(self, choice):
        calls = Calls(choice, choice.choice(Calls.FORMATS))
        names = [self.write(f"{i}.log", calls.log(choice.randint(0, 60))) for i in range(6)]
        names = [name for name in names if self.read(name)]
        if not names:
            return
        expected = self.plain(names, calls.options)
        self.assertEqual(expected.code, DONE, expected.err)
        left = names[:]
        choice.shuffle(left)
        made = []
        while left:
            count = choice.randint(1, len(left))
            made.append(self.partial(f"p{len(made)}", *left[:count], *calls.options, *ASIDE,
                                     "--max-rejects", "100%",
                                     *choice.choice(((), ("--slice-bytes", "1")))))
            partial_format.read(self.read(made[-1]))
            left = left[count:]
        while len(made) > 1 and choice.random() < 0.6:
            choice.shuffle(made)
            made = [self.merged(f"{made[0]}{made[1]}", *made[:2]), *made[2:]]
            partial_format.read(self.read(made[0]))
        told = self.merge(*made, *RATES, "--output-format", "csv", "-o", "bill.csv", "--summary",
                          "json")
        self.assertEqual(told.code, DONE, told.err)
        self.assertEqual(self.text("bill.csv"), self.text("plain.csv"), calls.options)
        for name in COUNTS:
            self.assertEqual(summary_of(told).get(name), summary_of(expected).get(name), name)

    def test_partials_merge_to_the_partial_of_one_run(self):
        calls = Calls(random.Random(3), "json")
        names = [self.write(f"{i}.log", calls.log(40)) for i in range(4)]
        self.partial("all", *names, *calls.options, *ASIDE, "--max-rejects", "100%")
        for name in names:
            self.partial(f"p{name}", name, *calls.options, *ASIDE, "--max-rejects", "100%")
        self.merged("merged", *(f"p{name}" for name in names))
        self.assertEqual(self.read("merged"), self.read("all"))
        told = json.loads(self.run_billing("inspect", "--json", "all").out)
        self.assertEqual((told["rows"], told["kept_records"]), (0, told["accepted"]))
        self.assertEqual(sum(task["calls"] for task in told["tasks"]), told["accepted"])
        self.assertGreater(told["duplicates"], 0)

    def test_more_partials_than_are_read_at_once(self):
        names = [self.log(record("ann", ms=i % 7), record(f"u{i}"), name=f"{i}.log")
                 for i in range(100)]
        for name in names:
            self.partial(f"p{name}", name, "--dedupe-by", "user")
        found = self.merge(*(f"p{name}" for name in names), "-g", "user", "-r", "login=1")
        self.assertEqual(found.out, self.once(*names, "--dedupe-by", "user", "-g", "user", "-r",
                                              "login=1").out)
        self.assertIn(b"ann: total_duration=0ms, total_cost=0.00\n", found.out)

    def test_duplicates_are_those_of_the_input_that_lost(self):
        self.log(record("ann", ms=2), record("bob"), name="a.log")
        self.log(record("ann", ms=1), record("bob"), name="b.log")
        for name in ("a", "b"):
            self.partial(name, f"{name}.log", "--dedupe-by", "user")
        for order, duplicates in (("ab", [1, 1]), ("ba", [0, 2])):
            told = self.merge(*order, "-r", "login=1", "-o", "bill", "--summary", "json")
            self.assertEqual([one["duplicates"] for one in summary_of(told)["inputs"]], duplicates)
            self.merged("both", *order)
            made = self.decoded("both")
            self.assertEqual(sorted(one.duplicates for one in made.inputs), sorted(duplicates))
            self.assertEqual(len(made.records), 2)

    def test_a_copy_changes_nothing(self):
        self.log(record("ann"), record("bob"))
        self.partial("p", "log", "--dedupe-by", "record")
        self.write("copy", self.read("p"))
        told = self.merge("p", "copy", "-r", "login=1")
        self.assertEqual((told.out, told.err), (self.merge("p", "-r", "login=1").out, ""))

    def test_other_options_are_named(self):
        self.log(record())
        self.partial("p", "log", "--dedupe-by", "user")
        for options, phrase in (((), "--dedupe-by: user in 'p', none in 'q'"),
                                (("--dedupe-by", "task"), "--dedupe-by: user in 'p', task in 'q'"),
                                (("--dedupe-by", "user", "--dedupe-keep", "largest"),
                                 "--dedupe-keep: smallest in 'p', largest in 'q'"),
                                (("--dedupe-by", "user", "--dedupe-missing", "keep"),
                                 "--dedupe-missing: reject in 'p', keep in 'q'")):
            self.partial("q", "log", *options)
            self.is_not_merged("p", "q", phrases=("different options", phrase))

    def test_what_is_listed_with_a_partial(self):
        self.log(record("ann"), record("ann"))
        self.partial("p", "log", "--dedupe-by", "user", "--duplicates", "others.csv")
        self.assertEqual(self.text("others.csv").splitlines()[1:],
                         [f"log,2,{len(record('ann')) + 1},duplicate,{record('ann')}"])


class Hostile(PartialTest):
    """Files that are whole, but whose records are not what they should be."""

    OPTIONS = {"dedupe-by": "id"}

    def made(self, records, name=b"log", **options):
        told = {**dict.fromkeys(partial_format.OPTIONS, ""), "timezone": "UTC",
                "group-by": "user,cycle,task", "cycle": "day", **self.OPTIONS, **options}
        own = Input(name, 60, len(records), len(records), earliest=0, latest=9,
                    quantity=sum(quantity for one in records for _, quantity in one.events))
        events = sum(len(one.events) for one in records)
        if events != len(records):
            own = own._replace(events=events)
        if records:
            own = own._replace(earliest=min(one.time for one in records),
                               latest=max(one.time for one in records))
        return partial_format.Partial(False, told, [b"a"], [own], [], None, tuple(records))

    def record(self, key=1, **more):
        return Record(bytes(7) + bytes([key]) + bytes(8), 0, 7, 200, b"u", ((b"a", 5),))._replace(
            **more)

    def test_what_is_as_it_should_be(self):
        self.write_partial(self.made([
            self.record(0, time=9), self.record(1), self.record(2, events=((b"a", 2), (b"a", 3)))]))
        self.merge("p", "-r", "a=1").prints(
            "u cycle=1970-01-01 task=a: total_duration=15ms, total_cost=15.00")
        bills_nothing = self.made([self.record(events=((b"", 0),))])
        self.write_partial(bills_nothing._replace(
            inputs=[bills_nothing.inputs[0]._replace(events=0)]))
        self.merge("p", "-r", "a=1").prints_bytes(b"")

    def test_records_that_no_log_has(self):
        for more in ({"user": b""}, {"user": b"\n"}, {"user": b"x" * 256}, {"status": 1000},
                     {"events": ()}, {"events": ((b"", 1),)}, {"events": ((b"\xff", 1),)},
                     {"events": ((b"a", 1), (b"", 0))}, {"events": ((b"a", -1),)},
                     {"events": ((b"a", 10**15), (b"a", 0))}, {"input": 1},
                     {"input": 2**40}):
            with self.subTest(**more):
                self.write_partial(self.made([self.record(**more)]))
                self.is_refused("p", "record")
        self.write_partial(self.made([self.record(events=((b"a", 0),) * 65)]))
        self.is_refused("p")

    def test_times_that_the_input_has_not(self):
        made = self.made([self.record()])
        for earliest, latest in ((8, 9), (0, 6)):
            self.write_partial(made._replace(
                inputs=[made.inputs[0]._replace(earliest=earliest, latest=latest)]))
            self.is_refused("p", "a record is invalid")

    def test_keys_out_of_order(self):
        for keys in ((2, 1), (1, 1), (1, 0)):
            self.write_partial(self.made([self.record(key) for key in keys]))
            self.is_refused("p", "not in order")
        self.write_partial(self.made([self.record(0, time=8), self.record(0, time=7)]))
        self.is_refused("p", "not in order")
        self.write_partial(self.made([self.record(0, time=7), self.record(0, time=8),
                                      self.record(0, time=8)]))
        self.assertEqual(self.merge("p", *NOBODY).code, DONE)

    def test_totals_that_records_do_not_add_up_to(self):
        made = self.made([self.record(1), self.record(2)])
        [own] = made.inputs
        for changed in (own._replace(records=3, accepted=3), own._replace(records=1, accepted=1),
                        own._replace(quantity=9), own._replace(latest=8)):
            self.write_partial(made._replace(inputs=[changed]))
            self.is_refused("p", "add up to")

    def test_what_only_usage_with_keys_has(self):
        made = self.made([self.record()])
        for name in ("dedupe-by",):
            options = {key: value for key, value in made.options.items() if key != name}
            self.write_partial(made._replace(options=options))
            self.is_refused("p")
        options = {key: value for key, value in made.options.items() if key != "dedupe-by"}
        self.write_partial(made._replace(options=options, records=(), inputs=[
            Input(b"log", 60, 1, duplicates=1)]))
        self.is_refused("p", "its options do not fit its inputs")
        self.write_partial(made._replace(inputs=[made.inputs[0]._replace(piece=(0, False))]))
        self.is_refused("p", "its options do not fit its inputs")
        for name, value in (("dedupe-by", ""), ("dedupe-keep", "smallest"), ("dedupe-keep", ""),
                            ("dedupe-missing", "reject")):
            self.write_partial(self.made([self.record()], **{name: value}))
            self.is_refused("p", "its options are invalid")

    def test_rows_stand_beside_records(self):
        """Of what has no key any more: they are billed as they are."""
        made = self.made([self.record(1)])
        [own] = made.inputs
        made = made._replace(rows=[partial_format.Row(b"u", 0, 0, 2, 8)],
                             inputs=[own._replace(records=3, accepted=3, quantity=13)])
        self.write_partial(made)
        bill = "u cycle=1970-01-01 task=a: total_duration={0}ms, total_cost={0}.00"
        self.merge("p", "-r", "a=1").prints(bill.format(13))
        other = made._replace(inputs=[own._replace(name=b"other", records=3, accepted=3, quantity=13)])
        self.write_partial(other, "q")
        told = self.merge("p", "q", "-r", "a=1").warns("'p' holds usage whose keys were forgotten")
        self.assertEqual(told.out.decode(), bill.format(21) + "\n")
        self.merge("p", "q", "--partial", "both").warns("'p' holds usage whose keys were forgotten")
        self.merge("both", "-r", "a=1").prints(bill.format(21))
        both = self.decoded("both")
        self.assertEqual((len(both.records), both.rows),
                         (1, [partial_format.Row(b"u", 0, 0, 4, 16)]))
        self.write_partial(made, calls=1)
        self.is_refused("p")


class Memory(WatchedTest):
    def test_many_keys_within_the_limit(self):
        for part in range(3):
            self.write(f"{part}.log", "".join(
                record(f"user{number * (part + 1) % 400_000}") + "\n" for number in range(300_000)))
            told = self.keeps_to(64, "aggregate", f"{part}.log", "-q", "--dedupe-by", "record",
                                 "--partial", f"p{part}")
            self.assertEqual(told.code, DONE, told.err)
            told = self.keeps_to(64, "aggregate", f"{part}.log", "-q", "-r", "login=1", "-g", "task",
                                 "--dedupe-by", "record", "--state", "state", "-o", "state.txt")
            self.assertEqual(told.code, DONE, told.err)
        told = self.keeps_to(64, "merge", "-q", "p0", "p1", "p2", "-r", "login=1", "-g", "task", "-o",
                             "merged.txt")
        self.assertEqual(told.code, DONE, told.err)
        told = self.run_billing("aggregate", "-q", "0.log", "1.log", "2.log", "-r", "login=1", "-g",
                                "task", "--dedupe-by", "record")
        self.assertEqual((self.text("merged.txt"), self.text("state.txt")),
                         (told.out.decode(), told.out.decode()))


if __name__ == "__main__":
    unittest.main()
