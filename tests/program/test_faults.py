"""What goes wrong while the program runs: kills, full disks, inputs that change."""

import contextlib
import functools
import os
import resource
import signal
import subprocess
import tempfile
import time
import unittest

from program_fixture import (DONE, ENGINES, FAILED, INTERRUPTED, PROGRAM, RUN_LIMIT_SECONDS,
                             ProgramTest, bytes_in, clean_environment, record)

LINE = record().encode() + b"\n"


def with_each_engine(test):
    """Runs the test once for each engine, with an old bill; no temporary file may be left."""
    @functools.wraps(test)
    def run(self, *arguments):
        for engine in ENGINES:
            with self.subTest(engine=engine):
                self.write("bill", "old")
                test(self, engine, *arguments)
                self.assertEqual([name for name in self.names() if name.endswith(".tmp")], [])
    return run


class FaultTest(ProgramTest):
    LOG_FORMAT = "text"

    def start_held_by_a_pipe(self, engine, *inputs, descriptors=1024):
        """A run that has looked at its inputs and waits for the pipe; returns it and the pipe."""
        if not (self.folder / "pipe").exists():
            os.mkfifo(self.folder / "pipe")
        process = self.start("aggregate", "-q", engine, *inputs, "--group-by", "user",
                             "-r", "login=1", "-o", "bill",
                             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE,
                                                                   (descriptors, descriptors)))
        return process, self.open_for_writing("pipe", process)

    def open_for_writing(self, pipe, reader):
        """A pipe, once the process reads it."""
        opened = []

        def has_reader():
            with contextlib.suppress(OSError):
                opened.append(os.open(self.folder / pipe, os.O_WRONLY | os.O_NONBLOCK))
            return opened
        self.wait_until(has_reader, f"it has opened {pipe}", reader)
        os.set_blocking(opened[0], True)
        return open(opened[0], "wb", buffering=0)

    def temporary_files(self):
        return [path.name for path in self.folder.rglob("*.tmp")]

    def wait_until_checked(self, process):
        """Until the program has looked at its inputs and made its outputs."""
        self.wait_until(self.temporary_files, "it has made its outputs", process)


