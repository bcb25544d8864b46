"""The three formats of a bill, to the byte."""

import csv
import io
import itertools
import json
import unittest

from program_fixture import MISUSED, ProgramTest, lines_by, record

LOG = (record("user10", "login", 5), record("user2", "b", 7), record("user2", "login", 1),
       record("user2", "login", 1))
NASTY = ('=1+1', '+x', '-x', '@x', 'a,b', 'a"b', '"', 'a\\b', "'q", '=a,"b"', 'é,ü', 'ſ', '{}',
         '</script>', '\u2028', '😀')


class Text(ProgramTest):
    def text_of(self, parts):
        self.log(*LOG)
        return self.bill("log", *lines_by(parts, "calls:1"), rates=("login=.5", "b=1"))

    def test_every_subset_of_the_parts(self):
        self.text_of("user").prints("user10: total_duration=5ms, total_cost=2.50",
                                    "user2: total_duration=9ms, total_cost=8.00")
        self.text_of("cycle").prints("cycle=1: total_duration=12ms, total_cost=9.50",
                                     "cycle=2: total_duration=1ms, total_cost=0.50",
                                     "cycle=3: total_duration=1ms, total_cost=0.50")
        self.text_of("task").prints("task=b: total_duration=7ms, total_cost=7.00",
                                    "task=login: total_duration=7ms, total_cost=3.50")
        self.text_of("user,cycle").prints(
            "user10 cycle=1: total_duration=5ms, total_cost=2.50",
            "user2 cycle=1: total_duration=7ms, total_cost=7.00",
            "user2 cycle=2: total_duration=1ms, total_cost=0.50",
            "user2 cycle=3: total_duration=1ms, total_cost=0.50")
        self.text_of("cycle,task").prints(
            "cycle=1 task=b: total_duration=7ms, total_cost=7.00",
            "cycle=1 task=login: total_duration=5ms, total_cost=2.50",
            "cycle=2 task=login: total_duration=1ms, total_cost=0.50",
            "cycle=3 task=login: total_duration=1ms, total_cost=0.50")
        self.text_of("user,task").prints(
            "user10 task=login: total_duration=5ms, total_cost=2.50",
            "user2 task=b: total_duration=7ms, total_cost=7.00",
            "user2 task=login: total_duration=2ms, total_cost=1.00")
        self.text_of("user,cycle,task").prints(
            "user10 cycle=1 task=login: total_duration=5ms, total_cost=2.50",
            "user2 cycle=1 task=b: total_duration=7ms, total_cost=7.00",
            "user2 cycle=2 task=login: total_duration=1ms, total_cost=0.50",
            "user2 cycle=3 task=login: total_duration=1ms, total_cost=0.50")

    def test_the_order_in_which_parts_are_named_does_not_matter(self):
        for count in (2, 3):
            for parts in itertools.combinations(("user", "cycle", "task"), count):
                bills = {self.text_of(",".join(order)).out
                         for order in itertools.permutations(parts)}
                self.assertEqual(len(bills), 1)

    def test_users_and_tasks_are_ordered_by_bytes(self):
        names = sorted(["user10", "user2", "User", "a", "ab", "ä", "z", "😀", "\uffff", "-", "~"],
                       key=str.encode)
        self.log(*(record(user=name, task=name) for name in reversed(names)))
        for part in ("user", "task"):
            out = self.bill("log", "--group-by", part, "--unrated", "zero", rates=()).out.decode()
            got = [line.split(": ")[0].removeprefix("task=") for line in out.splitlines()]
            self.assertEqual(got, names)

    def test_names_are_not_escaped_but_for_those_that_look_like_strings(self):
        self.log(*(record(user=name) for name in NASTY))
        out = self.bill("log", "--group-by", "user").out.decode()
        self.assertEqual(sorted(line.split(": ")[0] for line in out.split("\n")[:-1]),
                         sorted(json.dumps(name, ensure_ascii=False) if name.startswith('"')
                                else name for name in NASTY))


