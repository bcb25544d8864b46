"""Tables of Cassandra: how statements name them, how rows get there and back, and statements of the driver."""
import contextlib
import re

from billing import ConfigurationError, Error

_FORMAT = "org.apache.spark.sql.cassandra"
# What was written by a quorum is read by one: what is compared, or made of rows that were just written, is of all rows.
_CONSISTENCY = "LOCAL_QUORUM"


class TableName:
    """KEYSPACE.TABLE of --sink, both in lower case, as CQL takes names without quotes."""

    def __init__(self, name):
        keyspace, point, table = name.partition(".")
        if not point or not all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,47}", part) for part in (keyspace, table)):
            raise ConfigurationError(f"--sink: {name!r} is no table of Cassandra: cassandra:KEYSPACE.TABLE of letters, "
                                     "digits and _")
        self.keyspace, self.table = keyspace.lower(), table.lower()
        self.quoted = f"{quoted(self.keyspace)}.{quoted(self.table)}"

    def __str__(self):
        return f"{self.keyspace}.{self.table}"

    def beside(self, table):
        """Another table of the same keyspace."""
        return TableName(f"{self.keyspace}.{table}")

    def session_conf(self):
        return {f"spark.cassandra.{kind}.consistency.level": _CONSISTENCY for kind in ("input", "output")}

    def read(self, session):
        return session.read.format(_FORMAT).options(**self._options()).load()

    def append(self, rows):
        """Writes rows over those with the same key. A null leaves no tombstone."""
        (rows.write.format(_FORMAT).mode("append").options(**self._options())
         .option("spark.cassandra.output.ignoreNulls", "true").save())

    def _options(self):
        return {"keyspace": self.keyspace, "table": self.table}


class Cql:
    """Statements of the driver, as a context manager."""

    def __init__(self, session):
        from py4j.java_gateway import JavaPackage
        self._jvm = session._jvm
        connector = self._jvm.com.datastax.spark.connector.cql.CassandraConnector
        if isinstance(connector, JavaPackage):
            raise ConfigurationError("the session has no connector of Cassandra: fill a folder with "
                                     "scripts/get_jars.sh, and name it by BILLING_SPARK_JARS")
        with _failures():
            self._session = connector.apply(session._jsc.sc().getConf()).openSession()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._session.close()

    def run(self, statement):
        """Runs a statement: what the driver of Java has of its rows."""
        driver = self._jvm.com.datastax.oss.driver.api.core
        level = getattr(driver.ConsistencyLevel, _CONSISTENCY)
        with _failures():
            return self._session.execute(driver.cql.SimpleStatement.newInstance(statement).setConsistencyLevel(level))


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
        raise Error(f"cassandra: {message}") from None


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    """A text of CQL."""
    return "'" + text.replace("'", "''") + "'"
