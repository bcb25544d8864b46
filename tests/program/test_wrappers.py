"""Logs in wrappers: Docker's JSON files, those of Kubernetes, docker compose, syslog."""

import gzip
import json
import subprocess
import unittest

from formats_fixture import CHUNKS, FormatsTest
from program_fixture import (DONE, FAILED, MISUSED, PROGRAM, SANITIZED, clean_environment,
                             peak_anonymous_bytes, record)

CALL = ('192.0.2.1 - ann [02/May/2025:23:16:50 +0200] "GET /v1/a HTTP/1.1" 200 59 "-" '
        '"curl \\"8\\""')
TIME = "2025-05-02T21:16:50.123456789Z"


def docker(log, stream="stdout"):
    return json.dumps({"log": log, "stream": stream, "time": TIME}, separators=(",", ":"))


def cri(text, tag="F", stream="stdout"):
    return f"{TIME} {stream} {tag} {text}"


WRAPPED = {
    "docker": [docker(CALL + "\n"), docker("oh\n", "stderr")],
    "cri": [cri(CALL), cri("oh", stream="stderr")],
    "compose": ["web-1   | " + CALL],
    "syslog": ["<190>May  2 23:16:50 host nginx: " + CALL,
               "May 12 23:16:50 host nginx[7]: " + CALL,
               "2025-05-02T23:16:50.123+02:00 host nginx[7]: " + CALL,
               f"<34>1 {TIME} host nginx 7 ID1 - " + CALL,
               f'<34>1 {TIME} host nginx - - [a@1 b="]"] \ufeff' + CALL],
}


