"""Objects, a line each: what is a record, and what its values mean."""

import unittest

from formats_fixture import FormatsTest

BY_QUANTITY = ("log", "--format", "json", "--time", "none", "--cycle", "all")


def entry(quantity="12", more="", user='"ann"'):
    return f'{{"user":{user},"task":"t"{more},"quantity":{quantity}}}'


class Quantities(FormatsTest):
    def quantity_of(self, *lines):
        self.log(*lines)
        return self.meter(*BY_QUANTITY)

    def test_one_number_however_it_is_written(self):
        for written in ('"12"', "12", "12.0", "1.2e1", "120E-1", '"1.2e+1"', '"+12"', '"012"',
                        "12.000000000000000000000000000000", "0.0012e4", '".12e2"'):
            with self.subTest(written=written):
                found = self.quantity_of(entry(written))
                self.assertEqual(found.rows, [["ann", "all", "t", "1", "12", "12.000000000000"]])

    def test_numbers_that_json_does_not_know_make_no_record(self):
        for written in ("012", "+12", ".5", "5.", "NaN", "Infinity", "-", "1e", "0x1", "1_000",
                        "12\t12", "'12'", "--1", "1.e1", "TRUE", "nul"):
            with self.subTest(written=written):
                found = self.quantity_of(entry(written))
                self.assertEqual(found.rejects, [(1, 0, "bad_record", entry(written).replace(
                    "\t", "\\t"))])

    def test_values_that_are_no_quantity(self):
        for written in ("-5", "-0", '"-5"', '"NaN"', '"12 "', '" 12"', '""', "null", "true", "[12]",
                        '{"a":12}', '"1,5"', '"1e1000"', "1e9999", '"12."', '"."', '"0x1"', '"1e"',
                        "0.0000001", "1000000000", '"1e-7"', "1" * 400, "0." + "1" * 400):
            with self.subTest(written=written):
                found = self.quantity_of(entry(written))
                self.assertEqual([reject[2] for reject in found.rejects], ["bad_quantity"])

    def test_the_largest_and_the_smallest_quantity(self):
        for written in ("999999999.999999", "0.000001", "0", "0e999", "0.000000000000000000e-999",
                        "0" + "." + "0" * 5 + "1" + "0" * 5000, "1e-6"):
            with self.subTest(written=written):
                self.assertEqual(self.quantity_of(entry(written)).counts, (1, 0, 0, 0))

    def test_credits_where_they_are_allowed(self):
        self.log(entry("-5.5"), entry("-0"), entry('"-0.0e5"'), entry("7"))
        found = self.meter(*BY_QUANTITY, "--negative", "allow")
        self.assertEqual(found.rows, [["ann", "all", "t", "4", "1.5", "1.500000000000"]])

    def test_a_quantity_that_is_missing(self):
        found = self.quantity_of('{"user":"ann","task":"t"}')
        self.assertEqual(found.rejects[0][2], "bad_quantity")

    def test_integers_beyond_two_to_the_53_are_unharmed(self):
        self.log('{"user":"a","start":9007199254740993,"end":9007199254740994}',
                 '{"user":"a","start":9223372036854775807,"end":9223372036854775808}')
        found = self.meter(*BY_QUANTITY, "--quantity", "end:ns - start:ns", "--unit", "ns")
        self.assertEqual((found.rows[0][-2], found.counts), ("2", (2, 0, 0, 0)))


