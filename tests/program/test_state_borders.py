"""aggregate --state where it is not plain where records end, or which columns there are."""

import gzip
import unittest

from program_fixture import DONE, MISUSED
from state_fixture import StateTest

RATE = ("--group-by", "user", "--rate", "*=1")
CALL = "2025-05-02T23:16:5{} {} login 200 1ms"


def cri(stream, flag, text):
    return f"2025-05-02T23:16:03Z {stream} {flag} {text}\n"


class Borders(StateTest):
    LOG_FORMAT = None

    def night(self, *arguments, state="state"):
        return self.run_billing("aggregate", "-q", "--state", state, *arguments, *RATE)

    def bills(self, expected, *arguments):
        result = self.night(*arguments)
        self.assertEqual((result.code, result.out), (DONE, expected), result.err)
        return result

    def test_another_limit_of_records_would_cut_a_wrapped_log_elsewhere(self):
        options = ("--unwrap", "cri", "--stream", "all", "--rejects", "/dev/null",
                   "--max-rejects", "100%")
        log = (cri("stdout", "F", CALL.format("0Z", "ann"))
               + cri("stdout", "P", CALL.format("9Z", "ann")[:20] + " ann " + "x" * 3000)
               + cri("stderr", "F", CALL.format("1Z", "bob")))
        self.write("log", log)
        first = b"ann: total_duration=1ms, total_cost=1.00\nbob: total_duration=1ms, total_cost=1.00\n"
        self.bills(first, "log", *options, "--max-record-bytes", "2000")
        self.write("log", log + cri("stdout", "F", " login 200 1ms"))
        self.night("log", *options).fails(MISUSED, "log", "another --max-record-bytes")
        self.bills(first, "log", *options, "--max-record-bytes", "2000")

    def test_an_array_that_begins_or_ends_with_many_blanks(self):
        row = '{"time":"2025-05-02T10:00:00Z","user":"%s","task":"t","quantity":1}'
        for name, before, behind, write in (
                ("a.json", " " * 300, "", self.write),
                ("b.json", "", "\n" * 70_000, self.write),
                ("c.json.gz", "\n" * 300, "", lambda name, text: (self.folder / name).write_bytes(
                    gzip.compress(text.encode(), mtime=0)))):
            with self.subTest(name=name):
                write(name, before + "[" + row % "ann" + "]" + behind)
                self.night(name, "--format", "json", state=name + ".state")
                write(name, before + "[" + row % "ann" + "," + row % "bob" + "]" + behind)
                result = self.night(name, "--format", "json", state=name + ".state")
                self.assertEqual((result.code, result.err), (DONE, ""))
                self.assertEqual(result.out.count(b"total_quantity=1units"), 2, result.out)

    def test_a_log_that_has_named_no_columns_yet_waits(self):
        self.write("old", "#Fields: date time cs-username time-taken\n2025-05-02 10:00:00 eve 15\n")
        self.write("new", "#Version: 1.0\n#Fiel")
        for number, options in enumerate((("--dedupe-by", "time,cs-username"),
                                          ("--where", "cs-username != 'x'"))):
            with self.subTest(options=options):
                result = self.night("old", "new", "--format", "iis", *options,
                                    state=f"state{number}")
                self.assertEqual(result.code, DONE, result.err)
                self.assertEqual(result.out, b"eve: total_quantity=15ms, total_cost=15.00\n")

    def test_half_a_line_of_columns_within_a_wrapper_names_none(self):
        lines = ("#Version: 1.0", "#Fields: date time cs-username time-taken",
                 "2025-05-02 10:00:00 eve 15")
        whole = "".join(cri("stdout", "F", line) for line in lines)
        for end in range(whole.index("#Fields"), whole.index("2025-05-02 10") - 22):
            with self.subTest(end=end):
                state = f"state{end}"
                options = ("--unwrap", "cri", "--format", "iis", "--dedupe-by", "cs-username,time")
                self.write("log", whole[:end])
                result = self.night("log", *options, state=state)
                self.assertEqual(result.code, DONE, result.err)
                self.write("log", whole)
                result = self.night("log", *options, state=state)
                self.assertEqual((result.code, result.out),
                                 (DONE, b"eve: total_quantity=15ms, total_cost=15.00\n"), result.err)

    def test_a_log_of_duplicates_alone_has_a_format(self):
        calls = [CALL.format(f"{i}Z", "ann") for i in range(2)]
        lines = [cri("stdout", "F", call) for call in calls]
        self.write("a.log", "".join(call + "\n" for call in calls))
        self.write("b.log", "".join(lines) + cri("stderr", "F", CALL.format("5Z", "bob")))
        self.bills(b"ann: total_duration=2ms, total_cost=2.00\n", "a.log", "b.log", "--dedupe-by",
                   "record")
        self.write("b.log", "".join(lines) + cri("stderr", "F", CALL.format("5Z", "bob"))
                   + cri("stdout", "F", CALL.format("6Z", "ann")))
        self.night("a.log", "b.log", "--dedupe-by", "record", "--stream", "all").fails(
            MISUSED, "b.log", "--stream")


if __name__ == "__main__":
    unittest.main()
