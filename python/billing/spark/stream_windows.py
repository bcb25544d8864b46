"""The batches of a stream of windows: into the sink, with what became of each message."""
from pyspark.sql import functions as F

from billing import Error
from billing.spark.stream_counts import CheckpointFolder, take
from billing.spark.stream_query import exit_after_sink
from billing.spark.told import new_accumulator
from billing.spark.windows import LATE_PROPERTY, late_before_us, windows_of

_QUERY_ID = "sql.streaming.queryId"  # of Spark; the checkpoint keeps it over restarts


class WindowBatches:
    def __init__(self, session, options, spec, sink, checkpoint, progress):
        self.session = session
        self.spec = spec
        self.sink = sink
        self.progress = progress
        self.emit = options.emit or "closed"
        self.tally = new_accumulator(session)
        self.folder = CheckpointFolder(session, checkpoint)
        self.folder.settle({"topic": options.topic, "format": spec.format, "time": spec.time, "emit": self.emit,
                            "group_by": list(spec.keys), "sum": list(spec.sums), "avg": list(spec.avgs),
                            "window_ms": spec.window_ms, "scale": spec.scale, "sink": sink.name})
        self.total = None
        self.batches = 0

    def query(self, messages):
        frame = windows_of(messages, self.spec, self.tally)
        return frame.writeStream.outputMode("append" if self.emit == "closed" else "update")

    def write(self, frame, batch):
        """Called by Spark for each batch, again where the one before it did not reach the checkpoint."""
        context = self.session.sparkContext
        watermark_us = _watermark_of_late_events(self.session)
        context.setLocalProperty(LATE_PROPERTY, str(late_before_us(watermark_us, self.spec.window_ms)))
        take(self.tally)
        frame = frame.persist()
        try:
            windows, calls = frame.agg(F.count("*"), F.coalesce(F.sum("count"), F.lit(0))).first()
            counts, rejects = take(self.tally)
            if windows:
                self.sink.write(frame, (context.getLocalProperty(_QUERY_ID), batch), (windows, calls))
        finally:
            frame.unpersist(blocking=True)
        exit_after_sink(batch)
        total = self.folder.total_before(batch)
        total.counts.add(counts)
        total.windows += windows
        total.calls += calls
        self.folder.put_total(batch, total)
        self.total = total
        self.batches += 1
        self.progress.batch(batch, counts, windows, calls, rejects)

    def in_windows(self):
        """Calls in windows so far: in those that were given to the sink, and in those that are still open."""
        counts = self.total.counts
        all_calls = counts.accepted - counts.late
        return (self.total.calls, all_calls - self.total.calls) if self.emit == "closed" else (all_calls, 0)

    def as_dict(self):
        if self.total is None:
            return {}
        calls, open_calls = self.in_windows()
        return self.total.as_dict() | {"calls": calls, "open_calls": open_calls}

    def report(self):
        if self.total is None:
            return "nothing new was there"
        counts = self.total.counts
        calls, open_calls = self.in_windows()
        text = (f"{self.batches:,} batches; since the checkpoint began: {counts.messages:,} messages = "
                f"{counts.accepted:,} accepted + {counts.rejected:,} rejected + {counts.blank:,} blank\n"
                f"accepted = {calls:,} in windows + {counts.late:,} late")
        text += f" + {open_calls:,} in windows that are still open" if self.emit == "closed" else ""
        text += f"\n{counts.rounded:,} values were rounded to 18 fraction digits" if counts.rounded else ""
        return text


def _watermark_of_late_events(session):
    """The instant (us) that Spark judges this batch's late events by, as its plan has it; none is long ago."""
    query, = session._jsparkSession.streams().active()
    nodes = [query.streamingQuery().lastExecution().executedPlan()]
    while nodes:
        node = nodes.pop()
        if node.nodeName() == "StateStoreSave":
            watermark = node.eventTimeWatermarkForLateEvents()
            return watermark.get() * 1000 if watermark.isDefined() else -2**63
        nodes += [node.children().apply(i) for i in range(node.children().size())]
    raise Error("the plan of the batch has no windows; Spark 4.0.5 is wanted")
