"""Calls as rows of a table of PostgreSQL, read in partitions by Spark's JDBC source.

    INPUT postgresql://[USER@]HOST[:PORT]/DATABASE --table api_logs --partition-column id --partitions 4
"""
from billing import ConfigurationError
from billing.spark.postgresql import Address, Connection, is_url, quoted, quoted_table

# The columns of api_logs(id, time, user_id, task, status, duration_ms); each can be another one.
COLUMNS = {"time": "time", "user": "user_id", "task": "task", "status_from": "status", "quantity": "duration_ms"}
# As options are called on the command line.
_OPTIONS = {name: f"--{name.replace('_', '-')}" for name in COLUMNS}

_FETCH_ROWS = 10_000  # PostgreSQL's driver takes all rows of a partition into memory unless told how many
_INTEGERS = ("smallint", "integer", "bigint")
# What nanoseconds in 64 bits can say; other times, infinity too, become NULL, which the kernel rejects.
_EARLIEST, _LATEST = "1677-09-22 00:00:00+00", "2262-04-11 00:00:00+00"


def is_rows_input(text):
    return is_url(text)


def read_rows(session, url, table, partition_column, partitions, mapping=None):
    """The calls of a table: time (bigint, exact nanoseconds since 1970), user, task, status (int), quantity.

    `mapping` says by name of COLUMNS which columns are read; `=TEXT` for user and task is that text in all rows, and
    None for status_from is no status. Rows up to the largest partition column of now are read: those that are added
    while the job runs are left to the next one. Rows whose partition column is NULL are read with the first partition.
    """
    address = Address(url, "INPUT")
    if not table:
        raise ConfigurationError(f"INPUT {address}: which table? --table api_logs")
    if partitions < 1:
        raise ConfigurationError(f"--partitions: {partitions} is not at least 1")
    mapping = COLUMNS | (mapping or {})
    with Connection(session, address) as connection:
        types = _types_of(connection, address, table)
        query = _query(types, table, partition_column, mapping)
        predicates = _predicates(connection, table, partition_column, partitions)
    properties = address.options(session) | {"fetchsize": str(_FETCH_ROWS)}
    rows = session.read.jdbc(properties.pop("url"), f"({query}) rows", predicates=predicates, properties=properties)
    return rows.select("time", "user", "task", "status", "quantity")


def _types_of(connection, address, table):
    """The types of the table's columns as PostgreSQL writes them, by name."""
    name = quoted_table(table)
    if connection.run("select to_regclass(?)", name) == [(None,)]:
        raise ConfigurationError(f"--table: {address} has no table {name} (names are taken as they are spelled, with "
                                 "upper and lower case)")
    return dict(connection.run("select attname, format_type(atttypid, atttypmod) from pg_attribute "
                               "where attrelid = to_regclass(?) and attnum > 0 and not attisdropped", name))


def _query(types, table, partition_column, mapping):
    """A SELECT that gives the columns as the kernel takes them, made by PostgreSQL: Spark's timestamps would pass
    through calendars of Java."""
    if not partition_column:
        raise ConfigurationError("--partition-column: which? A column of integers with an index, as the primary key")
    if _type_of(types, "--partition-column", partition_column) not in _INTEGERS:
        raise ConfigurationError(f"--partition-column: {partition_column} is of type {types[partition_column]}, "
                                 "not of integers")
    selected = {
        "partition": quoted(partition_column),
        "time": _time(types, mapping["time"]),
        "user": _text(types, "user", mapping["user"]),
        "task": _text(types, "task", mapping["task"]),
        "status": _status(types, mapping["status_from"]),
        "quantity": _quantity(types, mapping["quantity"]),
    }
    columns = ", ".join(f"{expression} as {quoted(name)}" for name, expression in selected.items())
    return f"select {columns} from {quoted_table(table)}"


def _type_of(types, option, column):
    if column not in types:
        raise ConfigurationError(f"{option}: the table has no column {column!r}; it has {', '.join(types)}")
    return types[column]


def _time(types, column):
    kind = _type_of(types, "--time", column)
    name = quoted(column)
    if kind == "bigint":
        return name
    if not kind.startswith("timestamp"):
        raise ConfigurationError(f"--time: {column} is of type {kind}; timestamps are read, and bigint as nanoseconds "
                                 "since 1970")
    zone = "" if kind.endswith("with time zone") else " at time zone 'UTC'"
    return (f"case when {name}{zone} >= '{_EARLIEST}' and {name}{zone} < '{_LATEST}' "
            f"then (extract(epoch from {name}{zone}) * 1000000000)::bigint end")


def _text(types, what, column):
    if column.startswith("="):
        return "'" + column[1:].replace("'", "''") + "'::text"
    _type_of(types, _OPTIONS[what], column)
    return f"{quoted(column)}::text"


def _status(types, column):
    if column is None:
        return "null::integer"
    kind = _type_of(types, "--status-from", column)
    if kind not in _INTEGERS:
        raise ConfigurationError(f"--status-from: {column} is of type {kind}, not of integers")
    name = quoted(column)
    if kind != "bigint":
        return f"{name}::integer"
    # What does not fit stays what no status is; NULL is not taken for a number by `least`, which skips it.
    return f"case when {name} is not null then least(greatest({name}, -2147483648), 2147483647)::integer end"


def _quantity(types, column):
    kind = _type_of(types, "--quantity", column)
    if kind in _INTEGERS:
        return f"{quoted(column)}::bigint"
    if not kind.startswith("numeric("):
        raise ConfigurationError(f"--quantity: {column} is of type {kind}; integers are read, and numeric of so many "
                                 "digits, as numeric(19,3) (a view can cast it)")
    return quoted(column)


def _predicates(connection, table, partition_column, partitions):
    """The ranges of the partition column, from its least to its largest of now; together all rows that are there."""
    name, rows = quoted(partition_column), quoted_table(table)
    ((least, largest, has_null),) = connection.run(
        f"select min({name}), max({name}), exists(select from {rows} where {name} is null) from {rows}")
    ranges = []
    if largest is not None:
        begin, end = int(least), int(largest) + 1
        count = min(partitions, end - begin)
        borders = [begin + (end - begin) * number // count for number in range(count + 1)]
        ranges = [f"\"partition\" >= {low} and \"partition\" < {high}" for low, high in zip(borders, borders[1:-1])]
        # The border of the last may be beyond the type.
        ranges.append(f"\"partition\" >= {borders[-2]} and \"partition\" <= {largest}")
    if has_null == "t":
        null = "\"partition\" is null"
        ranges = [f"{null} or {ranges[0]}", *ranges[1:]] if ranges else [null]
    return ranges or ["false"]
