"""aggregate --state with logs whose records cannot be told without what stands before them: with
#Fields: lines, JSON over several lines and in arrays, and in wrappers."""

import gzip
import json
import os
import random
import unittest

from program_fixture import MISUSED, TOO_MANY_REJECTS, swept
from state_logs import (IIS, LOGS, MIXED, TIME, combined_log, cri_line, docker, iis_log, in_cri,
                        in_docker, json_array, json_log, pretty_json)
from test_state_formats import FormatStateTest, packed


class Arrays(FormatStateTest):
    def test_an_exporter_writes_more_in_the_place_of_the_end(self):
        for indent, end in ((2, "\n"), (None, ""), (0, "\n\n")):
            with self.subTest(indent=indent):
                self.forget()
                for names in (("ann",), ("ann", "bob"), ("ann", "bob", "eve")):
                    content = json_array(*names, indent=indent, end=end)
                    self.write("log", content)
                    self.is_bill_of(self.takes("log"), content)
                    self.write("log.gz", packed(content))
                    told = self.takes("log", "log.gz")
                    self.is_bill_of(told, content)
                    os.remove(self.folder / "log.gz")

    def test_an_empty_one_and_then_objects(self):
        for empty in (b"[", b"[\n", b"[]", b"[\n]\n"):
            self.forget()
            self.write("log", empty)
            self.takes("log")
            self.write("log", json_array("ann"))
            self.is_bill_of(self.takes("log"), json_array("ann"))

    def test_one_that_is_not_closed_is_no_reject(self):
        content = json_array("ann", "bob")
        self.write("log", content.rstrip(b"]\n"))
        self.night("log", "--summary", "json").is_done()
        self.write("log", content)
        self.is_bill_of(self.takes("log"), content)

    def test_what_is_added_behind_the_end(self):
        content = json_array("ann")
        self.write("log", content)
        self.takes("log")
        self.append("log", json_array("bob") + b"\n{}\n")
        self.night("log").fails(TOO_MANY_REJECTS, "broken JSON")
        self.is_bill_of(self.takes("log"), content)

    def test_one_that_is_read_in_another_format_is_refused(self):
        self.write("log", json_array("ann"))
        self.takes("log")
        self.write("log", json_array("ann", "bob"))
        with self.nothing_changes():
            self.night("log", "--format", "csv", "--columns", "time,user,quantity").fails(MISUSED)


class Objects(FormatStateTest):
    def test_what_goes_on_behind_broken_json_is_told(self):
        start = pretty_json("ann") + b"{\n1\n}\n"
        self.write("log", start)
        self.night("log", "--format", "json").fails(TOO_MANY_REJECTS, "broken JSON")
        self.takes("log", options=("--format", "json"))
        self.write("log", start + pretty_json("eve"))
        told = self.takes("log").says("goes on behind broken JSON", "not billed")
        self.is_bill_of(told, self.read("log"), options=("--format", "json"))

    def test_logs_put_together_count_once(self):
        for end in ("\n", ""):
            self.forget()
            self.write("a", pretty_json("ann", end=end))
            self.write("b", pretty_json("bob", end=end))
            self.takes("a", "b")
            self.write("week", self.read("a") + self.read("b") + pretty_json("eve"))
            result = self.takes("a", "b", "week").says("count")
            self.is_bill_of(result, pretty_json("ann", "bob", "eve").replace(b"16:01", b"16:00"))

    def test_one_log_of_lines_is_not_read_as_objects_later(self):
        self.write("log", json_log("ann"))
        self.takes("log")
        self.append("log", pretty_json("bob"))
        self.assertEqual(self.totals("log")["accepted"], 1)


class Fields(FormatStateTest):
    def test_a_last_line_is_read_by_the_columns_that_hold_there(self):
        for cut in range(IIS.index(b"ann"), len(IIS), 7):
            with self.subTest(cut=cut):
                self.forget()
                self.write("log", IIS[:cut])
                first = self.takes("log")
                os.remove(self.folder / "log")
                # Where the log is not at hand, nothing changes.
                self.assertEqual(self.takes().out, first.out)

    def test_a_quantity_that_is_named_late_is_none(self):
        start = iis_log("ann", columns="date time c-ip cs-username cs-method cs-uri-stem")
        self.write("log", start)
        self.takes("log")
        self.append("log", iis_log("bob"))
        told = self.takes("log")
        self.is_bill_of(told, start + iis_log("bob"), options=("--quantity", "1"))

    def test_directives_beside_a_log_of_another_unit(self):
        self.write("log", combined_log("ann"))
        self.write("iis", IIS[:20])
        self.takes("log", "iis")
        self.write("iis", iis_log("bob"))
        self.night("iis").fails(MISUSED, "is billed in ms")


