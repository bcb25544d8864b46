"""Bills in Cassandra, which has no transactions over many rows: a run writes its rows over those of the same keys and
removes what else the period has. While it does, no run holds the period. docs/spark-systems.md says what follows.
"""
from billing.spark.cassandra import Cql, literal
from billing.spark.sinks import RUNS_TABLE, Sink, bills_of, compare_totals, is_as_listed, sums_of

_KEY = ["period", "user_id", "cycle", "task"]
_PERIODS_TABLE = "billing_periods"  # which run holds each period; of two that wrote it at once, both


class CassandraSink(Sink):
    """Where Cassandra is stands in spark.cassandra.connection.host."""

    def __init__(self, table):
        self._table = table
        self._runs, self._periods = table.beside(RUNS_TABLE), table.beside(_PERIODS_TABLE)

    def session_conf(self):
        return self._table.session_conf()

    def holds(self, session, period, run_id):
        with Cql(session) as cql:
            self._create_tables(cql)
            return self._holds(session, cql, period, run_id)

    def replace(self, session, rows, period, run):
        with Cql(session) as cql:
            self._create_tables(cql)
            if self._holds(session, cql, period, run.run_id):
                return False
            # From here to the end the period may have rows of two runs.
            cql.run(f"delete from {self._periods.quoted} where {self._is_period(period)}")
            self._table.append(bills_of(rows, period, run.run_id))
            written = self._table.read(session).where(_equal("period", period))
            compare_totals(self._table, sums_of(written, run.run_id), run,
                           "it may have rows of two runs, and no run holds it; run again")
            self._delete(session, written.where(~_equal("run_id", run.run_id)).select(*_KEY))
            row = run.row(self._table.table, period)
            numbers = {"lines", "calls", "quantity", "cost"}
            values = [value if name in numbers else literal(value) for name, value in row.items()]
            cql.run(f"insert into {self._runs.quoted} ({', '.join(row)}) values ({', '.join(values)})")
            held = ", ".join(map(literal, (self._table.table, period, run.run_id)))
            cql.run(f"insert into {self._periods.quoted} (table_name, period, run_id) values ({held})")
        return True

    def _create_tables(self, cql):
        # One partition a user and period: a period alone would be one node's burden.
        cql.run(f"create table if not exists {self._table.quoted} (period text, user_id text, cycle text, task text, "
                "calls bigint, quantity decimal, unit text, cost decimal, run_id text, "
                "primary key ((period, user_id), cycle, task))")
        cql.run(f"create table if not exists {self._runs.quoted} (table_name text, run_id text, period text, "
                "input_hash text, options text, lines bigint, calls bigint, quantity decimal, cost decimal, "
                "finished_at timestamp, primary key (table_name, run_id))")
        cql.run(f"create table if not exists {self._periods.quoted} (table_name text, period text, run_id text, "
                "primary key ((table_name, period), run_id))")

    def _holds(self, session, cql, period, run_id):
        # Tables that were made just now are not known to the connector at once.
        held = cql.run(f"select run_id from {self._periods.quoted} where {self._is_period(period)}")
        if held.getAvailableWithoutFetching() != 1:
            return False
        is_table, is_period = _equal("table_name", self._table.table), _equal("period", period)
        held = self._periods.read(session).where(is_table & is_period).collect()
        if [row.run_id for row in held] != [run_id]:
            return False
        listed = self._runs.read(session).where(is_table & _equal("run_id", run_id)).first()
        return is_as_listed(sums_of(self._table.read(session).where(is_period), run_id), listed)

    def _is_period(self, period):
        return f"table_name = {literal(self._table.table)} and period = {literal(period)}"

    def _delete(self, session, keys):
        """Executors delete rows by their keys. The connector offers that for its own rows alone, and not to Python."""
        connector = session._jvm.com.datastax.spark.connector
        conf = session._jsc.sc().getConf()
        rows = connector.RDDFunctions(keys._jdf.rdd())
        # What Scala fills in: no columns, that is whole rows, of the columns of the key.
        columns, key = (getattr(rows, f"deleteFromCassandra$default${number}")() for number in (3, 4))
        rows.deleteFromCassandra(
            self._table.keyspace, self._table.table, columns, key, connector.writer.WriteConf.fromSparkConf(conf),
            connector.cql.CassandraConnector.apply(conf),
            getattr(getattr(connector.writer, "SqlRowWriter$Factory$"), "MODULE$"))


def _equal(column, text):
    from pyspark.sql import functions as F
    return F.col(column) == F.lit(text)
