"""--where: which records are billed, what is said of it, and that usage of different filters stays
apart."""

import json
import unittest

from partial_fixture import PartialTest
from program_fixture import FAILED, MISUSED, TOO_MANY_REJECTS, ProgramTest, record

COMBINED = ('{} - {} [02/May/2025:23:16:50 +0000] "{} HTTP/1.1" {} 10 "-" "{}"').format


def summary_of(result):
    [line] = [line for line in result.err.splitlines() if line.startswith("{")]
    return json.loads(line)


class WhereTest(ProgramTest):
    def kept(self, *arguments):
        """The users on the bill with their calls."""
        result = self.aggregate("log", "--unrated", "zero", "--group-by", "user",
                                "--output-format", "csv", *arguments)
        self.assertEqual(result.code, 0, result.err)
        rows = [line.split(",") for line in result.out.decode().splitlines()[1:]]
        return {row[0]: int(row[1]) for row in rows}

    def filters(self, *arguments):
        """The records that each filter dropped, and all that were filtered."""
        seen = []
        for engine in ("--naive", "--parallel"):
            result = self.run_billing("aggregate", "log", engine, "-q", "--unrated", "zero",
                                      "--rejects", "bad.csv", "--summary", "json", *arguments)
            self.assertEqual(result.code, 0, result.err)
            told = summary_of(result)
            seen.append(([(row["where"], row["records"]) for row in told["filters"]],
                         told["filtered"]))
        self.assertEqual(seen[0], seen[1])
        return seen[0]

    def is_misused(self, expression, *phrases, options=()):
        self.aggregate("log", "--unrated", "zero", "--where", expression, *options).fails(
            MISUSED, *phrases)


class Text(WhereTest):
    def setUp(self):
        super().setUp()
        self.log(record("ann", "login", 15), record("ann", "pay", 200, status=404),
                 record("bob", "pay", 30, time="2025-05-03T00:00:00Z"),
                 record("cy", "login", 9, status=500))

    def test_the_fields_of_the_event(self):
        self.assertEqual(self.kept("--where", "user = ann"), {"ann": 2})
        self.assertEqual(self.kept("--where", "task != login and status < 300"), {"bob": 1})
        self.assertEqual(self.kept("--where", "duration_ms in (9, 100..200)"), {"ann": 1, "cy": 1})
        self.assertEqual(self.kept("--where", "quantity > 9 and not quantity > 30"),
                         {"ann": 1, "bob": 1})
        self.assertEqual(self.kept("--where", "time >= 2025-05-03"), {"bob": 1})
        self.assertEqual(self.kept("--where", "time >= 2025-05-03", "--timezone", "Europe/Berlin"),
                         {"ann": 2, "bob": 1, "cy": 1})
        self.assertEqual(self.kept("--where", "status is missing or user ~ '^[bc]'"),
                         {"bob": 1, "cy": 1})

    def test_several_filters_are_joined_and_the_first_that_drops_counts(self):
        self.assertEqual(self.kept("--where", "status < 500", "--where", "task = pay"),
                         {"ann": 1, "bob": 1})
        self.assertEqual(self.filters("--where", "status < 500", "--where", "user = ann"),
                         ([("status < 500", 1), ("user = ann", 1)], 2))
        self.assertEqual(self.filters("--where", "user = ann", "--where", "status < 500"),
                         ([("user = ann", 2), ("status < 500", 0)], 2))
        self.assertEqual(self.filters(), ([], 0))

    def test_other_filters_count_beside_it(self):
        self.assertEqual(self.filters("--where", "user != cy", "--until", "2025-05-03"),
                         ([("user != cy", 1)], 2))

    def test_the_summary_has_a_line_for_each(self):
        result = self.run_billing("aggregate", "log", "--unrated", "zero", "--where", "user = ann",
                                  "--where", "status=404")
        self.assertIn("filtered  3\n          2 by user = ann\n          1 by status=404\n",
                      result.err)
        self.assertIn("where (user = ann) and (status=404)", result.err)

    def test_a_filter_that_leaves_nothing_is_warned_of(self):
        self.aggregate("log", "--unrated", "zero", "--where", "user = nobody").warns(
            "no event passes --where: 4 filtered away")

    def test_a_bad_record_stays_one(self):
        self.log(record("ann"), "bad")
        self.aggregate("log", "--unrated", "zero", "--where", "user = bob").fails(TOO_MANY_REJECTS)

    def test_what_is_wrong_is_shown_with_a_caret(self):
        self.is_misused("user = 'ann", "--where: this quote is not closed\n  user = 'ann\n"
                                       "         ^\n")
        self.is_misused("status = 2xx", "a status is a number", "\n  status = 2xx\n           ^\n")
        self.is_misused("time > noon", "is no date or time", "\n  time > noon\n         ^\n")
        self.is_misused("user ~ '('", "this is no pattern", "\n  user ~ '('\n         ^\n")
        self.is_misused("region = eu", "--where: records of the format text have no field 'region'",
                        "duration_ms", "\n  region = eu\n  ^\n")
        self.is_misused("user = \x1b[1m )", r"user = \x1B[1m )" + "\n" + " " * 17 + "^")
        self.is_misused("", "the expression is empty")

    def test_mistakes_are_seen_where_nothing_is_read(self):
        self.log()
        self.is_misused("user = ", "here a value should stand")
        self.is_misused("user ~ '" + "x" * 40_000 + "'", "more than 32 KiB")

    def test_an_unknown_field_where_every_input_is_text(self):
        self.is_misused("region = eu", "no field 'region'", options=("--format", "text"))


