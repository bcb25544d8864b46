"""The files around partials: names, links, pipes, changes meanwhile, what stood there before."""

import contextlib
import itertools
import os
import resource
import signal
import subprocess
import threading
import unittest

from partial_fixture import NOBODY, PartialTest, partial_format
from program_fixture import (DONE, FAILED, MISUSED, PROGRAM, RUN_LIMIT_SECONDS, SANITIZED,
                             TOO_MANY_REJECTS, clean_environment, record)


class Names(PartialTest):
    def setUp(self):
        super().setUp()
        self.log(record())
        self.partial("p", "log")
        self.log(record("v"), name="other")
        self.partial("q", "other")

    def test_the_same_file_twice(self):
        os.link(self.folder / "p", self.folder / "hard")
        os.symlink("p", self.folder / "soft")
        for name in ("p", "./p", "hard", "soft"):
            with self.subTest(name=name):
                self.write("bill", "old")
                self.merge("p", "q", name, "-r", "login=1", "-o", "bill").fails(
                    FAILED, "'p'", f"'{name}'", "same")
                self.assertEqual(self.text("bill"), "old")

    def test_an_output_that_is_an_input(self):
        os.link(self.folder / "p", self.folder / "hard")
        os.symlink("p", self.folder / "soft")
        whole = self.read("p")
        for name in ("p", "./p", "hard", "soft"):
            with self.subTest(name=name):
                self.merge("p", "-r", "login=1", "-o", name).fails(MISUSED, "--output", name)
                self.merge("q", "p", "--partial", name).fails(MISUSED, "--partial", name)
                self.assertEqual(self.read("p"), whole)

    def test_a_partial_that_is_a_log_or_the_rejects(self):
        os.symlink("log", self.folder / "link")
        for name in ("log", "link"):
            self.once("log", "--partial", name).fails(MISUSED, "--partial", name)
        self.once("log", "--partial", "new", "--rejects", "./new").fails(MISUSED, "--rejects")
        self.assertEqual(self.text("log"), record() + "\n")
        self.assertNotIn("new", self.names())

    def test_pipes_are_no_partials(self):
        os.mkfifo(self.folder / "pipe")
        data = self.read("p")
        for arguments in (("inspect", "pipe"), ("merge", "pipe"), ("merge", "p", "pipe")):
            process = self.start(*arguments)
            filler = threading.Thread(target=self.fill, args=(data,), daemon=True)
            filler.start()
            self.finish(process).fails(FAILED, "'pipe'", "pipe")
            filler.join(0.2)
            if filler.is_alive():  # nobody opened the pipe; let the writer go on
                os.close(os.open(self.folder / "pipe", os.O_RDONLY | os.O_NONBLOCK))
                filler.join()
        self.run_billing("merge", "/dev/stdin", stdin=data).fails(FAILED, "'/dev/stdin'")

    def fill(self, data):
        with contextlib.suppress(BrokenPipeError), open(self.folder / "pipe", "wb") as pipe:
            pipe.write(data)

    def test_a_pipe_without_a_writer_is_not_waited_for(self):
        os.mkfifo(self.folder / "pipe")
        for arguments in (("inspect", "pipe"), ("merge", "p", "pipe")):
            process = self.start(*arguments)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                self.fail("the program waits for somebody to write into the pipe")
            self.finish(process).fails(FAILED, "'pipe'")

    def test_folders_and_devices(self):
        (self.folder / "folder").mkdir()
        for name in ("folder", "/dev/null", "."):
            self.run_billing("inspect", name).fails(FAILED, f"'{name}'")
            self.merge("p", name).fails(FAILED, f"'{name}'")

    def test_all_that_cannot_be_read_are_told_at_once(self):
        (self.folder / "folder").mkdir()
        self.write("cut", self.read("p")[:50])
        self.merge("missing", "p", "folder", "no/such", "log", "cut").fails(
            FAILED, "'missing': No such file", "'folder'", "'no/such': No such file",
            "'log': is no partial", "'cut'")
        self.run_billing("inspect", "missing").fails(FAILED, "'missing'", "No such file")

    def test_a_copy_is_billed_with_a_warning(self):
        self.write("copy", self.read("p"))
        self.merge("p", "q", "copy", "-r", "login=1", "--output-format", "csv").warns(
            "'p'", "'copy'", "twice")
        self.merge("p", "copy", "--partial", "both").warns("'p'", "'copy'")
        self.assertEqual(len(self.decoded("both").rows), 2)

    def test_many_copies_are_told_of_together(self):
        names = [self.write(f"copy{number:02d}", self.read("p")) for number in range(30)]
        others = [self.write(f"other{number}", self.read("q")) for number in range(2)]
        told = self.run_billing("merge", *names, *others, "-r", "login=1", "-o", "bill").err
        [many, two] = [line for line in told.splitlines() if "describe themselves identically" in line]
        for name in names[:10]:
            self.assertIn(f"'{name}'", many)
        self.assertIn(" and 20 more describe", many)
        self.assertNotIn("copy10", many)
        self.assertIn("'other0' and 'other1' describe", two)

    def test_many_groups_of_copies_are_cut_short(self):
        names = []
        for number in range(13):
            self.log(record(), name=f"log{number}")
            self.partial(f"p{number}", f"log{number}")
            names += [f"p{number}", self.write(f"copy{number}", self.read(f"p{number}"))]
        told = self.run_billing("merge", *names, "-r", "login=1", "-o", "bill").err
        warnings = [line for line in told.splitlines() if "warning" in line]
        self.assertEqual(len(warnings), 11, told)
        self.assertIn("and 3 more groups", warnings[-1])

    def test_many_faults_are_told_in_ten_lines(self):
        told = self.merge(*(f"missing{number}" for number in range(40)), *["p"] * 5).fails(
            FAILED, "'missing0'", "'missing9'", "and 34 more").err
        self.assertEqual(told.count("\n"), 11)

    def test_too_many_open_files_are_told_once(self):
        if SANITIZED:
            self.skipTest("a sanitizer needs descriptors, too, to look at its memory")
        names = [self.write(f"p{number}", self.read("p")) for number in range(100)]
        told = self.run_billing(
            "merge", *names, "-r", "login=1", preexec_fn=lambda: resource.setrlimit(
                resource.RLIMIT_NOFILE, (60, 60))).fails(FAILED, "ulimit -n", "--partial").err
        self.assertEqual(told.count("\n"), 1, told)

    def test_partials_that_only_look_alike_give_no_warning(self):
        self.log(record())
        self.partial("one", "log")
        self.log(record(ms=2))
        self.partial("two", "log")
        self.merge("one", "two", "q", "-r", "login=1").succeeds()

    def test_names_that_write_to_terminals_are_escaped(self):
        name = self.write("a\x1b[31m\n", "x")
        for arguments in (("inspect", name), ("merge", name)):
            told = self.run_billing(*arguments).fails(FAILED, "a\\x1B[31m\\n").err
            self.assertNotIn("\x1b", told)

    def test_positional_and_input_alike(self):
        expected = self.merge("p", "q", "-r", "login=1")
        for arguments in (("-i", "p", "q"), ("-i", "p", "-i", "q"), ("q", "--input", "p")):
            self.assertEqual(self.merge(*arguments, "-r", "login=1"), expected)


