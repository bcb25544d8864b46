"""What does not fit into memory goes to temporary files: same results, and nothing left behind."""

import contextlib
import itertools
import json
import os
import random
import resource
import signal
import stat
import subprocess
import tempfile
import time
import unittest

from partial_fixture import MEASURED, policies_and_groupings
from program_fixture import (DONE, FAILED, IN_MEMORY, INTERRUPTED, MISUSED, PROGRAM,
                             RUN_LIMIT_SECONDS, SANITIZED, TOO_MANY_REJECTS, UNPRIVILEGED,
                             ProgramTest, clean_environment, lines_by, rate_options, record)
from random_logs import RATES, ZONES, random_log

# Everything goes to temporary files, in many small pieces.
SPILLING = ("--slice-bytes", "1", "--chunk-bytes", "900")
PRICES = (*rate_options(*RATES[:3]), "--unrated", "zero")


class MemoryTest(ProgramTest):
    folders_in = IN_MEMORY

    def setUp(self):
        super().setUp()
        self.temp = self.folder / "temp"
        self.temp.mkdir()

    def left(self):
        return os.listdir(self.temp)

    def once(self, *arguments, **settings):
        return self.run_billing("aggregate", "-q", *arguments, **settings)

    def spilled(self, *arguments, **settings):
        """A run that used temporary files; its result, without the summary, and their bytes."""
        result = self.once(*arguments, "--temp-dir", "temp", "--summary", "json", **settings)
        self.assertEqual(self.left(), [])
        told = [line for line in result.err.splitlines(True) if line.startswith("{")]
        self.assertEqual(len(told), 1, result.err)
        return (result._replace(err=result.err.replace(told[0], "")),
                json.loads(told[0])["spilled_bytes"])

    def spills_and_equals(self, expected, *arguments, **settings):
        found, size = self.spilled(*arguments, **settings)
        self.assertEqual(found, expected)
        self.assertGreater(size, 0, "nothing went to temporary files")

    def big_log(self, lines=3000, name="log"):
        """A log whose usage does not fit into the memory of SPILLING, nor into one of its runs."""
        return self.log(*(record(user=f"user{number % 500}", ms=number) for number in range(lines)),
                        name=name)


