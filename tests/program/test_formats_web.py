"""Lines of web servers: what is a record, whose it is, what it was for and how long it took."""

import unittest

from formats_fixture import TIMED, FormatsTest, web_line

DAY, USER, TASK = 1, 0, 2


class TimesAndUnits(FormatsTest):
    def test_a_request_time_behind_combined(self):
        call = web_line(user="ann", time="02/May/2025:23:16:50 +0200", request="GET /v1/a HTTP/1.1",
                        seconds="").rstrip()
        self.log(*(f"{call} {seconds}" for seconds in ("0.260", "0.0001", "1.5")))
        found = self.meter("log", "--log-format", TIMED, "--cycle", "day", "--unit", "ms",
                           "--quantity-digits", "1")
        self.assertEqual(found.rows, [["ann", "2025-05-02", "GET /v1/a", "3", "1760.1",
                                       "1760.100000000000"]])
        self.assertEqual(found.summary["earliest"], "2025-05-02T21:16:50Z")

    def test_more_digits_than_are_kept_are_no_quantity(self):
        self.log(web_line(seconds="0.0001"))
        result = self.aggregate("log", "--log-format", TIMED, "--quantity-digits", "0",
                                "--rate", "*=1")
        result.fails(3, "bad_quantity", "--quantity-digits")

    def test_zeros_behind_the_digits_that_are_kept_are_no_digits(self):
        self.log(web_line(seconds="0.260000000000"))
        found = self.meter("log", "--log-format", TIMED, "--quantity-digits", "0")
        self.assertEqual(found.rows[0][-2], "260")

    def test_the_same_time_in_four_units(self):
        for unit, value in (("s", "0.2604"), ("ms", "260.4"), ("us", "260400"),
                            ("ns", "260400000")):
            with self.subTest(unit=unit):
                self.log(web_line(seconds=value))
                found = self.meter("log", "--log-format", TIMED.replace("$request_time", "$took"),
                                   "--quantity", f"took:{unit}", "--unit", "ms")
                self.assertEqual(found.rows[0][-2], "260.4")

    def test_a_unit_that_each_value_has_by_itself(self):
        values = {"260.4ms": "260.4", "1.5s": "1500", "2µs": "0.002", "2μs": "0.002",
                  "260 msecs": "260", "1h3m": "3780000", "68 micros": "0.068", "1s 1ms": "1001"}
        for value, ms in values.items():
            with self.subTest(value=value):
                self.log(web_line(seconds=value))
                found = self.meter("log", "--log-format", TIMED.replace("$request_time", "$took"),
                                   "--quantity", "took:auto", "--unit", "ms")
                self.assertEqual(found.rows[0][-2], ms)

    def test_a_number_without_a_word_has_no_unit_by_itself(self):
        self.log(web_line(seconds="260"))
        found = self.meter("log", "--log-format", TIMED.replace("$request_time", "$took"),
                           "--quantity", "took:auto", "--unit", "ms")
        self.assertEqual([reject[2] for reject in found.rejects], ["bad_quantity"])

    def test_apaches_time_of_a_request_is_in_microseconds(self):
        self.log('192.0.2.1 - ann [02/May/2025:23:16:50 +0200] "GET /a HTTP/1.1" 200 - 260400')
        found = self.meter("log", "--log-format", '%h %l %u %t "%r" %>s %b %D')
        self.assertEqual(found.rows[0][-2], "260.4")

    def test_a_date_in_the_agent_is_no_time(self):
        self.log(web_line(agent="Gecko/3764-11-07 02:32:07"))
        found = self.meter("log", "--log-format", TIMED, "--cycle", "day")
        self.assertEqual(found.rows[0][DAY], "2023-07-29")


