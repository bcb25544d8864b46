"""Windows of a stream into a table of Iceberg, each batch once: its number stands in the snapshot that it made."""
from billing.spark.iceberg import literal, quoted

QUERY_PROPERTY, BATCH_PROPERTY = "billing.query", "billing.batch"


class IcebergSink:
    def __init__(self, table, spec, upsert):
        self.name = f"iceberg:{table}"
        self.spec = spec
        self.upsert = upsert
        self.table, self.namespace = table.quoted, table.namespace
        self._session_conf = table.session_conf()

    def session_conf(self):
        return self._session_conf

    def prepare(self, session):
        names = self.spec.columns()
        types = ["timestamp not null"] * 2 + ["string not null"] * len(self.spec.keys) + ["bigint not null"]
        types += ["decimal(38,18)"] * len(self.spec.sums) + [f"decimal(38,{self.spec.scale})"] * len(self.spec.avgs)
        columns = ", ".join(f"{quoted(name)} {of_type}" for name, of_type in zip(names, types))
        session.sql(f"create namespace if not exists {self.namespace}")
        session.sql(f"create table if not exists {self.table}({columns}) using iceberg "
                    "partitioned by (days(window_start))")

    def write(self, frame, batch, sums):
        query_id, number = batch
        session = frame.sparkSession
        if self._is_known(session, query_id, number):
            return
        if not self.upsert:
            (frame.writeTo(self.table).option(f"snapshot-property.{QUERY_PROPERTY}", query_id)
             .option(f"snapshot-property.{BATCH_PROPERTY}", number).append())
            return
        frame.createOrReplaceTempView("billing_stream_batch")
        key = " and ".join(f"t.{quoted(name)} = b.{quoted(name)}" for name in ("window_start", *self.spec.key_columns))
        statement = (f"merge into {self.table} t using billing_stream_batch b on {key} "
                     "when matched then update set * when not matched then insert *")
        # MERGE takes no properties of its snapshot; Iceberg has them of the thread that commits.
        jvm = session._jvm
        properties = jvm.java.util.HashMap()
        properties.put(QUERY_PROPERTY, query_id)
        properties.put(BATCH_PROPERTY, str(number))
        jvm.org.apache.iceberg.spark.CommitMetadata.withCommitProperties(
            properties, _Callable(lambda: session.sql(statement)),
            jvm.java.lang.Class.forName("java.lang.RuntimeException"))

    def _is_known(self, session, query_id, number):
        is_batch = (f"summary['{QUERY_PROPERTY}'] = {literal(query_id)} and "
                    f"summary['{BATCH_PROPERTY}'] = {literal(str(number))}")
        return bool(session.sql(f"select 1 from {self.table}.snapshots where {is_batch} limit 1").take(1))


class _Callable:
    """A function as java.util.concurrent.Callable."""

    def __init__(self, function):
        self.function = function

    def call(self):
        self.function()

    class Java:
        implements = ["java.util.concurrent.Callable"]
