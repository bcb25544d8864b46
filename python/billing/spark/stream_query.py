"""Starts a query, follows it, and ends it when all is read or it is told to."""
import contextlib
import os
import signal
import threading

POLL_SECONDS = 1
EXIT_AFTER_SINK = "BILLING_SPARK_TEST_EXIT_AFTER_SINK"


def exit_after_sink(batch):
    """For tests: the driver dies when the sink has a batch and the checkpoint does not yet."""
    if os.environ.get(EXIT_AFTER_SINK) == str(batch):
        os._exit(9)


def run_query(session, frame_writer, checkpoint, trigger, batches, progress):
    """Runs until all is read (available-now), or until SIGINT or SIGTERM; a batch that runs then is not ended."""
    writer = frame_writer.foreachBatch(batches.write).option("checkpointLocation", checkpoint).trigger(**trigger)
    with _signals() as told:
        query = writer.start()
        try:
            while not _has_ended(query) and not told.wait(POLL_SECONDS):
                progress.look(session, query, batches)
            if told.is_set():
                batches.finish(query)
        finally:
            progress.look(session, query, batches)
            query.stop()
    if not told.is_set():
        query.awaitTermination()  # raises what ended it


def _has_ended(query):
    return not query.isActive


@contextlib.contextmanager
def _signals():
    """An event that SIGINT and SIGTERM set, the usual end of a stream."""
    told = threading.Event()
    before = {number: signal.signal(number, lambda *_: told.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
