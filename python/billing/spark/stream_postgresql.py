"""Windows of a stream into PostgreSQL, each batch once.

Executors fill a stage table by JDBC; the driver then moves it in one transaction with the row of the ledger, so a
batch that comes again is known. Tasks of executors that ran twice leave rows twice in the stage: they are the same,
and `select distinct` has them once.
"""
import contextlib

from billing.spark.failures import RunError

LEDGER = "billing_stream_batches"
DRIVER = "org.postgresql.Driver"
_BATCH_ROWS = 5000


class PostgreSQLSink:
    def __init__(self, database, table, spec, upsert):
        self.database = database
        self.table = table
        self.name = f"postgresql:{database.shown}?table={table}"
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
        with self.database.transaction(session) as run:
            run(f"create table if not exists {self._quoted()}({columns}, primary key({self._key()}))")
            run(f"create table if not exists {LEDGER}(query_id text, batch bigint, windows bigint not null, "
                "calls numeric(38,0) not null, written_at timestamptz not null default now(), primary key(query_id, batch))")

    def write(self, frame, batch, sums):
        query_id, number = batch
        windows, calls = sums
        if self._is_known(query_id, number):
            return
        stage = quoted(f"{self.table[:40]}_stage_{query_id}"[:63])
        with self.database.transaction(self.session) as run:
            run(f"drop table if exists {stage}")
            run(f"create unlogged table {stage}(like {self._quoted()})")
        (frame.write.format("jdbc").mode("append").option("dbtable", stage).option("batchsize", _BATCH_ROWS)
         .options(**self.database.jdbc_options()).save())
        with self.database.transaction(self.session) as run:
            run(f"insert into {LEDGER}(query_id, batch, windows, calls) values (?, ?, ?, ?::numeric)", query_id, number,
                windows, str(calls))
            (moved, moved_calls), = run(f"with moved as (insert into {self._quoted()} select distinct * from {stage}"
                                        f"{self._on_conflict()} returning count) "
                                        "select count(*)::text, coalesce(sum(count), 0)::text from moved")
            if (int(moved), int(moved_calls)) != (windows, int(calls)):
                raise RunError(f"PostgreSQL: {moved} windows with {moved_calls} calls reached table {self.table}, and "
                               f"{windows} with {calls} were sent; nothing of batch {number} was kept")
            run(f"drop table {stage}")

    def _is_known(self, query_id, number):
        with self.database.transaction(self.session) as run:
            return bool(run(f"select 1 from {LEDGER} where query_id = ? and batch = ?", query_id, number))

    def _on_conflict(self):
        if not self.upsert:
            return ""  # a closed window is inserted once: one that is there already is an error
        sets = ", ".join(f"{quoted(name)} = excluded.{quoted(name)}" for name in self.spec.columns()
                         if name != "window_start" and name not in self.spec.key_columns)
        return f" on conflict ({self._key()}) do update set {sets}"

    def _quoted(self):
        return ".".join(map(quoted, self.table.split(".")))

    def _key(self):
        return ", ".join(map(quoted, ("window_start", *self.spec.key_columns)))


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


class Database:
    """A database of PostgreSQL: for executors by Spark's JDBC, for the driver by the same driver of Java."""

    def __init__(self, host, port, name, user, password):
        self.url = f"jdbc:postgresql://{host}:{port}/{name}"
        self.shown = f"{host}:{port}/{name}"
        self.user = user
        self.password = password

    def jdbc_options(self):
        options = {"url": self.url, "driver": DRIVER, "user": self.user, "stringtype": "unspecified"}
        return options | ({"password": self.password} if self.password is not None else {})

    @contextlib.contextmanager
    def transaction(self, session):
        """A function that runs statements and returns their rows; committed at the end, rolled back on errors."""
        jvm = session._jvm
        jvm.org.apache.spark.sql.execution.datasources.jdbc.DriverRegistry.register(DRIVER)
        properties = jvm.java.util.Properties()
        for name, value in self.jdbc_options().items():
            properties.setProperty(name, value)
        connection = jvm.java.sql.DriverManager.getConnection(self.url, properties)
        try:
            connection.setAutoCommit(False)
            yield lambda statement, *values: _run(connection, statement, values)
            connection.commit()
        finally:
            connection.close()  # what was not committed is rolled back


def _run(connection, text, values):
    statement = connection.prepareStatement(text)
    try:
        for i, value in enumerate(values, 1):
            statement.setObject(i, value)
        rows = []
        if statement.execute():
            results = statement.getResultSet()
            width = results.getMetaData().getColumnCount()
            while results.next():
                rows.append(tuple(results.getObject(i) for i in range(1, width + 1)))
        return rows
    finally:
        statement.close()
