"""aggregate --state with logs of all formats: taken in in steps, the bill is that of one run."""

import itertools
import json
import os
import shutil
import subprocess
import unittest

from program_fixture import DONE, FAILED, MISUSED, PROGRAM, SANITIZED, record, swept
from state_fixture import StateTest
from state_logs import (BAD, LOGS, NAMES, TEXT, TIMED, combined_log, csv_log, json_log, logfmt_log,
                        web_log)

class FormatStateTest(StateTest):
    LOG_FORMAT = None
    RATES = ("--rate", "*=0.01")

    def night(self, *arguments, state="state", **_):
        return self.run_billing("aggregate", "-q", "--state", state, *arguments, *self.RATES)

    def plain(self, contents, *options, **_):
        names = [self.write(f"truth/{number}", content) for number, content in enumerate(contents)]
        result = self.run_billing("aggregate", "-q", "--naive", *names, *options, "--rejects",
                                  "/dev/null", "--max-rejects", "100%", *self.RATES)
        self.assertEqual(result.code, DONE, result.err)
        return result.out

    def takes(self, *inputs, options=()):
        """A night without any reject to mind; what it said."""
        result = self.night(*inputs, *options, "--rejects", "bad.csv", "--max-rejects", "100%")
        self.assertEqual(result.code, DONE, result.err)
        return result

    def is_bill_of(self, result, *contents, options=()):
        self.assertEqual(result.out, self.plain(contents, *options), result.err)

    def forget(self):
        shutil.rmtree(self.folder / "state", ignore_errors=True)

    def totals(self, *arguments, options=()):
        return self.json_of(self.night(*arguments, *options, "--rejects", "/dev/null",
                                       "--max-rejects", "100%", "--summary", "json"))

    def plain_totals(self, *arguments, options=()):
        return self.json_of(self.run_billing(
            "aggregate", "-q", *arguments, *options, "--rejects", "/dev/null", "--max-rejects",
            "100%", "--summary", "json", *self.RATES))


