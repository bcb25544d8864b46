"""billing generate: the same bytes for the same options, and logs that aggregate can read."""

import collections
import csv
import gzip
import hashlib
import json
import os
import unittest

from program_fixture import DONE, FAILED, MISUSED, ProgramTest

# Changes only when the generator is meant to write something else.
PINNED = ("2000", "--users", "50", "--zipf", "1.1", "--seed", "7", "--bad", "2%")
PINNED_SHA256 = "236246e34d7395bd023535bce5f66b6a436a1879bcf212e9f3a54678e7ac6a0b"
PINNED_FORMATS = {
    "combined": "5c0291779c6092a0e741c3590c37942b60ac60bcea4ec126fdd0290e9fbaf774",
    "json": "169653d530173c1143194071cc7f2c8f41a354602aa33a8eb281c83b5bb43831",
    "csv": "4babf8b9a704b926a29136d18eec6a155720bb1b941515784dfc646b2618170b",
}


class GenerateTest(ProgramTest):
    def generate(self, records, *arguments):
        result = self.run_billing("generate", "--records", str(records), *arguments)
        self.assertEqual((result.code, result.err), (DONE, ""))
        return result.out


class Bytes(GenerateTest):
    def test_a_small_log_is_what_it_always_was(self):
        content = self.generate(*PINNED)
        self.assertEqual(hashlib.sha256(content).hexdigest(), PINNED_SHA256)

    def test_small_logs_of_other_formats_are_what_they_always_were(self):
        for name, digest in PINNED_FORMATS.items():
            content = self.generate("2000", "--users", "50", "--zipf", "1.1", "--seed", "7",
                                    "--format", name)
            self.assertEqual(hashlib.sha256(content).hexdigest(), digest, name)

    def test_the_same_options_give_the_same_bytes(self):
        arguments = (5000, "--users", "9", "--bad", "1%", "--order", "shuffled")
        self.assertEqual(self.generate(*arguments), self.generate(*arguments))

    def test_another_seed_another_log(self):
        self.assertNotEqual(self.generate(100, "--seed", "1"), self.generate(100, "--seed", "2"))
        self.assertEqual(self.generate(100, "--seed", "1"), self.generate(100))

    def test_to_a_file_as_to_standard_output(self):
        self.generate(1000, "-o", "log")
        self.assertEqual(self.read("log"), self.generate(1000))
        self.assertEqual(self.names(), ["log"])


