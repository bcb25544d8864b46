"""--progress and --rejects: what a stream does over time, as JSON lines."""
import datetime
import json
import sys
import urllib.request

_SHOWN_REJECTS = 10  # of a batch, on stderr


class Progress:
    def __init__(self, path, rejects_path):
        self.path = path
        self.rejects_path = rejects_path
        self.file = self.rejects_file = None
        self.seen_batch = -1
        self.seen_executors = None

    def __enter__(self):
        self.file = open(self.path, "a", encoding="utf-8") if self.path else None
        self.rejects_file = open(self.rejects_path, "a", encoding="utf-8") if self.rejects_path else None
        return self

    def __exit__(self, *_):
        for file in (self.file, self.rejects_file):
            if file:
                file.close()

    def batch(self, batch, counts, windows, calls, rejects):
        """What became of a batch; its rejects are told at once."""
        for reject in rejects:
            _write(self.rejects_file, {"batch": batch} | reject)
        for reject in rejects[:_SHOWN_REJECTS]:
            print(f"billing.spark: reject: {reject['topic']}/{reject['partition']} offset {reject['offset']}: "
                  f"{reject['reason']}: {reject['record'][:200]!r}", file=sys.stderr)
        if counts.rejected > _SHOWN_REJECTS:
            print(f"billing.spark: {counts.rejected:,} rejects in batch {batch}, of which the first {_SHOWN_REJECTS} "
                  "are shown", file=sys.stderr)

    def look(self, session, query, batches):
        """Writes down the batches that ended since the last look, and the executors where their number changed."""
        if not self.file:
            return
        executors = executors_of(session)
        if executors is not None and executors != self.seen_executors:
            self.seen_executors = executors
            _write(self.file, {"time": _now(), "executors": executors})
        for event in query.recentProgress:
            is_whole = event["numInputRows"] is not None and "addBatch" in event["durationMs"]
            if is_whole and event["batchId"] > self.seen_batch:
                self.seen_batch = event["batchId"]
                _write(self.file, {
                    "time": event["timestamp"], "batch": event["batchId"], "input_rows": event["numInputRows"],
                    "input_rate": event.get("inputRowsPerSecond"),
                    "processing_rate": event.get("processedRowsPerSecond"),
                    "duration_ms": event["durationMs"]["triggerExecution"], "executors": executors,
                    "watermark": event["eventTime"].get("watermark"), "total": batches.as_dict()})


def executors_of(session):
    """How many executors there are now, by the REST of Spark's interface; None where it does not answer."""
    context = session.sparkContext
    if not context.uiWebUrl:
        return None
    try:
        with urllib.request.urlopen(f"{context.uiWebUrl}/api/v1/applications/{context.applicationId}/executors",
                                    timeout=5) as answer:
            return sum(executor["id"] != "driver" and executor["isActive"] for executor in json.load(answer))
    except (OSError, ValueError):
        return None


def _now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _write(file, values):
    if file:
        file.write(json.dumps(values, default=str) + "\n")
        file.flush()