class Signals(FaultTest):
    @with_each_engine
    def test_a_bus_error_that_somebody_sends_ends_it_at_once(self, engine):
        process, pipe = self.start_held_by_a_pipe(engine, "pipe")
        process.send_signal(signal.SIGBUS)
        self.assertEqual(process.wait(RUN_LIMIT_SECONDS), -signal.SIGBUS)
        pipe.close()
        self.assertEqual(self.text("bill"), "old")
        self.run_billing("aggregate", "-q", "/dev/null", "-o", "bill")

    @with_each_engine
    def test_killed_while_it_reads_the_old_bill_is_intact(self, engine):
        process, pipe = self.start_held_by_a_pipe(engine, "pipe")
        with pipe:
            pipe.write(LINE * 1000)
            process.kill()
            self.assertEqual(process.wait(RUN_LIMIT_SECONDS), -signal.SIGKILL)
        self.assertEqual(self.text("bill"), "old")
        self.run_billing("aggregate", "-q", "/dev/null", "-o", "bill")

    @with_each_engine
    def test_interrupted_while_it_reads_nothing_is_left_behind(self, engine):
        process, pipe = self.start_held_by_a_pipe(engine, "pipe", "--rejects", "bad.csv")
        with pipe:
            pipe.write(LINE * 1000)
            self.wait_until(lambda: bytes_in(pipe) == 0, "it has read the pipe", process)
            process.send_signal(signal.SIGINT)
            result = self.finish(process)
        self.assertEqual((result.code, result.out), (INTERRUPTED, b""), result.err)
        self.assertEqual((self.text("bill"), "bad.csv" in self.names()), ("old", False))

    @with_each_engine
    def test_interrupted_at_any_moment_of_the_waiting_it_ends_at_once(self, engine):
        for step in range(12):
            threads = ("--threads", "4") if engine == "--parallel" else ()
            process, pipe = self.start_held_by_a_pipe(engine, "pipe", *threads)
            with pipe:
                pipe.write(LINE * 100)
                time.sleep(0.002 * step)
                process.send_signal(signal.SIGINT)
                self.assertEqual(process.wait(20), INTERRUPTED)

    @with_each_engine
    def test_one_interruption_ends_the_wait_for_a_writer_or_a_reader(self, engine):
        self.write("log", LINE)
        with contextlib.suppress(FileExistsError):
            os.mkfifo(self.folder / "nobody")
        for arguments in (("nobody", "-o", "new"), ("log", "-o", "nobody"),
                          ("log", "-o", "new", "--rejects", "nobody")):
            with self.subTest(arguments=arguments):
                process = self.start("aggregate", engine, "-q", "-r", "login=1", *arguments)
                self.wait_until_it_waits(process)
                process.send_signal(signal.SIGINT)
                self.assertEqual(process.wait(20), INTERRUPTED)
                self.assertEqual(self.names(), ["bill", "log", "nobody"])

    @with_each_engine
    def test_one_interruption_ends_a_write_to_who_does_not_read(self, engine):
        self.write("log", b"".join(record(user=f"user{number}").encode() + b"\n"
                                   for number in range(20000)))
        process = self.start("aggregate", engine, "-q", "-r", "login=1", "log")
        self.wait_until(lambda: bytes_in(process.stdout) > 0, "it writes", process)
        self.wait_until_it_waits(process)  # the pipe is full by now
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(20), INTERRUPTED)

    @with_each_engine
    def test_terminated_while_it_reads_nothing_is_left_behind(self, engine):
        process, pipe = self.start_held_by_a_pipe(engine, "pipe")
        with pipe:
            pipe.write(LINE)
            process.terminate()
            self.assertNotEqual(self.finish(process).code, DONE)
        self.assertEqual(self.text("bill"), "old")

    def test_interrupted_or_killed_at_any_moment_the_bill_is_the_old_or_the_new_one(self):
        self.write("log", b"".join(record(user=f"user{number}").encode() + b"\n"
                                   for number in range(60000)))
        command = ("aggregate", "-q", "log", "-r", "login=1", "-o", "bill")
        began = time.monotonic()
        self.run_billing(*command)
        seconds = time.monotonic() - began
        new, stopped = self.read("bill"), 0
        for step in range(24):
            kind = (signal.SIGINT, signal.SIGKILL)[step % 2]
            self.write("bill", "old")
            before = self.names()
            process = self.start(*command)
            time.sleep(seconds * (step % 12 + 1) / 12)
            process.send_signal(kind)
            code = self.finish(process).code
            # A moment near the end is the sharpest: later than this, or earlier than that.
            seconds *= 0.5 if code == DONE else 1.1
            stopped += code != DONE
            if code == DONE:
                self.assertEqual(self.read("bill"), new)
            elif kind == signal.SIGINT:
                self.assertIn(code, (INTERRUPTED, -signal.SIGINT))
                self.assertEqual(self.read("bill"), b"old")
                self.assertLessEqual(set(self.names()), set(before))
            else:
                self.assertIn(self.read("bill"), (b"old", new))
        self.assertGreater(stopped, 8, "most runs had ended before their signal came")
        self.assertEqual(self.run_billing(*command).code, DONE)
        self.assertEqual((self.read("bill"), self.names()), (new, ["bill", "log"]))


