"""What the files of paths are made into, without servers."""
import decimal
import gzip
import os
import pathlib
import tempfile
import unittest

from billing.spark.paths import PathReader
from billing.spark.stream_events import EventSpec


class Paths(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()), "root")
        self.root.mkdir()

    def read(self, message, file_format="json"):
        return PathReader(EventSpec(("company",), ("cost",), "none", file_format), str(self.root)).read(message)

    def costs(self, message, file_format="json"):
        rows = self.read(message, file_format)
        self.assertEqual({row["reason"] for row in rows}, {None})
        return {(row["path"], row["company"]): row["total_cost"] for row in rows}

    def reason(self, message):
        row, = self.read(message)
        self.assertEqual((row["company"], row["hash"], row["total_cost"]), (None, None, None))
        return row["reason"]

    def test_costs_are_added_up_by_company(self):
        (self.root / "a.jsonl").write_text('{"company":"x","cost":"0.1"}\n{"company":"y","cost":2}\n'
                                           '{"company":"x","cost":1e-18}\n')
        self.assertEqual(self.costs(b"a.jsonl"), {("a.jsonl", "x"): decimal.Decimal("0.100000000000000001"),
                                                  ("a.jsonl", "y"): 2})
        (self.root / "a.csv").write_text("company,cost\nx,99999999999999999999\nx,-99999999999999999998\n")
        self.assertEqual(self.costs(b"a.csv", "csv"), {("a.csv", "x"): 1})

    def test_a_compressed_file_is_read(self):
        (self.root / "a.gz").write_bytes(gzip.compress(b'{"company":"x","cost":5}\n'))
        self.assertEqual(self.costs(b"a.gz"), {("a.gz", "x"): 5})

    def test_a_path_is_spelled_in_one_way(self):
        (self.root / "a").write_text('{"company":"x","cost":5}\n')
        for message in (b"a", b"./a\n", b"b/../a", os.fsencode(self.root / "a"), b"../root/a"):
            self.assertEqual(self.costs(message), {("a", "x"): 5})

    def test_what_is_below_another_folder_is_not_read(self):
        (self.root.parent / "secret").write_text('{"company":"x","cost":5}\n')
        (self.root.parent / "rooted").mkdir()
        os.symlink("../secret", self.root / "link")
        for message in (b"../secret", b"/etc/passwd", b"link", b"../rooted"):
            self.assertEqual(self.reason(message), "the path leads out of the root")

    def test_what_is_no_file_has_a_reason(self):
        for message, reason in [(b" ", "the message is no path"), (b"a\0b", "the message is no path"),
                                (b"a" * 5000, "the message is no path"), (b"\xff", "the message is no UTF-8"),
                                (b"none", "there is no such file"), (b".", "there is no such file")]:
            self.assertEqual(self.reason(message), reason)

    def test_a_file_is_used_whole_or_not_at_all(self):
        good = '{"company":"x","cost":5}\n'
        for bad, reason in [("junk\n", "1 of its records cannot be read, the first at byte 25: bad_record"),
                            ('{"company":"x","cost":"much"}\n', "a cost is no decimal: 'much'"),
                            ('{"company":"x"}\n', "a record has no cost"), ('{"cost":1}\n', "a record has no company"),
                            ('{"company":"x","cost":99999999999999999999}\n', "a cost has more than 38 digits")]:
            (self.root / "a").write_text(good + bad)
            self.assertEqual(self.reason(b"a"), reason)
        (self.root / "a").write_text("\n")
        self.assertEqual(self.reason(b"a"), "there are no records in it")


if __name__ == "__main__":
    unittest.main()