class Formats(GenerateTest):
    FOLLOWED = ("--users", "30", "--seed", "5", "--start", "2025-04-29", "--end", "2025-05-03")

    def billed(self, *inputs, group="user,cycle,task", metered=True):
        """Lines of a bill; without what a log has no durations for."""
        cycle = ("--cycle", "day") if "cycle" in group else ()
        result = self.run_billing("aggregate", "-q", "--rate", "*=1", *cycle, "--output-format",
                                  "csv", "--group-by", group, *inputs)
        self.assertEqual(result.code, DONE, result.err)
        rows = list(csv.reader(result.out.decode().splitlines()))[1:]
        return rows if metered else [row[:-2] for row in rows]

    def test_json_and_csv_are_the_calls_of_the_text_of_the_same_seed(self):
        self.generate(3000, *self.FOLLOWED, "-o", "text")
        for name in ("json", "csv"):
            self.generate(3000, *self.FOLLOWED, "--format", name, "-o", name)
            for said in (name, "auto"):
                self.assertEqual(self.billed(name, "--format", said), self.billed("text"))

    def test_a_web_server_has_the_same_calls_of_the_same_users(self):
        self.generate(3000, *self.FOLLOWED, "-o", "text")
        self.generate(3000, *self.FOLLOWED, "--format", "combined", "-o", "web")
        for group in ("user,cycle", "cycle", "user"):
            self.assertEqual(self.billed("web", "--format", "combined", group=group, metered=False),
                             self.billed("text", group=group, metered=False))
        tasks = {row[0]: row[1] for row in self.billed("text", group="task")}
        self.assertEqual({row[0]: row[1] for row in self.billed("web", "--format", "auto",
                                                                group="task")},
                         {"POST /v1/login": tasks["login"],
                          "GET /v1/users/{id}/profile": tasks["getUserProfile"],
                          "POST /v1/orders": tasks["createOrder"],
                          "PUT /v1/inventory/{id}": tasks["updateInventory"],
                          "DELETE /v1/orders/{id}": tasks["deleteOrder"]})

    def test_agents_of_all_devices(self):
        self.generate(500, "--format", "combined", "-o", "web")
        devices = {row[0] for row in self.billed("web", "--format", "combined", "--task", "device",
                                                 group="task")}
        self.assertEqual(devices, {"Desktop", "Mobile", "Tablet", "Bot"})

    def test_a_folder_of_files(self):
        whole = self.generate(1000, *self.FOLLOWED)
        self.generate(1000, *self.FOLLOWED, "--files", "12", "-o", "logs")
        names = sorted(os.listdir(self.folder / "logs"))
        self.assertEqual((names[0], names[-1], len(names)), ("01.log", "12.log", 12))
        self.assertEqual(b"".join(self.read(f"logs/{name}") for name in names), whole)

    def test_a_folder_for_each_day(self):
        whole = self.generate(1000, *self.FOLLOWED)
        self.generate(1000, *self.FOLLOWED, "--partition-by", "date", "-o", "logs")
        days = sorted(path.relative_to(self.folder / "logs").as_posix()
                      for path in (self.folder / "logs").rglob("*.log"))
        self.assertEqual(days, ["2025/04/29/1.log", "2025/04/30/1.log", "2025/05/01/1.log",
                                "2025/05/02/1.log"])
        parts = [self.read(f"logs/{day}") for day in days]
        self.assertEqual(b"".join(parts), whole)
        for day, part in zip(days, parts):
            date = day[:10].replace("/", "-").encode()
            self.assertEqual({line[:10] for line in part.splitlines()}, {date})
        self.write("text", whole)
        since = ("--since", "2025-05-01", "--until", "2025-05-02")
        self.assertEqual(self.billed("logs", "--partitioned-by", "date", *since),
                         self.billed("text", *since))

    def test_compressed_files(self):
        arguments = (1000, *self.FOLLOWED, "--format", "csv")
        self.generate(*arguments, "--gzip", "-o", "log.csv.gz")
        self.assertEqual(gzip.decompress(self.read("log.csv.gz")), self.generate(*arguments))
        self.generate(*arguments, "--gzip", "--files", "3", "--partition-by", "date", "-o", "logs")
        self.generate(*arguments, "-o", "log.csv")
        self.assertEqual(self.billed("logs", "--format", "csv"),
                         self.billed("log.csv", "--format", "csv"))

    def test_the_same_bytes_for_the_same_options(self):
        for name in ("combined", "json", "csv"):
            content = self.generate(300, "--format", name)
            self.assertEqual(content, self.generate(300, "--format", name))
            self.assertNotEqual(content, self.generate(300, "--format", name, "--seed", "2"))

    def test_what_cannot_be_meant(self):
        self.write("full/x", b"")
        for arguments, said in ((("--format", "xml"), "--format"),
                                (("--format", "json", "--bad", "1%"), "--bad"),
                                (("--files", "0"), "--files"), (("--files", "2"), "--output"),
                                (("--partition-by", "user"), "--partition-by"),
                                (("--partition-by", "date", "--order", "shuffled", "-o", "x"),
                                 "--partition-by"),
                                (("--files", "2", "-o", "full"), "not an empty folder")):
            result = self.run_billing("generate", "--records", "10", *arguments)
            self.assertEqual((result.code, result.out), (MISUSED, b""), result.err)
            self.assertIn(said, result.err)


