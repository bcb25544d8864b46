"""aggregate --state that is killed, or whose system calls fail, at every one that it makes.

Afterwards state and result are old or new, and whole; the same run once more gives the bill and the
list of rejects as if nothing had happened, and finds nothing new after that. A killed run may leave a
temporary file in the state's folder until the next run; one that only fails may not.
"""

import fnmatch
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import unittest
from typing import NamedTuple, Optional

from program_fixture import (DONE, FAILED, IN_MEMORY, TOO_MANY_REJECTS, ProgramTest, record,
                             swept)
from state_fixture import REJECTS_HEADER, lines

# All that changes files or names, what opens them, and the end of the process: killed there, it
# has done everything else.
KILLED_AT = ("write", "writev", "pwrite64", "pwritev", "copy_file_range", "sendfile", "fsync",
             "fdatasync", "rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat",
             "ftruncate", "fallocate", "fchmod", "mkdir", "mkdirat", "open", "openat", "flock",
             "close", "exit_group")
FAILING = ("write", "pwrite64", "fsync", "fdatasync", "rename", "renameat", "renameat2", "linkat")
ERRORS = ("ENOSPC", "EIO")
MOST_OF_A_CALL = swept(25)  # beyond that, some of them

INPUTS = ("app.log", "rotated.log", "new.log")
JOB = ("aggregate", "--state", "state", "-r", "login=.005", "-r", "b=1", "--rejects", "bad.csv",
       "-o", "bill.csv")
RESULTS = ("state/usage.partial", "bill.csv", "bad.csv")


class Results(NamedTuple):
    """The contents of the files that a run makes; None: there is none."""

    state: Optional[bytes]  # what inspect tells of it: each new state has a secret of its own
    bill: Optional[bytes]
    rejects: Optional[bytes]