class Requests(FormatsTest):
    def test_escapes_in_the_request_and_the_agent_decide_nothing(self):
        self.log(web_line(request=r"GET /a?q=\x22x\x22 HTTP/1.1", referer="",
                          agent=r"agent \x22quoted\x22 Build/K84P) 12"))
        found = self.meter("log", "--log-format", TIMED, "--cycle", "all")
        self.assertEqual(found.rows, [["192.0.2.1", "all", "GET /a", "1", "10", "10.000000000000"]])

    def test_garbage_requests_are_calls_without_a_task(self):
        self.garbage()
        found = self.meter("log", "--format", "combined", "--cycle", "all")
        self.assertEqual(found.rows, [["192.0.2.1", "all", "-", "3", "3", "3.000000000000"]])

    def test_a_log_that_begins_with_fifty_garbage_requests_is_recognised(self):
        self.garbage(50)
        found = self.meter("log", "--cycle", "all")
        self.assertEqual((found.counts, found.rows[0][3]), ((150, 0, 0, 0), "150"))

    def garbage(self, times=1):
        lines = [f'192.0.2.1 - - [29/Jul/2023:10:26:06 -0700] "{request}" {rest} "-" "-"'
                 for request, rest in ((r"\x16\x03\x01", "400 0"), ("", "400 0"), ("-", "408 0"))]
        self.log(*lines * times)

    def test_what_is_a_path(self):
        paths = {"/a?b#c": "/a", "/a#c": "/a", "http://h/p?q": "/p", "http://h": "/", "*": "*",
                 "host:443": "host:443", "/a/b.JPG": "/a/b.JPG"}
        for target, path in paths.items():
            with self.subTest(target=target):
                self.log(web_line(request=f"GET {target} HTTP/1.1"))
                found = self.meter("log", "--log-format", TIMED, "--cycle", "all")
                self.assertEqual(found.rows[0][TASK], f"GET {path}")

    def test_what_is_no_request_is_no_task(self):
        for request in ("GET  /a HTTP/1.1", "GET /a", "GET /a b HTTP/1.1", "G:T /a HTTP/1.1",
                        "GET  HTTP/1.1", " /a HTTP/1.1", "A" * 33 + " /a HTTP/1.1"):
            with self.subTest(request=request):
                self.log(web_line(request=request))
                found = self.meter("log", "--log-format", TIMED, "--cycle", "all")
                self.assertEqual(found.rows[0][TASK], "-")

    def test_ids_in_paths_become_one_task(self):
        self.log(*(web_line(request=f"GET /v1/items/{n} HTTP/1.1") for n in range(20_000)))
        found = self.meter("log", "--log-format", TIMED, "--cycle", "all")
        self.assertEqual(found.rows, [["192.0.2.1", "all", "GET /v1/items/{id}", "20000", "200000",
                                       "200000.000000000000"]])

    def test_which_segments_are_ids(self):
        uuid = "123e4567-e89b-12d3-a456-426614174000"
        for segment, kept in (("7", "{id}"), ("0" * 30, "{id}"), (uuid, "{id}"),
                              (uuid.upper(), "{id}"), ("0123456789abcdef", "{id}"),
                              ("0123456789ABCDEF", "{id}"), ("0123456789abcde", None),
                              ("v1", None), ("7a", None), ("", None), ("-7", None)):
            with self.subTest(segment=segment):
                self.log(web_line(request=f"GET /x/{segment}/y HTTP/1.1"))
                found = self.meter("log", "--log-format", TIMED, "--cycle", "all")
                self.assertEqual(found.rows[0][TASK], f"GET /x/{kept or segment}/y")
                found = self.meter("log", "--log-format", TIMED, "--cycle", "all", "--no-fold-ids")
                self.assertEqual(found.rows[0][TASK], f"GET /x/{segment}/y")

    def test_bytes_that_are_no_utf8_are_no_task_and_never_another_one(self):
        line = web_line(request="GET /a? HTTP/1.1").encode()
        self.log(line.replace(b"/a?", b"/\xad"), line.replace(b"/a?", b"/\xb4\xfa"),
                 line.replace(b"/a?", "/\ufffd".encode()))
        found = self.meter("log", "--log-format", TIMED, "--cycle", "all")
        self.assertEqual([reject[2] for reject in found.rejects], ["bad_task"] * 2)
        self.assertEqual([row[TASK] for row in found.rows], ["GET /\ufffd"])

    def test_bytes_that_are_no_utf8_where_nobody_looks(self):
        self.log(web_line(agent="?").encode().replace(b"?", b"\xff\x80"))
        found = self.meter("log", "--log-format", TIMED)
        self.assertEqual(found.counts, (1, 0, 0, 0))


