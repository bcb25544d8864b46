"""What may be done to inputs of every format without changing a byte of the bill."""

import gzip
import json
import random
import shutil
import subprocess
import unittest

from formats_fixture import TIMED, FormatsTest

RECORDS = 240
THREADS = ("1", "2", "7")
CHUNK_BYTES = ("1", "2", "63", "64", "65", "4096")
POLICIES = ("calls:5", "day", "every:7m", "all")
ZSTD = shutil.which("zstd")
USERS = ("ann", "bob", "é", "a b", "x" * 40)
PATHS = ("/a", "/v1/items/{}", "/b?q=%41&x=y", "/long/" + "y" * 70)


def call(dice):
    """A call's time (seconds of a day), user, path, status and seconds, as text."""
    second = dice.randrange(86_400)
    return (f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}", dice.choice(USERS),
            dice.choice(PATHS).format(dice.randrange(10**6)), dice.choice(("200", "404", "000")),
            f"{dice.randrange(3)}.{dice.randrange(1000):03}")


def web_record(dice):
    time, user, path, status, seconds = call(dice)
    agent = dice.choice(("curl/8", "", r"\x22x\x22", "a" * 60))
    return (f'192.0.2.{dice.randrange(9)} - {dice.choice(("-", user))} [02/May/2025:{time} +0200] '
            f'"GET {path} HTTP/1.1" {status} 5 "-" "{agent}" {seconds}')


def json_record(dice):
    time, user, path, status, seconds = call(dice)
    fields = {"time": f"2025-05-02T{time}Z", "user": user, "task": path, "status": status,
              "x": {"y": [1, {"z": "{\"}\\"}], "n": None}}
    text = json.dumps(fields, ensure_ascii=dice.random() < 0.5)
    return text[:-1] + f', "quantity": {seconds}}}'


def csv_record(dice):
    time, user, path, status, seconds = call(dice)
    note = dice.choice(("", '"a\nb"', '"x""y"', '"\n\n"', '",,"', "z" * 50))
    quoted = dice.choice((user, f'"{user}"'))
    return f"2025-05-02 {time},{quoted},{path},{status},{note},{seconds}"


def logfmt_record(dice):
    time, user, path, status, seconds = call(dice)
    return (f'time="2025-05-02 {time}" user="{user}" task="{path}" status={status} flag '
            f'quantity={seconds} note="\\"=\\n"')


PRICES = ("--rate", "GET /a=.005", "--rate", "/a=0.01", "--rate", "*=.0123")
HEADER = "time,user,task,status,note,quantity"
MAPPED = ("--unit", "s", "--quantity-digits", "3")
KINDS = {
    "web": (web_record, "", ("--log-format", TIMED)),
    "json": (json_record, "", ("--format", "json", *MAPPED)),
    "csv": (csv_record, HEADER, ("--format", "csv", *MAPPED)),
    "logfmt": (logfmt_record, "", ("--format", "logfmt", *MAPPED)),
}
BAD = {"web": "bad", "json": '{"user":', "csv": "x,y", "logfmt": 'a="b'}