class Changing(PartialTest):
    """A merge that waits for the reader of its output has looked at its inputs before."""

    def setUp(self):
        super().setUp()
        for name, ms in (("p", 1), ("other", 2)):
            self.log(*(record(user=f"u{number:03d}", ms=ms) for number in range(500)))
            self.partial(name, "log")
        self.assertEqual(len(self.read("p")), len(self.read("other")))
        os.mkfifo(self.folder / "pipe")

    def merge_around(self, change):
        """The result of a merge during which the partial is changed, and what it had written."""
        process = self.start("merge", "-q", "p", "-r", "login=1", "-o", "pipe")
        self.wait_until_open(process)
        change(self.folder / "p")
        with open(self.folder / "pipe", "rb") as pipe:
            return self.finish(process), pipe.read()

    def wait_until_open(self, process):
        path, folder = str(self.folder / "p"), f"/proc/{process.pid}/fd/"

        def is_open():
            with contextlib.suppress(FileNotFoundError):
                return path in [os.readlink(folder + name) for name in os.listdir(folder)]
            return False
        self.wait_until(is_open, "it has the partial open", process)
        self.wait_until_it_waits(process)

    def test_without_a_change_it_is_billed(self):
        result, written = self.merge_around(lambda path: None)
        self.assertEqual((result.code, written.count(b"\n")), (DONE, 500), result.err)

    def test_any_change_is_found(self):
        whole, other = self.read("p"), self.read("other")
        flipped = whole[:-200] + bytes([whole[-200] ^ 1]) + whole[-199:]
        for what, data in (("empty", b""), ("cut", whole[:3000]), ("cut by one", whole[:-1]),
                           ("longer", whole + b"x"), ("another", other), ("a bit", flipped)):
            with self.subTest(what=what):
                self.write("p", whole)
                result, written = self.merge_around(lambda path: path.write_bytes(data))
                result.fails(FAILED, "'p'")
                self.assertEqual(written, b"")

    def test_other_options_are_found_where_all_else_is_the_same(self):
        for name, day in (("p", "01"), ("other", "02")):
            self.partial(name, "log", "--until", f"2026-01-{day}")
        other = self.read("other")
        self.assertEqual(len(other), len(self.read("p")))
        result, written = self.merge_around(lambda path: path.write_bytes(other))
        result.fails(FAILED, "'p'")
        self.assertEqual(written, b"")

    def test_another_file_of_that_name_is_no_change(self):
        result, written = self.merge_around(
            lambda path: os.rename(self.folder / "other", path))
        self.assertEqual((result.code, written.count(b"=1ms")), (DONE, 500), result.err)


