"""Bills to put into sinks, and a driver that is killed between the stage and the commit of one: see test_sinks.py."""
import json
import os
import signal
import sys
from decimal import Decimal

import pyarrow as pa

SCHEMA = pa.schema({"user_id": pa.string(), "cycle": pa.string(), "task": pa.string(), "calls": pa.int64(),
                    "quantity": pa.decimal128(20, 3), "unit": pa.string(), "cost": pa.decimal128(38, 2)})


def lines_of(first, users, cost="12.30"):
    """Lines of a bill of users first..first+users-1."""
    return [(f"user{number}", "2025-05", "zoë's \"log\\in\"", number, Decimal(number) / 8, "ms", Decimal(cost))
            for number in range(first, first + users)]


def totals_of(lines):
    return {"lines": len(lines), "calls": sum(line[3] for line in lines), "quantity": sum(line[4] for line in lines),
            "cost": sum(line[6] for line in lines)}


def run_of(run_id, lines):
    from billing.spark.sinks import BillRun
    return BillRun(run_id, {"cycle": "month"}, "hash of " + run_id, lambda: totals_of(lines))


def frame_of(session, lines):
    """The lines as a DataFrame, by Arrow: no worker of Python takes part."""
    columns = zip(*lines) if lines else [[]] * len(SCHEMA)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, SCHEMA.types)]
    return session.createDataFrame(pa.Table.from_arrays(arrays, schema=SCHEMA))


def open_sink(url):
    from billing.spark import sink_url, sinks
    return sinks.open_sink(sink_url.parse(url))


def put(session, sink, run_id, period, lines):
    """Replaces the period by the lines; whether anything was written."""
    rows = frame_of(session, lines).repartition(3)
    return sink.replace(session, rows, period, run_of(run_id, lines))


def put_and_die(conf, url, run_id, period, first, users):
    """As put() in a process of its own, which is killed when the stage is written and compared."""
    from sessions import open_session

    from billing.spark import sinks, sinks_cassandra, sinks_iceberg, sinks_postgresql

    def compare_and_die(*arguments):
        sinks.compare_totals(*arguments)
        print("compared", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

    for module in (sinks_cassandra, sinks_iceberg, sinks_postgresql):
        module.compare_totals = compare_and_die
    put(open_session("dies", conf), open_sink(url), run_id, period, lines_of(first, users))


if __name__ == "__main__":
    put_and_die(*json.loads(sys.argv[1]))
