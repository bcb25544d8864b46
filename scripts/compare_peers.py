"""Compares billing with DuckDB and Polars on the jobs of peers.py, and prints a Markdown table.

Everything is arranged so that a doubt favours the peers. The engines take turns (A B C A B C …)
after one warm-up each, every run is a process of its own, and every engine has its result on the
disk when its clock stops. The time of billing is that of the whole process, from start to exit;
DuckDB and Polars count from after the import of their library, in wall and in CPU time. No time
is believed before the results of all engines are the same bytes (less the header of billing's).

Inputs: text; and, for job A only, json, csv and nginx (the combined format with the request time),
which are the same calls with the fields that such logs have besides.

Engines: billing, duckdb, polars; duckdb-checked and duckdb-regex (see peers_forms.py); naive (the baseline of billing); mawk (job A only: what a line
of awk does, to see that the baseline is not slow on purpose).

stolen: the share of CPU time that the machine's host gave to others meanwhile. Above a few
percent, compare the engines with each other, but do not quote the times.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import peers_logs
import peers_report
from peers_engines import ENGINES, FORM_OPTIONS, Case, ComparisonError, engines_of, run_engine
from script_options import at_least_one

ROOT = Path(__file__).resolve().parent.parent


def header_of(job):
    key = b"user" if job == "A" else b"user,cycle,task"
    return key + b",calls,duration_ms,cost\n"


def open_rows(path, engine, job):
    """The result at its first row; billing's header is checked on the way."""
    rows = open(path, "rb")
    if engine in ("billing", "naive"):
        header = rows.readline()
        if header != header_of(job):
            rows.close()
            raise ComparisonError(f"{path}: the header is {header!r}, not {header_of(job)!r}")
    return rows


def same_bytes(one, other, chunk_bytes=1 << 20):
    while True:
        chunk = one.read(chunk_bytes)
        if chunk != other.read(chunk_bytes):
            return False
        if not chunk:
            return True


def first_difference(one, other):
    row = 1
    while True:
        mine, theirs = one.readline(), other.readline()
        if mine != theirs:
            return f"row {row}:\n  {mine!r}\n  {theirs!r}"
        row += 1


def check_same(engine, reference, case):
    mine, theirs = case.output(engine), case.output(reference)
    with open_rows(mine, engine, case.job) as one, \
            open_rows(theirs, reference, case.job) as other:
        first_rows = one.tell(), other.tell()
        if same_bytes(one, other):
            return
        one.seek(first_rows[0])
        other.seek(first_rows[1])
        difference = first_difference(one, other)
    raise ComparisonError(f"job {case.job}: {engine} and {reference} differ\n"
                          f"  {mine}\n  {theirs}\n{difference}")


def ticks():
    """(stolen, all) CPU time of the machine since it was started."""
    with open("/proc/stat") as stat:
        counts = [int(count) for count in stat.readline().split()[1:9]]
    return counts[7], sum(counts)


def tell(text):
    print(text, file=sys.stderr, flush=True)


def generate(users, options):
    """The input; kept from an earlier comparison when its name says the same."""
    name = f"log_r{options.records}_u{users}_shuffled_2025_seed1.log"
    log = options.work / name
    if not log.exists():
        tell(f"generating {log}")
        unfinished = log.with_suffix(".unfinished")
        subprocess.run([options.billing, "generate", "--records", str(options.records),
                        "--users", str(users), "--order", "shuffled", "--start", "2025-01-01",
                        "--end", "2026-01-01", "--seed", "1", "--output", unfinished],
                       check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr)
        unfinished.rename(log)
    return log


def generate_form(form, text_log):
    """The same calls as records of another form."""
    if form == "text":
        return text_log
    log = text_log.with_suffix(f".{form}")
    if not log.exists():
        tell(f"generating {log}")
        peers_logs.write_log(form, text_log, log)
    return log


def run_case(case, options):
    engines = engines_of(case, options.engines)
    stolen_before, all_before = ticks()
    case.runs = {engine: [] for engine in engines}
    for repetition in range(options.repeat + 1):
        for engine in engines:
            # Into the page cache, which systems may thin out between two runs.
            subprocess.run(["cat", case.log], check=True, stdout=subprocess.DEVNULL)
            run = run_engine(engine, case, options)
            check_same(engine, engines[0], case)
            tell(f"job {case.job}, {case.form}, {case.users} users, {engine}: {run.wall_s:.3f} s"
                 + ("" if repetition else " (warm-up)"))
            if repetition:
                case.runs[engine].append(run)
    stolen_after, all_after = ticks()
    case.stolen_share = (stolen_after - stolen_before) / max(1, all_after - all_before)
    for engine in engines:
        case.output(engine).unlink()
        case.output(engine, "said").unlink()


def choices(allowed):
    def parse(text):
        names = list(dict.fromkeys(text.split(",")))
        unknown = [name for name in names if name not in allowed]
        if unknown:
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: not of {', '.join(allowed)}")
        return names
    return parse


def parse_options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=at_least_one, default=20_000_000)
    parser.add_argument("--users", default="1000,1000000",
                        type=lambda text: [at_least_one(part) for part in text.split(",")])
    parser.add_argument("--jobs", type=choices("ABC"), default="A,B,C")
    parser.add_argument("--inputs", type=choices(tuple(FORM_OPTIONS)), default="text",
                        help=f"of {','.join(FORM_OPTIONS)}")
    parser.add_argument("--threads", type=at_least_one, default=2)
    parser.add_argument("--repeat", type=at_least_one, default=5)
    parser.add_argument("--engines", type=choices(ENGINES), default="billing,duckdb,polars",
                        help=f"of {','.join(ENGINES)}")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "peers",
                        help="folder for inputs and results (default: build/peers)")
    parser.add_argument("--billing", type=Path, default=ROOT / "build" / "release" / "billing",
                        help="the program (default: build/release/billing)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    options = parser.parse_args()
    if options.engines == ["mawk"] and (options.jobs != ["A"] or options.inputs != ["text"]):
        parser.error("mawk does job A only, and reads text only")
    options.work = options.work.resolve()
    options.billing = options.billing.resolve()
    return options


def main():
    options = parse_options()
    options.work.mkdir(parents=True, exist_ok=True)
    cases = []
    for users in options.users:
        text_log = generate(users, options)
        for form in options.inputs:
            for job in options.jobs if form == "text" else "A":
                log = generate_form(form, text_log)
                case = Case(job, form, users, options.records, log)
                run_case(case, options)
                cases.append(case)
    report = peers_report.as_json if options.json else peers_report.markdown
    print(report(cases, options))


if __name__ == "__main__":
    try:
        main()
    except (ComparisonError, subprocess.CalledProcessError, OSError) as error:
        sys.exit(f"compare_peers: {error}")
