"""Web servers' logs that others wrote, against sums made of them by a few lines of Python."""

import re
import unittest
from collections import Counter
from datetime import datetime, timezone
from decimal import Decimal

from formats_fixture import FormatsTest, lines_of

COMBINED = re.compile(r'(\d+\.\d+\.\d+\.\d+) - (\S+) \[([^]]+)\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+) '
                      r'"((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"$')
NPMPLUS = ("[$time_local] $host $remote_addr $request_time \"$request\" $status $body_bytes_sent "
           "$bytes_sent $http_referer $http_user_agent")
TRAEFIK = ('$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
           '"$http_referer" "$http_user_agent" $count "$router" "$server_url" $took')
UWSGI = ("[pid: $pid|app: $app|req: $req] $remote_addr ($claimed) {$vars vars in $packet bytes} "
         "[$time] $request_method $uri => generated $bytes bytes in $took ($protocol $status) "
         "$headers headers in $header_bytes bytes ($rest")


def utc_day(text):
    return datetime.strptime(text, "%d/%b/%Y:%H:%M:%S %z").astimezone(timezone.utc).strftime(
        "%Y-%m-%d")


class CombinedLogs(FormatsTest):
    def places(self, found):
        return [(line, reason) for line, _, reason, _ in found.rejects]

    def column_of(self, path, line):
        """Where the program says a reject is, which stands at this line of a log."""
        self.write("one", lines_of(path)[line - 1] + "\n")
        result = self.aggregate("one", "--format", "combined", "--rate", "*=1")
        return int(re.search(r"one:1:(\d+): bad_record", result.err)[1])

    def test_several_layouts_in_apaches_log(self):
        path = self.real_log("apache_mixed.log")
        found = self.meter(path, "--format", "combined", "--cycle", "all")
        self.assertEqual(found.counts, (4, 5, 0, 0))
        self.assertEqual(self.places(found), [(line, "bad_record") for line in (4, 6, 7, 8, 9)])
        size = lines_of(path)[5].rindex("1513") + 1
        self.assertEqual([self.column_of(path, line) for line in (4, 6, 7, 8, 9)],
                         [1, size, 1, 1, 1])
        self.assertEqual({(row[0], row[2]): row[3] for row in found.rows},
                         {("198.51.100.211", "GET /"): "1", ("203.0.113.212", "GET /"): "1",
                          ("198.51.100.211", "POST /login"): "1",
                          ("203.0.113.227", "GET /solr/admin/info/system"): "1"})

    def test_several_layouts_in_nginx_log(self):
        path = self.real_log("nginx_combined_vhost_mixed.log")
        found = self.meter(path, "--format", "combined", "--cycle", "all")
        self.assertEqual(found.counts, (4, 5, 0, 0))
        self.assertEqual(self.places(found), [(line, "bad_record") for line in (4, 5, 6, 8, 9)])
        user = len("192.168.1.1 - ") + 1
        self.assertEqual([self.column_of(path, line) for line in (4, 5, 6, 8, 9)],
                         [1, 1, 1, user, 1])
        self.assertIn(["user123", "all", "GET /api/login", "1", "1", "1.000000000000"], found.rows)

    def test_a_line_without_its_dashes(self):
        path = self.real_log("lnav_bad_access_log.0")
        found = self.meter(path, "--format", "combined", "--cycle", "day")
        self.assertEqual((found.counts, self.places(found)), ((2, 1, 0, 0), [(2, "bad_record")]))
        self.assertEqual(self.column_of(path, 2), 1)

    def test_garbage_requests(self):
        for name, format_options in (("nginx_combined_hex_escapes.log", ()),
                                     ("apache_tls_garbage.log", ("--format", "combined"))):
            with self.subTest(name=name):
                path = self.real_log(name)
                expected = Counter()
                for line in lines_of(path):
                    address, user, time, request, _, _, _, _ = COMBINED.match(line).groups()
                    parts = request.split(" ")
                    is_request = (len(parts) == 3 and re.fullmatch(r"[\w-]{1,32}", parts[0], re.A)
                                  and parts[1] and parts[2].startswith("HTTP/"))
                    self.assertFalse(is_request and user != "-")
                    task = parts[0] + " " + re.split("[?#]", parts[1])[0] if is_request else "-"
                    expected[(address, utc_day(time), task)] += 1
                found = self.meter(path, "--cycle", "day", *format_options)
                self.assertEqual(found.counts, (len(lines_of(path)), 0, 0, 0))
                self.assertEqual({tuple(row[:3]): int(row[3]) for row in found.rows}, expected)

    def test_a_shops_log_with_one_column_more(self):
        path = self.real_log("lnav_shop_access_log.0")
        self.aggregate(path, "--format", "combined", "--rate", "*=1").fails(3, "bad_record")
        definition = ('$remote_addr - $remote_user [$time_local] "$request" $status '
                      '$body_bytes_sent "$http_referer" "$http_user_agent" "$http_x_forwarded_for"')
        found = self.meter(path, "--log-format", definition, "--quantity", "body_bytes_sent:B",
                           "--cycle", "day", "-g", "user,cycle")
        expected = Counter()
        for line in lines_of(path):
            address, user, time, _, _, size, _, _ = COMBINED.match(
                line[:line.rindex(' "')]).groups()
            expected[(address if user == "-" else user, utc_day(time))] += int(size)
        self.assertEqual(found.counts, (1000, 0, 0, 0))
        self.assertEqual(found.sums(0, 1), expected)
        self.assertEqual(found.summary["earliest"][:10], "2019-01-22")

    def test_half_an_hour_of_offset_moves_the_day(self):
        self.log('192.0.2.1 - - [22/Jan/2019:03:29:59 +0330] "GET / HTTP/1.1" 200 5 "-" "-"')
        found = self.meter("log", "--format", "combined", "--cycle", "day")
        self.assertEqual(found.rows[0][1], "2019-01-21")


