"""Readers of standard output and standard error that are not there, or go away."""

import os
import signal
import subprocess
import unittest

from program_fixture import DONE, ENGINES, FAILED, PROGRAM, RUN_LIMIT_SECONDS, ProgramTest, record


class ClosedPipes(ProgramTest):
    def setUp(self):
        super().setUp()
        self.log(*(record(user=f"user{number}") for number in range(30000)))

    def test_a_reader_that_goes_away_ends_the_run_silently(self):
        for engine in ENGINES:
            with self.subTest(engine=engine):
                self.closes_after_a_line("aggregate", "-q", engine, "log", "-r", "login=1")
                self.closes_after_a_line("aggregate", "-q", engine, "log", "-r", "login=1", "-o",
                                         "/dev/stdout")
        self.closes_after_a_line("generate", "-n", "100000")

    def closes_after_a_line(self, *arguments):
        process = self.start(*arguments)
        process.stdout.readline()
        process.stdout.close()
        process.wait(RUN_LIMIT_SECONDS)
        self.assertEqual(process.stderr.read(), b"")
        self.assertIn(process.returncode, (DONE, 141, -signal.SIGPIPE))

    def test_rejects_that_nobody_reads_to_the_end_leave_no_bill_in_silence(self):
        self.write("log", record() + "\n" + "bad\n" * 100000)
        for engine in ENGINES:
            with self.subTest(engine=engine):
                process = self.start("aggregate", "-q", engine, "log", "-r", "login=1", "--rejects",
                                     "-", "-o", "bill")
                process.stdout.readline()
                process.stdout.close()
                process.wait(RUN_LIMIT_SECONDS)
                self.assertEqual(process.returncode, FAILED)
                told = process.stderr.read().decode()
                self.assertIn("cannot write standard output: Broken pipe", told)
                self.assertEqual(told.count("no result was written"), 1)
                self.assertNotIn("bill", self.names())

    def test_in_a_shell_with_head(self):
        process = subprocess.run(
            ["sh", "-c", '"$0" aggregate -q log -r login=1 | head -1; "$0" --help | head -1 '
             '| grep -c . ; "$0" generate -n 100000 | head -1', PROGRAM],
            cwd=self.folder, capture_output=True, timeout=RUN_LIMIT_SECONDS)
        self.assertEqual(process.stderr, b"")
        self.assertEqual(process.stdout.count(b"\n"), 3)

    def test_a_closed_standard_error_takes_no_message_into_the_bill(self):
        for closed in ("2>&-", "1>&- 2>&-", "0<&- 1>&- 2>&-"):
            subprocess.run(["sh", "-c", f'"$0" aggregate log -r x=1 --unrated zero -o bill {closed}',
                            PROGRAM], cwd=self.folder, timeout=RUN_LIMIT_SECONDS)
            self.assertEqual(self.read("bill").count(b"\n"), 30000)
            self.assertNotIn(b"warning", self.read("bill"))
            self.assertNotIn(b"balanced", self.read("bill"))

    def test_a_standard_error_that_nobody_reads_does_not_stop_the_bill(self):
        read_end, write_end = os.pipe()
        os.close(read_end)
        process = self.start("aggregate", "log", "-r", "login=1", "-o", "bill", stderr=write_end)
        os.close(write_end)
        process.wait(RUN_LIMIT_SECONDS)
        self.assertEqual((self.read("bill").count(b"\n"), process.returncode), (30000, DONE))


if __name__ == "__main__":
    unittest.main()
