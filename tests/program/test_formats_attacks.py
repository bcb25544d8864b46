"""What went wrong with formats when it was attacked: each case says what should have been."""

import subprocess
import unittest

from formats_fixture import TIMED, FormatsTest, web_line
from memory_fixture import WatchedTest
from program_fixture import PROGRAM, clean_environment, peak_anonymous_bytes

HEADER = "time,user,task,status,quantity"
ROW = "2025-05-02,ann,t,200,1"
JSON = '{"time":"2025-05-02","user":"ann","task":"t","duration_ms":1.5}'
WITHOUT_TIME = ("log", "--format", "json", "--time", "none", "--rate", "*=1")


class MoneyThatIsLost(FormatsTest):
    def test_a_stray_quote_counts_as_many_rejects_as_it_takes_lines(self):
        """Half of a table in one broken record is no tenth of a percent."""
        self.log(HEADER, *[ROW] * 500, '2025-05-02,"bob,t,200,1', *[ROW] * 500)
        options = ("log", "--format", "csv", "--group-by", "user", "--rate", "*=1")
        for allowed in ("0.2%", "1", "500", "50%"):
            with self.subTest(allowed=allowed):
                self.aggregate(*options, "--max-rejects", allowed).fails(3)
        self.aggregate(*options, "--max-rejects", "501").is_done()

    def test_empty_quotes_behind_the_last_column_are_dropped_as_empty_cells_are(self):
        for more in (',""', ',"",', ',,""', ',""\r'):
            with self.subTest(more=more):
                self.log(HEADER, ROW + more)
                found = self.meter("log", "--format", "csv")
                self.assertEqual((found.counts, found.quantity), ((1, 0, 1, 0), 1))

    def test_without_times_the_cycle_is_all(self):
        self.log(*['{"user":"ann","task":"t","quantity":1}'] * 7)
        self.aggregate(*WITHOUT_TIME).prints(
            "ann cycle=all task=t: total_quantity=7units, total_cost=7.00")

    def test_without_times_there_are_no_calendars_and_no_limits_in_time(self):
        self.log('{"user":"ann","task":"t","quantity":1}')
        for cycle in ("hour", "day", "week", "month", "quarter", "year", "every:1h"):
            with self.subTest(cycle=cycle):
                self.aggregate(*WITHOUT_TIME, "--cycle", cycle).fails(2, "--cycle", "--time")
        for limit in ("--since", "--until"):
            with self.subTest(limit=limit):
                self.aggregate(*WITHOUT_TIME, limit, "2025-01-01").fails(2, limit, "--time")

    def test_without_times_runs_of_calls_may_be_asked_for(self):
        self.log(*['{"user":"ann","task":"t","quantity":1}'] * 7)
        self.aggregate(*WITHOUT_TIME, "--cycle", "calls:5").prints(
            "ann cycle=1 task=t: total_quantity=5units, total_cost=5.00",
            "ann cycle=2 task=t: total_quantity=2units, total_cost=2.00")

    def test_a_constant_that_hides_what_stands_behind_it_is_a_mistake(self):
        """Somebody who says 1,5 for one and a half would bill 1 for each call."""
        self.log(JSON)
        for option, selector in (("--quantity", "1,5"), ("--quantity", "=1,duration_ms"),
                                 ("--user", "=x,user"), ("--task", "=x,task")):
            with self.subTest(selector=selector):
                self.aggregate("log", "--format", "json", option, selector, "--rate", "*=1").fails(
                    2, option)


class EnginesThatDiffer(FormatsTest):
    def test_pieces_of_a_list_are_trimmed_of_spaces_alone(self):
        for user in (r"\tann, x", r"ann\t,x", r" ann ,x"):
            with self.subTest(user=user):
                self.log(JSON.replace("ann", user))
                found = self.meter("log", "--format", "json", "--user", "user:first")
                self.assertEqual(found.counts[:2], (0, 1) if "\\t" in user else (1, 0))

    def test_a_value_with_a_unit_and_an_exponent(self):
        for value in ("1e3s", "1.5e0 s", "1E-3s"):
            with self.subTest(value=value):
                self.log(JSON.replace("1.5}", f'"{value}"}}'))
                self.meter("log", "--format", "json", "--quantity", "duration_ms:auto")


    def test_a_header_longer_than_a_record_may_be(self):
        self.log(HEADER + "," + "n" * 2000, *[ROW + ",x"] * 3)
        found = self.meter("log", "--format", "csv", "--max-record-bytes", "1024")
        self.assertEqual(found.quantity, 3)

    def test_a_last_record_with_an_open_quote_is_the_same_in_a_file_and_a_stream(self):
        """Its last line end is no part of it, whether it is measured or shown."""
        for size in (1023, 1024, 1025, 3000):
            for line_end in ("\n", "\r\n"):
                with self.subTest(size=size, line_end=line_end):
                    row = '2025-05-02,"ann,t,200,1'.ljust(size, "x")
                    self.write("log", HEADER + "\n" + row + line_end)
                    options = ("--format", "csv", "--max-record-bytes", "1024")
                    in_file = self.meter("log", *options)
                    in_stream = self.meter("-", *options, stdin=self.read("log"))
                    self.assertEqual(in_stream.rejects, in_file.rejects)
                    self.assertEqual(in_file.rejects[0][3], row)