class Wrapped(FormatStateTest):
    def test_what_tells_where_records_end_stays(self):
        for more in (("--unwrap", "none"), ("--unwrap", "docker"), ("--stream", "all")):
            self.forget()
            self.write("log", in_cri(combined_log("ann", "bob")))
            self.takes("log")
            self.append("log", in_cri(combined_log("eve")))
            with self.nothing_changes():
                self.night("log", *more).fails(MISUSED, "has been read out of cri", "--unwrap")
            self.takes("log")

    def test_a_wrapper_that_shows_later_is_none(self):
        self.write("log", json_log("ann"))
        self.takes("log")
        self.append("log", in_docker(json_log("bob")) * 9)
        result = self.takes("log")
        self.is_bill_of(result, json_log("ann"))

    def test_lines_of_the_other_stream_decide_nothing(self):
        start = "".join(docker("starting\n", "stderr") for _ in range(3)).encode()
        for content in (in_docker(combined_log("ann")), in_docker(json_log("ann"))):
            self.forget()
            self.write("log", start)
            self.takes("log")
            self.write("log", start + content)
            self.is_bill_of(self.takes("log"), start + content)

    def test_whole_records_behind_an_open_part_are_billed(self):
        whole = json_log("ann", "bob")
        first, second = whole.decode().splitlines()
        log = (cri_line("stderr", "P", first[:20]) + cri_line("stdout", "F", second)).encode()
        rest = cri_line("stderr", "F", first[20:]).encode()
        options = ("--stream", "all", "--format", "json")
        self.write("log", log)
        told = self.takes("log", options=options).says("ends in the middle of a line")
        self.is_bill_of(told, json_log("bob").replace(b"16:00", b"16:01"), options=())
        self.append("log", rest)
        self.is_bill_of(self.takes("log", options=options), whole)
        self.assertEqual(self.totals(options=options)["rejected"], 0)

    def test_parts_that_are_longer_than_a_kept_line(self):
        text = json.dumps({"time": TIME.format(1), "user": "ann", "quantity": 2, "x": "y" * 200_000})
        parts = [text[at:at + 16_000] for at in range(0, len(text), 16_000)]
        content = b"".join(cri_line("stdout", "F" if part is parts[-1] else "P", part).encode()
                           for part in parts)
        first = in_cri(json_log("bob"))
        for cut in (len(content) // 3, len(content) - 5):
            self.forget()
            self.write("log", first + content[:cut])
            self.takes("log").says("ends in the middle of a line")
            self.write("log", first + content)
            self.is_bill_of(self.takes("log"), first + content)

    def test_logs_put_together_count_once(self):
        for wrap in (in_cri, in_docker):
            self.forget()
            self.write("a", wrap(combined_log("ann", "x", "y")))
            self.write("b", wrap(combined_log("bob", "x", "y")))
            self.takes("a", "b")
            self.write("week", self.read("a") + self.read("b") + wrap(combined_log("eve")))
            result = self.takes("a", "b", "week").says("count")
            self.is_bill_of(result, combined_log("ann", "x", "y"), combined_log("bob", "x", "y"),
                            combined_log("eve"))

    def test_a_shorter_limit_for_records(self):
        """Lines that are too long are no part of the text, nor are their quotes."""
        log = (cri_line("stdout", "F", "time,user,quantity,note")
               + cri_line("stdout", "F", TIME.format(1) + ",ann,1,x")
               + cri_line("stdout", "F", TIME.format(1) + ",bob,1," + '"' + "x" * 2000)
               + cri_line("stdout", "F", TIME.format(1) + ",eve,1,x")).encode()
        options = ("--max-record-bytes", "1024", "--format", "csv", "--unwrap", "cri")
        for cut in range(100, len(log), 100):
            self.forget()
            self.write("log", log[:cut])
            self.takes("log", options=options)
            self.write("log", log)
            self.is_bill_of(self.takes("log", options=options), log, options=options)


KINDS = {
    "units": ("docker json", "pretty json", "array", "syslog", "compose csv", "cri csv", "json",
              "csv", "logfmt", "array of lines", "crlf"),
    "calls": ("combined", "docker", "cri", "compose"),
    "ms": ("iis", "cri iis", "syslog iis", "text", "cri text"),
}


class RandomNights(FormatStateTest):
    """Logs of all kinds side by side, cut at any byte, compressed or not, some not at hand."""

    def test_the_last_bill_is_that_of_one_run(self):
        for seed in range(swept(60)):
            with self.subTest(seed=seed):
                self.forget()
                self.nights(random.Random(seed))

    def nights(self, choice):
        unit = choice.choice(sorted(KINDS))
        options = ("--quantity-digits", "3") if unit == "ms" else ()
        logs = {}
        for number in range(choice.randint(2, 4)):
            content = LOGS[choice.choice(KINDS[unit])][0].replace(b"ann", b"n%d" % number)
            logs[f"log{number}"] = content
        sizes = dict.fromkeys(logs, 0)
        for night in range(choice.randint(2, 4), 0, -1):
            given = []
            for name, content in logs.items():
                is_last = night == 1
                sizes[name] = len(content) if is_last else choice.randint(sizes[name], len(content))
                if not is_last and choice.random() < 0.2:
                    continue
                is_packed = choice.random() < 0.3
                part = content[:sizes[name]]
                given.append(self.write(name + ".gz" * is_packed,
                                        gzip.compress(part) if is_packed else part))
            choice.shuffle(given)
            if given:
                result = self.takes(*given, options=options)
        self.is_bill_of(result, *logs.values(), options=options)
        told = self.totals(options=options)
        names = [self.write(f"whole{number}", content)
                 for number, content in enumerate(logs.values())]
        plain = self.plain_totals(*names, options=options)
        for name in ("records", "accepted", "rejected", "directives", "blank"):
            self.assertEqual(told[name], plain[name], name)


class Mixed(FormatStateTest):
    def test_rejects_of_mixed_streams_are_listed_once(self):
        content = MIXED.replace(b'"eve"', b'"eve')
        options = ("--stream", "all", "--unwrap", "cri", "--format", "json")
        self.write("log", content)
        self.run_billing("aggregate", "-q", "log", "--rejects", "plain.csv", *options, *self.RATES)
        expected = self.read("plain.csv").splitlines()
        for cut in range(0, len(content), 11):
            with self.subTest(cut=cut):
                self.forget()
                rows = []
                for size in (cut, len(content)):
                    self.write("log", content[:size])
                    self.takes("log", options=options)
                    rows += self.read("bad.csv").splitlines()[1:]
                self.assertEqual(rows, expected[1:])


if __name__ == "__main__":
    unittest.main()
