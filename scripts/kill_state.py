"""Kills billing aggregate --state at random moments of a large job, and checks what is left.

The logs come in nights: in each, some files have grown (also in the middle of a line), and one is
new; one comes in the first night only. A night's run is killed, mostly more than once, until it is
let run to its end. After each kill the result must be absent, that of the night before or that of
this night, byte for byte; the state's folder may hold the state, whole, its lock and a temporary
file, and rejects that wait for a run to the end. After each run to the end the bill must be that of a plain run over all logs. Behind the last
night everything begins anew. Most kills come at a random time of the run's length; some soon after
the state has changed, to hit the short time between state and result.
"""

import argparse
import filecmp
import fnmatch
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from script_options import ROOT, at_least_one, billing_program, emptied

NIGHTS = 4
FILES = 3  # at the first night; one more with each
RATES = ("createOrder=.004", "deleteOrder=.0003", "getUserProfile=.002", "login=.005",
         "updateInventory=.001")
BEFORE, BETWEEN, AFTER = "before the state", "between state and result", "after the result"
NOTHING_NEW, TOO_LATE = "of a run with nothing new", "too late: it had ended"
KINDS = (BEFORE, BETWEEN, AFTER, NOTHING_NEW, TOO_LATE)


class Difference(Exception):
    """The program has not done what it promises."""


def tell(text):
    print(text, file=sys.stderr, flush=True)


def identity(path):
    """Changes whenever the file is replaced; None where there is none."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


class Job:
    """The logs, the runs over them and what they should give."""

    def __init__(self, options, work):
        self.options, self.work = options, work
        self.random = random.Random(options.seed)
        self.full, self.logs, self.bills = work / "full", work / "logs", work / "expected"
        self.state, self.bill = work / "state", work / "bill.csv"
        self.partial = self.state / "usage.partial"
        for folder in (self.full, self.logs, self.bills):
            folder.mkdir()

    # ------------------------------------------------------------------ logs

    def generate(self):
        """The logs as they are at the last night, and how much of each there is at each night."""
        count = FILES + NIGHTS - 1
        self.sizes = {}
        for number in range(count):
            name = f"app{number}.log"
            subprocess.run([self.options.billing, "generate", "--records",
                            str(max(NIGHTS, self.options.records // count)), "--users",
                            str(self.options.users), "--seed", str(number + 1), "--output",
                            self.full / name], check=True)
            self.sizes[name] = self.sizes_of_nights(number, (self.full / name).stat().st_size)

    def sizes_of_nights(self, number, size):
        """None while it is not there; borders are anywhere, so mostly in the middle of a line."""
        first = max(0, number - FILES + 1)
        borders = sorted(self.random.randrange(1, size) for _ in range(NIGHTS - first - 1))
        # One file never changes.
        borders = [size] * len(borders) if number == 0 else borders
        return [None] * first + borders + [size]

    def logs_of(self, night):
        return [str(self.logs / name) for name, sizes in self.sizes.items()
                if sizes[night] is not None]

    def new_logs_of(self, night):
        """Those that a run with a state is given: the one that never changes it holds already."""
        return self.logs_of(night)[1 if night > 0 else 0:]

    def come_to(self, night):
        """Lets the logs be what they are at this night."""
        for name, sizes in self.sizes.items():
            path = self.logs / name
            size, present = sizes[night], path.stat().st_size if path.exists() else None
            if size is None or (present is not None and present > size):
                path.unlink(missing_ok=True)
                present = None
            if size is not None and present != size:
                self.append(self.full / name, path, present or 0, size)

    @staticmethod
    def append(source, path, start, end):
        with open(source, "rb") as whole, open(path, "ab") as file:
            whole.seek(start)
            left = end - start
            while left > 0:
                left -= file.write(whole.read(min(left, 1 << 20)))

    # ------------------------------------------------------------------ runs

    def command(self, logs, *options):
        rates = [part for rate in RATES for part in ("--rate", rate)]
        # A line that is cut in the middle may be bad for a night.
        return [self.options.billing, "aggregate", "-q", *logs, "--cycle", self.options.cycle,
                "--threads", str(self.options.threads), "--rejects",
                str(self.work / "bad.csv"), *rates, *options]

    def expected(self, night):
        """The bill of a plain run over all logs of this night; None before the first one."""
        return self.bills / f"{night}.csv" if night >= 0 else None

    def bill_plainly(self):
        for night in range(NIGHTS):
            self.come_to(night)
            subprocess.run(self.command(self.logs_of(night), "-o", self.expected(night)),
                           check=True)

    def start(self, night):
        command = self.command(self.new_logs_of(night), "--state", self.state, "-o", self.bill)
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE)

    def finish(self, night):
        """A run to its end, which gives the right bill and leaves nothing behind. Its seconds."""
        began = time.monotonic()
        process = self.start(night)
        _, told = process.communicate()
        seconds = time.monotonic() - began
        if process.returncode != 0:
            raise Difference(f"a run ended with {process.returncode}: {told.decode()}")
        self.check_bill(night, self.expected(night))
        names = sorted(os.listdir(self.state))
        if names != ["lock", "usage.partial"]:
            raise Difference(f"{self.state} holds {names}")
        return seconds

    def begin_anew(self):
        shutil.rmtree(self.state, ignore_errors=True)
        self.bill.unlink(missing_ok=True)
        for path in self.logs.iterdir():
            path.unlink()

    # ------------------------------------------------------------------ checks

    def check_bill(self, night, *allowed):
        """The bill is one of these; None stands for there being none."""
        if not self.bill.exists():
            if None not in allowed:
                raise Difference(f"night {night}: the old bill is gone")
        elif not any(path and filecmp.cmp(self.bill, path, shallow=False) for path in allowed):
            raise Difference(f"night {night}: {self.bill} is neither of "
                             + ", ".join(str(path) for path in allowed))

    def check_state(self):
        """The state is whole, and nothing strange lies beside it."""
        names = os.listdir(self.state) if self.state.exists() else []
        strange = [name for name in names if name not in ("lock", "usage.partial")
                   and not fnmatch.fnmatch(name, ".billing-*.tmp")
                   and not fnmatch.fnmatch(name, "rejects.*")]
        if strange:
            raise Difference(f"{self.state} holds {strange}")
        if self.partial.exists():
            done = subprocess.run([self.options.billing, "inspect", self.partial],
                                  capture_output=True)
            if done.returncode != 0:
                raise Difference(f"{self.partial}: {done.stderr.decode()}")

    def remove_temporary_files(self):
        """Those of a result that was not finished: they are nobody's after a kill."""
        for path in self.work.glob(".billing-*.tmp"):
            path.unlink()


