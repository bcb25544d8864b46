"""Job A of peers.py (per user: calls, duration, exact cost) over JSON, CSV and the log of a web
server, as one would write it in DuckDB and in Polars.

duckdb reads no more than what is billed. duckdb-checked also reads the time and the status of every
record, as billing does, which fails where they are none. duckdb-regex takes the lines of a web
server apart by a regular expression; duckdb reads them as a table with spaces between its cells,
which only works as long as nobody's name holds a space or a quote.
"""

import peers_logs

NGINX_COLUMNS = ("ip", "logname", "user", "day", "zone", "request", "status", "bytes", "referer",
                 "agent", "took")
NGINX_PATTERN = (r'^\S+ - (\S+) \[([^ ]+) [^\]]+\] "([A-Z]+ [^ ?"]+)[^"]*" (\d+) \d+ "[^"]*" '
                 r'"[^"]*" ([0-9.]+)$')


def quoted(text):
    return "'" + str(text).replace("'", "''") + "'"


def struct_of(columns):
    return "{" + ", ".join(f"{quoted(name)}: {quoted(kind)}" for name, kind in columns.items()) + "}"


def rates_of(form, rates_milli):
    """By task, as the records of this form name it."""
    if form != "nginx":
        return rates_milli
    return {" ".join(peers_logs.REQUESTS[task]): rate for task, rate in rates_milli.items()}


def duckdb_json(log, is_checked):
    columns = {"user": "VARCHAR", "task": "VARCHAR", "duration_ms": "BIGINT"}
    if is_checked:
        columns |= {"time": "TIMESTAMP", "status": "SMALLINT"}
    checked = "time, status" if is_checked else "null as time, null as status"
    return f"""select "user", task, duration_ms as ms, {checked}
        from read_json({quoted(log)}, format='newline_delimited', columns={struct_of(columns)})"""


def duckdb_csv(log, is_checked):
    kinds = {"time": "TIMESTAMP", "status": "SMALLINT", "duration_ms": "BIGINT"}
    columns = {name: kinds.get(name, "VARCHAR") for name in peers_logs.CSV_COLUMNS}
    checked = "time, status" if is_checked else "null as time, null as status"
    return f"""select "user", task, duration_ms as ms, {checked}
        from read_csv({quoted(log)}, delim=',', header=true, auto_detect=false, quote='"',
                      escape='"', columns={struct_of(columns)})"""


def duckdb_nginx(log, is_checked):
    kinds = {"status": "SMALLINT", "took": "DECIMAL(12,3)"}
    columns = {name: kinds.get(name, "VARCHAR") for name in NGINX_COLUMNS}
    checked = ("strptime(day, '[%d/%b/%Y:%H:%M:%S') as time, status" if is_checked
               else "null as time, null as status")
    return f"""select "user", split_part(request, ' ', 1) || ' ' ||
            split_part(split_part(request, ' ', 2), '?', 1) as task,
            cast(took * 1000 as bigint) as ms, {checked}
        from read_csv({quoted(log)}, delim=' ', header=false, auto_detect=false, quote='"',
                      escape='\\', columns={struct_of(columns)})"""


def duckdb_nginx_by_pattern(log):
    names = "['user', 'day', 'task', 'status', 'took']"
    return f"""select part.user as "user", part.task as task,
            cast(cast(part.took as decimal(12,3)) * 1000 as bigint) as ms,
            null as time, null as status
        from (select regexp_extract(line, {quoted(NGINX_PATTERN)}, {names}) as part
              from read_csv({quoted(log)}, delim='\\x01', header=false, auto_detect=false, quote='',
                            escape='', columns={{'line': 'VARCHAR'}}))"""


def duckdb_query(engine, form, log, rates_milli):
    is_checked = engine == "duckdb-checked"
    if engine == "duckdb-regex":
        calls = duckdb_nginx_by_pattern(log)
    else:
        calls = {"json": duckdb_json, "csv": duckdb_csv, "nginx": duckdb_nginx}[form](
            log, is_checked)
    whens = " ".join(f"when {quoted(task)} then {rate}"
                     for task, rate in rates_of(form, rates_milli).items())
    good = "where status between 0 and 999 and time >= timestamp '1970-01-01'" if is_checked else ""
    return f"""
        with calls as ({calls}),
        sums as (select "user", count(*) as calls, cast(sum(ms) as bigint) as duration_ms,
                        (cast(sum(ms * case task {whens} else 0 end) as bigint) + 5) // 10 as cents
                 from calls {good} group by "user")
        select "user", calls, duration_ms, printf('%d.%02d', cents // 100, cents % 100)
        from sums order by "user\""""


def polars_calls(pl, form, log):
    """user, task, ms of every call."""
    if form == "json":
        calls = pl.scan_ndjson(log, schema={"user": pl.String, "task": pl.String,
                                            "duration_ms": pl.Int64})
        return calls.select("user", "task", ms="duration_ms")
    if form == "csv":
        kinds = {"duration_ms": pl.Int64, "status": pl.Int32}
        calls = pl.scan_csv(log, schema={name: kinds.get(name, pl.String)
                                         for name in peers_logs.CSV_COLUMNS})
        return calls.select("user", "task", ms="duration_ms")
    calls = pl.scan_csv(log, separator=" ", has_header=False,
                        schema={name: pl.String for name in NGINX_COLUMNS})
    return calls.select(
        "user", task=pl.col("request").str.extract(r"^([A-Z]+ [^ ?]+)", 1),
        ms=pl.col("took").str.replace(".", "", literal=True).cast(pl.Int64))
