"""Web logs as tables of a Hadoop catalog, in one local session, against tables that plain Python made of the same lines."""
import argparse
import csv
import datetime
import gzip
import io
import pathlib
import sys
import tempfile
import unittest

import naive_weblogs
from billing import ConfigurationError, Error, RejectsError
from billing.spark import catalogs, rejects, sql, web_generate, web_tables, weblogs
from billing.spark.session import open_session
from billing.spark.web_rows import COUNTS, reader_options

Date = datetime.date
# Of both sides of the turn of an ISO year that begins in December.
DATES = [Date(2024, 12, 29), Date(2024, 12, 30), Date(2024, 12, 31), Date(2025, 1, 1), Date(2025, 1, 5), Date(2025, 1, 6)]
ODD_LINES = (
    b'192.0.2.7 - - [01/Jan/2025:01:30:00 +0100] "GET /a%20b/Photo.JPEG?x=\\x22y\\x22 HTTP/2.0" 206 17 "-" "-"\n'
    b'192.0.2.7 - - [01/Jan/2025:23:59:59 +0000] "\\x16\\x03\\x01" 400 0 "" "caf\xe9 (iPad)"\n'
    b'2001:db8::1 - - [01/Jan/2025:12:00:00 +0000] "OPTIONS * HTTP/1.0" 499 5 "https://a.example/" "Slurp"\n'
    b'192.0.2.9 - ann [01/Jan/2025:00:00:00 +0000] "GET http://a.example/x.tar.gz#top HTTP/1.1" 101 0 "-" "okhttp/4"\n')


def options(*words):
    parser = argparse.ArgumentParser()
    weblogs.add_options(parser)
    return parser.parse_args([*words, "--master", "local[2,4]"])


