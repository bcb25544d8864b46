"""Bills in Cassandra, which has no transactions over many rows: a run writes its rows over those of the same keys and
removes what else the period has. While it does, no run holds the period. docs/spark-systems.md says what follows.
"""
import contextlib
import re

from billing.spark.failures import RunError, UsageError
from billing.spark.sinks import RUNS_TABLE, Sink, bills_of, compare_totals, sums_of

_FORMAT = "org.apache.spark.sql.cassandra"
_KEY = ["period", "user_id", "cycle", "task"]
_PERIODS_TABLE = "billing_periods"  # which run holds each period


class CassandraSink(Sink):
    """cassandra:KEYSPACE.TABLE; where Cassandra is stands in spark.cassandra.connection.host."""

    def __init__(self, name):
        keyspace, point, table = name.partition(".")
        if not point or not all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,47}", part) for part in (keyspace, table)):
            raise UsageError(f"--sink: {name!r} is no table of Cassandra: cassandra:KEYSPACE.TABLE of letters, digits "
                             "and _")
        self._keyspace, self._name = keyspace.lower(), table.lower()
        self._table = f"{self._keyspace}.{self._name}"
        self._runs = f"{self._keyspace}.{RUNS_TABLE}"
        self._periods = f"{self._keyspace}.{_PERIODS_TABLE}"

    def session_conf(self):
        # What was written by a quorum is read by one: the sums that are compared are of all rows.
        return {"spark.cassandra.input.consistency.level": "LOCAL_QUORUM",
                "spark.cassandra.output.consistency.level": "LOCAL_QUORUM"}

    def holds(self, session, period, run_id):
        with Cql(session) as cql:
            self._create_tables(cql)
            return self._holds(cql, period, run_id)

    def replace(self, session, rows, period, run):
        with Cql(session) as cql:
            self._create_tables(cql)
            if self._holds(cql, period, run.run_id):
                return False
            # From here to the end the period may have rows of two runs.
            cql.run(f"delete from {self._periods} where {self._is_period(period)}")
            options = {"keyspace": self._keyspace, "table": self._name}
            bills_of(rows, period, run.run_id).write.format(_FORMAT).mode("append").options(**options).save()
            written = session.read.format(_FORMAT).options(**options).load().where(_equal("period", period))
            compare_totals(self._table, sums_of(written.where(_equal("run_id", run.run_id))), run,
                           "its old rows are still there, and the run is not in billing_runs")
            self._delete(session, written.where(~_equal("run_id", run.run_id)).select(*_KEY))
            row = run.row(self._name, period)
            numbers = {"lines", "calls", "quantity", "cost"}
            values = [value if name in numbers else _literal(value) for name, value in row.items()]
            cql.run(f"insert into {self._runs} ({', '.join(row)}) values ({', '.join(values)})")
            held = ", ".join(map(_literal, (self._name, period, run.run_id)))
            cql.run(f"insert into {self._periods} (table_name, period, run_id) values ({held})")
        return True

    def _create_tables(self, cql):
        # One partition a user and period: a period alone would be one node's burden.
        cql.run(f"create table if not exists {self._table} (period text, user_id text, cycle text, task text, "
                "calls bigint, quantity decimal, unit text, cost decimal, run_id text, "
                "primary key ((period, user_id), cycle, task))")
        cql.run(f"create table if not exists {self._runs} (table_name text, run_id text, period text, input_hash text, "
                "options text, lines bigint, calls bigint, quantity decimal, cost decimal, finished_at timestamp, "
                "primary key (table_name, run_id))")
        cql.run(f"create table if not exists {self._periods} (table_name text, period text, run_id text, "
                "primary key ((table_name, period), run_id))")

    def _holds(self, cql, period, run_id):
        where = f"{self._is_period(period)} and run_id = {_literal(run_id)}"
        return cql.run(f"select run_id from {self._periods} where {where}").getAvailableWithoutFetching() > 0

    def _is_period(self, period):
        return f"table_name = {_literal(self._name)} and period = {_literal(period)}"

    def _delete(self, session, keys):
        """Executors delete rows by their keys. The connector offers that for its own rows alone, and not to Python."""
        connector = session._jvm.com.datastax.spark.connector
        conf = session._jsc.sc().getConf()
        rows = connector.RDDFunctions(keys._jdf.rdd())
        # What Scala fills in: no columns, that is whole rows, of the columns of the key.
        columns, key = (getattr(rows, f"deleteFromCassandra$default${number}")() for number in (3, 4))
        rows.deleteFromCassandra(
            self._keyspace, self._name, columns, key, connector.writer.WriteConf.fromSparkConf(conf),
            connector.cql.CassandraConnector.apply(conf),
            getattr(getattr(connector.writer, "SqlRowWriter$Factory$"), "MODULE$"))


class Cql:
    """Statements of the driver, as a context manager."""

    def __init__(self, session):
        from py4j.java_gateway import JavaPackage
        connector = session._jvm.com.datastax.spark.connector.cql.CassandraConnector
        if isinstance(connector, JavaPackage):
            raise UsageError("the session has no connector of Cassandra: fill a folder with scripts/get_jars.sh, and "
                             "name it by BILLING_SPARK_JARS")
        with _failures():
            self._session = connector.apply(session._jsc.sc().getConf()).openSession()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._session.close()

    def run(self, statement):
        with _failures():
            return self._session.execute(statement)


@contextlib.contextmanager
def _failures():
    """What Cassandra says, in the place of a trace of Java."""
    from py4j.protocol import Py4JJavaError
    try:
        yield
    except Py4JJavaError as error:
        message = (error.java_exception.getMessage() or str(error.java_exception)).splitlines()[0]
        if re.search(r"[Kk]eyspace .*does(n't| not) exist", message):
            message += "; make it first, with the replication that you want"
        raise RunError(f"cassandra: {message}") from None


def _equal(column, text):
    from pyspark.sql import functions as F
    return F.col(column) == F.lit(text)


def _literal(text):
    """A text of CQL."""
    return "'" + text.replace("'", "''") + "'"