class SameResults(MemoryTest):
    def equals_the_baseline(self, *arguments, settings=SPILLING):
        """By file and by pipe, set against the baseline, which keeps all in memory."""
        expected = self.once("--naive", "log", *arguments)
        self.assertEqual(expected.code, DONE, expected.err)
        self.spills_and_equals(expected, "log", *arguments, *settings)
        expected = self.once("--naive", "-", *arguments, stdin=self.read("log"))
        self.spills_and_equals(expected, "-", *arguments, *settings, stdin=self.read("log"))

    def test_every_policy_with_every_grouping(self):
        choice = random.Random(21)
        self.write("log", random_log(choice, 250, 0.1))
        formats = itertools.cycle(("text", "csv", "jsonl"))
        for policy, group_by in policies_and_groupings():
            with self.subTest(policy=policy, group_by=group_by):
                self.equals_the_baseline(
                    *lines_by(group_by, policy), "--timezone", choice.choice(ZONES),
                    "--rejects", "/dev/null", *PRICES, "--output-format", next(formats))

    def test_every_size_of_slices_and_chunks_and_any_number_of_threads(self):
        self.write("log", random_log(random.Random(22), 200, 0))
        for policy in ("calls:5", "day"):
            expected = self.once("--naive", "log", "--cycle", policy, *PRICES)
            for slice_bytes, chunk, threads in itertools.product(
                    (1, 100, 5000), (50, 700, 10**6), (1, 2, 4)):
                found, _ = self.spilled("log", "--cycle", policy, *PRICES, "--slice-bytes",
                                        str(slice_bytes), "--chunk-bytes", str(chunk), "--threads",
                                        str(threads))
                self.assertEqual(found, expected)

    def test_many_inputs(self):
        choice = random.Random(23)
        names = [self.write(f"log{number}", random_log(choice, 80, 0)) for number in range(5)]
        for policy in ("calls:5", "month"):
            arguments = (*names, "--cycle", policy, *PRICES)
            self.spills_and_equals(self.once("--naive", *arguments), *arguments, *SPILLING)

    def test_rejects_are_set_aside_alike(self):
        self.write("log", random_log(random.Random(24), 300, 0.5))
        for policy in ("calls:5", "day"):
            self.once("--naive", "log", "--cycle", policy, *PRICES, "--rejects", "expected.csv",
                      "-o", "expected")
            result, size = self.spilled("log", "--cycle", policy, *PRICES, "--rejects", "bad.csv",
                                        "-o", "bill", *SPILLING)
            self.assertEqual((result.code, size > 0), (DONE, True), result.err)
            for name in ("bad.csv", "bill"):
                expected = "expected.csv" if name == "bad.csv" else "expected"
                self.assertEqual(self.read(name), self.read(expected))

    def test_rejects_end_the_run_as_they_do_without(self):
        self.log(*["bad", record(user="a"), record(user="b")] * 100)
        self.write("bill", "old")
        result = self.once("log", "-r", "login=1", "-o", "bill", "--temp-dir", "temp", *SPILLING)
        self.assertEqual(result.code, TOO_MANY_REJECTS, result.err)
        self.assertEqual((self.text("bill"), self.left()), ("old", []))

    def test_tasks_without_rates_are_rejected_alike(self):
        self.write("log", random_log(random.Random(25), 200, 0))
        for policy in ("calls:5", "day"):
            self.equals_the_baseline("--cycle", policy, "-r", "login=1", "--unrated", "reject",
                                     "--rejects", "/dev/null")

    def test_filters(self):
        self.write("log", random_log(random.Random(26), 300, 0))
        for filters in (("--status", "2xx,404"), ("--since", "2025-01-01"),
                        ("--until", "2038-01-01", "--since", "1999-01-01")):
            for policy in ("calls:5", "month"):
                with self.subTest(filters=filters, policy=policy):
                    self.equals_the_baseline("--cycle", policy, *filters, *PRICES)

    def test_roundings_and_scales(self):
        self.write("log", random_log(random.Random(27), 200, 0))
        for rounding, scale in (("up", "0"), ("half-even", "3"), ("down", "12")):
            self.equals_the_baseline("--rounding", rounding, "--scale", scale, *PRICES)

    def test_one_user_with_half_of_all_calls(self):
        choice = random.Random(28)
        self.log(*(record(choice.choice(("giant", f"user{choice.randrange(100)}")), ms=number,
                          time=f"2025-05-{choice.randint(1, 31):02d}T10:00:00Z")
                   for number in range(1500)))
        for policy in ("calls:1", "calls:7", "day"):
            self.equals_the_baseline("--cycle", policy, "-r", "login=.01",
                                     settings=("--slice-bytes", "1", "--chunk-bytes", "9000"))

    def test_a_single_user(self):
        self.log(*(record(ms=number, time=f"2025-05-02T23:16:{number % 60:02d}Z")
                   for number in range(1500)))
        for policy in ("calls:1", "calls:1000", "all"):
            self.equals_the_baseline("--cycle", policy, "-r", "login=.01",
                                     settings=("--slice-bytes", "1", "--chunk-bytes", "9000"))

    def test_very_unequal_users(self):
        self.run_billing("generate", "-n", "6000", "-u", "3000", "--zipf", "1.2", "--order",
                         "shuffled", "-o", "log").prints()
        for policy in ("calls:5", "day"):
            self.equals_the_baseline("--cycle", policy, *PRICES,
                                     settings=("--slice-bytes", "1", "--chunk-bytes", "9000"))

    def test_threads_that_meet_the_same_users_keep_them_once_before_any_are_spilled(self):
        self.run_billing("generate", "-n", "300000", "-u", "20000", "--order", "shuffled", "-o",
                         "log").prints()
        arguments = ("log", "--group-by", "user", *PRICES)
        expected = self.once("--naive", *arguments)
        spilled = []
        for slice_bytes in ("2000000", "4000000"):
            found, size = self.spilled(*arguments, "--slice-bytes", slice_bytes, "--chunk-bytes",
                                       "50000", "--threads", "2")
            self.assertTrue(found == expected)
            spilled.append(size > 0)
        self.assertEqual(spilled, [True, False])

    def test_files_are_brought_together_before_there_are_too_many_open(self):
        few = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))}
        self.run_billing("generate", "-n", "200000", "-u", "1", "-o", "one").prints()
        self.big_log(40_000, name="many")
        for log, group_by in (("many", "user,cycle"), ("one", "cycle")):
            arguments = (log, *PRICES, "--cycle", "calls:1", "--group-by", group_by)
            self.spills_and_equals(self.once(*arguments), *arguments, "--slice-bytes", "1",
                                   "--chunk-bytes", "40000", **few)

    def test_fractions_of_seconds_and_calls_at_the_same_time(self):
        choice = random.Random(29)
        self.log(*(record(choice.choice("ab"), choice.choice(("login", "b")), number % 7,
                          time="2025-05-02T23:16:50." + choice.choice(
                              ("0", "5", "500000001", "499999999", "123456789")) + "Z",
                          status=choice.choice((200, 404))) for number in range(600)))
        for policy in ("calls:1", "calls:5"):
            self.equals_the_baseline("--cycle", policy, *PRICES)

    def test_names_of_every_length(self):
        names = ["x" * length for length in range(1, 256, 2)] + ["ä" * 127, "😀" * 63]
        self.log(*(record(user=name, task=name[::-1], ms=len(name)) for name in names))
        for policy in ("calls:5", "day"):
            self.equals_the_baseline("--cycle", policy, "--unrated", "zero")

    def test_so_many_runs_that_they_are_merged_in_rounds(self):
        self.log(*(record(f"user{number % 97}", ms=number, time=f"2025-05-{number % 31 + 1:02d}"
                          f"T10:00:00.{number % 10}Z") for number in range(1200)))
        for policy in ("calls:5", "day"):
            for chunk in ("1", "100"):
                self.equals_the_baseline("--cycle", policy, "-r", "login=.01", settings=(
                    "--slice-bytes", "1", "--chunk-bytes", chunk))

    def test_partials_are_the_same(self):
        self.write("log", random_log(random.Random(30), 300, 0))
        for policy in ("calls:5", "day"):
            self.once("log", "--cycle", policy, "--partial", "expected").succeeds()
            result, size = self.spilled("log", "--cycle", policy, "--partial", "p", *SPILLING)
            self.assertEqual((result.code, size > 0), (DONE, True), result.err)
            self.assertEqual(self.read("p"), self.read("expected"))

    def test_too_large_sums_are_refused_alike(self):
        self.log(*[record(ms=10**15 - 1)] * 18500)
        for policy in ("all", "calls:1000000"):
            expected = self.once("--naive", "log", "--cycle", policy, "-r", "login=1")
            expected.fails(FAILED, "2^63")
            found = self.once("log", "--cycle", policy, "-r", "login=1", "--temp-dir", "temp",
                              "--slice-bytes", "1", "--chunk-bytes", "9000")
            self.assertEqual((found, self.left()), (expected, []))

    def test_the_summary_tells_the_same_but_for_the_temporary_files(self):
        self.write("log", random_log(random.Random(31), 300, 0.1))
        arguments = ("log", *PRICES, "--rejects", "/dev/null", "--status", "2xx", "--summary",
                     "json", "-o", "bill")
        seen = []
        for settings in ((), SPILLING):
            result = self.once(*arguments, *settings, "--temp-dir", "temp")
            told = json.loads(result.err.splitlines()[-1])
            seen.append({name: value for name, value in told.items() if name not in (
                "passes", "seconds", "records_per_second", "bytes_per_second", "spilled_bytes")})
            self.assertEqual(told["spilled_bytes"] > 0, settings == SPILLING)
        self.assertEqual(seen[0], seen[1])