class Readers(PartialTest):
    def test_a_reader_that_goes_away_ends_inspect_and_merge_silently(self):
        self.log(record())
        self.partial("p", "log")
        for command in (("inspect", "p"), ("inspect", "p", "--json"), ("merge", "-q", "p", *NOBODY),
                        ("merge", "-q", "p", "--partial", "-")):
            with self.subTest(command=command):
                read_end, write_end = os.pipe()
                os.close(read_end)
                process = self.start(*command, stdout=write_end)
                os.close(write_end)
                result = self.finish(process)
                self.assertIn(result.code, (DONE, 141, -signal.SIGPIPE))
                self.assertNotIn("error", result.err)


class OldFiles(PartialTest):
    OLD = partial_format.MAGIC + b"old"

    def setUp(self):
        super().setUp()
        self.write("p", self.OLD)

    def stays(self, *arguments, code, phrases=()):
        before = self.names()
        self.run_billing(*arguments, "--partial", "p").fails(code, *phrases)
        self.assertEqual((self.read("p"), self.names()), (self.OLD, before))

    def test_stay_as_they_are_where_records_are_rejected(self):
        self.log(record(), "bad")
        self.stays("aggregate", "log", code=TOO_MANY_REJECTS, phrases=("log:2:4: field_count",))
        self.log(record(), "bad", "bad")
        self.stays("aggregate", "log", "--max-rejects", "1", code=TOO_MANY_REJECTS)

    def test_stay_as_they_are_where_inputs_are_missing(self):
        self.log(record())
        self.stays("aggregate", "log", "missing", code=FAILED, phrases=("missing",))
        self.stays("merge", "missing", code=FAILED, phrases=("missing",))

    def test_are_replaced_whole(self):
        self.log(record())
        self.partial("p", "log")
        self.assertEqual(len(self.decoded("p").rows), 1)
        self.assertEqual(self.names(), ["log", "p"])

    def test_stay_as_they_are_where_the_disk_is_full(self):
        self.needs_strace()
        self.log(record())
        self.partial("q", "log")
        before = self.names()
        for command, call in itertools.product((("aggregate", "log"), ("merge", "q")),
                                               ("pwrite64", "fsync", "renameat")):
            with self.subTest(command=command, call=call):
                self.trace("-e", f"inject={call}:error=ENOSPC:when=1",
                           command=(*command, "--partial", "p")).fails(FAILED, "No space left")
                self.assertEqual((self.read("p"), self.names()), (self.OLD, before))

    def test_a_new_file_has_the_mode_that_the_umask_leaves(self):
        self.log(record())
        for umask, mode in ((0o022, 0o644), (0o077, 0o600)):
            name = f"new{umask}"
            self.run_billing("aggregate", "-q", "log", "--partial", name, umask=umask).succeeds()
            self.assertEqual(os.stat(self.folder / name).st_mode & 0o777, mode)

    def test_standard_output_gets_the_same_bytes(self):
        self.log(record())
        self.partial("p", "log")
        self.once("log", "--partial", "-").prints_bytes(self.read("p"))
        self.merge("p", "--partial", "-").prints_bytes(self.read("p"))


if __name__ == "__main__":
    unittest.main()
