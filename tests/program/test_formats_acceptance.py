"""What people really met with their logs, usage exports and repeated records, from end to end."""

import json
import shlex
import unittest
from collections import Counter
from decimal import Decimal

from formats_fixture import TIMED, FormatsTest, lines_of, web_line
from memory_fixture import WatchedTest
from program_fixture import DONE, FAILED, MISUSED, TOO_MANY_REJECTS
from state_fixture import StateTest

ANOTHER_FIELD = ('$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
                 '"$http_referer" "$http_user_agent" "$http_x_forwarded_for"')


class WebServers(FormatsTest):
    def test_digits_that_are_not_kept_reject_their_record_alone(self):
        self.log(*(web_line(user="ann", seconds=seconds) for seconds in ("0.260", "0.0001", "1.5")))
        options = ("log", "--log-format", TIMED, "--unit", "ms", "--quantity-digits", "0")
        found = self.meter(*options)
        self.assertEqual((found.counts, found.quantity), ((2, 1, 0, 0), 1760))
        self.assertEqual([(line, reason) for line, _, reason, _ in found.rejects],
                         [(2, "bad_quantity")])
        self.aggregate(*options, "--rate", "*=1").fails(
            TOO_MANY_REJECTS, "log:2:", "bad_quantity", "at most 0 digits", "--quantity-digits")

    def test_a_unit_is_never_guessed_from_the_size(self):
        definition = TIMED.replace("$request_time", "$took")
        for value in ("0.26", "260", "260400000", "9000000000000"):
            for quantity in ("took", "took:ms"):
                with self.subTest(value=value, quantity=quantity):
                    self.log(web_line(seconds=value))
                    found = self.meter("log", "--log-format", definition, "--quantity", quantity,
                                       "--unit", "ms", "--quantity-digits", "2")
                    self.assertEqual(found.quantity, Decimal(value))

    def test_calls_behind_fifty_garbage_requests(self):
        garbage = [f'192.0.2.1 - - [29/Jul/2023:10:26:06 -0700] "{request}" {rest} "-" "-"'
                   for request, rest in ((r"\x16\x03\x01", "400 0"), ("", "400 0"), ("-", "408 0"))]
        call = '192.0.2.1 - ann [29/Jul/2023:10:26:06 -0700] "GET /a HTTP/1.1" 200 5 "-" "-"'
        self.log(*(garbage * 17)[:50], call, call)
        found = self.meter("log", "--cycle", "all")
        self.assertEqual([one["name"] for one in found.summary["formats"]], ["combined"])
        self.assertEqual(found.counts, (52, 0, 0, 0))
        self.assertEqual(found.sums(0, 2), {("192.0.2.1", "-"): 50, ("ann", "GET /a"): 2})

    def test_the_last_of_two_times_is_the_calls(self):
        self.log('192.0.2.1 - al [01/Jan/2020:00:00:00 +0000] ice [27/Nov/2026:10:22:28 +0000] '
                 '"GET / HTTP/1.1" 200 5 "-" "-"')
        found = self.meter("log", "--format", "combined", "--cycle", "day")
        self.assertEqual(found.rows[0][:3],
                         ["al [01/Jan/2020:00:00:00 +0000] ice", "2026-11-27", "GET /"])

    def test_rejects_of_mixed_layouts_are_told_with_line_and_column(self):
        for name, places in (("nginx_combined_vhost_mixed.log",
                              [(4, 1), (5, 1), (6, 1), (8, 15), (9, 1)]),
                             ("apache_mixed.log", [(4, 1), (6, 89), (7, 1), (8, 1), (9, 1)]),
                             ("lnav_bad_access_log.0", [(2, 1)])):
            with self.subTest(name=name):
                path = self.real_log(name)
                result = self.aggregate(path, "--format", "combined", "--rate", "*=1").fails(
                    TOO_MANY_REJECTS)
                for line, column in places:
                    self.assertIn(f"{name}:{line}:{column}: bad_record", result.err)

    def test_one_field_more_is_shown_where_it_stands(self):
        path = self.real_log("lnav_shop_access_log.0")
        result = self.aggregate(path, "--format", "combined", "--rate", "*=1").fails(
            TOO_MANY_REJECTS, "1,000 of 1,000 records rejected (bad_record 1,000)")
        for number, line in enumerate(lines_of(path)[:5], 1):
            column = line.rindex(' "-"') + 1
            self.assertIn(f"{path}:{number}:{column}: bad_record\n", result.err)
        self.aggregate(path, "--rate", "*=1").fails(MISUSED, "no format fits", "billing check")
        told = self.run_billing("check", path)
        self.assertEqual(told.code, MISUSED, told.err)
        self.assertIn("combined comes closest", told.out.decode())
        found = self.meter(path, "--log-format", ANOTHER_FIELD)
        self.assertEqual(found.counts, (1000, 0, 0, 0))


