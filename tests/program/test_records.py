"""Which lines are records, which are blanks, which are rejected; why and where."""

import csv
import unittest

from program_fixture import DONE, PROJECT, TOO_MANY_REJECTS, ProgramTest, as_bytes, record

GOOD = record()
BILLED = "u: total_duration=1ms, total_cost=1.00"


class RecordsThatAreBilled(ProgramTest):
    def bills(self, line, expected=BILLED):
        self.write("log", line)
        self.bill("log", "--group-by", "user").prints(expected)

    def test_a_last_line_without_line_feed(self):
        self.bills(GOOD)

    def test_crlf(self):
        self.bills(GOOD + "\r\n")

    def test_cr_at_the_end_of_the_file(self):
        self.bills(GOOD + "\r")

    def test_spaces_and_tabs_around_the_line_and_between_the_fields(self):
        self.bills(" \t" + GOOD.replace(" ", "\t  ") + "\t \r\n")

    def test_leading_zeros_in_a_duration_of_fifteen_digits(self):
        self.bills(record(ms="0" * 14 + "1"))

    def test_names_of_255_bytes_of_utf8(self):
        name = "é" * 127 + "x"
        self.bills(record(user=name), f"{name}: total_duration=1ms, total_cost=1.00")

    def test_a_no_break_space_is_no_space(self):
        self.bills(record(user="a\u00a0b"), "a\u00a0b: total_duration=1ms, total_cost=1.00")

    def test_times_at_the_borders(self):
        for time in ("1970-01-01T00:00:00Z", "2261-12-31T23:59:59.999999999Z",
                     "1970-01-01T00:00:00+23:59", "2261-12-31T23:59:59-23:59",
                     "2024-02-29T00:00:00-00:00", "2025-05-02T23:16:50.1Z"):
            with self.subTest(time=time):
                self.bills(record(time=time))

    def test_statuses_at_the_borders(self):
        for status in (100, 599):
            self.bills(record(status=status))

    def test_a_duration_of_zero(self):
        self.bills(record(ms=0), "u: total_duration=0ms, total_cost=0.00")

    def test_a_line_of_a_mebibyte_of_spaces(self):
        self.bills(GOOD.replace(" ", " " * 2**20, 1) + "\n" + " " * 2**20)


