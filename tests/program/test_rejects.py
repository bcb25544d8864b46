"""What happens with bad records: exit code 3, --max-rejects, and the file of --rejects."""

import unittest

from program_fixture import DONE, FAILED, MISUSED, TOO_MANY_REJECTS, ProgramTest, record

HEADER = "file,line,byte_offset,reason,record\n"
GOOD = "u cycle=1 task=login: total_duration=1ms, total_cost=1.00"


class WithoutAnyOption(ProgramTest):
    LOG_FORMAT = "text"

    def test_one_bad_record_ends_the_run_without_a_result(self):
        self.log(record(), "bad")
        self.write("bill", "old")
        self.bill("log", "-o", "bill").fails(TOO_MANY_REJECTS, "1 of 2", "log:2:4: field_count")
        self.assertEqual(self.text("bill"), "old")

    def test_all_are_counted_by_reason_and_the_first_few_are_shown(self):
        lines = ["bad"] * 500 + [record(status=99)] * 7 + [record(ms="x")] + [record()] * 100
        self.log(*lines)
        result = self.bill("log", "--chunk-bytes", "64", "--threads", "4")
        result.fails(TOO_MANY_REJECTS, "508 of 608", "field_count 500", "bad_status 7",
                     "bad_duration 1", "log:1:4: field_count", "log:2:4: field_count")
        self.assertLess(result.err.count("\n"), 50)

    def test_inputs_are_counted_together_and_shown_in_their_order(self):
        self.log(record(), "bad", name="b")
        self.log("worse", name="a")
        result = self.bill("b", "a").fails(TOO_MANY_REJECTS, "2 of 3")
        self.assertLess(result.err.index("b:2:4"), result.err.index("a:1:6"))

    def test_a_caret_stands_below_the_place(self):
        self.log(record(status="2x0"))
        lines = self.bill("log").err.splitlines()
        shown = next(number for number, line in enumerate(lines) if "2x0" in line)
        self.assertEqual(lines[shown + 1].index("^"), lines[shown].index("2x0"))

    def test_the_caret_is_right_behind_escapes_and_wide_letters(self):
        self.log(record(user="üé", status="2x0"))
        lines = self.bill("log").err.splitlines()
        shown = next(number for number, line in enumerate(lines) if "2x0" in line)
        self.assertEqual(lines[shown + 1].index("^"), lines[shown].index("2x0"))
        self.log("\t\t" + record(status="2x0"))
        lines = self.bill("log").err.splitlines()
        shown = next(number for number, line in enumerate(lines) if "2x0" in line)
        self.assertEqual(lines[shown + 1].index("^"), lines[shown].index("2x0"))

    def test_a_long_record_is_cut_to_what_is_around_the_place(self):
        self.log(record(user="a" * 255, task="t" * 255, status="2x0"))
        lines = self.bill("log").err.splitlines()
        shown = next(number for number, line in enumerate(lines) if "2x0" in line)
        self.assertLessEqual(len(lines[shown].strip()), 122)
        self.assertEqual(lines[shown + 1].index("^"), lines[shown].index("2x0"))

    def test_each_reason_says_once_what_is_wanted(self):
        self.log("bad", "bad too", record(user="u" * 300), "2025-05-02 " + record())
        told = self.bill("log").fails(
            TOO_MANY_REJECTS,
            "\nfield_count: wants 5 fields, time user task status NNNms; this line has 1\n",
            "\nbad_user: wants 1 to 255 bytes of UTF-8 without control characters; this one has 300 "
            "bytes\n").err
        self.assertEqual(told.count("field_count: wants"), 1)
        self.log(record(time="2025-05-02 23:16:50"), record(time="2025-05-02t23:16:50z"))
        self.bill("log").fails(TOO_MANY_REJECTS, "bad_time: wants 2025-05-02T23:16:50Z (T, Z or +05:30")

    def test_what_nobody_sees_is_escaped_in_the_message_and_kept_in_the_file(self):
        line = "\u200b\u202e\u00a0bad"
        self.log(record(), line)
        told = self.bill("log", "--rejects", "bad.csv", "--max-rejects", "0").fails(
            TOO_MANY_REJECTS, "\\xE2\\x80\\x8B\\xE2\\x80\\xAE\\xC2\\xA0bad").err
        self.assertNotIn("\u202e", told)
        self.assertIn(line, self.text("bad.csv"))

    def test_the_caret_is_right_behind_characters_of_two_columns(self):
        self.log(record(user="利用者😀", status="2x0"))
        lines = self.bill("log").err.splitlines()
        shown = next(number for number, line in enumerate(lines) if "2x0" in line)
        self.assertEqual(lines[shown + 1].index("^"), lines[shown].index("2x0") + 4)

    def test_a_rejects_file_that_fails_does_not_hide_them(self):
        self.log("bad")
        self.bill("log", "--rejects", "/dev/full", "--max-rejects", "0").fails(
            TOO_MANY_REJECTS, "1 of 1 record rejected", "log:1:4: field_count", "/dev/full",
            "No space left")
        told = self.bill("log", "--rejects", "bad.csv", "--max-rejects", "0").fails(
            TOO_MANY_REJECTS, "\nall of them are in the rejects file")
        self.assertNotIn("--rejects FILE", told.err)

    def test_a_record_cannot_write_to_the_terminal(self):
        self.log("\x1b[2Jbad\a")
        result = self.bill("log").fails(TOO_MANY_REJECTS, "\\x1B[2Jbad\\x07")
        self.assertNotIn("\x1b", result.err)

    def test_a_name_of_a_file_cannot_either(self):
        self.log("bad", name="a\x1b[2J\n")
        result = self.bill("a\x1b[2J\n").fails(TOO_MANY_REJECTS, "a\\x1B[2J\\n:1:4: field_count")
        self.assertNotIn("\x1b", result.err)

    def test_standard_input_has_a_name(self):
        self.aggregate("-", stdin=b"bad\n").fails(TOO_MANY_REJECTS, "<stdin>:1:4: field_count")


