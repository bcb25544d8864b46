"""The syntax of .env, its place, and LOG_LEVEL."""

import os
import unittest

from program_fixture import DONE, FAILED, MISUSED, ProgramTest, as_bytes, record


class EnvFileTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.log(record(ms=10))

    def costs(self, cost, *arguments):
        return self.aggregate("log", "--group-by", "user", *arguments).prints(
            f"u: total_duration=10ms, total_cost={cost}")


class Syntax(EnvFileTest):
    def test_forms_of_a_line(self):
        for line in ("RATE_login=2", "RATE_login=2\r\n", "export RATE_login=2",
                     "  export   RATE_login = 2  ", "\tRATE_login\t=\t2\t", 'RATE_login="2"',
                     "RATE_login='2'", "RATE_login=2 # a comment", "RATE_login='2' # it's",
                     'RATE_login = "2"\t# a "comment"', "\ufeffRATE_login=2",
                     "# a comment\n\n   \n  # another\nRATE_login=2\nOTHER=x\n"):
            with self.subTest(line=line):
                self.write(".env", line)
                self.costs("20.00")

    def test_bytes_that_are_no_rate_are_told_with_their_line(self):
        for line in ("RATE_login=", "RATE_login=2#no comment", "RATE_login='2", 'RATE_login="2',
                     "RATE_login='2'3", "RATE_login=$OTHER", 'RATE_login="\\2"', "RATE_login=2 3",
                     "RATE_=2"):
            with self.subTest(line=line):
                self.write(".env", "A=b\n" + line + "\n")
                self.aggregate("log").fails(MISUSED, ".env:2")

    def test_a_task_may_hold_spaces(self):
        self.write(".env", "RATE_login=2\nRATE_GET /a=3\n")
        self.costs("20.00")

    def test_a_rate_without_an_equals_sign(self):
        self.write(".env", "RATE_login=2\nRATE_x: 2\nexport RATE_y\n")
        self.aggregate("log").fails(MISUSED, ".env:2", ".env:3")

    def test_other_keys_are_ignored(self):
        self.write(".env", "PATH=nowhere\nrate_login=x\nMY_RATE_login=x\nRATE_login=2\n")
        self.costs("20.00")

    def test_all_lines_are_looked_at(self):
        self.write(".env", "RATE_a=x\nRATE_b=y\nRATE_login=2\nRATE_login=2\n")
        self.aggregate("log").fails(MISUSED, ".env:1", ".env:2", ".env:4")

    def test_control_characters_are_escaped_in_the_message(self):
        self.write(".env", "RATE_login=\x1b[31m\n")
        result = self.aggregate("log").fails(MISUSED, "\\x1B[31m")
        self.assertNotIn("\x1b", result.err)

    def test_bytes_that_are_no_utf8_are_escaped_in_the_message(self):
        self.write(".env", b"RATE_login=\xff\n")
        self.aggregate("log").fails(MISUSED, "\\xFF")


class QuotedKeys(EnvFileTest):
    def test_a_task_with_an_equals_sign(self):
        self.log(record(task="a=b", ms=10))
        for line in ('RATE_"a=b"=2', "RATE_'a=b'=2", "export RATE_'a=b' = '2' # two"):
            with self.subTest(line=line):
                self.write(".env", line + "\n")
                self.costs("20.00")

    def test_a_quote_elsewhere_is_a_character(self):
        self.log(record(task="it's", ms=10))
        self.write(".env", "RATE_it's=2\n")
        self.costs("20.00")


