"""Runs one engine on one job in a process of its own and measures it: for compare_peers.py."""

import json
import os
import shlex
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import peers
import peers_forms
import peers_logs

ENGINES = ("billing", "duckdb", "duckdb-checked", "duckdb-regex", "polars", "naive", "mawk")
# What billing is told of each form of input, beside the job.
FORM_OPTIONS = {
    "text": ["--format", "text"],
    "json": ["--format", "json", "--quantity-digits", "0"],
    "csv": ["--format", "csv", "--quantity-digits", "0"],
    "nginx": ["--log-format", peers_logs.NGINX_DEFINITION, "--quantity-digits", "0"],
}
JOB_OPTIONS = {
    "A": ["--group-by", "user"],
    "B": ["--group-by", "user,cycle,task", "--cycle", "month"],
    "C": ["--group-by", "user,cycle,task", "--cycle", f"calls:{peers.CALLS_PER_CYCLE}"],
}
POLL_S = 0.005

# Sums stay below 2^53, where awk's numbers are exact.
MAWK_PROGRAM = """
{ ms = substr($5, 1, length($5) - 2) + 0
  calls[$2]++; duration_ms[$2] += ms; milli[$2] += ms * rate[$3] }
END { for (user in calls) {
  cents = int((milli[user] + 5) / 10); whole = int(cents / 100)
  printf "%s,%d,%.0f,%.0f.%02d\\n", user, calls[user], duration_ms[user], whole,
         cents - whole * 100 } }
"""


class ComparisonError(Exception):
    """Something that makes the comparison worthless; says what."""


@dataclass
class Run:
    wall_s: float
    cpu_s: float
    peak_anon_bytes: int


@dataclass
class Case:
    """One job over one input."""

    job: str
    form: str  # of the input: text, json, csv, nginx
    users: int
    records: int
    log: Path
    runs: dict = field(default_factory=dict)  # engine -> its runs
    stolen_share: float = 0.0

    def output(self, engine, kind="csv"):
        return self.log.with_name(f"{self.log.stem}_{self.job}.{engine}.{kind}")


def engines_of(case, engines):
    """Those that can do it."""
    able = set(ENGINES)
    if case.job != "A" or case.form != "text":
        able.discard("mawk")
    if case.form == "text":
        able.discard("duckdb-checked")
    if case.form != "nginx":
        able.discard("duckdb-regex")
    return [engine for engine in engines if engine in able]


def rate_options(form):
    return [option for task, rate in peers_forms.rates_of(form, peers.RATES_MILLI).items()
            for option in ("--rate", f"{task}=.{rate:03d}")]


def command_of(engine, case, options):
    out = case.output(engine)
    if engine in ("billing", "naive"):
        threads = ["--threads", options.threads] if engine == "billing" else []
        return [options.billing, "aggregate", "--input", case.log, "--output", out, "-q",
                "--env-file", "/dev/null", *rate_options(case.form), *threads,
                *FORM_OPTIONS[case.form], *JOB_OPTIONS[case.job]]
    if engine == "mawk":
        rates = "".join(f'rate["{task}"] = {rate}; ' for task, rate in peers.RATES_MILLI.items())
        program = f"BEGIN {{ {rates} }} {MAWK_PROGRAM}"
        log, out = shlex.quote(str(case.log)), shlex.quote(str(out))
        return ["sh", "-c", f"mawk {shlex.quote(program)} {log} | sort -t, -k1,1 > {out}"
                            f" && sync {out}"]
    return [sys.executable, peers.__file__, engine, case.job, case.log, out,
            "--input", case.form, "--threads", options.threads]


def environment_of(engine):
    """Ours, less what would change the meaning of a job."""
    kept = {name: value for name, value in os.environ.items()
            if name not in ("ENVIRONMENT", "LOG_LEVEL") and not name.startswith("RATE_")}
    kept["LC_ALL"] = "C"
    if engine == "naive":
        kept["ENVIRONMENT"] = "naive"
    return kept


def anon_bytes(pid):
    """RssAnon of a process and its descendants; those that are gone count nothing."""
    total = 0
    try:
        with open(f"/proc/{pid}/status", "rb") as status:
            for line in status:
                if line.startswith(b"RssAnon:"):
                    total = int(line.split()[1]) * 1024
                    break
        with open(f"/proc/{pid}/task/{pid}/children", "rb") as children:
            total += sum(anon_bytes(int(child)) for child in children.read().split())
    except (FileNotFoundError, ProcessLookupError):
        pass
    return total


class MemoryWatch:
    """Polls a process for its peak of anonymous memory as long as the block lasts."""

    def __init__(self, pid):
        self.peak_bytes = 0
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._poll)

    def _poll(self):
        while not self._over.wait(POLL_S):
            self.peak_bytes = max(self.peak_bytes, anon_bytes(self._pid))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self._over.set()
        self._thread.join()


def run_engine(engine, case, options):
    case.output(engine).unlink(missing_ok=True)
    command = [str(part) for part in command_of(engine, case, options)]
    with open(case.output(engine, "said"), "w+b") as said:
        started = time.perf_counter()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said,
                                 stderr=subprocess.STDOUT, env=environment_of(engine))
        with MemoryWatch(child.pid) as watch:
            _, status, usage = os.wait4(child.pid, 0)
            wall_s = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)  # Popen did not see it end.
        said.seek(0)
        text = said.read().decode(errors="replace")
    if child.returncode != 0:
        raise ComparisonError(f"{engine}, job {case.job} of {case.form}: exit {child.returncode} of "
                              f"{shlex.join(command)}\n{text}")
    cpu_s = usage.ru_utime + usage.ru_stime
    if engine in peers.LIBRARY:
        measured = json.loads(text.splitlines()[-1])
        wall_s = measured["wall_s"]
        cpu_s -= measured["import_cpu_s"]
    return Run(wall_s, cpu_s, watch.peak_bytes)