class MaxRejects(ProgramTest):
    LOG_FORMAT = "text"

    def allowed(self, bad, good, limit):
        self.log(*["bad"] * bad, *[""] * 50, *[record(status=404)] * good)
        result = self.bill("log", "--max-rejects", limit, "--status", "404")
        self.assertIn(result.code, (DONE, TOO_MANY_REJECTS), result.err)
        return result.code == DONE

    def test_a_number_is_exceeded_by_one_more(self):
        self.assertTrue(self.allowed(3, 10, "3"))
        self.assertFalse(self.allowed(4, 10, "3"))
        self.assertTrue(self.allowed(0, 10, "0"))
        self.assertFalse(self.allowed(1, 10, "0"))

    def test_a_share_is_of_the_records_that_are_no_blanks(self):
        self.assertTrue(self.allowed(10, 90, "10%"))
        self.assertFalse(self.allowed(10, 89, "10%"))
        self.assertTrue(self.allowed(1, 199, "0.5%"))
        self.assertFalse(self.allowed(1, 198, "0.5%"))
        self.assertTrue(self.allowed(5, 0, "100%"))
        self.assertFalse(self.allowed(1, 99, "0%"))
        self.assertTrue(self.allowed(1, 2, "33.4%"))
        self.assertFalse(self.allowed(1, 2, "33.3%"))

    def test_filtered_records_count_as_read(self):
        self.log("bad", *[record(status=404)] * 9)
        self.bill("log", "--max-rejects", "10%", "--status", "200")
        self.assertEqual(self.bill("log", "--max-rejects", "10%", "--status", "2xx").code, DONE)

    def test_it_holds_over_all_inputs(self):
        self.log("bad", "bad", name="a")
        self.log(*[record()] * 18, name="b")
        self.assertEqual(self.bill("a", "b", "--max-rejects", "10%").code, DONE)
        self.bill("a", "b", "--max-rejects", "9.9%").fails(TOO_MANY_REJECTS, "2 of 20")
        self.bill("a", "b", "--max-rejects", "1").fails(TOO_MANY_REJECTS, "2 of 20")

    def test_the_rejects_are_written_though_they_are_too_many(self):
        self.log("bad", record(), "bad")
        self.write("bill", "old")
        self.bill("log", "--max-rejects", "1", "--rejects", "bad.csv", "-o", "bill").fails(
            TOO_MANY_REJECTS)
        self.assertEqual(self.text("bad.csv"), HEADER + "log,1,0,field_count,bad\n"
                         f"log,3,{5 + len(record())},field_count,bad\n")
        self.assertEqual(self.text("bill"), "old")

    def test_bad_records_that_are_allowed_are_not_told_as_errors(self):
        self.log("bad", record())
        result = self.bill("log", "--max-rejects", "1")
        self.assertEqual((result.code, result.out.decode()), (DONE, GOOD + "\n"))
        self.assertNotIn("error", result.err)


