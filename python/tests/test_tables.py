"""Tables in and out: bills as Arrow, and bills of tables, beside pyarrow, Polars, DuckDB and pandas."""
import datetime
import decimal
import unittest

import duckdb
import pandas
import polars
import pyarrow as pa

import billing
from fixture import LINES, RATES, PackageTest, words_of
from test_merge import random_lines

UTC = datetime.timezone.utc
RULES = {"rates": {"*": "0.0125"}}


def table_of(lines):
    """The lines of a log as a table of pyarrow."""
    columns = {"time": [], "user": [], "task": [], "status": [], "duration_ms": []}
    for line in lines.splitlines():
        time, user, task, status, duration = line.split()
        columns["time"].append(datetime.datetime.fromisoformat(time.replace("Z", "+00:00")))
        columns["user"].append(user)
        columns["task"].append(task)
        columns["status"].append(int(status))
        columns["duration_ms"].append(int(duration.removesuffix("ms")))
    return pa.table(columns, schema=pa.schema([
        ("time", pa.timestamp("us", tz="UTC")), ("user", pa.string()), ("task", pa.string()),
        ("status", pa.int64()), ("duration_ms", pa.int64())]))


class BillAsTableTest(PackageTest):
    def test_four_libraries_take_a_bill(self):
        bill = billing.aggregate(self.log(random_lines(1000)), rates=RATES, cycle="month")
        table = pa.table(bill)
        table.validate(full=True)
        text = bill.to_csv().decode().splitlines()
        self.assertEqual(table.column_names, text[0].split(","))
        rows = [",".join(map(str, row.values())) for row in table.to_pylist()]
        self.assertEqual(rows, text[1:])
        frame = polars.DataFrame(bill)
        self.assertEqual([",".join(map(str, row)) for row in frame.rows()], rows)
        self.assertEqual([",".join(map(str, row))
                          for row in duckdb.sql("select * from bill").fetchall()], rows)
        panda = pandas.DataFrame.from_arrow(bill)
        self.assertEqual([",".join(map(str, row)) for row in panda.itertuples(index=False)], rows)
        self.assertEqual(duckdb.sql("select sum(cost) from bill").fetchall()[0][0],
                         bill.totals["billed"])

    def test_what_is_not_grouped_by_is_no_column(self):
        log = self.log()
        for group_by in ("user", "cycle", "task", "user,task", "cycle,task"):
            bill = billing.aggregate(log, rates=RATES, group_by=group_by)
            header = bill.to_csv().decode().split("\n")[0]
            self.assertEqual(pa.table(bill).column_names, header.split(","))

    def test_more_lines_than_a_batch_has(self):
        lines = "".join(f"2025-05-02T10:00:00Z user{i} login 200 {i % 90}ms\n" for i in range(150_000))
        bill = billing.aggregate(self.log(lines), rates=RATES, group_by="user")
        table = pa.table(bill)
        table.validate(full=True)
        self.assertEqual(len(table), 150_000)
        self.assertGreater(table.column("user").num_chunks, 1)
        self.assertEqual(sum(table.column("duration_ms").to_pylist()), bill.totals["quantity"])

    def test_an_empty_bill_has_its_columns(self):
        bill = billing.aggregate(self.log(), rates=RATES, since="2030-01-01")
        for table in (pa.table(bill), polars.DataFrame(bill), pandas.DataFrame.from_arrow(bill)):
            self.assertEqual(len(table), 0)
        self.assertEqual(pa.table(bill).column_names, ["user", "cycle", "task", "calls", "duration_ms",
                                                       "cost"])

    def test_decimal_quantities_and_scales(self):
        log = self.write("c.jsonl", '{"t": 1746227810, "u": "ann", "n": 2.5}\n')
        bill = billing.aggregate(log, format="json", time="t:unix", user="u", quantity="n", scale=4,
                                 quantity_digits=3, rates={"*": "0.0001"}, group_by="user")
        self.assertEqual(pa.table(bill).to_pylist(), [
            {"user": "ann", "calls": 1, "quantity": decimal.Decimal("2.500"),
             "cost": decimal.Decimal("0.0003")}])
        self.assertEqual(pa.schema(bill).field("quantity").type, pa.decimal128(19, 3))

    def test_a_cost_of_39_digits_is_no_decimal_but_stands_in_csv(self):
        log = self.log("2025-05-02T10:00:00Z u t 200 130000000000000ms\n")
        bill = billing.aggregate(log, rates={"t": "999999999999"}, scale=12, group_by="user")
        self.assertGreater(len(bill.to_csv().decode().split(",")[-1].strip()), 39)
        with self.assertRaisesRegex(billing.Error, "scale"):
            pa.table(bill)

    def test_a_table_outlives_its_bill(self):
        table = pa.table(billing.aggregate(self.log(), rates=RATES))
        self.assertEqual(table.num_rows, len(table.to_pylist()))

    def test_rejects_are_a_table(self):
        log = self.log(LINES + "no call\n\x01\xff bad\n")
        bill = billing.aggregate(log, rates=RATES, max_rejects=2, rejects=self.folder / "r.csv")
        rows = pa.table(bill.rejects).to_pylist()
        listed = (self.folder / "r.csv").read_text().splitlines()
        self.assertEqual([[str(row[name]) for name in listed[0].split(",")] for row in rows],
                         [line.split(",") for line in listed[1:]])


