"""The servers themselves: each starts, answers a client of its own kind, and leaves nothing behind."""
import os
import time
import unittest

from processes import Server, ServerError
from servers import S3, Cassandra, HiveMetastore, Kafka, PostgreSQL, Spark


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class Servers(unittest.TestCase):
    def start(self, server):
        """The server, started; when the test ends it is stopped, and then none of its processes is left."""
        self.addCleanup(self.check_gone, server)
        self.enterContext(server)
        self.pids = list(server.pids().values())
        return server

    def check_gone(self, server):
        self.assertEqual([pid for pid in self.pids if is_alive(pid)], [])
        self.assertFalse(server.folder.exists())

    def test_spark_has_its_workers_and_a_history(self):
        spark = self.start(Spark(workers=2, cores=2, memory="600m"))
        self.assertEqual([(worker["cores"], worker["memory"]) for worker in spark.state()["workers"]],
                         [(2, 600), (2, 600)])
        self.assertEqual(spark.rest(), [])
        spark.kill("worker2")
        deadline = time.monotonic() + 40
        while sum(worker["state"] == "ALIVE" for worker in spark.state()["workers"]) == 2:
            self.assertLess(time.monotonic(), deadline, "the master still counts on a worker that is gone")
            time.sleep(0.2)

    def test_postgresql_runs_statements(self):
        database = self.start(PostgreSQL())
        database.sql("create table t(a int, b text)")
        database.copy("t", ["1\tx\n", "2\ty, z\n"])
        self.assertEqual(database.sql("select * from t order by a"), [("1", "x"), ("2", "y, z")])
        with self.assertRaisesRegex(ServerError, "syntax error"):
            database.sql("selec 1")

    def test_kafka_has_the_topic_that_was_made(self):
        kafka = self.start(Kafka())
        kafka.create_topic("events", 4)
        with self.assertRaisesRegex(ServerError, "already exists"):
            kafka.create_topic("events", 4)

    def test_cassandra_runs_statements(self):
        cassandra = self.start(Cassandra())
        with cassandra.session() as session:
            session.execute("create keyspace k with replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
            session.execute("create table k.t (a int primary key, b text)")
            session.execute("insert into k.t (a, b) values (1, 'x')")
        self.assertEqual(cassandra.sql("select a, b from k.t"), [(1, "x")])

    def test_the_metastore_of_hive_has_its_tables(self):
        database = self.enterContext(PostgreSQL())
        hive = self.start(HiveMetastore(database))
        tables = database.sql("select count(*) from information_schema.tables where table_name = 'DBS'",
                              f"metastore_{hive.port}")
        self.assertEqual(tables, [("1",)])

    def test_s3_keeps_objects(self):
        client = self.start(S3()).client()
        client.create_bucket(Bucket="bucket")
        client.put_object(Bucket="bucket", Key="a/b.txt", Body=b"0123456789")
        self.assertEqual(client.get_object(Bucket="bucket", Key="a/b.txt", Range="bytes=2-5")["Body"].read(), b"2345")

    def test_a_server_that_does_not_start_shows_the_end_of_its_log(self):
        class Broken(Server):
            name = "broken"

            def launch(self):
                self.start_process("server", ["sh", "-c", "echo no such disk; exit 3"])
                self.await_that("server", lambda: False)

        with self.assertRaisesRegex(ServerError, r"broken: server ended with 3; the end of its log:\nno such disk"):
            Broken().__enter__()


if __name__ == "__main__":
    unittest.main()