class Limits(MemoryTest):
    def test_sizes_that_are_accepted(self):
        self.log(record())
        for size in ("64MB", "1GiB", "2GB", "64MiB", "64000000", "512MB"):
            with self.subTest(size=size):
                self.once("log", "-r", "login=1", "--memory-limit", size).prints(
                    "u cycle=1 task=login: total_duration=1ms, total_cost=1.00")

    def test_sizes_that_are_refused(self):
        self.log(record())
        self.write("bill", "old")
        for size in ("1", "63MB", "abc", "-1", "2 GB", "1e9", "", "0", "+2GB", "2GBx", "GB",
                     "1.5GB", "0x64MB", "63999999", "18446744073709551616",
                     "18446744073709551616GB", "99999999999999999999", "100%", " 2GB", "2GB "):
            with self.subTest(size=size):
                self.once("log", "-r", "login=1", "-o", "bill", f"--memory-limit={size}"
                          ).fails(MISUSED, "--memory-limit")
                self.assertEqual(self.text("bill"), "old")

    def test_merge_takes_them_too(self):
        self.log(record())
        self.once("log", "--partial", "p").succeeds()
        self.assertEqual(self.run_billing("merge", "-q", "p", "-r", "login=1", "--memory-limit",
                                          "64MB", "--temp-dir", "temp").code, DONE)
        for size in ("1", "63MB", "abc"):
            self.run_billing("merge", "p", "-r", "login=1", "--memory-limit", size
                             ).fails(MISUSED, "--memory-limit", f"'{size}'")

    def test_sizes_of_slices_and_chunks(self):
        self.log(record())
        for option in ("--slice-bytes", "--chunk-bytes"):
            for size in ("0", "-1", "x", "1.5", "99999999999999999999"):
                self.once("log", "-r", "login=1", f"{option}={size}").fails(MISUSED, option)

    def limits_are_known(self):
        # A program that looks after its memory itself, for tests, needs more.
        if SANITIZED:
            self.skipTest("the program was built with a sanitizer")

    def test_the_limit_is_kept_whatever_the_number_of_threads(self):
        self.limits_are_known()
        self.run_billing("generate", "-n", "1000000", "-u", "200000", "-o", "log").prints()
        self.once("log", *PRICES, "-o", "expected")
        all_spilled = 0
        for threads in ("1", "2", "8"):
            with self.subTest(threads=threads):
                spilled, peak = self.measured("--threads", threads, "--memory-limit", "64MB")
                all_spilled += spilled
                self.assertTrue(self.read("bill") == self.read("expected"))
                self.assertEqual(self.left(), [])
                self.assertLess(peak, 64_000_000)
        self.assertGreater(all_spilled, 0)

    def test_the_limit_is_kept_where_a_few_records_are_wide(self):
        self.limits_are_known()
        second = "2025-05-02T23:16:50"
        lines = [record(f"user{i % 20_000}", ms=i, time=f"{second}{'.5' if i % 499 == 0 else ''}Z")
                 for i in range(500_000)]
        self.keeps_the_limit("\n".join(lines * 8) + "\n", "120MB", 120_000_000)

    def test_the_limit_is_kept_where_few_users_have_all_calls(self):
        self.limits_are_known()
        lines = [record(f"user{i % 2}", ms=i) for i in range(500_000)]
        self.keeps_the_limit("\n".join(lines * 8) + "\n", "120MB", 120_000_000)

    def test_the_limit_is_kept_where_one_more_task_comes_at_the_end(self):
        self.limits_are_known()
        lines = [record(f"user{i * 7919 % 250_000}", f"task{task}")
                 for task in range(6) for i in range(250_000)]
        self.log(*lines, record(task="task7"))
        self.once("log", *PRICES, "--group-by", "user", "-o", "expected")
        _, peak = self.measured("--group-by", "user", "--threads", "1", "--memory-limit", "64MB")
        self.assertTrue(self.read("bill") == self.read("expected"))
        self.assertLess(peak, 64_000_000)

    def keeps_the_limit(self, log, limit, limit_bytes):
        self.write("log", log)
        self.once("log", *PRICES, "-o", "expected")
        spilled, peak = self.measured("--threads", "2", "--memory-limit", limit)
        self.assertTrue(self.read("bill") == self.read("expected"))
        self.assertGreater(spilled, 0)
        self.assertLess(peak, limit_bytes)

    def test_threads_that_find_no_room_are_told_of_and_not_used(self):
        self.log(record())
        told = self.run_billing("aggregate", "log", "-r", "login=1", "--threads", "8",
                                "--memory-limit", "64MB", "--summary", "json").err
        self.assertRegex(told, "room for [1-7] of 8 threads")
        self.assertRegex(told, '"threads":[1-7],')

    def measured(self, *arguments):
        """Bills the log; gives the bytes in temporary files and the most that was in memory."""
        # By a pipe: pages of files, which the system may take back, would count.
        with subprocess.Popen(["cat", "log"], cwd=self.folder, stdout=subprocess.PIPE) as cat:
            done = subprocess.run(
                [*MEASURED, PROGRAM, "aggregate", "-q", "-", *PRICES, "-o", "bill", "--summary",
                 "json", "--temp-dir", "temp", *arguments], cwd=self.folder, stdin=cat.stdout,
                env=clean_environment(), capture_output=True, timeout=RUN_LIMIT_SECONDS)
        told = done.stderr.decode().splitlines()
        self.assertEqual(done.returncode, DONE, told)
        return json.loads(told[-2])["spilled_bytes"], int(told[-1]) * 1024