class Metamorphic(FormatsTest):
    def each_kind(self):
        for kind, (make, header, options) in KINDS.items():
            dice = random.Random(kind)
            records = [BAD[kind] if dice.random() < 0.03 else make(dice) for _ in range(RECORDS)]
            self.store(records, header, "whole")
            yield records, header, options

    def store(self, records, header, name, line_end="\n"):
        lines = [*([header] if header else []), *records]
        return self.write(name, "".join(line + line_end for line in lines))

    def billed(self, options, *names, policy="calls:5", stdin=b""):
        """The bill, and how many records were rejected; of both engines."""
        result = self.aggregate(*names, *options, "--cycle", policy, "--timezone", "Europe/Berlin",
                                "--rejects", "/dev/null", *PRICES, "--output-format", "csv",
                                stdin=stdin)
        self.assertEqual(result.code, 0, result.err)
        self.assertGreater(result.out.count(b"\n"), 5)
        return result.out

    def test_the_order_of_records(self):
        for records, header, options in self.each_kind():
            self.store(random.Random(1).sample(records, RECORDS), header, "shuffled")
            for policy in POLICIES:
                self.assertEqual(self.billed(options, "shuffled", policy=policy),
                                 self.billed(options, "whole", policy=policy))

    def test_cutting_into_files_and_their_order(self):
        for records, header, options in self.each_kind():
            borders = [0, 1, 50, 51, 200, RECORDS]
            names = [self.store(records[start:end], header, f"part{start}")
                     for start, end in zip(borders, borders[1:])]
            expected = self.billed(options, "whole")
            self.assertEqual(self.billed(options, *names), expected)
            self.assertEqual(self.billed(options, *reversed(names)), expected)

    def billed_by_threads(self, options, *engine):
        """The bill of the parallel engine with settings that the baseline does not know."""
        result = self.run_billing("aggregate", "-q", "whole", *options, "--timezone",
                                  "Europe/Berlin", "--rejects", "/dev/null", *PRICES,
                                  "--output-format", "csv", *engine)
        self.assertEqual(result.code, 0, result.err)
        return result.out

    def test_threads_and_chunks(self):
        for _, _, options in self.each_kind():
            expected = self.billed(options, "whole")
            for threads in THREADS:
                for chunk_bytes in CHUNK_BYTES:
                    found = self.billed_by_threads(options, "--threads", threads, "--chunk-bytes",
                                                   chunk_bytes)
                    self.assertEqual(found, expected, (threads, chunk_bytes))

    def test_rejects_whatever_the_chunks(self):
        for _, _, options in self.each_kind():
            seen = set()
            for chunk_bytes in CHUNK_BYTES:
                found = self.meter("whole", *options, "--chunk-bytes", chunk_bytes)
                seen.add(str((found.rejects, found.counts, found.summary["earliest"])))
            self.assertEqual(len(seen), 1)
            self.assertGreater(len(found.rejects), 0)

    def test_compression(self):
        for _, _, options in self.each_kind():
            expected, text = self.billed(options, "whole"), self.read("whole")
            packed = [gzip.compress(text), gzip.compress(text[:777]) + gzip.compress(text[777:])]
            if ZSTD:
                packed.append(subprocess.run([ZSTD, "-qc"], input=text, check=True,
                                             capture_output=True).stdout)
            for content in packed:
                self.write("packed", content)
                self.assertEqual(self.billed(options, "packed"), expected)
                self.assertEqual(self.billed(options, "-", stdin=content), expected)
                self.assertEqual(self.billed((*options, "--chunk-bytes", "65"), "packed"), expected)

    def test_standard_input(self):
        for _, _, options in self.each_kind():
            expected = self.billed(options, "whole")
            self.assertEqual(self.billed(options, stdin=self.read("whole")), expected)
            self.assertEqual(self.billed((*options, "--chunk-bytes", "64"),
                                         stdin=self.read("whole")), expected)

    def test_ends_of_lines_blanks_and_a_byte_order_mark(self):
        for records, header, options in self.each_kind():
            expected = self.billed(options, "whole")
            self.store(records, header, "crlf", line_end="\r\n")
            self.assertEqual(self.billed(options, "crlf"), expected)
            self.store(records, header, "spread", line_end="\n\r\n\n")
            self.assertEqual(self.billed(options, "spread"), expected)
            self.write("cut", "\ufeff".encode() + self.read("whole").removesuffix(b"\n"))
            self.assertEqual(self.billed(options, "cut"), expected)

    def test_partials_of_two_halves(self):
        for records, header, options in self.each_kind():
            halves = [self.store(records[:99], header, "first"),
                      self.store(records[99:], header, "second")]
            for policy in POLICIES:
                for name in halves:
                    self.run_billing("aggregate", "-q", name, *options, "--cycle", policy,
                                     "--timezone", "Europe/Berlin", "--rejects", "/dev/null",
                                     "--partial", f"{name}.partial").is_done()
                merged = self.run_billing("merge", "-q", "second.partial", "first.partial",
                                          *PRICES, "--output-format", "csv").is_done()
                self.assertEqual(merged.out, self.billed(options, "whole", policy=policy))

    def test_a_small_memory(self):
        for _, _, options in self.each_kind():
            self.assertEqual(self.billed_by_threads(options, "--slice-bytes", "4096"),
                             self.billed(options, "whole"))

    def test_recognition(self):
        """What is found out is what would have been said."""
        for _, _, options in self.each_kind():
            if "--log-format" not in options:
                self.assertEqual(self.billed(options[2:], "whole"), self.billed(options, "whole"))


class Together(FormatsTest):
    def test_formats_in_one_run_are_found_out_one_by_one(self):
        self.log('{"time":"2025-05-02","user":"ann","task":"t","duration_ms":1.5}', name="a")
        self.log("time,user,task,duration_ms", "2025-05-02,ann,t,2.25", name="b")
        self.log("time=2025-05-02 user=ann task=t duration_ms=4", name="c")
        for names in ("abc", "cba", "bac"):
            found = self.meter(*names, "--cycle", "all")
            self.assertEqual(found.rows, [["ann", "all", "t", "3", "7.75", "7.750000000000"]])

    def test_inputs_of_other_units_are_not_billed_together(self):
        self.log("2025-05-02T00:00:00Z ann t 200 8ms", name="text")
        self.log('{"time":"2025-05-02","user":"ann","task":"t","quantity":1}', name="json")
        self.aggregate("text", "json", "--rate", "*=1").fails(2, "ms", "units")

    def test_the_same_input_twice_is_refused(self):
        self.log("time,user,task,duration_ms", "2025-05-02,ann,t,2.25", name="a")
        self.aggregate("a", "./a", "--rate", "*=1").fails(1, "same input")


if __name__ == "__main__":
    unittest.main()