class Grown(FormatStateTest):
    def in_steps(self, content, cuts, options):
        self.forget()
        result = None
        for cut in (*cuts, len(content)):
            self.write("log", content[:cut])
            result = self.takes("log", options=options)
        self.is_bill_of(result, content, options=options)
        self.tidy()
        self.write("whole", content)
        mine, plain = (self.totals("log", options=options),
                       self.plain_totals("whole", options=options))
        for name in ("records", "bytes", "accepted", "rejected", "filtered", "blank", "directives",
                     "lines", "billed"):
            if name == "bytes" and content.startswith(b"["):
                continue  # all but the end of the array
            self.assertEqual(mine.get(name), plain.get(name), name)

    def test_every_log_grows_in_steps_that_end_at_any_byte(self):
        for name, (content, options) in LOGS.items():
            step = 1 if len(content) < 60 else max(1, len(content) // swept(20))
            for cut in (*range(1, len(content), step), len(content) - 1):
                with self.subTest(name=name, cut=cut):
                    self.in_steps(content, (cut,), options)

    def test_in_many_steps(self):
        for name, (content, options) in LOGS.items():
            for step in (149,) if SANITIZED else (23, 61):
                with self.subTest(name=name, step=step):
                    self.in_steps(content, range(1, len(content), step), options)

    def test_every_night_the_bill_is_that_of_what_there_is(self):
        for name in ("json", "csv", "web", "logfmt", "iis", "syslog", "compose"):
            content, options = LOGS[name]
            ends = [i + 1 for i, byte in enumerate(content) if byte == 10]
            self.forget()
            without_records = {"csv": 1, "iis": 3}
            for end in ends[without_records.get(name, 0):]:
                with self.subTest(name=name, end=end):
                    if name == "csv" and content[:end].count(b'"') % 2:
                        continue
                    self.write("log", content[:end])
                    result = self.takes("log", options=options)
                    self.is_bill_of(result, content[:end], options=options)

    def test_the_last_record_without_its_end_is_billed_where_it_is_whole(self):
        for name in ("json", "csv", "web", "logfmt", "combined", "iis", "cloudfront", "docker",
                     "docker csv", "cri", "cri csv", "cri iis", "cri text", "mixed streams",
                     "compose", "compose csv", "syslog", "syslog iis", "pretty json", "array"):
            content, options = LOGS[name]
            with self.subTest(name=name):
                self.forget()
                self.write("log", content[:-1])
                self.is_bill_of(self.takes("log", options=options), content, options=options)
                # Also where the log is not at hand, and where other settings are given.
                os.remove(self.folder / "log")
                state_alone = self.night(*[option for option in options
                                           if options[:1] == ("--where",)])
                self.is_bill_of(state_alone, content, options=options)
                self.write("log", content)
                self.is_bill_of(self.takes("log", options=options), content, options=options)

    def test_half_a_record_waits(self):
        content, _ = LOGS["json"]
        for size in (1, 20, len(json_log("ann")) + 5):
            self.forget()
            self.write("log", content[:size])
            self.takes("log").says("ends in the middle of a line")
        self.write("log", content)
        self.is_bill_of(self.takes("log"), content)

    def test_lines_and_offsets_of_rejects_are_those_of_the_file(self):
        for name in BAD:
            content, options = LOGS[name]
            self.forget()
            self.write("log", content)
            self.run_billing("aggregate", "-q", "log", "--rejects", "plain.csv", *options,
                             *self.RATES).is_done()
            expected = self.read("plain.csv")
            for cut in (len(content) // 3, len(content) // 2, len(content) * 2 // 3):
                with self.subTest(name=name, cut=cut):
                    self.forget()
                    rows = b""
                    for size in (cut, len(content)):
                        self.write("log", content[:size])
                        self.takes("log", options=options)
                        rows += b"".join(self.read("bad.csv").splitlines(keepends=True)[1:])
                    header = expected.splitlines(keepends=True)[0]
                    self.assertEqual(header + rows, expected)

    def test_a_quote_that_stays_open_waits_and_is_no_end(self):
        start = csv_log("ann")
        self.write("log", start + b'2025-05-02T23:16:50Z,bob,t,200,1,"open\n' + b"x,y\n" * 3)
        self.takes("log").says("ends in the middle of a line")
        self.append("log", b'end"\n' + csv_log("eve", header=""))
        self.is_bill_of(self.takes("log"), self.read("log"))


class Formats(FormatStateTest):
    def test_all_formats_in_one_state(self):
        options = ("--unit", "units", "--quantity-digits", "6", "--quantity", "quantity")
        names = []
        for name in ("json", "logfmt", "csv"):
            names.append(self.write(f"logs/{name}.log", LOGS[name][0]))
        result = self.takes("logs", options=options)
        self.is_bill_of(result, *[self.read(name) for name in names], options=options)
        for name in ("json", "logfmt"):
            self.append(f"logs/{name}.log", LOGS[name][0])
        self.append("logs/csv.log", csv_log("new", header=""))
        result = self.takes("logs", options=options)
        self.is_bill_of(result, *[self.read(name) for name in names], options=options)

    def test_renamed_rotated_and_copied(self):
        for name in ("json", "csv", "combined", "iis", "cloudfront", "docker", "cri csv", "syslog",
                     "pretty json", "array"):
            content, options = LOGS[name]
            with self.subTest(name=name):
                self.forget()
                cut = len(content) * 2 // 3
                self.write("log", content[:cut])
                self.takes("log", options=options)
                self.write("log", content)
                self.rename("log", "log.1")
                self.copy("log.1", "copy")
                self.write("log", content[:cut // 2] + b"\n")
                self.takes("log.1", "copy", options=options)
                result = self.takes("log.1", "copy", options=options)
                self.is_bill_of(result, content, options=options)

    def test_a_log_goes_on_in_the_format_of_its_beginning(self):
        self.write("log", json_log("ann"))
        self.takes("log")
        # By itself it would be a log of another kind by now.
        self.append("log", b"noise\n" * 30 + json_log("bob"))
        self.night("log", state="other").fails(MISUSED)
        result = self.takes("log")
        self.is_bill_of(result, json_log("ann"), json_log("bob"))
        self.assertEqual(self.totals()["rejected"], 30)

    def test_a_usual_name_that_shows_late_changes_nothing(self):
        self.write("log", json_log("ann"))
        self.takes("log")
        self.append("log", json_log("bob").replace(b'"task"', b'"duration_ms":7,"task"'))
        self.is_bill_of(self.takes("log"), json_log("ann", ), json_log("bob"))

    def test_another_mapping_is_told_and_what_was_billed_stays(self):
        self.write("log", json_log("ann"))
        self.takes("log")
        self.append("log", json_log("bob").replace(b"}", b', "id": "x"}'))
        self.takes("log", options=("--user", "id")).says(
            "warning", "read in another way", "--user 'user' until now, 'id' from here on")
        self.write("truth/x", json_log("x"))
        result = self.takes("log", options=("--user", "id"))
        self.is_bill_of(result, json_log("ann"), json_log("x"))

    def test_another_format_is_told(self):
        self.write("log", json_log("ann"))
        self.takes("log")
        self.append("log", logfmt_log("bob"))
        told = self.takes("log", options=("--format", "logfmt"))
        told.says("--format 'json' until now, 'logfmt' from here on")
        self.is_bill_of(told, json_log("ann"), logfmt_log("bob"))

    def test_a_time_zone_is_no_other_way_to_read_text(self):
        zone = ("--timezone", "Europe/Berlin", "--cycle", "day")
        self.write("log", TEXT.replace(b"bad\n", b""))
        self.night("log", *zone)
        self.append("log", TEXT.replace(b"bad\n", b""))
        self.assertEqual(self.night("log", *zone).err, "")

    def test_a_log_of_blanks_may_become_anything(self):
        for name in ("json", "csv", "combined", "text"):
            self.forget()
            self.write("log", b"\n\n")
            self.takes("log")
            self.append("log", LOGS[name][0])
            self.is_bill_of(self.takes("log"), LOGS[name][0])

    def test_a_header_alone_and_then_rows(self):
        content = csv_log("ann")
        self.write("log", content[:content.index(b"\n") + 1])
        self.takes("log").says("no records")
        self.write("log", content)
        self.is_bill_of(self.takes("log"), content)

    def test_tables_put_together_count_once(self):
        self.write("a", csv_log("ann"))
        self.write("b", csv_log("bob"))
        self.takes("a", "b")
        self.write("a", self.read("a") + self.read("b") + csv_log("eve", header=""))
        result = self.takes("a", "b").says("count once")
        self.is_bill_of(result, csv_log("ann", "bob"), csv_log("eve"))

    def test_a_part_within_quotes_is_none(self):
        self.write("b", csv_log("bob"))
        self.write("a", csv_log("ann"))
        self.takes("a", "b")
        self.append("a", b'x,"\n' + self.read("b").replace(b'"', b"'") + b'"\n')
        self.takes("a", "b")
        self.assertEqual(self.totals()["accepted"], 2)

    def test_a_partial_of_everything(self):
        content, _ = LOGS["json"]
        self.write("log", content[:-1])
        self.takes("log")
        self.run_billing("aggregate", "-q", "--state", "state", "--partial", "made").is_done()
        merged = self.run_billing("merge", "-q", "made", *self.RATES)
        self.assertEqual(merged.out, self.plain([content]))
        self.run_billing("merge", "-q", "state/usage.partial", *self.RATES).fails(FAILED, "last line")
        self.write("log", content)
        self.takes("log")
        merged = self.run_billing("merge", "-q", "state/usage.partial", *self.RATES)
        self.assertEqual(merged.out, self.plain([content]))

    def test_a_night_of_bad_records(self):
        self.write("log", json_log("ann"))
        self.takes("log")
        self.append("log", b"{\n" * 5)
        self.night("log", "--rejects", "bad.csv").warns("not one accepted")
        self.assertEqual(len(self.read("bad.csv").splitlines()), 6)


class Agreement(FormatStateTest):
    def refuses(self, *arguments, phrases):
        with self.nothing_changes():
            self.night(*arguments).fails(MISUSED, *phrases)

    def test_the_digits_of_a_state_are_kept(self):
        self.write("web", web_log("ann"))
        web = ("--log-format", TIMED)
        self.takes("web", options=web)
        self.write("more", json_log("bob"))
        self.refuses("more", "--unit", "ms", phrases=("more", "6", "keeps 3",
                                                      "--quantity-digits 6"))
        self.write("log", record("eve") + "\n")
        result = self.takes("log", options=("--quantity-digits", "3"))
        self.assertEqual(result.out, self.takes("log").out)
        for row in (b"ann cycle=1 task=\"GET /a\": total_quantity=10ms", b"task=login: total_quantity=1ms"):
            self.assertIn(row, result.out)

    def test_digits_that_are_said_must_be_the_states(self):
        self.write("log", json_log("ann"))
        self.takes("log", options=("--quantity-digits", "2"))
        self.append("log", json_log("bob"))
        self.refuses("log", "--quantity-digits", "3", phrases=("--quantity-digits", "2", "3"))
        self.refuses("log", phrases=("--quantity-digits 2", "--quantity-digits 6"))
        self.is_bill_of(self.takes("log", options=("--quantity-digits", "2")),
                        json_log("ann", "bob"))

    def test_another_unit(self):
        self.write("log", json_log("ann"))
        self.takes("log")
        self.write("calls", combined_log("bob"))
        self.refuses("calls", phrases=("calls", "is billed in calls", "units", "--state"))
        self.append("log", json_log("bob"))
        self.refuses("log", "--unit", "GB", phrases=("GB", "units"))

    def test_another_rule_for_negatives(self):
        self.write("log", json_log("ann"))
        self.takes("log")
        self.refuses("log", "--negative", "allow", phrases=("--negative", "allow"))

    def test_other_filters(self):
        self.write("log", json_log("ann"))
        self.takes("log", options=("--where", "user = ann"))
        self.refuses("log", phrases=("--where", "user = ann"))
        self.refuses("log", "--where", "user = bob", phrases=("--where", "bob"))

    def test_blanks_decide_nothing(self):
        self.write("log", b"\n")
        self.takes("log")
        self.write("other", json_log("ann"))
        self.is_bill_of(self.takes("other"), json_log("ann"))

    def test_settings_of_a_log_that_is_known_have_an_effect_on_nothing_new(self):
        self.write("log", csv_log("ann").replace(b",", b";"))
        options = ("--separator", ";")
        self.takes("log", options=options)
        self.takes("log", options=options)
        self.takes(options=options)


def packed(content, how="gzip"):
    return subprocess.run([how, "-c"], input=content, capture_output=True, check=True).stdout


class Filters(FormatStateTest):
    def test_several_filters_and_a_last_line_without_its_end(self):
        row = '{"time":"2025-05-02T10:00:00Z","user":"%s","task":"chat","status":200,"quantity":9}'
        self.write("log", row % "ann" + "\n" + row % "bob")
        filters = ("--where", "status < 500", "--where", "quantity > 1", "--format", "json")
        for inputs in (("log",), ("log",), ()):
            told = self.night(*inputs, *filters).is_done()
            self.assertIn(b"bob", told.out)


class Compressed(FormatStateTest):
    def decompressions(self, *inputs, options=()):
        """How often the run opens a file to read it from its start: once for its hash alone."""
        self.needs_strace()
        self.trace("-y", "-e", "trace=read", command=self.command(*inputs, options=options)[1:],
                   to="trace").is_done()
        return sum(f"/{name}>" in line for line in
                   self.text("trace").splitlines() for name in inputs)

    def command(self, *inputs, options=()):
        return [PROGRAM, "aggregate", "-q", "--state", "state", *inputs, *options, *self.RATES]

    def test_a_known_log_that_was_compressed_is_known_and_need_not_be_decompressed_again(self):
        for name, how in itertools.product(
                ("text", "json", "csv", "combined", "cloudfront", "docker", "cri csv", "pretty json",
                 "array"), ("gzip", "zstd")):
            content, options = LOGS[name]
            with self.subTest(name=name, how=how):
                self.forget()
                self.write("log.1", content)
                self.takes("log.1", options=options)
                os.remove(self.folder / "log.1")
                self.write("log.1.gz", packed(content, how))
                before = self.read("state/usage.partial")
                for _ in range(2):
                    told = self.json_of(self.night("log.1.gz", *options, "--summary", "json"))
                    self.assertEqual(told["state"]["known"], 1)
                self.assertNotEqual(self.read("state/usage.partial"), before)
                self.assertEqual(self.decompressions("log.1.gz", options=options), 0)
                self.is_bill_of(self.takes("log.1.gz", options=options), content, options=options)

    def test_a_new_one_is_whole_and_known_afterwards(self):
        for name in LOGS:
            content, options = LOGS[name]
            with self.subTest(name=name):
                self.forget()
                self.write("log.gz", packed(content[:-1]))
                self.is_bill_of(self.takes("log.gz", options=options), content[:-1],
                                options=options)
                self.assertEqual(self.decompressions("log.gz", options=options), 0)
                self.is_bill_of(self.takes("log.gz", options=options), content[:-1],
                                options=options)
                # As it was before it was compressed, or compressed in another way.
                self.write("log", content[:-1])
                self.write("log.zst", packed(content[:-1], "zstd"))
                self.is_bill_of(self.takes("log", "log.zst", options=options), content[:-1],
                                options=options)

    def test_what_was_written_before_it_was_compressed_is_billed_from_there(self):
        for name in ("text", "json", "csv"):
            content, options = LOGS[name]
            for cut in (len(content) // 2, len(content) * 2 // 3):
                with self.subTest(name=name, cut=cut):
                    self.forget()
                    self.write("log", content[:cut])
                    self.takes("log", options=options)
                    self.write("log.1.gz", packed(content))
                    self.is_bill_of(self.takes("log.1.gz", options=options), content,
                                    options=options)
                    self.assertEqual(self.decompressions("log.1.gz", options=options), 0)
                    self.is_bill_of(self.takes("log.1.gz", options=options), content,
                                    options=options)

    def test_a_log_goes_on_with_what_is_compressed(self):
        content, _ = LOGS["json"]
        start = json_log("ann")
        self.write("old.gz", packed(start))
        self.takes("old.gz")
        self.write("log", content)
        self.is_bill_of(self.takes("log", "old.gz"), content)

    def test_both_at_once_count_once(self):
        for name in ("text", "csv"):
            content, options = LOGS[name]
            self.forget()
            self.write("log", content)
            self.write("log.gz", packed(content))
            self.write("log.2.gz", packed(content[:len(content) // 2]))
            result = self.takes("log", "log.gz", options=options).says("holds the same as",
                                                                      "count once")
            self.is_bill_of(result, content, options=options)

    def test_members_and_an_empty_one(self):
        self.write("two.gz", packed(json_log("ann")) + packed(json_log("bob")))
        self.write("none.gz", packed(b""))
        self.is_bill_of(self.takes("two.gz", "none.gz"), json_log("ann"), json_log("bob"))

    def test_one_that_is_damaged_changes_nothing(self):
        content, _ = LOGS["json"]
        self.write("log", content)
        self.takes("log")
        self.write("bill", "old")
        whole = packed(json_log(*NAMES * 50))
        self.write("more", json_log("more"))
        for damaged in (whole[:-1], whole[:len(whole) // 2], whole[:-8] + b"\0" * 8, whole + b"x"):
            self.write("log.gz", damaged)
            with self.nothing_changes():
                self.night("more", "log.gz", "-o", "bill").fails(FAILED, "log.gz", "compressed")
        self.write("log.gz", whole)
        self.is_bill_of(self.takes("more", "log.gz"), content, json_log("more"),
                        json_log(*NAMES * 50))

    def test_what_is_packed_otherwise_is_refused_with_the_command(self):
        self.write("log.bz2", b"BZh91AY&SY")
        self.night("log.bz2").fails(FAILED, "bzip2", "bunzip2 -k log.bz2")
        self.write("log.gz", packed(b"\xfd\x37zXZ\0" + b"x" * 600))
        self.night("log.gz").fails(FAILED, "xz")

    def test_more_files_than_may_be_open(self):
        contents = [json_log(f"u{number}") for number in range(40)]
        for number, content in enumerate(contents):
            self.write(f"logs/{number}.gz", packed(content))
        command = self.command("logs")
        for _ in range(2):
            done = subprocess.run(["bash", "-c", 'ulimit -n 64; exec "$@"', "_", *command],
                                  cwd=self.folder, capture_output=True)
            self.assertEqual(done.returncode, DONE, done.stderr)
            self.assertEqual(done.stdout, self.plain(contents))


if __name__ == "__main__":
    unittest.main()
