"""Web logs by the commands that users type: from S3 into a catalog that a database keeps, and into Hive's metastore."""
import gzip
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from processes import INSTALLED, ROOT
from servers import S3, HiveMetastore, PostgreSQL
from sessions import SMALL, wait_for_all

sys.path.insert(0, str(ROOT / "python" / "tests" / "spark"))
import naive_weblogs  # noqa: E402

DATES = ("2025-05-04", "2025-05-05")  # a Sunday and a Monday
QUERIES = """
select count(*) n, count(distinct date) dates, sum(response_size) bytes from lake.nginx_logs.access_logs;
select date, ip_address, request_count, rank from lake.nginx_logs.daily_top_ips order by date, rank;
select year, week_of_year, week_start_date, week_end_date, device_type, request_count, rank
    from lake.nginx_logs.weekly_top_devices order by 1, 2, rank;
select year, week_of_year, requests, unique_ips, bytes, errors from lake.nginx_logs.weekly_analytics order by 1, 2;
"""


def expected_of(rows):
    """What the queries say of rows that plain Python made."""
    tables = naive_weblogs.summaries(rows, 5)

    def lines(header, found):
        return [header, *("\t".join(map(str, row)) for row in found)]

    return [*lines("n\tdates\tbytes", [(len(rows), len({row[14] for row in rows}), sum(row[8] for row in rows))]),
            *lines("date\tip_address\trequest_count\trank", sorted(tables["daily_top_ips"], key=lambda row: (row[0], row[-1]))),
            *lines("year\tweek_of_year\tweek_start_date\tweek_end_date\tdevice_type\trequest_count\trank",
                   sorted(tables["weekly_top_devices"], key=lambda row: (*row[:2], row[-1]))),
            *lines("year\tweek_of_year\trequests\tunique_ips\tbytes\terrors", tables["weekly_analytics"])]


class WeblogsTest(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="billing-cluster-")))
        cls.database, cls.s3 = wait_for_all(cls, PostgreSQL(), S3())
        cls.s3.client().create_bucket(Bucket="lake")
        (cls.folder / "queries.sql").write_text(QUERIES)

    def command(self, *words, expect=0):
        conf = [word for name, value in SMALL.items() for word in ("--conf", f"{name}={value}")]
        done = subprocess.run(
            [sys.executable, "-m", "billing.spark", *map(str, words), "--master", "local[2,4]", *conf],
            env={**os.environ, **self.s3.environment(), "BILLING_SPARK_JARS": str(INSTALLED / "jars")},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900, check=False)
        self.assertEqual(done.returncode, expect, done.stderr)
        return done

    def rows_of(self, files):
        return [row for content in files for row in map(naive_weblogs.access_row, gzip.decompress(content).splitlines()) if row]

    def test_logs_in_s3_become_tables_of_a_catalog_in_a_database(self):
        catalog = ("--catalog", "jdbc", "--catalog-uri", self.database.url, "--warehouse", "s3://lake/warehouse")
        logs = ("--input", "s3://lake/logs/nginx/", "--process-date", "..".join(DATES))
        self.command("weblogs", *logs, "--generate", "--rows 200 --clients 20", *catalog)
        client = self.s3.client()
        keys = [one["Key"] for one in client.list_objects_v2(Bucket="lake", Prefix="logs/")["Contents"]]
        self.assertEqual(keys, [f"logs/nginx/2025/05/0{day}/part-{stamp}_{n}.log.gz"
                                for day, stamp in ((4, 1746316800), (5, 1746403200)) for n in (0, 1)])
        rows = self.rows_of(client.get_object(Bucket="lake", Key=key)["Body"].read() for key in keys)
        self.assertEqual(self.command("sql", *catalog, "-f", self.folder / "queries.sql").stdout.splitlines(), expected_of(rows))
        client.put_object(Bucket="lake", Key="logs/nginx/2025/05/05/part-1_0.log", Body=b"no record\n")
        refused = self.command("weblogs", *logs, *catalog, expect=3)
        self.assertIn("s3://lake/logs/nginx/2025/05/05/part-1_0.log:1: bad_record", refused.stderr)
        self.assertIn("billing.spark: 1 of 801 records rejected (bad_record 1); no table was changed", refused.stderr)

    def test_hive_s_metastore_knows_the_tables(self):
        hive = HiveMetastore(self.database)
        with hive:
            catalog = ("--catalog", "hive", "--catalog-uri", hive.uri, "--warehouse", self.folder / "hive")
            self.command("weblogs", "--input", self.folder / "logs", "--process-date", DATES[0], "--generate", "--rows 50", *catalog)
            rows = self.rows_of(path.read_bytes() for path in sorted(self.folder.glob("logs/2025/05/04/*")))
            self.assertEqual(self.command("sql", *catalog, "-f", self.folder / "queries.sql").stdout.splitlines(), expected_of(rows))


if __name__ == "__main__":
    unittest.main()
