"""What --sink names: the same for a bill and for a stream."""
import argparse
import unittest

from billing import ConfigurationError
from billing.spark import bill_options, cassandra, iceberg, sink_url, sinks, stream, stream_sinks, windows
from billing.spark.postgresql import Address

SPEC = windows.WindowSpec(keys=("a",), sums=(), avgs=(), window_ms=1, watermark_ms=0)


class SinkUrl(unittest.TestCase):
    def test_the_scheme_says_of_which_system_a_table_is(self):
        for text, kind, shown in [
                ("iceberg:lake.db.bills", iceberg.TableName, "lake.db.bills"),
                ("Iceberg:lake.a.b.Bills", iceberg.TableName, "lake.a.b.Bills"),
                ("cassandra:Ks.Bills", cassandra.TableName, "ks.bills"),
                ("postgresql://ann@h:5433/d?table=s.bills", Address, "h:5433/d"),
                ("postgres://h/d?table=bills", Address, "h/d"), ("POSTGRES://h/d?table=bills", Address, "h/d")]:
            with self.subTest(text):
                table = sink_url.parse(text)
                self.assertEqual((type(table), str(table)), (kind, shown))

    def test_what_is_no_sink_is_told(self):
        for text, message in [
                ("mysql://h/d", "'mysql' is none of iceberg"), ("bills.csv", "'bills.csv' is none of"), ("iceberg", "is none of"),
                ("iceberg:db.bills", "no table of Iceberg"), ("iceberg:lake..bills", "no table of Iceberg"),
                ("iceberg:l-1.db.t", "cannot be the name of a catalog"),
                ("postgresql://h/d", "which table"), ("postgresql:///d?table=t", "no host"),
                ("postgresql://h:port/d?table=t", "no URL of the form"), ("cassandra:bills", "no table of Cassandra"),
                ("cassandra:ks.a;b", "no table of Cassandra"), ("cassandra:a.b.c", "no table of Cassandra"),
                ("postgresql://a:secret@h/d?table=t", "a password does not belong into a URL")]:
            with self.subTest(text), self.assertRaisesRegex(ConfigurationError, message) as raised:
                sink_url.parse(text)
            self.assertNotIn("secret", str(raised.exception))
        with self.assertRaisesRegex(ConfigurationError, "too long"):
            sinks.open_sink(sink_url.parse("postgresql://h/d?table=" + "t" * 60))

    def test_bills_and_streams_want_the_same_of_a_session(self):
        options = argparse.Namespace(emit="closed")
        for text in ("iceberg:lake.db.bills", "cassandra:ks.bills", "postgres://h/d?table=bills"):
            table = sink_url.parse(text)
            of_bills = sinks.open_sink(table).session_conf()
            self.assertEqual(of_bills, stream_sinks.open_stream_sink(table, options, SPEC).session_conf())
        self.assertEqual(sinks.open_sink(sink_url.parse("cassandra:ks.t")).session_conf(), {
            f"spark.cassandra.{kind}.consistency.level": "LOCAL_QUORUM" for kind in ("input", "output")})

    def test_a_catalog_is_for_tables_of_iceberg(self):
        for module, words in ((bill_options, ["a.log"]), (stream, ["--brokers", "b:1", "--topic", "t"])):
            parser = argparse.ArgumentParser()
            module.add_options(parser)
            options = parser.parse_args([*words, "--catalog", "hadoop", "--warehouse", "w"])
            sink_url.check_catalog(options, sink_url.parse("iceberg:lake.db.t"))
            for table in (None, sink_url.parse("cassandra:ks.t")):
                with self.assertRaisesRegex(ConfigurationError, "--catalog: has no effect"):
                    sink_url.check_catalog(options, table)

    def test_names_and_texts_are_taken_literally(self):
        self.assertEqual(iceberg.quoted("a`b", "c"), "`a``b`.`c`")
        self.assertEqual(iceberg.literal("it's\\"), r"'it\'s\\'")
        self.assertEqual(cassandra.quoted('a"b'), '"a""b"')
        self.assertEqual(cassandra.literal("it's"), "'it''s'")


if __name__ == "__main__":
    unittest.main()