class ProposedCommands(FormatsTest):
    """Bills made by what `billing check` proposes, put right where it is but a guess."""

    def proposal(self, name, *arguments):
        """The words behind `billing` of what is proposed for a log."""
        result = self.run_billing("check", "--json", self.real_log(name), *arguments)
        [proposed] = json.loads(result.out)["proposals"]
        words = shlex.split(proposed["command"])
        self.assertEqual(words[0], "billing")
        return words[1:]

    def bills(self, words, accepted, rejected, quantity):
        """Without a directive."""
        result = self.run_billing(*words, "-q", "--summary", "json")
        self.assertEqual((words[0], result.code), ("aggregate", DONE), result.err)
        summary = json.loads(result.err.splitlines()[-1])
        names = ("accepted", "rejected", "directives", "quantity" if "quantity" in summary else
                 "quantity_ms")
        self.assertEqual([Decimal(summary.get(name, 0)) for name in names],
                         [accepted, rejected, 0, Decimal(quantity)])

    def test_of_formats_that_have_a_name(self):
        for name, *numbers in (("cloudfront_noheader.tsv", 2, 0, 226), ("envoy.log", 4, 6, 346),
                               ("haproxy_syslog.log", 2, 3, 1437)):
            with self.subTest(name=name):
                self.bills(self.proposal(name), *numbers)

    def test_of_objects_and_pairs_whose_user_is_to_be_named(self):
        for name, user in (("lnav_logfmt.0", "namespace"), ("lnav_pino.0", "service.name")):
            with self.subTest(name=name):
                command, path, *guess = self.proposal(name)
                self.assertEqual((command, path), ("check", self.real_log(name)))
                self.assertEqual((guess.count("FIELD"), guess[-2:]), (1, ["--quantity", "1"]))
                guess[guess.index("FIELD")] = user
                records = sum(bool(line) for line in lines_of(path))
                self.assertEqual(records, {"lnav_logfmt.0": 5, "lnav_pino.0": 1}[name])
                self.bills(self.proposal(name, *guess), records, 0, records)

    def test_of_a_definition_that_has_to_go_on(self):
        command, _, *guess = self.proposal("docker_json.log")
        self.assertEqual((command, guess[0], guess[-2:]),
                         ("check", "--log-format", ["--unwrap", "docker"]))
        guess[1] += " %I %{s}T [%{upstream}n] %{rest}n"
        self.bills(self.proposal("docker_json.log", *guess), 3, 0, 1)


class LoadBalancers(FormatsTest):
    def test_the_time_is_the_second_field(self):
        """Each line holds a second time, of the request's creation."""
        found = self.meter(self.real_log("aws_alb.log"), "--format", "alb", "--cycle", "day")
        self.assertEqual((found.summary["earliest"], found.summary["latest"]),
                         ("2018-07-02T22:23:00.186641Z", "2023-04-26T19:53:56.715663Z"))
        self.assertEqual(Counter(row[1] for row in found.rows),
                         {"2018-07-02": 2, "2023-04-26": 12})

    def test_calls_that_reached_no_target_are_told_or_rejected(self):
        path = self.real_log("aws_alb.log")
        result = self.run_billing("aggregate", path, "--format", "alb", "--rate", "*=1").is_done()
        self.assertIn("8 have no quantity and are billed as", result.err)
        [alb] = json.loads(self.run_billing("formats", "--json", "alb").out)
        selector = alb["mapping"]["quantity"]
        self.assertTrue(selector.endswith(",=0"), selector)
        found = self.meter(path, "--format", "alb", "--quantity", selector.removesuffix(",=0"))
        self.assertEqual((found.counts, found.quantity), ((6, 8, 0, 0), 518))
        self.assertEqual({reason for _, _, reason, _ in found.rejects}, {"bad_quantity"})


class JsonOfServers(FormatsTest):
    def test_caddys_times_and_durations_to_the_digit(self):
        path = self.real_log("caddy.jsonl")
        calls, others, blanks = [], 0, 0
        for line in lines_of(path):
            entry = json.loads(line, parse_float=Decimal, parse_int=Decimal) if line else {}
            blanks += not line
            if entry.get("logger", "").startswith("http.log.access"):
                calls.append(entry)
            else:
                others += bool(line)
        found = self.meter(path, "--format", "caddy", "--cycle", "all")
        self.assertEqual(found.counts, (len(calls), 0, others, blanks))
        took_ms = Counter()
        for entry in calls:
            took_ms[entry["user_id"] or entry["request"]["client_ip"]] += entry["duration"] * 1000
        self.assertEqual(found.sums(0), took_ms)
        times = sorted(entry["ts"] for entry in calls)
        self.assertEqual((str(times[0]), found.summary["earliest"]),
                         ("1693840791.7564995", "2023-09-04T15:19:51.7564995Z"))
        self.assertEqual((str(times[-1]), found.summary["latest"]),
                         ("1711741864.947103", "2024-03-29T19:51:04.947103Z"))

    def test_a_status_in_quotes_is_that_status(self):
        self.log('{"ClientHost":"192.0.2.1","DownstreamStatus":"200","Duration":357313,'
                 '"RequestMethod":"GET","RequestPath":"/a","StartUTC":"2021-12-08T14:02:43Z"}')
        for statuses, counts in (("200", (1, 0)), ("2xx", (1, 0)), ("404", (0, 1))):
            with self.subTest(statuses=statuses):
                found = self.meter("log", "--format", "traefik_json", "--status", statuses)
                self.assertEqual((found.count("accepted"), found.count("filtered")), counts)
        found = self.meter("log", "--format", "traefik_json", "--where", "status = 200")
        self.assertEqual(found.count("accepted"), 1)


