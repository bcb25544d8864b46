"""What is raised, what messages say, and what is warned of."""
import datetime
import decimal
import inspect
import os
import pathlib
import re
import unittest
import warnings

import billing
from billing import _native
from fixture import LINES, RATES, PackageTest

# Keywords that make no sense, and what the message must begin with.
MISTAKES = [
    ({"cycle": "fortnight"}, "cycle"),
    ({"group_by": "user", "cycle": "month"}, "cycle"),
    ({"group_by": "nobody"}, "group_by"),
    ({"timezone": "Mars/Base"}, "timezone"),
    ({"anchor_day": 32, "cycle": "month"}, "anchor_day"),
    ({"since": "tomorrow"}, "since"),
    ({"since": "2025-06-01", "until": "2025-05-01"}, "since"),
    ({"status": "99"}, "status"),
    ({"where": "status <"}, "where"),
    ({"time": "none", "cycle": "month", "format": "csv"}, "cycle"),
    ({"rates": {"login": "free"}}, "rate"),
    ({"rates": {"": "1"}}, "rate"),
    ({"rate": "login"}, "rate"),
    ({"unrated": "maybe"}, "unrated"),
    ({"rounding": "sideways"}, "rounding"),
    ({"scale": 13}, "scale"),
    ({"max_rejects": "many"}, "max_rejects"),
    ({"max_record_bytes": 1}, "max_record_bytes"),
    ({"max_input_bytes": "x"}, "max_input_bytes"),
    ({"threads": 0}, "threads"),
    ({"memory_limit": 5}, "memory_limit"),
    ({"temp_dir": "/nowhere/at/all"}, "temp_dir"),
    ({"slice_bytes": 0}, "slice_bytes"),
    ({"chunk_bytes": 0}, "chunk_bytes"),
    ({"naive": True, "parallel": True}, "naive"),
    ({"naive": True, "memory_limit": "1GB"}, "memory_limit"),
    ({"null_separated": True}, "null_separated"),
    ({"include": ""}, "include"),
    ({"partitioned_by": "date"}, "partitioned_by"),
    ({"partitioned_by": "size", "since": "2025-05-01"}, "partitioned_by"),
    ({"rejects": ""}, "rejects"),
    ({"duplicates": "d.csv"}, "duplicates"),
    ({"dedupe_window": "35d"}, "dedupe_window"),
    ({"dedupe_window": "long"}, "dedupe_window"),
    ({"dedupe_keep": "largest"}, "dedupe_keep"),
    ({"dedupe_by": ""}, "dedupe_by"),
    ({"partial": "p", "rates": {"a": 1}}, "rate"),
    ({"partial": ""}, "partial"),
    ({"state": ""}, "state"),
    ({"state": "s", "unrated": "reject"}, "unrated"),
    ({"format": "papyrus"}, "format"),
    ({"unwrap": "gift"}, "unwrap"),
    ({"stream": "river"}, "stream"),
    ({"negative": "perhaps"}, "negative"),
    ({"excess_digits": "keep"}, "excess_digits"),
    ({"quantity_digits": 10}, "quantity_digits"),
    ({"unit": "two words"}, "unit"),
    ({"measure": "x"}, "measure"),
    ({"separator": "ab"}, "separator"),
    ({"quote": "single"}, "quote"),
    ({"decimal": "-"}, "decimal"),
    ({"input_timezone": "Mars/Base"}, "timezone"),
    ({"files_from": "-"}, "files_from"),
    ({"rejects": "-"}, "rejects"),
    ({"partial": "-"}, "partial"),
    ({"output": "bill.csv"}, "output"),
    ({"env_file": ".env"}, "env_file"),
    ({"user": "a\0b"}, "user"),
]


