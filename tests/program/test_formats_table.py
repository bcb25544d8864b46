"""Tables: headers, quotes, separators, and what their cells mean. Pairs (logfmt) as well."""

import unittest

from formats_fixture import CHUNKS, FormatsTest

HEADER = "time,user,task,status,duration_ms"
DAY = "2025-05-02T00:00:00Z"


def row(user="ann", task="t", ms="1", more=""):
    return f"{DAY},{user},{task},200,{ms}{more}"


class Quotes(FormatsTest):
    def table(self, *rows, options=(), header=HEADER):
        self.log(header, *rows)
        return self.meter("log", "--format", "csv", "--cycle", "all", *options)

    def test_an_unclosed_quote_a_newline_in_quotes_and_a_cell_too_many(self):
        self.log(HEADER, row(ms=1), row(ms=10), row('"bob', ms=100), row('"c\nd"', ms=1000),
                 row(ms=10000, more=",x"))
        for chunk in CHUNKS:
            with self.subTest(chunk=chunk):
                found = self.meter("log", "--format", "csv", "--cycle", "all", "--chunk-bytes",
                                   chunk)
                self.assertEqual((found.counts, found.rows[0][-2], len(found.rows)),
                                 ((2, 2, 1, 0), "11", 1))
                self.assertEqual([(reject[0], reject[2]) for reject in found.rejects],
                                 [(4, "bad_record"), (6, "bad_record")])

    def test_names_in_quotes(self):
        for cell, name in (('"a,b"', "a,b"), ('"a""b"', 'a"b'), ('""""', '"'),
                           ('"ann"', "ann"), ('x"y"z', 'x"y"z'), ("a  b", "a  b"),
                           ("'ann'", "'ann'")):
            with self.subTest(cell=cell):
                self.assertEqual(self.table(row(cell)).rows[0][0], name)

    def test_a_newline_in_a_cell_that_nobody_asks_for(self):
        self.log(HEADER + ",note", row(more=',"a\nb\r\nc"'), row(more=","))
        for chunk in CHUNKS:
            found = self.meter("log", "--format", "csv", "--cycle", "all", "--chunk-bytes", chunk)
            self.assertEqual((found.counts, found.rows[0][-2]), ((2, 0, 1, 0), "2"))

    def test_a_newline_in_a_name_is_no_name(self):
        found = self.table(row('"a\nb"'), row())
        self.assertEqual([(r[0], r[2]) for r in found.rejects], [(2, "bad_user")])

    def test_anything_behind_a_closing_quote_makes_no_record(self):
        for cell in ('"ann"x', '"ann" ', '"a"b"c"', '"a" "b"'):
            with self.subTest(cell=cell):
                found = self.table(row(cell))
                self.assertEqual(found.rejects, [(2, len(HEADER) + 1, "bad_record", row(cell))])

    def test_bad_quotes_are_found_before_a_bad_width(self):
        self.assertEqual(self.table(row('"ann"x', more=",a,b")).rejects[0][2], "bad_record")

    def test_a_line_feed_outside_of_quotes_where_the_parity_is_odd(self):
        found = self.table(row('a"b'), row('c"d'), row())
        self.assertEqual(([reject[2] for reject in found.rejects], found.count("accepted")),
                         (["bad_record"], 1))

    def test_without_quotes_they_are_letters(self):
        found = self.table(row('"ann'), row('b"'), options=("--quote", "none"))
        self.assertEqual([r[0] for r in found.rows], ['"ann', 'b"'])