class Users(FormatsTest):
    def test_a_user_who_claims_to_be_a_time(self):
        user = r"al ice [x] \x22q\x22"
        self.log(f'192.0.2.1 - {user} [27/Nov/2026:10:22:28 +0000] "GET / HTTP/1.1" 200 5 "-" "-"')
        found = self.meter("log", "--format", "combined", "--cycle", "day")
        self.assertEqual(found.rows, [[user, "2026-11-27", "GET /", "1", "1", "1.000000000000"]])

    def test_a_user_who_claims_to_be_a_whole_call(self):
        user = 'eve [01/Jan/2020:00:00:00 +0000] \\x22GET /cheap HTTP/1.1\\x22 200 5'
        self.log(f'192.0.2.1 - {user} [27/Nov/2026:10:22:28 +0000] "GET / HTTP/1.1" 200 5 "-" "-"')
        found = self.meter("log", "--format", "combined", "--cycle", "day")
        self.assertEqual(found.rows[0][:3], [user, "2026-11-27", "GET /"])

    def test_the_first_of_a_list_of_addresses_quoted_or_not(self):
        definition = '{}$http_x_forwarded_for{} [$time_local] "$request" $status $request_time'
        for quote, forwarded in (('"', "203.0.113.9, 198.51.100.2, 10.0.0.5"),
                                 ("", "203.0.113.9,198.51.100.2"),
                                 ('"', "203.0.113.9")):
            with self.subTest(forwarded=forwarded):
                self.log(f'{quote}{forwarded}{quote} [29/Jul/2023:10:26:06 -0700] '
                         '"GET /a HTTP/1.1" 200 0.010')
                found = self.meter("log", "--log-format", definition.format(quote, quote), "--user",
                                   "http_x_forwarded_for:first", "--cycle", "all")
                self.assertEqual(found.rows, [["203.0.113.9", "all", "GET /a", "1", "10",
                                               "10.000000000000"]])

    def test_an_empty_piece_of_a_list_is_no_user(self):
        self.log(web_line(agent=", 198.51.100.2"))
        found = self.meter("log", "--log-format", TIMED, "--user", "http_user_agent:first")
        self.assertEqual([reject[2] for reject in found.rejects], ["bad_user"])


class Statuses(FormatsTest):
    def test_a_status_that_is_missing_is_billed_and_passes_no_filter(self):
        self.log(web_line(status="-"), web_line(status="000"), web_line(status="009"),
                 web_line(status=200))
        self.assertEqual(self.meter("log", "--log-format", TIMED).counts, (4, 0, 0, 0))
        found = self.meter("log", "--log-format", TIMED, "--status", "2xx")
        self.assertEqual((found.count("accepted"), found.count("filtered")), (1, 3))

    def test_four_digits_are_no_status(self):
        self.log(web_line(status=2000))
        found = self.meter("log", "--log-format", TIMED)
        self.assertEqual([reject[2] for reject in found.rejects], ["bad_status"])

    def test_one_column_more_than_combined_is_refused_with_a_hint(self):
        self.log(*[web_line(seconds='"-"')] * 5)
        self.aggregate("log", "--format", "combined", "--rate", "*=1").fails(
            3, "bad_record", '"%{User-Agent}i" with nothing behind it')
        self.aggregate("log", "--log-format", TIMED.replace("$request_time", '"$last"'),
                       "--rate", "*=1", "--group-by", "user").prints(
            "192.0.2.1: total_quantity=5calls, total_cost=5.00")


if __name__ == "__main__":
    unittest.main()
