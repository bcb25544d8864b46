"""Where logs come from: files, standard input, pipes; and what is no log."""

import contextlib
import os
import resource
import subprocess
import threading
import unittest

from program_fixture import (DONE, FAILED, PROGRAM, UNPRIVILEGED, ProgramTest, clean_environment,
                             record)

BILLED = "u: total_duration=1ms, total_cost=1.00"
RATE = ("--rate", "login=1", "--group-by", "user")


BZIP2 = b"BZh91AY&SYrest"
UTF_16 = record().encode("utf-16")
PACKED = (
    (b"\x04\x22\x4d\x18rest", "lz4", "lz4cat 'my log' | billing aggregate -"),
    (BZIP2, "bzip2", "bzcat 'my log' | billing aggregate -"),
    (b"\xfd7zXZ\x00rest", "xz", "xzcat 'my log' | billing aggregate -"),
    (b"PK\x03\x04rest", "zip", "unzip -p 'my log' | billing aggregate -"),
    (b"log".ljust(257, b"\x00") + b"ustar  \x00", "tar", "tar -xOf 'my log' | billing aggregate -"),
    (b"PAR1rest", "Parquet", "export it as text"),
    (b"billing partial\nrest", "partial", "billing merge 'my log'"),
    (UTF_16, "UTF-16", "iconv -f UTF-16 -t UTF-8 'my log' | billing aggregate -"),
    (record().encode("utf-16-le"), "UTF-16", "iconv -f UTF-16LE -t UTF-8 'my log'"),
    (record().encode("utf-16-be"), "UTF-16", "iconv -f UTF-16BE -t UTF-8 'my log'"),
    (bytes(5000) + record().encode(), "NUL bytes", r"tr -d '\000' < 'my log' | billing aggregate -"),
)


class Inputs(ProgramTest):
    LOG_FORMAT = "text"

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

    def test_more_files_than_descriptors(self):
        names = [self.log(record(), name=f"log.{number}") for number in range(600)]
        for engine in ("--naive", "--parallel"):
            process = self.start("aggregate", "-q", engine, *RATE, *names,
                                 preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE,
                                                                       (64, 64)))
            self.finish(process).prints("u: total_duration=600ms, total_cost=600.00")
        # Of equal logs a state counts one.
        for number in range(600):
            self.log(record(user=f"u{number % 3}", ms=number + 1), name=f"log.{number}")
        process = self.start("aggregate", "-q", "--state", "state", *RATE, *names,
                             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)))
        self.assertEqual(self.finish(process).code, DONE)

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

    def test_a_file_that_may_not_be_read(self):
        self.log(record())
        os.chmod(self.folder / "log", 0)
        os.chmod(self.folder, 0o755)
        try:
            result = self.run_billing("aggregate", "log", **UNPRIVILEGED)
        except PermissionError:
            self.skipTest("an unprivileged user may not run the program from its folder")
        result.fails(FAILED, "log: Permission denied; run as a user who may read it")
        self.assertNotIn("check the path", result.err)

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

    def test_what_is_no_text_is_known_by_its_first_bytes(self):
        for content, *words in PACKED:
            with self.subTest(words=words):
                self.write("my log", content)
                self.bill("my log").fails(FAILED, "my log: is ", *words)
                self.assertEqual(self.bill("my log").err.count("\n"), 1)

    def test_what_is_no_text_is_known_in_a_pipe_that_brings_it_byte_by_byte(self):
        for content, *_ in PACKED:
            for engine in ("--naive", "--parallel"):
                process = self.start("aggregate", "-q", engine, stdin=subprocess.PIPE)
                with process.stdin as pipe:
                    for at in range(min(len(content), 300)):
                        with contextlib.suppress(BrokenPipeError):
                            pipe.write(content[at:at + 1])
                            pipe.flush()
                process.stdin = None
                self.finish(process).fails(FAILED, "<stdin>: is ")

    def test_commands_for_standard_input_need_no_file(self):
        for content, command in ((BZIP2, "try: ... | bzcat | billing aggregate -"),
                                 (b"PK\x03\x04rest", "funzip | billing aggregate -"),
                                 (UTF_16, "iconv -f UTF-16 -t UTF-8 | billing aggregate -")):
            self.aggregate("-", stdin=content).fails(FAILED, "<stdin>", command)

    def test_the_commands_that_are_proposed_work(self):
        self.log(record(), name="a")
        packed = {"bzip2 -k": "it's a log.bz2", "xz -k": "x.xz"}
        for packer, name in packed.items():
            source = name.rpartition(".")[0]
            self.log(record(), name=source)
            subprocess.run([*packer.split(), source], cwd=self.folder, check=True)
            os.remove(self.folder / source)
            self.assertEqual(self.follow_advice(self.bill(name).err), BILLED + "\n")
            state = self.run_billing("aggregate", "--state", "state", name, *RATE)
            command = state.fails(FAILED, name).err.rpartition("name that: ")[2]
            subprocess.run(["bash", "-c", command], cwd=self.folder, check=True)
            self.assertEqual(self.bill(source, "--group-by", "user").out.decode(), BILLED + "\n")
        self.write("u.log", (record() + "\n").encode("utf-16"))
        self.assertEqual(self.follow_advice(self.bill("u.log").err), BILLED + "\n")
        self.write("-u.log", (record() + "\n").encode("utf-16-le"))
        self.assertEqual(self.follow_advice(self.aggregate(*RATE, "--", "-u.log").err), BILLED + "\n")

    def follow_advice(self, error):
        command = error.strip().rpartition("try: ")[2].replace(
            "billing aggregate -", f"{PROGRAM} aggregate -q {' '.join(RATE)} -")
        return subprocess.run(["bash", "-c", command], cwd=self.folder, check=True,
                              capture_output=True, env=clean_environment(), text=True).stdout

    def test_many_inputs_that_are_wrong_are_not_all_named(self):
        error = self.bill(*(f"missing{number}" for number in range(25))).fails(FAILED).err
        self.assertIn("missing9: No such file or directory; check the path of the input\n", error)
        self.assertTrue(error.endswith("and 15 more\n"), error)
        self.assertNotIn("missing10", error)

    def test_an_ending_alone_makes_no_compressed_file(self):
        self.log(record(), name="log.gz")
        self.assertEqual(self.bill("log.gz").code, DONE)


if __name__ == "__main__":
    unittest.main()