class OtherFormats(WhereTest):
    def test_records_of_another_kind_need_not_be_rejects(self):
        lines = ['{"level":"info","msg":"started"}',
                 '{"time":"2025-05-02","user":"ann","quantity":1,"kind":"call"}',
                 '{"time":"2025-05-02","user":"bob","quantity":2,"kind":"call"}',
                 '{"time":"never","user":"bob","quantity":2,"kind":"probe"}']
        self.log(*lines)
        json_lines = ("--format", "json")
        self.aggregate("log", "--unrated", "zero", *json_lines).fails(TOO_MANY_REJECTS)
        self.assertEqual(self.kept("--where", "kind = call", *json_lines), {"ann": 1, "bob": 1})
        # What names the event is asked once there is one.
        self.aggregate("log", "--unrated", "zero", *json_lines, "--where",
                       "kind = call and user != bob").fails(TOO_MANY_REJECTS)
        self.assertEqual(
            self.filters(*json_lines, "--where", "user = ann", "--where", "kind = call"),
            ([("user = ann", 1), ("kind = call", 2)], 3))

    def test_numbers_of_json_are_decimals_of_any_length(self):
        self.log(*(f'{{"time":0,"user":"{user}","quantity":1,"size":{size}}}' for user, size in
                   (("a", "1e3"), ("b", '"1000.0"'), ("c", "1000.00000000000000000000000001"),
                    ("d", "null"), ("e", "[1000]"))))
        options = ("--format", "json", "--time", "none")
        self.assertEqual(self.kept("--where", "size = 1000", *options), {"a": 1, "b": 1})
        self.assertEqual(self.kept("--where", "size > 1000", *options), {"c": 1})
        self.assertEqual(self.kept("--where", "size = '1e3'", *options), {"a": 1})
        self.assertEqual(self.kept("--where", "size is missing", *options), {"d": 1})
        self.assertEqual(self.kept("--where", "not size in (0..2000)", *options), {"d": 1, "e": 1})

    def test_a_field_in_backquotes_is_the_records_own(self):
        self.log('{"time":"2025-05-02","user":"ann","status":"x","quantity":1}',
                 '{"time":"2025-05-02","user":"bob","status":200,"quantity":1}')
        self.assertEqual(self.kept("--format", "json", "--where", "`status` != x"), {"bob": 1})

    def test_quantities_are_in_the_unit(self):
        self.log("time,user,size", "2025-05-02,ann,1500", "2025-05-02,bob,2500")
        options = ("--format", "csv", "--quantity", "size:B", "--unit", "kB",
                   "--quantity-digits", "3")
        self.assertEqual(self.kept("--where", "quantity > 2", *options), {"bob": 1})
        self.assertEqual(self.kept("--where", "quantity = 1.5", *options), {"ann": 1})
        self.assertEqual(self.kept("--where", "size = 1500", *options), {"ann": 1})

    def test_columns_and_variables_that_are_not_there(self):
        self.log("time,user,quantity", "2025-05-02,ann,1")
        self.is_misused("user = ann or region = eu", "--where: the header has no field 'region'",
                        "'quantity'", "\n  user = ann or region = eu\n" + " " * 16 + "^\n",
                        options=("--format", "csv"))
        # A selector that asks for it, too, is what is wrong first.
        result = self.aggregate("log", "--unrated", "zero", "--format", "csv", "--task", "region",
                                "--where", "region = eu")
        result.fails(MISUSED, "the header has no field 'region'")
        self.assertNotIn("^", result.err)
        self.log(COMBINED("192.0.2.1", "ann", "GET /a", 200, "curl"))
        self.is_misused("request_time > 1", "no field 'request_time'",
                        options=("--format", "combined"))
        self.log('{"time":"2025-05-02","user":"ann","quantity":1}')
        self.assertEqual(self.kept("--format", "json", "--where", "region is missing"), {"ann": 1})

    def test_an_input_of_nothing_may_have_any_field(self):
        for name, content in (("auto", ""), ("auto", "\n \n"), ("csv", "")):
            self.write("log", content)
            self.assertEqual(self.kept("--format", name, "--where", "region = eu"), {})

    def test_fields_of_web_servers(self):
        self.log(COMBINED("192.0.2.1", "ann", "GET /health", 200, "kube-probe"),
                 COMBINED("192.0.2.1", "ann", "GET /a.png?x", 200, "Mozilla"),
                 COMBINED("192.0.2.1", "bob", "POST /a", "000", "curl"))
        self.assertEqual(self.kept("--where", "path !~ '^/health'"), {"ann": 1, "bob": 1})
        self.assertEqual(self.kept("--where", "extension = png or method = POST"),
                         {"ann": 1, "bob": 1})
        self.assertEqual(self.kept("--where", "status is missing"), {"bob": 1})
        self.assertEqual(self.kept("--where", "query is missing and status_class = 2xx"),
                         {"ann": 1})