class RecordsThatAreRejected(ProgramTest):
    LOG_FORMAT = "text"

    def rejects(self, line, reason, column):
        self.write("log", line)
        result = self.bill("log")
        self.assertEqual((result.code, result.out), (TOO_MANY_REJECTS, b""), result.err)
        self.assertIn(f"log:1:{column}: {reason}\n", result.err)

    def each(self, reason, column, *lines):
        for line in lines:
            with self.subTest(line=line):
                self.rejects(line, reason, column)

    def test_too_few_fields_point_behind_the_line(self):
        self.rejects("bad\n", "field_count", 4)
        self.rejects("2025-05-02T23:16:50Z u login 200", "field_count", 33)

    def test_a_sixth_field_is_pointed_at(self):
        self.rejects(GOOD + "  extra", "field_count", len(GOOD) + 3)

    def test_columns_count_the_spaces_before_the_line(self):
        self.rejects("  \t" + record(status="2x0"), "bad_status", 33)

    def test_bad_times(self):
        times = ("2025-05-02t23:16:50Z", "2025-05-02T23:16:50z", "2025-02-29T00:00:00Z",
                 "2025-13-01T00:00:00Z", "2025-00-01T00:00:00Z", "2025-04-31T00:00:00Z",
                 "2025-05-02T24:00:00Z", "2025-05-02T23:60:00Z", "2025-05-02T23:16:60Z",
                 "2025-05-02T23:16:50", "2025-05-02T23:16:50.Z", "2025-05-02T23:16:50,5Z",
                 "2025-05-02T23:16:50.1234567890Z", "2025-05-02T23:16:50+24:00",
                 "2025-05-02T23:16:50+01:60", "2025-05-02T23:16:50+0100",
                 "1969-12-31T23:59:59-05:00", "2262-01-01T00:00:00+01:00", "2025-5-2T23:16:50Z",
                 "2025-05-02T23:16Z", "2025-05-02_23:16:50Z", "２025-05-02T23:16:50Z",
                 "2100-02-29T00:00:00Z", "9" * 300)
        self.each("bad_time", 1, *(record(time=time) for time in times))

    def test_bad_users(self):
        users = (b"\xff", b"a\x01", b"\x7f", b"\xc2\x85", b"\xc0\xaf", b"\xed\xa0\x80", b"\0",
                 b"\xf4\x90\x80\x80", b"\xe2\x82", b"a\rb", b"x" * 256, "é".encode() * 128)
        self.each("bad_user", 22, *(b"2025-05-02T23:16:50Z " + user + b" login 200 1ms"
                                    for user in users))

    def test_bad_tasks(self):
        self.each("bad_task", 24, record(task="t" * 256), record(task="a\u0080"),
                  record(task="a\x1b[31m"))

    def test_bad_statuses(self):
        self.each("bad_status", 30, *(record(status=status) for status in
                                      ("099", "600", "20", "2000", "2xx", "+20", "-20", "２00")))

    def test_bad_durations(self):
        bad = ("1234567890123456ms", "ms", "-1ms", "+1ms", "1.5ms", "1", "1s", "1MS", "0x1ms",
               "1msms", "1_0ms")
        self.each("bad_duration", 34, *(record(ms="").replace(" ms", " " + text) for text in bad))

    def test_the_first_reason_that_applies(self):
        self.rejects("x \x01 \x01 x x x", "field_count", 11)
        self.rejects("x \x01 \x01 x x", "bad_time", 1)
        self.rejects("2025-05-02T23:16:50Z \x01 \x01 x x", "bad_user", 22)
        self.rejects("2025-05-02T23:16:50Z u \x01 x x", "bad_task", 24)
        self.rejects("2025-05-02T23:16:50Z u t x x", "bad_status", 26)

    def test_a_carriage_return_inside_the_line_is_a_control_character(self):
        self.rejects(GOOD.replace("1ms", "1ms\r\r") + "\n", "bad_duration", 34)
        self.rejects(GOOD.replace(" u ", " u\r "), "bad_user", 22)

    def test_vertical_tab_and_form_feed_separate_nothing(self):
        self.rejects(GOOD.replace(" ", "\v", 1), "field_count", len(GOOD) + 1)
        self.rejects("\f" + GOOD, "bad_time", 1)

    def test_a_byte_order_mark_is_skipped_at_the_start_of_an_input_only(self):
        self.write("log", "\ufeff" + GOOD + "\n")
        self.bill("log").prints("u cycle=1 task=login: total_duration=1ms, total_cost=1.00")
        self.write("log", GOOD + "\n\ufeff" + GOOD + "\n")
        self.bill("log").fails(TOO_MANY_REJECTS, "log:2:1: bad_time")
        self.write("log", "\ufeff\ufeff" + GOOD + "\n")
        self.bill("log").fails(TOO_MANY_REJECTS, "log:1:4: bad_time")


class TheOraclesRecords(ProgramTest):
    LOG_FORMAT = "text"

    def test_every_vector_is_read_as_the_oracle_read_it(self):
        with open(PROJECT / "tests" / "oracle" / "records.csv", newline="") as file:
            rows = [row for row in csv.reader(file) if row and not row[0].startswith("#")]
        vectors = [(bytes.fromhex(row[0]), row[1]) for row in rows if is_hex(row[0])]
        self.assertGreater(len(vectors), 100)
        self.write("log", b"".join(line + b"\n" for line, _ in vectors))
        self.aggregate("log", "--rejects", "bad.csv", "--unrated", "zero")
        rejected = {int(row["line"]): row["reason"]
                    for row in csv.DictReader(self.text("bad.csv").split("\n"))}
        expected = {number: verdict.split("@")[0]
                    for number, (_, verdict) in enumerate(vectors, 1) if "@" in verdict}
        self.assertEqual(rejected, expected)


def is_hex(text):
    return all(digit in "0123456789abcdefABCDEF" for digit in text)


class Blanks(ProgramTest):
    LOG_FORMAT = "text"

    def test_blanks_count_as_lines_but_are_no_records(self):
        self.write("log", "\n \t\r\n\r\nbad\n")
        self.bill("log").fails(TOO_MANY_REJECTS, "log:4:4: field_count")

    def test_only_blanks_give_an_empty_bill(self):
        self.write("log", "\n \t\r\n\r\n  ")
        result = self.bill("log")
        self.assertEqual((result.code, result.out), (DONE, b""))

    def test_two_carriage_returns_are_no_blank(self):
        self.write("log", as_bytes("\r\r\n"))
        self.bill("log").fails(TOO_MANY_REJECTS, "log:1:2: field_count")


if __name__ == "__main__":
    unittest.main()
