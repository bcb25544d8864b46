"""Records that bill several quantities, and quantities that are rounded."""

import json
import unittest
from decimal import Decimal
from random import Random

from formats_fixture import CHUNKS, FormatsTest, web_line, TIMED

TOKENS = ("log", "--format", "json", "--time", "none", "--measure", "input=prompt - cached",
          "--measure", "cached=cached", "--measure", "output=output")


def entry(user="ann", task="chat", **fields):
    return json.dumps({"user": user, "task": task, **fields})


class Measures(FormatsTest):
    def test_cached_tokens_have_a_price_of_their_own(self):
        self.log(entry(prompt=27147, cached=27146, output=351))
        found = self.meter(*TOKENS, rates=("chat.input=0.0000014", "chat.cached=0.00000026",
                                           "chat.output=0.0000044"))
        self.assertEqual(found.rows, [
            ["ann", "all", "chat.cached", "1", "27146", "0.007057960000"],
            ["ann", "all", "chat.input", "1", "1", "0.000001400000"],
            ["ann", "all", "chat.output", "1", "351", "0.001544400000"]])
        self.assertEqual(Decimal(found.summary["billed"]), Decimal("0.00860376"))
        self.assertEqual((found.count("accepted"), found.count("events")), (1, 3))

    def test_what_is_0_or_missing_makes_no_event(self):
        self.log(entry(prompt=5, cached=5, output=2),  # no input
                 entry(prompt=0, cached=0, output=0),  # accepted, bills nothing
                 entry(output="7"),
                 entry(prompt=1), entry(other=1),  # has none: the cached ones lack
                 entry(prompt=3, cached=5, output=1),  # a difference below 0
                 entry(output=True))
        found = self.meter(*TOKENS)
        self.assertEqual(found.sums(2), {"chat.cached": 5, "chat.output": 9})
        self.assertEqual((found.counts, found.count("events")), ((3, 4, 0, 0), 3))
        self.assertEqual([reject[:1] + reject[2:3] for reject in found.rejects],
                         [(line, "bad_quantity") for line in (4, 5, 6, 7)])

    def test_a_reject_shows_the_first_measure_that_is_wrong(self):
        self.log(entry(prompt=1, cached=0, output="x"))
        self.rejects_one("bad_quantity", 69, *TOKENS)
        self.log(entry(prompt=1, cached=None, output=None))
        self.rejects_one("bad_quantity", 56, *TOKENS)

    def test_calls_beside_the_rest(self):
        self.log(entry(n=2.5), entry(user="bob"))
        found = self.meter("log", "--format", "json", "--time", "none", "--measure", "calls=1",
                           "--measure", "n=n")
        self.assertEqual(found.sums(0, 2), {
            ("ann", "chat.calls"): 1, ("ann", "chat.n"): Decimal("2.5"), ("bob", "chat.calls"): 1})
        self.assertEqual(found.summary["formats"][0]["unit"], "units")
        self.assertEqual(found.summary["formats"][0]["measures"],
                         [{"name": "calls", "quantity": "1"}, {"name": "n", "quantity": "n"}])

    def test_filters_look_at_events_and_count_records(self):
        self.log(entry(prompt=9, cached=4, output=2), entry(prompt=1, cached=0, output=0),
                 entry(prompt=0, cached=0, output=0))
        for where, sums, filtered in (
                ("task != chat.output", {"chat.input": 6, "chat.cached": 4}, 0),
                ("task = chat.cached", {"chat.cached": 4}, 2),
                ("quantity > 1", {"chat.input": 5, "chat.cached": 4, "chat.output": 2}, 2),
                ("quantity = 0", {}, 2), ("task is missing", {}, 2),
                ("prompt < 9", {"chat.input": 1}, 1)):
            with self.subTest(where=where):
                found = self.meter(*TOKENS, "--where", where)
                self.assertEqual((found.sums(2), found.count("filtered"), found.count("accepted")),
                                 (sums, filtered, 3 - filtered))
                self.assertEqual([one["records"] for one in found.summary["filters"]], [filtered])

    def test_a_record_is_dropped_by_the_filter_that_leaves_none_of_its_events(self):
        self.log(entry(prompt=9, cached=4, output=2))
        found = self.meter(*TOKENS, "--where", "task != chat.input", "--where", "quantity > 2",
                           "--where", "user = ann", "--where", "quantity > 4")
        self.assertEqual([one["records"] for one in found.summary["filters"]], [0, 0, 0, 1])

    def test_a_record_with_a_task_without_a_rate_is_rejected_whole(self):
        self.log(entry(prompt=9, cached=4, output=2), entry(output=2),
                 entry(prompt=0, cached=0, output=0))
        found = self.meter(*TOKENS, "--unrated", "reject", rates=("chat.output=1",))
        self.assertEqual(found.sums(2), {"chat.output": 2})
        self.assertEqual((found.counts, [reject[2] for reject in found.rejects]),
                         ((2, 1, 0, 0), ["unrated_task"]))

    def test_statuses_filter_whole_records(self):
        self.log(entry(code=200, a=1, b=2), entry(code=500, a=4, b=8))
        found = self.meter("log", "--format", "json", "--time", "none", "--status-from", "code",
                           "--measure", "a=a", "--measure", "b=b", "--status", "2xx")
        self.assertEqual((found.sums(2), found.count("filtered")),
                         ({"chat.a": 1, "chat.b": 2}, 1))

    def test_a_task_that_gets_too_long_is_shortened(self):
        self.log(entry(task="t" * 251, a=1, b=2), entry(task="t" * 253, a=1), entry(task="t" * 256))
        found = self.meter("log", "--format", "json", "--time", "none", "--measure", "a=a",
                           "--measure", "more=b")
        tasks = sorted(found.sums(2))
        self.assertEqual([len(task) for task in tasks], [253, 255, 251])
        self.assertTrue(tasks[1].endswith("t.a"))
        self.assertRegex(tasks[2], r"^t{234}~[0-9a-f]{16}$")
        self.assertEqual(found.rejects[0][2], "bad_task")

    def test_it_does_not_matter_how_the_input_is_cut(self):
        self.log(*[entry(user=f"u{i % 7}", prompt=i % 5, cached=i % 2, output=i % 3)
                   for i in range(300)])
        whole = self.meter(*TOKENS)
        for chunk in CHUNKS:
            with self.subTest(chunk=chunk):
                self.assertEqual(self.meter(*TOKENS, "--chunk-bytes", chunk).rows, whole.rows)

    def test_partials_keep_the_events(self):
        self.log(entry(prompt=9, cached=4, output=2), entry(prompt=0, cached=0, output=0), name="a")
        self.log(entry(quantity=5), name="b")
        whole = self.meter(*("a" if part == "log" else part for part in TOKENS))
        for arguments in (("a", *TOKENS[1:], "--partial", "a.partial"),
                          ("b", "--format", "json", "--time", "none", "--cycle", "all",
                           "--partial", "b.partial")):
            result = self.run_billing("aggregate", "-q", *arguments)
            self.assertEqual(result.code, 0, result.err)
        merged = self.run_billing("merge", "a.partial", "b.partial", "-q", "--summary", "json",
                                  "--rate", "*=1", "--output-format", "csv")
        summary = json.loads(merged.err.splitlines()[-1])
        self.assertEqual((summary["accepted"], summary["events"], summary["quantity"]),
                         (3, whole.count("events") + 1, "16"))
        held = json.loads(self.run_billing("inspect", "--json", "a.partial").out)
        self.assertEqual((held["accepted"], held["events"]), (2, 3))
        self.assertNotIn(b'"events":', self.run_billing("inspect", "--json", "b.partial").out)

    def test_check_shows_records_and_events_and_proposes_the_command(self):
        self.log(entry(prompt=9, cached=4, output=2), entry(prompt=0, cached=0, output=0))
        arguments = ("log", "--time", "none", "--measure", "input=prompt - cached", "--measure",
                     "out=output")
        checked = json.loads(self.run_billing("check", "--json", *arguments).out)
        [one] = checked["inputs"]
        self.assertEqual((one["accepted"], one["events"], one["tasks"]), (2, 2, 2))
        self.assertEqual([event["task"] for event in one["first_events"]],
                         ["chat.input", "chat.out"])
        [proposal] = checked["proposals"]
        self.assertIn(" --measure 'input=prompt - cached' --measure 'out=output'",
                      proposal["command"])
        shown = self.run_billing("check", *arguments).out.decode()
        self.assertIn("2 records that make 2 events", shown)
        self.assertIn("input=prompt - cached; out=output", shown)

    def test_the_summary_tells_records_and_events(self):
        self.log(entry(prompt=9, cached=4, output=2), entry(prompt=1, cached=0, output=0))
        result = self.run_billing("aggregate", *TOKENS, "--rate", "*=1")
        self.assertIn("accepted  2 records, 4 events, 12 units\n", result.err)
        self.assertIn("measures input=prompt - cached; cached=cached; output=output; a rate is per "
                      "unit of the quantity", result.err)
        self.assertIn("events = sum of the lines", result.err)