class Csv(ProgramTest):
    def test_the_header_leaves_out_what_is_not_grouped_by(self):
        self.log(*LOG)
        for parts, header in (("user", "user"), ("task,user", "user,task"), ("cycle", "cycle"),
                              ("task,cycle,user", "user,cycle,task")):
            out = self.bill("log", "--group-by", parts, "--output-format", "csv",
                            "--unrated", "zero").out.decode()
            self.assertEqual(out.split("\n")[0], header + ",calls,duration_ms,cost")

    def test_rows(self):
        self.log(*LOG)
        self.bill("log", "--output-format", "csv", "--cycle", "month",
                  rates=("login=.5", "b=1")).prints(
            "user,cycle,task,calls,duration_ms,cost", "user10,2025-05,login,1,5,2.50",
            "user2,2025-05,b,1,7,7.00", "user2,2025-05,login,2,2,1.00")

    def test_cells_are_quoted_only_where_they_must_be(self):
        self.log(*(record(user=name) for name in NASTY))
        out = self.bill("log", "--group-by", "user", "--output-format", "csv").out.decode()
        for row in ('"a,b",1,1,1.00', '"a""b",1,1,1.00', '"""",1,1,1.00', "a\\b,1,1,1.00",
                    "=1+1,1,1,1.00", '"=a,""b""",1,1,1.00', "'q,1,1,1.00"):
            self.assertIn("\n" + row + "\n", out)

    def test_a_reader_of_csv_gets_the_names_back(self):
        self.log(*(record(user=name, task=name) for name in NASTY))
        out = self.bill("log", "--output-format", "csv", "--unrated", "zero", rates=()).out
        rows = list(csv.DictReader(io.StringIO(out.decode(), newline="")))
        self.assertEqual([row["user"] for row in rows], sorted(NASTY, key=str.encode))
        self.assertEqual([row["task"] for row in rows], sorted(NASTY, key=str.encode))

    def test_csv_safe_disarms_formulas_in_names_only(self):
        self.log(*(record(user=name, task=name) for name in NASTY))
        out = self.bill("log", "--group-by", "user,task", "--csv-safe", "--output-format", "csv",
                        "--unrated", "zero", rates=()).out.decode()
        for row in ("'=1+1,'=1+1,", "'+x,'+x,", "'-x,'-x,", "'@x,'@x,", "'q,'q,",
                    '"\'=a,""b""","\'=a,""b""",'):
            self.assertIn("\n" + row + "1,1,0.00\n", out)

    def test_csv_safe_does_not_touch_the_other_formats(self):
        self.log(record(user="=1"))
        for output_format in ("text", "jsonl"):
            plain = self.bill("log", "--output-format", output_format).out
            self.bill("log", "--output-format", output_format, "--csv-safe").prints_bytes(plain)


class Jsonl(ProgramTest):
    def test_rows(self):
        self.log(record("a\"b\\c", "é/</x>", 5))
        self.bill("log", "--output-format", "jsonl", rates=("é/</x>=.5",)).prints(
            '{"user":"a\\"b\\\\c","cycle":"1","task":"é/</x>","calls":1,"duration_ms":5,'
            '"cost":"2.50"}')

    def test_parts_that_are_not_grouped_by_are_left_out(self):
        self.log(record())
        self.bill("log", "--output-format", "jsonl", "--group-by", "task").prints(
            '{"task":"login","calls":1,"duration_ms":1,"cost":"1.00"}')

    def test_a_reader_of_json_gets_the_names_back(self):
        self.log(*(record(user=name) for name in NASTY))
        out = self.bill("log", "--output-format", "jsonl", "--group-by", "user").out.decode()
        self.assertEqual([json.loads(line)["user"] for line in out.split("\n")[:-1]],
                         sorted(NASTY, key=str.encode))


class Choice(ProgramTest):
    def written(self, name, *arguments):
        self.log(record())
        self.bill("log", "-o", name, *arguments).prints()
        return self.text(name)[:5]

    def test_the_format_follows_the_ending(self):
        for name, beginning in (("b.csv", "user,"), ("b.jsonl", '{"use'), ("b.ndjson", '{"use'),
                                ("b.txt", "u cyc"), ("b", "u cyc"), ("csv", "u cyc"),
                                ("b.csv.bak", "u cyc"), ("b.CSV", "user,"), ("B.JsonL", '{"use'),
                                ("b.NDJSON", '{"use')):
            self.assertEqual(self.written(name), beginning, name)

    def test_an_ending_that_says_another_format(self):
        self.log(record())
        for name, advice in (("b.json", ".jsonl"), ("b.JSON", ".jsonl"), ("b.gz", "gzip"),
                             ("b.csv.gz", "gzip"), ("b.zst", "zstd"), ("b.tsv", ".csv"),
                             ("b.xlsx", ".csv"), ("b.parquet", ".csv")):
            self.bill("log", "-o", name).fails(MISUSED, "--output:", f"'{name}'", advice,
                                               "--output-format")
        self.assertEqual(self.written("b.json", "--output-format", "jsonl"), '{"use')
        self.assertEqual(self.written("b.gz", "--output-format", "text"), "u cyc")

    def test_the_option_wins_over_the_ending(self):
        self.assertEqual(self.written("b.csv", "--output-format", "jsonl"), '{"use')
        self.assertEqual(self.written("b.jsonl", "--output-format", "text"), "u cyc")

    def test_an_empty_log(self):
        self.log()
        for output_format, expected in (("csv", b"user,cycle,task,calls,duration_ms,cost\n"),
                                        ("text", b""), ("jsonl", b"")):
            result = self.bill("log", "--output-format", output_format).warns("empty")
            self.assertEqual(result.out, expected)


if __name__ == "__main__":
    unittest.main()