class Folders(MemoryTest):
    """Where temporary files go, and what happens where they cannot."""

    def setUp(self):
        super().setUp()
        self.big_log()
        self.log(record(), name="small")
        self.write("bill", "old")

    def cannot_spill(self, folder, *words, **settings):
        """No result, the old one stays. One that was named is told at once; that of TMPDIR only
        where something has to be spilled."""
        before = self.names()
        arguments = ("-r", "login=1")
        for log in ("log", "small"):
            self.once(log, *arguments, "--temp-dir", folder, "-o", "bill", **settings).fails(
                MISUSED, f"'{folder}'", "--temp-dir", *words)
        self.environment(TMPDIR=folder)
        self.once("log", *arguments, *SPILLING, "-o", "bill", **settings).fails(
            FAILED, f"'{folder}'", "--temp-dir", *words)
        self.once("log", *arguments, *SPILLING, **settings).fails(FAILED, f"'{folder}'")
        self.assertEqual((self.text("bill"), self.names()), ("old", before))
        self.once("small", *arguments, **settings).prints(
            "u cycle=1 task=login: total_duration=1ms, total_cost=1.00")

    def test_a_folder_that_is_missing(self):
        self.cannot_spill("missing", "No such file")
        self.cannot_spill("/no/such/folder", "No such file")

    def test_a_file_is_no_folder(self):
        self.cannot_spill("small", "Not a directory")
        self.assertEqual(self.text("small"), record() + "\n")

    def test_a_folder_that_may_not_be_written(self):
        os.chmod(self.folder, 0o777)
        os.chmod(self.temp, 0o555)
        try:
            self.run_billing("--help", **UNPRIVILEGED)
        except PermissionError:
            self.skipTest("an unprivileged user may not run the program from its folder")
        self.cannot_spill("temp", "Permission denied", **UNPRIVILEGED)
        self.assertEqual(self.left(), [])

    def test_a_name_that_writes_to_the_terminal_is_escaped(self):
        told = self.once("log", "-r", "login=1", "--temp-dir", "a\x1b[31m", *SPILLING
                         ).fails(MISUSED, "a\\x1B[31m").err
        self.assertNotIn("\x1b", told)

    def test_tmpdir_is_honoured_and_temp_dir_wins_over_it(self):
        expected = self.once("log", "-r", "login=1")
        arguments = ("log", "-r", "login=1", *SPILLING)
        self.environment(TMPDIR="missing")
        self.once(*arguments).fails(FAILED, "'missing'", "No such file")
        self.assertEqual(self.once(*arguments, "--temp-dir", "temp"), expected)
        self.environment(TMPDIR="temp")
        self.assertEqual(self.once(*arguments), expected)
        self.once(*arguments, "--temp-dir", "missing").fails(MISUSED, "'missing'")
        self.assertEqual(self.left(), [])

    def test_an_empty_tmpdir_is_none(self):
        self.environment(TMPDIR="")
        self.assertEqual(self.once("log", "-r", "login=1", *SPILLING).code, DONE)

    def test_an_empty_name_is_a_mistake(self):
        self.once("log", "-r", "login=1", "--temp-dir=").fails(MISUSED, "--temp-dir")

    def test_the_baseline_knows_no_temporary_files(self):
        for option in (("--temp-dir", "temp"), ("--memory-limit", "64MB"), ("--slice-bytes", "1")):
            self.once("small", "-r", "login=1", "--naive", *option).fails(MISUSED, option[0])