class LostMeasures(FormatsTest):
    """What a measure that is missing leaves out of the bill is told."""

    LOG = (entry(prompt=9, cached=4, output=2), entry(prompt=7, output=0), entry(prompt=5, cached=5))

    def test_the_summary_tells_how_many_records_have_each(self):
        self.log(*self.LOG, "", "bad")
        found = self.meter(*TOKENS)
        self.assertEqual(found.summary["measured_records"], 3)
        self.assertEqual(found.summary["measures"], [
            {"name": "input", "records": 2}, {"name": "cached", "records": 2},
            {"name": "output", "records": 2}])
        self.assertEqual(found.sums(2), {"chat.input": 5, "chat.cached": 9, "chat.output": 2})

    def test_what_filters_drop_is_not_counted(self):
        self.log(*self.LOG)
        found = self.meter(*TOKENS, "--where", "prompt != 7")
        self.assertEqual((found.summary["measured_records"],
                          [one["records"] for one in found.summary["measures"]]), (2, [2, 2, 1]))
        found = self.meter(*TOKENS, "--where", "task = 'chat.output'")
        self.assertEqual((found.summary["measured_records"],
                          [one["records"] for one in found.summary["measures"]]), (1, [1, 1, 1]))

    def test_chunks_add_up(self):
        self.log(*self.LOG * 40)
        for size in CHUNKS:
            result = self.run_billing("aggregate", "--parallel", "-q", "--summary", "json",
                                      "--chunk-bytes", size, "--rate", "*=1", *TOKENS)
            summary = json.loads(result.err.splitlines()[-1])
            self.assertEqual([one["records"] for one in summary["measures"]], [80, 80, 80])

    def test_lines_of_the_summary(self):
        self.log(*self.LOG)
        result = self.run_billing("aggregate", *TOKENS, "--rate", "*=1")
        self.assertIn("measure   input in 2 of 3 records\n", result.err)
        self.log(self.LOG[0])
        result = self.run_billing("aggregate", *TOKENS, "--rate", "*=1")
        self.assertNotIn("measure   ", result.err)

    def test_a_measure_that_no_record_has_is_warned_of(self):
        self.log(*self.LOG)
        typo = ("--format", "json", "--time", "none", "--measure", "in=prompt", "--measure",
                "out=usage.ouput")
        self.aggregate("log", *typo, "--rate", "*=1").warns(
            "no record has the --measure out (usage.ouput)")
        told = self.run_billing("check", "log", *typo).out.decode()
        self.assertIn("no record has the --measure out (usage.ouput)", told)
        self.assertNotIn("measure in ", told)

    def test_check_tells_how_many_records_have_each(self):
        self.log(*self.LOG)
        told = self.run_billing("check", *TOKENS).out.decode()
        self.assertIn("warning: the --measure input in 2 of 3 records; nothing is billed for it of "
                      "the others", told)
        report = json.loads(self.run_billing("check", "--json", *TOKENS).out)
        self.assertEqual(report["inputs"][0]["with_measure"], [2, 2, 2])