class ChangingInputs(FaultTest):
    CONTENT = LINE * 100_000

    @with_each_engine
    def changes(self, engine, change, *inputs):
        self.write("log", self.CONTENT)
        process, pipe = self.start_held_by_a_pipe(engine, *inputs)
        with pipe:
            pipe.write(LINE)
            self.wait_until_checked(process)
            change(self.folder / "log")  # may be noticed before the pipe ends, or after
        self.finish(process).fails(FAILED, "log", "changed")
        self.assertEqual(self.text("bill"), "old")

    def test_truncated_to_nothing(self):
        self.changes(lambda path: os.truncate(path, 0), "pipe", "log")
        self.changes(lambda path: os.truncate(path, 0), "log", "pipe")

    def test_truncated_inside_a_page(self):
        self.changes(lambda path: os.truncate(path, 1_000_001), "pipe", "log")
        self.changes(lambda path: os.truncate(path, 1_000_001), "log", "pipe")

    def test_appended(self):
        def append(path):
            with open(path, "ab") as file:
                file.write(LINE)
        self.changes(append, "pipe", "log")
        self.changes(append, "log", "pipe")

    def test_written_over_with_the_same_size(self):
        def write_over(path):
            with open(path, "r+b") as file:
                file.write(LINE.replace(b"login", b"LOGIN"))
        self.changes(write_over, "pipe", "log")
        self.changes(write_over, "log", "pipe")

    @with_each_engine
    def test_truncated_again_and_again_while_it_is_read(self, engine):
        content = LINE * 200_000
        for step in range(6):
            self.write("log", content)
            process = self.start("aggregate", "-q", engine, "log", "-r", "login=1", "-o",
                                 "bill")
            # A quick run may be over before anybody has seen its outputs come.
            self.wait_until(lambda: self.temporary_files() or process.poll() is not None,
                            "it has made its outputs")
            time.sleep(0.002 * step)
            os.truncate(self.folder / "log", 4096 * step)
            result = self.finish(process)
            self.assertIn(result.code, (DONE, FAILED), result.err)
            if result.code == FAILED:
                result.fails(FAILED, "changed")
                self.assertEqual(self.text("bill"), "old")
            self.write("bill", "old")

    def replace(self, path):
        os.rename(path, path.with_name("log.1"))
        self.log(record(ms=1000))

    @with_each_engine
    def test_renamed_or_removed_before_its_turn_it_is_read_as_it_was(self, engine):
        for change in (self.replace, os.remove):
            self.log(record())
            process, pipe = self.start_held_by_a_pipe(engine, "pipe", "log")
            with pipe:
                pipe.write(LINE)
                self.wait_until_checked(process)
                change(self.folder / "log")
            self.finish(process).prints()
            self.assertEqual(self.text("bill"), "u: total_duration=2ms, total_cost=2.00\n")

    @with_each_engine
    def test_more_inputs_than_may_be_open_that_go_before_their_turn(self, engine):
        others = [self.log(record(), name=f"other{number}") for number in range(20)]
        for change in (self.replace, os.remove):
            self.log(record())
            process, pipe = self.start_held_by_a_pipe(engine, "pipe", "log", *others,
                                                      descriptors=64)
            with pipe:
                pipe.write(LINE)
                self.wait_until_checked(process)
                change(self.folder / "log")
            self.finish(process).fails(FAILED, "log", "changed")
            self.assertEqual(self.text("bill"), "old")

    def test_that_has_grown_and_was_renamed_then(self):
        def rotate(path):
            with open(path, "ab") as file:
                file.write(LINE)
            self.replace(path)
        self.changes(rotate, "pipe", "log")
        self.changes(rotate, "log", "pipe")

    @with_each_engine
    def test_replaced_by_another_file_after_it_was_read_is_no_change(self, engine):
        self.log(record())
        process, pipe = self.start_held_by_a_pipe(engine, "log", "pipe")
        with pipe:
            pipe.write(LINE * 10000)  # more than a pipe holds: the program has come to it
            self.replace(self.folder / "log")
        self.finish(process).prints()
        self.assertEqual(self.text("bill"), "u: total_duration=10001ms, total_cost=10001.00\n")


class Killed(FaultTest):
    """What a run that is killed leaves, the next one to the same target takes away."""

    def kill_while_it_writes(self, *arguments):
        process = self.start("aggregate", "-q", *arguments, "pipe")
        with open(self.folder / "pipe", "wb", buffering=0):
            self.wait_until_it_waits(process)
            process.kill()
            process.wait(RUN_LIMIT_SECONDS)

    def setUp(self):
        super().setUp()
        os.mkfifo(self.folder / "pipe")
        self.log(record())
        self.environment(RATE_login="1")

    def test_bill_and_rejects(self):
        outputs = ("-o", "bill", "--rejects", "bad.csv")
        for _ in range(3):
            self.kill_while_it_writes(*outputs)
        self.assertEqual(len(self.temporary_files()), 2)  # of the last one
        self.assertEqual(self.once(*outputs).code, DONE)
        self.assertEqual(self.names(), ["bad.csv", "bill", "log", "pipe"])

    def once(self, *arguments):
        return self.run_billing("aggregate", "-q", "log", *arguments)

    def test_a_partial(self):
        self.kill_while_it_writes("--partial", "p")
        self.once("--partial", "p")
        self.assertEqual(self.names(), ["log", "p", "pipe"])

    def test_a_bill_in_a_folder_of_bills(self):
        self.kill_while_it_writes("-o", "bills/")
        self.once("-o", "bills/")
        [name] = os.listdir(self.folder / "bills")
        self.assertTrue(name.startswith("billing_results_"))

    def test_of_another_target_nothing_is_taken_away(self):
        self.kill_while_it_writes("-o", "bill")
        self.once("-o", "other")
        self.assertEqual(len(self.temporary_files()), 1)

    def test_of_a_live_run_nothing_is_taken_away(self):
        process = self.start("aggregate", "-q", "pipe", "-o", "bill", "-g", "user")
        with open(self.folder / "pipe", "wb", buffering=0) as pipe:
            self.wait_until_checked(process)
            self.once("-o", "bill")
            self.assertEqual(len(self.temporary_files()), 1)
            pipe.write(LINE * 2)
        self.finish(process).prints()
        self.assertEqual(self.text("bill"), "u: total_duration=2ms, total_cost=2.00\n")
        self.assertEqual(self.temporary_files(), [])


