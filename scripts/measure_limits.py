"""Measures billing below memory limits, and prints a Markdown table.

Each job is run in memory and then below each limit, in turn (with --repeat several times), and
every result must have the same bytes. Memory is RssAnon, looked at every few milliseconds: what the
process takes for itself, without the pages of the files that it maps. A limit is kept where the
peak is at most 5 % above it. `times` is the wall time relative to the run in memory.

With --stream, records are generated and piped in, as many as wanted: what was read must balance
(the program checks that), and be as many records as were made.
"""

import argparse
import hashlib
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from peers_engines import MemoryWatch
from script_options import at_least_one

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build" / "release" / "billing"
ALLOWED = 1.05
UNLIMITED = "1TB"
RATES = [f"--rate={task}=0.005" for task in
         ("login", "createOrder", "deleteOrder", "getUserProfile", "updateInventory")]
JOBS = {
    "per user": ["--group-by", "user"],
    "per user, month, task": ["--cycle", "month"],
    "per user, hour, task": ["--cycle", "hour"],
    "per user, all": ["--cycle", "all"],
    "calls:5": ["--cycle", "calls:5"],
    "calls:1, a row per record": ["--cycle", "calls:1"],
    "calls:1000000": ["--cycle", "calls:1000000"],
    "per cycle of 5 calls": ["--cycle", "calls:5", "--group-by", "cycle,task"],
    "per second": ["--cycle", "every:1s", "--group-by", "cycle"],
}
UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


class Run(NamedTuple):
    seconds: float
    peak_bytes: int
    digest: str
    summary: dict


def digest_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def run(options, work, stdin=None):
    """One run, its memory looked at from outside."""
    output = work / "bill.csv"
    command = [PROGRAM, "aggregate", *options, *RATES, "--output", output, "-q", "--summary",
               "json", "--temp-dir", work]
    start = time.monotonic()
    process = subprocess.Popen(command, stdin=stdin, stderr=subprocess.PIPE)
    with MemoryWatch(process.pid) as watch:
        messages = process.communicate()[1].decode()
        seconds = time.monotonic() - start
    if process.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit code {process.returncode}\n{messages}")
    return Run(seconds, watch.peak_bytes, digest_of(output), json.loads(messages.splitlines()[-1]))


def generate(work, records, users, zipf):
    log = work / f"log_{records}_{users}_{zipf}.log"
    if not log.exists():
        subprocess.run([PROGRAM, "generate", "--records", str(records), "--users", str(users),
                        "--zipf", str(zipf), "--order", "shuffled", "--start", "2025-01-01",
                        "--end", "2026-01-01", "--output", log], check=True)
    return log


def read_into_cache(path):
    with open(path, "rb") as file:
        while file.read(1 << 22):
            pass


def bytes_of(size):
    return int(size[:-2]) * UNITS[size[-2:]]


def table_row(job, limit, result, reference):
    kept = result.peak_bytes <= bytes_of(limit) * ALLOWED
    return (f"| {job} | {limit} | {result.seconds:.2f} | {result.seconds / reference.seconds:.1f}× "
            f"| {result.peak_bytes / 1e6:.0f} | {result.summary['spilled_bytes'] / 1e6:.0f} "
            f"| {'' if kept else 'NO'} |")


def typical(runs):
    """The median of the times, and the largest of the peaks."""
    return runs[0]._replace(seconds=statistics.median(one.seconds for one in runs),
                            peak_bytes=max(one.peak_bytes for one in runs))


def measure(log, limits, jobs, repeat, work):
    """Prints a row for each job and limit; False where a limit was not kept."""
    good = True
    print("| job | limit | s | times | peak MB | spilled MB | kept |\n|---|--:|--:|--:|--:|--:|---|")
    for job in jobs:
        runs = {limit: [] for limit in (UNLIMITED, *limits)}
        for limit, results in list(runs.items()) * repeat:
            read_into_cache(log)
            results.append(run([log, *JOBS[job], "--memory-limit", limit], work))
            if results[-1].digest != runs[UNLIMITED][0].digest:
                sys.exit(f"{job} below {limit}: not the same result as in memory")
        reference = typical(runs[UNLIMITED])
        print(f"| {job} | none | {reference.seconds:.2f} | | {reference.peak_bytes / 1e6:.0f} | | |",
              flush=True)
        for limit in limits:
            result = typical(runs[limit])
            good &= result.peak_bytes <= bytes_of(limit) * ALLOWED
            print(table_row(job, limit, result, reference), flush=True)
    return good


def measure_stream(records, users, limit, job, work):
    generator = subprocess.Popen(
        [PROGRAM, "generate", "--records", str(records), "--users", str(users), "--order",
         "shuffled"], stdout=subprocess.PIPE)
    result = run(["-", *JOBS[job], "--memory-limit", limit], work, stdin=generator.stdout)
    if generator.wait() != 0:
        sys.exit("the generator failed")
    if result.summary["accepted"] != records:
        sys.exit(f"{result.summary['accepted']} of {records} records were accepted")
    kept = result.peak_bytes <= bytes_of(limit) * ALLOWED
    print(f"{records:,} records of {users:,} users through a pipe, {job}, below {limit}: "
          f"{result.seconds:.0f} s, {records / result.seconds / 1e6:.1f} million records/s, peak "
          f"{result.peak_bytes / 1e6:.0f} MB, spilled {result.summary['spilled_bytes'] / 1e6:.0f} "
          f"MB, {result.summary['lines']:,} lines; control totals balance", flush=True)
    return kept


def options_of(arguments):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=at_least_one, default=20_000_000)
    parser.add_argument("--users", type=at_least_one, nargs="+",
                        default=[1000, 1_000_000, 50_000_000])
    parser.add_argument("--zipf", default="0", help="how unequal users are")
    parser.add_argument("--limits", nargs="+", default=["256MB", "1GB"])
    parser.add_argument("--jobs", nargs="+", choices=JOBS, default=list(JOBS), metavar="JOB",
                        help=", ".join(JOBS))
    parser.add_argument("--repeat", type=at_least_one, default=1, metavar="RUNS",
                        help="runs of each, in turn: the median of the times is told "
                             "(not with --stream)")
    parser.add_argument("--stream", type=at_least_one, metavar="RECORDS",
                        help="instead: so many records through a pipe, the first of the jobs")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "limits",
                        help="folder for logs, results and temporary files")
    return parser.parse_args(arguments)


def main(arguments=None):
    options = options_of(arguments)
    options.work.mkdir(parents=True, exist_ok=True)
    good = True
    for users in options.users:
        if options.stream:
            good &= measure_stream(options.stream, users, options.limits[0], options.jobs[0],
                                   options.work)
            continue
        log = generate(options.work, options.records, users, options.zipf)
        print(f"\n{options.records:,} records of {users:,} users, Zipf {options.zipf}\n")
        good &= measure(log, options.limits, options.jobs, options.repeat, options.work)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