class MistakesWithMeasures(FormatsTest):
    def refused(self, message, *options):
        self.log(entry(a=1, s=1))
        result = self.run_billing("aggregate", "log", "--format", "json", "--time", "none",
                                  "--rate", "*=1", *options)
        self.assertEqual((result.code, result.out), (2, b""), result.err)
        self.assertIn(message, result.err)

    def test_each_is_told(self):
        a = ("--measure", "a=a")
        self.refused("--cycle calls:3: with --measure", *a, "--cycle", "calls:3")
        self.refused("--measure and --quantity exclude each other", *a, "--quantity", "a")
        self.refused("'a' is there twice", *a, *a)
        self.refused("NAME=FIELD", "--measure", "a")
        self.refused("NAME=FIELD", "--measure", "=a")
        self.refused("NAME=FIELD", "--measure", "a=")
        self.refused("' a' is no name", "--measure", " a=a")
        self.refused("at most 64", *[part for i in range(65) for part in ("--measure", f"m{i}=1")])
        self.refused("'a' is in B, 'c' in ms", "--measure", "a=a:kB", "--measure", "c=s:s")
        self.refused("cannot be converted", "--measure", "a=a:kB", "--measure", "c=s:s", "--unit",
                     "MB")
        self.refused("--measure: 'none'", "--measure", "a=none")

    def test_a_column_that_is_not_there(self):
        self.log("time,user,a", "2025-05-02T23:16:50Z,ann,1")
        result = self.run_billing("aggregate", "log", "--format", "csv", "--measure", "x=b",
                                  "--rate", "*=1")
        self.assertEqual(result.code, 2, result.err)
        self.assertIn("b", result.err)

    def test_the_format_text_has_its_quantity_built_in(self):
        self.log("2025-05-02T23:16:50Z ann login 200 260ms")
        result = self.run_billing("aggregate", "log", "--format", "text", "--measure", "a=1")
        self.assertEqual(result.code, 2, result.err)


