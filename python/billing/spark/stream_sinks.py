"""Where the windows of a stream go, each batch once."""
import csv
import sys

from billing import ConfigurationError
from billing.spark import cassandra, iceberg

CONSOLE = "console"


def open_stream_sink(table, options, spec):
    """The sink of a table of sink_url.parse(), or of None: the console. `spec` is None for --messages paths."""
    upsert = options.emit == "updates"
    if spec is None:
        from billing.spark.paths import ReportSink
        if not isinstance(table, cassandra.TableName):
            raise ConfigurationError("--messages paths needs --sink cassandra:KEYSPACE.TABLE")
        return ReportSink(table)
    if table is None:
        return ConsoleSink(spec)
    if isinstance(table, cassandra.TableName):
        from billing.spark.stream_cassandra import CassandraSink
        return CassandraSink(table, spec)
    if isinstance(table, iceberg.TableName):
        from billing.spark.stream_iceberg import IcebergSink
        return IcebergSink(table, spec, upsert)
    from billing.spark.stream_postgresql import PostgreSQLSink
    return PostgreSQLSink(table, spec, upsert)


class ConsoleSink:
    """Windows as CSV on standard output; may repeat a batch after a restart."""

    name = CONSOLE

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
