"""What messages say to do, where something was asked for that cannot be meant so."""

import json
import unittest

from program_fixture import DONE, MISUSED, TOO_MANY_REJECTS, ProgramTest, record
from state_fixture import StateTest

COMBINED = '192.0.2.1 - ann [02/May/2025:23:16:50 +0200] "GET /v1/{n} HTTP/1.1" 200 512 "-" "curl"\n'


def access_log(calls=4):
    return "".join(COMBINED.format(n=n) for n in range(calls))


class FieldsThatDoNotFit(ProgramTest):
    """The format is found without them, and what is wrong with them is told."""

    def setUp(self):
        super().setUp()
        self.write("access.log", access_log())

    def refused(self, *options, says):
        for command in ("aggregate", "check"):
            with self.subTest(command=command):
                self.run_billing(command, "access.log", *options).fails(
                    MISUSED, "access.log is combined, but ", *says)

    def test_a_name_that_the_format_has_not(self):
        self.refused("--user", "remote_usr", says=("remote_usr", "remote_user"))
        self.refused("--task", "$request_metod $path", says=("request_metod",))
        self.refused("--quantity", "byts:B", says=("byts",))

    def test_a_pattern_of_time_that_is_none(self):
        self.refused("--time", "time_local:%d-%Q", says=("%Q",))

    def test_lines_of_text_have_no_fields_to_choose(self):
        self.log(record(), record())
        self.run_billing("aggregate", "log", "--user", "who").fails(
            MISUSED, "log is text, but --format text: its lines are")

    def test_quantities_of_more_digits_than_are_kept(self):
        result = self.run_billing("aggregate", "access.log", "--quantity", "body_bytes_sent:B",
                                  "--unit", "GB", "--quantity-digits", "3")
        result.fails(MISUSED, "access.log is combined, but with the fields that are said 0 of its "
                     "first 4 records are calls", "bad_quantity in column", "192.0.2.1 - ann")
        self.assertNotIn("--quantity-digits 9", result.err)
        self.run_billing("aggregate", "access.log", "--quantity", "body_bytes_sent:B", "--unit",
                         "GB").fails(MISUSED, "0 of its first 4 records are calls",
                                     "say --quantity-digits 9")
        self.run_billing("aggregate", "access.log", "--quantity", "body_bytes_sent:B", "--unit",
                         "GB", "--quantity-digits", "9", "-r", "*=1", "-q").prints(
            'ann cycle=1 task="GET /v1/{id}": total_quantity=0.000002048GB, total_cost=0.00')

    def test_check_reads_such_records_and_shows_why(self):
        result = self.run_billing("check", "access.log", "--quantity", "body_bytes_sent:B",
                                  "--unit", "GB")
        self.assertEqual(result.code, MISUSED)
        self.assertIn("would be rejected: 4 of 4 records", result.out.decode())
        self.assertIn("bad_quantity", result.out.decode())


class Rates(ProgramTest):
    def test_a_rate_of_all_tasks_is_said_by_the_option(self):
        self.log(record(ms=10))
        self.write(".env", "A=b\nRATE_*=0.01\n")
        self.aggregate("log").fails(MISUSED, ".env:2", "RATE_*", "--rate '*=0.01'")
        self.write(".env", "")
        self.environment(**{"RATE_*": "0.01"})
        self.bill("log", "--group-by", "user").warns("RATE_*", "--rate '*=0.01'", "; ignored")

    def test_a_star_within_a_name_is_a_character(self):
        self.log(record(task="a*"), record(task="ab"))
        self.aggregate("log", "--rate", "a*=2", "--group-by", "task").warns("'ab'", "billed as 0")

    def test_logs_of_requests_may_have_one_price(self):
        self.write("access.log", access_log())
        self.aggregate("access.log").fails(MISUSED, "none of the tasks has a rate",
                                           "(or --rate '*=PRICE' for all tasks)")
        self.log(record())
        result = self.aggregate("log").fails(MISUSED, "none of the tasks has a rate")
        self.assertNotIn("PRICE", result.err)


class States(StateTest):
    def test_a_night_of_nothing_but_rejects_leaves_the_bill(self):
        self.log(record(ms=5))
        self.night("log")
        self.log("bad", name="new.log")
        result = self.night("log", "new.log", "--rejects", "bad.csv")
        result.warns("1 of 1 record rejected", "of what is new, and not one accepted; what was "
                     "billed before stays billed")
        self.assertNotIn("If the bill is to be empty", result.err)
        self.assertIn(b"5ms", result.out)

    def test_a_wrapped_log_that_is_read_as_it_stands_is_told_of(self):
        self.write("pod.log", "".join(f"2025-05-02T21:16:5{n}.1Z stdout F {line}\n" for n, line in
                                      enumerate(access_log().splitlines())))
        for run in (self.night("--format", "auto", "pod.log", "--unwrap", "none"),
                    self.run_billing("aggregate", "--format", "auto", "pod.log", "--unwrap", "none")):
            run.fails(MISUSED, "pod.log: no format fits",
                      "its lines are in cri; --unwrap cri takes them out")

    def test_a_bill_in_the_folder_of_the_state(self):
        self.log(record(ms=5))
        for output in ("state/bill.csv", "state", "./state/../state/x"):
            with self.subTest(output=output):
                self.night("log", "-o", output).fails(MISUSED, "--output",
                                                      "in the folder of the state")
        self.night("log", "-o", "bill.csv", "--rejects", "state/bad.csv").fails(
            MISUSED, "--rejects", "in the folder of the state")
        self.night("log", "-o", "bill.csv")
        self.assertIn("bill.csv", self.names())


