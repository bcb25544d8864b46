"""Where the windows of a stream go, each batch once."""
import csv
import sys

from billing.spark.failures import UsageError


def add_options(parser):
    pass


def open_stream_sink(options, spec):
    if options.sink == "console":
        return ConsoleSink(spec)
    raise UsageError(f"--sink: {options.sink!r}")


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
        for row in frame.orderBy("window_start", *self.spec.key_columns).toLocalIterator():
            out.writerow([value.isoformat() + "Z" if i < 2 else value for i, value in enumerate(row)])
        sys.stdout.flush()