class Rounding(FormatsTest):
    ROWS = ("user,task,quantity", "a,x,0.0000005", "a,x,1.0000015", "b,x,2.00000049", "b,y,3",
            "c,x,-0.00000001234567890123456789")
    ARGUMENTS = ("log", "--format", "csv", "--time", "none", "--cycle", "all", "--negative",
                 "allow", "--excess-digits", "round")

    def test_the_summary_tells_how_many_and_by_how_much(self):
        self.log(*self.ROWS)
        found = self.meter(*self.ARGUMENTS)
        self.assertEqual(found.sums(0), {"a": Decimal("1.000002"), "b": 5, "c": 0})
        self.assertEqual((found.summary["rounded"], Decimal(found.summary["rounded_by"])),
                         (4, Decimal("-0.00000047765432109877")))
        shown = self.run_billing("aggregate", *self.ARGUMENTS, "--rate", "*=1").err
        self.assertIn("rounded   4 quantities, by -0.00000047765432109877 units in all\n", shown)

    def test_only_what_is_billed_counts(self):
        self.log(*self.ROWS)
        found = self.meter(*self.ARGUMENTS, "--where", "user = a")
        self.assertEqual((found.summary["rounded"], found.summary["rounded_by"]), (2, "0"))
        found = self.meter(*self.ARGUMENTS, "--unrated", "reject", rates=("y=1",))
        self.assertEqual((found.summary["rounded"], found.summary["rounded_by"]), (0, "0"))

    def test_the_order_does_not_matter(self):
        self.log(self.ROWS[0], *reversed(self.ROWS[1:]))
        found = self.meter(*self.ARGUMENTS, "--chunk-bytes", "1")
        self.assertEqual(found.summary["rounded_by"], "-0.00000047765432109877")

    def test_without_it_the_message_names_it(self):
        self.log(*self.ROWS[:2])
        result = self.run_billing("aggregate", *self.ARGUMENTS[:-2], "--rate", "*=1")
        self.assertEqual(result.code, 3)
        self.assertIn("bad_quantity: wants a number in quantity that is any units with at most 6 "
                      "digits behind the point (--quantity-digits; --excess-digits round for more)",
                      result.err)
        self.assertNotIn("rounded", self.meter(*self.ARGUMENTS[:-2]).summary)


