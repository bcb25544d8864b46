"""Bills in PostgreSQL, Iceberg and Cassandra: a run replaces its period once, whatever happens to the driver."""
import json
import pathlib
import subprocess
import sys
import unittest
import unittest.mock
from decimal import Decimal

from bills import frame_of, lines_of, open_sink, put, run_of
from servers import Cassandra, PostgreSQL
from sessions import SessionTest, iceberg_conf, wait_for_all

from billing import ConfigurationError, Error

HERE = pathlib.Path(__file__).resolve().parent


class Systems(SessionTest):
    """One session and its servers for all tests of this file."""

    @classmethod
    def start_servers(cls):
        cls.database, cls.cassandra = wait_for_all(cls, PostgreSQL(), Cassandra())
        cls.cassandra.sql("create keyspace ks with replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
        return (iceberg_conf("lake", "hadoop", cls.folder / "lake")
                | iceberg_conf("shop", "jdbc", cls.folder / "shop", cls.database)
                | cls.cassandra.conf() | open_sink("cassandra:ks.t").session_conf())


def setUpModule():
    unittest.addModuleCleanup(Systems.doClassCleanups)
    Systems.setUpClass()


class SinkTests:
    """What holds for each sink. Subclasses say where it is, and what the tables have."""

    maxDiff = 4000
    url = None  # with {table}
    is_atomic = True

    def setUp(self):
        self.session, self.database, self.cassandra = Systems.session, Systems.database, Systems.cassandra
        self.table = "bills_" + self.id().rpartition(".")[2].removeprefix("test_")[:30]
        self.sink = open_sink(self.sink_url(self.table))

    def sink_url(self, table):
        return self.url.format(table=table, database=self.database.url)

    def bills(self):
        """The table's rows as tuples of period, user, cycle, task, calls, quantity, unit, cost, run, in order."""
        raise NotImplementedError

    def runs(self):
        """billing_runs' rows of this table: run, period, input, lines, calls, quantity, cost, in order."""
        raise NotImplementedError

    def runs_by_time(self):
        """Their ids in the order of finished_at."""
        raise NotImplementedError

    def delete_lines(self, period, user):
        """As somebody with the system's own tools would."""
        raise NotImplementedError

    def expected(self, run_id, period, lines):
        return [(period, *line, run_id) for line in sorted(lines)]

    def put(self, run_id, period, lines):
        return put(self.session, self.sink, run_id, period, lines)

    def put_and_die(self, *arguments):
        case = json.dumps([Systems.conf, self.sink_url(self.table), *arguments])
        done = subprocess.run([sys.executable, HERE / "bills.py", case], cwd=HERE, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (-9, "compared\n"), done.stderr[-3000:])

    def test_a_run_replaces_its_period_once(self):
        may, june, fewer = lines_of(1, 50), lines_of(100, 20), lines_of(3, 10, "0.05")
        self.assertFalse(self.sink.holds(self.session, "2025-05", "a1"))
        self.assertTrue(self.put("a1", "2025-05", may))
        self.assertTrue(self.put("b1", "2025-06", june))
        self.assertEqual(self.bills(), self.expected("a1", "2025-05", may) + self.expected("b1", "2025-06", june))
        self.assertTrue(self.sink.holds(self.session, "2025-05", "a1"))
        self.assertFalse(self.sink.holds(self.session, "2025-06", "a1"))
        # Run again, with other lines even: nothing is written.
        self.assertFalse(self.put("a1", "2025-05", fewer))
        # Another run of the period: lines that the new bill has not are gone, those of June are as they were.
        self.assertTrue(self.put("a2", "2025-05", fewer))
        self.assertEqual(self.bills(), self.expected("a2", "2025-05", fewer) + self.expected("b1", "2025-06", june))
        self.assertEqual(self.runs(), [
            ("a1", "2025-05", "hash of a1", 50, 1275, Decimal("159.375"), Decimal("615.00")),
            ("a2", "2025-05", "hash of a2", 10, 75, Decimal("9.375"), Decimal("0.50")),
            ("b1", "2025-06", "hash of b1", 20, 2190, Decimal("273.75"), Decimal("246.00"))])

    def test_a_run_that_another_has_replaced_is_written_again(self):
        may, fewer = lines_of(1, 20), lines_of(3, 10, "0.05")
        self.put("a1", "2025-05", may)
        self.put("a2", "2025-05", fewer)
        self.assertEqual(self.runs_by_time(), ["a1", "a2"])
        self.assertFalse(self.sink.holds(self.session, "2025-05", "a1"))
        self.assertTrue(self.put("a1", "2025-05", may))
        self.assertEqual(self.bills(), self.expected("a1", "2025-05", may))
        self.assertEqual(self.runs_by_time(), ["a2", "a1"])
        self.assertFalse(self.put("a1", "2025-05", may))
        self.check_nothing_is_left()

    def test_a_bill_that_others_have_changed_is_written_again(self):
        may = lines_of(1, 5)
        self.put("a1", "2025-05", may)
        self.delete_lines("2025-05", may[0][0])
        self.assertEqual(self.bills(), self.expected("a1", "2025-05", may[1:]))
        self.assertFalse(self.sink.holds(self.session, "2025-05", "a1"))
        self.assertTrue(self.put("a1", "2025-05", may))
        self.assertEqual(self.bills(), self.expected("a1", "2025-05", may))

    def test_a_bill_without_lines_empties_its_period(self):
        self.put("a1", "2025-05", lines_of(1, 3))
        self.assertTrue(self.put("a2", "2025-05", []))
        self.assertEqual(self.bills(), [])
        self.assertTrue(self.sink.holds(self.session, "2025-05", "a2"))
        self.assertFalse(self.put("a2", "2025-05", []))
        self.assertTrue(self.put("a1", "2025-05", lines_of(1, 3)))
        self.assertFalse(self.sink.holds(self.session, "2025-05", "a2"))
        self.assertTrue(self.put("a2", "2025-05", []))
        self.assertEqual(self.bills(), [])
        self.assertFalse(self.sink.holds(self.session, "2025-05", "a1"))

    def test_lines_that_are_lost_on_the_way_are_found_out(self):
        old = lines_of(1, 3)
        self.put("a1", "2025-05", old)
        lines = lines_of(1, 10)
        rows = frame_of(self.session, lines[:-1])
        with self.assertRaisesRegex(Error, "lines of the period are 9, not 10 as the bill has"):
            self.sink.replace(self.session, rows, "2025-05", run_of("a2", lines))
        self.assertFalse(self.sink.holds(self.session, "2025-05", "a2"))
        if self.is_atomic:
            self.assertEqual(self.bills(), self.expected("a1", "2025-05", old))

    def test_a_driver_that_is_killed_before_the_commit_leaves_the_old_bill(self):
        old, new = lines_of(1, 40), lines_of(20, 40)
        self.put("a1", "2025-05", old)
        self.put("b1", "2025-06", old)
        self.put_and_die("a2", "2025-05", 20, 40)
        self.assertFalse(self.sink.holds(self.session, "2025-05", "a2"))
        if self.is_atomic:
            self.assertEqual(self.bills(), self.expected("a1", "2025-05", old) + self.expected("b1", "2025-06", old))
        # And the same run once more is the new bill, with nothing of the first attempt left.
        self.assertTrue(self.put("a2", "2025-05", new))
        self.assertEqual(self.bills(), self.expected("a2", "2025-05", new) + self.expected("b1", "2025-06", old))
        self.check_nothing_is_left()

    def test_after_a_killed_driver_the_run_before_it_is_the_bill_again(self):
        old = lines_of(1, 40)
        self.put("a1", "2025-05", old)
        self.put_and_die("a2", "2025-05", 20, 40)
        self.assertEqual(self.put("a1", "2025-05", old), not self.is_atomic)
        self.assertEqual(self.bills(), self.expected("a1", "2025-05", old))

    def check_nothing_is_left(self):
        """That stages of the table are gone."""


class PostgreSQLTests(SinkTests, unittest.TestCase):
    url = "{database}?table={table}"

    def bills(self):
        rows = self.database.sql(f"select * from {self.table} order by 1, 2, 3, 4")
        return [(*row[:4], int(row[4]), Decimal(row[5]), row[6], Decimal(row[7]), row[8]) for row in rows]

    def runs(self):
        rows = self.database.sql("select run_id, period, input_hash, lines, calls, quantity, cost from billing_runs "
                                 f"where table_name = '{self.table}' order by 1")
        return [(*row[:3], int(row[3]), int(row[4]), Decimal(row[5]), Decimal(row[6])) for row in rows]

    def runs_by_time(self):
        return [run for run, in self.database.sql(
            f"select run_id from billing_runs where table_name = '{self.table}' order by finished_at")]

    def delete_lines(self, period, user):
        self.database.sql(f"delete from {self.table} where period = '{period}' and user_id = '{user}'")

    def check_nothing_is_left(self):
        self.assertEqual(self.database.sql("select relname from pg_class where relname like '%stage%'"), [])

    def test_rows_of_a_task_that_was_repeated_count_once(self):
        lines = lines_of(1, 10)
        rows = frame_of(self.session, lines + lines[:4])
        self.assertTrue(self.sink.replace(self.session, rows, "2025-05", run_of("a1", lines)))
        self.assertEqual(self.bills(), self.expected("a1", "2025-05", lines))

    def test_two_runs_of_a_period_do_not_write_at_once(self):
        from billing.spark.postgresql import Connection
        with Connection(self.session, self.sink._address) as other:
            other.run("select pg_advisory_lock(hashtextextended(?, 0))", f"billing {self.table} 2025-05")
            with self.assertRaisesRegex(Error, "another run writes the period 2025-05"):
                self.put("a1", "2025-05", lines_of(1, 2))

    def test_a_table_may_stand_in_a_schema(self):
        self.database.sql("create schema finance")
        sink = open_sink(self.sink_url("finance.Bills"))
        self.assertTrue(put(self.session, sink, "a1", "2025-05", lines_of(1, 2)))
        self.assertEqual(self.database.sql('select count(*) from finance."Bills"'), [("2",)])
        self.assertEqual(self.database.sql("select run_id from finance.billing_runs"), [("a1",)])

    def test_passwords_come_from_the_environment_and_from_files_alone(self):
        self.database.sql("create role clerk login password 'it''s:secret'")
        self.database.create_database("clerks", "clerk")
        place = f"127.0.0.1:{self.database.port}/clerks"
        port = self.database.port
        with self.assertRaises(ConfigurationError) as raised:
            open_sink(f"postgresql://clerk:secret@{place}?table=bills")
        self.assertNotIn("secret", str(raised.exception))
        with self.assertRaises(ConfigurationError) as raised:
            open_sink(f"postgresql://clerk@{place}?table=bills&password=secret")
        self.assertNotIn("secret", str(raised.exception))
        sink = open_sink(f"postgresql://clerk@{place}?table=bills")
        with self.assertRaisesRegex(Error, "PGPASSWORD, PGPASSFILE or a service file"):
            sink.holds(self.session, "2025-05", "a1")
        with unittest.mock.patch.dict("os.environ", {"PGPASSWORD": "wrong"}), self.assertRaises(Error) as raised:
            sink.holds(self.session, "2025-05", "a1")
        self.assertNotIn("wrong", str(raised.exception))
        with unittest.mock.patch.dict("os.environ", {"PGPASSWORD": "it's:secret"}):
            self.assertTrue(put(self.session, sink, "a1", "2025-05", lines_of(1, 2)))
        passwords = Systems.folder / "pgpass"
        passwords.write_text(f"127.0.0.1:{port}:*:clerk:it's\\:secret\n")
        passwords.chmod(0o600)
        with unittest.mock.patch.dict("os.environ", {"PGPASSFILE": str(passwords)}):
            self.assertTrue(put(self.session, sink, "a2", "2025-05", lines_of(1, 2)))
        services = Systems.folder / "services"
        services.write_text(f"[billing]\nhost=127.0.0.1\nport={port}\ndbname=clerks\nuser=clerk\n"
                            "password=it's:secret\n")
        with unittest.mock.patch.dict("os.environ", {"PGSERVICEFILE": str(services)}):
            sink = open_sink("postgresql:///?service=billing&table=bills")
            self.assertTrue(sink.holds(self.session, "2025-05", "a2"))
            self.assertTrue(put(self.session, sink, "a3", "2025-05", lines_of(1, 2)))


class IcebergTests(SinkTests):
    catalog = None

    def bills(self):
        rows = self.session.table(f"{self.catalog}.db.{self.table}").orderBy("period", "user_id", "cycle", "task")
        return [tuple(row) for row in rows.collect()]

    def runs(self):
        rows = self.session.table(f"{self.catalog}.db.billing_runs").where(f"table_name = '{self.table}'")
        columns = ["run_id", "period", "input_hash", "lines", "calls", "quantity", "cost"]
        return [tuple(row) for row in rows.orderBy("run_id").select(*columns).collect()]

    def runs_by_time(self):
        rows = self.session.table(f"{self.catalog}.db.billing_runs").where(f"table_name = '{self.table}'")
        return [row.run_id for row in rows.orderBy("finished_at").collect()]

    def delete_lines(self, period, user):
        self.session.sql(f"delete from {self.catalog}.db.{self.table} where period = '{period}' and user_id = '{user}'")

    def check_nothing_is_left(self):
        refs = self.session.table(f"{self.catalog}.db.{self.table}.refs").collect()
        self.assertEqual([ref.name for ref in refs], ["main"])


class HadoopCatalog(IcebergTests, unittest.TestCase):
    catalog, url = "lake", "iceberg:lake.db.{table}"

    def snapshots(self):
        return self.session.table(f"lake.db.{self.table}.snapshots").count()

    def test_a_run_is_one_snapshot(self):
        self.put("a1", "2025-05", lines_of(1, 5))
        before = self.snapshots()
        self.put("a2", "2025-05", lines_of(1, 6))
        self.put("a2", "2025-05", lines_of(1, 6))
        self.assertEqual(self.snapshots(), before + 1)

    def test_a_driver_that_died_before_the_run_was_listed_is_made_up_for(self):
        lines = lines_of(1, 5)
        self.put("a1", "2025-05", lines)
        self.session.sql(f"delete from lake.db.billing_runs where table_name = '{self.table}'")
        self.assertTrue(self.sink.holds(self.session, "2025-05", "a1"))
        self.assertEqual([run[0] for run in self.runs()], ["a1"])

    def test_a_run_that_was_rolled_back_may_run_again(self):
        table = f"lake.db.{self.table}"
        self.put("a1", "2025-05", lines_of(1, 5))
        snapshot = self.session.table(f"{table}.snapshots").orderBy("committed_at", ascending=False).first().snapshot_id
        self.put("a2", "2025-05", lines_of(1, 6))
        self.session.sql(f"call lake.system.rollback_to_snapshot('db.{self.table}', {snapshot})")
        self.assertFalse(self.sink.holds(self.session, "2025-05", "a2"))
        self.assertFalse(self.put("a1", "2025-05", lines_of(1, 5)))
        self.assertTrue(self.put("a2", "2025-05", lines_of(1, 6)))
        self.assertEqual(len(self.bills()), 6)
        self.assertEqual(self.runs_by_time(), ["a1", "a2"])

    def test_a_run_holds_its_period_when_its_snapshot_has_expired(self):
        self.put("a1", "2025-05", lines_of(1, 5))
        self.put("a2", "2025-05", lines_of(1, 6))
        self.put("b1", "2025-06", lines_of(1, 3))
        self.session.sql(f"call lake.system.expire_snapshots(table => 'db.{self.table}', "
                         "older_than => timestamp '2100-01-01')")
        self.assertEqual(self.snapshots(), 1)
        self.assertFalse(self.put("a2", "2025-05", lines_of(1, 6)))
        self.assertTrue(self.put("a1", "2025-05", lines_of(1, 5)))
        self.assertEqual(self.bills(), self.expected("a1", "2025-05", lines_of(1, 5))
                         + self.expected("b1", "2025-06", lines_of(1, 3)))

    def test_another_period_that_is_written_meanwhile_is_kept(self):
        self.put("a1", "2025-05", lines_of(1, 5))
        stage = self.sink._stage

        def stage_while_another_writes(*arguments):
            self.sink._stage = stage
            stage(*arguments)
            put(self.session, open_sink(self.sink_url(self.table)), "b1", "2025-06", lines_of(1, 3))

        self.sink._stage = stage_while_another_writes
        self.assertTrue(self.put("a2", "2025-05", lines_of(2, 5)))
        self.assertEqual(self.bills(), self.expected("a2", "2025-05", lines_of(2, 5))
                         + self.expected("b1", "2025-06", lines_of(1, 3)))
        self.check_nothing_is_left()


class JdbcCatalog(IcebergTests, unittest.TestCase):
    catalog, url = "shop", "iceberg:shop.db.{table}"


class CassandraTests(SinkTests, unittest.TestCase):
    url = "cassandra:ks.{table}"
    is_atomic = False

    def bills(self):
        return sorted(self.cassandra.sql("select period, user_id, cycle, task, calls, quantity, unit, cost, run_id "
                                         f"from ks.{self.table}"))

    def runs(self):
        return sorted(self.cassandra.sql("select run_id, period, input_hash, lines, calls, quantity, cost "
                                         f"from ks.billing_runs where table_name = '{self.table}'"))

    def runs_by_time(self):
        rows = self.cassandra.sql(f"select finished_at, run_id from ks.billing_runs where table_name = '{self.table}'")
        return [run for _, run in sorted(rows)]

    def delete_lines(self, period, user):
        self.cassandra.sql(f"delete from ks.{self.table} where period = '{period}' and user_id = '{user}'")

    def test_of_two_runs_that_wrote_a_period_at_once_neither_holds_it(self):
        self.put("a1", "2025-05", lines_of(1, 3))
        self.cassandra.sql("insert into ks.billing_periods (table_name, period, run_id) "
                           f"values ('{self.table}', '2025-05', 'a2')")
        self.assertFalse(self.sink.holds(self.session, "2025-05", "a1"))
        self.assertFalse(self.sink.holds(self.session, "2025-05", "a2"))
        self.assertTrue(self.put("a1", "2025-05", lines_of(1, 3)))
        self.assertTrue(self.sink.holds(self.session, "2025-05", "a1"))

    def test_a_keyspace_that_is_not_there_is_named(self):
        with self.assertRaisesRegex(Error, "nowhere.*make it first"):
            open_sink("cassandra:nowhere.bills").holds(self.session, "2025-05", "a1")


if __name__ == "__main__":
    unittest.main()
