"""Windows of a stream into Cassandra: a batch that comes again writes the same rows over themselves."""
from billing.spark.sinks_cassandra import Cql

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
        with Cql(session) as cql:
            cql.run(f"create table if not exists {quoted(self.keyspace)}.{quoted(self.table)}({columns}, primary key({key}))")

    def write(self, frame, batch, sums):
        append(frame, self.keyspace, self.table)


def append(frame, keyspace, table):
    """Rows into a table, over those with the same key. A null leaves no tombstone."""
    (frame.write.format(FORMAT).mode("append").options(keyspace=keyspace, table=table)
     .option("spark.cassandra.output.ignoreNulls", "true").save())


def quoted(name):
    return '"' + name.replace('"', '""') + '"'
