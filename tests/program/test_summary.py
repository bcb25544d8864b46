"""What the program tells about a run: control totals, sums of money, rates and their sources."""

import json
import re
import unittest
from fractions import Fraction

from program_fixture import DONE, TOO_MANY_REJECTS, ProgramTest, record

REASONS = ("too_long", "field_count", "bad_record", "bad_time", "bad_user", "bad_task", "bad_status",
           "bad_duration", "bad_quantity", "unrated_task")


class Json(ProgramTest):
    def setUp(self):
        super().setUp()
        self.log(record("a", ms=15), record("a", "b", 7, time="2025-06-01T00:00:00.5+02:00"), "",
                 "bad", record(status=404), record("b", ms=15), "\t", record(status="x"), name="one")
        self.write("two", record("c", "free", 3))

    def summary(self, *arguments, code=DONE):
        """The summary of the quiet run, equal for both engines but for the times."""
        seen = []
        for engine in ("--naive", "--parallel"):
            result = self.run_billing("aggregate", "-q", engine, "one", "two", "--summary", "json",
                                      "--status", "2xx", "--rejects", "bad.csv", *arguments)
            self.assertEqual(result.code, code, result.err)
            [line] = [line for line in result.err.splitlines() if line.startswith("{")]
            told = json.loads(line)
            self.assertGreaterEqual(told["seconds"], 0)
            seen.append({name: value for name, value in told.items() if name not in
                         ("passes", "engine", "threads", "seconds", "records_per_second",
                          "bytes_per_second")})
            self.bill_lines = result.out.decode().splitlines()
        self.assertEqual(seen[0], seen[1])
        return seen[0]

    def test_the_control_totals_balance_for_the_run_and_for_every_input(self):
        told = self.summary("-r", "login=.001", "-r", "b=1")
        for totals in [told, *told["inputs"]]:
            self.assertEqual(totals["records"], totals["accepted"] + totals["rejected"]
                             + totals["filtered"] + totals["blank"])
            self.assertEqual(totals["rejected"], sum(totals["rejected_by_reason"].values()))
        for name in ("records", "accepted", "rejected", "filtered", "blank", "bytes", "quantity_ms"):
            self.assertEqual(told[name], sum(totals[name] for totals in told["inputs"]), name)
        self.assertEqual([told[name] for name in ("records", "accepted", "rejected", "filtered",
                                                  "blank", "quantity_ms")], [9, 4, 2, 1, 2, 40])
        self.assertEqual([totals["name"] for totals in told["inputs"]], ["one", "two"])
        self.assertEqual(told["bytes"], len(self.read("one")) + len(self.read("two")))

    def test_the_amounts_equal_the_sum_of_the_lines(self):
        rates = {"login": Fraction(".001"), "b": Fraction(".1234"), "free": Fraction(0)}
        for scale in ("0", "2", "12"):
            told = self.summary("-r", "login=.001", "-r", "b=.1234", "--scale", scale)
            billed = sum(Fraction(line.split("total_cost=")[1]) for line in self.bill_lines)
            exact = 30 * rates["login"] + 7 * rates["b"]
            self.assertEqual(Fraction(told["billed"]), billed)
            self.assertEqual(Fraction(told["exact"]), exact)
            self.assertEqual(Fraction(told["rounding_difference"]), billed - exact)
            self.assertEqual(told["lines"], len(self.bill_lines))

    def test_the_first_and_the_last_event(self):
        told = self.summary("-r", "login=1")
        self.assertEqual((told["earliest"], told["latest"]),
                         ("2025-05-02T23:16:50Z", "2025-05-31T22:00:00.5Z"))

    def test_each_rate_with_its_source(self):
        self.write(".env", "\n\nRATE_login=1\nRATE_b=1\nRATE_free=1\n")
        self.environment(RATE_b="2.50")
        told = self.summary("-r", "free=3")
        self.assertEqual({rate["task"]: (rate["rate"], rate["source"]) for rate in told["rates"]},
                         {"login": ("1", ".env:3"), "b": ("2.50", "environment"),
                          "free": ("3", "--rate")})
        self.assertEqual(told["unrated"], [])

    def test_the_options_that_made_the_bill(self):
        self.assertEqual(self.summary("-r", "login=1", "--since", "2025-05-01", "--timezone",
                                      "Asia/Tokyo", "-c", "month", "--anchor-day", "3", "--rounding",
                                      "up", "--scale", "4")["options"],
                         {"group-by": "user,cycle,task", "cycle": "month", "timezone": "Asia/Tokyo",
                          "anchor-day": "3", "since": "2025-04-30T15:00:00Z", "status": "200-299",
                          "rounding": "up", "scale": "4"})
        self.assertEqual(self.summary("-r", "login=1", "-g", "task")["options"],
                         {"group-by": "task", "status": "200-299", "rounding": "half-up",
                          "scale": "2"})

    def test_the_rejects_file(self):
        self.assertEqual(self.summary("-r", "login=1")["rejects_file"], "bad.csv")

    def test_rates_that_no_call_used(self):
        self.write(".env", "RATE_Login=2\n")
        told = self.summary("-r", "login=1", "-r", "never=.5")
        self.assertEqual(told["unused_rates"],
                         [{"task": "Login", "rate": "2", "source": ".env:1"},
                          {"task": "never", "rate": ".5", "source": "--rate"}])
        self.assertEqual((told["rate_count"], told["unused_rate_count"]), (1, 2))

    def test_lists_end_after_a_hundred(self):
        names = [f"task{number:04}" for number in range(150)]
        self.log(*(record(task=name) for name in names), record(), name="many")
        told = json.loads(self.run_billing(
            "aggregate", "-q", "many", "-r", "login=1", "--summary", "json",
            *(part for name in names for part in ("-r", f"x{name}=1"))).err.splitlines()[-1])
        self.assertEqual(len(told["unrated"]), 100)
        self.assertEqual((told["unrated_count"], told["unrated_calls"]), (150, 150))
        self.assertEqual((len(told["unused_rates"]), told["unused_rate_count"]), (100, 150))

    def test_unrated_tasks(self):
        told = self.summary("-r", "login=1", "--unrated", "zero")
        self.assertEqual([entry["task"] for entry in told["unrated"]], ["b", "free"])
        self.assertEqual([entry["calls"] for entry in told["unrated"]], [1, 1])

    def test_unrated_tasks_that_are_rejected_are_counted_as_such(self):
        told = self.summary("-r", "login=1", "--unrated", "reject")
        self.assertEqual(told["rejected_by_reason"]["unrated_task"], 2)
        self.assertEqual((told["accepted"], told["quantity_ms"]), (2, 30))
        self.assertEqual(tuple(told["rejected_by_reason"]), REASONS)

    def test_the_output(self):
        self.assertIn("bill", self.summary("-r", "login=1", "-o", "bill")["output"])

    def test_names_are_escaped_so_that_it_stays_json(self):
        self.log(record(task='a"b\\c'), name='o"n\\e\n')
        result = self.run_billing("aggregate", "-q", 'o"n\\e\n', "-r", 'a"b\\c=1', "--summary",
                                  "json")
        told = json.loads(result.err)
        self.assertEqual(told["rates"][0]["task"], 'a"b\\c')


