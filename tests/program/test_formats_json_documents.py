"""Arrays of objects, and objects over several lines."""

import gzip
import json
import unittest

from formats_fixture import CHUNKS, FormatsTest

OPTIONS = ("--format", "json", "--time", "none", "--cycle", "all")
BILLED = ("log", *OPTIONS)


def objects(count):
    return [{"user": f"u{i % 3}", "task": "t", "quantity": i + 1, "note": '}]"\\{['}
            for i in range(count)]


class Documents(FormatsTest):
    def found_in(self, text, *more):
        self.write("log", text)
        return self.meter(*BILLED, *more)

    def assert_broken(self, text, *rejects, accepted=0):
        """The run fails, whatever may be rejected, unless all of it may."""
        self.write("log", text)
        refused = self.aggregate(*BILLED, "--rate", "*=1", "--rejects", "set_aside.csv",
                                 "--max-rejects", "99.9%")
        self.assertEqual((refused.code, refused.out), (3, b""), refused.err)
        self.assertIn("broken JSON ends its input", refused.err)
        found = self.meter(*BILLED)
        self.assertEqual([reject[:3] for reject in found.rejects],
                         [(*reject, "bad_record") for reject in rejects])
        self.assertEqual(found.counts[0], accepted)
        self.assertEqual(found.count("bytes"), len(text.encode()))
        return found

    def test_the_same_bill_however_objects_are_laid_out(self):
        all_objects = objects(40)
        layouts = [
            "\n".join(map(json.dumps, all_objects)),
            json.dumps(all_objects),
            json.dumps(all_objects, indent=2) + "\n",
            "\ufeff \r\n[\n" + ",\n".join(map(json.dumps, all_objects)) + "]\r\n \n",
            "\n\n".join(json.dumps(one, indent=4) for one in all_objects),
            "{\n" + "}\n{".join(json.dumps(one)[1:-1] for one in all_objects) + "}",
            json.dumps(all_objects, separators=(" \r\n,", ":")),
        ]
        bills = [self.found_in(text) for text in layouts]
        for text, found in zip(layouts, bills):
            self.assertEqual(found.rows, bills[0].rows)
            self.assertEqual(found.counts, (40, 0, 0, 0))
            self.assertEqual(found.count("bytes"), len(text.encode()))

    def test_chunks_pipes_and_gzip(self):
        for indent in (None, 1):
            text = json.dumps(objects(50), indent=indent)
            whole = self.found_in(text)
            for chunk in CHUNKS:
                for threads in ("1", "3"):
                    found = self.found_in(text, "--chunk-bytes", chunk, "--threads", threads)
                    self.assertEqual((found.rows, found.counts), (whole.rows, whole.counts))
            piped = self.meter("-", *OPTIONS, "--chunk-bytes", "7", stdin=text.encode())
            self.assertEqual(piped.rows, whole.rows)
            self.write("log.gz", gzip.compress(text.encode()))
            self.assertEqual(self.meter("log.gz", *OPTIONS).rows, whole.rows)

    def test_a_record_begins_at_its_brace(self):
        text = '[{"user":"a","quantity":1},\n\n  {"user":"","quantity":1} , {"user":"a",\n' \
               '"quantity":-1}]'
        for chunk in CHUNKS:
            found = self.found_in(text, "--chunk-bytes", chunk)
            self.assertEqual(found.counts, (1, 2, 0, 0))
            self.assertEqual(found.rejects, [
                (3, 31, "bad_user", '{"user":"","quantity":1}'),
                (3, 58, "bad_quantity", '{"user":"a",\\n"quantity":-1}')])

    def test_a_field_that_is_wrong_is_a_reject_like_any_other(self):
        self.write("log", '[{"user":"a","quantity":1},\n{"user":"b",\n"quantity":-1}]')
        done = self.aggregate(*BILLED, "--rate", "*=1", "--rejects", "r.csv", "--max-rejects", "1")
        self.assertEqual(done.code, 0, done.err)

    def test_a_broken_record_ends_the_input(self):
        good = '{"user":"a","task":"t","quantity":1}'
        for broken in ('{"user":"b","x":tru,"quantity":1}', '{"user":"b"]', '{"user":"b",}',
                       '{"x":01}', '{"a":"\\q"}', '{"a":"\\ud800"}', '{"a" 1}'):
            with self.subTest(broken=broken):
                self.assert_broken(f"[{good},\n{broken},\n{good}]", (2, len(good) + 3), accepted=1)
        for broken in ("5", "null", "]", ",", "[]", "x", '"{"', "NaN\r"):
            with self.subTest(broken=broken):
                self.assert_broken(f"[{good},\n{broken}\n,{good}]", (2, len(good) + 3), accepted=1)

    def test_what_stands_behind_the_array(self):
        good = '{"user":"a","task":"t","quantity":1}'
        self.assert_broken(f"[{good}]\n{good}\n", (2, len(good) + 3), accepted=1)
        self.assert_broken(f"[{good} {good}]", (1, len(good) + 2), accepted=1)
        self.assert_broken("[]]", (1, 2))

    def test_an_array_that_is_cut_off(self):
        text = json.dumps(objects(3))
        for size in range(2, len(text)):
            with self.subTest(size=size):
                self.write("log", text[:size])
                self.assertEqual(self.aggregate(*BILLED, "--rate", "*=1", "--max-rejects",
                                                "1000").code, 3)
        found = self.assert_broken(text[:-1], (1, len(text) - 1), accepted=3)
        self.assertEqual(found.rejects[0][3], "")

    def test_objects_that_are_cut_off(self):
        good = '{\n"user":"a","task":"t","quantity":1}\n'
        self.assert_broken(good + '{"user":\n', (3, len(good)), accepted=1)
        self.assert_broken(good + ", " + good, (3, len(good)), accepted=1)

    def test_an_empty_array_is_no_mistake(self):
        for format_name in ("json", "auto"):
            self.write("log", " [\n]\n")
            done = self.aggregate("log", "--format", format_name, "--rate", "*=1")
            self.assertEqual(done.code, 0, done.err)

    def test_records_that_are_too_long(self):
        long_one = dict(objects(1)[0], note="x" * 300_000, user="long")
        all_objects = [*objects(2), long_one, *objects(2)]
        for indent in (None, 1):
            text = json.dumps(all_objects, indent=indent)
            self.write("log.gz", gzip.compress(text.encode()))
            self.write("log", text)
            for name in ("log", "log.gz"):
                for chunk in ("1", "5000"):
                    found = self.meter(name, *OPTIONS, "--max-record-bytes", "1024",
                                       "--chunk-bytes", chunk)
                    self.assertEqual(found.counts, (4, 1, 0, 0))
                    self.assertEqual(found.rejects[0][2], "too_long")
                    self.assertEqual(found.rejects[0][1], text.rindex("{", 0, text.index("long")))

    def test_much_blank_between_records(self):
        good = '{"user":"a","task":"t","quantity":1}'
        text = f"[{good}{' ' * 300_000},{chr(10) * 300_000}{good}]"
        self.write("log.gz", gzip.compress(text.encode()))
        for name in ("log", "log.gz"):
            self.write("log", text)
            found = self.meter(name, *OPTIONS, "--max-record-bytes", "1024", "--chunk-bytes", "100")
            self.assertEqual(found.counts, (2, 0, 0, 0))

    def test_auto_finds_arrays_longer_than_it_looks(self):
        all_objects = [dict(one, time="2025-05-02T23:16:50Z") for one in objects(3000)]
        for indent in (None, 1):
            self.write("log", json.dumps(all_objects, indent=indent))
            found = self.meter("log", "--format", "auto")
            self.assertEqual(found.counts, (3000, 0, 0, 0))

    def test_check_looks_at_them(self):
        self.write("log", json.dumps(objects(3), indent=1))
        good = self.run_billing("check", "log", *OPTIONS[:4], "--json")
        self.assertEqual(good.code, 0, good.err)
        self.assertIn(b'"accepted":3', good.out.replace(b" ", b""))
        self.write("log", json.dumps(objects(3), indent=1)[:-1])
        self.assertEqual(self.run_billing("check", "log", *OPTIONS[:4]).code, 3)


if __name__ == "__main__":
    unittest.main()
