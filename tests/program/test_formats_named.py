"""Formats that have a name: what each finds in its own logs, and that no other takes them for its."""

import json
import unittest

from formats_fixture import CHUNKS, FormatsTest

CADDY = ('{"level":"info","ts":1693840791.7564995,"logger":"http.log.access","request":{'
         '"remote_ip":"192.0.2.1","client_ip":"192.0.2.9","method":"GET","uri":"/v1/a/123?x=1",'
         '"headers":{"User-Agent":["bot/1"]}},"user_id":"","duration":0.000002701,"status":0}')
CADDY_USER = CADDY.replace('"user_id":""', '"user_id":"ann"').replace("http.log.access",
                                                                     "http.log.access.log0")
CADDY_OTHER = '{"level":"error","ts":1693840791.7,"logger":"http.handlers.reverse_proxy","status":502}'
TRAEFIK_JSON = ('{"ClientHost":"192.0.2.1","ClientUsername":"-","DownstreamStatus":"200",'
                '"Duration":357313,"RequestMethod":"GET","RequestPath":"/a/12?q",'
                '"StartUTC":"2021-12-08T14:02:43.587782192Z"}')
CLOUDEVENT = ('{"specversion":"1.0","type":"login","subject":"ann","time":"2025-05-02T23:16:50Z",'
              '"data":{"status":200,"duration_ms":260.5}}')
IIS = ("#Software: Microsoft Internet Information Services 10.0",
       "#Fields: date time c-ip cs-username cs-method cs-uri-stem cs-uri-query sc-status time-taken",
       "2025-05-02 23:16:50 192.0.2.1 ann GET /v1/a/123 x=1 200 260",
       "2025-05-02 23:16:51 192.0.2.2 - GET /b - 404 15",
       "#Fields: cs-username time date time-taken sc-status cs-uri-stem cs-method",
       "bob 23:16:52 2025-05-02 7 500 /c PUT")
CLOUDFRONT = ("#Version: 1.0",
              "#Fields: date time c-ip cs-method cs-uri-stem sc-status cs(User-Agent) time-taken",
              "2025-05-02\t23:16:50\t192.0.2.1\tGET\t/v1/a\t200\tbot\t0.113")
ALB_NEW = ('https 2023-04-26T12:23:00.186641Z app/x/1 192.0.2.1:44740 10.0.0.1:80 0.086 0.048 0.037 '
           '200 200 0 57 "GET https://a.example:443/robots.txt HTTP/1.1" "curl/7" X TLSv1.2 arn '
           '"Root=1" "a.example" "-" 1 2018-07-02T22:22:48.364000Z "forward" "-" "-" "-" "200" "-" "-"')
ALB_OLD = ('h2 2023-04-26T12:23:14Z app/x/1 [2001:db8::1]:1 - -1 -1 -1 404 - 5 257 '
           '"GET https://a.example:443/x HTTP/2.0" "-" - - - "Root=2"')
ELB = ('2025-05-02T23:16:50.186641Z e 192.0.2.1:2817 10.0.0.1:80 0.001 0.258 0.001 200 200 0 59 '
       '"GET http://a.example:80/v1/a HTTP/1.1" "curl/8" - -')
S3 = ('79a5 my-bucket [02/May/2025:23:16:50 +0000] 192.0.2.1 - 3E57 REST.GET.OBJECT a.png '
      '"GET /b/a.png HTTP/1.1" 200 - 59 59 260 258 "-" "curl/8" - more fields')
ENVOY = ('[2016-04-15T20:17:00.310Z] "POST /api/v1 HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "x" "y" '
         '"z" "tcp://10.0.2.1:80"')
TRAEFIK = ('192.0.2.1 - ann [08/Dec/2021:09:16:05 +0000] "GET /s HTTP/1.1" - - "-" "-" 500 "a -> b" '
           '"http://172.17.0.3:80" 42ms')
HAPROXY = ('192.0.2.1:14853 [14/Jan/2015:12:48:57.127] in~ b/node 170/0/0/3/173 200 739 - - --NN '
           '0/0/0/0/0 0/0 {a} {} "GET /x HTTP/1.1"')
SQUID = ("1746227810.250    260 192.0.2.1 TCP_MISS/200 59 GET http://a.example/x?q ann "
         "HIER_DIRECT/10.0.0.1 text/html")

