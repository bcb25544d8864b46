"""--dedupe-by: which of the records with one key is billed, and what becomes of the others."""

import csv
import itertools
import json
import unittest

from memory_fixture import WatchedTest
from program_fixture import DONE, MISUSED, TOO_MANY_REJECTS, ProgramTest, record


def call(message="m1", request="r1", quantity=9, **more):
    return json.dumps({"time": "2025-05-02T10:00:00Z", "user": "ann", "task": "chat",
                       "message": {"id": message}, "request_id": request, "quantity": quantity,
                       **more})


class DuplicatesTest(ProgramTest):
    """By both engines."""

    def bill_of(self, *inputs, options=()):
        return self.aggregate(*inputs, "-g", "user,task", "-r", "*=1", "--output-format", "csv",
                              *options)

    def summary(self, *inputs, options=()):
        told = []
        for engine in ("--naive", "--parallel"):
            result = self.run_billing("aggregate", engine, "-q", *inputs, "-r", "*=1", "--summary",
                                      "json", "-o", "bill.csv", *options)
            self.assertEqual(result.code, DONE, result.err)
            summary = json.loads(result.err.splitlines()[-1])
            told.append({key: summary[key] for key in (
                "records", "accepted", "rejected", "filtered", "duplicates", "blank", "directives",
                "inputs", "options")})
        self.assertEqual(told[0], told[1])
        return told[0]


class Situations(DuplicatesTest):
    BY_IDS = ("--format", "json", "--dedupe-by", "message.id,request_id")

    def quantity(self, *inputs, options=()):
        rows = self.bill_of(*inputs, options=options).out.decode().splitlines()[1:]
        self.assertEqual(len(rows), 1, rows)
        return rows[0].split(",")[3]

    def test_repeated_records_are_billed_once(self):
        self.log(*[call()] * 9, name="a.json")
        self.log(*[call()] * 5, name="b.json")
        told = self.summary("a.json", "b.json", options=self.BY_IDS)
        self.assertEqual((told["records"], told["accepted"], told["duplicates"]), (14, 1, 13))
        self.assertEqual([row["duplicates"] for row in told["inputs"]], [8, 5])
        self.assertEqual(told["options"]["dedupe-by"], "message.id,request_id")
        self.assertEqual(self.quantity("a.json", "b.json", options=self.BY_IDS), "9")

    def test_the_smallest_or_the_largest_stays_whatever_the_order(self):
        names = [self.log(call(quantity=quantity), name=f"{i}.json")
                 for i, quantity in enumerate((9, 9, 159))]
        for order in itertools.permutations(names):
            self.assertEqual(self.quantity(*order, options=self.BY_IDS), "9")
            self.assertEqual(
                self.quantity(*order, options=(*self.BY_IDS, "--dedupe-keep", "largest")), "159")

    def test_a_key_of_two_fields(self):
        self.log(call("1", "a"), call("1", "b"), call("1", "a"))
        told = self.summary("log", options=self.BY_IDS)
        self.assertEqual((told["accepted"], told["duplicates"]), (2, 1))

    def test_a_template_that_lacks_a_part_is_no_key(self):
        self.log(call("1", "a"), *(call("1", "a", user=user, source=source)
                                   for user, source in (("ann", "x"), ("bob", None), ("eve", None))))
        options = ("--format", "json", "--dedupe-by", "$source/$request_id")
        told = self.summary("log", options=(*options, "--max-rejects", "3"))
        self.assertEqual((told["accepted"], told["rejected"], told["duplicates"]), (1, 3, 0))
        told = self.summary("log", options=(*options, "--dedupe-missing", "keep"))
        self.assertEqual((told["accepted"], told["rejected"], told["duplicates"]), (4, 0, 0))

    def test_exports_that_repeat_what_was_before(self):
        rows = [f"2025-05-{day:02},ann,{day},{day * 10}" for day in range(1, 16)]
        self.log("day,customer,id,calls", *rows[:10], name="monday.csv")
        self.log("day,customer,id,calls", *sorted(rows, reverse=True), name="tuesday.csv")
        told = self.summary("monday.csv", "tuesday.csv", options=(
            "--time", "day", "--user", "customer", "--quantity", "calls", "--dedupe-by", "id"))
        self.assertEqual((told["accepted"], told["duplicates"], told["directives"]), (15, 10, 2))
        self.assertEqual([row["accepted"] for row in told["inputs"]], [10, 5])

    def test_a_number_and_its_text_are_one(self):
        self.log(call(1), call("1"), call("1.0"))
        self.assertEqual(self.summary("log", options=self.BY_IDS)["duplicates"], 1)

    def test_records_as_they_stand(self):
        self.log(record("ann"), record("ann") + " \r", "\t" + record("ann"), record("bob"), "")
        told = self.summary("log", options=("--dedupe-by", "record"))
        self.assertEqual((told["accepted"], told["duplicates"], told["blank"]), (2, 2, 1))

    def test_rejects_and_filtered_records_stand_in_for_nobody(self):
        self.log(record("ann", ms=1, status=500), record("ann", ms=2, status=200),
                 record("ann", ms=3, status=200), "bad")
        told = self.summary("log", options=("--dedupe-by", "user", "--where", "status < 500",
                                            "--rejects", "bad.csv"))
        self.assertEqual([told[name] for name in ("accepted", "duplicates", "filtered", "rejected")],
                         [1, 1, 1, 1])

    def test_tasks_without_a_rate_are_rejects_first(self):
        self.log(record("ann", "aaa", 7), record("ann", "login"))
        result = self.bill("log", "-g", "user", "--unrated", "reject", "--rejects", "/dev/null",
                           "--dedupe-by", "user")
        self.assertEqual((result.code, result.out), (DONE,
                         b"ann: total_duration=1ms, total_cost=1.00\n"), result.err)


