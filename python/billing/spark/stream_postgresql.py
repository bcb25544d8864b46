"""Windows of a stream into PostgreSQL, each batch once.

Executors fill a stage table by JDBC; the driver then moves it in one transaction with the row of the ledger, so a
batch that comes again is known. Tasks of executors that ran twice leave rows twice in the stage: they are the same,
and `select distinct` has them once.
"""
from billing import Error
from billing.spark.postgresql import Connection, quoted, quoted_table

LEDGER = "billing_stream_batches"
_BATCH_ROWS = 5000


class PostgreSQLSink:
    def __init__(self, address, spec, upsert):
        self.address = address
        self.table = address.table
        self.name = f"postgresql:{address}?table={self.table}"
        self.spec = spec
        self.upsert = upsert
        self.session = None

    def session_conf(self):
        return {}

    def prepare(self, session):
        """Makes the tables where they are not there yet."""
        self.session = session
        names = self.spec.columns()
        types = ["timestamptz not null"] * 2 + ["text not null"] * len(self.spec.keys) + ["bigint not null"]
        types += ["numeric(38,18)"] * len(self.spec.sums) + [f"numeric(38,{self.spec.scale})"] * len(self.spec.avgs)
        columns = ", ".join(f"{quoted(name)} {of_type}" for name, of_type in zip(names, types))
        with Connection(session, self.address) as connection:
            connection.run(f"create table if not exists {quoted_table(self.table)}({columns}, "
                           f"primary key({self._key()}))")
            connection.run(f"create table if not exists {LEDGER}(query_id text, batch bigint, windows bigint not null, "
                           "calls numeric(38,0) not null, written_at timestamptz not null default now(), "
                           "primary key(query_id, batch))")

    def write(self, frame, batch, sums):
        query_id, number = batch
        stage = quoted(f"billing_stage_{query_id}")
        with Connection(self.session, self.address) as connection:
            if connection.run(f"select 1 from {LEDGER} where query_id = ? and batch = ?::bigint",
                              query_id, str(number)):
                return
            connection.run(f"drop table if exists {stage}")
            connection.run(f"create unlogged table {stage}(like {quoted_table(self.table)})")
            options = self.address.options(self.session) | {"dbtable": stage, "batchsize": _BATCH_ROWS}
            frame.write.format("jdbc").mode("append").options(**options).save()
            with connection.transaction():
                self._move(connection, stage, query_id, number, sums)

    def _move(self, connection, stage, query_id, number, sums):
        windows, calls = sums
        connection.run(f"insert into {LEDGER}(query_id, batch, windows, calls) "
                       "values (?, ?::bigint, ?::bigint, ?::numeric)", query_id, str(number), str(windows), str(calls))
        moved, = connection.run(f"with moved as (insert into {quoted_table(self.table)} select distinct * from {stage}"
                                f"{self._on_conflict()} returning count) "
                                "select count(*), coalesce(sum(count), 0) from moved")
        if tuple(map(int, moved)) != (windows, int(calls)):
            raise Error(f"{self.address}: {moved[0]} windows with {moved[1]} calls reached table {self.table}, and "
                        f"{windows} with {calls} were sent; nothing of batch {number} was kept")
        connection.run(f"drop table {stage}")

    def _on_conflict(self):
        if not self.upsert:
            return ""  # a closed window is inserted once: one that is there already is an error
        sets = ", ".join(f"{quoted(name)} = excluded.{quoted(name)}" for name in self.spec.columns()
                         if name != "window_start" and name not in self.spec.key_columns)
        return f" on conflict ({self._key()}) do update set {sets}"

    def _key(self):
        return ", ".join(map(quoted, ("window_start", *self.spec.key_columns)))
