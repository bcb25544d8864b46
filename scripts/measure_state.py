"""Measures the passes of billing aggregate --state that look at what is known.

Each run reads all logs, which have grown since the one before; so each log is known at as many lengths
as there were runs. At last nothing is new, several times over.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

from script_options import ROOT, at_least_one, billing_program, emptied

SHOWN_EVERY = 10
AGAIN = 5  # runs at the end, with nothing new
PASSES = ("open", "compare", "store")


def lines(log, first, count):
    return "".join(f"2025-05-02T23:16:50Z user{log} login 200 {first + number}ms\n"
                   for number in range(count))


def grow(work, logs, run):
    """In the first run each log gets another length."""
    for log in range(logs):
        with open(work / f"log{log}", "a", encoding="ascii") as file:
            file.write(lines(log, 1000 * run, 1 + log % (50 if run == 0 else 3)))


def measure(options, work):
    """A run over all logs: its passes in seconds, by name."""
    done = subprocess.run(
        [options.billing, "aggregate", "-q", "--state", work / "state", "--rate", "login=1",
         "--group-by", "task", "--summary", "json", "--output", work / "bill",
         *(work / f"log{log}" for log in range(options.logs))],
        capture_output=True, text=True, check=True)
    summary = json.loads(done.stderr.splitlines()[-1])
    seconds = {element["pass"]: element["seconds"] for element in summary["passes"]}
    return {name: seconds.get(name, 0) for name in PASSES}


def show(name, seconds):
    print(f"{name:<12}" + "  ".join(f"{each} {seconds[each]:.4f} s" for each in PASSES), flush=True)


def parse_options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logs", type=at_least_one, default=1000)
    parser.add_argument("--runs", type=at_least_one, default=100)
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "measure_state",
                        help="folder for logs and state; emptied first "
                             "(default: build/measure_state)")
    options = parser.parse_args()
    options.billing = billing_program()
    return options


def main():
    options = parse_options()
    work = emptied(options.work.resolve() / "logs")
    for run in range(options.runs):
        grow(work, options.logs, run)
        seconds = measure(options, work)
        if run % SHOWN_EVERY == 0 or run == options.runs - 1:
            show(f"run {run + 1}", seconds)
    for _ in range(AGAIN):
        show("nothing new", measure(options, work))
    print(f"the state takes {(work / 'state' / 'usage.partial').stat().st_size:,} bytes")
    shutil.rmtree(work)


if __name__ == "__main__":
    try:
        main()
    except (subprocess.CalledProcessError, OSError) as error:
        sys.exit(f"measure_state: {error} {getattr(error, 'stderr', '')}")
