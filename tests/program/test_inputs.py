"""Where logs come from: files, standard input, pipes; and what is no log."""

import os
import threading
import unittest

from program_fixture import DONE, FAILED, UNPRIVILEGED, ProgramTest, record

BILLED = "u: total_duration=1ms, total_cost=1.00"
RATE = ("--rate", "login=1", "--group-by", "user")


class Inputs(ProgramTest):
    def bills(self, calls, *arguments, stdin=b""):
        self.aggregate(*arguments, *RATE, stdin=stdin).prints(
            f"u: total_duration={calls}ms, total_cost={calls}.00")

    def test_positional_and_input_alike(self):
        self.log(record(), name="a")
        self.log(record(), record(), name="b")
        self.bills(3, "a", "b")
        self.bills(3, "a", "--input", "b")
        self.bills(3, "--input", "b", "--input", "a")
        self.bills(3, "-i", "b", "a")

    def test_standard_input_by_name_and_by_nothing(self):
        self.bills(1, "-", stdin=record().encode())
        self.bills(1, stdin=record().encode() + b"\n")
        self.bills(1, "--input", "-", stdin=record().encode() + b"\r\n")

    def test_standard_input_among_files(self):
        self.log(record(), name="a")
        self.bills(2, "a", "-", stdin=record().encode())

    def test_inputs_do_not_run_into_each_other(self):
        self.write("a", record())
        self.write("b", record())
        self.bills(2, "a", "b")

    def test_an_empty_input_among_others_gives_no_warning(self):
        self.log(record(), name="a")
        self.write("b", "")
        self.bills(1, "a", "b")

    def test_standard_input_that_is_a_file(self):
        self.log(record(), name="a")
        with open(self.folder / "a", "rb") as file:
            process = self.start("aggregate", "-q", *RATE, stdin=file)
            self.finish(process).prints(BILLED)

    def test_standard_input_that_stands_inside_a_file_is_read_from_there(self):
        self.log("bad", record(), name="a")
        for engine in ("--naive", "--parallel"):
            with open(self.folder / "a", "rb", buffering=0) as file:
                file.read(4)
                process = self.start("aggregate", "-q", engine, *RATE, stdin=file)
                self.finish(process).prints(BILLED)

    def test_a_closed_standard_input_is_an_error(self):
        process = self.start("aggregate", "-q", *RATE, stdin=None,
                             preexec_fn=lambda: os.close(0))
        self.finish(process).fails(FAILED, "<stdin>")

    def test_a_pipe_is_read(self):
        os.mkfifo(self.folder / "pipe")
        process = self.start("aggregate", "-q", "pipe", *RATE)
        with open(self.folder / "pipe", "wb") as pipe:
            for piece in (record()[:10], record()[10:] + "\n" + record()):
                pipe.write(piece.encode())
                pipe.flush()
        self.finish(process).prints("u: total_duration=2ms, total_cost=2.00")

    def test_two_pipes_that_are_filled_at_once(self):
        for name in ("one", "two"):
            os.mkfifo(self.folder / name)
        content = (record() + "\n").encode() * 20000
        for engine in ("--naive", "--parallel"):
            process = self.start("aggregate", "-q", engine, "one", "two", *RATE)
            fillers = [threading.Thread(target=(self.folder / name).write_bytes, args=(content,))
                       for name in ("two", "one")]
            for filler in fillers:
                filler.start()
            self.finish(process).prints("u: total_duration=40000ms, total_cost=40000.00")
            for filler in fillers:
                filler.join()

    def test_dev_null_is_an_empty_log(self):
        self.assertEqual(self.aggregate("/dev/null", *RATE).warns("empty").out, b"")

    def test_files_of_proc_have_no_size_but_are_read(self):
        self.aggregate("/proc/version", *RATE).fails(3, "/proc/version:1:")

    def test_a_symbolic_link_is_followed(self):
        self.log(record(), name="a")
        os.symlink("a", self.folder / "link")
        self.bills(1, "link")

    def test_names_of_files_with_spaces_and_umlauts(self):
        self.log(record(), name="mein übles log")
        self.bills(1, "mein übles log")

    def test_many_files(self):
        names = [self.log(record(), name=f"log.{number}") for number in range(1500)]
        self.bills(1500, *names)


class WhatIsNoInput(ProgramTest):
    def test_missing_files_are_all_named(self):
        self.log(record())
        self.bill("one", "log", "no/two").fails(FAILED, "one: No such file", "no/two: No such file")

    def test_a_file_as_a_folder(self):
        self.log(record())
        self.bill("log/x").fails(FAILED, "log/x: Not a directory")

    def test_a_folder(self):
        self.bill(".").fails(FAILED, ".: is a folder")
        self.log(record())
        self.bill("log", ".", "missing").fails(FAILED, ".: is a folder", "missing: No such file")

    def test_a_file_that_may_not_be_read(self):
        self.log(record())
        os.chmod(self.folder / "log", 0)
        os.chmod(self.folder, 0o755)
        try:
            result = self.run_billing("aggregate", "log", **UNPRIVILEGED)
        except PermissionError:
            self.skipTest("an unprivileged user may not run the program from its folder")
        result.fails(FAILED, "log: Permission denied")

    def test_the_same_file_twice(self):
        self.log(record(), name="a")
        os.link(self.folder / "a", self.folder / "hard")
        os.symlink("a", self.folder / "soft")
        for other in ("a", "./a", "hard", "soft"):
            with self.subTest(other=other):
                self.bill("a", other).fails(FAILED, "'a'", other, "same")

    def test_the_same_file_by_name_and_as_standard_input(self):
        self.log(record(), name="a")
        with open(self.folder / "a", "rb") as file:
            process = self.start("aggregate", "-q", "a", "-", *RATE, stdin=file)
            self.finish(process).fails(FAILED, "same", "<stdin>")

    def test_standard_input_twice(self):
        self.bill("-", "--input", "-").fails(FAILED, "once")

    def test_equal_files_that_are_not_the_same_are_both_billed(self):
        self.log(record(), name="a")
        self.log(record(), name="b")
        self.assertEqual(self.bill("a", "b").code, DONE)

    def test_gzip_and_zstd_are_known_by_their_first_bytes(self):
        self.write("a.log", b"\x1f\x8b\x08\x00rest")
        self.write("b.log", b"\x28\xb5\x2f\xfd\x00rest")
        self.bill("a.log").fails(FAILED, "a.log", "gzip", "zcat a.log | billing aggregate -")
        self.bill("b.log").fails(FAILED, "b.log", "zstd", "cat b.log | billing aggregate -")

    def test_compressed_standard_input(self):
        self.aggregate("-", stdin=b"\x1f\x8b\x08\x00rest").fails(FAILED, "<stdin>", "gzip")
        self.aggregate("-", stdin=b"\x28\xb5\x2f\xfd\x00r").fails(FAILED, "<stdin>", "zstd")

    def test_an_ending_alone_makes_no_compressed_file(self):
        self.log(record(), name="log.gz")
        self.assertEqual(self.bill("log.gz").code, DONE)


if __name__ == "__main__":
    unittest.main()