class Records(GenerateTest):
    def fields(self, *arguments):
        return [line.split(b" ") for line in self.generate(*arguments).splitlines()]

    def test_as_many_records_as_asked_for(self):
        for records in (0, 1, 12345):
            self.assertEqual(self.generate(records).count(b"\n"), records)

    def test_users_tasks_and_statuses(self):
        rows = self.fields(5000, "--users", "20")
        self.assertEqual({row[1] for row in rows}, {b"user%d" % n for n in range(1, 21)})
        self.assertEqual({row[2] for row in rows},
                         {b"login", b"getUserProfile", b"createOrder", b"updateInventory",
                          b"deleteOrder"})
        self.assertTrue(all(row[4].endswith(b"ms") for row in rows))

    def test_times_lie_between_start_and_end(self):
        times = [row[0] for row in self.fields(3000, "--start", "2024-02-28", "--end",
                                               "2024-03-01")]
        self.assertTrue(all(b"2024-02-28T" <= time < b"2024-03-01T" for time in times))
        self.assertEqual({time[:10] for time in times}, {b"2024-02-28", b"2024-02-29"})

    def test_the_order_of_time_and_the_shuffled_one(self):
        times = [row[0] for row in self.fields(3000)]
        self.assertEqual(times, sorted(times))
        times = [row[0] for row in self.fields(3000, "--order", "shuffled")]
        self.assertNotEqual(times, sorted(times))

    def test_zipf_makes_the_first_user_the_busiest(self):
        counts = collections.Counter(row[1] for row in self.fields(20000, "--zipf", "1.2"))
        self.assertEqual(counts.most_common(1)[0][0], b"user1")
        self.assertGreater(counts[b"user1"], 20 * counts[b"user500"])

    def test_without_zipf_users_are_alike(self):
        counts = collections.Counter(row[1] for row in self.fields(20000, "--users", "10"))
        self.assertLess(max(counts.values()), 1.2 * min(counts.values()))

    def test_aggregate_reads_them_all(self):
        self.generate(20000, "-o", "log")
        result = self.run_billing("aggregate", "-q", "log", "--unrated", "zero", "--summary", "json")
        told = json.loads(result.err.splitlines()[-1])
        self.assertEqual((told["records"], told["accepted"]), (20000, 20000))


class BadRecords(GenerateTest):
    LOG_FORMAT = "text"

    def test_bad_records_of_every_kind_are_rejected(self):
        records = 20000
        self.generate(records, "--bad", "10%", "-o", "log")
        result = self.aggregate("log", "--unrated", "zero", "--rejects", "bad.csv", "--group-by",
                                "task", "--output-format", "csv")
        rejected = [row["reason"] for row in csv.DictReader(self.text("bad.csv").split("\n"))]
        accepted = sum(int(row.split(",")[1]) for row in result.out.decode().splitlines()[1:])
        self.assertEqual(set(rejected), {"field_count", "bad_time", "bad_user", "bad_task",
                                         "bad_status", "bad_duration"})
        self.assertEqual(accepted + len(rejected), records)
        self.assertTrue(0.09 * records < len(rejected) < 0.11 * records, len(rejected))

    def test_none_by_default_and_all_at_100_percent(self):
        self.generate(1000, "-o", "log")
        self.assertEqual(self.aggregate("log", "--unrated", "zero").code, DONE)
        self.generate(1000, "--bad", "100%", "-o", "log")
        self.aggregate("log").fails(3, "1,000 of 1,000")


class Mistakes(GenerateTest):
    def test_each_names_its_option(self):
        for option, values in (("--records", ("-1", "x", "", "1.5", "99999999999999999999")),
                               ("--users", ("0", "-1", "x", "")),
                               ("--zipf", ("-1", "x", "", "nan")),
                               ("--start", ("x", "2025-13-01", "")),
                               ("--end", ("x", "2025-02-29")),
                               ("--order", ("x", "", "Time")),
                               ("--bad", ("x", "-1%", "101%", "", "5%%")),
                               ("--seed", ("x", "-1", "", "99999999999999999999"))):
            for value in values:
                with self.subTest(option=option, value=value):
                    required = [] if option == "--records" else ["--records", "1"]
                    self.run_billing("generate", *required, f"{option}={value}").fails(
                        MISUSED, option)

    def test_records_must_be_given(self):
        self.run_billing("generate").fails(MISUSED, "--records")

    def test_an_end_that_is_not_after_the_start(self):
        for end in ("2025-05-01", "2025-04-30"):
            self.run_billing("generate", "-n", "1", "--start", "2025-05-01", "--end", end).fails(
                MISUSED, "--end")

    def test_all_mistakes_are_told_at_once(self):
        self.run_billing("generate", "-n", "x", "--users", "0", "--order", "no", "--bad", "q",
                         "--start", "s", "--seed", "z").fails(
            MISUSED, "--records", "--users", "--order", "--bad", "--start", "--seed")

    def test_an_output_that_cannot_be_written(self):
        self.run_billing("generate", "-n", "1", "-o", "no/such/log").fails(FAILED, "no/such/log")
        self.run_billing("generate", "-n", "1", "-o", "/dev/full").fails(FAILED, "No space left")
        self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    unittest.main()
