"""Mistakes in options: exit code 2, the option's name, what was given and what would be right."""

import itertools
import json
import os
import unittest

from program_fixture import DONE, FAILED, MISUSED, UNPRIVILEGED, ProgramTest, record

MISTAKES = (
    ("--group-by", ("foo", "", "user,user", "user,", "User", "user task")),
    ("--cycle", ("nope", "calls", "calls:", "calls:0", "calls:-1", "calls:x", "calls:1.5", "every:",
                 "every:0s", "every:1000000001s", "every:5", "every:m", "every:1w", "every:-1s",
                 "Month", "", "months")),
    ("--timezone", ("Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe/")),
    ("--rounding", ("", "half", "HALF-UP", "nearest")),
    ("--scale", ("-1", "13", "x", "", "1.0", "1e0", "+2")),
    ("--unrated", ("", "Zero", "what")),
    ("--since", ("x", "", "2025-13-01", "2025-02-29", "1969-12-31", "2262-01-01", "2025-5-2",
                 "2025-05-02T24:00:00", "2025-05-02T10:00", "2025-05-02Z")),
    ("--until", ("yesterday", "2025-05-02 10:00:00")),
    ("--status", ("", "9xx", "0xx", "099", "600", "2x", "200,", ",200", "200;404", "2XX", "20")),
    ("--output-format", ("", "xml", "CSV")),
    ("--summary", ("yaml", "", "JSON")),
    ("--max-rejects", ("", "q", "-1", "%", "-1%", "101%", "1.5", "1%%", "nan%")),
    ("--threads", ("0", "-1", "x", "", "1.5", "99999999999999999999")),
    ("--chunk-bytes", ("0", "-1", "x", "99999999999999999999")),
    ("--rate", ("login", "=1", "login=", "login=-1", "login=+1", "login=1e3", "login= 1", "login=1.",
                "login=.", "login=1,5", "login=1234567890123456", "login=.1234567890123", "a b=1",
                "a\x01=1", "x" * 256 + "=1", "login=0x1", "login=١")),
)


