"""aggregate --state with logs of several kinds side by side, cut anywhere and put together anyhow."""

import json
import unittest

from program_fixture import record
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


if __name__ == "__main__":
    unittest.main()
