"""Windows of streams against sums that were made apart from them, in one local session and without servers."""
import argparse
import datetime
import decimal
import fractions
import json
import os
import random
import tempfile
import unittest

import pyarrow as pa

from naive_windows import START, UTC, event, naive

from billing import ConfigurationError
from billing.spark import stream_events, windows
from billing.spark.stream_counts import CheckpointFolder
from billing.spark.stream_events import Counts
from billing.spark.stream_windows import WindowBatches
from billing.spark.windows import WindowSpec

SPEC = WindowSpec(keys=("course", "activity"), sums=("lines_of_code",), avgs=("cpu_usage_pct",), window_ms=10_000,
                  watermark_ms=60_000)


def as_naive(rows):
    result = {}
    for row in rows:
        begin = int(row.window_start.timestamp())
        assert row.window_end - row.window_start == datetime.timedelta(seconds=10), row
        mean = row.avg_cpu_usage_pct
        result[begin, row.course, row.activity] = (row["count"], fractions.Fraction(row.sum_lines_of_code),
                                                   None if mean is None else fractions.Fraction(mean))
    return result


class ListSink:
    """Keeps the rows of each batch; may fail before or after it did."""

    name = "list"

    def __init__(self):
        self.batches = {}
        self.fail_at = None

    def write(self, frame, batch, sums):
        rows = frame.collect()
        assert (len(rows), sum(row["count"] for row in rows)) == sums
        self.batches[batch] = rows
        if batch[1] == self.fail_at:
            self.fail_at = None
            raise RuntimeError("the sink fails")

    def rows(self):
        return [row for rows in self.batches.values() for row in rows]

    def newest(self):
        newest = {}
        for batch in sorted(self.batches):
            newest |= as_naive(self.batches[batch])
        return newest


class NoProgress:
    def __init__(self):
        self.rejects = []

    def batch(self, batch, counts, windows, calls, rejects):
        self.rejects += rejects