class Partials(PartialTest):
    def setUp(self):
        super().setUp()
        self.log(record("ann", ms=1), record("bob", ms=2), name="one")
        self.log(record("ann", ms=4), record("cy", ms=8), name="two")

    def test_a_partial_keeps_its_filters(self):
        self.partial("a", "one", "--where", "user != bob")
        self.partial("b", "two", "--where", "user != bob")
        self.partial("c", "two")
        self.run_billing("merge", "a", "b", "--rate", "login=0", "-q", "-g", "user").prints(
            "ann: total_duration=5ms, total_cost=0.00", "cy: total_duration=8ms, total_cost=0.00")
        self.run_billing("merge", "a", "c", "--unrated", "zero").fails(
            FAILED, "--where: user != bob in 'a', none in 'c'")
        self.run_billing("inspect", "a").is_done()
        self.assertIn("where     user != bob\n", self.run_billing("inspect", "a").out.decode())

    def test_several_filters_are_one_that_says_the_same(self):
        self.partial("a", "one", "--where", "user != bob", "--where", "status = 200")
        self.partial("b", "two", "--where", "(user != bob) and (status = 200)")
        self.run_billing("merge", "a", "b", "--partial", "c", "-q").is_done()
        self.assertIn("where     (user != bob) and (status = 200)\n",
                      self.run_billing("inspect", "c").out.decode())


class States(WhereTest):
    def run_state(self, *arguments):
        return self.run_billing("aggregate", "log", "--state", "state", "-q", "--rate", "login=0",
                                "-g", "user", *arguments)

    def test_a_state_bills_what_its_filters_keep_night_by_night(self):
        self.log(record("ann", ms=1), record("bob", ms=2))
        where = ("--where", "user != bob")
        self.run_state(*where).prints("ann: total_duration=1ms, total_cost=0.00")
        self.write("log", self.read("log") + (record("bob", ms=4) + "\n" + record("cy", ms=8)
                                              + "\n" + record("bob", ms=16)).encode())
        self.run_state(*where).prints("ann: total_duration=1ms, total_cost=0.00",
                                      "cy: total_duration=8ms, total_cost=0.00")
        told = summary_of(self.run_state(*where, "--summary", "json"))
        self.assertEqual((told["records"], told["filtered"]), (5, 3))
        self.run_state().fails(MISUSED, "the state was made with other options",
                               "--where: user != bob in 'state', none in 'this run'")
        self.run_state("--where", "user = bob").fails(MISUSED, "--where")


if __name__ == "__main__":
    unittest.main()
