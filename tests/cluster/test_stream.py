"""Streams of a real Kafka into PostgreSQL, Iceberg and Cassandra: exact although the driver dies between sink and checkpoint."""
import argparse
import collections
import csv
import datetime
import fractions
import io
import itertools
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from processes import INSTALLED, ROOT
from servers import Cassandra, Kafka, PostgreSQL

sys.path.append(str(ROOT / "python" / "tests" / "spark"))
from naive_windows import naive  # noqa: E402

EXIT_AFTER_SINK = "BILLING_SPARK_TEST_EXIT_AFTER_SINK"
UTC = datetime.timezone.utc
EVENTS = 6000
OF_STUDENTS = ["--group-by", "course,activity", "--sum", "lines_of_code", "--avg", "cpu_usage_pct", "--window", "10s"]


def setUpModule():
    global kafka
    kafka = unittest.enterModuleContext(Kafka())


def billing(*arguments, exit_after_sink=None):
    """Runs python -m billing.spark."""
    environment = {**os.environ, "BILLING_SPARK_JARS": str(INSTALLED / "jars")}
    if exit_after_sink is not None:
        environment[EXIT_AFTER_SINK] = str(exit_after_sink)
    return subprocess.run([sys.executable, "-m", "billing.spark", *map(str, arguments)], env=environment,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)


def produced(*arguments):
    """What `produce` sends for these options, as texts."""
    from billing.spark import produce
    parser = argparse.ArgumentParser()
    produce.add_options(parser)
    options = parser.parse_args(["--brokers", "b:1", "--topic", "t", *arguments])
    return [value for _, _, value in itertools.islice(produce._messages(options), options.events)]