class WhileItRuns(MemoryTest):
    """Runs that wait for more of their input after they have spilled some."""

    def start_and_spill(self, *arguments):
        """A run that reads a pipe and has temporary files; returns it with the pipe."""
        self.write("bill", "old")
        process = self.start("aggregate", "-q", "-", "-r", "login=1", "-o", "bill", "--temp-dir",
                             "temp", "--slice-bytes", "1", "--chunk-bytes", "1000", *arguments,
                             stdin=subprocess.PIPE)
        process.stdin.write(b"".join(record(user=f"user{number}").encode() + b"\n"
                                     for number in range(3000)))
        process.stdin.flush()
        self.wait_until(lambda: self.temporary_files(process), "it has temporary files", process)
        return process

    def temporary_files(self, process):
        folder, found = f"/proc/{process.pid}/fd/", []
        for name in os.listdir(folder):
            with contextlib.suppress(FileNotFoundError):
                target = os.readlink(folder + name)
                if target.startswith(str(self.temp) + "/"):
                    found.append((target, stat.S_IMODE(os.stat(folder + name).st_mode)))
        return found

    def test_temporary_files_have_no_names(self):
        process = self.start_and_spill()
        self.assertEqual(self.left(), [])
        for target, mode in self.temporary_files(process):
            self.assertRegex(target, r" \(deleted\)$")
            self.assertEqual(mode & 0o077, 0, "others could read it")
        result = self.finish(process)
        self.assertEqual((result.code, self.left()), (DONE, []), result.err)
        self.assertEqual(self.text("bill").count("\n"), 3000)

    def ended_by(self, kind, *codes):
        process = self.start_and_spill()
        process.send_signal(kind)
        self.assertIn(process.wait(20), codes)
        self.assertEqual((self.text("bill"), self.left()), ("old", []))

    def test_interrupted_nothing_is_left(self):
        self.ended_by(signal.SIGINT, INTERRUPTED)
        self.assertEqual(self.names(), ["bill", "temp"])

    def test_terminated_or_killed_nothing_is_left(self):
        self.ended_by(signal.SIGTERM, INTERRUPTED, -signal.SIGTERM, 128 + signal.SIGTERM)
        self.ended_by(signal.SIGKILL, -signal.SIGKILL)

    def test_interrupted_at_any_moment_of_the_merging_nothing_is_left(self):
        self.big_log(12_000)
        arguments = ("log", "-r", "login=1", "-o", "bill", "--temp-dir", "temp", "--slice-bytes",
                     "1", "--chunk-bytes", "2000")
        began = time.monotonic()
        self.assertEqual(self.once(*arguments).code, DONE)
        seconds = time.monotonic() - began
        new, stopped = self.read("bill"), 0
        for step in range(10):
            self.write("bill", "old")
            process = self.start("aggregate", "-q", *arguments)
            time.sleep(seconds * (step + 1) / 10)
            process.send_signal(signal.SIGINT)
            code = self.finish(process).code
            seconds *= 0.5 if code == DONE else 1.1
            stopped += code != DONE
            self.assertIn(code, (DONE, INTERRUPTED, -signal.SIGINT))
            self.assertEqual(self.read("bill"), new if code == DONE else b"old")
            self.assertEqual((self.left(), self.names()), ([], ["bill", "log", "temp"]))
        self.assertGreater(stopped, 2, "most runs had ended before their signal came")

    def test_a_folder_that_is_removed_meanwhile_does_not_matter_for_what_is_open(self):
        process = self.start_and_spill()
        os.rmdir(self.temp)
        result = self.finish(process)
        if result.code != DONE:  # it had to make another one
            result.fails(FAILED, "'temp'", "--temp-dir")
            self.assertEqual(self.text("bill"), "old")