class Streams(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        from billing.spark.session import add_session_options, open_session
        from billing.spark.stream import _SETTINGS
        parser = argparse.ArgumentParser()
        add_session_options(parser)
        cls.session = open_session(parser.parse_args(["--master", "local[2,4]"]), "test_windows",
                                   _SETTINGS | {"spark.sql.shuffle.partitions": "2", "spark.driver.memory": "900m"})

    @classmethod
    def tearDownClass(cls):
        cls.session.stop()

    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.input, self.checkpoint = os.path.join(folder, "in"), os.path.join(folder, "checkpoint")
        os.mkdir(self.input)
        self.files = 0
        self.sink = ListSink()
        self.progress = NoProgress()

    def put(self, events):
        """One more batch."""
        self.files += 1
        path = os.path.join(self.input, f"{self.files:03}.jsonl")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(line if isinstance(line, str) else json.dumps(line) + "\n" for line in events)
        os.utime(path, (1_700_000_000 + self.files,) * 2)

    def messages(self):
        return (self.session.readStream.format("text").option("lineSep", "\n").option("maxFilesPerTrigger", 1).load(self.input)
                .selectExpr("cast(value as binary) value", "'t' topic", "0 partition", "bigint(0) offset"))

    def run_all(self, emit="closed", spec=SPEC):
        """Reads all files that are new, as a run of its own; what it counted."""
        options = argparse.Namespace(emit=emit, topic="t")
        batches = WindowBatches(self.session, options, spec, self.sink, self.checkpoint, self.progress)
        query = (batches.query(self.messages()).foreachBatch(batches.write)
                 .option("checkpointLocation", self.checkpoint).trigger(availableNow=True).start())
        query.awaitTermination()
        return batches

    def test_closed_windows_are_those_made_apart_over_restarts_and_a_sink_that_failed(self):
        generator = random.Random(1)
        sent, late = [], []
        for file in range(4):
            events = [event(file * 100 + generator.uniform(0, 100) - generator.uniform(0, 20),
                            generator.choice("xyz"), generator.choice("pq"), generator.randrange(1000),
                            generator.choice([None, "0.1", "33.333333", "2e1"])) for _ in range(300)]
            too_late = [event(-3600 * file, "x") for _ in range(5)] if file == 3 else []
            self.put(events + too_late)
            sent, late = sent + events, late + too_late
            self.sink.fail_at = {2: 3}.get(file)
            try:
                batches = self.run_all()
            except Exception as error:
                self.assertIn("the sink fails", str(error))
                batches = self.run_all()
        self.put([event(10_000, "end")])
        batches = self.run_all()
        self.assertEqual(as_naive(self.sink.rows()), naive(sent))
        self.assertEqual(batches.total.counts, Counts(messages=1206, accepted=1206, late=len(late)))
        self.assertEqual(batches.in_windows(), (1200, 1))

    def test_updates_end_with_all_windows(self):
        first = [event(i, "x" if i % 2 else "y", "p", i, "0.1") for i in range(100)]
        second = [event(i + 0.5, "x", "p", i, None) for i in range(50, 150)]
        self.put(first)
        self.put(second)
        batches = self.run_all(emit="updates")
        self.assertEqual(self.sink.newest(), naive(first + second))
        self.assertEqual(batches.in_windows(), (200, 0))

    def test_what_is_no_event_is_counted_and_listed_and_a_missing_key_is_a_dash(self):
        far = event(0) | {"timestamp": (datetime.datetime.now(UTC) + datetime.timedelta(minutes=6)).isoformat()}
        near = event(0) | {"timestamp": (datetime.datetime.now(UTC) + datetime.timedelta(minutes=4)).isoformat()}
        self.put([event(0), event(1) | {"course": None, "activity": ""}, "\n", "no json\n", event(2, lines="many"),
                  event(3, cpu="1e99"), far, near, {"course": "c"}, event(4, lines=f"0.{'3' * 19}", cpu=None)])
        batches = self.run_all(emit="updates")
        self.assertEqual(batches.total.counts, Counts(messages=10, accepted=4, rejected=5, blank=1, rounded=1))
        self.assertEqual(sorted(reject["reason"] for reject in self.progress.rejects),
                         ["bad_record", "bad_time", "bad_value: cpu_usage_pct", "bad_value: lines_of_code", "future_time"])
        rows = self.sink.newest()
        second = int(START.timestamp())
        self.assertEqual(rows[second, "-", "-"], (1, 1, fractions.Fraction(3, 2)))
        self.assertEqual(rows[second, "c", "a"], (2, fractions.Fraction(decimal.Decimal("1." + "3" * 18)),
                                                  fractions.Fraction(3, 2)))

    def test_a_sum_of_too_many_digits_is_an_error(self):
        self.put([event(0, lines="9" * 20), event(1, lines="9" * 20)])
        with self.assertRaisesRegex(Exception, "(?i)overflow|out of range|cannot be represented"):
            self.run_all(emit="updates")

    def test_a_checkpoint_holds_the_options_that_it_was_begun_with(self):
        folder = CheckpointFolder(self.session, self.checkpoint)
        folder.settle({"window_ms": 1})
        folder.settle({"window_ms": 1})
        with self.assertRaisesRegex(ConfigurationError, "window_ms was 1 and is 2"):
            folder.settle({"window_ms": 2})


class Values(unittest.TestCase):
    def test_texts_are_decimals_of_18_fraction_digits_half_to_even(self):
        ones = ["1", "-0.5", "+2", ".5", "5.", "1e3", "1E-18", "0" * 30 + "1", None]
        column, wrong, rounded = stream_events.decimals_of(pa.array(ones))
        self.assertEqual(column.to_pylist(), [None if one is None else decimal.Decimal(one) for one in ones])
        self.assertEqual((wrong, rounded), ([], []))
        column, wrong, rounded = stream_events.decimals_of(pa.array(["0.0000000000000000005", "0.0000000000000000015",
                                                                     "1.0000000000000000000"]))
        self.assertEqual(column.to_pylist(), [0, decimal.Decimal("2e-18"), 1])
        self.assertEqual((wrong, rounded), ([], [0, 1]))

    def test_what_is_no_such_decimal_is_wrong(self):
        ones = ["", "x", "1,5", "1e", "0x1", "NaN", "Infinity", "1e20", "-1e999", "9" * 21, "9" * 2000, "1_000", "١", " 1",
                "99999999999999999999.9999999999999999999", "1\n"]
        self.assertEqual(stream_events.decimals_of(pa.array(ones))[1], list(range(len(ones))))

    def test_a_mean_is_rounded_once_half_to_even(self):
        for total, count, scale, mean in [("1", 3, 6, "0.333333"), ("0.0000005", 1, 6, "0"), ("0.0000015", 1, 6, "0.000002"),
                                          ("-0.0000005", 1, 6, "0"), ("5", 2, 0, "2"), ("7", 2, 0, "4"), ("-7", 2, 0, "-4"),
                                          # Above the half by less than 18 digits can show.
                                          ("0.500000000000000001", 10**6, 6, "0.000001"),
                                          ("99999999999999999999.999999999999999999", 1, 18,
                                           "99999999999999999999.999999999999999999")]:
            with self.subTest(total, count=count):
                self.assertEqual(windows.mean_of(decimal.Decimal(total), count, scale), decimal.Decimal(mean))
        self.assertIsNone(windows.mean_of(None, 0, 6))

    def test_a_message_is_one_record(self):
        messages = pa.array([b"a", None, b"b\r\n", b"c\nd", b"\n", b"\xef\xbb\xbf [1]"])
        lines, refused = stream_events.lines_of(messages, are_objects=True)
        self.assertEqual((lines, refused), ([b"a", b"", b"b", b"", b"", b""], [3, 5]))
        self.assertEqual(stream_events.lines_of(messages, are_objects=False)[1], [3])

    def test_an_array_takes_no_other_messages_with_it(self):
        spec = SPEC.events()
        good = json.dumps(event(0)).encode()
        for first in (b"[]", b" [", b"[" + good + b"," + good + b"]"):
            values = [first] + [good] * 9
            batch = pa.RecordBatch.from_pydict({"value": values, "topic": ["t"] * 10, "partition": [2] * 10,
                                                "offset": range(10), "now": pa.array([2 * 10**15] * 10,
                                                                                     pa.timestamp("us", "UTC"))})
            counts, rejects = Counts(), []
            events = stream_events.decode(spec.reader(), spec, batch, -2**63, counts, rejects)
            self.assertEqual((events.num_rows, counts.rejected, counts.blank, len(rejects)), (9, 1, 0, 1), first)

    def test_rejects_name_the_message(self):
        spec = SPEC.events()
        values = [json.dumps(event(0)).encode(), b"x\ny", None, json.dumps(event(0, lines="z")).encode(), b"junk"]
        batch = pa.RecordBatch.from_pydict({"value": values, "topic": ["t"] * 5, "partition": [2] * 5, "offset": range(70, 75),
                                            "now": pa.array([2 * 10**15] * 5, pa.timestamp("us", "UTC"))})
        counts, rejects = Counts(), []
        late_before_us = int(START.timestamp() + 10) * 1_000_000
        events = stream_events.decode(spec.reader(), spec, batch, late_before_us, counts, rejects)
        self.assertEqual(events.num_rows, 1)
        self.assertEqual(counts, Counts(messages=5, accepted=1, rejected=3, blank=1, late=1))
        self.assertEqual(sorted((reject["partition"], reject["offset"]) for reject in rejects), [(2, 71), (2, 73), (2, 74)])

    def test_text_has_its_own_fields(self):
        spec = WindowSpec(keys=("user", "task"), sums=("duration_ms",), avgs=(), window_ms=1, watermark_ms=0,
                          format="text").events()
        batch = pa.RecordBatch.from_pydict({
            "value": [b"2025-05-02T23:16:50Z user1 login 200 1568ms"], "topic": ["t"], "partition": [0], "offset": [0],
            "now": pa.array([2 * 10**15], pa.timestamp("us", "UTC"))})
        events = stream_events.decode(spec.reader(), spec, batch, 0, Counts(), [])
        self.assertEqual([column[0].as_py() for column in events.columns[1:]], ["user1", "login", 1568])

    def test_columns_have_names_of_their_own(self):
        self.assertEqual(windows.column_of("/items/0/Tax-Code"), "items_0_tax_code")
        self.assertEqual(windows.column_of("0x"), "_0x")
        with self.assertRaisesRegex(ConfigurationError, "two columns .* count"):
            WindowSpec(keys=("count",), sums=(), avgs=(), window_ms=1, watermark_ms=0)


if __name__ == "__main__":
    unittest.main()