class DefinitionsByHand(FormatsTest):
    def test_npmplus(self):
        path = self.real_log("npmplus.log")
        found = self.meter(path, "--log-format", NPMPLUS, "--cycle", "all")
        expected = Counter()
        for line in lines_of(path):
            if match := re.match(r"\[[^]]+\] \S+ (\S+) (\S+) \"", line):
                expected[match[1]] += Decimal(match[2]) * 1000
        self.assertEqual(sum(expected.values()), 1280)
        self.assertEqual(found.counts, (8, 2, 0, 0))
        self.assertEqual(found.sums(0), expected)
        self.assertEqual([line for line, *_ in found.rejects], [1, 2])
        self.assertIn("REPORT /SOGo/dav/user1f9d@example.com/Calendar/personal/",
                      [row[2] for row in found.rows])

    def test_traefiks_common_lines(self):
        path = self.real_log("traefik_clf.log")
        options = (path, "--log-format", TRAEFIK, "--quantity", "took:auto")
        found = self.meter(*options, "--cycle", "all")
        self.assertEqual(found.counts, (7, 0, 0, 2))
        self.assertEqual(found.sums(0), {"172.17.0.1": 1, "172.17.1.1": 0, "172.17.1.2": 42,
                                         "172.17.1.3": 25})
        found = self.meter(*options, "--status", "2xx")
        self.assertEqual(found.count("filtered"), 1)

    def test_uwsgi(self):
        path = self.real_log("lnav_uwsgi.0")
        found = self.meter(path, "--log-format", UWSGI, "--time", "time:%a %b %d %H:%M:%S %Y",
                           "--user", "remote_addr", "--task", "$request_method $uri", "--quantity",
                           "took:auto", "--cycle", "all")
        expected = Counter()
        for line in lines_of(path):
            method, uri, took, unit = re.search(
                r"\] (\w+) (\S+) => .* in (\d+) (msecs|micros) \(", line).groups()
            factor = {"msecs": Decimal(1), "micros": Decimal("0.001")}[unit]
            expected[f"{method} {uri}"] += Decimal(took) * factor
        self.assertEqual(found.counts, (19, 0, 0, 0))
        self.assertEqual(found.sums(2), expected)
        self.assertEqual((found.summary["earliest"], found.summary["latest"]),
                         ("2016-03-13T22:49:12Z", "2016-03-13T22:56:15Z"))

    def test_a_balancers_log_by_a_definition_of_its_first_fields(self):
        path = self.real_log("aws_alb.log")
        definition = ('$type $time_iso8601 $elb $client $target $first_time $second_time '
                      '$third_time $status $target_status $request_length $bytes_sent "$request" '
                      '"$http_user_agent" $rest')
        options = (path, "--log-format", definition, "--user", "client", "--cycle", "all")
        rejected = self.meter(*options, "--quantity", "second_time:s")
        self.assertEqual(rejected.counts, (6, 8, 0, 0))
        self.assertEqual({reason for _, _, reason, _ in rejected.rejects}, {"bad_quantity"})
        expected = sum((Decimal(part) * 1000 for line in lines_of(path) for part in
                        line.split(" ")[5:8] if part != "-1"), Decimal(0))
        self.assertEqual(expected, 518)
        sums = [self.meter(*options, "--quantity", f"{name}_time:s").quantity
                for name in ("first", "second", "third")]
        self.assertEqual(sum(sums), expected)


if __name__ == "__main__":
    unittest.main()