class FailingCalls(MemoryTest):
    """System calls on temporary files that fail."""

    ARGUMENTS = ("aggregate", "-q", "log", "-r", "login=1", "-o", "bill", "--temp-dir", "temp",
                 "--slice-bytes", "1", "--chunk-bytes", "9000")

    def setUp(self):
        super().setUp()
        self.needs_strace()
        self.big_log()
        self.write("bill", "old")

    def traced(self, *options, threads="1"):
        """Exit code, standard error, and what was traced."""
        with tempfile.NamedTemporaryFile() as trace:
            done = self.trace(*options, command=(*self.ARGUMENTS, "--threads", threads),
                              to=trace.name)
            return done.code, done.err, trace.read().decode("utf-8", "replace")

    def ends_without_a_result(self, words, *options, **settings):
        code, told, _ = self.traced(*options, **settings)
        self.assertEqual(code, FAILED, told)
        for phrase in ("error", "temp", *words):
            self.assertIn(phrase, told)
        self.assertEqual((self.text("bill"), self.left(), self.names()),
                         ("old", [], ["bill", "log", "temp"]))

    def expected(self):
        self.run_billing("aggregate", "-q", "log", "-r", "login=1", "-o", "expected").prints()
        expected = self.read("expected")
        os.remove(self.folder / "expected")
        return expected

    def test_writing(self):
        for error, words in (("EIO", "Input/output error"), ("ENOSPC", "No space left"),
                             ("EDQUOT", "quota")):
            for nth, threads in ((1, "1"), (2, "1"), (7, "1"), (1, "2"), (3, "2")):
                with self.subTest(error=error, nth=nth, threads=threads):
                    self.ends_without_a_result(
                        ("'temp'", "--temp-dir", words), "-e",
                        f"inject=pwrite64:error={error}:when={nth}", threads=threads)

    def test_reading_back(self):
        # The loader and the input read too: only what goes to the folder is counted.
        _, _, traced = self.traced("-y", "-e", "trace=pread64")
        reads = [number for number, line in enumerate(traced.splitlines(), start=1)
                 if f"<{self.temp}/" in line]
        self.assertGreater(len(reads), 10)
        for nth in (reads[0], reads[1], reads[len(reads) // 2], reads[-1]):
            with self.subTest(nth=nth):
                self.write("bill", "old")
                self.ends_without_a_result(("Input/output error",), "-e",
                                           f"inject=pread64:error=EIO:when={nth}")

    def test_files_that_end_too_early_when_they_are_read_back(self):
        _, _, traced = self.traced("-y", "-e", "trace=pread64")
        reads = [number for number, line in enumerate(traced.splitlines(), start=1)
                 if f"<{self.temp}/" in line and not line.endswith(" = 0")]
        for nth in (reads[0], reads[len(reads) // 2]):
            with self.subTest(nth=nth):
                self.write("bill", "old")
                self.ends_without_a_result((), "-e", f"inject=pread64:retval=0:when={nth}")

    def test_opening(self):
        for error, words in (("EIO", "Input/output error"), ("ENOSPC", "No space left"),
                             ("EMFILE", "Too many open files"), ("EACCES", "Permission denied"),
                             ("EROFS", "Read-only")):
            for nth in (1, 4):
                with self.subTest(error=error, nth=nth):
                    self.ends_without_a_result(("'temp'", words), "-P", "temp", "-e",
                                               f"inject=openat:error={error}:when={nth}")

    def test_a_file_system_without_nameless_files_gives_the_same_bill(self):
        expected = self.expected()
        for error in ("EOPNOTSUPP", "EISDIR"):
            with self.subTest(error=error):
                self.write("bill", "old")
                code, told, traced = self.traced("-P", "temp", "-e", f"inject=openat:error={error}")
                self.assertIn("INJECTED", traced)
                self.assertEqual(code, DONE, told)
                self.assertTrue(self.read("bill") == expected)
                self.assertEqual((self.left(), self.names()), ([], ["bill", "log", "temp"]))

    def test_so_many_runs_are_used_that_rounds_are_needed(self):
        # What SameResults relies on: a chunk of one byte makes a run of each line or so.
        self.big_log(1000)
        self.ARGUMENTS = (*self.ARGUMENTS[:-1], "1")
        code, told, traced = self.traced("-e", "trace=openat")
        self.assertEqual(code, DONE, told)
        self.assertGreater(traced.count("O_TMPFILE"), 300)

    def test_temporary_files_go_to_var_tmp_where_nothing_is_said(self):
        place = self.ARGUMENTS.index("--temp-dir")
        self.ARGUMENTS = self.ARGUMENTS[:place] + self.ARGUMENTS[place + 2:]
        code, told, traced = self.traced("-e", "trace=openat")
        self.assertEqual(code, DONE, told)
        self.assertIn('"/var/tmp"', traced)


class FullDisk(MemoryTest):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("only root can mount a small disk")
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", self.temp],
                                 capture_output=True)
        if mounted.returncode != 0:
            self.skipTest("a small disk may not be mounted here")
        self.addCleanup(subprocess.run, ["umount", self.temp])
        self.big_log(20_000)
        self.write("bill", "old")

    def test_the_old_bill_stays_and_the_disk_is_as_before(self):
        for chunk in ("2000", "9000"):
            self.once("log", "-r", "login=1", "-o", "bill", "--temp-dir", "temp", "--slice-bytes",
                      "1", "--chunk-bytes", chunk).fails(FAILED, "'temp'", "--temp-dir",
                                                         "No space left")
            self.assertEqual((self.text("bill"), self.left()), ("old", []))
            self.assertEqual(self.names(), ["bill", "log", "temp"])
        used = os.statvfs(self.temp)
        self.assertEqual(used.f_bfree, used.f_blocks)

    def test_what_needs_less_fits(self):
        result = self.once("log", "-r", "login=1", "-o", "bill", "--temp-dir", "temp",
                           "--group-by", "task", "--slice-bytes", "1", "--chunk-bytes", "100000")
        self.assertEqual((result.code, self.left()), (DONE, []), result.err)


if __name__ == "__main__":
    unittest.main()