class Streams(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="billing-stream-")))
        self.topic = self.id().rpartition(".")[2]

    def stream(self, *arguments, exit_after_sink=None, checkpoint="checkpoint"):
        options = ["--brokers", kafka.brokers, "--topic", self.topic, "--trigger", "available-now", "--master", "local[2,4]",
                   "--checkpoint", self.folder / checkpoint, "--conf", "spark.driver.memory=900m",
                   "--conf", "spark.sql.shuffle.partitions=2"]
        done = billing("stream", *options, *arguments, exit_after_sink=exit_after_sink)
        self.assertEqual(done.returncode, 0 if exit_after_sink is None else 9, done.stderr)
        return done

    def produce(self, *arguments):
        """Sends events; what they are."""
        done = billing("produce", "--brokers", kafka.brokers, "--topic", self.topic, "--no-wait", *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return produced(*arguments)

    def send(self, *values):
        from confluent_kafka import Producer
        producer = Producer({"bootstrap.servers": kafka.brokers})
        for value in values:
            producer.produce(self.topic, value)
        producer.flush()

    def students(self, *arguments):
        return [json.loads(text, parse_float=str) for text in self.produce("--kind", "students", *arguments)]


class IntoPostgreSQL(Streams):
    @classmethod
    def setUpClass(cls):
        cls.database = cls.enterClassContext(PostgreSQL())
        cls.sink = f"postgresql://postgres@127.0.0.1:{cls.database.port}/postgres?table="

    def rows(self, table):
        """As naive() has them."""
        rows = self.database.sql("select extract(epoch from window_start)::bigint, course, activity, count, sum_lines_of_code, "
                                 f"avg_cpu_usage_pct, extract(epoch from window_end - window_start)::int from {table}")
        self.assertEqual({row[-1] for row in rows}, {"10"})
        return {(int(begin), course, activity):
                (int(count), fractions.Fraction(total), fractions.Fraction(mean) if mean else None)
                for begin, course, activity, count, total, mean, _ in rows}

    def test_closed_windows_are_inserted_once_and_the_late_are_told(self):
        options = [*OF_STUDENTS, "--watermark", "1m", "--sink", self.sink + "closed"]
        events = self.students("--events", str(EVENTS), "--rate", "50")  # two minutes
        # Batch 0 reads all; batch 1 has no events, and the windows that the watermark has closed.
        self.stream(*options, exit_after_sink=1)
        self.assertGreater(len(self.rows("closed")), 0)
        late = ['{"timestamp":"2025-05-01T00:00:00Z","course":"x","activity":"y","lines_of_code":1,"cpu_usage_pct":1}'] * 7
        self.send(*late, "no json", '{"timestamp":"2025-05-01T01:00:00Z"}')
        progress, rejects = self.folder / "progress.jsonl", self.folder / "rejects.jsonl"
        done = self.stream(*options, "--progress", progress, "--rejects", rejects)
        self.assertEqual(self.rows("closed"), naive(events))
        self.assertIn(f"{EVENTS + 9:,} messages = {EVENTS + 8:,} accepted + 1 rejected + 0 blank\n"
                      f"accepted = {EVENTS:,} in windows + 7 late + 1 in windows that are still open", done.stderr)
        total = [json.loads(line) for line in progress.read_text().splitlines()][-1]["total"]
        self.assertEqual((total["accepted"], total["calls"], total["late"], total["open_calls"]), (EVENTS + 8, EVENTS, 7, 1))
        reject, = map(json.loads, rejects.read_text().splitlines())
        self.assertEqual((reject["topic"], reject["reason"], reject["record"]), (self.topic, "bad_record", "no json"))
        self.assertEqual(self.database.sql("select count(distinct query_id), count(*), sum(calls) from billing_stream_batches"),
                         [("1", "2", str(EVENTS))])
        self.assertEqual(self.database.sql("select count(*) from pg_tables where tablename like '%stage%'"), [("0",)])

    def test_options_of_another_checkpoint_and_wrong_ones_are_told(self):
        for arguments, message in [
                (["--window", "10s", "--sink", "postgresql://a:b@h/d?table=t"], "a password does not belong into a URL"),
                (["--window", "10s", "--sink", "hbase:x"], "none of"),
                (["--window", "ten"], "no length of time"),
                (["--window", "10s", "--root", "/tmp"], "--root belongs to --messages paths"),
                (["--window", "10s", "--format", "csv"], "a message is a record by itself"),
                (["--messages", "paths", "--root", "/tmp", "--group-by", "a", "--sum", "b"], "--sink cassandra:KEYSPACE.TABLE"),
                (["--window", "10s", "--sum", "a", "--avg", "b", "--group-by", "sum_a"], "two columns")]:
            with self.subTest(message):
                done = billing("stream", "--brokers", "127.0.0.1:1", "--topic", "t", "--checkpoint", self.folder, *arguments)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(message, done.stderr)
                self.assertNotIn(":b@", done.stderr)


class IntoIceberg(Streams):
    def test_updates_are_merged_once(self):
        options = [*OF_STUDENTS, "--emit", "updates", "--sink", "iceberg:lake.school.windows", "--catalog", "hadoop",
                   "--warehouse", self.folder / "warehouse"]
        events = self.students("--events", str(EVENTS), "--rate", "50")
        self.stream(*options, exit_after_sink=0)
        events += self.students("--events", str(EVENTS), "--rate", "100", "--seed", "2")
        done = self.stream(*options)
        self.assertIn(f"accepted = {2 * EVENTS:,} in windows + 0 late", done.stderr)
        answer = billing("sql", "--catalog", "hadoop", "--warehouse", self.folder / "warehouse", "-f", self._file(
            "select unix_timestamp(window_start) as begin, course, activity, count, sum_lines_of_code, avg_cpu_usage_pct "
            "from lake.school.windows"), "--conf", "spark.driver.memory=900m")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        rows = {(int(row["begin"]), row["course"], row["activity"]):
                (int(row["count"]), fractions.Fraction(row["sum_lines_of_code"]), fractions.Fraction(row["avg_cpu_usage_pct"]))
                for row in csv.DictReader(io.StringIO(answer.stdout), delimiter="\t")}
        self.assertEqual(rows, naive(events))
        summaries = [snapshot["summary"] for snapshot in self._metadata()["snapshots"]]
        self.assertEqual([summary["billing.batch"] for summary in summaries], ["0", "1"])
        self.assertEqual(len({summary["billing.query"] for summary in summaries}), 1)

    def _file(self, statement):
        path = self.folder / "statement.sql"
        path.write_text(statement)
        return path

    def _metadata(self):
        folder = self.folder / "warehouse" / "school" / "windows" / "metadata"
        version = (folder / "version-hint.text").read_text()
        return json.loads((folder / f"v{version}.metadata.json").read_text())


class IntoCassandra(Streams):
    @classmethod
    def setUpClass(cls):
        cls.cassandra = cls.enterClassContext(Cassandra())
        cls.cassandra.sql("create keyspace ks with replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
        cls.place = [word for name, value in cls.cassandra.conf().items() for word in ("--conf", f"{name}={value}")]

    def test_updates_are_written_over_themselves(self):
        options = [*OF_STUDENTS, "--emit", "updates", "--sink", "cassandra:ks.windows", *self.place]
        events = self.students("--events", str(EVENTS), "--rate", "50")
        self.stream(*options, exit_after_sink=0)
        self.stream(*options)
        rows = self.cassandra.sql("select window_start, course, activity, count, sum_lines_of_code, avg_cpu_usage_pct "
                                  "from ks.windows")
        self.assertEqual({(int(begin.replace(tzinfo=UTC).timestamp()), course, activity):
                          (count, fractions.Fraction(total), fractions.Fraction(mean))
                          for begin, course, activity, count, total, mean in rows}, naive(events))

    def test_the_report_is_of_the_newest_version_of_each_path(self):
        root = self.folder / "root"
        options = ["--messages", "paths", "--root", root, "--group-by", "company", "--sum", "cost",
                   "--sink", "cassandra:ks.billing_report", *self.place]
        self.produce("--kind", "paths", "--events", "40", "--root", str(root))
        self.stream(*options, exit_after_sink=0)
        self.stream(*options)
        self.assertEqual(self.report(), as_report(self.totals(root)))
        # Another version of another company; one that is broken keeps what it had; and paths that are none.
        paths = sorted(path.relative_to(root) for path in root.glob("*/*.jsonl"))
        kept = self.totals(root, only=[paths[1]])
        (root / paths[0]).write_text('{"company":"new","cost":"0.125"}\n{"company":"new","cost":0.25}\n')
        (root / paths[1]).write_text('{"company":"new","cost":"much"}\n')
        (self.folder / "secret.jsonl").write_text('{"company":"spy","cost":1}\n')
        self.send(str(paths[0]), str(paths[1]), "none.jsonl", "../secret.jsonl", b"\xff")
        self.stream(*options)
        totals = self.totals(root, leave_out=[paths[1]])
        for company, total in kept.items():
            totals[company] += total
        self.assertEqual(self.report(), as_report(totals))
        self.assertEqual(self.report()["new"][0], fractions.Fraction("0.38"))
        self.assertEqual(dict(self.cassandra.sql("select path, reason from ks.billing_failures")), {
            str(paths[1]): "a cost is no decimal: 'much'", "none.jsonl": "there is no such file",
            "../secret.jsonl": "the path leads out of the root", "�": "the message is no UTF-8"})
        # Once it can be used, a file is no failure.
        (root / paths[1]).write_text('{"company":"new","cost":"1"}\n')
        self.send(str(paths[1]))
        self.stream(*options)
        self.assertEqual(self.report(), as_report(self.totals(root)))
        self.assertEqual(len(self.cassandra.sql("select path from ks.billing_failures")), 3)

    def report(self):
        return {company: tuple(map(fractions.Fraction, costs)) for company, *costs in self.cassandra.sql(
            "select company, total_cost, discounted_cost, tech_fee from ks.billing_report")}

    @staticmethod
    def totals(root, only=None, leave_out=()):
        totals = collections.defaultdict(fractions.Fraction)
        for path in root.glob("*/*.jsonl"):
            if path.relative_to(root) in leave_out or (only and path.relative_to(root) not in only):
                continue
            for line in path.read_text().splitlines():
                record = json.loads(line, parse_float=str)
                totals[record["company"]] += fractions.Fraction(record["cost"])
        return totals


def as_report(totals):
    return {company: tuple(round(total * share, 2) for share in (1, fractions.Fraction("0.98"), fractions.Fraction("0.05")))
            for company, total in totals.items()}


class Forever(Streams):
    def test_a_stream_goes_on_until_it_is_told_to_end(self):
        lines = self.produce("--kind", "lines", "--events", "500", "--rate", "100")
        command = [sys.executable, "-m", "billing.spark", "stream", "--brokers", kafka.brokers, "--topic", self.topic,
                   "--format", "text", "--group-by", "task", "--sum", "duration_ms", "--window", "1m", "--emit", "updates",
                   "--trigger", "1s", "--conf", "spark.driver.memory=900m", "--conf", "spark.sql.shuffle.partitions=2"]
        with subprocess.Popen(command, env={**os.environ, "BILLING_SPARK_JARS": str(INSTALLED / "jars")}, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            rows = list(csv.DictReader(itertools.islice(process.stdout, 6)))
            time.sleep(3)
            process.send_signal(signal.SIGTERM)
            _, messages = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0, messages)
        sums = collections.Counter()
        for line in lines:
            _, _, task, _, duration = line.split()
            sums[task] += int(duration.removesuffix("ms"))
        self.assertEqual({row["task"]: fractions.Fraction(row["sum_duration_ms"]) for row in rows}, dict(sums))
        self.assertEqual({row["window_start"] for row in rows}, {"2025-05-01T00:00:00Z"})
        self.assertIn("500 accepted", messages)


if __name__ == "__main__":
    unittest.main()