# Of each format: a log, and user, task and quantity of the calls in it.
LOGS = {
    "caddy": ((CADDY, CADDY_USER, CADDY_OTHER), [("192.0.2.9", "GET /v1/a/{id}", "0.002701"),
                                                 ("ann", "GET /v1/a/{id}", "0.002701")]),
    "traefik_json": ((TRAEFIK_JSON,), [("192.0.2.1", "GET /a/{id}", "0.357313")]),
    "cloudevents": ((CLOUDEVENT,), [("ann", "login", "260.5")]),
    "iis": (IIS, [("192.0.2.2", "GET /b", "15"), ("ann", "GET /v1/a/{id}", "260"),
                  ("bob", "PUT /c", "7")]),
    "cloudfront": (CLOUDFRONT, [("192.0.2.1", "GET /v1/a", "113")]),
    "alb": ((ALB_NEW, ALB_OLD), [("192.0.2.1", "GET /robots.txt", "171"),
                                 ("2001:db8::1", "GET /x", "0")]),
    "elb": ((ELB,), [("192.0.2.1", "GET /v1/a", "260")]),
    "s3": ((S3,), [("192.0.2.1", "REST.GET.OBJECT", "260")]),
    "envoy": ((ENVOY,), [("10.0.35.28", "POST /api/v1", "226")]),
    "traefik": ((TRAEFIK,), [("ann", "GET /s", "42")]),
    "haproxy": ((HAPROXY,), [("192.0.2.1", "GET /x", "173")]),
    "squid": ((SQUID,), [("ann", "GET /x", "260")]),
}


class NamedFormats(FormatsTest):
    def test_the_port_behind_an_address_of_ipv6_makes_no_user(self):
        for address in ("::ffff:192.0.2.1", "2001:db8::1", "2001:db8:1:2:3:4:5:6", "192.0.2.7"):
            with self.subTest(address=address):
                self.assertIn("192.0.2.1:", HAPROXY)
                lines = [HAPROXY.replace(HAPROXY.split(" ")[0], f"{address}:{port}", 1)
                         for port in (14853, 9)]
                self.log(*lines)
                found = self.meter("log", "--format", "haproxy", "--cycle", "all")
                self.assertEqual({row[0] for row in found.rows}, {address})

    def test_what_is_derived_may_say_nothing_too(self):
        self.log('192.0.2.1 - ann [02/May/2025:23:16:50 +0200] "GET /v1/a?- HTTP/1.1" 200 59 "-" "x"')
        found = self.meter("log", "--format", "combined", "--where", "query is missing")
        self.assertEqual(found.counts, (1, 0, 0, 0))

    def test_hours_of_w3c_logs(self):
        self.log(*IIS)
        found = self.meter("log", "--format", "iis", "--task", "hour", "--cycle", "all")
        self.assertEqual({row[2] for row in found.rows}, {"23"})

    def candidates(self, *lines):
        """What `check` finds without being told a format."""
        self.log(*lines)
        result = self.run_billing("check", "log", "--json")
        self.assertEqual(result.code, 0, result.err)
        return json.loads(result.out)["inputs"][0]

    def test_each_is_found_out_by_its_own_log(self):
        for name, (lines, calls) in LOGS.items():
            with self.subTest(name=name):
                self.log(*lines)
                found = self.meter("log", "--cycle", "all", "--format", "auto")
                self.assertEqual([row["name"] for row in found.summary["formats"]], [name])
                self.assertEqual([(row[0], row[2], row[4]) for row in found.rows], calls)
                self.assertEqual(found.count("rejected"), 0)

    def test_a_few_objects_of_a_format_among_others_do_not_decide(self):
        for others, found in ((1, True), (2, False), (99, False)):
            for name in ("cloudevents", "caddy", "traefik_json"):
                with self.subTest(name=name, others=others):
                    self.log(LOGS[name][0][0], *['{"level":"info"}'] * others)
                    result = self.run_billing("aggregate", "log", "-r", "*=1", "--format", "auto")
                    self.assertEqual(result.code == 0, found, result.err)
                    if not found:
                        result.fails(2, "log", "no format fits")

    def test_no_other_format_finds_calls_in_it(self):
        result = self.run_billing("formats", "--json")
        examples = {row["name"]: row["example"] for row in json.loads(result.out)}
        self.assertLessEqual(set(LOGS), set(examples))
        logs = {name: lines for name, (lines, _) in LOGS.items()}
        for name, lines in [*examples.items(), *logs.items()]:
            # One line as it stands, or lines.
            lines = lines if isinstance(lines, tuple) else lines.encode().decode(
                "unicode_escape").split("\n")
            with self.subTest(name=name):
                others = [one for one in self.candidates(*lines)["candidates"]
                          if one["events"] > 0 and one["name"] != name]
                self.assertEqual(others, [])

    def test_the_instant_and_the_quantity_of_caddy_keep_all_digits(self):
        self.log(CADDY)
        found = self.meter("log", "--format", "caddy")
        self.assertEqual(found.summary["earliest"], "2023-09-04T15:19:51.7564995Z")
        self.assertEqual(str(found.quantity), "0.002701")

    def test_records_of_other_loggers_are_directives(self):
        self.log(CADDY, CADDY_OTHER, '{"msg":"no logger"}', "plain")
        self.assertEqual(self.meter("log", "--format", "caddy").counts, (1, 1, 2, 0))

    def test_derived_fields_of_objects(self):
        self.log(CADDY)
        found = self.meter("log", "--format", "caddy", "--task", "$method $query $device $is_bot $ip",
                           "--cycle", "all")
        self.assertEqual(found.rows[0][2], "GET x=1 Bot true 192.0.2.1")

    def test_an_alias_in_backquotes_is_the_records_own_key(self):
        self.log(CADDY[:-1] + ',"path":"/own"}')
        for task, name in (("path", "/v1/a/{id}"), ("`path`", "/own")):
            found = self.meter("log", "--format", "caddy", "--task", task, "--cycle", "all")
            self.assertEqual(found.rows[0][2], name)