class Widths(FormatsTest):
    def reason_of(self, line, header=HEADER):
        self.log(header, line)
        return [r[2] for r in self.meter("log", "--format", "csv", "--cycle", "all").rejects]

    def test_rows_of_another_width(self):
        self.assertEqual(self.reason_of(row(more=",x")), ["field_count"])
        self.assertEqual(self.reason_of(row(more=",,x")), ["field_count"])
        self.assertEqual(self.reason_of(row(more=",,x,")), ["field_count"])
        self.assertEqual(self.reason_of(f"{DAY},ann,t,200"), ["field_count"])
        self.assertEqual(self.reason_of(" "), ["field_count"])

    def test_trailing_empty_cells_are_dropped(self):
        for more in (",", ",,,,"):
            with self.subTest(more=more):
                self.assertEqual(self.reason_of(row(more=more)), [])

    def test_where_a_cell_is_wrong(self):
        self.write("log", f"{HEADER}\n{row(ms='x')}\n")
        self.rejects_one("bad_quantity", row(ms="x").index("x") + 1, "log", "--format", "csv")
        self.write("log", f'{HEADER}\n{row(ms="1")},,7\n')
        self.rejects_one("field_count", len(row(ms="1")) + 2, "log", "--format", "csv")
        self.write("log", f"{HEADER}\n{DAY},ann\n")
        self.rejects_one("field_count", len(f"{DAY},ann") + 1, "log", "--format", "csv")


class Headers(FormatsTest):
    def test_blanks_before_the_header_and_between_rows(self):
        self.write("log", f"\ufeff\r\n\n{HEADER}\r\n\r\n{row()}\r\n\n{row()}")
        found = self.meter("log", "--format", "csv")
        self.assertEqual(found.counts, (2, 0, 1, 4))

    def test_names_are_trimmed_and_may_be_quoted(self):
        self.log(' time ,"user", task,\tstatus,duration_ms ', row())
        self.assertEqual(self.meter("log", "--format", "csv").counts, (1, 0, 1, 0))

    def test_empty_names_are_numbered_and_of_doubled_names_the_first_counts(self):
        self.log("time,user,user,,duration_ms", f"{DAY},ann,eve,t,1")
        found = self.meter("log", "--format", "csv", "--task", "column4")
        self.assertEqual(found.rows[0][:3], ["ann", "1", "t"])

    def test_a_name_that_is_lacking_bills_nothing_and_shows_those_that_are_there(self):
        self.log("when,who,what,duration_ms", f"{DAY},ann,t,1")
        self.aggregate("log", "--format", "csv", "--rate", "*=1").fails(2, "--time", "when", "who")
        self.log(HEADER, row())
        self.aggregate("log", "--format", "csv", "--task", "tusk", "--rate", "*=1").fails(
            2, "tusk", "task")

    def test_headers_that_are_broken(self):
        for header in (f'{HEADER},"x', f'"time"x,user,task,status,duration_ms'):
            self.log(header, row())
            self.aggregate("log", "--format", "csv", "--rate", "*=1").fails(2)

    def test_ten_thousand_columns(self):
        names = [f"c{n}" for n in range(10_000)]
        self.log(",".join(names + HEADER.split(",")), ",".join(["x"] * 10_000) + "," + row())
        self.assertEqual(self.meter("log", "--format", "csv", "--task", "c9999").rows[0][2], "x")

    def test_without_a_header(self):
        self.log(row(), row())
        found = self.meter("log", "--format", "csv", "--columns", HEADER)
        self.assertEqual(found.counts, (2, 0, 0, 0))
        found = self.meter("log", "--format", "csv", "--no-header", "--time", "column1", "--user",
                           "column2", "--quantity", "column5:ms")
        self.assertEqual((found.counts, found.quantity), ((2, 0, 0, 0), 2))

    def test_a_name_in_backquotes_is_taken_as_it_stands(self):
        self.log('time,user,"Cost (USD), net"', f"{DAY},ann,1.5")
        found = self.meter("log", "--format", "csv", "--quantity", "`Cost (USD), net`")
        self.assertEqual(found.rows[0][-2], "1.5")