class Place(EnvFileTest):
    def test_it_is_read_from_the_current_folder(self):
        self.write(".env", "RATE_login=2\n")
        self.costs("20.00")

    def test_another_file_takes_its_place(self):
        self.write(".env", "RATE_login=2\nRATE_x=bad\n")
        self.write("rates.env", "RATE_login=3\n")
        self.costs("30.00", "--env-file", "rates.env")

    def test_a_named_file_must_exist(self):
        self.bill("log", "--env-file", "missing.env").fails(MISUSED, "missing.env", "No such file")

    def test_a_named_folder_is_a_mistake(self):
        (self.folder / "rates").mkdir()
        self.bill("log", "--env-file", "rates").fails(MISUSED, "rates", "irectory")

    def test_a_folder_of_that_name_is_a_virtual_environment(self):
        (self.folder / ".env").mkdir()
        self.costs("10.00", "--rate", "login=1")

    def test_a_link_that_leads_nowhere_is_a_mistake(self):
        for target in ("nowhere", ".env"):
            os.symlink(target, self.folder / ".env")
            self.bill("log", "--rate", "login=1").fails(MISUSED, "'.env' cannot be read")
            os.remove(self.folder / ".env")

    def test_a_pipe_is_read(self):
        os.mkfifo(self.folder / ".env")
        process = self.start("aggregate", "-q", "log", "-g", "user", "-o", "bill")
        with open(self.folder / ".env", "w", encoding="utf-8") as file:
            file.write("RATE_login=3\n")
        self.assertEqual(self.finish(process).code, DONE)
        self.assertIn("total_cost=30.00", self.text("bill"))

    def test_an_empty_file_is_well(self):
        self.write(".env", "")
        self.costs("10.00", "--rate", "login=1")

    def test_mistakes_name_the_file_that_was_given(self):
        self.write("rates/production.env", "\n\nRATE_login=free\n")
        self.aggregate("log", "--env-file", "rates/production.env").fails(
            MISUSED, "rates/production.env:3", "'free'")


class LogLevel(EnvFileTest):
    def setUp(self):
        super().setUp()
        self.write("empty", "")

    def told(self, level):
        self.environment(LOG_LEVEL=level)
        result = self.run_billing("aggregate", "-q", "empty")
        self.assertEqual(result.code, 0, result.err)
        return result.err

    def test_warnings_are_shown_by_levels_up_to_warning_in_any_case(self):
        for level in ("trace", "DEBUG", "Info", "info", "warn", "WARN", "warning", "Warning",
                      "WARNING"):
            self.assertIn("warning", self.told(level), level)

    def test_warnings_are_hidden_by_higher_levels(self):
        for level in ("error", "ERROR", "critical", "off", "OFF"):
            self.assertEqual(self.told(level), "", level)

    def test_errors_are_told_at_the_level_of_errors(self):
        self.environment(LOG_LEVEL="error")
        self.aggregate("missing").fails(FAILED, "missing")

    def test_critical_tells_errors_too_and_off_nothing(self):
        self.environment(LOG_LEVEL="critical")
        self.aggregate("missing").fails(FAILED, "missing")
        self.environment(LOG_LEVEL="off")
        result = self.run_billing("aggregate", "missing")
        self.assertEqual((result.code, result.err), (FAILED, ""))

    def test_the_summary_is_told_at_the_level_of_info(self):
        for level, told in (("info", True), ("debug", True), ("warning", False), ("error", False),
                            ("off", False)):
            self.environment(LOG_LEVEL=level)
            result = self.run_billing("aggregate", "log", "-r", "login=1")
            self.assertEqual("balanced" in result.err, told, level)
            result = self.run_billing("aggregate", "log", "-r", "login=1", "--summary", "json")
            self.assertIn('"records":1', result.err, level)

    def test_an_empty_level_is_none(self):
        self.environment(LOG_LEVEL="")
        self.assertIn("balanced", self.run_billing("aggregate", "log", "-r", "login=1").err)
        self.write(".env", "LOG_LEVEL=error\n")
        self.assertNotIn("balanced", self.run_billing("aggregate", "log", "-r", "login=1").err)

    def test_an_unknown_level_is_a_mistake(self):
        self.environment(LOG_LEVEL="loud")
        self.bill("log").fails(MISUSED, "environment: LOG_LEVEL", "'loud'", "warning")

    def test_it_may_stand_in_the_file(self):
        self.write(".env", as_bytes("LOG_LEVEL=error\n"))
        result = self.run_billing("aggregate", "-q", "empty")
        self.assertEqual((result.code, result.err), (0, ""))
        self.write(".env", as_bytes("\nLOG_LEVEL=loud\n"))
        self.run_billing("aggregate", "-q", "empty").fails(MISUSED, ".env:2: LOG_LEVEL", "'loud'")


if __name__ == "__main__":
    unittest.main()
