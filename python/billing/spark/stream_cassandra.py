"""Windows of a stream into Cassandra: a batch that comes again writes the same rows over themselves."""
from billing.spark.cassandra import Cql, quoted


class CassandraSink:
    def __init__(self, table, spec):
        self.table = table
        self.name = f"cassandra:{table}"
        self.spec = spec

    def session_conf(self):
        return self.table.session_conf()

    def prepare(self, session):
        names = self.spec.columns()
        types = ["timestamp"] * 2 + ["text"] * len(self.spec.keys) + ["bigint"]
        types += ["decimal"] * (len(self.spec.sums) + len(self.spec.avgs))
        columns = ", ".join(f"{quoted(name)} {of_type}" for name, of_type in zip(names, types))
        key = ", ".join(map(quoted, ("window_start", *self.spec.key_columns)))
        with Cql(session) as cql:
            cql.run(f"create table if not exists {self.table.quoted}({columns}, primary key({key}))")

    def write(self, frame, batch, sums):
        self.table.append(frame)
