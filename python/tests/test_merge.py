"""Partials: the bill of one run over all that they were made of, by the program and the package."""
import gzip
import random
import unittest

import billing
from billing import _native
from fixture import LINES, RATES, PackageTest, words_of

# Keyword of merge() -> keywords that try it.
MERGE_CASES = {
    "csv_safe": {"csv_safe": True},
    "partial": {"partial": "{out}/all.partial", "rates": None},
    "group_by": {"group_by": "task"},
    "rate": {"rate": ["login=0.1", "search=2", "upload=3"], "rates": None},
    "env_file": {"env_file": "prices.env", "rates": None},
    "unrated": {"rates": None, "unrated": "zero"},
    "rounding": {"rounding": "up"},
    "scale": {"scale": 5},
    "threads": {"threads": 1},
    "memory_limit": {"memory_limit": "100MB"},
    "temp_dir": {"temp_dir": "{out}", "slice_bytes": 1},
    "slice_bytes": {"slice_bytes": 1000},
}


def random_lines(count, seed=5):
    chance = random.Random(seed)
    return "".join(
        f"2025-0{chance.randint(4, 6)}-{chance.randint(10, 28)}T10:00:00Z user{chance.randint(1, 50)} "
        f"{chance.choice(list(RATES))} 200 {chance.randint(0, 5000)}ms\n" for _ in range(count))


