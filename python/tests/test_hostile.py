"""Bytes and tables that nobody should have made: errors and rejects, never a crash."""
import random
import unittest

import pyarrow as pa

import billing
from fixture import LINES, RATES, PackageTest
from test_tables import RULES, table_of


def mutated(chance, blob):
    """The blob with some of its bytes changed, gone or doubled."""
    blob = bytearray(blob)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(blob))
        way = chance.randrange(4)
        if way == 0:
            blob[at] = chance.randrange(256)
        elif way == 1:
            del blob[at:at + chance.randint(1, 9)]
        elif way == 2:
            blob[at:at] = blob[at:at + chance.randint(1, 40)]
        else:
            blob[at:at + 4] = chance.choice([b"\xff" * 4, b"\0" * 4, b"\n" * 4, b"\x1f\x8b\x08\0"])
        if not blob:
            blob = bytearray(b"x")
    return bytes(blob)


class HostileBytesTest(PackageTest):
    def test_logs(self):
        chance = random.Random(11)
        for _ in range(150):
            log = self.log(mutated(chance, LINES.encode()))
            try:
                bill = billing.aggregate(log, max_rejects="99%", unrated="zero", format="auto")
                pa.table(bill).validate(full=True)
                pa.table(bill.rejects).validate(full=True)
                self.assertEqual(bill.to_csv().count(b"\n"), len(bill) + 1)
            except billing.Error as error:
                self.assertTrue(str(error))
            billing.check(self.log(b"2025 " + mutated(chance, LINES.encode()))).to_text()

    def test_lines_in_memory(self):
        chance = random.Random(12)
        for _ in range(150):
            maker = billing.PartialMaker(max_rejects="100%")
            try:
                maker.add_lines(mutated(chance, LINES.encode()), chance.choice(["a", "\x01", "x" * 300]))
                billing.merge(maker.finish(), unrated="zero")
            except billing.Error as error:
                self.assertTrue(str(error))

    def test_partials(self):
        chance = random.Random(13)
        maker = billing.PartialMaker()
        maker.add_lines(LINES.encode() * 20, "log")
        whole = maker.finish()
        for _ in range(300):
            try:
                billing.merge([mutated(chance, whole)], rates=RATES).to_csv()
            except billing.Error as error:
                self.assertTrue(str(error))

    def test_names_with_bytes_that_are_no_text(self):
        path = self.write("log-\udcff.log", LINES)
        bill = billing.aggregate(path, partial=self.folder / "p-\udcfe")
        self.assertEqual(bill.partial, str(self.folder / "p-\udcfe"))
        with self.assertRaises(billing.Error) as caught:
            billing.aggregate(self.folder / "none-\udcff.log", rates=RATES)
        self.assertIn("\\xFF", str(caught.exception))


class Given:
    """An object that hands out what it was told to."""

    def __init__(self, capsule):
        self.capsule = capsule

    def __arrow_c_stream__(self, requested_schema=None):
        if isinstance(self.capsule, Exception):
            raise self.capsule
        return self.capsule


class HostileTablesTest(PackageTest):
    def bill_with(self, place, column):
        table = table_of(LINES.splitlines(True)[0] * 3)
        table = table.set_column(place, table.column_names[place], column)
        return billing.aggregate(table, **RULES, max_rejects="100%")

    def reasons_of(self, bill):
        return pa.table(bill.rejects)["reason"].to_pylist()

    def test_offsets_that_lead_back_and_beyond(self):
        offsets = pa.py_buffer(b"".join(n.to_bytes(4, "little", signed=True) for n in (0, 3, 1, 3)))
        column = pa.StringArray.from_buffers(3, offsets, pa.py_buffer(b"abc"))
        self.assertEqual(self.reasons_of(self.bill_with(1, column)), ["bad_user"])
        offsets = pa.py_buffer(b"".join(n.to_bytes(4, "little", signed=True) for n in (0, 900, 3, 3)))
        column = pa.StringArray.from_buffers(3, offsets, pa.py_buffer(b"abc"))
        self.assertEqual(self.reasons_of(self.bill_with(1, column)), ["bad_user"] * 3)

    def test_text_that_is_no_text(self):
        offsets = pa.py_buffer(b"".join(n.to_bytes(4, "little") for n in (0, 1, 2, 3)))
        column = pa.StringArray.from_buffers(3, offsets, pa.py_buffer(b"a\xff\0"))
        self.assertEqual(self.reasons_of(self.bill_with(2, column)), ["bad_task"] * 2)

    def test_numbers_of_a_dictionary_that_are_none_of_its_values(self):
        for index in (7, -1):
            column = pa.DictionaryArray.from_arrays(pa.array([0, index, 1], pa.int8()), ["a", "b"],
                                                    safe=False)
            self.assertEqual(self.reasons_of(self.bill_with(1, column)), ["bad_user"])

    def test_views_that_lead_nowhere(self):
        def view(length, buffer, offset):
            numbers = [n.to_bytes(4, "little", signed=True) for n in (length, buffer, offset)]
            return numbers[0] + b"abcd" + numbers[1] + numbers[2]

        for wrong in (view(20, 5, 0), view(20, -1, 0), view(20, 0, 90), view(20, 0, -4), view(-1, 0, 0)):
            views = view(20, 0, 0) + wrong + view(20, 0, 1)
            column = pa.Array.from_buffers(pa.string_view(), 3,
                                           [None, pa.py_buffer(views), pa.py_buffer(b"x" * 30)])
            self.assertEqual(self.reasons_of(self.bill_with(1, column)), ["bad_user"])

    def test_capsules_that_are_none(self):
        stream = table_of(LINES).__arrow_c_stream__()
        billing.aggregate(Given(stream), **RULES)
        with self.assertRaisesRegex(billing.Error, "released"):
            billing.aggregate(Given(stream), **RULES)
        for capsule in (None, 7, table_of(LINES).schema.__arrow_c_schema__()):
            with self.assertRaises((ValueError, TypeError)):
                billing.aggregate(Given(capsule), **RULES)
        with self.assertRaises(ZeroDivisionError):
            billing.aggregate(Given(ZeroDivisionError()), **RULES)
        array = pa.array([1, 2])
        with self.assertRaisesRegex(billing.ConfigurationError, "no columns"):
            billing.aggregate(pa.chunked_array([array]), **RULES)

    def test_random_cells(self):
        chance = random.Random(17)
        names = table_of("").column_names
        for _ in range(60):
            columns = []
            for name in names:
                values = [chance.choice([None, 0, -1, 2**62, -2**63, chance.randrange(10**6)])
                          for _ in range(50)]
                if name == "time":
                    columns.append(pa.array(values, pa.timestamp(chance.choice(["s", "ms", "us", "ns"]),
                                                                 chance.choice([None, "UTC"]))))
                elif name in ("user", "task"):
                    columns.append(pa.array([None if value is None else chr(abs(value) % 0xd000)
                                             for value in values]))
                else:
                    columns.append(pa.array(values, pa.int64()))
            table = pa.table(columns, names=names)
            bill = billing.aggregate(table, **RULES, max_rejects="100%", timezone="Europe/Berlin",
                                     cycle=chance.choice(["calls:5", "month", "hour", "every:15m"]))
            self.assertEqual(bill.totals["records"], 50)
            pa.table(bill).validate(full=True)


if __name__ == "__main__":
    unittest.main()