class Missing(DuplicatesTest):
    def setUp(self):
        super().setUp()
        self.log(call(), json.dumps({"time": "2025-05-02", "user": "ann", "quantity": 1}),
                 json.dumps({"time": "2025-05-02", "user": "ann", "quantity": 1,
                             "message": {"id": None}}))

    def test_a_record_without_its_key_is_a_reject(self):
        told = self.bill_of("log", options=("--format", "json", "--dedupe-by", "message.id")).fails(
            TOO_MANY_REJECTS, "2 of 3 records rejected (bad_record 2)", "log:2:1: bad_record",
            "message.id", "--dedupe-missing keep")
        self.assertIn("log:3", told.err)

    def test_or_is_billed_for_itself(self):
        told = self.summary("log", options=(
            "--format", "json", "--dedupe-by", "message.id", "--dedupe-missing", "keep"))
        self.assertEqual((told["accepted"], told["duplicates"]), (3, 0))
        self.write("again", self.read("log"))
        told = self.summary("log", "again", options=(
            "--format", "json", "--dedupe-by", "message.id", "--dedupe-missing", "keep"))
        self.assertEqual((told["accepted"], told["duplicates"]), (5, 1))

    def test_an_object_is_no_value(self):
        self.bill_of("log", options=("--format", "json", "--dedupe-by", "message", "--dedupe-missing",
                                     "keep")).fails(TOO_MANY_REJECTS, "bad_record")