class InputsTogether(FormatsTest):
    def test_text_beside_another_format_keeps_its_whole_milliseconds(self):
        self.log("2025-05-02T00:00:00Z ann t 200 8ms", name="text")
        self.log(JSON, name="json")
        for names in (("text", "json"), ("json", "text")):
            with self.subTest(names=names):
                found = self.meter(*names, "--cycle", "all")
                self.assertEqual(found.rows, [["ann", "all", "t", "2", "9.5", "9.500000000000"]])

    def test_text_with_more_digits_can_be_merged_with_what_has_them(self):
        self.log("2025-05-02T00:00:00Z ann t 200 8ms", name="text")
        self.log(JSON, name="json")
        for name in ("text", "json"):
            self.run_billing("aggregate", "-q", name, "--quantity-digits", "3", "--partial",
                             f"{name}.partial").is_done()
        merged = self.run_billing("merge", "-q", "text.partial", "json.partial", "--rate", "*=1",
                                  "--group-by", "user")
        merged.prints("ann: total_quantity=9.5ms, total_cost=9.50")

    def test_an_input_of_nothing_has_no_unit_of_its_own(self):
        self.log('{"time":"2025-05-02","user":"ann","task":"t","quantity":1}', name="json")
        self.write("empty", "")
        self.write("blank", "\n \r\n")
        for names in (("empty", "json", "blank"), ("json", "empty"), ("blank", "json")):
            with self.subTest(names=names):
                result = self.aggregate(*names, "--rate", "*=1", "--group-by", "user").is_done()
                self.assertEqual(result.out, b"ann: total_quantity=1units, total_cost=1.00\n")

    def test_a_first_record_longer_than_what_is_looked_at_is_not_taken_for_text(self):
        self.log('{"x":"' + "y" * 70_000 + '",' + JSON[1:])
        result = self.aggregate("log", "--rate", "*=1", "--group-by", "user")
        self.assertNotEqual(result.code, 3, result.err)

    def test_many_blank_lines_at_the_start_are_not_all_there_is(self):
        self.log(*[""] * 2000, JSON)
        result = self.aggregate("log", "--rate", "*=1", "--group-by", "user")
        self.assertNotEqual(result.code, 3, result.err)


class StatementsThatMislead(FormatsTest):
    def test_a_name_with_spaces_stands_as_a_json_string_in_text(self):
        self.log(web_line(user="al ice"), web_line(user="bob"))
        self.aggregate("log", "--log-format", TIMED, "--group-by", "user", "--rate", "*=1").prints(
            '"al ice": total_quantity=10ms, total_cost=10.00',
            "bob: total_quantity=10ms, total_cost=10.00")

    def test_a_name_cannot_write_a_line_of_the_bill(self):
        self.log(JSON.replace("ann", "ann: total_cost=0.00"), JSON.replace("ann", r"\"ann"),
                 JSON.replace('"t"', r'"x \"y\" \\"'))
        self.aggregate("log", "--format", "json", "-g", "user,task", "--rate", "*=1").prints(
            r'"\"ann" task=t: total_quantity=1.5ms, total_cost=1.50',
            r'ann task="x \"y\" \\": total_quantity=1.5ms, total_cost=1.50',
            '"ann: total_cost=0.00" task=t: total_quantity=1.5ms, total_cost=1.50')


class MessagesThatLie(FormatsTest):
    def test_headers_are_told_as_directives(self):
        self.log(HEADER, ROW, "")
        result = self.run_billing("aggregate", "log", "--format", "csv", "--rate", "*=1").is_done()
        self.assertRegex(result.err, r"(?m)^directives +1$")
        self.assertRegex(result.err, r"(?m)^balanced .*directives")
        found = self.meter("log", "--format", "csv")
        self.assertEqual(found.summary.get("directives"), 1)

    def test_what_was_expected_is_what_the_format_wants(self):
        self.log(HEADER, ROW + ",7")
        result = self.aggregate("log", "--format", "csv", "--rate", "*=1").fails(3, "field_count")
        self.assertNotIn("NNNms", result.err)
        self.log(JSON.replace('"task"', '"status":"ok","task"'))
        result = self.aggregate("log", "--format", "json", "--rate", "*=1").fails(3, "bad_status")
        self.assertNotIn("100 to 599", result.err)
        self.log(JSON.replace('"user":"ann",', ""))
        result = self.aggregate("log", "--format", "json", "--rate", "*=1").fails(3, "bad_user")
        self.assertNotIn("this one has a control character", result.err)

    def test_a_header_without_rows_is_an_empty_bill_with_a_warning(self):
        self.log(HEADER)
        for options in (("--format", "csv"), ()):
            with self.subTest(options=options):
                self.aggregate("log", *options, "--rate", "*=1").warns("empty")


class TimeAndMemory(WatchedTest):
    def test_a_name_that_is_full_of_times_ends_the_run_all_the_same(self):
        """What a client claims is looked through once: else this takes longer than a run may."""
        claim = "a [02/May/2025:23:16:50 +0200] " * 400_000
        self.write("log", f'192.0.2.1 - {claim}"\n')
        self.aggregate("log", "--log-format", TIMED, "--rate", "*=1").fails(3, "bad_record")

    def test_a_record_that_is_too_long_takes_no_memory_in_a_table(self):
        for name, cell in (("commas", ","), ("rows", ROW + "\n")):
            with self.subTest(name=name):
                with open(self.folder / "log", "w") as file:
                    file.write(f"{HEADER}\n{ROW}\n2025-05-02," + ('"' if name == "rows" else ""))
                    file.write(cell * (100_000_000 // len(cell)))
                code, peak = peak_anonymous_bytes(
                    [PROGRAM, "aggregate", "-q", "log", "--format", "csv", "--rate", "*=1",
                     "--memory-limit", "64MB", "--max-rejects", "100%"], cwd=self.folder,
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=clean_environment())
                self.assertEqual(code, 0)
                self.assertLess(peak, 128_000_000)


if __name__ == "__main__":
    unittest.main()
