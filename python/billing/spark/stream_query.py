"""Starts a query, follows it, and ends it when all is read or it is told to."""
import contextlib
import os
import signal
import threading
import time

POLL_SECONDS = 1
LAST_BATCH_SECONDS = 60  # then a batch is broken off; a later run does it again
EXIT_AFTER_SINK = "BILLING_SPARK_TEST_EXIT_AFTER_SINK"


def exit_after_sink(batch):
    """For tests: the driver dies when the sink has a batch and the checkpoint does not yet."""
    if os.environ.get(EXIT_AFTER_SINK) == str(batch):
        os._exit(9)


def run_query(session, frame_writer, checkpoint, trigger, batches, progress):
    """Runs until all is read (available-now), or until SIGINT or SIGTERM and the end of the batch that runs then."""
    writer = frame_writer.foreachBatch(batches.write).option("checkpointLocation", checkpoint).trigger(**trigger)
    with _signals() as told:
        query = writer.start()
        while query.isActive and not told.wait(POLL_SECONDS):
            progress.look(session, query, batches)
        if told.is_set():
            _await_end_of_batch(query)
        progress.look(session, query, batches)
        if query.isActive:
            query.stop()
        else:
            query.awaitTermination()  # raises what ended it


def _await_end_of_batch(query):
    deadline = time.monotonic() + LAST_BATCH_SECONDS
    while query.isActive and query.status["isTriggerActive"] and time.monotonic() < deadline:
        time.sleep(0.05)


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