class BillOfTableTest(PackageTest):
    def test_tables_of_four_libraries_make_the_bill_of_the_log(self):
        lines = random_lines(40_000) + LINES
        table = table_of(lines)
        for keywords in ({}, {"cycle": "month", "timezone": "Asia/Tokyo"}, {"group_by": "user"},
                         {"status": "2xx", "since": "2025-05-01"}, {"threads": 1}):
            expected = self.bill_of_program("aggregate", "-q", self.log(lines), "--output-format=csv",
                                            *words_of({**RULES, **keywords}))
            frame = polars.from_arrow(table)
            for given in (table, frame, frame.with_columns(polars.col("task").cast(polars.Categorical)),
                          table.to_pandas(), duckdb.sql("select * from frame"),
                          table.to_reader(max_chunksize=777)):
                bill = billing.aggregate(given, **RULES, **keywords)
                self.assertEqual(bill.to_csv(), expected, f"{keywords} of {type(given)}")

    def test_columns_of_other_names_and_types(self):
        table = table_of(LINES)
        expected = billing.aggregate(table, **RULES, cycle="day").to_csv()
        other = table.rename_columns(["at", "who", "what", "code", "ms"])
        named = {"time": "at", "user": "who", "task": "what", "status_from": "code", "quantity": "ms",
                 "unit": "ms", "cycle": "day"}
        for unit in ("s", "ms", "us", "ns"):
            times = other["at"].cast(pa.timestamp(unit, tz="UTC"), safe=False)
            changed = other.set_column(0, "at", times)
            self.assertEqual(billing.aggregate(changed, **RULES, **named).to_csv(), expected)
            number = changed.set_column(0, "at", changed["at"].cast(pa.int64()))
            bill = billing.aggregate(number, **RULES, **named, time_unit=unit)
            self.assertEqual(bill.to_csv(), expected)
        for kind in (pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string()),
                     pa.dictionary(pa.uint32(), pa.large_string())):
            changed = other.set_column(1, "who", other["who"].cast(kind))
            self.assertEqual(billing.aggregate(changed, **RULES, **named).to_csv(), expected)
        for kind in (pa.int16(), pa.uint64(), pa.decimal128(30, 0)):
            changed = other.set_column(4, "ms", other["ms"].cast(kind))
            self.assertEqual(billing.aggregate(changed, **RULES, **named).to_csv(), expected)

    def test_slices_and_pieces(self):
        table = table_of(random_lines(100))
        expected = billing.aggregate(table.slice(7, 50), **RULES).to_csv()
        text = "".join(random_lines(100).splitlines(True)[7:57])
        self.assertEqual(billing.aggregate(self.log(text), **RULES).to_csv(), expected)

    def test_naive_times_are_of_the_time_zone(self):
        moment = datetime.datetime(2025, 5, 2, 0, 30)
        table = pa.table({"time": [moment], "user": ["a"], "task": ["t"], "duration_ms": [1]})
        for zone, day in (("UTC", "2025-05-02"), ("Asia/Tokyo", "2025-05-02")):
            bill = billing.aggregate(table, **RULES, cycle="day", timezone=zone)
            self.assertEqual(pa.table(bill)["cycle"].to_pylist(), [day])
        bill = billing.aggregate(table, **RULES, cycle="day", input_timezone="Asia/Tokyo")
        self.assertEqual(pa.table(bill)["cycle"].to_pylist(), ["2025-05-01"])
        skipped = datetime.datetime(2025, 3, 30, 2, 30)
        table = pa.table({"time": [skipped], "user": ["a"], "task": ["t"], "duration_ms": [1]})
        with self.assertRaises(billing.RejectsError):
            billing.aggregate(table, **RULES, timezone="Europe/Berlin")

    def test_decimals_digits_and_credits(self):
        amounts = [decimal.Decimal("1.250"), decimal.Decimal("-0.250"), decimal.Decimal("0.001")]
        table = pa.table({"time": [datetime.datetime(2025, 5, 2, tzinfo=UTC)] * 3, "user": ["a"] * 3,
                          "task": ["t"] * 3, "pages": pa.array(amounts, pa.decimal128(10, 3))})
        bill = billing.aggregate(table, rates={"t": 2}, quantity="pages", negative="allow", scale=3)
        self.assertEqual(bill.totals["quantity"], decimal.Decimal("1.001"))
        self.assertEqual(bill.totals["billed"], decimal.Decimal("2.002"))
        self.assertEqual(bill.totals["unit"], "units")
        bill = billing.aggregate(table, rates={"t": 2}, quantity="pages", max_rejects=2,
                                 quantity_digits=2)
        self.assertEqual(bill.totals["rejected_by_reason"]["bad_quantity"], 2)
        self.assertEqual(pa.table(bill.rejects)["line"].to_pylist(), [2, 3])

    def test_cells_that_make_no_event_are_rejects_by_row(self):
        time = datetime.datetime(2025, 5, 2, tzinfo=UTC)
        rows = [(time, "a", "t", 200, 1), (None, "a", "t", 200, 1), (time, None, "t", 200, 1),
                (time, "a", None, 200, 1), (time, "a", "t", None, 1), (time, "a", "t", 200, None),
                (time, "", "t", 200, 1), (time, "x" * 256, "t", 200, 1), (time, "a\n", "t", 200, 1),
                (time, "a", "t", 1000, 1), (time, "a", "t", 200, -1),
                (time, "a", "t", 200, 10**15),
                (datetime.datetime(1969, 1, 1, tzinfo=UTC), "a", "t", 200, 1)]
        schema = table_of("").schema
        table = pa.table({name: [row[i] for row in rows] for i, name in enumerate(schema.names)},
                         schema=schema)
        reasons = ["bad_time", "bad_user", "bad_task", "bad_status", "bad_duration", "bad_user",
                   "bad_user", "bad_user", "bad_status", "bad_duration", "bad_duration", "bad_time"]
        bill = billing.aggregate(table, **RULES, max_rejects="99%")
        self.assertEqual(pa.table(bill.rejects)["reason"].to_pylist(), reasons)
        self.assertEqual(pa.table(bill.rejects)["line"].to_pylist(), list(range(2, 14)))
        self.assertEqual(bill.totals["accepted"], 1)

    def test_unrated_rows_can_be_rejected(self):
        bill = billing.aggregate(table_of(LINES), rates={"login": 1}, unrated="reject", max_rejects=9)
        self.assertEqual(bill.totals["rejected_by_reason"]["unrated_task"], 3)

    def test_what_is_no_table_of_calls(self):
        table = table_of(LINES)
        floats = table.set_column(4, "duration_ms", table["duration_ms"].cast(pa.float64()))
        cases = [(table, {"user": "usr"}, "did you mean 'user'"), (table, {"user": "status"}, "strings"),
                 (floats, {}, "float"), (table, {"time": "user"}, "timestamp"),
                 (table, {"time_unit": "ms"}, "time_unit"), (table, {"where": "status < 500"}, "where"),
                 (table, {"state": "s"}, "state"), (table, {"naive": True}, "naive"),
                 (table, {"format": "csv"}, "format"), (table, {"status_from": "user"}, "integers")]
        for given, keywords, part in cases:
            with self.assertRaises(billing.ConfigurationError, msg=str(keywords)) as caught:
                billing.aggregate(given, **RULES, **keywords)
            self.assertIn(part, str(caught.exception))

    def test_a_stream_that_fails_is_an_error(self):
        schema = table_of("").schema

        def batches():
            yield table_of(LINES).to_batches()[0]
            raise RuntimeError("the database has gone")

        reader = pa.RecordBatchReader.from_batches(schema, batches())
        with self.assertRaisesRegex(billing.Error, "the database has gone"):
            billing.aggregate(reader, **RULES)

    def test_a_partial_of_tables(self):
        lines = random_lines(500)
        maker = billing.PartialMaker(cycle="month")
        maker.add_events(table_of(lines), "monday")
        maker.add_events(polars.from_arrow(table_of(LINES)), "tuesday")
        self.assertEqual(maker.totals["records"], 507)
        bill = billing.merge(maker.finish(), **RULES)
        log = self.log(lines + LINES)
        self.assertEqual(bill.to_csv(), billing.aggregate(log, **RULES, cycle="month").to_csv())


if __name__ == "__main__":
    unittest.main()