class Mistakes(ProgramTest):
    def test_each_names_its_option(self):
        self.log(record())
        for option, values in MISTAKES:
            for value in values:
                with self.subTest(option=option, value=value):
                    result = self.run_billing("aggregate", "-q", "log", f"{option}={value}")
                    result.fails(MISUSED, option)

    def test_anchor_days_outside_of_1_to_31(self):
        self.log(record())
        for day in ("0", "32", "-1", "x", "1.5"):
            with self.subTest(day=day):
                self.run_billing("aggregate", "log", "--cycle", "month", "--anchor-day=" + day
                                 ).fails(MISUSED, "--anchor-day", "31")

    def test_an_anchor_day_goes_with_months_quarters_and_years_only(self):
        self.log(record())
        for cycle in ("day", "week", "hour", "all", "every:5m", "calls:5"):
            with self.subTest(cycle=cycle):
                self.bill("log", "--cycle", cycle, "--anchor-day", "5"
                          ).fails(MISUSED, "--anchor-day", "month, quarter, year")

    def test_the_message_quotes_what_was_given(self):
        self.log(record())
        self.bill("log", "--scale", "77").fails(MISUSED, "--scale", "'77'", "12")
        self.bill("log", "--cycle", "fortnight").fails(MISUSED, "--cycle", "'fortnight'")
        self.bill("log", "--status", "2xx,7xx").fails(MISUSED, "--status", "7xx")

    def test_what_was_given_is_escaped(self):
        self.log(record())
        result = self.bill("log", "--cycle", "a\x1b[31m\n").fails(MISUSED, "a\\x1B[31m\\n")
        self.assertNotIn("\x1b", result.err)

    def test_an_unknown_option_or_command(self):
        self.log(record())
        self.run_billing("aggregate", "log", "--bogus").fails(MISUSED, "--bogus", "--help")
        self.run_billing("agregate", "log").fails(MISUSED, "agregate", "--help")
        self.run_billing("--bogus").fails(MISUSED, "--bogus", "--help")
        self.run_billing().fails(MISUSED, "--help")

    def test_a_missing_value(self):
        self.log(record())
        for option in ("--cycle", "--rate", "--output", "--threads", "--env-file"):
            for words in ((option,), (option, "--quiet"), (option, "--")):
                with self.subTest(words=words):
                    self.run_billing("aggregate", "log", *words).fails(
                        MISUSED, f"{option}: its value is missing", "billing aggregate --help")

    def test_what_was_probably_meant(self):
        self.log(record())
        for words, meant in ((("aggregat", "log"), "'aggregate'"), (("version",), "'--version'"),
                             (("hlep",), "'help'"), (("help", "mreg"), "'merge'"),
                             (("aggregate", "--inptu", "log"), "'--input'"),
                             (("aggregate", "-output", "log"), "'--output'"),
                             (("aggregate", "log", "-g", "usr"), "'user'"),
                             (("aggregate", "log", "-c", "monthly"), "'month'"),
                             (("aggregate", "log", "-c", "calls5"), "'calls:N'"),
                             (("aggregate", "log", "--timezone", "america/new_york"),
                              "'America/New_York'"),
                             (("aggregate", "log", "--rounding", "half_up"), "'half-up'"),
                             (("aggregate", "log", "--unrated", "Zero"), "'zero'"),
                             (("aggregate", "log", "--output-format", "json"), "'jsonl'")):
            with self.subTest(words=words):
                self.run_billing(*words).fails(MISUSED, f"did you mean {meant}?")

    def test_names_are_not_abbreviated(self):
        self.log(record())
        self.bill("log", "--cyc", "day").fails(MISUSED, "'--cyc'", "--cycle")

    def test_a_flag_takes_no_value(self):
        self.log(record())
        self.run_billing("aggregate", "log", "--naive=yes").fails(MISUSED, "--naive", "'yes'")

    def test_a_cycle_that_no_line_keeps(self):
        self.log(record())
        for command in (("aggregate", "log"), ("bench", "--input", "log")):
            for group_by, wanted in (("user", "user,cycle"), ("task", "cycle,task"),
                                     ("user,task", "user,cycle,task")):
                with self.subTest(command=command, group_by=group_by):
                    self.run_billing(*command, "-g", group_by, "-c", "month").fails(
                        MISUSED, "--cycle", "'month'", f"--group-by {wanted},")
        self.run_billing("aggregate", "log", "-g", "user", "--anchor-day", "3", "-c", "month"
                         ).fails(MISUSED, "--anchor-day", "--cycle")
        self.bill("log", "-g", "user").prints("u: total_duration=1ms, total_cost=1.00")

    def test_mistakes_propose_the_help_of_their_command(self):
        for command in ("aggregate", "merge", "inspect", "bench", "generate"):
            self.run_billing(command, "--bogus").fails(MISUSED, f"billing {command} --help")

    def test_an_option_given_twice(self):
        self.log(record())
        for option, value in (("--cycle", "day"), ("--scale", "2"), ("--output", "x")):
            with self.subTest(option=option):
                self.bill("log", option, value, option, "other").fails(
                    MISUSED, f"{option}: is given twice, as '{value}' and as 'other'")
        self.assertEqual(self.names(), ["log"])

    def test_both_engines_at_once(self):
        self.log(record())
        self.run_billing("aggregate", "log", "--naive", "--parallel"
                         ).fails(MISUSED, "--naive", "--parallel")

    def test_since_after_until(self):
        self.log(record())
        self.bill("log", "--since", "2025-06-01", "--until", "2025-05-01").fails(
            MISUSED, "--since", "'2025-06-01' is later than --until '2025-05-01'")

    def test_a_limit_of_rejects_is_a_number_or_a_share(self):
        self.log(record())
        self.bill("log", "--max-rejects", "1.5").fails(MISUSED, "--max-rejects", "'1.5'", "0.5%")

    def test_a_folder_for_temporary_files_that_does_not_work(self):
        self.log(record())
        os.chmod(self.folder, 0o755)
        os.mkdir(self.folder / "locked", 0o555)
        for folder, reason in (("nowhere", "No such file"), ("log", "Not a directory"),
                               ("locked", "Permission denied"), ("", "empty")):
            with self.subTest(folder=folder):
                result = self.run_billing("aggregate", "log", "-r", "login=1", "--temp-dir", folder,
                                          **UNPRIVILEGED)
                result.fails(MISUSED, "--temp-dir", reason)

    def test_all_mistakes_are_told_at_once(self):
        self.log(record())
        self.write("rates.env", "RATE_a=x\nRATE_b=1\nRATE_b=2\n")
        self.environment(RATE_c="-1", LOG_LEVEL="loud")
        self.run_billing(
            "aggregate", "log", "--group-by", "x", "--cycle", "y", "--timezone", "Mars/X",
            "--scale", "13", "--rounding", "no", "--unrated", "what", "--since", "s",
            "--until", "u", "--status", "9xx", "--output-format", "xml", "--max-rejects", "q",
            "--summary", "yaml", "--threads", "0", "--chunk-bytes", "0", "--rate", "d",
            "--rate", "e=1", "--rate", "e=1", "--env-file", "rates.env", "-o", "log",
        ).fails(MISUSED, "--group-by", "--cycle", "--timezone", "--scale", "--rounding",
                "--unrated", "--since", "--until", "--status", "--output-format", "--max-rejects",
                "--summary", "--threads", "--chunk-bytes", "'d'", "e is given twice", "'-1'",
                "LOG_LEVEL", "rates.env:1", "rates.env:3")

    def test_many_of_a_kind_end_after_ten(self):
        self.log(record())
        self.write(".env", "".join(f"RATE_a{number}=x\n" for number in range(1234)))
        told = self.bill("log").fails(MISUSED, ".env:10:", "and 1,224 more mistakes").err
        self.assertNotIn(".env:11:", told)
        self.run_billing("inspect", *("abcdefghijklm")).fails(
            MISUSED, "unexpected argument 'k'", "and 2 more mistakes")

    def test_mistakes_leave_the_old_output(self):
        self.log(record())
        self.write("bill.csv", "old")
        self.bill("log", "-o", "bill.csv", "--scale", "13").fails(MISUSED)
        self.assertEqual(self.text("bill.csv"), "old")


