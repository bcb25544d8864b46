"""Bills in PostgreSQL: executors fill a table of the stage, the driver moves its rows in one transaction."""
import contextlib
import hashlib
import secrets

from billing import ConfigurationError, Error
from billing.spark.postgresql import Connection, quoted, quoted_table
from billing.spark.sinks import BILLS_COLUMNS, RUNS_TABLE, TOTALS, Sink, bills_of, compare_totals, is_as_listed

_BILLS = """(
    period text not null, user_id text not null, cycle text not null, task text not null,
    calls bigint not null, quantity numeric not null, unit text not null, cost numeric not null, run_id text not null"""
_RUNS = """(
    table_name text not null, run_id text not null, period text not null, input_hash text not null,
    options text not null, lines bigint not null, calls bigint not null, quantity numeric not null,
    cost numeric not null, finished_at timestamptz not null, primary key (table_name, run_id))"""
_NAME_BYTES = 63


class PostgreSQLSink(Sink):
    def __init__(self, address):
        self._address = address
        self._schema, _, self._name = self._address.table.rpartition(".")
        # Names of stages: table, period, attempt.
        if len(self._name.encode()) + len("_stage_") + 8 + 1 + 8 > _NAME_BYTES:
            raise ConfigurationError(f"--sink: the table's name is too long: {self._name}")
        self._bills = quoted_table(self._address.table)
        self._runs = self._beside(RUNS_TABLE)

    def holds(self, session, period, run_id):
        with Connection(session, self._address) as connection:
            return self._holds(connection, period, run_id)

    def replace(self, session, rows, period, run):
        with Connection(session, self._address) as connection:
            connection.run(f"create table if not exists {self._bills} {_BILLS}, "
                           "primary key (period, user_id, cycle, task))")
            connection.run(f"create table if not exists {self._runs} {_RUNS}")
            self._lock(connection, period)
            if self._holds(connection, period, run.run_id):
                return False
            self._drop_stages(connection, period)
            stage = f"{self._stage_prefix(period)}{secrets.token_hex(4)}"
            connection.run(f"create unlogged table {self._beside(stage)} {_BILLS})")
            try:
                self._fill(session, stage, bills_of(rows, period, run.run_id))
                with connection.transaction():
                    self._move(connection, stage, period, run)
            except BaseException:
                with contextlib.suppress(Error):
                    self._drop_stages(connection, period)
                raise
        return True

    def _holds(self, connection, period, run_id):
        if None in connection.run("select to_regclass(?), to_regclass(?)", self._runs, self._bills)[0]:
            return False
        listed = connection.run(f"select {', '.join(TOTALS)} from {self._runs} where table_name = ? and run_id = ?",
                                self._name, run_id)
        is_ours = "filter (where run_id = ?)"
        found, = connection.run(
            f"select count(*) {is_ours}, sum(calls) {is_ours}, sum(quantity) {is_ours}, sum(cost) {is_ours}, "
            f"count(*) filter (where run_id <> ?) from {self._bills} where period = ?", *[run_id] * 5, period)
        return is_as_listed(dict(zip([*TOTALS, "others"], found)), dict(zip(TOTALS, listed[0])) if listed else None)

    def _lock(self, connection, period):
        """One run at a time has a period of a table; the lock ends with the connection, also of a killed driver."""
        # Two runs that began at once would both be unknown, and each would delete the other's stage.
        locked = connection.run("select pg_try_advisory_lock(hashtextextended(?, 0))",
                                f"billing {self._address.table} {period}")
        if locked != [("t",)]:
            raise Error(f"{self._address}: another run writes the period {period} of {self._address.table} just now")

    def _fill(self, session, stage, bills):
        """Executors append. A task that is repeated after its transaction was committed leaves its rows twice."""
        options = self._address.options(session) | {"dbtable": self._beside(stage), "batchsize": "10000",
                                                    "reWriteBatchedInserts": "true"}
        bills.write.format("jdbc").mode("append").options(**options).save()

    def _move(self, connection, stage, period, run):
        columns = ", ".join(BILLS_COLUMNS)
        connection.run(f"delete from {self._bills} where period = ?", period)
        # Rows of repeated tasks are equal in all columns, for a bill is the same bytes each time; those that were not
        # would break the key.
        connection.run(f"insert into {self._bills} ({columns}) select distinct {columns} from {self._beside(stage)}")
        sums = connection.run(f"select count(*), sum(calls), sum(quantity), sum(cost) from {self._bills} "
                              "where period = ?", period)
        compare_totals(f"{self._address} {self._address.table}", dict(zip(TOTALS, sums[0])), run)
        row = run.row(self._name, period)
        types = {"lines": "bigint", "calls": "bigint", "quantity": "numeric", "cost": "numeric",
                 "finished_at": "timestamptz"}
        places = ", ".join(f"?::{types.get(name, 'text')}" for name in row)
        renewed = ", ".join(f"{name} = excluded.{name}" for name in row)
        connection.run(f"insert into {self._runs} ({', '.join(row)}) values ({places}) "
                       f"on conflict (table_name, run_id) do update set {renewed}", *row.values())
        connection.run(f"drop table {self._beside(stage)}")

    def _drop_stages(self, connection, period):
        """Those of runs whose driver was killed; the lock says that none of them is in use."""
        prefix = self._stage_prefix(period)
        found = connection.run("select relname from pg_class where relkind = 'r' and starts_with(relname, ?) and "
                               "relnamespace = (select relnamespace from pg_class where oid = to_regclass(?))",
                               prefix, self._bills)
        for (stage,) in found:
            connection.run(f"drop table if exists {self._beside(stage)}")

    def _stage_prefix(self, period):
        return f"{self._name}_stage_{hashlib.sha256(period.encode()).hexdigest()[:8]}_"

    def _beside(self, table):
        """A table in the same schema, quoted."""
        return f"{quoted_table(self._schema)}.{quoted(table)}" if self._schema else quoted(table)
