"""What compare_peers.py measured, as a Markdown table or as JSON."""

import json
import os
import platform
import statistics
import subprocess
from importlib.metadata import version
from pathlib import Path

import peers

MAX_NAIVE_TO_MAWK = 3


def median_wall_s(runs):
    return statistics.median(run.wall_s for run in runs)


def first_line_of(*command):
    try:
        done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except OSError as error:
        return str(error)
    return done.stdout.strip().split("\n")[0]


def cpu_model():
    with open("/proc/cpuinfo") as cpuinfo:
        names = [line.split(":", 1)[1].strip() for line in cpuinfo if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {os.cpu_count()} CPUs"


def versions(options):
    said = {"machine": cpu_model(), "kernel": platform.release(),
            "python": platform.python_version()}
    for engine in options.engines:
        if engine == "billing":
            here = Path(__file__).parent
            commit = first_line_of("git", "-C", here, "describe", "--always", "--dirty")
            said[engine] = f"{first_line_of(options.billing, '--version')} (commit {commit})"
        elif engine == "mawk":
            said[engine] = first_line_of("mawk", "-W", "version")
        elif engine in peers.LIBRARY:
            said[engine] = version(peers.LIBRARY[engine])
    return said


def figures(case, engine):
    runs = case.runs[engine]
    billing = case.runs.get("billing")
    wall_s = median_wall_s(runs)
    return {
        "job": case.job,
        "input": case.form,
        "users": case.users,
        "engine": engine,
        "wall_s": wall_s,
        "wall_min_s": min(run.wall_s for run in runs),
        "wall_max_s": max(run.wall_s for run in runs),
        "cpu_ns_per_line": statistics.median(run.cpu_s for run in runs) / case.records * 1e9,
        "lines_per_s": case.records / wall_s,
        "gb_per_s": case.log.stat().st_size / wall_s / 1e9,
        "peak_anon_mb": max(run.peak_anon_bytes for run in runs) / 1e6,
        "billing_speedup": billing and wall_s / median_wall_s(billing),
        "stolen_share": case.stolen_share,
    }


def markdown_row(row):
    speedup = "–" if row["billing_speedup"] is None else f"{row['billing_speedup']:.2f}×"
    cells = [row["job"], row["input"], f"{row['users']:,}", row["engine"], f"{row['wall_s']:.3f}",
             f"{row['wall_min_s']:.3f}–{row['wall_max_s']:.3f}", f"{row['cpu_ns_per_line']:.1f}",
             f"{row['lines_per_s'] / 1e6:.2f} M", f"{row['gb_per_s']:.2f}",
             f"{row['peak_anon_mb']:.0f}", speedup, f"{row['stolen_share']:.1%}"]
    return "| " + " | ".join(cells) + " |"


def markdown(cases, options):
    lines = [f"{options.records:,} lines, {options.threads} threads, median of {options.repeat} "
             "interleaved runs after a warm-up; the results of all engines are the same bytes.", "",
             "| job | input | users | engine | wall s | min–max | CPU ns/line | lines/s | GB/s "
             "| peak RssAnon MB | billing is faster by | stolen |",
             "|---|---|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|"]
    lines += [markdown_row(figures(case, engine)) for case in cases for engine in case.runs]
    lines.append("")
    for case in cases:
        if {"naive", "mawk"} <= case.runs.keys():
            times = median_wall_s(case.runs["naive"]) / median_wall_s(case.runs["mawk"])
            lines.append(f"With {case.users:,} users the baseline takes {times:.2f} times as long "
                         f"as mawk (wanted: at most {MAX_NAIVE_TO_MAWK}).")
    lines += [f"- {name}: {said}" for name, said in versions(options).items()]
    return "\n".join(lines)


def as_json(cases, options):
    rows = [figures(case, engine) for case in cases for engine in case.runs]
    return json.dumps({"records": options.records, "threads": options.threads,
                       "repeat": options.repeat, "versions": versions(options),
                       "results": rows}, indent=2)