class Tasks(ProgramTest):
    LOG = '{"time":"2025-05-02","user":"ann","op":"chat","quantity":2}\n'

    def test_a_task_that_no_record_has(self):
        self.write("log", self.LOG)
        for options in ((), ("--state", "state")):
            self.run_billing("aggregate", "-q", "log", "--task", "opp", "-r", "*=1",
                             *options).warns("no record has the --task 'opp'")
        self.assertIn("no record has the --task 'opp'",
                      self.run_billing("check", "log", "--task", "opp").out.decode())
        self.assertEqual(self.aggregate("log", "--task", "op", "-r", "*=1").err, "")
        self.assertEqual(self.aggregate("log", "-r", "*=1").err, "")

    def test_with_measures(self):
        self.write("log", self.LOG)
        self.aggregate("log", "--task", "opp", "--measure", "n=quantity", "-r", "*=1").warns(
            "no record has the --task 'opp'")

    def test_a_pattern_whose_brace_is_not_closed(self):
        self.write("access.log", access_log())
        for pattern in ("/v1/users/{id", "/v1/id}", "/v1/{id}.json"):
            with self.subTest(pattern=pattern):
                self.aggregate("access.log", "--task-pattern", pattern, "-r", "*=1").fails(
                    MISUSED, "--task-pattern", "a {name} is a whole segment")

    def test_a_time_of_no_length(self):
        self.log(record())
        self.bill("log", "--since", "2025-05-02", "--until", "2025-05-02").warns(
            "no event passes --since, --until", "the time of --until is not included")
        result = self.bill("log", "--since", "2026-05-02", "--until", "2026-05-03")
        self.assertNotIn("not included", result.err)


class Wording(ProgramTest):
    def test_what_a_rate_is_per(self):
        self.write("log", '{"time":"2025-05-02","user":"ann","quantity":1}\n')
        for unit, per in (("tokens", "unit of tokens"), ("calls", "call"), ("GB", "GB"),
                          ("units", "unit of the quantity")):
            with self.subTest(unit=unit):
                options = ("log", "--unit", unit, "--quantity", f"quantity:{unit}")
                for told in (self.run_billing("check", *options).out.decode(),
                             self.run_billing("aggregate", *options, "-r", "*=1").err):
                    self.assertIn(f"; a rate is per {per}\n", told)

    def test_one_call(self):
        self.write("access.log", access_log(1))
        told = self.run_billing("check", "access.log").out.decode()
        for part in ("combined: its one record is a call\n", "  1 call in all; a rate is per call\n",
                     "formats: no match\n"):
            self.assertIn(part, told)
        told = self.run_billing("aggregate", "access.log", "-r", "*=1").err
        self.assertIn("\naccepted  1 call\n", told)

    def test_users_that_are_addresses(self):
        self.write("access.log", access_log(2).replace(" ann ", " - "))
        self.assertIn("warning: the only user is an address: many people may share one",
                      self.run_billing("check", "access.log").out.decode())
        self.write("access.log", access_log(1).replace(" ann ", " - ") + access_log(1))
        self.assertIn("warning: 1 of 2 users is an address: many people may share one",
                      self.run_billing("check", "access.log").out.decode())

    def test_records_without_a_quantity(self):
        self.write("log", '{"time":"2025-05-02","user":"ann","n":1}\n'
                          '{"time":"2025-05-02","user":"ann"}\n')
        options = ("log", "--quantity", "n,=7", "--format", "json")
        self.assertIn("2 calls (1 has no quantity and is billed as 7)",
                      self.run_billing("check", *options).out.decode())
        self.assertIn("          1 has no quantity and is billed as 7\n",
                      self.run_billing("aggregate", *options, "-r", "*=1").err)

    def test_a_name_with_spaces_in_a_filter(self):
        self.write("log.csv", "time,user,Cost (USD),quantity\n2025-05-02,ann,2,1\n")
        self.aggregate("log.csv", "--where", "Cost (USD) > 1", "-r", "*=1").fails(
            MISUSED, "stands in `backquotes`")
        self.aggregate("log.csv", "--where", "`Cost (USD)` > 1", "-r", "*=1").prints(
            "ann cycle=1 task=-: total_quantity=1units, total_cost=1.00")


class ChecksOfOtherThings(ProgramTest):
    def test_a_quantity_that_depends_on_the_fields_of_an_input(self):
        told = self.run_billing("formats", "iis").out.decode()
        self.assertIn("quantity    time-taken:ms; where an input has not this field: 1\n", told)

    def test_text_of_another_encoding_is_piped_into_a_check(self):
        self.write("log", record().encode("utf-16"))
        result = self.run_billing("check", "log")
        self.assertIn("| billing check -", result.err)
        self.assertIn("| billing aggregate -", self.bill("log").err)

    def test_of_a_folder_the_first_files_are_looked_at(self):
        for n in range(5):
            self.write(f"logs/{n}.log", access_log())
        result = self.run_billing("check", "logs", "--json")
        self.assertEqual(result.code, DONE, result.err)
        self.assertIn("logs holds 5 files", result.err.replace("'", ""))
        report = json.loads(result.out)
        self.assertEqual([one["name"] for one in report["inputs"]],
                         ["logs/0.log", "logs/1.log", "logs/2.log"])
        command = report["proposals"][0]["command"]
        self.assertTrue(command.startswith("billing aggregate logs --format combined"), command)
        self.write("few/bad.log", access_log(20) + "bad\n")
        self.assertEqual(self.run_billing("check", "few").code, TOO_MANY_REJECTS)


if __name__ == "__main__":
    unittest.main()