class OtherRecords(DuplicatesTest):
    """Of several events, in arrays, in wrappers."""

    def measured(self, *quantities):
        begin = {"time": "2025-05-02T10:00:00Z", "user": "ann", "task": "chat", "id": 1}
        for i, (inside, outside) in enumerate(quantities):
            self.log(json.dumps({**begin, "in": inside, "out": outside}), name=f"{i}.json")
        return [f"{i}.json" for i in range(len(quantities))]

    MEASURES = ("--format", "json", "--measure", "in=in", "--measure", "out=out",
                "--dedupe-by", "id")

    def test_the_record_that_stays_keeps_all_of_its_events(self):
        names = self.measured((5, 7), (6, 1), (5, 8))
        for order in itertools.permutations(names):
            for more, expected in (((), "ann: total_quantity=12units, total_cost=12.00\n"),
                                   (("--dedupe-keep", "largest"),
                                    "ann: total_quantity=13units, total_cost=13.00\n")):
                result = self.aggregate(*order, "-g", "user", "-r", "*=1", *self.MEASURES, *more)
                self.assertEqual(result.out.decode(), expected)
        result = self.run_billing("aggregate", "-q", *names, "-r", "*=1", "--summary", "json", "-o",
                                  "bill", *self.MEASURES)
        summary = json.loads(result.err.splitlines()[-1])
        self.assertEqual([summary[name] for name in ("records", "accepted", "events", "duplicates")],
                         [3, 1, 2, 2])

    def test_a_record_that_bills_nothing_is_one_as_any_other(self):
        names = self.measured((5, 7), (0, 0), (0, 0))
        told = self.summary(*names, options=self.MEASURES)
        self.assertEqual((told["accepted"], told["duplicates"]), (1, 2))
        self.assertEqual([row["accepted"] for row in told["inputs"]], [0, 1, 0])
        told = self.summary(*names, options=(*self.MEASURES, "--dedupe-keep", "largest"))
        self.assertEqual([row["accepted"] for row in told["inputs"]], [1, 0, 0])

    def test_what_was_rounded_is_told_of_the_one_that_stays(self):
        self.log("time,user,quantity,id", "2025-05-02,ann,1.4,1", "2025-05-02,ann,1.3,1",
                 "2025-05-02,ann,0.7,1")
        result = self.run_billing(
            "aggregate", "-q", "log", "-r", "*=1", "--summary", "json", "-o", "bill", "--dedupe-by",
            "id", "--excess-digits", "round", "--quantity-digits", "0")
        summary = json.loads(result.err.splitlines()[-1])
        self.assertEqual((summary["accepted"], summary["rounded"]), (1, 1), summary)

    def test_calls_without_a_quantity_are_told_with_their_duplicates(self):
        self.log("time,user,quantity,id", "2025-05-02,ann,,1", "2025-05-02,ann,,1",
                 "2025-05-02,ann,7,2")
        result = self.run_billing("aggregate", "log", "-r", "*=1", "-o", "bill", "--dedupe-by", "id",
                                  "--quantity", "quantity,=0")
        self.assertEqual(result.code, DONE, result.err)
        self.assertIn("accepted  2 calls", result.err)
        self.assertIn("filtered + duplicates + blank + directives", result.err)
        self.assertIn("2 of them and of the duplicates have no quantity and are billed as",
                      result.err)

    def test_inputs_of_several_formats(self):
        self.log(call(), call("m2"), name="a.json")
        self.log("time,user,task,message.id,quantity", "2025-05-02T10:00:00Z,ann,chat,m1,9",
                 "2025-05-02T10:00:00Z,ann,chat,m3,9", name="b.csv")
        told = self.summary("a.json", "b.csv", options=("--dedupe-by", "message.id"))
        self.assertEqual([row["duplicates"] for row in told["inputs"]], [0, 1])
        told = self.summary("b.csv", "a.json", options=("--dedupe-by", "message.id"))
        self.assertEqual([row["duplicates"] for row in told["inputs"]], [0, 1])

    def test_records_of_an_array_are_without_what_separates_them(self):
        self.write("log", f"[{call()} ,\n {call()},{call()}\n]\n")
        result = self.aggregate("log", "-r", "*=1", "-o", "bill", "--dedupe-by", "record",
                                "--duplicates", "others.csv")
        self.assertEqual(result.code, DONE)
        size = len(call())
        rows = list(csv.reader(self.text("others.csv").splitlines()[1:]))
        self.assertEqual(rows, [
            ["log", "2", str(size + 5), "duplicate", call()],
            ["log", "2", str(2 * size + 6), "duplicate", call()]])

    def test_a_record_in_a_wrapper_is_the_line_within(self):
        lines = [f"2025-05-02T10:00:0{i}Z {rest}" for i, rest in enumerate((
            f"stdout F {call()}", "stderr F noise", f"stdout P {call()[:20]}",
            f"stdout F {call()[20:]}", f"stdout F {call('m2')}"))]
        self.log(*lines)
        self.aggregate("log", "-r", "*=1", "-o", "bill", "--unwrap", "cri", "--dedupe-by", "record",
                       "--duplicates", "others.csv", "--format", "json")
        rows = list(csv.reader(self.text("others.csv").splitlines()[1:]))
        at = len(lines[0]) + len(lines[1]) + 2
        self.assertEqual(rows, [["log", "3", str(at), "duplicate", call()]])


