"""Three billing jobs as one would write them in DuckDB and in Polars, each run in its own process.

    peers.py duckdb C LOG OUT.csv --threads 2
    peers.py duckdb-checked A LOG.jsonl OUT.csv --input json --threads 2

The log has one call a line: `time user task status NNNms`, times in UTC, all written alike.
  A  per user                                        -> user,calls,duration_ms,cost
  B  per user, calendar month, task                  -> user,cycle,task,calls,duration_ms,cost
  C  per user, run of five calls, task               -> the same; a user's calls are numbered in the
     order (time, task, status, duration), so that the order of the lines does not matter
Rows by user, cycle, task; no header. The cost is exact and rounded half up to cents, once a row.

Job A also over logs of other forms (--input): see peers_forms.py.

The result is on the disk when the clock stops; importing the library is not counted. Prints one
line of JSON: wall_s, and import_cpu_s for whoever measures the process from outside.
"""

import argparse
import importlib
import json
import os
import time

import peers_forms
import peers_logs

# In thousandths per millisecond, so that all sums are integers.
RATES_MILLI = {
    "login": 5,
    "getUserProfile": 2,
    "createOrder": 10,
    "updateInventory": 8,
    "deleteOrder": 7,
}
CALLS_PER_CYCLE = 5


def copy_by_duckdb(query, out, threads):
    import duckdb

    db = duckdb.connect()
    db.execute(f"set threads = {threads}")
    # The input's order means nothing to these jobs, and keeping it costs memory.
    db.execute("set preserve_insertion_order = false")
    db.execute(f"copy ({query}) to {peers_forms.quoted(out)} (format csv, header false)")


def run_duckdb(job, log, out, threads):
    quoted = peers_forms.quoted
    whens = " ".join(f"when {quoted(task)} then {rate}" for task, rate in RATES_MILLI.items())
    # took[:-3] is all but the last two characters, 'ms'.
    calls = f"""
        select made_at, user_name, task, status, cast(took[:-3] as bigint) as ms
        from read_csv({quoted(log)}, delim=' ', header=false, auto_detect=false,
                      quote='', escape='',
                      columns={{'made_at': 'TIMESTAMP', 'user_name': 'VARCHAR', 'task': 'VARCHAR',
                                'status': 'SMALLINT', 'took': 'VARCHAR'}})"""
    cycle = {
        "A": "null",
        "B": "strftime(made_at, '%Y-%m')",
        "C": f"(row_number() over (partition by user_name order by made_at, task, status, ms) - 1)"
             f" // {CALLS_PER_CYCLE} + 1",
    }[job]
    key = "user_name" if job == "A" else "user_name, cycle, task"
    query = f"""
        with calls as ({calls}),
        in_cycles as (select user_name, {cycle} as cycle, task, ms from calls),
        sums as (select {key}, count(*) as calls, cast(sum(ms) as bigint) as duration_ms,
                        (cast(sum(ms * case task {whens} else 0 end) as bigint) + 5) // 10 as cents
                 from in_cycles group by {key})
        select {key}, calls, duration_ms, printf('%d.%02d', cents // 100, cents % 100)
        from sums order by {key}"""
    copy_by_duckdb(query, out, threads)


def run_polars(job, log, out, threads):
    del threads  # Polars takes them from the environment when it is imported.
    import polars as pl

    calls = pl.scan_csv(log, separator=" ", has_header=False, quote_char=None, schema={
        "made_at": pl.String, "user": pl.String, "task": pl.String, "status": pl.Int32,
        "took": pl.String})
    rate = pl.col("task").replace_strict(RATES_MILLI, default=0, return_dtype=pl.Int64)
    ms = pl.col("took").str.head(-2).cast(pl.Int64)
    amounts = {"ms": ms, "milli": ms * rate}
    # Each job selects no more than it needs before it groups or sorts.
    if job == "A":
        events = calls.select("user", **amounts)
    elif job == "B":
        month = pl.col("made_at").str.head(len("2025-01"))
        events = calls.select("user", "task", cycle=month, **amounts)
    else:
        position = pl.int_range(pl.len()).over("user")
        events = (calls.select("user", "made_at", "task", "status", **amounts)
                  .sort("user", "made_at", "task", "status", "ms")
                  .with_columns(cycle=position // CALLS_PER_CYCLE + 1))
    key = ["user"] if job == "A" else ["user", "cycle", "task"]
    write_by_polars(pl, events, key, out)


def write_by_polars(pl, events, key, out):
    sums = events.group_by(key).agg(
        calls=pl.len(), duration_ms=pl.col("ms").sum(), milli=pl.col("milli").sum()).sort(key)
    cents = (pl.col("milli") + 5) // 10
    cost = pl.format("{}.{}", cents // 100, (cents % 100).cast(pl.String).str.zfill(2))
    rows = sums.select(*key, "calls", "duration_ms", cost.alias("cost"))
    rows.collect(engine="streaming").write_csv(out, include_header=False)


def run_polars_on(form, log, out):
    import polars as pl

    rates = peers_forms.rates_of(form, RATES_MILLI)
    rate = pl.col("task").replace_strict(rates, default=0, return_dtype=pl.Int64)
    events = peers_forms.polars_calls(pl, form, log).select("user", "ms", milli=pl.col("ms") * rate)
    write_by_polars(pl, events, ["user"], out)


def run(engine, job, form, log, out, threads):
    if form == "text":
        {"duckdb": run_duckdb, "polars": run_polars}[engine](job, log, out, threads)
    elif engine == "polars":
        run_polars_on(form, log, out)
    else:
        copy_by_duckdb(peers_forms.duckdb_query(engine, form, log, RATES_MILLI), out, threads)


# The library of each engine.
LIBRARY = {"duckdb": "duckdb", "duckdb-checked": "duckdb", "duckdb-regex": "duckdb",
           "polars": "polars"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engine", choices=LIBRARY)
    parser.add_argument("job", choices="ABC")
    parser.add_argument("log")
    parser.add_argument("out")
    parser.add_argument("--input", choices=("text", *peers_logs.FORMS), default="text")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()

    os.environ["POLARS_MAX_THREADS"] = str(options.threads)
    importlib.import_module(LIBRARY[options.engine])
    import_cpu_s = time.process_time()

    started = time.perf_counter()
    run(options.engine, options.job, options.input, options.log, options.out, options.threads)
    with open(options.out, "rb+") as result:
        os.fsync(result.fileno())
    print(json.dumps({"wall_s": time.perf_counter() - started, "import_cpu_s": import_cpu_s}))


if __name__ == "__main__":
    main()