class Cells(FormatsTest):
    def quantities(self, *cells, options=(), separator=","):
        self.log(HEADER.replace(",", separator),
                 *(f"{DAY},ann,t,200,".replace(",", separator) + cell for cell in cells))
        found = self.meter("log", "--format", "csv", "--cycle", "all", *options)
        return (found.rows[0][-2] if found.rows else None), [r[2] for r in found.rejects]

    def test_another_separator_and_a_decimal_comma(self):
        options = ("--separator", ";", "--decimal", ",")
        for cell, quantity in (("1.234,56", "1234.56"), ("1234,5", "1234.5"), ("0,1", "0.1"),
                               ("1.234.567", "1234567"), ("7", "7"), (",5", "0.5"),
                               ('"1.234,56"', "1234.56")):
            with self.subTest(cell=cell):
                self.assertEqual(self.quantities(cell, options=options, separator=";"),
                                 (quantity, []))
        for cell in ("1.5", "1,234.5", "1234.567,8", "1.23.456", ".123", "1..234", "1,2,3", "1.,5",
                     "12.3456"):
            with self.subTest(cell=cell):
                self.assertEqual(self.quantities(cell, options=options, separator=";"),
                                 (None, ["bad_quantity"]))

    def test_groups_of_digits_without_the_decimal_comma_are_no_quantity(self):
        self.assertEqual(self.quantities('"1.234,56"', '"1,234"'), (None, ["bad_quantity"] * 2))

    def test_spaces_belong_to_cells(self):
        self.assertEqual(self.quantities(" 1", "1 ", '"1 "'), (None, ["bad_quantity"] * 3))

    def test_exponents_and_signs(self):
        self.assertEqual(self.quantities("5e-06", "+1E2", "2.5e+0", "0e-999"), ("102.500005", []))

    def test_a_word_that_means_missing(self):
        self.assertEqual(self.quantities("NULL", '"NULL"', "null", "NULL ", "3",
                                         options=("--null", "NULL")), ("3", ["bad_quantity"] * 4))
        self.log(HEADER, row(task="NULL"), row(task="null"))
        found = self.meter("log", "--format", "csv", "--cycle", "all", "--null", "NULL")
        self.assertEqual([r[2] for r in found.rows], ["-", "null"])

    def test_tabs_without_quotes(self):
        self.log(HEADER.replace(",", "\t"), row('"ann').replace(",", "\t"))
        found = self.meter("log", "--format", "tsv")
        self.assertEqual(found.rows[0][0], '"ann')


class Pairs(FormatsTest):
    def of(self, line):
        self.log(line)
        found = self.meter("log", "--format", "logfmt", "--time", "none", "--cycle", "all")
        return found.rows[0][0] if found.rows else found.rejects[0][2]

    def test_how_values_are_written(self):
        for value, user in (("ann", "ann"), ('"al ice"', "al ice"), ('"a\\"b\\\\c"', 'a"b\\c'),
                            ("a=b=c", "a=b=c"), (r'"\u0061nn"', "ann"), (r"a\nb", r"a\nb"),
                            ('"é"', "é"), ("ann\tx=1", "ann")):
            with self.subTest(value=value):
                self.assertEqual(self.of(f"user={value} quantity=1"), user)

    def test_what_makes_no_record(self):
        for line in ("user quantity", 'user="ann quantity=1', 'user="ann"x quantity=1',
                     r'user="\q" quantity=1', 'user=a"b quantity=1', "=a user=b quantity=1",
                     r'user="\u12" quantity=1', '"user"=a quantity=1', r'user="\ud800" quantity=1'):
            with self.subTest(line=line):
                self.assertEqual(self.of(line), "bad_record")

    def test_of_a_key_twice_the_first_counts_and_alone_it_is_true(self):
        self.assertEqual(self.of("user=ann user=eve quantity=1"), "ann")
        self.assertEqual(self.of("user quantity=1"), "true")
        self.assertEqual(self.of("user= quantity=1"), "bad_user")
        self.assertEqual(self.of('user="" quantity=1'), "bad_user")
        self.assertEqual(self.of("quantity=1"), "bad_user")


if __name__ == "__main__":
    unittest.main()