class StateFaultTest(ProgramTest):
    folders_in = IN_MEMORY

    def setUp(self):
        super().setUp()
        self.needs_strace()
        self.home = self.folder
        self.settings = ()
        self.key = ()  # of duplicates

    # ------------------------------------------------------------------ scenes

    def first_run(self):
        """Before the first run; the inputs of the run to come."""
        self.enter("first")
        self.write("app.log", lines("a", "b") + "bad\n" + lines("ä", task="b") + record("c"))
        self.write("rotated.log", lines("r"))
        return INPUTS[:2]

    def later_run(self):
        """A state and results of a first run; a log has grown, one is new and one is known."""
        inputs = self.first_run()
        self.assertEqual(self.once(*inputs).code, DONE)
        with open(self.folder / "app.log", "ab") as file:
            file.write(b" is bad now\n" + lines("d", ms=15).encode() + b"bad again\n")
        self.write("new.log", lines("n", "o") + "worse")
        return INPUTS

    def spilling_run(self):
        """A later run of more usage than it keeps in memory."""
        self.settings = ("--slice-bytes", "2000", "--chunk-bytes", "1000")
        inputs = self.first_run()
        users = [f"a_user_of_some_length_{number}" for number in range(100)]
        self.write("rotated.log", lines(*users, *users[:50], "r"))
        self.assertEqual(self.once(*inputs).code, DONE)
        with open(self.folder / "app.log", "ab") as file:
            file.write(b" is bad now\n" + lines(*users[::-1]).encode())
        self.write("new.log", lines(*users[50:]) + "worse")
        return INPUTS

    def packed_run(self):
        """A later run of two formats: a log that went on before it was compressed, one that is known,
        one that is new, and JSON that has grown."""
        inputs = self.first_run()
        call = {"time": "2025-05-02T23:16:50Z", "user": "j", "task": "login", "duration_ms": 1.5}
        self.write("calls.jsonl", json.dumps(call) + "\n")
        self.assertEqual(self.once(*inputs, "calls.jsonl").code, DONE)
        grown = self.read("app.log") + b" is bad now\n" + lines("d", ms=15).encode() + b"bad again"
        self.write("app.log.1.gz", gzip.compress(grown))
        self.write("rotated.log.gz", gzip.compress(self.read("rotated.log")))
        self.write("new.log.gz", gzip.compress(lines("n", "o").encode()))
        with open(self.folder / "calls.jsonl", "a") as file:
            file.write((json.dumps(call) + "\n") * 20 + "{\n")
        return "app.log.1.gz", "rotated.log.gz", "new.log.gz", "calls.jsonl"

    def deduped_run(self):
        """A later run of which some records are duplicates of those that the state has, while it
        forgets others."""
        self.key = ("--dedupe-by", "user,task", "--dedupe-keep", "largest")
        self.settings = (*self.key, "--dedupe-window", "1h", "--slice-bytes", "2000",
                         "--chunk-bytes", "1000")
        inputs = self.first_run()
        users = [f"a_user_of_some_length_{number}" for number in range(60)]
        self.write("rotated.log", lines("old", time="2025-05-01T00:00:00Z") + lines(*users, "r"))
        self.assertEqual(self.once(*inputs).code, DONE)
        with open(self.folder / "app.log", "ab") as file:
            file.write(b" is bad now\n" + lines(*users[::-1], ms=7).encode() + b"bad again\n")
        self.write("new.log", lines(*users[30:], "n") + "worse")
        return INPUTS

    def enter(self, name):
        """Works in a folder of this name from now on."""
        self.folder = self.home / name
        self.folder.mkdir(exist_ok=True)

    def copied(self, scene):
        """Works in a fresh copy of a scene."""
        self.enter("copy")
        shutil.rmtree(self.folder)
        shutil.copytree(self.home / scene, self.folder)

    # ------------------------------------------------------------------ runs

    def once(self, *inputs, threads="1"):
        return self.run_billing(*JOB, *self.settings, "--threads", threads, *inputs)

    def traced(self, *options, inputs, threads, to="/dev/null"):
        """Runs it under strace; its exit code and what it said."""
        done = self.trace(*options, to=to,
                          command=(*JOB, *self.settings, "--threads", threads, *inputs))
        return done.code, done.err

    def calls_of(self, scene, inputs, threads):
        """(call, number) for each call of the program's own, after those of its loader.

        Threads count their calls each by itself, and so does strace when it injects.
        """
        self.copied(scene)
        trace = self.home / "trace"
        # Unknown names, such as "open" on some machines, are ignored with a question mark.
        wanted = ",".join("?" + call for call in KILLED_AT)
        code, told = self.traced("-y", "-e", "trace=execve," + wanted, to=trace,
                                 inputs=inputs, threads=threads)
        self.assertEqual(code, DONE, told)
        return own_calls(trace.read_text(errors="replace").splitlines())

    # ------------------------------------------------------------------ results

    def results(self):
        state, *others = (self.read(name) if (self.folder / name).exists() else None
                          for name in RESULTS)
        if state is not None:
            state = self.run_billing("inspect", RESULTS[0]).succeeds().out
        return Results(state, *others)

    def temporary_files(self):
        return [name for folder in (".", "state") if (self.folder / folder).is_dir()
                for name in os.listdir(self.folder / folder) if name.endswith(".tmp")]

    def names_of_state(self):
        return set(os.listdir(self.folder / "state")) if (self.folder / "state").exists() else set()

    def stands_between(self, old, new):
        """Each file is old or new and whole; none is new before those that come before it."""
        seen = self.results()
        for found, before, after, name in zip(seen, old, new, RESULTS):
            self.assertIn(found, (before, after), name)
        if seen.bill == new.bill != old.bill:
            self.assertEqual(seen.state, new.state, "a new bill of an old state")
        if seen.state == new.state != old.state:
            self.assertEqual(seen.rejects, new.rejects, "a new state without its rejects")
        strangers = [name for name in self.names_of_state() - {"lock", "usage.partial"}
                     if not fnmatch.fnmatch(name, ".billing-*.tmp")
                     and not fnmatch.fnmatch(name, "rejects.*")]
        self.assertEqual(strangers, [])

    def goes_on(self, inputs, threads, new):
        """The run once more, and yet once more."""
        before = self.results()
        listed = (before.state, before.bill, before.rejects) == (new.state, new.bill, new.rejects) \
            and self.names_of_state() == {"lock", "usage.partial"}
        result = self.once(*inputs, threads=threads)
        self.assertEqual(result.code, DONE, result.err)
        seen = self.results()
        self.assertEqual((seen.state, seen.bill), (new.state, new.bill))
        # What a run has listed that did all but end, the next need not list.
        self.assertEqual(seen.rejects, REJECTS_HEADER if listed else new.rejects)
        self.assertEqual(self.names_of_state(), {"lock", "usage.partial"})
        again = self.once(*inputs, threads=threads)
        self.assertEqual(again.code, DONE, again.err)
        self.assertRegex(again.err, "(?m)^state .*nothing new")
        self.assertEqual((self.results().state, self.results().bill), (new.state, new.bill))

    def rows_of_rejects(self):
        return self.read("bad.csv").splitlines()[1:]

    def plain_bill(self, inputs):
        """What the baseline bills without a state."""
        self.run_billing("aggregate", "-q", "--naive", *inputs, "-r", "login=.005", "-r", "b=1",
                         "--rejects", "/dev/null", "-o", "plain.csv", *self.key)
        return self.read("plain.csv")

    def expected(self, scene, inputs, threads):
        """What the scene has, and what it has after an undisturbed run."""
        self.copied(scene)
        old = self.results()
        result = self.once(*inputs, threads=threads)
        self.assertEqual(result.code, DONE, result.err)
        new = self.results()
        self.assertEqual(new.bill, self.plain_bill(inputs))
        self.assertNotIn(None, new)
        self.assertNotEqual(old.bill, new.bill)
        return old, new


