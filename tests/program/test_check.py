"""billing check says what inputs are before they are billed, and writes nothing."""

import gzip
import json
import os
import shlex
import unittest

from program_fixture import (DONE, FAILED, MISUSED, PROJECT, TOO_MANY_REJECTS, ProgramTest,
                             record)

LOGS = PROJECT.parent / "shared" / "data" / "logs"  # of others; may be absent
COMBINED = ('192.0.2.1 - {user} [02/May/2025:23:16:50 +0200] "GET /v1/a HTTP/1.1" 200 59 "-" '
            '"curl/8"\n')


class Check(ProgramTest):
    def checked(self, *arguments, code=DONE, **settings):
        """The report of one input, and the whole."""
        before = self.files()
        result = self.run_billing("check", "--json", *arguments, **settings)
        self.assertEqual((result.code, result.err, result.out.count(b"\n")), (code, "", 1))
        self.assertEqual(self.files(), before, "something was written")
        report = json.loads(result.out)
        return report["inputs"][0], report

    def told(self, *arguments, code=DONE, **settings):
        result = self.run_billing("check", *arguments, **settings)
        self.assertEqual((result.code, result.err), (code, ""))
        return result.out.decode()

    def test_a_log_of_the_format_text(self):
        self.log(*(record(user=f"u{i % 3}", task=f"t{i % 2}", ms=i) for i in range(20)))
        found, report = self.checked("log")
        self.assertEqual(found["format"], "text")
        self.assertEqual((found["records"], found["accepted"], found["rejected"]), (20, 20, 0))
        self.assertEqual((found["users"], found["tasks"]), (3, 2))
        self.assertEqual((found["quantity"], found["unit"]), ("190", "ms"))
        self.assertEqual(found["earliest"], "2025-05-02T23:16:50Z")
        self.assertEqual([event["line"] for event in found["first_events"]], list(range(1, 11)))
        self.assertEqual(found["first_events"][4],
                         {"line": 5, "time": "2025-05-02T23:16:50Z", "user": "u1", "task": "t0",
                          "status": 200, "quantity": "4"})
        self.assertEqual(report["proposals"][0]["command"],
                         "billing aggregate log --format text --unrated zero")
        told = self.told("log")
        for part in ("format    text: 20 of its first 20 records are calls",
                     "190 ms in all; a rate is per ms", "quantity (ms)"):
            self.assertIn(part, told)

    def test_each_candidate_has_its_count(self):
        self.write("log", COMBINED.format(user="ann") * 3)
        found, _ = self.checked("log")
        counts = {one["name"]: one["events"] for one in found["candidates"]}
        self.assertGreaterEqual(len(counts), 8)
        self.assertEqual({name: count for name, count in counts.items() if count}, {"combined": 3})

    def test_the_command_that_is_proposed_makes_the_bill(self):
        self.write("a b.log", COMBINED.format(user="ann") * 3 + "garbage\n")
        self.write("x.csv", "when;who;n\n2025-05-02;ann;1,5\n")
        for arguments, code, users in (
                (["a b.log", "--format", "combined"], TOO_MANY_REJECTS, b"ann"),
                (["x.csv", "--separator", ";", "--decimal", ",", "--time", "when", "--user", "who",
                  "--quantity", "n", "--timezone", "Europe/Berlin"], DONE, b"ann")):
            _, report = self.checked(*arguments, code=code)
            words = shlex.split(report["proposals"][0]["command"])
            self.assertEqual(words[0], "billing")
            result = self.run_billing(*words[1:], "-q", "--group-by", "user")
            self.assertEqual(result.code, DONE, result.err)
            self.assertTrue(result.out.startswith(users), result.out)

    def test_records_that_would_be_rejected(self):
        self.log(record(), "one", record(), record(task="a\x01b"), "2", "3", *[record()] * 60)
        told = self.told("log", code=TOO_MANY_REJECTS)
        for part in ("would be rejected: 4 of 66 records; the first 3 are", "(field_count 3, bad_task 1)",
                     "log:2:4: field_count\n    one\n       ^\n",
                     "log:4:24: bad_task\n", "field_count: wants 5 fields",
                     "--rejects rejects.csv"):
            self.assertIn(part, told)
        self.assertNotIn("log:6:", told)
        found, _ = self.checked("log", code=TOO_MANY_REJECTS)
        self.assertEqual(found["first_rejects"][0],
                         {"line": 2, "byte_offset": len(record()) + 1, "column": 4,
                          "reason": "field_count", "record": "one"})
        self.assertEqual(found["rejected_by_reason"]["field_count"], 3)

    def test_what_is_wanted_is_told_of_the_format(self):
        self.write("log", "time,user,quantity\nnow,ann,1\n2025-05-02,ann\n2025-05-02,ann,x\n")
        told = self.told("log", "--format", "csv", code=TOO_MANY_REJECTS)
        for part in ("bad_time: wants a time in time", "--time FIELD:KIND",
                     "field_count: wants 3 cells, as there are columns",
                     "bad_quantity: wants a number in quantity"):
            self.assertIn(part, told)
        self.assertNotIn("time user task status NNNms", told)

    def test_only_the_first_records_are_looked_at(self):
        self.log(*[record()] * 5, "bad")
        found, _ = self.checked("log", "--records", "5")
        self.assertEqual((found["records"], found["is_whole"]), (5, False))
        found, _ = self.checked("log", "--records", "6", code=TOO_MANY_REJECTS)
        self.assertEqual((found["records"], found["is_whole"]), (6, True))
        self.assertIn("the first 5: 5 calls", self.told("log", "--records", "5"))

    def test_records_of_any_length(self):
        """As many are read as were asked for, though they do not stand within 64 KiB."""
        row = json.dumps({"time": "2025-05-02T23:16:50Z", "user": "ann", "quantity": 1,
                          "pad": "x" * 4000})
        self.write("log", f"{row}\n" * 1100)
        found, _ = self.checked("log")
        self.assertEqual((found["format"], found["records"], found["accepted"]),
                         ("json", 1000, 1000))
        self.assertFalse(found["is_whole"])

    def test_rows_of_several_lines_count_once(self):
        self.write("log", "time,user,quantity\n" + '2025-05-02,"a,b",1\n2025-05-02,"ann\nx",1\n' * 9)
        found, _ = self.checked("log", "--records", "5", "--user", "=x")
        self.assertEqual((found["records"], found["accepted"], found["directives"]), (5, 4, 1))
        self.assertEqual([event["line"] for event in found["first_events"]], [2, 3, 5, 6])

    def test_pipes_and_compressed_files(self):
        text = COMBINED.format(user="-").encode() * 2000
        (self.folder / "log").write_bytes(gzip.compress(text))
        for arguments, settings in ((["log"], {}), (["-"], {"stdin": text}),
                                    ([], {"stdin": gzip.compress(text)})):
            found, report = self.checked(*arguments, **settings)
            self.assertEqual((found["format"], found["accepted"], found["is_whole"]),
                             ("combined", 1000, False))
            self.assertIn("billing aggregate " + (arguments or ["-"])[0] + " --format combined",
                          report["proposals"][0]["command"])

    def test_an_archive_that_is_cut_off(self):
        packed = gzip.compress(COMBINED.format(user="ann").encode() * 9)
        (self.folder / "log").write_bytes(packed[:-9])
        self.run_billing("check", "log").fails(FAILED, "log: is damaged or cut off")
        self.run_billing("check", stdin=packed[:-9]).fails(FAILED, "<stdin>: is damaged or cut off")

    def test_objects_of_other_keys(self):
        self.write("log", '{"ts":1746227810,"who":{"ip":"192.0.2.1"},"ms":3}\n' * 3)
        found, report = self.checked("log", code=MISUSED)
        self.assertEqual((found["format"], found["form"]), (None, "json"))
        self.assertEqual(found["missing"], ["time", "user", "quantity"])
        self.assertEqual(found["fields"][1], {"name": "who.ip", "records": 3,
                                              "example": "192.0.2.1"})
        told = self.told("log", code=MISUSED)
        for part in ("json by its form", "who.ip", "--time, --user and --quantity",
                     "billing check log --format json --time ts --user who.ip --quantity 1"):
            self.assertIn(part, told)
        words = shlex.split(report["proposals"][0]["command"])
        tried, _ = self.checked(*words[2:])
        self.assertEqual((tried["accepted"], tried["unit"]), (3, "calls"))
        self.run_billing("aggregate", "log").fails(MISUSED, "billing check log", "who.ip")

    def test_what_no_format_is_like(self):
        self.write("log", "the cat sat\non the mat\n")
        told = self.told("log", code=MISUSED)
        self.assertIn("none fits", told)
        self.assertIn("the cat sat", told)
        self.assertIn("--log-format", told)

    def test_a_field_more_than_usual(self):
        self.write("log", COMBINED.format(user="ann").replace("\n", " 0.25\n") * 5)
        told = self.told("log", code=MISUSED)
        self.assertIn("combined comes closest", told)
        self.assertIn("billing check log --log-format '%h - %u %t", told)
        definition = '%h - %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %{s}T'
        found, report = self.checked("log", "--log-format", definition)
        self.assertEqual((found["accepted"], found["quantity"], found["unit"]), (5, "1250", "ms"))
        self.assertIn("--log-format " + shlex.quote(definition), report["proposals"][0]["command"])

    def test_inputs_that_do_not_go_together(self):
        self.log(record())
        self.write("web", COMBINED.format(user="ann"))
        _, report = self.checked("log", "web", code=MISUSED)
        self.assertIn("billed in calls", report["problem"])
        self.assertEqual(report["proposals"], [])
        self.assertIn("not together: web is billed in calls", self.told("log", "web", code=MISUSED))

    def test_warnings(self):
        self.write("log", COMBINED.format(user="ann") + COMBINED.format(user="-"))
        warnings = "\n".join(self.checked("log")[0]["warnings"])
        self.assertIn("remote_user, which is what the client claims", warnings)
        self.assertIn("1 of 2 users is an address", warnings)
        self.log(*(record(task=f"t{i}") for i in range(30)))
        warnings = "\n".join(self.checked("log")[0]["warnings"])
        self.assertIn("30 distinct tasks in 30 calls", warnings)
        self.log(*(record(task=f"t{i % 9}") for i in range(30)))
        self.assertEqual(self.checked("log")[0]["warnings"], [])

    def test_an_empty_input(self):
        self.write("log", "")
        found, _ = self.checked("log")
        self.assertEqual((found["records"], found["is_whole"]), (0, True))

    def test_a_first_record_that_is_too_long_to_be_known(self):
        self.write("log", "x" * 100_000 + "\n" + record() + "\n")
        self.run_billing("aggregate", "log").fails(MISUSED, "does not end within its first 65,536")
        self.checked("log", code=MISUSED)
        found, _ = self.checked("log", "--format", "text", code=TOO_MANY_REJECTS)
        self.assertEqual((found["accepted"], found["rejected"]), (1, 1))

    def test_mistakes(self):
        self.run_billing("check", "nowhere").fails(FAILED, "nowhere")
        self.log(record())
        self.run_billing("check", "log", "--records", "0").fails(MISUSED, "--records")
        self.run_billing("check", "log", "--format", "txt").fails(MISUSED, "did you mean 'text'?")
        self.run_billing("check", "log", "--separator", ";;").fails(MISUSED, "--separator")

    def test_a_part_that_is_none_as_said_stays_so_in_the_command(self):
        self.write("calls.csv", "time,user,task,status,duration_ms\n"
                   "2025-05-02T23:16:50Z,ann,login,ok,260\n")
        out = self.run_billing("check", "calls.csv", "--task", "none", "--status-from",
                               "none").out.decode()
        self.assertIn("--task none --status-from none", out)

    @unittest.skipUnless(os.access(LOGS, os.R_OK), "the logs of others are not here")
    def test_logs_of_others(self):
        for name, code, form in (("nginx_combined_hex_escapes.log", DONE, "combined"),
                                 ("apache_mixed.log", MISUSED, "combined"),
                                 ("caddy.jsonl", DONE, "caddy"),
                                 ("traefik_json_mixed.log", MISUSED, "traefik_json"),
                                 ("aws_cur.csv", MISUSED, "csv"),
                                 ("cloudfront_noheader.tsv", DONE, "cloudfront"),
                                 ("lnav_logfmt.0", MISUSED, "logfmt"),
                                 ("aws_alb.log", DONE, "alb")):
            found, _ = self.checked(str(LOGS / name), code=code)
            self.assertEqual(found["format"] or found["form"], form, name)


if __name__ == "__main__":
    unittest.main()