class Records(FormatsTest):
    def reason_of(self, line):
        self.log(line)
        return [reject[2] for reject in self.meter(*BY_QUANTITY).rejects]

    def test_a_record_is_valid_as_a_whole_also_where_nobody_asks(self):
        for more in ('"x":tru', '"x":01', r'"x":"\q"', '"x":[1,]', '"x":{"a":1,}', '"x":"a\tb"',
                     r'"x":"\ud800"', r'"x":"\udc00\ud800"', r'"a\u0000b":1', '"x":"\x7f\x01"',
                     '"x":1 2', '"x"', '"x":', ':1', '"x":1,,"y":2', 'x:1', r'"x":"\u12g4"',
                     '"x":[[]', '"x":{"y"}', "/*c*/\"x\":1"):
            with self.subTest(more=more):
                self.assertEqual(self.reason_of(entry(more="," + more)), ["bad_record"])

    def test_bytes_that_are_no_utf8_where_nobody_asks(self):
        for bad in (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xc0\xaf"):
            with self.subTest(bad=bad):
                self.assertEqual(self.reason_of(entry(more=',"x":"?"').encode().replace(b"?", bad)),
                                 ["bad_record"])

    def test_what_is_no_object(self):
        for line in ("[1]", "1", '"a"', "null", entry() + entry(), entry() + " 1", entry() + ",",
                     "{", "{}}", "x", "#", entry()[:-1], entry() + "\0"):
            with self.subTest(line=line):
                self.assertEqual(self.reason_of(line), ["bad_record"])

    def test_depth(self):
        for depth, reasons in ((62, []), (63, []), (64, ["bad_record"]), (10_000, ["bad_record"])):
            for opened, closed in ("[]", ('{"a":', "}")):
                with self.subTest(depth=depth, opened=opened):
                    value = opened * (depth - 1) + ("[]" if opened == "[" else "{}") + closed * (
                        depth - 1)
                    self.assertEqual(self.reason_of(entry(more=',"x":' + value)), reasons)

    def test_keys_are_compared_unescaped(self):
        self.log('{"\\u0075ser":"ann","ta\\u0073k":"t","quantity":"\\u0031\\u0032"}')
        found = self.meter(*BY_QUANTITY)
        self.assertEqual(found.rows[0][:5], ["ann", "all", "t", "1", "12"])

    def test_of_a_key_twice_the_first_counts_also_inside_paths(self):
        self.log('{"user":"ann","user":"eve","a":{"n":1,"n":9},"a":{"n":8}}')
        found = self.meter(*BY_QUANTITY, "--quantity", "a.n")
        self.assertEqual((found.rows[0][0], found.rows[0][-2]), ("ann", "1"))

    def test_the_whole_name_as_a_key_goes_before_the_path(self):
        for line, expected in (('{"u":{"id":"path"},"u.id":"key","quantity":1}', "key"),
                               ('{"u":{"id":"path"},"quantity":1}', "path")):
            self.log(line)
            found = self.meter(*BY_QUANTITY, "--user", "u.id")
            self.assertEqual(found.rows[0][0], expected)
        self.log('{"u":{"id":"path"},"u.id":null,"quantity":1}')
        found = self.meter(*BY_QUANTITY, "--user", "u.id")
        self.assertEqual(found.rejects[0][2], "bad_user")

    def test_pointers_lead_into_arrays(self):
        self.log('{"a~/b":[{"n":"x"},{"n":"ann"}],"quantity":1}')
        found = self.meter(*BY_QUANTITY, "--user", "/a~0~1b/1/n")
        self.assertEqual(found.rows[0][0], "ann")
        for pointer in ("/a~0~1b/2/n", "/a~0~1b/01/n", "/a~0~1b/-/n", "/a~0~1b/n", "/x"):
            found = self.meter(*BY_QUANTITY, "--user", pointer)
            self.assertEqual(found.rejects[0][2], "bad_user", pointer)

    def test_numbers_are_names_as_they_are_written(self):
        self.log(*(entry(user=user) for user in ("1.0", "1", "1e2", "true", "-0")))
        found = self.meter(*BY_QUANTITY)
        self.assertEqual([row[0] for row in found.rows], ["-0", "1", "1.0", "1e2", "true"])

    def test_a_status_is_a_number_or_a_string_of_one_to_three_digits(self):
        for status, reasons in (('"200"', []), ("200", []), ("0", []), ("7", []), ("null", []),
                                ('""', []), ('"-"', []), ('"-1"', []), ("-1", []),
                                ("200.0", ["bad_status"]), ("2e2", ["bad_status"]),
                                ("1000", ["bad_status"]), ('"ok"', ["bad_status"]),
                                ("true", ["bad_status"]), ("[200]", ["bad_status"])):
            with self.subTest(status=status):
                self.assertEqual(self.reason_of(entry(more=f',"status":{status}')), reasons)

    def test_a_record_of_a_mebibyte_and_one_that_is_too_long(self):
        long = entry(more=',"x":"' + "x" * 2**20 + '"')
        self.log(long, entry())
        self.assertEqual(self.meter(*BY_QUANTITY).counts, (2, 0, 0, 0))
        found = self.meter(*BY_QUANTITY, "--max-record-bytes", "1MiB")
        self.assertEqual((found.counts, found.rejects[0][2]), ((1, 1, 0, 0), "too_long"))

    def test_a_byte_order_mark_crlf_blanks_and_spaces_around(self):
        self.write("log", "\ufeff" + entry() + "\r\n\r\n \t\r\n  " + entry() + " \t\r\n" + entry())
        self.assertEqual(self.meter(*BY_QUANTITY).counts, (3, 0, 0, 2))


class NamesThatAreNotThere(FormatsTest):
    def refused(self, *arguments):
        result = self.aggregate("log", *arguments, "--rate", "*=1")
        self.assertEqual((result.code, result.out), (3, b""), result.err)
        return result.err

    def test_fields_and_options_are_listed(self):
        self.log('{"ts":1746227810,"who":{"id":"u1"},"bytes":12}')
        error = self.refused("--format", "json")
        for said in ("\n  ts  1746227810", "\n  who.id  u1", "\n  bytes  12", "--time", "--user",
                     "--quantity"):
            self.assertIn(said, error)
        self.write("log", '[{"ts":1746227810,\n"who":"u1","quantity":1}]')
        error = self.refused("--format", "json", "--time", "ts")
        self.assertIn("say which of them is what: --user (", error)

    def test_of_pairs_too(self):
        self.log("ts=2025-05-02T23:16:50Z who=ann level=info")
        self.assertIn("\n  who  ann", self.refused("--format", "logfmt"))

    def test_nothing_is_said_where_names_are_there(self):
        self.log('{"time":"yesterday","user":"a","quantity":1}')
        self.assertNotIn("fields", self.refused("--format", "json"))


class Times(FormatsTest):
    def instant_of(self, value, *options):
        self.log(f'{{"time":{value},"user":"ann","quantity":1}}')
        found = self.meter("log", "--format", "json", *options)
        return [reject[2] for reject in found.rejects] or found.summary["earliest"]

    def test_epochs_to_the_digit(self):
        for value, instant in (("1693840791.7564995", "2023-09-04T15:19:51.7564995Z"),
                               ("1712790044995000000", "2024-04-10T23:00:44.995Z"),
                               ("1756494783340", "2025-08-29T19:13:03.340Z"),
                               ('"1693840791.756499512"', "2023-09-04T15:19:51.756499512Z"),
                               ("1712790044995123456", "2024-04-10T23:00:44.995123456Z"),
                               ("1712790044995123.456", "2024-04-10T23:00:44.995123456Z"),
                               ("100000000", "1973-03-03T09:46:40Z")):
            with self.subTest(value=value):
                self.assertEqual(self.trimmed(self.instant_of(value)), self.trimmed(instant))

    @staticmethod
    def trimmed(instant):
        if "." not in instant:
            return instant
        return instant.rstrip("Z").rstrip("0").rstrip(".") + "Z"

    def test_numbers_whose_unit_is_not_clear_are_no_times(self):
        for value in ("0", "99999999", "10000000000", "99999999999", "10000000000000",
                      "10000000000000000", "10000000000000000000", "-1693840791", "1.6e9",
                      "1693840791.1234567891", '"1693840791 "', "1" * 500):
            with self.subTest(value=value):
                self.assertEqual(self.instant_of(value), ["bad_time"])

    def test_a_kind_that_is_said_is_taken(self):
        for kind, value, instant in (("unix", "10000000000", "2286-11-20T17:46:40Z"),
                                     ("unix", "0", "1970-01-01T00:00:00Z"),
                                     ("unix_ms", "0.000001", "1970-01-01T00:00:00.000000001Z"),
                                     ("unix_us", "1", "1970-01-01T00:00:00.000001Z"),
                                     ("unix_ns", "1.0", "1970-01-01T00:00:00.000000001Z")):
            with self.subTest(kind=kind, value=value):
                found = self.instant_of(value, "--time", f"time:{kind}")
                if instant > "2262":
                    self.assertEqual(found, ["bad_time"])
                else:
                    self.assertEqual(self.trimmed(found), self.trimmed(instant))

    def test_ten_digits_behind_the_point_of_a_second_are_no_time_unless_zeros(self):
        self.assertEqual(self.instant_of('"2025-05-02T00:00:00.1234567890Z"'),
                         "2025-05-02T00:00:00.123456789Z")
        self.assertEqual(self.instant_of('"2025-05-02T00:00:00.1234567891Z"'), ["bad_time"])
        self.assertEqual(self.instant_of("1.5", "--time", "time:unix_ns"), ["bad_time"])

    def test_ways_to_write_a_time(self):
        for written in ("2025-05-02 21:16:50Z", "2025-05-02t21:16:50z", "2025-05-02_21:16:50 UTC",
                        "2025-05-02T21:16:50,000 GMT", "2025-05-02T23:16:50+0200",
                        "2025-05-02T23:16:50 +02", "2025-05-02 21:16:50",
                        "02/May/2025:23:16:50 +0200"):
            with self.subTest(written=written):
                self.assertEqual(self.trimmed(self.instant_of(f'"{written}"')),
                                 "2025-05-02T21:16:50Z")
        self.assertEqual(self.instant_of('"2025-05-02"'), "2025-05-02T00:00:00Z")

    def test_what_is_no_time(self):
        for written in ("2025-05-02T21:16", "2025-05-02T21:16:60Z", "2025-02-29", "2025-5-2",
                        "2025-05-02T24:00:00Z", "2025-05-02T21:16:50+24:00",
                        "2025-05-02T21:16:50  Z",
                        "2025-05-02T21:16:50 ", "2025-05-02T21:16:50.Z", "20250502T211650Z",
                        "02/may/2025:23:16:50 +0200", "2/May/2025:23:16:50 +0200", "",
                        "1969-12-31T23:59:59Z", "2262-01-01T00:00:00Z", "2025-05-02T21:16:50 CET"):
            with self.subTest(written=written):
                self.assertEqual(self.instant_of(f'"{written}"'), ["bad_time"])

    def test_local_times_twice_a_night_are_the_earlier_and_lacking_ones_are_rejects(self):
        berlin = ("--input-timezone", "Europe/Berlin")
        self.assertEqual(self.instant_of('"2025-10-26 02:30:00"', *berlin), "2025-10-26T00:30:00Z")
        self.assertEqual(self.instant_of('"2025-10-26 03:00:00"', *berlin), "2025-10-26T02:00:00Z")
        self.assertEqual(self.instant_of('"2025-03-30 02:30:00"', *berlin), ["bad_time"])
        self.assertEqual(self.instant_of('"2025-03-30 02:00:00"', *berlin), ["bad_time"])
        self.assertEqual(self.instant_of('"2025-03-30 03:00:00"', *berlin), "2025-03-30T01:00:00Z")
        self.assertEqual(self.instant_of('"2025-03-30 02:30:00Z"', *berlin), "2025-03-30T02:30:00Z")

    def test_local_times_are_those_of_the_time_zone_where_no_other_is_said(self):
        self.assertEqual(self.instant_of('"2025-07-01 00:00:00"', "--timezone", "Europe/Berlin"),
                         "2025-06-30T22:00:00Z")


if __name__ == "__main__":
    unittest.main()