class Options(ProgramTest):
    def test_an_option_is_no_value(self):
        self.log(record())
        for option in ("-o", "-q", "--output=x"):
            self.run_billing("aggregate", "log", "--rejects", option, "bill").fails(
                MISUSED, "--rejects: its value is missing")
        self.aggregate("log", "--rejects=-o", "-r", "login=1").prints(
            "u cycle=1 task=login: total_duration=1ms, total_cost=1.00")
        self.assertIn("-o", self.names())

    def test_help_and_version_succeed_without_reading_anything(self):
        for arguments in (["--help"], ["-h"], ["help"], ["help", "help"], ["--version"], ["aggregate", "--help"],
                          ["aggregate", "-h"], ["generate", "--help"]):
            with self.subTest(arguments=arguments):
                result = self.run_billing(*arguments)
                self.assertEqual((result.code, result.err), (DONE, ""))
                self.assertIn(b"billing", result.out)

    def test_help_for_each_command(self):
        self.assertEqual(self.run_billing("help").out, self.run_billing("--help").out)
        for command in ("aggregate", "merge", "inspect", "bench", "generate"):
            told = self.run_billing("help", command)
            self.assertEqual((told.code, told.err), (DONE, ""))
            self.assertEqual(told.out, self.run_billing(command, "--help").out)
            self.assertEqual(told.out, self.run_billing(command, "--bogus", "-h").out)
            for line in told.out.decode().splitlines():
                self.assertLess(len(line), 80, line)

    def test_the_version(self):
        told = self.run_billing("--version")
        self.assertRegex(told.out.decode(), r"^billing \d+\.\d+\.\d+\n$")
        for words in (["-V"], ["aggregate", "--version"], ["merge", "-V"]):
            self.assertEqual(self.run_billing(*words), told)

    def test_help_shows_the_form_of_a_line(self):
        self.assertIn(b"\n  2025-05-02T23:16:50Z user115 login 200 1568ms\n",
                      self.run_billing("aggregate", "--help").out)

    def test_parts_may_be_given_one_by_one_and_with_spaces(self):
        self.log(record())
        for words in (("-g", "user", "-g", "task"), ("-g", "user, task"), ("-g", " task ,user ")):
            with self.subTest(words=words):
                self.bill("log", *words).prints(
                    "u task=login: total_duration=1ms, total_cost=1.00")
        self.bill("log", "-g", "user", "-g", "user").fails(MISUSED, "--group-by", "'user'")

    def test_help_names_every_option(self):
        told = self.run_billing("aggregate", "--help").out.decode()
        for option, _ in MISTAKES + (("--input", ()), ("--output", ()), ("--csv-safe", ()),
                                     ("--rejects", ()), ("--anchor-day", ()), ("--naive", ()),
                                     ("--env-file", ()), ("--quiet", ()), ("--parallel", ())):
            self.assertIn(option, told)

    def test_short_names(self):
        self.log(record())
        result = self.run_billing("aggregate", "-q", "-i", "log", "-o", "bill", "-g", "user",
                                  "-r", "login=2")
        result.prints()
        self.assertEqual(self.text("bill"), "u: total_duration=1ms, total_cost=2.00\n")
        self.run_billing("aggregate", "-qcall", "log", "-r", "login=2", "-gcycle").prints(
            "cycle=all: total_duration=1ms, total_cost=2.00")

    def test_values_after_an_equals_sign(self):
        self.log(record())
        self.bill("log", "--group-by=task", "--rate=x=2", rates=("login=3",)).prints(
            "task=login: total_duration=1ms, total_cost=3.00")

    def test_a_double_dash_ends_the_options(self):
        self.log(record(), name="-odd.log")
        self.bill("--group-by", "user", "--rate", "login=1", "--", "-odd.log", rates=()).prints(
            "u: total_duration=1ms, total_cost=1.00")

    def test_names_that_the_parser_of_options_has_other_uses_for(self):
        for name in ("[a,b]", "++"):
            self.log(record(), name=name)
            for words in ((name,), ("--input", name), (f"--input={name}",), (f"-i{name}",),
                          ("--", name)):
                with self.subTest(words=words):
                    self.bill("--group-by", "user", "-r", "login=1", *words, rates=()).prints(
                        "u: total_duration=1ms, total_cost=1.00")

    def test_an_option_without_its_value_before_a_double_dash_takes_no_log(self):
        for name in ("log", "log2"):
            self.log(record(), name=name)
        self.run_billing("aggregate", "log", "-r", "login=1", "--output", "--", "log2").fails(
            MISUSED, "--output")
        self.assertEqual(self.text("log2"), record() + "\n")

    def test_what_follows_a_double_dash_keeps_its_name(self):
        for name in ("log", "-odd.log"):
            self.log(record(), name=name)
        for logs in (("--", "log", "-odd.log"), ("log", "--", "-odd.log")):
            told = self.run_billing("aggregate", "-r", "login=1", "--summary", "json", *logs).err
            self.assertEqual([one["name"] for one in json.loads(told)["inputs"]],
                             ["log", "-odd.log"])

    def test_logs_may_stand_on_both_sides_of_a_double_dash(self):
        for name in ("log", "--rate", "merge"):
            self.log(record(), name=name)
        self.bill("log", "--group-by", "user", "--rate", "login=1", "--", "--rate", "merge",
                  rates=()).prints("u: total_duration=3ms, total_cost=3.00")

    def test_an_option_takes_one_value_and_leaves_the_log_that_follows(self):
        self.log(record())
        for option, value in (("--rate", "x=1"), ("--input", "log2"), ("--status", "200"),
                              ("--group-by", "user"), ("--output", "-"), ("--scale", "2")):
            with self.subTest(option=option):
                self.write("log2", record() if option == "--input" else "")
                result = self.run_billing("aggregate", "-q", "-r", "login=1", option, value, "log")
                self.assertEqual((result.code, result.err), (DONE, ""))

    def test_every_engine_setting_gives_the_same_bill(self):
        self.log(*(record(user=f"u{number % 7}", ms=number) for number in range(50)))
        expected = self.bill("log").out
        for threads, chunk in itertools.product((1, 2, 3, 8), (1, 2, 7, 64, 1000, 2**20)):
            self.bill("log", "--threads", str(threads), "--chunk-bytes", str(chunk)
                      ).prints_bytes(expected)

    def test_the_exit_code_for_input_is_told_apart_from_options(self):
        self.bill("missing").fails(FAILED, "missing")
        self.bill("missing", "--scale", "13").fails(MISUSED, "--scale")


if __name__ == "__main__":
    unittest.main()