class FullDisk(FaultTest):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("only root can mount a small disk")
        self.disk = tempfile.mkdtemp(prefix="billing_disk_")
        self.addCleanup(os.rmdir, self.disk)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", self.disk],
                                 capture_output=True)
        if mounted.returncode != 0:
            self.skipTest("a small disk may not be mounted here")
        self.addCleanup(subprocess.run, ["umount", self.disk])
        self.log(*(record(user=f"user{number}") for number in range(20000)))
        with open(self.disk + "/bill", "w") as file:
            file.write("old")

    def left(self):
        return sorted(os.listdir(self.disk))

    def test_the_old_bill_is_intact(self):
        self.bill("log", "-o", self.disk + "/bill").fails(FAILED, self.disk + "/bill",
                                                          "No space left")
        with open(self.disk + "/bill") as file:
            self.assertEqual((file.read(), self.left()), ("old", ["bill"]))

    def test_no_bill_where_the_rejects_do_not_fit(self):
        self.log(record(), *["bad" * 10] * 20000)
        self.bill("log", "--rejects", self.disk + "/bad.csv", "-o", "bill").fails(
            FAILED, "No space left", "bad.csv")
        self.assertEqual((self.left(), self.names()), (["bill"], ["log"]))

    def test_a_smaller_bill_fits(self):
        self.assertEqual(self.bill("log", "--group-by", "task", "-o", self.disk + "/bill").code, DONE)


class FailingCalls(FaultTest):
    """A system call of the output that fails, at its every occurrence."""

    def setUp(self):
        super().setUp()
        self.needs_strace()
        # A bill of more than two buffers of the writer.
        self.log(*(record(user=f"a_user_whose_name_is_long_{number}") for number in range(60000)))
        self.write("bill", "old")

    def run_with(self, injection):
        done = self.trace("-e", f"inject={injection}",
                          command=("aggregate", "-q", "-r", "login=1", "log", "-o", "bill"))
        return done.code, done.err

    def test_the_old_bill_is_intact_and_the_error_is_told(self):
        for call in ("pwrite64", "fsync", "renameat"):
            for error, words in (("EIO", "Input/output error"), ("ENOSPC", "No space left")):
                for nth in (1, 2):
                    if call == "renameat" and nth == 2:
                        continue  # there is one
                    if call == "fsync" and nth == 2:
                        continue  # of the folder: the new bill stands already
                    with self.subTest(call=call, error=error, nth=nth):
                        code, told = self.run_with(f"{call}:error={error}:when={nth}")
                        self.assertEqual(code, FAILED, told)
                        self.assertIn(words, told)
                        self.assertIn("'bill'", told)
                        self.assertEqual(self.read("bill"), b"old")
                        self.assertEqual(self.names(), ["bill", "log"])

    def test_a_file_system_without_locks_gets_the_same_bill_and_nothing_is_taken_away(self):
        self.bill("log", "-o", "expected")
        self.run_with("fsync:signal=KILL:when=1")
        left = [name for name in self.names() if name.endswith(".tmp")]
        self.assertEqual(len(left), 1)
        code, told = self.run_with("flock:error=ENOLCK")
        self.assertEqual(code, DONE, told)
        self.assertEqual(self.read("bill"), self.read("expected"))
        self.assertEqual([name for name in self.names() if name.endswith(".tmp")], left)
        self.assertEqual(self.bill("log", "-o", "bill").code, DONE)
        self.assertEqual(self.names(), ["bill", "expected", "log"])

    def test_a_file_system_without_direct_writes_gets_the_same_bill(self):
        self.bill("log", "-o", "expected")
        self.assertGreater(len(self.read("expected")), 2 * 2 * 1024 * 1024)
        # The second one of a thread: both direct ones are the writer's, the end is another's.
        code, told = self.run_with("pwrite64:error=EINVAL:when=2")
        self.assertEqual(code, DONE, told)
        self.assertEqual(self.read("bill"), self.read("expected"))


if __name__ == "__main__":
    unittest.main()