class NothingAccepted(ProgramTest):
    """A log of another kind must not end in an empty bill that looks right."""
    LOG_FORMAT = "text"

    def test_is_an_error_whatever_number_is_allowed(self):
        self.log("bad", "worse")
        self.write("bill", "old")
        for options in (("--rejects", "bad.csv"), ("--max-rejects", "10")):
            self.bill("log", *options, "-o", "bill").fails(
                TOO_MANY_REJECTS, "2 of 2 records rejected (field_count 2)", "--max-rejects 100%")
            self.assertEqual(self.text("bill"), "old")
        self.assertEqual(self.text("bad.csv").count("field_count"), 2)

    def test_is_allowed_by_100_percent(self):
        self.log("bad")
        result = self.bill("log", "--max-rejects", "100%").warns("1 of 1 record rejected")
        self.assertEqual(result.out, b"")

    def test_makes_no_partial_either(self):
        self.log("bad")
        result = self.run_billing("aggregate", "log", "-q", "--rejects", "r", "--partial", "p")
        result.fails(TOO_MANY_REJECTS)
        self.assertEqual(self.names(), ["log", "r"])

    def test_is_told_where_runs_go_on(self):
        self.log("bad")
        self.log(record(), name="good")
        options = ("--state", "state", "--rejects", "r", "-q", "-r", "login=1")
        self.run_billing("aggregate", "log", *options).warns("not one accepted")
        self.run_billing("aggregate", "good", *options).prints(GOOD)

    def test_records_that_are_filtered_are_of_the_right_kind(self):
        self.log("bad", record(status=404))
        self.bill("log", "--rejects", "r", "--status", "2xx").warns("1 of 2 records rejected")

    def test_tasks_without_a_rate_are_told_as_such(self):
        self.log(record(task="b"))
        self.bill("log", "--unrated", "reject", "--rejects", "r").fails(
            TOO_MANY_REJECTS, "unrated_task 1", "no task has a rate")


class Quiet(ProgramTest):
    LOG_FORMAT = "text"

    def test_one_line_tells_of_rejects(self):
        self.log("bad", record(ms="x"), record())
        counts = "2 of 3 records rejected (field_count 1, bad_duration 1)"
        self.bill("log", "--rejects", "bad.csv").with_rejects(counts, "bad.csv").prints(GOOD)
        self.assertIn(counts, self.bill("log", "--max-rejects", "2").err)
        self.log(record())
        self.bill("log", "--rejects", "bad.csv").prints(GOOD)


