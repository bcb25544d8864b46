"""A small language for tests of the whole program: write a log, run billing, say what is expected.

`aggregate` runs every command twice, with the baseline and with the parallel engine, and demands
the same exit code, the same text and the same files of both. The program runs in a folder of its
own and sees no variable of the caller's environment.
"""

import fcntl
import os
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time
import unittest
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[2]
PROGRAM = os.path.abspath(os.environ.get("BILLING") or PROJECT / "build" / "test" / "billing")
# A sanitizer takes memory and descriptors of its own.
SANITIZED = os.path.exists(PROGRAM) and any(
    mark in Path(PROGRAM).read_bytes() for mark in (b"__asan_init", b"__tsan_init"))
RUN_LIMIT_SECONDS = 120
# A disk in memory: bills are synced to disk, which takes long where there are thousands.
IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK | os.X_OK) else None
ENGINES = ("--naive", "--parallel")

# Settings of a run that root gives to nobody; others are unprivileged as they are.
UNPRIVILEGED = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}

# What a quiet run tells of rejects that it sets aside where nobody looks at them.
NOBODY_ASKED = re.compile(r"billing: warning: \S+ of \S+ records? rejected \(.*\), in '/dev/null'\n")

DONE, FAILED, MISUSED, TOO_MANY_REJECTS, INTERRUPTED = 0, 1, 2, 3, 130


