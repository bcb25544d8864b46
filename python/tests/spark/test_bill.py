"""`python -m billing.spark bill` in one local session after the other commands' own: the program's bytes."""
import gzip
import io
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest
from contextlib import redirect_stderr
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from billing.spark import __main__ as commands  # noqa: E402
from billing.spark import bill_command, control, result, splits, usage  # noqa: E402
from fixture import find_program  # noqa: E402

RATES = ["--rate", "login=0.005", "--rate", "search=0.0125", "--rate", "upload=1.5"]


def lines(count, seed):
    chance = random.Random(seed)
    return "".join(
        f"2025-0{chance.randint(4, 6)}-{chance.randint(10, 28)}T10:{chance.randint(10, 59)}:00Z "
        f"{chance.choice(['user', 'zoë', 'Ω'])}{chance.randint(1, 60)} {chance.choice(['login', 'search', 'upload'])} "
        f"200 {chance.randint(0, 5000)}ms\n" for _ in range(count))


class BillTest(unittest.TestCase):
    """Commands run in this process, and share one session: stopping it is left to the end."""
    maxDiff = 2000

    @classmethod
    def setUpClass(cls):
        from billing.spark import session
        options = commands.parser_of("bill").parse_args([
            "--master", "local[2,4]", "--conf", "spark.driver.memory=900m", "--conf", "spark.sql.shuffle.partitions=2"])
        cls.session = session.open_session(options, "tests")
        cls.addClassCleanup(cls.session.stop)

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="billing-spark-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        before = os.getcwd()
        os.chdir(self.folder)
        self.addCleanup(os.chdir, before)
        shared = mock.MagicMock(wraps=self.session, sparkContext=self.session.sparkContext)
        shared.stop = lambda: None
        patched = mock.patch.object(bill_command, "open_session", lambda *_: shared)
        patched.start()
        self.addCleanup(patched.stop)

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    def spark(self, *words):
        """Exit status and standard error."""
        err = io.StringIO()
        with redirect_stderr(err):
            status = commands.run(["bill", *words])
        return status, err.getvalue()

    def program(self, *words):
        done = subprocess.run([find_program(), "aggregate", *words], capture_output=True, check=False)
        return done.returncode, done.stderr.decode()

    def assert_same(self, words, name="bill.csv", cluster=("--buckets", "3", "--split-bytes", "9KB")):
        status, err = self.spark(*words, "-o", name, *cluster)
        self.assertEqual(status, 0, err)
        self.assertEqual(self.program(*words, "-q", "-o", "expected" + pathlib.Path(name).suffix)[0], 0)
        self.assertEqual(pathlib.Path(name).read_bytes(),
                         pathlib.Path("expected" + pathlib.Path(name).suffix).read_bytes())
        return err

    def test_bytes_are_the_programs(self):
        logs = [self.write(f"{i}.log", lines(700, i)) for i in range(2)]
        for words in (["--cycle", "month"], ["--cycle", "calls:5"], ["-g", "task,cycle", "-c", "day"], ["-g", "task"],
                      ["-g", "user", "--since", "2025-05-01", "--status", "2xx"],
                      ["--timezone", "Europe/Berlin", "--cycle", "week", "--rounding", "half-even", "--scale", "4"]):
            with self.subTest(words=words):
                self.assert_same([*RATES, *words, *logs])

    def test_other_forms_of_the_bill(self):
        log = self.write("api.log", lines(800, 7))
        self.assert_same([*RATES, log], "bill.jsonl")
        self.assert_same([*RATES, "-c", "month", log], "bill.txt")
        status, err = self.spark(*RATES, log, "-o", "parts/", "--output-format", "csv", "--buckets", "3")
        self.assertEqual(status, 0, err)
        parts = sorted(pathlib.Path("parts").glob("part-*"))
        self.assertTrue(pathlib.Path("parts/_SUCCESS").exists())
        self.assertGreater(len(parts), 1)
        self.program(*RATES, log, "-q", "-o", "expected.csv")
        self.assertEqual(b"".join(part.read_bytes() for part in parts), pathlib.Path("expected.csv").read_bytes())
        self.assertEqual(self.spark(*RATES, log, "-o", "parts/")[0], 2)  # is there

    def test_rows_are_the_bills(self):
        log = self.write("api.log", lines(500, 3))
        status, err = self.spark(*RATES, "-c", "month", log, "-o", "bill.parquet", "--buckets", "2")
        self.assertEqual(status, 0, err)
        self.program(*RATES, "-c", "month", log, "-q", "-o", "expected.csv")
        rows = self.session.read.parquet(f"file://{self.folder}/bill.parquet").collect()
        found = sorted(",".join(str(value) for value in row) for row in rows)
        self.assertEqual(found, sorted(pathlib.Path("expected.csv").read_text().splitlines()[1:]))

    def test_other_formats_and_compression(self):
        text = lines(300, 5)
        rows = [line.split() for line in text.splitlines()]
        self.write("a.log.gz", gzip.compress(text.encode()))
        csv = "time,user,task,duration_ms\n" + "".join(f"{r[0]},{r[1]},{r[2]},{r[4][:-2]}\n" for r in rows)
        self.write("b.csv", csv)
        self.write("docker.log", "".join(json.dumps({"log": line + "\n", "stream": "stdout", "time": line.split()[0]}) + "\n"
                                         for line in text.splitlines()))
        self.write("plain.log", text)
        for words in (["a.log.gz"], ["b.csv"], ["docker.log"], ["a.log.gz", "plain.log", "docker.log"]):
            with self.subTest(words=words):
                err = self.assert_same([*RATES, "-c", "month", *words])
                self.assertIn("cannot be cut", err)
        events = "".join(json.dumps({"time": r[0], "user": r[1], "task": r[2], "duration_ms": int(r[4][:-2])}) + "\n"
                         for r in rows)
        err = self.assert_same([*RATES, "-c", "month", self.write("events.jsonl", events)])
        self.assertNotIn("cannot be cut", err)
        self.assert_same([*RATES, "-c", "month", "plain.log", "b.csv", "events.jsonl", "a.log.gz", self.write("none.log", "")])

    def test_rejects_end_a_job_or_are_set_aside(self):
        bad = ["what\n", '2025-05-01T00:00:00Z u login 200 x"y,ms\n', "\n", "=1 2 3\n"]
        content = "".join(line + (bad[i % 4] if i % 97 == 0 else "") for i, line in
                          enumerate(lines(900, 11).splitlines(keepends=True)))
        log = self.write("bad.log", content)
        other = self.write("other.log", "nonsense\n" + lines(50, 12))
        gz = self.write("z.log.gz", gzip.compress(b"no\n" + lines(50, 13).encode()))
        words = [*RATES, "-c", "month", log, other, gz]
        status, err = self.spark(*words, "-o", "bill.csv", "--split-bytes", "5KB")
        self.assertEqual(status, 3, err)
        self.assertIn("records rejected (", err)
        self.assertIn("bad.log:2: ", err)
        self.assertFalse(pathlib.Path("bill.csv").exists())
        for more in ([], ["--csv-safe"]):
            self.assertEqual(self.spark(*words, *more, "-o", "bill.csv", "--rejects", "bad.csv", "--split-bytes", "5KB")[0], 0)
            self.assertEqual(self.program(*words, *more, "-q", "-o", "e.csv", "--rejects", "ebad.csv")[0], 0)
            self.assertEqual(pathlib.Path("bad.csv").read_bytes(), pathlib.Path("ebad.csv").read_bytes())
            self.assertEqual(pathlib.Path("bill.csv").read_bytes(), pathlib.Path("e.csv").read_bytes())
        count = pathlib.Path("bad.csv").read_text().count("\n") - 1
        self.assertEqual(self.spark(*words, "-o", "b2.csv", "--max-rejects", str(count))[0], 0)
        self.assertEqual(self.spark(*words, "-o", "b3.csv", "--max-rejects", str(count - 1))[0], 3)
        status, err = self.spark(*words, "-o", "b4.csv", "--rejects-sink", "bad.parquet")
        self.assertEqual(status, 0, err)
        self.assertEqual(self.session.read.parquet(f"file://{self.folder}/bad.parquet").count(), count)

    def test_unrated_tasks(self):
        log = self.write("api.log", lines(200, 1))
        one = ["--rate", "login=1", log]
        self.assertIn("no rate for", self.assert_same([*one, "-c", "month"]))
        for words, status in ((["--rate", "nobody=1", log], 2), ([log], 2), (["--unrated", "fail", *one], 2)):
            found, err = self.spark(*words, "-o", "x.csv", "--buckets", "2")
            self.assertEqual((found, self.program(*words, "-o", "y.csv")[0]), (status, status), err)
        self.assert_same(["--unrated", "zero", log])

    def test_records_without_a_rate_are_rejected(self):
        text = lines(600, 21)
        log = self.write("api.log", text.replace("200 7", "200 x"))
        gz = self.write("z.log.gz", gzip.compress(lines(80, 22).encode()))
        some = ["--unrated", "reject", "--rate", "login=1"]
        self.write(".env", "RATE_search=2\n")
        for words in (["--cycle", "calls:3", log, gz], ["-g", "task", "--status", "2xx", log]):
            with self.subTest(words=words):
                status, err = self.spark(*some, *words, "-o", "bill.csv", "--split-bytes", "5KB", "--rejects", "bad.csv")
                self.assertEqual(status, 0, err)
                self.assertEqual(self.program(*some, *words, "-q", "-o", "e.csv", "--rejects", "ebad.csv")[0], 0)
                self.assertEqual(pathlib.Path("bad.csv").read_bytes(), pathlib.Path("ebad.csv").read_bytes())
                self.assertIn(b",unrated_task,", pathlib.Path("bad.csv").read_bytes())
                self.assertEqual(pathlib.Path("bill.csv").read_bytes(), pathlib.Path("e.csv").read_bytes())
        status, err = self.spark(*some, log, "-o", "x.csv")
        self.assertEqual((status, self.program(*some, log, "-o", "y.csv")[0]), (3, 3), err)
        self.assertIn("unrated_task", err)
        status, err = self.spark("--unrated", "reject", "--rate", "nobody=1", "--env-file", self.write("none.env", ""), gz, "-o", "x.csv",
                                 "--rejects", "bad.csv")
        self.assertEqual(status, 3, err)
        self.assertIn("no task has a rate: give some with --rate", err)
        self.assertEqual(self.spark("--unrated", "reject", "--rate", "search=1", log, "-o", "x.csv", "--max-rejects", "100%")[0], 0)

    def test_an_empty_log_has_an_empty_bill(self):
        log = self.write("empty.log", b"")
        self.assert_same([*RATES, log])
        self.assert_same([*RATES, log, self.write("full.log", lines(30, 2))])

    def test_mistakes_are_told(self):
        log = self.write("api.log", lines(20, 1))
        for words in ([log], [log, "-o", "x.csv", "--sink", "iceberg:a.b.c"], ["--state", "s", log, "-o", "x.csv"],
                      ["--dedupe-by", "record", log, "-o", "x.csv"], ["--threads", "2", log, "-o", "x.csv"],
                      ["--naive", log, "-o", "x.csv"], ["--cycle", "moon", log, "-o", "x.csv"], ["-o", "x.csv"],
                      [log, "-o", "x.csv", "--split-bytes", "much"], [log, "-o", "-"], [log, "-o", "nowhere/x.csv"],
                      [log, "--sink", "iceberg:a.b.c"], [log, "-o", "x.csv", "--period", "2025"],
                      [log, "-o", "x.csv", "--buckets", "0"], [log, "--sink", "iceberg:a.b", "--period", "2025"],
                      [log, "-o", "x.csv", "--catalog", "hadoop", "--warehouse", "w"]):
            status, err = self.spark(*RATES, *words)
            self.assertEqual((status, err.count("Traceback")), (2, 0), f"{words}: {err}")
            self.assertTrue(err.startswith("billing.spark: "), err)
        self.assertEqual(self.spark(*RATES, "missing.log", "-o", "x.csv")[0], 1)
        self.assertEqual(list(self.folder.glob("x*")), [])

    def test_an_input_that_changes_ends_the_job(self):
        log = self.write("api.log", lines(50, 1))
        planned = splits.plan_job([log], {"rates": {"login": 1}})
        with open(log, "a", encoding="utf-8") as file:
            file.write(lines(1, 2))
        found = usage.usage_of_splits(self.session, planned, [], False)
        with self.assertRaisesRegex(Exception, "has changed since the job was planned"):
            control.collect_reports(found, 1)

    def test_sparks_hash_is_known(self):
        from pyspark.sql import functions as F
        rows = self.session.range(0, 300).select(F.hash(F.col("id").cast("int")).alias("hash")).collect()
        self.assertEqual([row.hash for row in rows], [result.hash_of(number) for number in range(300)])

    def test_a_split_that_came_twice_or_not_is_an_error(self):
        log = self.write("api.log", lines(50, 1))
        planned = splits.plan_job([log], {"rates": {"login": 1}})
        rows = [(row.split, row.report) for row in
                usage.usage_of_splits(self.session, planned, [], False).where("range < 0").collect()]
        for given, count in ((rows + rows, 1), ([], 1), (rows, 2)):
            with self.assertRaisesRegex(Exception, "came twice|came back, without"):
                control.Reports(given, count)


if __name__ == "__main__":
    unittest.main()