class FieldsLines(FormatsTest):
    def test_columns_change_in_the_middle_at_every_size_of_chunks(self):
        self.log(*IIS)
        for chunk in CHUNKS:
            with self.subTest(chunk=chunk):
                found = self.meter("log", "--format", "iis", "--cycle", "all", "--chunk-bytes", chunk)
                self.assertEqual(found.counts, (3, 0, 3, 0))
                self.assertEqual(found.sums(0), {"ann": 260, "192.0.2.2": 15, "bob": 7})

    def test_times_are_those_of_utc(self):
        self.log(*IIS)
        found = self.meter("log", "--format", "iis", "--timezone", "Europe/Berlin", "--cycle", "day")
        self.assertEqual(found.summary["earliest"], "2025-05-02T23:16:50Z")
        self.assertEqual({row[1] for row in found.rows}, {"2025-05-03"})

    def test_a_line_of_another_width(self):
        self.log(*IIS[:3], IIS[3] + " more", "2025-05-02 23:16:51")
        found = self.meter("log", "--format", "iis")
        self.assertEqual([(line, reason) for line, _, reason, _ in found.rejects],
                         [(4, "field_count"), (5, "field_count")])

    def test_records_before_any_line_that_names_columns(self):
        self.log(IIS[2], *IIS[1:])
        found = self.meter("log", "--format", "iis")
        self.assertEqual(found.rejects[0][2], "bad_record")

    def test_columns_that_are_said(self):
        self.log(IIS[2])
        found = self.meter("log", "--format", "iis", "--columns", ",".join(IIS[1].split()[1:]))
        self.assertEqual(str(found.quantity), "260")

    def test_a_log_that_never_names_columns(self):
        self.log(IIS[2])
        self.aggregate("log", "--format", "iis", "--rate", "*=1").fails(2, "#Fields:", "--columns")

    def test_a_field_that_no_line_names(self):
        self.log(*IIS)
        self.aggregate("log", "--format", "iis", "--user", "cs-usernam", "--rate", "*=1").fails(
            2, "cs-usernam", "cs-username")

    def test_a_task_without_a_rate_is_shown_in_the_columns_that_hold_there(self):
        self.log(*IIS)
        result = self.aggregate("log", "--format", "iis", "--rate", "GET /v1/a/{id}=1", "--rate",
                                "GET /b=1", "--unrated", "reject")
        self.assertRegex(result.err, r"log:6:34: unrated_task")