class Killer:
    """Goes through the nights and kills."""

    def __init__(self, job):
        self.job, self.random = job, job.random
        self.kills, self.ends = Counter(), 0
        self.seconds = {}  # of a run, by night and whether the state holds that night already

    def run(self):
        self.measure()
        while self.killed() < self.job.options.kills:
            self.job.begin_anew()
            for night in range(NIGHTS):
                self.pass_night(night)
        tell(f"{self.killed()} kills, {self.ends} runs to the end")

    def killed(self):
        return sum(self.kills.values()) - self.kills[TOO_LATE]

    def measure(self):
        """How long the runs take that nobody kills."""
        for night in range(NIGHTS):
            self.job.come_to(night)
            for done in (False, True):
                self.seconds[night, done] = self.job.finish(night)
        tell("seconds of the nights, with nothing new in brackets: "
             + ", ".join(f"{self.seconds[night, False]:.2f} ({self.seconds[night, True]:.2f})"
                         for night in range(NIGHTS)))

    def pass_night(self, night):
        self.job.come_to(night)
        done = False
        for _ in range(self.random.randint(1, 8)):
            if self.killed() < self.job.options.kills:
                done = self.kill_once(night, done)
        self.job.finish(night)
        self.ends += 1
        # Once more: nothing is new.
        self.job.finish(night)

    def kill_once(self, night, done):
        """One kill and the checks after it. Whether the state holds this night's logs by now."""
        job = self.job
        state, bill = identity(job.partial), identity(job.bill)
        process = job.start(night)
        if done or self.random.random() < 0.7:
            time.sleep(self.random.uniform(0, self.seconds[night, done]))
        else:
            self.wait_for_the_state(process, state, self.seconds[night, done])
        process.send_signal(signal.SIGKILL)
        _, told = process.communicate()
        if process.returncode not in (0, -signal.SIGKILL):
            raise Difference(f"a run ended with {process.returncode}: {told.decode()}")
        changed = identity(job.partial) != state
        billed = identity(job.bill) != bill
        kind = self.kind(process.returncode == 0, done, changed, billed)
        self.kills[kind] += 1
        if done and changed:
            raise Difference(f"night {night}: a run with nothing new has changed the state")
        done = done or changed
        # A bill that was written anew, or whose state was there before, is this night's.
        if billed and not done:
            raise Difference(f"night {night}: a result without its state")
        allowed = [job.expected(night)] if billed else [job.expected(night - 1),
                                                        job.expected(night)]
        job.check_bill(night, *allowed)
        job.check_state()
        job.remove_temporary_files()
        self.show(kind)
        return done

    @staticmethod
    def kind(ended, done, changed, billed):
        if ended:
            return TOO_LATE
        if done:
            return NOTHING_NEW
        return AFTER if billed else BETWEEN if changed else BEFORE

    def wait_for_the_state(self, process, state, seconds):
        """Until the state has changed, and a little longer."""
        limit = time.monotonic() + 2 * seconds
        while process.poll() is None and time.monotonic() < limit \
                and identity(self.job.partial) == state:
            time.sleep(0.0001)
        time.sleep(self.random.choice((0, self.random.uniform(0, 0.1 * seconds))))

    def show(self, kind):
        if kind != TOO_LATE and self.killed() % 20 == 0:
            tell(f"{self.killed()} kills: " + self.counts())

    def counts(self):
        return ", ".join(f"{self.kills[kind]} {kind}" for kind in KINDS)


def parse_options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=at_least_one, default=2_000_000)
    parser.add_argument("--kills", type=at_least_one, default=200)
    parser.add_argument("--users", type=at_least_one, default=10_000)
    parser.add_argument("--cycle", default="calls:5")
    parser.add_argument("--threads", type=at_least_one, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "kill_state",
                        help="folder for logs, state and results; emptied first "
                             "(default: build/kill_state)")
    options = parser.parse_args()
    options.billing = billing_program()
    return options


def main():
    options = parse_options()
    work = emptied(options.work.resolve() / "job")
    job = Job(options, work)
    tell(f"making {options.records:,} records in {work}")
    job.generate()
    job.bill_plainly()
    job.begin_anew()
    killer = Killer(job)
    killer.run()
    print(f"{killer.killed()} kills, no difference: {killer.counts()}")
    # What it has left serves to find out why; without a difference, nobody needs it.
    shutil.rmtree(work)


if __name__ == "__main__":
    try:
        main()
    except (Difference, subprocess.CalledProcessError, OSError) as error:
        sys.exit(f"kill_state: {error}")