class ManyIds(WatchedTest):
    CALLS = 400_000

    def setUp(self):
        super().setUp()
        with open(self.folder / "log", "w", encoding="utf-8") as file:
            for number in range(self.CALLS):
                file.write(web_line(request=f"GET /v1/items/{number} HTTP/1.1") + "\n")

    ARGUMENTS = ("aggregate", "-q", "log", "--log-format", TIMED, "-g", "task", "-r", "*=1")

    def test_are_one_task(self):
        self.keeps_to(64, *self.ARGUMENTS).prints(
            'task="GET /v1/items/{id}": total_quantity=4000000ms, total_cost=4000000.00')

    def test_that_are_kept_fit_into_the_memory_or_it_is_said(self):
        kept = (*self.ARGUMENTS, "--no-fold-ids", "-o", "bill", "--threads", "2")
        self.keeps_to(64, *kept).fails(FAILED, "--memory-limit", "names of tasks")
        self.assertEqual(self.names(), ["log"])
        self.keeps_to(256, *kept).is_done()
        self.assertEqual(self.read("bill").count(b"\n"), self.CALLS)


class Tables(FormatsTest):
    def test_a_header_alone_is_an_empty_bill_and_a_warning(self):
        self.aggregate(self.real_log("azure_ea_norows.csv"), "--format", "csv", "--time", "Date",
                       "--user", "SubscriptionName", "--quantity", "Quantity", "--rate",
                       "*=1").warns("empty")

    def test_a_decimal_comma_is_no_quantity_unless_it_is_said(self):
        self.log("time;user;task;quantity", "2025-05-02;ann;t;1.234,56")
        options = ("log", "--format", "csv", "--separator", ";", "--cycle", "all")
        self.assertEqual([reject[2] for reject in self.meter(*options).rejects], ["bad_quantity"])
        self.assertEqual(self.meter(*options, "--decimal", ",").quantity, Decimal("1234.56"))

    def test_credits_are_rejects_or_credits(self):
        self.log("time,user,task,quantity", "2025-05-02,ann,t,10.5", "2025-05-03,ann,t,-0.75",
                 "2025-05-04,bob,t,-2e-3")
        options = ("log", "--format", "csv", "--cycle", "all")
        found = self.meter(*options)
        self.assertEqual((found.counts, found.sums(0)), ((1, 2, 1, 0), {"ann": Decimal("10.5")}))
        self.assertEqual([(line, reason) for line, _, reason, _ in found.rejects],
                         [(3, "bad_quantity"), (4, "bad_quantity")])
        found = self.meter(*options, "--negative", "allow")
        self.assertEqual((found.counts, found.sums(0)),
                         ((3, 0, 1, 0), {"ann": Decimal("9.75"), "bob": Decimal("-0.002")}))
        self.assertEqual([row[-1] for row in found.rows], ["9.750000000000", "-0.002000000000"])


class RepeatedExports(StateTest):
    LOG_FORMAT = "csv"

    def test_rows_that_an_earlier_night_had_are_billed_once(self):
        rows = [f"2025-05-{day:02},ann,{day},{day * 10}" for day in range(1, 16)]
        header = "day,customer,id,calls"
        self.log(header, *rows[:10], name="monday.csv")
        self.log(header, *sorted(rows, reverse=True), name="tuesday.csv")
        options = ("--time", "day", "--user", "customer", "--quantity", "calls", "--dedupe-by",
                   "id", "-g", "user")
        self.silently("monday.csv", options=options, rates=("*=1",))
        told = self.bills("tuesday.csv", of=[self.read("monday.csv"), self.read("tuesday.csv")],
                          options=options, more=("--summary", "json"), rates=("*=1",))
        self.assertEqual(told.out, b"ann: total_quantity=1200units, total_cost=1200.00\n")
        summary = self.json_of(told)
        self.assertEqual((summary["accepted"], summary["duplicates"], summary["directives"]),
                         (15, 10, 2))


if __name__ == "__main__":
    unittest.main()
