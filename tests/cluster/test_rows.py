"""Rows of PostgreSQL as calls: every row once, times exact, and what is no call of ours left to the kernel."""
import csv
import datetime
import os
import subprocess
import sys
import time
import unittest

from processes import ROOT
from servers import PostgreSQL
from sessions import SessionTest, wait_for_all

from billing import ConfigurationError, Error
from billing.spark.rows import read_rows

PROGRAM = os.environ.get("BILLING", ROOT / "build" / "test" / "billing")
API_LOGS = "(id bigint, time timestamptz, user_id text, task text, status int, duration_ms bigint)"


def nanoseconds(text):
    moment = datetime.datetime.fromisoformat(text)
    since = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return (since.days * 86_400_000_000 + since.seconds * 1_000_000 + since.microseconds) * 1000


class Rows(SessionTest):
    @classmethod
    def start_servers(cls):
        cls.database, = wait_for_all(cls, PostgreSQL())
        return {}

    def make(self, table, *rows, columns=API_LOGS):
        self.database.sql(f"create table {table} {columns}")
        self.database.copy(table, ["\t".join(map(str, row)) + "\n" for row in rows])

    def read(self, table, partitions=4, column="id", **mapping):
        return read_rows(self.session, self.database.url, table, column, partitions, mapping)

    def test_every_row_is_read_once_whatever_the_partitions(self):
        self.make("every", *((number * 7, "2025-05-02T23:16:50Z", "u", "t", 200, number) for number in range(1, 101)))
        self.assertEqual(self.read("every", 5000).rdd.getNumPartitions(), 694)
        for partitions in (1, 3, 4, 20):
            rows = self.read("every", partitions)
            self.assertEqual(rows.rdd.getNumPartitions(), partitions)
            self.assertEqual(sorted(row.quantity for row in rows.collect()), list(range(1, 101)))
            if partitions == 4:
                self.assertEqual([len(part) for part in rows.rdd.glom().collect()], [25, 25, 25, 25])

    def test_times_are_exact_nanoseconds(self):
        texts = ["2025-05-02T23:16:50.123456+00:00", "1969-12-31T23:59:59.999999+00:00",
                 "1883-11-18T00:00:00.000001+00:00", "2025-05-03T01:16:50.5+02:00"]
        self.make("times", *((number, text, "u", "t", 200, 1) for number, text in enumerate(texts)))
        self.assertEqual([row.time for row in self.read("times", 1).collect()], [nanoseconds(text) for text in texts])

    def test_times_that_are_none_and_missing_values_are_left_to_the_kernel(self):
        self.make("odd", (1, "infinity", "u", "t", 200, 1), (2, *["\\N"] * 5), (3, "9999-01-01Z", "u", "t", 1, 1))
        rows = [tuple(row) for row in self.read("odd", 1).collect()]
        self.assertEqual(rows, [(None, "u", "t", 200, 1), (None, None, None, None, None), (None, "u", "t", 1, 1)])

    def test_rows_without_a_partition_column_are_not_lost(self):
        self.make("nulls", *((number if number % 3 else "\\N", "2025-05-02Z", "u", "t", 200, number)
                             for number in range(1, 10)))
        self.assertEqual(sorted(row.quantity for row in self.read("nulls").collect()), list(range(1, 10)))
        self.make("only_nulls", ("\\N", "2025-05-02Z", "u", "t", 200, 5))
        self.assertEqual([row.quantity for row in self.read("only_nulls").collect()], [5])

    def test_rows_that_come_later_are_left_to_the_next_job(self):
        self.make("growing", (1, "2025-05-02Z", "u", "t", 200, 1), (2, "2025-05-02Z", "u", "t", 200, 2))
        rows = self.read("growing", 2)
        self.database.copy("growing", ["3\t2025-05-02Z\tu\tt\t200\t3\n"])
        self.assertEqual(sorted(row.quantity for row in rows.collect()), [1, 2])

    def test_a_table_without_rows_has_none(self):
        self.make("empty")
        self.assertEqual(self.read("empty").collect(), [])

    def test_the_largest_ids_that_there_are(self):
        self.make("large", *((number, "2025-05-02Z", "u", "t", 200, 1) for number in (-2**63, 0, 2**63 - 1)))
        self.assertEqual(self.read("large", 3).count(), 3)

    def test_columns_may_have_other_names_and_types(self):
        self.make("other", (5, 1746227810000000007, "a", 404, "1.250"),
                  columns='("Key" smallint, ns bigint, "the user" char(1), code smallint, used numeric(19,3))')
        rows = self.read("other", column="Key", time="ns", user="the user", task="=call's", status_from="code",
                         quantity="used")
        self.assertEqual([(*row[:4], str(row.quantity)) for row in rows.collect()],
                         [(1746227810000000007, "a", "call's", 404, "1.250")])
        rows = self.read("other", column="Key", time="ns", user="=u", task="=t", status_from=None, quantity="used")
        self.assertIsNone(rows.first().status)

    def test_a_status_of_any_width_is_one_of_32_bits(self):
        statuses = [404, "\\N", 2**40, -2**40]
        self.make("wide", *((number, "2025-05-02Z", "u", "t", status, 1) for number, status in enumerate(statuses)),
                  columns=API_LOGS.replace("status int", "status bigint"))
        self.assertEqual([row.status for row in self.read("wide", 1).collect()], [404, None, 2**31 - 1, -2**31])

    def test_local_times_are_taken_as_utc(self):
        self.make("zoneless", (1, "2025-05-02 23:16:50.25", "u", "t", 200, 1),
                  columns=API_LOGS.replace("timestamptz", "timestamp"))
        self.assertEqual(self.read("zoneless").first().time, nanoseconds("2025-05-02T23:16:50.25+00:00"))

    def test_what_cannot_be_read_is_told(self):
        self.make("wrong", columns="(id text, n bigint, time date, user_id text, task text, status text)")
        for message, arguments in [
                ("has no table \"nowhere\"", {"table": "nowhere"}),
                ("no column 'key'; it has id, n, time", {"column": "key"}),
                ("id is of type text, not of integers", {}),
                ("time is of type date", {"column": "n"}),
                ("status is of type text", {"column": "n", "time": "n"}),
                ("not at least 1", {"partitions": 0})]:
            with self.subTest(message), self.assertRaisesRegex(ConfigurationError, message):
                self.read(**({"table": "wrong"} | arguments))
        self.database.sql("create table wrong_too as select 1::bigint id, now() as time, 'u' user_id, 't' task, "
                          "200 status, 1.5::float8 duration_ms")
        with self.assertRaisesRegex(ConfigurationError, "duration_ms is of type double precision"):
            self.read("wrong_too")
        with self.assertRaisesRegex(Error, "database \"none\" does not exist"):
            read_rows(self.session, self.database.url.rpartition("/")[0] + "/none", "t", "id", 1)

    def test_100000_rows_become_the_bill_of_the_program_in_another_table(self):
        self.database.sql(f"create table many {API_LOGS}; "
                          "insert into many select n, timestamptz '2025-05-01Z' + n * interval '1 s', "
                          "'user' || n % 1000, 'task' || n % 7, 200, n from generate_series(1, 100000) n")
        options = ["--cycle", "calls:5", "--rate", "task1=0.01", "--rate", "task2=.0005"]
        begun = time.monotonic()
        done = subprocess.run([sys.executable, "-m", "billing.spark", "bill", self.database.url, "--table", "many",
                               "--partition-column", "id", *options, "--sink", self.database.url + "?table=bills",
                               "--period", "2025-05", "--conf", "spark.driver.memory=900m"],
                              cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        print(f"100,000 rows billed and back after {time.monotonic() - begun:.1f} s, session included", flush=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        log = self.database.sql("select to_char(time at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') || ' ' || "
                                "user_id || ' ' || task || ' ' || status || ' ' || duration_ms || 'ms' from many")
        (self.folder / "many.log").write_text("".join(line + "\n" for line, in log))
        expected = subprocess.run([PROGRAM, "aggregate", *options, "--output-format", "csv", "many.log"],
                                  cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
        lines = [tuple(line) for line in csv.reader(expected.stdout.splitlines())]
        self.assertEqual(lines[0], ("user", "cycle", "task", "calls", "duration_ms", "cost"))
        found = self.database.sql("select user_id, cycle, task, calls, round(quantity), round(cost, 2) from bills")
        self.assertEqual(sorted(found), sorted(lines[1:]))
        self.assertEqual(self.database.sql("select distinct period, unit from bills"), [("2025-05", "ms")])


if __name__ == "__main__":
    unittest.main()