class RejectsFile(ProgramTest):
    LOG_FORMAT = "text"

    def rejects(self, content, *arguments):
        self.write("log", content)
        result = self.bill("log", "--rejects", "bad.csv", "--max-rejects", "100%", *arguments)
        self.assertEqual(result.code, DONE, result.err)
        return self.read("bad.csv").removeprefix(HEADER.encode())

    def row(self, record_cell, line=b"bad"):
        self.assertEqual(self.rejects(line), b"log,1,0,field_count," + record_cell + b"\n")

    def test_the_header_stands_alone_where_nothing_is_rejected(self):
        self.assertEqual(self.rejects(record()), b"")
        self.assertEqual(self.text("bad.csv"), HEADER)
        self.write("log", "")
        self.bill("log", "--rejects", "bad.csv").warns("empty")
        self.assertEqual(self.text("bad.csv"), HEADER)

    def test_any_number_of_rejects_is_well_and_the_rest_is_billed(self):
        self.log(*["bad"] * 100, record())
        self.bill("log", "--rejects", "bad.csv").with_rejects(
            "100 of 101 records rejected (field_count 100)", "bad.csv").prints(GOOD)
        self.assertEqual(len(self.text("bad.csv").splitlines()), 101)

    def test_lines_and_offsets(self):
        bad = b"\n \r\n bad one \r\n" + record().encode() + b"\nbad"
        self.assertEqual(self.rejects(bad), b"log,3,4,field_count, bad one \n"
                         b"log,5,%d,field_count,bad\n" % (len(bad) - 3))

    def test_escapes(self):
        self.row(rb"a\\b\tc\rd", b"a\\b\tc\rd\r\n")
        self.row(rb"\x00\x01\x1F\x7F\x1B", b"\x00\x01\x1f\x7f\x1b")
        self.row(rb"\xC2\x80\xC2\x9F" + "\u00a0".encode(), "\u0080\u009f\u00a0".encode())
        self.row(rb"\xFF\xC0\xAF\xED\xA0\x80\xE2\x82", b"\xff\xc0\xaf\xed\xa0\x80\xe2\x82")
        self.row("ü€😀".encode(), "ü€😀".encode())

    def test_quotes_and_commas(self):
        self.row(b'"a,b"', b"a,b")
        self.row(b'"a""b"', b'a"b')

    def test_csv_safe_covers_the_record(self):
        self.assertEqual(self.rejects("=1+1\n", "--csv-safe"), b"log,1,0,field_count,'=1+1\n")
        self.assertEqual(self.rejects("=1+1\n"), b"log,1,0,field_count,=1+1\n")

    def test_a_record_of_more_than_64_kib_is_cut(self):
        self.row(b"x" * 65536, b"x" * 65536)
        self.row(b"x" * 65536 + "…(+1 bytes)".encode(), b"x" * 65537)
        self.row(b"x" * 65536 + "…(+1000000 bytes)".encode(), b"x" * 1065536 + b"\r\n")
        self.row(b"x" * 65535 + rb"\xE2" + "…(+2 bytes)".encode(), b"x" * 65535 + "€".encode())
        self.row(rb"\x01" * 65536 + "…(+4 bytes)".encode(), b"\x01" * 65540)

    def test_reasons_of_all_kinds_in_order(self):
        lines = [record(time="x"), record(user="\x01"), record(task="\x01"), record(status="x"),
                 record(ms="x"), "x", record(task="free"), record()]
        rows = self.rejects("\n".join(lines), "--unrated", "reject").decode().splitlines()
        self.assertEqual([row.split(",")[3] for row in rows],
                         ["bad_time", "bad_user", "bad_task", "bad_status", "bad_duration",
                          "field_count", "unrated_task"])

    def test_names_of_inputs_are_given_as_named_and_escaped(self):
        self.log("bad", name='sub/a,"b"\x01')
        self.bill('./sub/a,"b"\x01', "--rejects", "bad.csv")
        self.assertEqual(self.text("bad.csv"),
                         HEADER + r'"./sub/a,""b""\x01",1,0,field_count,bad' + "\n")

    def test_standard_input_has_a_name(self):
        self.aggregate("-", "--rejects", "bad.csv", stdin=b"bad")
        self.assertEqual(self.text("bad.csv"), HEADER + "<stdin>,1,0,field_count,bad\n")

    def test_order_over_inputs_threads_and_chunks(self):
        for name in "cab":
            self.log(*(f"bad {number}" if number % 3 else record() for number in range(200)),
                     name=name)
        expected = [(name, number + 1) for name in "cab" for number in range(200) if number % 3]
        for threads, chunk in (("1", "1000000"), ("4", "1"), ("3", "100"), ("8", "17")):
            self.bill("c", "a", "b", "--rejects", "bad.csv", "--threads", threads,
                      "--chunk-bytes", chunk)
            rows = [row.split(",") for row in self.text("bad.csv").splitlines()[1:]]
            self.assertEqual([(row[0], int(row[1])) for row in rows], expected)

    def test_to_standard_output_while_the_bill_goes_to_a_file(self):
        self.log(record(), "bad")
        result = self.bill("log", "--rejects", "-", "-o", "bill")
        self.assertEqual(result.out.decode(), HEADER + f"log,2,{len(record()) + 1},field_count,bad\n")
        self.assertEqual(self.text("bill"), GOOD + "\n")

    def test_it_may_not_be_the_output_or_an_input(self):
        self.log(record())
        self.bill("log", "--rejects", "-").fails(MISUSED, "--rejects")
        self.bill("log", "--rejects", "x", "-o", "./x").fails(MISUSED, "--rejects")
        self.bill("log", "--rejects", "./log", "-o", "x").fails(MISUSED, "--rejects")
        self.assertEqual((self.names(), self.text("log")), (["log"], record() + "\n"))

    def test_where_it_cannot_be_written_there_is_no_bill(self):
        self.log(record())
        self.bill("log", "--rejects", "no/such/folder.csv", "-o", "bill").fails(FAILED, "no/such")
        self.bill("log", "--rejects", "/dev/full", "-o", "bill").fails(FAILED, "/dev/full")
        self.assertEqual(self.names(), ["log"])

    def test_a_run_that_fails_for_another_reason_writes_no_rejects(self):
        self.log("bad", record("u", ms="9" * 15))
        self.bill("log", "--rejects", "bad.csv", rates=("login=999999999999999",)).fails(FAILED)
        self.bill("log", "--rejects", "bad.csv", rates=()).fails(MISUSED)
        self.assertEqual(self.names(), ["log"])


if __name__ == "__main__":
    unittest.main()
