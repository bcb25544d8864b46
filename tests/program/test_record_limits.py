"""Records that are too long, and rejects by the million: what is kept of them is bounded."""

import random
import subprocess
import unittest

from program_fixture import (DONE, MISUSED, PROGRAM, SANITIZED, TOO_MANY_REJECTS, ProgramTest,
                             clean_environment, peak_anonymous_bytes, record)

GOOD = "u cycle=1 task=login: total_duration=1ms, total_cost=1.00"
HEADER = "file,line,byte_offset,reason,record\n"
RATE = ("-r", "login=1")


class TooLong(ProgramTest):
    """Files are mapped, pipes are read, the baseline reads: all say the same."""

    def test_a_record_of_the_longest_length_is_billed(self):
        longest = record() + " " * (1024 - len(record()))
        for end in ("\n", "\r\n", ""):
            self.write("log", longest + end)
            self.bill("log", "--max-record-bytes", "1024").prints(GOOD)
            self.bill("-", "--max-record-bytes", "1024", stdin=self.read("log")).prints(GOOD)

    def test_a_longer_one_is_a_reject_whatever_it_holds(self):
        for content in (record() + " ", " " * 10, "x", "\0", "ü"):
            for end in ("\n", "\r\n", ""):
                longer = (content * 1025)[:max(1025, len(content))].ljust(1025)
                self.write("log", record() + "\n" + longer + end)
                expected = ("1 of 2", "2:1: too_long")
                self.bill("log", "--max-record-bytes", "1024").fails(TOO_MANY_REJECTS, *expected)
                self.bill("-", "--max-record-bytes", "1024", stdin=self.read("log")).fails(
                    TOO_MANY_REJECTS, *expected)

    def test_records_around_it_are_billed_and_its_beginning_stands_in_the_rejects_file(self):
        text = "x" * 70_000
        lines = [record(), text, record(), "y" * 2000, "", record()]
        self.log(*lines)
        rejects = (HEADER + f"NAME,2,{len(record()) + 1},too_long,{text[:65536]}…(+4464 bytes)\n"
                   f"NAME,4,{2 * len(record()) + 70_003},too_long,{'y' * 2000}\n")
        for arguments, stdin, name in ((("log",), b"", "log"),
                                       (("-",), self.read("log"), "<stdin>")):
            for chunk in ("1", "900", "100000", "2000000"):
                self.bill(*arguments, "--max-record-bytes", "1KiB", "--rejects", "r", "-o", "bill",
                          "--chunk-bytes", chunk, stdin=stdin)
                self.assertEqual(self.text("r"), rejects.replace("NAME", name))
                self.assertIn("total_duration=3ms", self.text("bill"))

    def test_logs_of_records_of_all_lengths_are_read_alike(self):
        choice = random.Random(7)
        for _ in range(12):
            text = b""
            for _ in range(choice.randrange(40)):
                kind = choice.randrange(6)
                length = choice.choice((3, 900, 1023, 1024, 1025, 1026, 3000, 66_000, 140_000))
                line = record().encode() if kind < 3 else b"\xc3\xbcx\r"[kind - 3:] * length
                if kind == 2:
                    line = line.ljust(length)
                text += line + choice.choice((b"\n", b"\r\n", b"\r\r\n"))
            text = text[:len(text) - choice.randrange(3)]
            self.write("log", text)
            options = ("--max-record-bytes", "1024", "--chunk-bytes", choice.choice(
                ("1", "1000", "5000", "300000")), "--max-rejects", "100%", "--rejects", "r",
                "-o", "bill")
            self.bill("log", *options)
            found = self.text("bill"), self.text("r").replace("log,", "<stdin>,")
            self.bill("-", *options, stdin=text)
            self.assertEqual((self.text("bill"), self.text("r")), found)

    def test_a_record_of_a_pipe_must_fit_half_of_the_memory_limit(self):
        self.log(record())
        options = ("--max-record-bytes", "64MiB", "--memory-limit", "100MB")
        self.run_billing("aggregate", "-q", "log", *RATE, *options).prints(
            "u cycle=1 task=login: total_duration=1ms, total_cost=1.00")
        self.run_billing("aggregate", "-", *RATE, *options, stdin=record().encode()).fails(
            MISUSED, "--max-record-bytes", "67,108,864 bytes", "100 MB")

    def test_limits_that_are_refused(self):
        self.log(record())
        for size in ("0", "1023", "x", "2GiB", "-1", ""):
            self.bill("log", f"--max-record-bytes={size}").fails(MISUSED, "--max-record-bytes")

    def test_without_an_option_a_record_may_have_16_mib(self):
        longest = record() + " " * (2**24 - len(record()))
        self.write("log", longest + "\n")
        self.bill("log").prints(GOOD)
        self.write("log", longest + " \n")
        self.bill("log").fails(TOO_MANY_REJECTS, "log:1:1: too_long")


class Bounds(ProgramTest):
    """Of anonymous memory; the pages of a mapped log are the system's cache."""

    def setUp(self):
        super().setUp()
        if SANITIZED:
            self.skipTest("a sanitizer takes memory of its own")

    def peak(self, *arguments, pipe=False, limit="64MB"):
        command = [PROGRAM, "aggregate", "-q", *RATE, "--memory-limit", limit, "-o", "bill",
                   "--rejects", "r", *arguments, "-" if pipe else "log"]
        settings = {"cwd": self.folder, "env": clean_environment(), "stderr": subprocess.PIPE}
        if not pipe:
            return peak_anonymous_bytes(command, **settings)
        with subprocess.Popen(["cat", "log"], cwd=self.folder, stdout=subprocess.PIPE) as cat:
            return peak_anonymous_bytes(command, stdin=cat.stdout, **settings)

    def keeps(self, limit_bytes=64_000_000, **settings):
        for pipe in (False, True):
            code, peak = self.peak(pipe=pipe, **settings)
            self.assertEqual(code, DONE)
            self.assertLess(peak, limit_bytes * 1.05)

    def test_a_line_of_any_length_takes_no_more(self):
        with open(self.folder / "log", "wb") as log:
            log.write(record().encode() + b"\n")
            log.truncate(300_000_000)  # zeros
        self.keeps()
        self.assertEqual(self.text("r").count("too_long"), 1)

    def test_long_lines_one_after_another_take_no_more(self):
        with open(self.folder / "log", "wb") as log:
            log.write(record().encode() + b"\n")
            for _ in range(15):
                log.write(b"x" * 15_000_000 + b"\n")
        self.keeps()
        self.assertEqual(self.text("r").count("field_count"), 15)

    def test_rejects_by_the_million_take_no_more(self):
        self.write("log", record() + "\n" + "a\n" * 5_000_000)
        for threads in ("1", "8"):
            code, peak = self.peak("--threads", threads)
            self.assertEqual(code, DONE)
            self.assertLess(peak, 64_000_000 * 1.05)
            self.assertEqual(self.text("r").count("field_count"), 5_000_000)
        code, peak = self.peak("--threads", "8", pipe=True)
        self.assertLess(peak, 64_000_000 * 1.05)

    def test_rejects_that_wait_for_a_slow_chunk_take_no_more(self):
        with open(self.folder / "log", "wb") as log:
            log.write(record().encode() + b"\n")
            log.write(b"x" * 200_000_000 + b"\n" + b"a\n" * 3_000_000)
        code, peak = self.peak("--threads", "4")
        self.assertEqual(code, DONE)
        self.assertLess(peak, 64_000_000 * 1.05)


if __name__ == "__main__":
    unittest.main()
