"""aggregate --state with logs of several kinds side by side, cut anywhere and put together anyhow."""

import json
import unittest

from program_fixture import FAILED, MISUSED, record
from test_state_formats import FormatStateTest, combined_log, packed


def caddy_log(*seconds):
    return "".join(json.dumps({
        "level": "info", "ts": f"2025-05-02T23:16:{second:02d}Z", "logger": "http.log.access",
        "msg": "handled request",
        "request": {"remote_ip": "1.1.1.1", "client_ip": "1.1.1.1", "method": "GET", "uri": "/a"},
        "user_id": "cad", "duration": 0.5, "size": 1, "status": 200}, separators=(",", ":")) + "\n"
        for second in seconds).encode()


def json_log(*seconds):
    return "".join(f'{{"time":"2025-05-02T23:16:{second:02d}Z","user":"ann","duration_ms":100}}\n'
                   for second in seconds).encode()


def common_log(*users):
    return combined_log(*users).replace(b' "-" "curl/8"', b"")


class Beginnings(FormatStateTest):
    """Logs of all kinds begin alike, if one looks at little enough of them."""

    def test_a_log_that_begins_as_half_a_record_of_another_kind(self):
        self.write("caddy.log", b'{"')
        self.takes("caddy.log")
        self.write("caddy.log", caddy_log(1, 2, 3))
        self.takes("caddy.log")
        self.write("json.log", json_log(1, 2, 3, 4))
        result = self.takes("caddy.log", "json.log")
        self.is_bill_of(result, caddy_log(1, 2, 3), json_log(1, 2, 3, 4))

    def test_two_kinds_that_begin_with_a_blank_line(self):
        for blank in (b"\n", b"\r\n", b"\xef\xbb\xbf\n", b"\n" * 40):
            with self.subTest(blank=blank):
                self.forget()
                self.write("json.log", blank)
                self.write("caddy.log", blank + caddy_log(1, 2, 3))
                self.takes("json.log", "caddy.log")
                self.write("json.log", blank + json_log(1, 2, 3, 4))
                result = self.takes("json.log", "caddy.log")
                self.is_bill_of(result, caddy_log(1, 2, 3), json_log(1, 2, 3, 4))

    def test_common_cut_within_an_address_beside_combined(self):
        self.write("combined.log", combined_log("u1"))
        self.write("common.log", b"192.0.")
        self.takes("common.log", "combined.log")
        self.write("common.log", common_log("u2"))
        result = self.takes("common.log", "combined.log")
        self.is_bill_of(result, combined_log("u1"), common_log("u2"))

    def test_the_format_stays_that_of_a_log_that_goes_on(self):
        self.write("log.gz", packed(b"\n" + json_log(1)))
        self.takes("log.gz")
        self.write("log.gz", packed(b"\n" + json_log(1) + b"noise\n" * 30 + json_log(2)))
        self.is_bill_of(self.takes("log.gz"), json_log(1, 2))


def table(*rows, header="time,user,quantity\n"):
    return (header + "".join(f"2025-05-02T23:16:50Z,{row}\n" for row in rows)).encode()


