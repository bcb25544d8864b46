"""Where the windows of a stream go, each batch once."""
import csv
import sys

from billing.spark.failures import UsageError


def open_stream_sink(options, spec):
    """The sink of --sink; UsageError where it is none."""
    upsert = options.emit == "updates"
    if options.sink == "console":
        return ConsoleSink(spec)
    if options.sink.startswith("postgresql:"):
        from billing.spark.postgresql import Address
        from billing.spark.stream_postgresql import PostgreSQLSink
        address = Address(options.sink, "--sink")
        if not address.table:
            raise UsageError("--sink: no table in the URL; postgresql://USER@HOST:PORT/DATABASE?table=TABLE")
        return PostgreSQLSink(address, spec, upsert)
    kind, _, table = options.sink.partition(":")
    names = table.split(".")
    if kind == "iceberg" and len(names) == 3 and all(names):
        from billing.spark.stream_iceberg import IcebergSink
        return IcebergSink(table, spec, upsert)
    if kind == "cassandra" and len(names) == 2 and all(names):
        if options.messages == "paths":
            from billing.spark.paths import ReportSink
            return ReportSink(*names)
        from billing.spark.stream_cassandra import CassandraSink
        return CassandraSink(*names, spec)
    raise UsageError(f"--sink: {kind!r} is none of console, postgresql://HOST/DB?table=T, "
                     "iceberg:CATALOG.DB.TABLE and cassandra:KEYSPACE.TABLE")


class ConsoleSink:
    """Windows as CSV on standard output; may repeat a batch after a restart."""

    name = "console"

    def __init__(self, spec):
        self.spec = spec
        self.header = spec.columns()

    def session_conf(self):
        return {}

    def prepare(self, session):
        pass

    def write(self, frame, batch, sums):
        out = csv.writer(sys.stdout, lineterminator="\n")
        if self.header:
            out.writerow(self.header)
            self.header = None
        from pyspark.sql import functions as F
        # As text of the session, which is in UTC; Python would show times of its own zone.
        for name in ("window_start", "window_end"):
            frame = frame.withColumn(name, F.concat(F.translate(F.col(name).cast("string"), " ", "T"), F.lit("Z")))
        for row in frame.orderBy("window_start", *self.spec.key_columns).toLocalIterator():
            out.writerow(row)
        sys.stdout.flush()