class Wrapped(FormatsTest):
    def test_each_is_recognised_together_with_the_format(self):
        for name, lines in WRAPPED.items():
            self.log(*lines * 12)
            calls = 12 * sum("oh" not in line for line in lines)
            found = self.meter("log", "--cycle", "all")
            self.assertEqual(found.counts, (calls, 0, 12 * len(lines) - calls, 0), name)
            self.assertEqual(found.sums(0, 2), {("ann", "GET /v1/a"): calls})
            self.assertEqual(found.summary["formats"][0]["unwrap"], name)
            result = self.run_billing("check", "log")
            self.assertEqual(result.code, DONE, result.out)
            self.assertIn(f"combined in {name}", result.out.decode())
            self.assertIn(f"--format combined --unwrap {name} ", result.out.decode())
            told = self.run_billing("aggregate", "log", "--rate", "*=1").err
            self.assertIn(f"combined in {name}", told)

    def test_every_way_to_read_them_is_the_same(self):
        for name, lines in WRAPPED.items():
            text = "".join(line + "\n" for line in lines * 30 + ["of no wrapper"])
            self.write("log", text)
            self.write("log.gz", gzip.compress(text.encode()))
            expected = self.meter("log", "--unwrap", name, "--format", "combined")
            self.assertEqual(expected.rejects[0][0::2], (30 * len(lines) + 1, "bad_record"))
            ways = [("log", "--chunk-bytes", size) for size in CHUNKS]
            ways += [("log.gz",), ("log.gz", "--chunk-bytes", "1"), ("-",)]
            for way in ways:
                found = self.meter(*way, "--unwrap", name, stdin=text.encode())
                self.assertEqual(found.rows, expected.rows)
                self.assertEqual([one[:3] for one in found.rejects],
                                 [one[:3] for one in expected.rejects])
                self.assertEqual(found.counts, expected.counts)

    def test_parts_are_joined_within_their_stream(self):
        self.log(cri("2025-05-01T00:00:00Z u1 lo", "P"), cri("noise", stream="stderr"),
                 cri("gin 200 5ms"))
        for size in CHUNKS:
            found = self.meter("log", "--chunk-bytes", size)
            self.assertEqual(found.counts, (1, 0, 1, 0))
            self.assertEqual(found.sums(0, 2), {("u1", "login"): 5})
            every = self.meter("log", "--chunk-bytes", size, "--stream", "all")
            self.assertEqual(every.counts, (1, 1, 0, 0))
            self.assertEqual(every.rejects[0][0::2], (2, "field_count"))
        self.assertEqual(self.meter("log", "--format", "text", "--stream", "stderr").counts,
                         (0, 1, 2, 0))

    def test_calls_that_are_all_on_the_other_stream_are_told(self):
        self.log(cri(record(), stream="stderr"), name="a.log")
        self.log(cri(record()), name="b.log")
        result = self.aggregate("a.log", "b.log", "--unwrap", "cri", "--format", "text", "--rate",
                                "*=1")
        self.assertEqual(result.code, 0, result.err)
        self.assertIn("a.log: nothing is of stream stdout", result.err)
        both = self.meter("a.log", "b.log", "--unwrap", "cri", "--format", "text", "--stream", "all")
        self.assertEqual(both.counts[0], 2)

    def test_a_docker_log_without_a_line_end_goes_on_in_the_next(self):
        self.log(docker("2025-05-01T00:00:00Z u1 lo"), docker("2025-05-01T00:00:00Z ", "stderr"),
                 docker("gin 200 5ms\n"), docker("u2 login 200 7ms\n", "stderr"),
                 docker("2025-05-01T00:00:00Z u3 login 200 9ms"))
        for size in CHUNKS:
            found = self.meter("log", "--chunk-bytes", size, "--stream", "all")
            self.assertEqual(found.counts, (3, 0, 0, 0))
            self.assertEqual(found.sums(0), {"u1": 5, "u2": 7, "u3": 9})

    def test_rejects_have_the_place_of_the_file_and_the_column_of_the_text(self):
        lines = [cri(record()), cri("", "P"), "x", cri("2025-05-01T00:00:00Z u1 login 200 5s")]
        self.log(*lines)
        found = self.meter("log", "--unwrap", "cri")
        begins = [sum(len(line) + 1 for line in lines[:i]) for i in range(4)]
        self.assertEqual(found.rejects,
                         [(3, begins[2], "bad_record", "x"),
                          (2, begins[1], "bad_duration", "2025-05-01T00:00:00Z u1 login 200 5s")])
        self.rejects_one("bad_duration", 35, "log", "--unwrap", "cri", "--max-rejects", "1")

    def test_messages_say_that_a_wrapper_is_wanted(self):
        self.log(*WRAPPED["cri"], "x")
        self.aggregate("log", "--unwrap", "cri", "--rate", "*=1", "--format", "text").fails(
            3, "log:3:1: bad_record", "bad_record: wants a line as cri writes it\n")
        self.aggregate("log", "--unwrap", "cri", "--rate", "*=1", "--format", "combined").fails(
            3, "log:3:1: bad_record", "wants a line as cri writes it, and in it a line of the form")

    def test_parts_that_are_too_long_together(self):
        self.log(*[cri("x" * 900, "P")] * 2000, cri("end"), cri(record()))
        for size in ("1000", "100000"):
            found = self.meter("log", "--max-record-bytes", "1KiB", "--unwrap", "cri",
                               "--format", "text", "--chunk-bytes", size)
            self.assertEqual(found.counts, (1, 1, 0, 0))
            self.assertEqual(found.rejects[0][:3], (1, 0, "too_long"))
            self.assertIn("…(+", found.rejects[0][3])

    def test_a_folder_of_them(self):
        (self.folder / "pods" / "a").mkdir(parents=True)
        self.log(*WRAPPED["cri"], name="pods/a/0.log")
        self.log(*WRAPPED["cri"], name="pods/b.log")
        found = self.meter("pods", "--unwrap", "cri", "--format", "combined", "--cycle", "all")
        self.assertEqual(found.counts, (2, 0, 2, 0))

    def test_wrapped_ones_beside_others(self):
        self.log(*WRAPPED["cri"], name="a")
        self.log(CALL, name="b")
        self.log(*WRAPPED["syslog"], name="c")
        self.assertEqual(self.meter("a", "b", "c").counts, (7, 0, 1, 0))

    def test_a_partial_of_them(self):
        self.log(*WRAPPED["docker"])
        self.assertEqual(self.run_billing("aggregate", "log", "--partial", "p").code, DONE)
        self.run_billing("merge", "-q", "p", "--rate", "*=1").prints(
            'ann cycle=1 task="GET /v1/a": total_quantity=1calls, total_cost=1.00')

    def test_lines_of_other_formats_are_not_taken_for_wrapped_ones(self):
        self.log(*["2025-05-02T23:16:50Z ann api: 200 5ms"] * 3)
        self.assertEqual(self.meter("log").counts, (3, 0, 0, 0))
        entry = {"log": "x\n", "stream": "stdout", "time": TIME, "user": "u", "duration_ms": 1}
        self.log(json.dumps(entry))
        self.assertEqual(self.meter("log").counts, (1, 0, 0, 0))
        self.log(*WRAPPED["cri"])
        self.aggregate("log", "--unwrap", "none", "--rate", "*=1").fails(MISUSED, "no format fits")

    def test_what_makes_no_sense(self):
        self.log(CALL)
        self.aggregate("log", "--rate", "*=1", "--stream", "all").fails(MISUSED, "--stream")
        self.aggregate("log", "--rate", "*=1", "--unwrap", "crio").fails(MISUSED, "did you mean")

    def test_formats_lists_them_with_examples_that_work(self):
        told = self.run_billing("formats").out.decode()
        for name in WRAPPED:
            self.assertIn(f"\n{name}: ", told)
            row, = json.loads(self.run_billing("formats", "--json", name).out)
            self.assertEqual(row["unwrap"], name)
            self.log(row["example"].replace(r"\\", "\\"))
            self.assertEqual(self.meter("log").summary["formats"][0]["unwrap"], name)