class Listed(DuplicatesTest):
    def test_the_others_are_listed_in_the_order_of_the_inputs(self):
        first = record("ann", ms=2)
        self.log("", first, record("ann", ms=1), name="a.log")
        self.log(record("bob"), " " + first, record("ann", ms=1), name="b.log")
        for chunk in ("1", "1000000"):
            self.aggregate("a.log", "b.log", "-r", "login=1", "-o", "bill.csv", "--dedupe-by", "user",
                           "--duplicates", "others.csv", "--chunk-bytes", chunk)
            self.assertEqual(self.text("others.csv").splitlines()[1:],
                             [f"a.log,2,1,duplicate,{first}",
                              f"b.log,2,{len(record('bob')) + 1},duplicate, {first}",
                              f"b.log,3,{len(record('bob')) + len(first) + 3},duplicate,"
                              + record("ann", ms=1)])
        self.assertTrue(self.text("others.csv").startswith("file,line,byte_offset,reason,record\n"))

    def test_records_of_many_lines_and_great_length(self):
        row = '2025-05-02,ann,1,"' + "x\n" * 60_000 + '"'
        self.log("time,user,quantity,note", row, row, "2025-05-02,ann,2,")
        self.aggregate("log", "-r", "*=1", "-o", "bill.csv", "--dedupe-by", "record", "--duplicates",
                       "others.csv", "--format", "csv")
        rows = self.text("others.csv").splitlines()
        self.assertEqual(len(rows), 2)
        self.assertTrue(rows[1].startswith("log,60003,"), rows[1][:40])

    def test_the_file_replaces_only_its_like(self):
        self.log(record())
        self.aggregate("log", "-r", "login=1", "-o", "bill.csv", "--dedupe-by", "record",
                       "--duplicates", "log").fails(MISUSED, "--duplicates", "log")
        self.aggregate("log", "-r", "login=1", "-o", "x", "--dedupe-by", "record", "--duplicates",
                       "x").fails(MISUSED, "--duplicates")


class Refused(DuplicatesTest):
    def setUp(self):
        super().setUp()
        self.log(record())

    def refused(self, *arguments, phrases):
        self.run_billing("aggregate", "log", *arguments).fails(MISUSED, *phrases)
        self.assertEqual(self.names(), ["log"])

    def test_options_without_effect(self):
        for option in (("--duplicates", "d.csv"), ("--dedupe-keep", "largest"),
                       ("--dedupe-missing", "keep")):
            self.refused(*option, phrases=[option[0] + ": has no effect without --dedupe-by"])

    def test_keys_that_are_none(self):
        for key, phrase in (("id", "only time, user, task"), ("", "no field"), ("user,", "only time"),
                            ("record,user", "record stands alone")):
            self.refused("--dedupe-by", key, "--format", "text", phrases=["--dedupe-by", phrase])
        self.write("log", "time,user,quantity,id\n2025-05-02,ann,1,7\n")
        for key, phrase in (("=x", "same in all"), ("none", "no field"), ("idd", "'id'"),
                            ("`id", "closed"), ("id,,user", "missing")):
            self.refused("--dedupe-by", key, "--format", "csv", phrases=[phrase])
        self.refused("--dedupe-by", "time", "--time", "none", "--format", "csv",
                     phrases=["there are no times"])


class Checked(ProgramTest):
    def test_how_many_of_the_records_are_duplicates(self):
        self.log(call(), call(), call("m2"), name="a.json")
        self.log(call("m2"), call("m3"), name="b.json")
        told = self.run_billing("check", "a.json", "b.json", "--dedupe-by", "message.id", "--json")
        self.assertEqual([row["duplicates"] for row in json.loads(told.out)["inputs"]], [1, 1])
        told = self.run_billing("check", "a.json", "--dedupe-by", "message.id")
        self.assertIn("all 3: 3 calls, 1 of them duplicates", told.out.decode())
        self.assertIn("--dedupe-by message.id", told.out.decode())


class Memory(WatchedTest):
    def test_one_key_of_all_records_within_the_limit(self):
        """What waits would take more than twice the limit: it goes to files."""
        self.write("log", (record("ann") + "\n") * 1_000_000)
        told = self.keeps_to(64, "aggregate", "log", "-q", "-r", "login=1", "-g", "user",
                             "--dedupe-by", "record", "--duplicates", "/dev/null", "--summary",
                             "json", "-o", "bill.txt")
        self.assertEqual(told.code, DONE, told.err)
        self.assertEqual(self.text("bill.txt"), "ann: total_duration=1ms, total_cost=1.00\n")
        summary = json.loads(told.err.splitlines()[-1])
        self.assertEqual(summary["duplicates"], 999_999)
        self.assertGreater(summary["spilled_bytes"], 0)


if __name__ == "__main__":
    unittest.main()