class LongSums(FormatsTest):
    """Parts of up to 37 digits are added up exactly; longer ones are rejects."""

    ARGUMENTS = ("log", "--format", "csv", "--time", "none", "--cycle", "all", "--negative",
                 "allow", "--excess-digits", "round")

    def test_where_the_digits_end(self):
        self.log("user,task,a,b", "u,x,1,1e-36", "u,x,1,1e-37", "u,x,1" + "0" * 40 + ",-1" + "0" * 40,
                 f"u,x,0.{'0' * 60},2", f"u,x,0.{'1' * 38},1")
        found = self.meter(*self.ARGUMENTS, "--quantity", "a + b")
        self.assertEqual([line for line, *_ in found.rejects], [3, 6])
        self.assertEqual(found.quantity, 3)

    def test_engines_agree_on_all_lengths(self):
        random = Random(1)

        def number():
            digits = "".join(random.choice("0000123456789") for _ in range(random.randint(1, 41)))
            return (random.choice(("", "-")) + digits[:random.randint(1, 16)] + "." + digits +
                    random.choice(("", "", f"e{random.randint(-30, 20)}")))

        self.log("user,task,a,b", *(f"u,x,{number()},{number()}" for _ in range(3000)),
                 *(f"u,x,{number}.{'5' * tail},-{number}.{'5' * tail}"
                   for number in range(1, 40) for tail in range(30, 40)))
        for unit, quantity in (("units", "a + b"), ("units", "a - b"), ("h", "a:s + b:min"),
                               ("GiB", "a:kB - b:KiB")):
            with self.subTest(unit=unit, quantity=quantity):
                found = self.meter(*self.ARGUMENTS, "--quantity", quantity, "--unit", unit)
                self.assertGreater(found.count("accepted"), 100)
                self.assertGreater(found.count("rejected"), 100)


class DatesAndHours(FormatsTest):
    def test_are_those_of_the_time_zone_of_cycles(self):
        self.log(web_line(time="29/Jul/2023:10:26:06 -0700"),
                 web_line(time="30/Jul/2023:08:00:00 +0000"))
        found = self.meter("log", "--log-format", TIMED, "--timezone", "Asia/Tokyo", "--cycle",
                           "all", "--task", "$date $hour $path", "--where",
                           "hour != 17 and date >= 2023-07-30")
        self.assertEqual(found.sums(2), {"2023-07-30 02 /a": 10})
        self.assertEqual(found.count("filtered"), 1)

    def test_a_time_is_not_made_of_itself(self):
        self.log(web_line())
        result = self.run_billing("aggregate", "log", "--log-format", TIMED, "--time", "$date",
                                  "--rate", "*=1")
        self.assertEqual(result.code, 2)
        self.assertIn("made of the time itself", result.err)

    def test_without_times_they_are_missing(self):
        self.log(web_line())
        found = self.meter("log", "--log-format", TIMED, "--time", "none", "--task", "hour,=no")
        self.assertEqual(found.sums(2), {"no": 10})


if __name__ == "__main__":
    unittest.main()