class MergeTest(PackageTest):
    def partials(self, **keywords):
        """Of two logs, as bytes."""
        partials = []
        for name, lines in (("1.log", LINES), ("2.log", random_lines(300))):
            maker = billing.PartialMaker(**keywords)
            maker.add_file(self.write(name, lines))
            partials.append(maker.finish())
        return partials

    def logs(self):
        return [self.folder / "1.log", self.folder / "2.log"]

    def test_bytes_and_paths_make_the_bill_of_one_run(self):
        first, second = self.partials(cycle="month")
        path = self.write("1.partial", first)
        expected = self.bill_of_program("aggregate", "-q", *self.logs(), "--cycle=month",
                                        "--output-format=csv", *words_of({"rates": RATES}))
        for partials in ([first, second], [path, second], [second, str(path)]):
            self.assertEqual(billing.merge(partials, rates=RATES).to_csv(), expected)

    def test_every_option_has_a_case(self):
        keywords = {name for name, takes in _native._merge_keywords().items() if takes != "refused"}
        self.assertEqual(set(MERGE_CASES), keywords)

    def test_all_options(self):
        self.write("prices.env", "RATE_login=0.25\nRATE_search=3\nRATE_upload=1\n")
        paths = [self.write(f"{i}.partial", blob) for i, blob in enumerate(self.partials())]
        for keyword, keywords in MERGE_CASES.items():
            with self.subTest(keyword):
                results = []
                for host in ("program", "package"):
                    out = self.folder / keyword / host
                    out.mkdir(parents=True)
                    said = {key: value.replace("{out}", str(out)) if isinstance(value, str) else value
                            for key, value in {"rates": RATES, **keywords}.items()
                            if value is not None}
                    if "env_file" in said:
                        said["env_file"] = str(self.folder / said["env_file"])
                    formats = [] if "partial" in said else ["--output-format=csv"]
                    if host == "program":
                        bill = self.bill_of_program("merge", "-q", *paths, *words_of(said), *formats)
                    else:
                        made = billing.merge(paths, env="env_file" in said, **said)
                        bill = b"" if made.partial else made.to_csv()
                    results.append((bill, [path.read_bytes() for path in sorted(out.iterdir())]))
                self.assertEqual(results[0], results[1])
                self.assertTrue(results[0][0] or results[0][1])

    def test_a_partial_of_a_file_is_the_programs(self):
        log = self.write("1.log", LINES)
        maker = billing.PartialMaker(cycle="month")
        maker.add_file(log)
        self.program("aggregate", log, "--cycle=month", "--partial=p")
        self.assertEqual(maker.finish(), (self.folder / "p").read_bytes())

    def test_pieces_that_meet_hold_each_record_once(self):
        lines = random_lines(400)
        log = self.write("big.log", lines)
        expected = billing.aggregate(log, rates=RATES).to_csv()
        chance = random.Random(3)
        for _ in range(20):
            cuts = sorted(chance.sample(range(1, len(lines)), 3))
            partials = []
            for begin, end in zip([0, *cuts], [*cuts, None]):
                maker = billing.PartialMaker()
                maker.add_file(log, begin, end)
                partials.append(maker.finish())
            self.assertEqual(billing.merge(partials, rates=RATES).to_csv(), expected)

    def test_pieces_that_overlap_are_refused(self):
        log = self.write("big.log", random_lines(100))
        partials = []
        for begin, end in ((0, 3000), (1000, None)):
            maker = billing.PartialMaker()
            maker.add_file(log, begin, end)
            partials.append(maker.finish())
        with self.assertRaises(billing.Error):
            billing.merge(partials, rates=RATES)

    def test_compressed_files_whole_and_not_in_pieces(self):
        packed = self.write("1.log.gz", gzip.compress(LINES.encode()))
        maker = billing.PartialMaker()
        maker.add_file(packed)
        self.assertEqual(billing.merge(maker.finish(), rates=RATES).to_csv(),
                         billing.aggregate(packed, rates=RATES).to_csv())
        with self.assertRaisesRegex(billing.ConfigurationError, "pieces"):
            billing.PartialMaker().add_file(packed, 10)

    def test_lines_in_memory(self):
        maker = billing.PartialMaker()
        maker.add_lines(LINES.encode(), "queue/1")
        maker.add_lines(random_lines(50).encode(), "queue/2")
        self.assertEqual(maker.totals["records"], 57)
        self.assertGreater(maker.memory_bytes, 0)
        bill = billing.merge(maker.finish(), rates=RATES)
        log = self.log(LINES + random_lines(50))
        self.assertEqual(bill.to_csv(), billing.aggregate(log, rates=RATES).to_csv())
        self.assertEqual([one["name"] for one in bill.report["inputs"]], ["queue/1", "queue/2"])

    def test_other_formats(self):
        log = self.write("calls.jsonl", '{"ts": 1746227810, "who": "ann", "n": 2.5}\n' * 3)
        options = {"format": "json", "time": "ts:unix", "user": "who", "quantity": "n", "cycle": "day",
                   "where": "n > 1"}
        maker = billing.PartialMaker(**options)
        maker.add_file(log)
        self.assertEqual(billing.merge(maker.finish(), rates={"*": 2}).to_csv(),
                         billing.aggregate(log, rates={"*": 2}, **options).to_csv())

    def test_bad_records_are_told_and_limited(self):
        maker = billing.PartialMaker()
        maker.add_lines(b"no call\n" + LINES.encode() + b"nor this\n", "queue")
        self.assertEqual(maker.totals["rejected"], 2)
        self.assertEqual(len(maker.rejects), 2)
        with self.assertRaises(billing.RejectsError) as caught:
            maker.finish()
        self.assertEqual(caught.exception.rejects.total, 2)
        maker = billing.PartialMaker(max_rejects=2)
        maker.add_lines(b"no call\n" + LINES.encode() + b"nor this\n", "queue")
        bill = billing.merge(maker.finish(), rates=RATES)
        self.assertEqual(bill.totals["rejected"], 2)

    def test_a_finished_maker_says_so(self):
        maker = billing.PartialMaker()
        maker.finish()
        for call in (maker.finish, lambda: maker.add_lines(b"", "x")):
            with self.assertRaisesRegex(billing.Error, "finished"):
                call()

    def test_records_without_a_rate_are_rejected_while_they_are_read(self):
        some = {"login": RATES["login"]}
        lines = random_lines(300)
        log = self.write("1.log", lines)
        expected = self.bill_of_program("aggregate", "-q", log, "--output-format=csv", "--unrated=reject",
                                        "--rejects", self.folder / "bad.csv", *words_of({"rates": some}))
        parts = []
        for begin, end in ((0, 7000), (7000, None)):
            maker = billing.PartialMaker(unrated="reject", rates=some, max_rejects="100%")
            maker.add_file(log, begin, end)
            parts.append(maker)
        reasons = sum(part.totals["rejected_by_reason"]["unrated_task"] for part in parts)
        self.assertEqual(reasons, (self.folder / "bad.csv").read_text().count("unrated_task"))
        self.assertEqual(sum(part.rejects.total for part in parts), reasons)
        self.assertGreater(reasons, 100)
        partials = [part.finish() for part in parts]
        self.assertEqual(billing.merge(partials, rates=some).to_csv(), expected)

        whole = billing.aggregate(log, unrated="reject", rates=some, max_rejects="100%",
                                  partial=self.folder / "whole.partial")
        self.assertEqual(whole.rejects_total, reasons)
        self.assertEqual(billing.merge(self.folder / "whole.partial", rates=some).to_csv(), expected)
        with self.assertRaisesRegex(billing.RejectsError, "unrated_task"):
            strict = billing.PartialMaker(unrated="reject", rates=some)
            strict.add_file(log)
            strict.finish()

    def test_options_without_a_meaning_are_refused(self):
        for keywords in ({"rates": RATES}, {"dedupe_by": "record"}, {"state": "s"}, {"output": "x"},
                         {"input": "x"}, {"unrated": "zero"}, {"unrated": "fail", "rates": RATES},
                         {"rate": ["login=1"]}, {"unrated": "reject", "scale": 3}):
            with self.assertRaises(billing.ConfigurationError, msg=str(keywords)):
                billing.PartialMaker(**keywords)
        with self.assertRaises(TypeError):
            billing.PartialMaker(cycel="month")

    def test_what_is_no_partial(self):
        whole = self.partials()[0]
        for blob in (b"", b"no partial", whole[:-1], whole[:50], whole + b"x"):
            with self.assertRaises(billing.Error):
                billing.merge([blob], rates=RATES)
        with self.assertRaises(billing.Error):
            billing.merge([whole, billing.PartialMaker(cycle="day").finish()], rates=RATES)
        with self.assertRaises(billing.ConfigurationError):
            billing.merge([], rates=RATES)
        with self.assertRaises(TypeError):
            billing.merge([bytearray(whole)], rates=RATES)


if __name__ == "__main__":
    unittest.main()
