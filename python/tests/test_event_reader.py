"""Records as tables of events with fields beside them: each family of formats, and what is no event."""
import decimal
import gzip
import json
import random
import threading
import unittest

import billing
import pyarrow
from fixture import LINES, PackageTest

WEB = (b'1.2.3.4 - bob [10/Oct/2025:13:55:36 +0200] "GET /a/b.html?x=1 HTTP/1.1" 200 123 "-" "Mozilla/5.0 (iPhone)"\n'
       b'1.2.3.5 - - [10/Oct/2025:13:55:37 +0200] "POST /c HTTP/2.0" 404 - "http://x.example/" "Googlebot/2.1"\n')
CONSTANT = {"user": "=-", "task": "=-", "quantity": "1"}


def rows(events):
    return pyarrow.table(events).to_pylist()


def column(events, name):
    return pyarrow.table(events)[name].to_pylist()


class EventReaderTest(PackageTest):
    def read(self, content, fields=None, **options):
        return billing.EventReader(fields=fields, **options).read_lines(content, "log")

    def test_the_schema_is_the_same_with_and_without_events(self):
        reader = billing.EventReader(fields={"x": "a"}, format="json", time="t", quantity_digits=2, **CONSTANT)
        expected = [("time", "timestamp[ns, tz=UTC]"), ("user", "string"), ("task", "string"), ("status", "int32"),
                    ("quantity", "decimal128(19, 2)"), ("offset", "int64"), ("x", "string")]
        for content in (b"", b"\n", b'{"t":1700000000,"a":1}\n', b"no json\n"):
            schema = pyarrow.table(reader.read_lines(content, "q")).schema
            self.assertEqual([(field.name, str(field.type)) for field in schema], expected, content)
            self.assertEqual([field.name for field in schema if field.nullable], ["status", "x"])

    def test_text_has_events_alone(self):
        events = self.read(LINES.encode(), format="text")
        offset = 0
        for row, line in zip(rows(events), LINES.splitlines(), strict=True):
            time, user, task, status, duration = line.split()
            self.assertEqual((row["time"].isoformat(), row["user"], row["task"], row["status"], row["quantity"],
                              row["offset"]),
                             (time.replace("Z", "+00:00"), user, task, int(status), int(duration[:-2]), offset))
            offset += len(line.encode()) + 1
        self.assertEqual(events.totals["records"], 7)
        self.assertEqual(events.totals["unit"], "ms")
        with self.assertRaisesRegex(billing.ConfigurationError, "fields: records of the format text have no field 'ip'"):
            self.read(LINES.encode(), {"x": "ip"}, format="text")

    def test_the_events_of_text_come_in_the_order_of_the_log(self):
        lines = [f"2025-05-02T23:{i // 60 % 60:02}:{i % 60:02}Z u{i} t 200 {i}ms\n" for i in range(20_000)]
        events = self.read("".join(lines).encode(), format="text", chunk_bytes=100_000)
        self.assertEqual(column(events, "quantity"), list(range(20_000)))
        self.assertEqual(column(events, "user"), [f"u{i}" for i in range(20_000)])

    def test_fields_of_a_web_server_s_log_also_those_that_are_derived(self):
        fields = {"ip": "remote_addr", "method": "request_method", "path": "path", "query": "query", "kind": "extension",
                  "device": "device", "bot": "is_bot", "bytes": "body_bytes_sent", "referer": "http_referer",
                  "day": "date", "class": "status_class"}
        first, second = rows(self.read(WEB, fields, format="combined"))
        self.assertEqual({name: first[name] for name in fields},
                         {"ip": "1.2.3.4", "method": "GET", "path": "/a/b.html", "query": "x=1", "kind": "html",
                          "device": "Mobile", "bot": "false", "bytes": "123", "referer": None, "day": "2025-10-10",
                          "class": "2xx"})
        self.assertEqual((second["query"], second["bytes"], second["bot"], second["referer"]),
                         (None, "0", "true", "http://x.example/"))
        self.assertEqual((first["user"], first["task"], first["quantity"]), ("bob", "GET /a/b.html", 1))

    def test_fields_of_json(self):
        content = (b'{"t":"2025-05-02T23:16:50.123456789Z","a":{"b":1.50},"l":"x, y","s":"tab\\there","n":null,"e":""}\n'
                   b'{"t":"2025-05-02T23:16:51Z","a":{"b":true},"status":200}\n')
        fields = {"path": "a.b", "first": "l:first", "last": "l:last", "text": "s", "null": "n", "empty": "e",
                  "joined": "$l/$n", "either": "n,s,=none"}
        first, second = rows(self.read(content, fields, format="json", time="t", **CONSTANT))
        self.assertEqual({name: first[name] for name in fields},
                         {"path": "1.50", "first": "x", "last": "y", "text": "tab\there", "null": None, "empty": None,
                          "joined": "x, y/-", "either": "tab\there"})
        self.assertEqual({name: second[name] for name in fields},
                         {"path": "true", "first": None, "last": None, "text": None, "null": None, "empty": None,
                          "joined": None, "either": "none"})
        self.assertEqual((first["status"], second["status"], first["time"].nanosecond), (None, 200, 789))

    def test_fields_of_json_documents(self):
        content = b'[{"t":1700000000,"a":"x"},\n {"t":1700000001,\n"a":"y\\u00e9"}]'
        events = self.read(content, {"a": "a"}, format="json", time="t", **CONSTANT)
        self.assertEqual(column(events, "a"), ["x", "yé"])

    def test_fields_of_tables_logfmt_and_w3c(self):
        csv = b'time,user,task,duration_ms,note\n2025-05-02,ann,login,5,"say ""hi"""\n2025-05-02,bob,login,6,\n'
        logfmt = b'time=2025-05-02 user=ann task=login duration_ms=5 note="say \\"hi\\""\ntime=2025-05-02 user=b task=t duration_ms=6\n'
        w3c = (b"#Fields: date time c-ip cs-method cs-uri-stem sc-status note\n"
               b"2025-05-02 23:16:50 1.2.3.4 GET /a 200 hi\n2025-05-02 23:16:51 1.2.3.4 GET /b 200 -\n")
        self.assertEqual(column(self.read(csv, {"n": "note"}, format="csv"), "n"), ['say "hi"', None])
        self.assertEqual(column(self.read(logfmt, {"n": "note"}, format="logfmt"), "n"), ['say "hi"', None])
        events = self.read(w3c, {"n": "note"}, format="iis", user="c-ip", task="cs-uri-stem", status_from="sc-status",
                           quantity="1")
        self.assertEqual(column(events, "n"), ["hi", None])
        self.assertEqual(events.totals["directives"], 1)

    def test_bytes_that_are_not_utf_8_are_written_as_escapes(self):
        for junk in (b"caf\xe9", b"\xed\xa0\x80", b"\xff\xfe", b"\xe2\x82", b"a\xc3", "größe €".encode(), b"\xf4\x90\x80\x80"):
            line = WEB.splitlines()[0].replace(b"(iPhone)", junk)
            got = column(self.read(line, {"agent": "http_user_agent"}, format="combined"), "agent")
            self.assertEqual(got, [(b"Mozilla/5.0 " + junk).decode(errors="backslashreplace")])

    def test_filters_drop_rows_and_their_fields(self):
        content = b"".join(b'{"t":%d,"a":"x%d","status":%d}\n' % (1700000000 + i, i, 200 + i) for i in range(100))
        options = {"format": "json", "time": "t", **CONSTANT}
        events = self.read(content, {"a": "a"}, where="a = x7 or status in (250..251)", **options)
        self.assertEqual(column(events, "a"), ["x7", "x50", "x51"])
        self.assertEqual(events.totals["filtered"], 97)
        events = self.read(content, {"a": "a"}, status="210,220", since="2023-11-14T22:13:31Z", **options)
        self.assertEqual(column(events, "a"), ["x20"])
        self.assertEqual((events.totals["accepted"], events.totals["filtered"]), (1, 99))

    def test_rejects_have_their_line_and_place(self):
        content = b'{"t":1}\n\n{"t":1700000000,"a":[1]}\nrubbish\n{"t":1700000000,"a":1}\n'
        reader = billing.EventReader(fields={"a": "a"}, format="json", time="t", **CONSTANT)
        events = reader.read_lines(content, "queue/7", 100)
        found = pyarrow.table(events.rejects).to_pylist()
        self.assertEqual([(row["line"], row["byte_offset"], row["reason"]) for row in found],
                         [(100, 0, "bad_time"), (102, 9, "bad_record"), (103, 34, "bad_record")])
        self.assertEqual({row["file"] for row in found}, {"queue/7"})
        self.assertEqual(column(events, "offset"), [content.rindex(b"{")])
        totals = events.totals
        self.assertEqual([totals[name] for name in ("records", "accepted", "rejected", "blank", "bytes")],
                         [5, 1, 3, 1, len(content)])

    def test_what_has_no_place_is_refused_with_advice(self):
        for options, message in (({"measure": {"a": "b"}}, "measure: an event has one quantity"),
                                 ({"dedupe_by": "id"}, "dedupe_by: an EventReader finds no duplicates"),
                                 ({"rates": {"a": "1"}}, "rates: has no meaning here"),
                                 ({"fields": {"time": "t"}}, "fields: 'time' is a column of all events"),
                                 ({"fields": {"": "t"}}, "is no name of a column"),
                                 ({"cycle": "month"}, "cycle: has no meaning here")):
            with self.assertRaisesRegex(billing.ConfigurationError, message):
                billing.EventReader(**options)
        for selector, message in (("none", "fields: none is no field"), ("$", "fields: "), ("", "fields: ")):
            with self.assertRaisesRegex(billing.ConfigurationError, message):
                self.read(b'{"t":1}\n', {"x": selector}, format="json", time="t", **CONSTANT)
        with self.assertRaisesRegex(billing.ConfigurationError, "has no field 'nope', only"):
            self.read(WEB, {"x": "nope"}, format="combined")
        for fields in (3, ["a"], {"a": 1}, {1: "a"}):
            with self.assertRaises(TypeError):
                billing.EventReader(fields=fields)
        with self.assertRaises(TypeError):
            billing.EventReader(feilds={"a": "b"})

    def test_a_file_in_pieces_has_each_record_once(self):
        content = b"".join(b'{"t":%d,"a":"%s"}\n' % (1700000000 + i, b"x" * (i % 50)) for i in range(500))
        path = self.log(content)
        reader = billing.EventReader(fields={"a": "a"}, format="json", time="t", **CONSTANT)
        whole = rows(reader.read_file(path))
        self.assertEqual(len(whole), 500)
        chance = random.Random(1)
        for _ in range(20):
            cuts = sorted(chance.sample(range(len(content)), 3))
            borders = [0, *cuts, len(content)]
            pieces = [row for begin, end in zip(borders, borders[1:])
                      for row in rows(reader.read_file(path, begin, end))]
            self.assertEqual(pieces, whole)

    def test_a_compressed_file_is_read_whole_and_in_pieces_of_memory(self):
        content = WEB * 5000
        path = self.write("access.log.gz", gzip.compress(content))
        reader = billing.EventReader(fields={"ip": "remote_addr"}, format="combined", chunk_bytes=65536)
        whole = reader.read_file(path)
        self.assertEqual(whole.totals["bytes"], len(content))
        pieces = list(reader.iterate_file(path))
        self.assertGreater(len(pieces), 5)
        self.assertEqual(pyarrow.concat_tables(map(pyarrow.table, pieces)).to_pylist(), rows(whole))
        self.assertEqual(sum(piece.totals["records"] for piece in pieces), 10_000)
        with self.assertRaisesRegex(billing.ConfigurationError, "only files that are not compressed"):
            reader.read_file(path, 5)
        path.write_bytes(gzip.compress(content)[:-20])
        with self.assertRaises(billing.Error):
            list(reader.iterate_file(path))

    def test_quantities_with_digits_are_decimals(self):
        events = self.read(b'{"t":1700000000,"q":"1.25"}\n', format="json", time="t", user="=-", task="=-", quantity="q",
                           quantity_digits=3)
        self.assertEqual(column(events, "quantity"), [decimal.Decimal("1.250")])
        self.assertEqual(events.totals["quantity"], decimal.Decimal("1.25"))

    def test_the_format_is_found_out_and_kept(self):
        reader = billing.EventReader(fields={"agent": "http_user_agent"})
        self.assertEqual(len(reader.read_lines(WEB, "a")), 2)
        self.assertEqual(len(reader.read_lines(WEB * 10 + b"rubbish\n", "b")), 20)

    def test_hostile_bytes_end_in_rows_rejects_or_an_error_of_ours(self):
        chance = random.Random(7)
        model = json.dumps({"t": 1700000000, "a": "x", "b": {"c": [1, "é"]}}).encode() + b"\n"
        for form, options in (("json", {"time": "t", **CONSTANT}), ("combined", {}), ("csv", {}), ("logfmt", {}), ("auto", {})):
            reader_fields = {"f": "a"} if form in ("json", "logfmt") else {"f": "http_user_agent"} if form == "combined" else {}
            for _ in range(60):
                content = bytearray((model if form == "json" else WEB) * 3)
                for _ in range(chance.randrange(1, 20)):
                    content[chance.randrange(len(content))] = chance.randrange(256)
                try:
                    events = billing.EventReader(fields=reader_fields, format=form, **options).read_lines(bytes(content), "x")
                except billing.Error:
                    continue
                table = pyarrow.table(events)
                table.validate(full=True)
                totals = events.totals
                self.assertEqual(totals["records"], totals["accepted"] + totals["rejected"] + totals["filtered"] +
                                 totals["blank"] + totals["directives"])

    def test_readers_work_in_threads_and_let_others_run(self):
        content = WEB * 20_000
        counts = []

        def read():
            counts.append(len(self.read(content, {"a": "http_user_agent"}, format="combined")))

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(counts, [40_000] * 4)

    def test_a_record_beyond_the_limit_is_a_reject(self):
        content = b'{"t":1700000000,"a":"' + b"x" * 5000 + b'"}\n{"t":1700000000,"a":"y"}\n'
        path = self.log(content)
        reader = billing.EventReader(fields={"a": "a"}, format="json", time="t", max_record_bytes=1024, **CONSTANT)
        for events in (reader.read_lines(content, "x"), reader.read_file(path)):
            self.assertEqual(column(events, "a"), ["y"])
            self.assertEqual([(row["line"], row["reason"]) for row in pyarrow.table(events.rejects).to_pylist()],
                             [(1, "too_long")])


if __name__ == "__main__":
    unittest.main()