class PartsTest(unittest.TestCase):
    def test_dates_are_one_or_a_range(self):
        self.assertEqual(weblogs.parse_dates("2025-02-28..2025-03-01"), [Date(2025, 2, 28), Date(2025, 3, 1)])
        self.assertEqual(weblogs.parse_dates("2025-02-28"), [Date(2025, 2, 28)])
        self.assertIsNone(weblogs.parse_dates(None))
        for text in ("2025-02-30", "x", "2025-03-01..2025-02-01", "..", "0001-01-01..9999-01-01"):
            with self.assertRaisesRegex(ConfigurationError, "--process-date"):
                weblogs.parse_dates(text)

    def test_the_date_of_a_file_is_that_of_its_folders(self):
        self.assertEqual(weblogs.date_of("2025/05/02/part-1_0.log.gz"), Date(2025, 5, 2))
        self.assertEqual(weblogs.date_of("x/2024/2025/05/02/a"), Date(2025, 5, 2))
        for path in ("2025/05/a", "2025/13/01/a", "2025/05/02/x/a", "12025/05/02/a", "a"):
            self.assertIsNone(weblogs.date_of(path))

    def test_statements_end_at_semicolons_that_are_not_quoted(self):
        text = "-- no; comment\nselect ';', \"a\\\";\", `b;` /* ; */;\n\n;select 2 -- end;\n"
        self.assertEqual(sql.split_statements(text),
                         [(2, "select ';', \"a\\\";\", `b;` /* ; */"), (4, "select 2 -- end;\n")])
        self.assertEqual(sql.split_statements(" ; -- nothing\n/* ; "), [])
        self.assertEqual(sql.split_statements("select 'open;"), [(1, "select 'open;")])

    def test_settings_of_catalogs(self):
        def settings(*words):
            parser = argparse.ArgumentParser()
            catalogs.add_catalog_options(parser)
            return catalogs.catalog_settings(parser.parse_args(words))

        lake = "spark.sql.catalog.lake"
        hadoop = settings("--catalog", "hadoop", "--warehouse", "/tmp/w")
        self.assertEqual((hadoop[f"{lake}.type"], hadoop[f"{lake}.warehouse"], hadoop[f"{lake}.cache-enabled"]),
                         ("hadoop", "file:///tmp/w", "false"))
        jdbc = settings("--catalog", "jdbc", "--catalog-uri", "postgresql://ann@h:5433/d?ssl=true", "--warehouse", "s3://b/w")
        self.assertEqual((jdbc[f"{lake}.uri"], jdbc[f"{lake}.jdbc.user"], jdbc[f"{lake}.warehouse"]),
                         ("jdbc:postgresql://h:5433/d?ssl=true", "ann", "s3a://b/w"))
        for words, message in ((("hadoop", "--catalog-uri", "x"), "has none"), (("jdbc",), "needs one"),
                               (("jdbc", "--catalog-uri", "postgresql://a:secret@h/d"), "PGPASSWORD"),
                               (("jdbc", "--catalog-uri", "jdbc:postgresql://h/d?password=secret"), "PGPASSWORD"),
                               (("jdbc", "--catalog-uri", "mysql://h/d"), "neither"), (("hive", "--catalog-uri", "h:1"), "thrift")):
            with self.assertRaisesRegex(ConfigurationError, message) as raised:
                settings("--warehouse", "w", "--catalog", *words)
            self.assertNotIn("secret", str(raised.exception))

    def test_rejects_are_judged_as_by_the_program(self):
        totals = dict.fromkeys(COUNTS, 0) | {"records": 110, "accepted": 98, "rejected": 2, "blank": 9, "directives": 1,
                                             "rejected_by_reason": {"bad_record": 2}}

        def is_allowed(text, has_file=True, **more):
            try:
                rejects.judge(weblogs.plan_of(text), totals | more, [], has_file, "no table was changed")
            except RejectsError as error:
                self.assertIn("of 100 records rejected (bad_record 2); no table was changed\n", str(error))
                return False
            return True

        for text, allowed in (("2", True), ("1", False), ("2%", True), ("1.99%", False), ("100%", True), (None, True)):
            self.assertEqual(is_allowed(text), allowed, text)
        self.assertFalse(is_allowed(None, has_file=False))
        self.assertFalse(is_allowed("2", accepted=0))
        self.assertTrue(is_allowed("100%", accepted=0))
        for text in ("", "-1", "101%", "x", "1.5"):
            with self.assertRaises(ConfigurationError):
                weblogs.plan_of(text)

    def test_generated_logs_are_the_same_for_the_same_options(self):
        wanted = web_generate.parse_generate_options(["--rows", "50", "--seed", "7"])
        log = web_generate.log_of(Date(2025, 5, 2), 0, wanted)
        self.assertEqual(log, web_generate.log_of(Date(2025, 5, 2), 0, wanted))
        self.assertNotEqual(log, web_generate.log_of(Date(2025, 5, 2), 1, wanted))
        self.assertEqual(len(gzip.decompress(log).splitlines()), 50)
        for words in (["--rows", "0"], ["--days", "1"], ["--rows", "x"]):
            with self.assertRaisesRegex(ConfigurationError, "--generate"):
                web_generate.parse_generate_options(words)

    def test_formats_that_lack_a_column_are_refused(self):
        self.assertIn("body_bytes_sent", reader_options("combined", None)["quantity"])
        self.assertIn("bytes_sent", reader_options("vhost_combined", None)["quantity"])
        for form in ("text", "common", "csv", "nope"):
            with self.assertRaises(ConfigurationError):
                reader_options(form, None)


class WeblogsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="billing-weblogs-")
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name)
        chosen = options("--input", str(cls.root / "logs/nginx"), "--catalog", "hadoop", "--warehouse",
                         str(cls.root / "warehouse"), "--conf", "spark.sql.shuffle.partitions=2", "--conf",
                         "spark.driver.memory=1g")
        cls.session = open_session(chosen, "test weblogs", catalogs.catalog_settings(chosen))
        cls.addClassCleanup(cls.session.stop)
        web_generate.generate(chosen.input, DATES, web_generate.parse_generate_options(["--rows", "300", "--clients", "30"]))
        (cls.root / "logs/nginx/2025/01/01/part-0_9.log").write_bytes(ODD_LINES)
        cls.take_in()

    @classmethod
    def take_in(cls, *words):
        chosen = options("--input", str(cls.root / "logs/nginx"), "--catalog", "hadoop", "--warehouse",
                         str(cls.root / "warehouse"), "--top", "3", *words)
        files, _ = weblogs.find_files(chosen.input, weblogs.parse_dates(chosen.process_date))
        return weblogs.take_in(cls.session, files, reader_options("combined", None), chosen,
                               weblogs.plan_of(chosen.max_rejects))

    def rows(self, table):
        columns = self.session.table(f"{web_tables.DATABASE}.{table}")
        return sorted(map(tuple, columns.collect()), key=repr)

    def naive_rows(self):
        rows = []
        for path in sorted(self.root.glob("logs/nginx/*/*/*/*")):
            content = path.read_bytes()
            lines = (gzip.decompress(content) if path.suffix == ".gz" else content).splitlines()
            rows += [row for row in map(naive_weblogs.access_row, lines) if row]
        return rows

    def check_tables(self):
        expected = self.naive_rows()
        timestamped = self.session.table(web_tables.ACCESS_LOGS).selectExpr("* except (timestamp)",
                                                                            "cast(timestamp as string) as time").collect()
        got = [(*row[:1], datetime.datetime.fromisoformat(row[-1]), *row[1:-1]) for row in map(tuple, timestamped)]
        self.assertEqual(sorted(got, key=repr), sorted(expected, key=repr))
        for name, table in naive_weblogs.summaries(expected, 3).items():
            self.assertEqual(self.rows(name), sorted(table, key=repr), name)

    def test_1_tables_are_those_of_plain_python(self):
        self.check_tables()

    def test_2_columns_are_as_they_were_promised(self):
        promised = {
            "access_logs": "ip_address string, timestamp timestamp, method string, url string, url_path string, protocol string, "
                           "status_code int, status_category string, response_size bigint, referer string, user_agent string, "
                           "device_type string, file_extension string, is_bot boolean, date date, hour int, year int, month int, "
                           "day int, week_of_year int",
            "daily_top_ips": "date date, ip_address string, request_count bigint, rank int",
            "daily_top_devices": "date date, device_type string, request_count bigint, rank int",
            "weekly_top_ips": "year int, week_of_year int, week_start_date date, week_end_date date, ip_address string, "
                              "request_count bigint, rank int",
            "weekly_top_devices": "year int, week_of_year int, week_start_date date, week_end_date date, device_type string, "
                                  "request_count bigint, rank int",
            "weekly_analytics": "year int, week_of_year int, requests bigint, unique_ips bigint, bytes bigint, errors bigint"}
        for name, columns in promised.items():
            schema = self.session.table(f"{web_tables.DATABASE}.{name}").schema
            self.assertEqual(", ".join(f"{field.name} {field.dataType.simpleString()}" for field in schema), columns)
        shown = self.session.sql(f"show create table {web_tables.ACCESS_LOGS}").collect()[0][0].replace("`", "")
        self.assertIn("PARTITIONED BY (date)", shown)
        self.assertIn("'write.parquet.compression-codec' = 'snappy'", shown)
        self.assertIn("'write.target-file-size-bytes' = '134217728'", shown)
        self.assertEqual({row[0] for row in self.session.sql(
            f"select distinct lower(file_format) from {web_tables.ACCESS_LOGS}.files").collect()}, {"parquet"})

    def test_3_queries_of_tables(self):
        script = self.root / "queries.sql"
        script.write_text("""
            -- the addresses with the most requests on a day
            select ip_address, request_count from lake.nginx_logs.daily_top_ips where date = date'2025-01-01' and rank <= 5
                order by rank;
            select device_type, request_count from lake.nginx_logs.daily_top_devices where date = date'2025-01-01' order by rank;
            select week_start_date, ip_address, request_count from lake.nginx_logs.weekly_top_ips
                where year = 2025 and week_of_year = 1 order by rank;
            select status_category, count(*) n from lake.nginx_logs.access_logs where date = date'2025-01-01' and is_bot
                group by all order by 1;
            select year, week_of_year, requests from lake.nginx_logs.weekly_analytics order by 1, 2;
        """)
        out = io.StringIO()
        for _, statement in sql.split_statements(script.read_text()):
            sql.print_result(self.session.sql(statement), out)
        expected = self.naive_rows()
        summaries = naive_weblogs.summaries(expected, 3)

        def best(table, period, *places):
            rows = sorted((row for row in summaries[table] if row[:len(period)] == period), key=lambda row: row[-1])
            return ["\t".join(str(row[place]) for place in places) for row in rows]

        day = Date(2025, 1, 1)
        bots = [row[7] for row in expected if row[14] == day and row[13]]
        lines = ["ip_address\trequest_count", *best("daily_top_ips", (day,), 1, 2),
                 "device_type\trequest_count", *best("daily_top_devices", (day,), 1, 2),
                 "week_start_date\tip_address\trequest_count", *best("weekly_top_ips", (2025, 1), 2, 4, 5),
                 "status_category\tn", *(f"{name}\t{bots.count(name)}" for name in sorted(set(bots))),
                 "year\tweek_of_year\trequests", *("\t".join(map(str, row[:3])) for row in summaries["weekly_analytics"])]
        self.assertEqual(out.getvalue().splitlines(), lines)

    def test_4_a_date_that_is_taken_in_again_is_replaced_whole(self):
        folder = self.root / "logs/nginx/2024/12/31"
        for path in folder.iterdir():
            path.unlink()
        (folder / "part-1_0.log.gz").write_bytes(gzip.compress(
            b'192.0.2.1 - - [31/Dec/2024:00:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "X11"\n'))
        self.take_in("--process-date", "2024-12-31")
        self.check_tables()
        (folder / "part-1_0.log.gz").write_bytes(gzip.compress(b"\n"))  # a day without requests
        self.take_in("--process-date", "2024-12-31")
        self.check_tables()

    def test_5_a_record_of_another_date_or_form_is_a_reject(self):
        before = self.rows("access_logs")
        path = self.root / "logs/nginx/2025/01/06/part-2_0.log"
        good = b'192.0.2.1 - - [06/Jan/2025:00:00:00 +0000] "GET /new HTTP/1.1" 200 5 "-" "X11"\n'
        lines = [good, good.replace(b"06/Jan/2025:00:00:00 +0000", b"06/Jan/2025:00:00:00 +0100"), b"rub\tbish\xff\n", b"\n", good,
                 good.replace(b"06/Jan", b"07/Jan").replace(b"/new", b"/\xe9\\x")]
        path.write_bytes(b"".join(lines))
        listed = self.root / "rejects.csv"
        try:
            with self.assertRaisesRegex(RejectsError, r"3 of .* records rejected \(bad_date 2, bad_record 1\); no table was changed"):
                self.take_in("--process-date", "2025-01-06")
            with self.assertRaises(RejectsError):
                self.take_in("--process-date", "2025-01-06", "--max-rejects", "2", "--rejects", str(listed))
            self.assertEqual(self.rows("access_logs"), before)
            self.take_in("--process-date", "2025-01-06", "--max-rejects", "1%", "--rejects", str(listed))
            offsets = [sum(map(len, lines[:i])) for i in range(len(lines))]
            with open(listed, encoding="utf-8", newline="") as file:
                found = list(csv.reader(file))
            self.assertEqual(found, [["file", "line", "byte_offset", "reason", "record"]] + [
                [str(path), str(number), str(offsets[number - 1]), reason, record] for number, reason, record in (
                    (2, "bad_date", lines[1].decode().strip()), (3, "bad_record", "rub\\tbish\\xFF"),
                    (6, "bad_date", lines[5].strip().decode(errors="replace").replace("\\", "\\\\").replace("\ufffd", "\\xE9")))])
            self.assertEqual(len(self.rows("access_logs")), len(before) + 2)
        finally:
            path.unlink()
            self.take_in("--process-date", "2025-01-06")
        self.check_tables()

    def test_6_what_cannot_be_read_ends_the_run_and_changes_nothing(self):
        before = self.rows("access_logs")
        path = self.root / "logs/nginx/2025/01/05/part-2_0.log.gz"
        path.write_bytes(gzip.compress(ODD_LINES * 100)[:-9])
        try:
            with self.assertRaisesRegex(Exception, str(path)):
                self.take_in("--process-date", "2025-01-05")
        finally:
            path.unlink()
        self.assertEqual(self.rows("access_logs"), before)
        with self.assertRaises(Error):
            weblogs.find_files(str(self.root / "nothing"), None)


if __name__ == "__main__":
    sys.exit(unittest.main())