class Unfinished(FormatStateTest):
    """A compressed file may be a log as far as it was written by then."""

    def test_a_member_ends_in_the_middle_of_a_number(self):
        whole = table("ann,7", "bob,125")
        for cut in range(1, len(whole)):
            with self.subTest(cut=cut):
                self.forget()
                self.write("log.gz", packed(whole[:cut]))
                self.takes("log.gz")
                self.write("log.gz", packed(whole[:cut]) + packed(whole[cut:]))
                self.is_bill_of(self.takes("log.gz"), whole)
                self.is_bill_of(self.takes("log.gz"), whole)

    def test_a_snapshot_beside_the_log_that_goes_on(self):
        for known in (0, 1):
            for order in (("log", "log.bak.gz"), ("log.bak.gz", "log")):
                for cut in (10, 30, 62, 65):
                    with self.subTest(known=known, order=order, cut=cut):
                        self.forget()
                        whole = table("ann,7", "bob,125")
                        if known:
                            self.write("log", table("ann,7")[:cut])
                            self.takes("log")
                        self.write("log", whole)
                        self.write("log.bak.gz", packed(whole[:cut]))
                        self.is_bill_of(self.takes(*order), whole)
                        self.append("log", b"2025-05-02T23:16:51Z,eve,1\n")
                        self.is_bill_of(self.takes(*order), self.read("log"))

    def test_a_snapshot_of_all_there_is_and_then_the_log_goes_on(self):
        whole = table("ann,7", "bob,125")
        for order in (("log", "log.bak.gz"), ("log.bak.gz", "log")):
            self.forget()
            self.write("log", whole[:-2])
            self.write("log.bak.gz", packed(whole[:-2]))
            self.takes(*order)
            self.write("log", whole)
            self.is_bill_of(self.takes(*order), whole)

    def test_half_a_line_of_text_waits(self):
        whole = (record("ann") + "\n" + record("bob") + "\n").encode()
        half = whole[:len(whole) * 3 // 4]
        self.write("log", half)
        self.write("log.bak.gz", packed(half))
        self.takes("log.bak.gz", "log").says("ends in the middle of a line")
        self.write("log", whole)
        self.is_bill_of(self.takes("log.bak.gz", "log"), whole)

    def test_a_part_of_what_is_known_compressed(self):
        content = json_log(*range(1, 9))
        for known in ("log", "log.gz"):
            for lines in (1, 2, 7):
                with self.subTest(known=known, lines=lines):
                    self.forget()
                    self.write("log", content)
                    self.write("log.gz", packed(content))
                    self.takes(known)
                    self.write("part", json_log(*range(1, lines + 1)))
                    self.is_bill_of(self.takes("log.gz", "part"), content)
                    self.is_bill_of(self.takes("part", "log.gz"), content)


class Units(FormatStateTest):
    def test_the_usual_quantity_of_cloudevents_stays(self):
        def events(*seconds, more=""):
            return "".join(
                '{"specversion":"1.0","id":"1","source":"s","type":"t","subject":"a",'
                f'"time":"2025-05-02T23:16:{second:02d}Z","data":{{"quantity":3{more}}}}}\n'
                for second in seconds).encode()
        content = events(1, 2, 3) + events(*range(10, 19), more=',"duration_ms":1000')
        for options in ((), ("--unit", "ms")):
            self.forget()
            self.write("log", events(1, 2, 3))
            self.takes("log", options=options)
            self.write("log", content)
            self.is_bill_of(self.takes("log", options=options), content,
                            options=(*options, "--quantity", "data.quantity"))

    def test_a_line_of_text_that_is_billed_without_its_end_keeps_milliseconds(self):
        self.write("text.log", record("u", ms=1200))
        first = self.takes("text.log")
        self.assertIn(b"total_duration=1200ms", first.out)
        self.write("calls.log", combined_log("ann"))
        for inputs in (("calls.log",), ("calls.log", "text.log")):
            with self.nothing_changes():
                self.night(*inputs).fails(MISUSED, "calls.log", "calls", "ms")
        self.assertEqual(self.takes().out, first.out)

    def test_what_is_no_record_yet_fixes_no_unit(self):
        row = "2025-05-02T23:16:50Z,a,t,200,1"
        self.write("empty.log", b"")
        for start, more in (
                ("time,user,task,status,quantity", f"\n{row}\n"),
                ("time,user,task,status,quantity", f",duration_ms\n{row},2\n"),
                ("time=2025-05-02T23:16:50Z user=a quantity=5", " duration_ms=7\n"),
                ("time=2025-05-02T23:16:50Z us", "er=a quantity=5\n")):
            with self.subTest(start=start, more=more):
                self.forget()
                self.write("log", start.encode())
                self.takes("empty.log", "log")
                self.append("log", more.encode())
                self.is_bill_of(self.takes("empty.log", "log"), (start + more).encode())


class Filters(FormatStateTest):
    def test_a_log_cut_in_its_first_record(self):
        content = combined_log("u4", "u2")
        for where in ("user != u2", 'path != "/h"'):
            options = ("--where", where)
            with self.subTest(where=where):
                self.forget()
                self.write("b.log", combined_log("u1"))
                self.write("a.log", content[:25])
                self.takes("b.log", "a.log", options=options).says("ends in the middle of a line")
                self.is_bill_of(self.takes("b.log", options=options), combined_log("u1"),
                                options=options)
                self.write("a.log", content)
                self.is_bill_of(self.takes("b.log", "a.log", options=options),
                                combined_log("u1"), content, options=options)

    def test_a_night_with_nothing_new(self):
        options = ("--where", 'path != "/h"')
        self.write("log", combined_log("u1"))
        bill = self.takes("log", options=options).out
        for content in (b"", b"\n", b"\n\n"):
            self.write("other", content)
            self.assertEqual(self.takes("other", options=options).out, bill)
        self.run_billing("aggregate", "-q", "--state", "state", "--partial", "made",
                         *options).is_done()
        self.assertEqual(self.run_billing("merge", "-q", "made", *self.RATES).out, bill)


class PutTogether(FormatStateTest):
    OPTIONS = ("--columns", "time,user,quantity", "--format", "csv")

    def logs(self):
        a, b = table("a1,7", header=""), table("b1,7", "b2,125", "b3,1", header="")
        cut = b.index(b"125") + 2
        self.write("a", a)
        self.write("b", b[:cut])
        self.takes("a", "b", options=self.OPTIONS)
        self.write("week", a + b[:b.index(b"125") + 4])
        return a, b

    def test_a_log_that_was_last_read_in_the_middle_of_a_number(self):
        for order in (("week", "b"), ("b", "week")):
            for nights in (1, 2):
                with self.subTest(order=order, nights=nights):
                    self.forget()
                    a, b = self.logs()
                    self.write("b", b)
                    if nights == 2:
                        self.takes("b", options=self.OPTIONS)
                    result = self.takes(*order, options=self.OPTIONS)
                    self.is_bill_of(result, a, b, options=self.OPTIONS)

    def test_without_that_log_it_is_refused(self):
        a, b = self.logs()
        with self.nothing_changes():
            self.night("week", *self.OPTIONS).fails(FAILED, "week", "b", "middle of a line")
        self.write("b", b)
        self.is_bill_of(self.takes("week", "b", options=self.OPTIONS), a, b, options=self.OPTIONS)


class Quotes(FormatStateTest):
    def test_other_quotes_are_refused_by_name(self):
        header = "time,user,quantity,n\n"
        for before, now in ((("--quote", "none"), ()), ((), ("--quote", "none"))):
            self.forget()
            self.write("log", table("ann,7,", "bob,12,\"a", "cid,1,", header=header))
            self.takes("log", options=before)
            self.append("log", b'end"\n2025-05-02T23:16:54Z,eve,1,\n')
            with self.nothing_changes():
                self.night("log", *now).fails(MISUSED, "log", "quotes", "--quote")
            self.takes("log", options=before)

    def test_a_header_cut_behind_a_line_end_within_quotes_is_refused_until_it_is_whole(self):
        ok, whole = table("ann,7"), table("bob,12,", header='time,user,quantity,"no\nte"\n')
        self.write("ok.csv", ok)
        self.takes("ok.csv")
        self.write("log.csv", whole[:whole.index(b"no") + 3])
        with self.nothing_changes():
            self.night("ok.csv", "log.csv").fails(MISUSED, "log.csv")
        self.write("log.csv", whole)
        self.is_bill_of(self.takes("ok.csv", "log.csv"), ok, whole)


if __name__ == "__main__":
    unittest.main()
