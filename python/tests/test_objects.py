"""Objects of a store as inputs of a cluster's job: any file system of pyarrow stands for S3 here."""
import gzip
import unittest
from unittest import mock

import pyarrow.fs

import billing
from billing import ConfigurationError, Error
from billing.spark import objects, splits, usage
from fixture import RATES, PackageTest
from test_merge import random_lines


class ObjectsTest(PackageTest):
    def setUp(self):
        super().setUp()
        store = pyarrow.fs.SubTreeFileSystem(str(self.folder), pyarrow.fs.LocalFileSystem())
        patched = mock.patch.object(objects, "file_system", lambda: store)
        patched.start()
        self.addCleanup(patched.stop)

    def csv(self, planned):
        pairs = []
        for split in planned.splits:
            partials, report = usage._read_split(split, planned.maker_options, [], usage.EXAMPLES)
            self.assertEqual(report["rejected"], 0)
            pairs.append((split.number, partials[0]))
        return billing.Bill(pairs, splits=len(planned.splits), **planned.bill_options).to_csv()

    def test_ranges_and_compressed_objects_are_the_bill_of_the_files(self):
        plain, packed = random_lines(800, 1), random_lines(500, 2)
        paths = [self.write("b/logs/1.log", plain), self.write("b/logs/2.log.gz", gzip.compress(packed.encode())),
                 self.write("b/logs/3.log", "")]
        self.write("b/logs/.hidden", "x")
        self.write("b/logs/_SUCCESS", "")
        planned = splits.plan_job(["s3://b/logs/"], {"rates": RATES, "cycle": "month"}, 5000)
        self.assertGreater(len(planned.splits), 5)
        self.assertEqual([(size, cut) for _, size, cut, *_ in planned.inputs],
                         [(len(plain.encode()), True), (None, False), (0, True)])
        self.assertEqual(self.csv(planned), billing.aggregate(paths, rates=RATES, cycle="month").to_csv())

    def test_objects_of_several_formats_are_the_bill_of_the_files(self):
        table = "time,user,task,duration_ms\n2025-05-02T23:16:50Z,ann,login,5.25\n"
        paths = [self.write("b/1.log", random_lines(300, 1)), self.write("b/2.csv", table),
                 self.write("b/3.csv.gz", gzip.compress(table.encode())),
                 self.write("b/4.log.gz", gzip.compress(random_lines(50, 2).encode()))]
        planned = splits.plan_job(["s3://b/"], {"rates": RATES}, 5000)
        self.assertEqual(self.csv(planned), billing.aggregate(paths, rates=RATES).to_csv())

    def test_settings_of_one_format_do_not_end_the_tasks_of_others(self):
        table = "time;user;task;duration_ms\n2025-05-02T23:16:50Z;ann;login;5,25\n"
        lines = '{"time": "2025-05-02T23:16:50Z", "user": "bob", "task": "login", "duration_ms": 7}\n' * 40
        paths = [self.write("b/1.csv", table), self.write("b/2.jsonl", lines)]
        options = {"rates": RATES, "separator": ";", "decimal": ","}
        planned = splits.plan_job(["s3://b/"], options, 500)
        self.assertGreater(len(planned.splits), 4)
        self.assertEqual(self.csv(planned), billing.aggregate(paths, **options).to_csv())
        with self.assertRaisesRegex(ConfigurationError, "separator: has no effect"):
            splits.plan_job(["s3://b/2.jsonl"], options)

    def test_a_compressed_object_goes_on_behind_its_first_bytes(self):
        self.write("b/1.gz", gzip.compress(b"a line\n" * 20_000 + b"and half"))
        self.write("b/2.gz", gzip.compress(b"a line\nand half"))
        long, short = objects.find("s3://b/")
        self.assertEqual((long.is_whole, long.first_bytes[-7:], short.is_whole, short.first_bytes),
                         (False, b"a line\n", True, b"a line\nand half"))

    def test_an_object_of_too_many_bytes_is_refused_before_it_is_read(self):
        lines = random_lines(300, 1).encode()
        self.write("b/1.log", lines)
        self.assertEqual(len(splits.plan_job(["s3://b/"], {"rates": RATES, "max_input_bytes": str(len(lines))}).splits), 1)
        with self.assertRaisesRegex(billing.Error, "^s3://b/1.log: holds more than .* bytes of text, the limit of max_input_bytes"):
            splits.plan_job(["s3://b/"], {"rates": RATES, "max_input_bytes": str(len(lines) - 1)})
        # What a compressed one holds is seen when it is read.
        self.write("b/1.log", gzip.compress(lines))
        planned = splits.plan_job(["s3://b/"], {"rates": RATES, "max_input_bytes": str(len(lines) - 1)})
        with self.assertRaisesRegex(billing.Error, "holds more than"):
            self.csv(planned)

    def test_an_object_that_changes_is_told(self):
        self.write("b/1.log", random_lines(50, 1))
        planned = splits.plan_job(["s3://b/1.log"], {"rates": RATES})
        self.write("b/1.log", random_lines(51, 1))
        with self.assertRaisesRegex(Error, "has changed since"):
            self.csv(planned)

    def test_what_is_not_there_is_told(self):
        self.write("b/logs/1.log", random_lines(5, 1))
        for url, told in (("s3://b/logs", "a prefix ends in /"), ("s3://b/none", "no such object"),
                          ("s3://b/none/", "")):
            with self.assertRaisesRegex(Error, told):
                splits.plan_job([url], {"rates": RATES})
        with self.assertRaises(ConfigurationError):
            splits.plan_job(["s3://b/logs/"], {"rates": RATES, "exclude": ["*.gz"]})


class WholeFilesTest(PackageTest):
    def verdict(self, content, name, options):
        path = str(self.write(name, content))
        planned = splits.plan_job([path], {"rates": {"*": 1}} | options)
        _, report = usage._read_split(planned.splits[0], planned.maker_options, [], usage.EXAMPLES)
        return planned.plan.judge(report, True)

    def test_broken_inputs_are_judged_as_by_the_program(self):
        fields = {"time": "t", "user": "u", "task": "k", "quantity": "q:ms", "unit": "ms", "format": "json"}
        record = '{"t":"2025-05-01T00:00:00Z","u":"a","k":"b","q":1}'
        self.assertEqual(self.verdict(f"[{record},{record},\n{{", "array.json", fields), "broken")
        rows = "time,user,task,duration_ms\n" + "2025-05-01T00:00:00Z,a,b,1\n" * 3
        stray = rows + '2025-05-01T00:00:00Z,"a,b,1\n' + "2025-05-01T00:00:00Z,a,b,1\n" * 5 + '",b\n'
        self.assertEqual(self.verdict(stray, "stray.csv", {"max_rejects": "1", "format": "csv"}), "too_many")
        self.assertEqual(self.verdict(stray, "stray.csv", {"max_rejects": "10", "format": "csv"}), "good")


if __name__ == "__main__":
    unittest.main()