class ErrorsTest(PackageTest):
    def caught(self, kind, *arguments, **keywords):
        with self.assertRaises(kind, msg=str(keywords)) as caught:
            billing.aggregate(*arguments, **keywords)
        return str(caught.exception)

    def test_mistakes_name_the_keyword_and_nothing_of_the_program(self):
        log = self.log()
        for keywords, begins in MISTAKES:
            with self.subTest(keywords):
                message = self.caught(billing.ConfigurationError, log, **keywords)
                self.assertTrue(message.startswith(begins), message)
                self.assertNotIn("--", message)
                self.assertNotIn("billing aggregate", message)

    def test_all_mistakes_are_told_at_once(self):
        message = self.caught(billing.ConfigurationError, self.log(), scale=13, threads=0)
        self.assertEqual(len(message.splitlines()), 2)

    def test_classes_derive_from_each_other(self):
        self.assertTrue(issubclass(billing.ConfigurationError, billing.Error))
        self.assertTrue(issubclass(billing.ConfigurationError, ValueError))
        self.assertTrue(issubclass(billing.RejectsError, billing.Error))
        self.assertTrue(issubclass(billing.Warning, UserWarning))

    def test_an_unknown_keyword_is_a_type_error_with_the_one_that_was_meant(self):
        message = self.caught(TypeError, self.log(), memory_limits="1GB")
        self.assertEqual(message, "aggregate() has no keyword 'memory_limits'; did you mean "
                                  "'memory_limit'?")

    def test_a_float_is_a_type_error_that_says_why(self):
        message = self.caught(TypeError, self.log(), rates={"login": 0.1})
        self.assertIn("'0.1'", message)
        self.assertIn("inexactly", message)

    def test_types_that_make_no_sense(self):
        for keywords in ({"cycle": ["month", "day"]}, {"cycle": object()}, {"naive": 1},
                         {"scale": True}, {"rates": {1.5: "1"}}, {"env": "yes"}):
            self.caught(TypeError, self.log(), **keywords)

    def test_rates_of_all_kinds_are_the_same_price(self):
        log = self.log()
        bills = [billing.aggregate(log, rates={"login": rate, "search": 2}, unrated="zero").to_csv()
                 for rate in ("3", 3, decimal.Decimal("3"), decimal.Decimal("3E0"))]
        self.assertEqual(len(set(bills)), 1)
        small = billing.aggregate(log, rates={"*": decimal.Decimal("1E-7")}).to_csv()
        self.assertEqual(small, billing.aggregate(log, rates={"*": "0.0000001"}).to_csv())

    def test_paths_of_all_kinds(self):
        log = self.log()
        expected = billing.aggregate(log, rates=RATES).to_csv()
        for paths in (str(log), os.fsencode(log), [log], (str(log),), self.folder.glob("*.log"),
                      self.folder):
            self.assertEqual(billing.aggregate(paths, rates=RATES).to_csv(), expected)

    def test_a_warning_is_of_the_line_that_called(self):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            billing.aggregate(self.log(), rates={"login": 1})
        self.assertEqual(pathlib.Path(caught[0].filename).name, "test_errors.py")

    def test_dates_of_python(self):
        log = self.log()
        day = datetime.datetime(2025, 5, 3, tzinfo=datetime.timezone.utc)
        for since in (day, day.date(), "2025-05-03"):
            bill = billing.aggregate(log, rates=RATES, since=since)
            self.assertEqual(bill.totals["filtered"], 2)

    def test_no_input_and_no_file(self):
        self.assertIn("files_from", self.caught(billing.ConfigurationError))
        message = self.caught(billing.Error, self.folder / "none.log")
        self.assertIn("none.log", message)
        self.assertIn("paths", self.caught(billing.ConfigurationError, "-"))

    def test_too_many_rejects_bring_the_records(self):
        log = self.log(LINES + "no call\n")
        with self.assertRaises(billing.RejectsError) as caught:
            billing.aggregate(log, rates=RATES)
        self.assertEqual(len(caught.exception.rejects), 1)
        self.assertEqual(caught.exception.rejects.total, 1)
        self.assertIn("max_rejects", str(caught.exception))
        self.assertNotIn("--", str(caught.exception).replace("-->", ""))

    def test_rejects_are_bounded_and_counted(self):
        log = self.log(LINES + "no call\n" * 20_000)
        bill = billing.aggregate(log, rates=RATES, max_rejects=20_000)
        self.assertEqual(bill.rejects_total, 20_000)
        self.assertEqual(len(bill.rejects), 10_000)
        self.assertEqual(bill.totals["rejected"], 20_000)

    def test_warnings_are_python_s_and_stay_with_the_bill(self):
        log = self.log()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            bill = billing.aggregate(log, rates={"login": 1})
        self.assertEqual([str(one.message) for one in caught], bill.warnings)
        self.assertEqual(caught[0].category, billing.Warning)
        self.assertIn("search", bill.warnings[0])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with self.assertRaises(billing.Warning):
                billing.aggregate(log, rates={"login": 1})

    def test_the_environment_counts_only_where_it_is_asked_for(self):
        log = self.log()
        self.write(".env", "RATE_search=7\n")
        before = os.getcwd()
        os.chdir(self.folder)
        self.addCleanup(os.chdir, before)
        os.environ["RATE_login"] = "0.5"
        os.environ["ENVIRONMENT"] = "naive"
        os.environ["BILLING_SIMD"] = "nonsense"
        for name in ("RATE_login", "ENVIRONMENT", "BILLING_SIMD"):
            self.addCleanup(os.environ.pop, name)
        with self.assertRaises(billing.ConfigurationError):
            billing.aggregate(log)
        self.assertIn("BILLING_SIMD", self.caught(billing.ConfigurationError, log, env=True))
        os.environ["BILLING_SIMD"] = "scalar"
        bill = billing.aggregate(log, env=True)
        self.assertEqual(bill.report["engine"], "naive")
        self.assertEqual(bill.report["rates"][0]["source"], "environment")
        self.assertEqual(billing.aggregate(log, rates={"login": 1}).report["engine"], "parallel")

    def test_the_stub_names_every_keyword(self):
        stub = (pathlib.Path(billing.__file__).parent / "_native.pyi").read_text()
        for function, keywords in (("aggregate", _native._aggregate_keywords()),
                                   ("merge", _native._merge_keywords()),
                                   ("check", _native._check_keywords())):
            header = stub[stub.index(f"def {function}("):]
            named = set(re.findall(r"^    (\w+): ", header[:header.index(") -> ")], re.MULTILINE))
            wanted = {keyword for keyword, takes in keywords.items() if takes != "refused"}
            others = {"paths", "partials", "env", "rates", "time_unit", "keep_rejects"}
            self.assertEqual(named - others, wanted - {"input"})
            self.assertTrue(inspect.getdoc(getattr(billing, function)))


if __name__ == "__main__":
    unittest.main()