class Limits(FormatsTest):
    def test_an_input_that_holds_more_than_it_may_ends_the_run(self):
        text = (record() + "\n") * 1000
        self.write("log", text)
        self.write("log.gz", gzip.compress(text.encode()))
        for name in ("log", "log.gz", "-"):
            fits = self.aggregate(name, "--max-input-bytes", str(len(text)), "--rate", "*=1",
                                  stdin=text.encode())
            self.assertEqual(fits.code, DONE, fits.err)
            shown = "<stdin>" if name == "-" else name
            self.aggregate(name, "--max-input-bytes", str(len(text) - 1), "--rate", "*=1",
                           stdin=text.encode()).fails(
                               FAILED, f"{shown}: holds more than", "--max-input-bytes")


class Memory(FormatsTest):
    def setUp(self):
        super().setUp()
        if SANITIZED:
            self.skipTest("a sanitizer takes memory of its own")

    def keeps_to_its_limit(self, lines):
        with open(self.folder / "log", "w", encoding="utf-8") as log:
            log.writelines(lines)
        command = [PROGRAM, "aggregate", "-q", "--unwrap", "cri", "--format", "text", "--rate",
                   "*=1", "--memory-limit", "64MB", "-o", "bill", "--rejects", "r", "log"]
        code, peak = peak_anonymous_bytes(command, cwd=self.folder, env=clean_environment(),
                                          stderr=subprocess.PIPE)
        self.assertEqual(code, DONE)
        self.assertLess(peak, 64_000_000 * 1.05)

    def test_parts_that_never_end_take_no_more(self):
        part = cri("x" * 16_000, "P") + "\n"
        self.keeps_to_its_limit([cri(record()) + "\n", *[part] * 10_000])
        self.assertEqual(self.text("r").count("too_long"), 1)

    def test_what_is_of_no_wrapper_takes_no_more(self):
        self.keeps_to_its_limit([cri(record()) + "\n", *["x" * 50 + "\n"] * 1_000_000])
        self.assertEqual(self.text("r").count("bad_record"), 1_000_000)


class RealLogs(FormatsTest):
    """Those that others wrote; numbers counted by hand."""

    INGRESS = ('$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
               '"$http_referer" "$http_user_agent" $request_length $request_time [$upstream] [] '
               '$upstream_addr $upstream_response_length $upstream_response_time '
               '$upstream_status $req_id')

    def test_docker(self):
        found = self.meter(self.real_log("docker_json.log"), "--log-format", self.INGRESS)
        self.assertEqual(found.counts, (3, 0, 0, 0))
        self.assertEqual(found.quantity, 1)  # 0.001 s, 0.000 s, 0.000 s

    def test_kubernetes(self):
        path = self.real_log("k8s_cri.log")
        found = self.meter(path, "--log-format", self.INGRESS)
        self.assertEqual(found.counts[0] + found.counts[2], 3)
        self.assertEqual(found.counts[1], 0)

    def test_envoy(self):
        found = self.meter(self.real_log("envoy.log"), "--format", "json", "--time", "start_time",
                           "--user", "x-forwarded-for", "--task", "$method", "--status-from",
                           "response_code", "--quantity", "duration:ms")
        self.assertEqual(found.counts, (6, 4, 0, 0))  # four are of Envoy's classic format
        self.assertEqual({reason for _, _, reason, _ in found.rejects}, {"bad_record"})


if __name__ == "__main__":
    unittest.main()