class Text(ProgramTest):
    LOG_FORMAT = "text"

    def told(self, *arguments):
        seen = []
        for engine in ("--naive", "--parallel"):
            result = self.run_billing("aggregate", engine, "log", *arguments)
            self.assertEqual(result.code, DONE, result.err)
            seen.append(re.sub("(?m)^took .*", "", result.err))
        self.assertEqual(seen[0], seen[1])
        return result.err

    def test_it_tells_what_was_read_and_billed(self):
        self.log(record(ms=1234), "", record(status=404), "bad")
        told = self.told("-r", "login=.0005", "--rejects", "bad.csv", "--status", "2xx")
        for phrase in (r"read +4 records, 82 bytes", r"accepted +1 call", r"1,234 ms",
                       r"rejected +1 +\(field_count 1\)", r"filtered +1\b", r"blank +1\b",
                       r"2025-05-02T23:16:50Z", r"0\.62\b", r"0\.617\b", r"0\.003\b",
                       r"login \.0005 \(--rate\)"):
            self.assertRegex(told, phrase)

    def test_it_tells_what_made_the_bill(self):
        self.log(record(), "bad", record(task="b"), record(task="b"))
        told = self.told("-r", "login=1", "-r", "never=.5", "--rejects", "bad.csv", "-c", "day")
        for line in ("options   group-by user,cycle,task; cycle day; timezone UTC; "
                     "rounding half-up; scale 2",
                     "rejected  1  (field_count 1), in bad.csv",
                     "unused    never .5 (--rate)", "unrated   1 task, 2 calls: billed as 0"):
            self.assertIn(line + "\n", told)

    def test_numbers_are_grouped_by_thousands(self):
        self.log(record(ms=1234567))
        self.assertIn("billed    1,234,567.000 on 1 line (exact 1,234,567, rounding 0)",
                      self.told("-r", "login=1", "--scale", "3"))

    def test_one_of_a_thing_has_no_plural(self):
        self.log(record())
        told = self.told("-r", "login=1", "-g", "user", "--threads", "1")
        for phrase in ("read      1 record, 37 bytes", "accepted  1 call, 1 ms", " on 1 line ("):
            self.assertIn(phrase, told)

    def test_a_rate_that_may_be_meant_for_an_unrated_task(self):
        self.log(record(), record(task="b"))
        self.assertIn("unused    logn 1 (--rate; did you mean 'login'?)\n",
                      self.told("-r", "logn=1", "-r", "b=1"))

    def test_lists_end_after_ten(self):
        names = [f"task{number:04}" for number in range(1234)]
        self.log(*(record(task=name) for name in names), record())
        told = self.told("-r", "login=1")
        self.assertIn("'task0009' (1 call) and 1,224 more: billed as 0", told)
        self.assertIn("unrated   1,234 tasks, 1,234 calls: billed as 0\n", told)

    def test_it_tells_the_speed(self):
        self.log(record())
        self.assertRegex(self.told("-r", "login=1"), r"records/s.* GB/s")

    def test_quiet_hides_it_but_no_warning(self):
        self.log(record(), record(task="b"))
        self.assertIn("balanced", self.told("-r", "login=1"))
        quiet = self.told("-r", "login=1", "-q")
        self.assertIn("warning", quiet)
        self.assertEqual(quiet.count("\n"), 1)
        self.assertEqual(quiet, self.told("-r", "login=1", "--quiet"))

    def test_none_where_there_is_no_result(self):
        self.log("bad")
        result = self.run_billing("aggregate", "log", "-r", "login=1")
        result.fails(TOO_MANY_REJECTS)
        self.assertNotIn("balanced", result.err)

    def test_no_progress_line_where_nobody_looks(self):
        self.log(*[record()] * 1000)
        self.assertNotIn("\r", self.told("-r", "login=1"))


if __name__ == "__main__":
    unittest.main()