def own_calls(trace):
    """The calls in a trace of strace -f -y, from where the program opens the first file of its own.

    Without any write where some are on pipes that the program has made itself: a sanitizer tries
    with them what can be read, and which number one of the program's own has is chance.
    """
    counts, calls, begun, sanitized = {}, [], False, False
    main = trace[0].split()[0]
    for line in trace:
        found = re.match(r"(\d+) +(\w+)\(", line)
        if not found:
            continue
        thread, call = found.groups()
        counts[thread, call] = counts.get((thread, call), 0) + 1
        begun = begun or (call != "execve" and any(f'"{name}' in line for name in
                                                   (".env", "state", "bad.csv", *INPUTS)))
        sanitized = sanitized or re.match(r"\d+ +write\(([3-9]|\d\d+)<pipe:", line)
        if call != "execve" and (begun or thread != main):
            calls.append((call, counts[thread, call]))
    return sorted({(call, number) for call, number in calls if not sanitized or call != "write"})


def sampled(calls):
    """All of the calls, or so many of each as there is time for, with the first and the last."""
    chosen = []
    for name in sorted({name for name, _ in calls}):
        numbers = [number for call, number in calls if call == name]
        step = max(1, -(-len(numbers) // MOST_OF_A_CALL))
        chosen += [(name, number) for number in sorted({*numbers[::step], numbers[-1]})]
    return chosen


class Killed(StateFaultTest):
    def killed_everywhere(self, prepare, threads):
        inputs = prepare()
        scene = self.folder.name
        old, new = self.expected(scene, inputs, threads)
        calls = self.calls_of(scene, inputs, threads)
        self.assertGreater(len(calls), 20)
        hit = sum(self.killed_at(call, number, scene, inputs, threads, old, new)
                  for call, number in sampled(calls))
        self.assertGreater(hit, len(sampled(calls)) * 3 // 4)

    def killed_at(self, call, number, scene, inputs, threads, old, new):
        """Whether it was killed: threads may share their work in another way this time."""
        self.copied(scene)
        with self.subTest(call=call, number=number, threads=threads):
            code, told = self.traced("-e", f"trace={call}", "-e",
                                     f"inject={call}:signal=KILL:when={number}", inputs=inputs,
                                     threads=threads)
            self.assertIn(code, (-signal.SIGKILL, DONE), told)
            self.stands_between(old, new)
            if code == DONE:
                self.assertEqual(self.results().bill, new.bill)
            self.goes_on(inputs, threads, new)
            return code != DONE

    def test_at_every_call_of_the_first_run(self):
        self.killed_everywhere(self.first_run, "1")

    def test_at_every_call_of_a_later_run(self):
        self.killed_everywhere(self.later_run, "1")

    def test_at_every_call_of_a_later_run_with_two_threads(self):
        self.killed_everywhere(self.later_run, "2")

    def test_at_every_call_of_a_run_of_formats_and_compressed_logs(self):
        self.killed_everywhere(self.packed_run, "1")

    def test_at_every_call_of_a_run_that_spills(self):
        self.killed_everywhere(self.spilling_run, "2")

    def test_at_every_call_of_a_run_that_drops_duplicates(self):
        self.killed_everywhere(self.deduped_run, "2")

    def test_killed_again_and_again_it_comes_to_its_end(self):
        inputs = self.later_run()
        scene = self.folder.name
        old, new = self.expected(scene, inputs, "1")
        calls = [(call, number) for call, number in self.calls_of(scene, inputs, "1")
                 if call in ("pwrite64", "fsync", "renameat", "rename", "unlinkat")]
        self.copied(scene)
        for call, number in calls:
            with self.subTest(call=call, number=number):
                code, _ = self.traced("-e", f"trace={call}", "-e",
                                      f"inject={call}:signal=KILL:when={number}", inputs=inputs,
                                      threads="1")
                seen = self.results()
                self.assertIn(seen.state, (old.state, new.state))
                self.assertIn(seen.bill, (old.bill, new.bill))
                if code == DONE:  # it makes fewer calls where less is new
                    new = new._replace(rejects=REJECTS_HEADER)
        self.goes_on(inputs, "1", new)

    def test_what_came_meanwhile_is_billed_by_the_next_run_too(self):
        inputs = self.later_run()
        scene = self.folder.name
        calls = [(call, number) for call, number in self.calls_of(scene, inputs, "1")
                 if call in ("fsync", "renameat", "rename", "linkat", "exit_group")]
        for call, number in calls:
            with self.subTest(call=call, number=number):
                self.copied(scene)
                self.traced("-e", f"trace={call}", "-e",
                            f"inject={call}:signal=KILL:when={number}", inputs=inputs, threads="1")
                with open(self.folder / "new.log", "ab") as file:
                    file.write(b" than ever\n" + lines("o", "p", ms=7).encode())
                listed = self.rows_of_rejects() if self.names_of_state() <= {
                    "lock", "usage.partial"} and call == "exit_group" else []
                result = self.once(*inputs)
                self.assertEqual(result.code, DONE, result.err)
                self.assertEqual(self.read("bill.csv"), self.plain_bill(inputs))
                self.assertEqual(sorted(listed + self.rows_of_rejects()), [
                    b"app.log,5,112,field_count,2025-05-02T23:16:50Z c login 200 1ms is bad now",
                    b"app.log,7,198,field_count,bad again",
                    b"new.log,3,74,field_count,worse than ever"])


class Failing(StateFaultTest):
    def failing_everywhere(self, prepare, threads):
        inputs = prepare()
        scene = self.folder.name
        old, new = self.expected(scene, inputs, threads)
        calls = [(call, number) for call, number in self.calls_of(scene, inputs, threads)
                 if call in FAILING]
        self.assertGreater(len(calls), 5)
        for call, number in sampled(calls):
            for error in ERRORS:
                self.failing_at(call, number, error, scene, inputs, threads, old, new)

    def failing_at(self, call, number, error, scene, inputs, threads, old, new):
        self.copied(scene)
        with self.subTest(call=call, number=number, error=error, threads=threads):
            code, told = self.traced("-e", f"trace={call}", "-e",
                                     f"inject={call}:error={error}:when={number}", inputs=inputs,
                                     threads=threads)
            self.assertIn(code, (DONE, FAILED), told)
            self.stands_between(old, new)
            self.assertEqual(self.temporary_files(), [])
            if code == DONE:
                self.assertEqual(self.results(), new)
            self.goes_on(inputs, threads, new)

    def test_at_every_call_of_the_first_run(self):
        self.failing_everywhere(self.first_run, "1")

    def test_at_every_call_of_a_later_run(self):
        self.failing_everywhere(self.later_run, "1")

    def test_at_every_call_of_a_later_run_with_two_threads(self):
        self.failing_everywhere(self.later_run, "2")

    def test_at_every_call_of_a_run_that_spills(self):
        self.failing_everywhere(self.spilling_run, "2")

    def test_at_every_call_of_a_run_that_drops_duplicates(self):
        self.failing_everywhere(self.deduped_run, "1")

    def test_a_failure_is_told_with_its_reason(self):
        inputs = self.later_run()
        scene = self.folder.name
        told = []
        for call, number in self.calls_of(scene, inputs, "1"):
            if call not in ("pwrite64", "fsync", "renameat"):
                continue
            self.copied(scene)
            code, said = self.traced("-e", f"trace={call}", "-e",
                                     f"inject={call}:error=EIO:when={number}", inputs=inputs,
                                     threads="1")
            if code == FAILED:
                told.append((call, number))
                self.assertIn("Input/output error", said)
                self.assertRegex(said, "state|bill.csv|bad.csv|temporary files in ")
        self.assertGreater(len(told), 3)


class WithoutItsBill(ProgramTest):
    """Runs whose state stands and whose bill does not: their rejects are listed by a later run."""

    LOG_FORMAT = "text"

    RATE = ("-r", "login=1")
    FIRST = [b"a.log,1,0,field_count,bad"]

    def setUp(self):
        super().setUp()
        self.write("a.log", "bad\n" + lines("a"))

    def run_state(self, *arguments):
        return self.run_billing("aggregate", "-q", "--state", "state", *self.RATE, *arguments)

    def fails_at_its_result(self, *arguments, output=("-o", "bill")):
        """Its last rename is that of the result."""
        self.needs_strace()
        renames = 2 + ("--rejects" in arguments) + 1  # its rejects, their list, the state, the result
        self.trace("-e", "trace=renameat", "-e", f"inject=renameat:error=EIO:when={renames}",
                   command=("aggregate", "-q", "--state", "state", *self.RATE, *output,
                            *arguments)).fails(FAILED)
        self.assertIn("state/usage.partial", [str(path.relative_to(self.folder))
                                              for path in (self.folder / "state").iterdir()])

    def rejects(self):
        return self.read("bad.csv").splitlines()[1:]

    def test_the_next_run_lists_them(self):
        self.fails_at_its_result("a.log", "--rejects", "bad.csv")
        told = self.run_state("a.log", "--rejects", "bad.csv", "-o", "bill").is_done()
        told.says("the rejects file begins with 1 reject of earlier runs")
        self.assertEqual(self.rejects(), self.FIRST)
        self.run_state("a.log", "--rejects", "bad.csv", "-o", "bill").succeeds()
        self.assertEqual(self.rejects(), [])

    def test_those_of_several_runs_come_in_their_order(self):
        self.fails_at_its_result("a.log", "--rejects", "bad.csv")
        self.write("b.log", "worse\n" + lines("b"))
        self.fails_at_its_result("b.log", "--max-rejects", "1")
        self.write("c.log", "worst\n" + lines("c"))
        self.run_state("c.log", "--rejects", "bad.csv", "-o", "bill").is_done()
        self.assertEqual(self.rejects(), [*self.FIRST, b"b.log,1,0,field_count,worse",
                                          b"c.log,1,0,field_count,worst"])
        self.assertEqual(sorted(os.listdir(self.folder / "state")), ["lock", "usage.partial"])

    def test_they_wait_for_a_run_that_lists_rejects(self):
        self.fails_at_its_result("a.log", "--rejects", "bad.csv")
        for output in (("-o", "bill"), (), ("--partial", "partial")):
            rates = () if "--partial" in output else self.RATE
            result = self.run_billing("aggregate", "-q", "--state", "state", *rates, *output)
            result.warns("1 reject", "--rejects")
        for result in (self.run_state("--rejects", "bad.csv"),
                       self.run_state("--rejects", "worse.csv")):
            result.is_done()
        self.assertEqual(self.rejects(), self.FIRST)
        self.assertEqual(self.read("worse.csv"), REJECTS_HEADER)

    def test_a_run_that_is_content_with_its_rejects_keeps_those_of_others_only(self):
        self.fails_at_its_result("a.log", "--rejects", "bad.csv")
        self.write("b.log", "worse\n" + lines("b"))
        self.run_state("b.log", "--max-rejects", "1").warns("1 reject")
        self.run_state("--rejects", "bad.csv").is_done()
        self.assertEqual(self.rejects(), self.FIRST)

    def test_they_do_not_count_as_rejects_of_the_run_that_lists_them(self):
        self.fails_at_its_result("a.log", "--rejects", "bad.csv")
        self.run_state("--rejects", "bad.csv", "--max-rejects", "0").is_done()
        self.assertEqual(self.rejects(), self.FIRST)

    def test_a_list_that_cannot_be_written_delivers_nothing(self):
        self.fails_at_its_result("a.log", "--rejects", "bad.csv")
        self.run_state("--rejects", "/dev/full").fails(FAILED, "/dev/full")
        self.run_state("--rejects", "bad.csv").is_done()
        self.assertEqual(self.rejects(), self.FIRST)

    def test_a_result_that_is_written_directly_and_fails_takes_nothing_in(self):
        self.run_state("a.log", "--rejects", "bad.csv", "-o", "/dev/full").fails(FAILED)
        self.run_state("a.log", "--rejects", "bad.csv").is_done()
        self.assertEqual(self.rejects(), self.FIRST)

    def test_too_many_rejects_take_nothing_in(self):
        self.fails_at_its_result("a.log", "--rejects", "bad.csv")
        self.write("b.log", "worse\n" * 3 + lines("b"))
        self.run_state("b.log", "--rejects", "bad.csv", "--max-rejects", "2").fails(
            TOO_MANY_REJECTS)
        self.assertEqual(len(self.rejects()), 4)
        self.run_state("b.log", "--rejects", "bad.csv").is_done()
        self.assertEqual(len(self.rejects()), 4)

    def test_records_of_any_bytes_and_lengths(self):
        records = [b"x" * size for size in (1, 65_535, 65_536, 65_537, 200_000)]
        records += [b"\x00\xff", "ä,\"\t".encode(), b"=1", b'"'] * 3000
        self.write("a.log", b"\n".join(records) + b"\n" + lines("a").encode())
        self.run_billing("aggregate", "-q", "a.log", *self.RATE, "--rejects", "plain.csv",
                         "--csv-safe").is_done()
        self.fails_at_its_result("a.log", "--rejects", "bad.csv")
        self.run_state("--rejects", "bad.csv", "--csv-safe").is_done()
        self.assertEqual(self.read("bad.csv"), self.read("plain.csv"))

    def test_damaged_they_are_told_of(self):
        self.fails_at_its_result("a.log", "--rejects", "bad.csv")
        [waiting] = (self.folder / "state").glob("rejects.*")
        good = waiting.read_bytes()
        for damaged in (good[:-1], good[:40] + b"?" + good[41:], b"", good + b"\n"):
            waiting.write_bytes(damaged)
            for options in (("--rejects", "bad.csv"), ()):
                self.run_state(*options).fails(FAILED, waiting.name, "damaged", "move this file")
        waiting.write_bytes(good)
        self.run_state("--rejects", "bad.csv").is_done()
        self.assertEqual(self.rejects(), self.FIRST)

    def test_a_disk_that_is_full(self):
        (self.folder / "full").mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", "full"],
                                 cwd=self.folder, capture_output=True)
        if mounted.returncode != 0:
            self.skipTest("may not mount a small disk: " + mounted.stderr.decode().strip())
        self.addCleanup(subprocess.run, ["umount", "full"], cwd=self.folder)
        self.write("full/x", b"\0" * 4096)
        self.run_state("a.log", "--rejects", "bad.csv", "-o", "full/bill").fails(FAILED, "space")
        self.run_state("a.log", "--rejects", "bad.csv", "-o", "bill").is_done()
        self.assertEqual(self.rejects(), self.FIRST)


if __name__ == "__main__":
    unittest.main()