class WebFormats(FormatsTest):
    def test_calls_without_a_time_are_told(self):
        self.log(ALB_NEW, ALB_OLD)
        found = self.meter("log", "--format", "alb")
        self.assertEqual((str(found.quantity), found.summary["without_quantity"]), ("171", 1))
        result = self.run_billing("aggregate", "log", "--format", "alb", "--rate", "*=1")
        self.assertIn("1 has no quantity and is billed as", result.err)

    def test_without_the_constant_they_are_rejects(self):
        self.log(ALB_NEW, ALB_OLD)
        found = self.meter("log", "--format", "alb", "--quantity", "target_processing_time:s")
        self.assertEqual([reject[2] for reject in found.rejects], ["bad_quantity"])

    def test_apaches_directives_tell_their_unit(self):
        for directive, quantity in (("%D", "0.26"), ("%T", "260000"), ("%{ms}T", "260")):
            with self.subTest(directive=directive):
                self.log('192.0.2.1 [02/May/2025:23:16:50 +0200] "GET /a HTTP/1.1" 200 260')
                found = self.meter("log", "--log-format", f'%h %t "%r" %>s {directive}',
                                   "--quantity", "request_time")
                self.assertEqual(str(found.quantity), quantity)

    def test_a_derived_field_without_its_source_is_refused(self):
        self.log('192.0.2.1 - ann [02/May/2025:23:16:50 +0200] "GET /v1/a HTTP/1.1" 200 59')
        self.aggregate("log", "--format", "common", "--task", "device", "--rate", "*=1").fails(
            2, "device")


class LogsOfOthers(FormatsTest):
    def test_objects_of_another_kind_are_json_by_their_form(self):
        for name in ("lnav_pino.0", "lnav_cloudflare.1"):
            with self.subTest(name=name):
                result = self.run_billing("check", self.real_log(name))
                self.assertIn("json by its form", result.out.decode())

    def test_no_format_takes_what_is_none_of_its_logs(self):
        for name in ("aws_cur.csv", "gcp_billing.csv", "lnav_logfmt.0", "lnav_uwsgi.0", "k8s_cri.log",
                     "npmplus.log", "focus_1_0_sample_300.csv"):
            with self.subTest(name=name):
                result = self.run_billing("check", "--json", self.real_log(name))
                found = json.loads(result.out)["inputs"][0]
                self.assertEqual([one["name"] for one in found["candidates"] if one["events"]], [])

    def found(self, name, *options):
        return self.meter(self.real_log(name), "--cycle", "all", *options)

    def test_a_load_balancer(self):
        found = self.found("aws_alb.log")
        self.assertEqual((found.counts, str(found.quantity), found.summary["without_quantity"]),
                         ((14, 0, 0, 0), "518", 8))
        found = self.found("aws_alb.log", "--format", "alb", "--quantity",
                           "request_processing_time:s + target_processing_time:s")
        self.assertEqual(found.counts, (6, 8, 0, 0))

    def test_caddy(self):
        found = self.found("caddy.jsonl")
        self.assertEqual((found.counts, found.summary["earliest"]),
                         ((10, 0, 1, 1), "2023-09-04T15:19:51.7564995Z"))

    def test_traefik_in_json(self):
        found = self.found("traefik_json_mixed.log", "--format", "traefik_json")
        self.assertEqual(found.counts, (6, 1, 0, 0))
        sums = found.sums(0)
        self.assertEqual([str(sums[user]) for user in ("192.168.65.1", "172.17.0.1",
                                                       "192.168.1.115", "192.168.1.100")],
                         ["3.501375", "0.922162", "0.010158", "2.337877"])

    def test_traefik(self):
        found = self.found("traefik_clf.log")
        self.assertEqual((found.counts, str(found.quantity)), ((7, 0, 0, 2), "68"))

    def test_a_w3c_log(self):
        found = self.found("lnav_w3c.0")
        self.assertEqual((found.counts, found.rows[0][0]), ((1, 0, 4, 0), "172.22.255.255"))

    def test_cloudfront_without_a_header(self):
        found = self.found("cloudfront_noheader.tsv")
        self.assertEqual((found.counts, str(found.quantity)), ((2, 0, 0, 0), "226"))

    def test_haproxy_beside_failed_handshakes(self):
        found = self.found("haproxy_syslog.log", "--format", "haproxy")
        self.assertEqual((found.counts, str(found.quantity)), ((2, 3, 0, 0), "1437"))


if __name__ == "__main__":
    unittest.main()
