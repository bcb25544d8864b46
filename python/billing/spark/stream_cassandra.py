"""Windows of a stream into Cassandra: a batch that comes again writes the same rows over themselves."""
import contextlib

FORMAT = "org.apache.spark.sql.cassandra"


class CassandraSink:
    def __init__(self, keyspace, table, spec):
        self.keyspace = keyspace
        self.table = table
        self.name = f"cassandra:{keyspace}.{table}"
        self.spec = spec

    def session_conf(self):
        return {}

    def prepare(self, session):
        names = self.spec.columns()
        types = ["timestamp"] * 2 + ["text"] * len(self.spec.keys) + ["bigint"]
        types += ["decimal"] * (len(self.spec.sums) + len(self.spec.avgs))
        columns = ", ".join(f"{quoted(name)} {of_type}" for name, of_type in zip(names, types))
        key = ", ".join(map(quoted, ("window_start", *self.spec.key_columns)))
        with cql(session) as run:
            run(f"create table if not exists {quoted(self.keyspace)}.{quoted(self.table)}({columns}, primary key({key}))")

    def write(self, frame, batch, sums):
        append(frame, self.keyspace, self.table)


def append(frame, keyspace, table):
    """Rows into a table, over those with the same key. A null leaves no tombstone."""
    (frame.write.format(FORMAT).mode("append").options(keyspace=keyspace, table=table)
     .option("spark.cassandra.output.ignoreNulls", "true").save())


@contextlib.contextmanager
def cql(session):
    """A function that runs a statement on the connector's own connection of the driver."""
    connector = session._jvm.com.datastax.spark.connector.cql.CassandraConnector.apply(session._jsc.sc().getConf())
    connection = connector.openSession()
    try:
        yield connection.execute
    finally:
        connection.close()


def quoted(name):
    return '"' + name.replace('"', '""') + '"'