def record(user="u", task="login", ms=1, time="2025-05-02T23:16:50Z", status=200):
    """One line of a log, without its LF."""
    return f"{time} {user} {task} {status} {ms}ms"


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def swept(seeds):
    """Of so many seeds those that are tried: all, and a quarter under a sanitizer, where each run
    takes many times as long.
    """
    return -(-seeds // 4) if SANITIZED else seeds


def swept_cases(cases):
    """All of a few cases in a list; of many, under a sanitizer, each fourth."""
    return cases[::4] if SANITIZED and len(cases) > 16 else cases


def lines_by(group_by, policy):
    """Options for these lines; a cycle that they do not keep would be a mistake."""
    return ["--group-by", group_by, *(["--cycle", policy] if "cycle" in group_by else [])]


def clean_environment(**variables):
    kept = {name: value for name, value in os.environ.items()
            if name in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")}
    return {**kept, "LC_ALL": "C.UTF-8", **variables}


class Result(NamedTuple):
    """What one command did; the methods say what it should have done."""

    test: unittest.TestCase
    code: int
    out: bytes
    err: str

    def prints(self, *lines):
        """Success: exactly these lines on standard output, nothing on standard error."""
        self.test.assertEqual((self.code, self.err), (DONE, ""))
        self.test.assertEqual(self.out.decode("utf-8", "surrogateescape"),
                              "".join(line + "\n" for line in lines))
        return self

    def succeeds(self):
        return self.prints_bytes(self.out)

    def is_done(self):
        """Success, whatever was said."""
        self.test.assertEqual(self.code, DONE, self.err)
        return self

    def prints_bytes(self, expected):
        self.test.assertEqual((self.code, self.out, self.err), (DONE, expected, ""))
        return self

    def warns(self, *phrases):
        """Success, with a warning that holds these phrases."""
        self.test.assertEqual(self.code, DONE, self.err)
        return self.says("warning", *phrases)

    def fails(self, code, *phrases):
        """No success and no result; standard error holds these phrases."""
        self.test.assertEqual((self.code, self.out), (code, b""), self.err)
        return self.says("error", *phrases)

    def with_rejects(self, counts, file):
        """A quiet run that tells of these rejects; the result without that line."""
        line = f"billing: warning: {counts}, in '{file}'\n"
        self.test.assertIn(line, self.err)
        return self._replace(err=self.err.replace(line, ""))

    def says(self, *phrases):
        for phrase in phrases:
            self.test.assertIn(phrase, self.err)
        return self


class ProgramTest(unittest.TestCase):
    maxDiff = None
    folders_in = None  # where temporary folders are made; None: the usual place

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="billing_test_", dir=self.folders_in))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.variables = {}

    # ------------------------------------------------------------------ files

    def write(self, name, content):
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_bytes(as_bytes(content))
        return name

    def log(self, *lines, name="log"):
        """A log of these lines, each with its LF."""
        return self.write(name, b"".join(as_bytes(line) + b"\n" for line in lines))

    def read(self, name):
        return (self.folder / name).read_bytes()

    def text(self, name):
        return self.read(name).decode()

    def names(self):
        return sorted(os.listdir(self.folder))

    def files(self):
        return {name: self.read(name) for name in self.names()
                if (self.folder / name).is_file()}

    # ------------------------------------------------------------------ runs

    def environment(self, **variables):
        self.variables = variables

    # What logs are, where it shall not be found out: bad ones may look like nothing.
    LOG_FORMAT = None

    def with_format(self, arguments):
        if self.LOG_FORMAT and arguments[:1] == ("aggregate",) and "--format" not in arguments:
            return (arguments[0], "--format", self.LOG_FORMAT, *arguments[1:])
        return arguments

    def run_billing(self, *arguments, stdin=b"", **settings):
        """Any command, once. stdin: bytes."""
        arguments = self.with_format(arguments)
        done = subprocess.run([PROGRAM, *arguments], input=stdin, capture_output=True,
                              cwd=self.folder, env=clean_environment(**self.variables),
                              timeout=RUN_LIMIT_SECONDS, **settings)
        return Result(self, done.returncode, done.stdout,
                      NOBODY_ASKED.sub("", done.stderr.decode("utf-8", "surrogateescape")))

    def start(self, *arguments, **settings):
        """A command that goes on while the test does something to it."""
        arguments = self.with_format(arguments)
        settings = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                    "stderr": subprocess.PIPE, **settings}
        process = subprocess.Popen([PROGRAM, *arguments], cwd=self.folder,
                                   env=clean_environment(**self.variables), **settings)
        self.addCleanup(self.stop, process)
        return process

    @staticmethod
    def stop(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def wait_until(self, holds, what, process=None):
        """Until holds() is true; while the process runs, if one is named."""
        end = time.monotonic() + RUN_LIMIT_SECONDS
        while not holds():
            if process is not None and process.poll() is not None:
                self.fail(f"the program ended with {process.returncode} before {what}")
            if time.monotonic() > end:
                self.fail(f"not within {RUN_LIMIT_SECONDS} s: {what}")
            time.sleep(0.005)

    def wait_until_it_handles(self, process, kind=signal.SIGINT):
        """Until the signal no longer ends the process before it can say a word."""
        self.wait_until(lambda: int(status_of(process, "SigCgt"), 16) >> (kind - 1) & 1,
                        f"it handles {kind.name}", process)

    def wait_until_it_waits(self, process):
        """Until it has nothing to do but to wait for somebody else: asleep, or waking up to look.

        On a busy machine who only looks up may seem to be at work whenever we look.
        """
        self.wait_until_it_handles(process)
        begun = int(status_of(process, "voluntary_ctxt_switches"))
        self.wait_until(lambda: all(looks_asleep(process) for _ in range(3)) or
                        int(status_of(process, "voluntary_ctxt_switches")) > begun + 8,
                        "it waits", process)

    def finish(self, process):
        out, err = process.communicate(timeout=RUN_LIMIT_SECONDS)
        return Result(self, process.returncode, out or b"", (err or b"").decode())

    def needs_strace(self):
        probe = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True)
        if probe.returncode != 0:
            self.skipTest("programs may not be traced here")

    def trace(self, *options, command, to="/dev/null"):
        """A command under strace with these options of it; `to` gets the trace."""
        # The search for leaks cannot be traced.
        sanitizers = ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"), "detect_leaks=0")))
        done = subprocess.run(
            ["strace", "-f", "-qq", "-o", to, *options, PROGRAM, *self.with_format(command)],
            cwd=self.folder, env=clean_environment(**self.variables, ASAN_OPTIONS=sanitizers),
            capture_output=True, timeout=RUN_LIMIT_SECONDS)
        return Result(self, done.returncode, done.stdout, done.stderr.decode())

    def aggregate(self, *arguments, stdin=b""):
        """Quietly, with each engine; all that they say and write must be equal."""
        return self.twice("-q", *arguments, stdin=stdin)

    def twice(self, *arguments, stdin=b""):
        seen = []
        for engine in ENGINES:
            result = self.run_billing("aggregate", engine, *arguments, stdin=stdin)
            seen.append((result, self.files()))
        self.assertEqual(seen[0], seen[1], "the engines differ")
        return seen[-1][0]

    def bill(self, *arguments, rates=("login=1",), stdin=b""):
        """Aggregates with these rates."""
        return self.aggregate(*arguments, *rate_options(*rates), stdin=stdin)


def status_of(process, field):
    """A field of /proc/PID/status; 0 once there is none."""
    with open(f"/proc/{process.pid}/status") as status:
        return next((line.split()[1] for line in status if line.startswith(field + ":")), "0")


def peak_anonymous_bytes(command, **settings):
    """Runs a command; its exit code, and the most anonymous memory that it was seen to have."""
    with subprocess.Popen(command, **settings) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, int(status_of(process, "RssAnon")) * 1024)
            time.sleep(0.002)
        return process.returncode, peak


def looks_asleep(process):
    time.sleep(0.005)
    return status_of(process, "State") == "S"


def bytes_in(pipe):
    """What has been written to a pipe (either end of it) and was not read yet."""
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0]


def rate_options(*rates):
    return [part for rate in rates for part in ("--rate", rate)]
