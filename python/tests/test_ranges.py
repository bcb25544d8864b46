"""What a cluster's tasks make of pieces and ranges of users, put together again: the bill of one run."""
import random
import unittest

import billing
from billing import _native
from fixture import LINES, RATES, PackageTest
from test_merge import random_lines


class RangesTest(PackageTest):
    def pairs(self, log, cuts, begins, **options):
        """Partials of pieces of a log by range: lists of (split, partial)."""
        by_range = [[] for _ in range(len(begins) + 1)]
        for split, (begin, end) in enumerate(zip(cuts, cuts[1:])):
            maker = billing.PartialMaker(threads=1, **options)
            maker.add_file(log, begin, end)
            for place, partial in enumerate(maker.finish_ranges(begins)):
                by_range[place].append((split, partial))
        return by_range

    def test_ranges_follow_each_other_in_the_order_of_the_bill(self):
        chance = random.Random(3)
        for cycle in ("month", "calls:5", "all"):
            log = self.log(random_lines(900))
            size = log.stat().st_size
            whole = billing.aggregate(log, cycle=cycle, rates=RATES)
            for begins in ([], ["user2"], ["a", "user19", "user3", "user44", "z"]):
                cuts = sorted([0, size, *(chance.randrange(size + 1) for _ in range(4))])
                bills = [billing.Bill(pairs, splits=len(cuts) - 1, rates=RATES, threads=1)
                         for pairs in self.pairs(log, cuts, begins, cycle=cycle)]
                text = bills[0].to_csv() + b"".join(bill.to_csv().split(b"\n", 1)[1] for bill in bills[1:])
                self.assertEqual(text, whole.to_csv())
                self.assertEqual(b"".join(bill.to_text() for bill in bills), whole.to_text())
                self.assertEqual(sum(bill.totals["records"] for bill in bills), 900)
                self.assertEqual(sum(bill.totals["bytes"] for bill in bills), size)

    def test_a_split_that_is_missing_or_doubled_is_an_error(self):
        log = self.log()
        size = log.stat().st_size
        pairs = self.pairs(log, [0, size // 2, size], [])[0]
        self.assertEqual(billing.Bill(iter(pairs), splits=2, rates=RATES).to_csv(),
                         billing.aggregate(log, rates=RATES).to_csv())
        for given, told in ((pairs[:1], "split 1 of 2 is missing"), (pairs + pairs[:1], "split 0 came twice"),
                            ([], "split 0 of 2 is missing with 1 more"), ([(2, pairs[0][1])], "split 2 is none of 0 to 1"),
                            ([(-1, b"")], "split -1 is none")):
            with self.assertRaises(billing.Error) as caught:
                billing.Bill(given, splits=2, rates=RATES)
            self.assertIn(told, str(caught.exception))
        with self.assertRaises(TypeError):
            billing.Bill([pairs[0][1]], splits=1)
        with self.assertRaises(billing.Error):  # the same bytes under two numbers
            billing.Bill([(0, pairs[0][1]), (1, pairs[0][1])], splits=2, rates=RATES)

    def test_lines_in_memory_are_pieces(self):
        content = random_lines(400).encode()
        log = self.log(content)
        cut = content.index(b"\n", len(content) // 3) + 1
        partials = []
        for begin, end in ((0, cut), (cut, len(content))):
            maker = billing.PartialMaker()
            maker.add_lines(content[begin:end], str(log), begin=begin, is_last=end == len(content),
                            sample=content[:65536])
            partials.append(maker.finish())
        whole = billing.PartialMaker()
        whole.add_file(log)
        merged = self.folder / "merged.partial"
        billing.merge(partials, partial=merged)
        self.assertEqual(merged.read_bytes(), whole.finish())

    def test_the_format_of_a_piece_is_that_of_the_beginning(self):
        rows = [f'{{"t": "2025-05-01T00:00:{i:02}Z", "who": "u{i % 7}", "what": "login", "ms": {i}}}\n' for i in range(60)]
        content = "".join(rows).encode()
        options = {"time": "t", "user": "who", "task": "what", "quantity": "ms"}
        log = self.log(content)
        cut = content.index(b"\n", 900) + 1
        made = []
        for begin, lines in ((0, content[:cut]), (cut, content[cut:])):
            maker = billing.PartialMaker(format="auto", **options)
            maker.add_lines(lines, "log", begin=begin, is_last=begin > 0, sample=content)
            made.append(maker.finish())
        expected = billing.aggregate(log, rates={"login": 1}, **options)
        self.assertEqual(billing.merge(made, rates={"login": 1}).to_csv(), expected.to_csv())

    def test_rejects_of_a_piece_have_lines_of_the_piece(self):
        log = self.log(LINES + "what\n" + LINES + "what else\n")
        size = len(LINES.encode()) + 5
        maker = billing.PartialMaker(max_rejects=2)
        maker.add_file(log, size, 2 * size + 100)
        self.assertEqual(maker.totals["rejected_by_reason"], {"field_count": 1})
        self.assertEqual(maker.lines, 8)
        with self.assertRaises(billing.RejectsError):
            strict = billing.PartialMaker()
            strict.add_file(log)
            strict.finish_ranges(["m"])
        lenient = billing.PartialMaker(keep_rejects=1)
        lenient.add_file(log)
        self.assertEqual(len(lenient.finish_ranges(["m"], judge_rejects=False)), 2)
        self.assertEqual((len(lenient.rejects), lenient.rejects.total), (1, 2))

    def test_what_has_no_ranges_is_told(self):
        maker = billing.PartialMaker()
        maker.add_lines(LINES.encode(), "log")
        for begins in (["b", "a"], ["a", "a"], [""]):
            with self.assertRaises(billing.ConfigurationError):
                maker.finish_ranges(begins)
        two = billing.PartialMaker()
        two.add_lines(LINES.encode(), "1")
        two.add_lines(LINES.encode(), "2")
        with self.assertRaises(ValueError):
            two.finish_ranges(["m"])

    def test_a_piece_without_a_line_is_empty(self):
        log = self.log("x" * 1000 + "\n" + LINES)
        maker = billing.PartialMaker()
        maker.add_file(log, 100, 200)
        self.assertEqual([len(_native._partial_tasks(one)) for one in maker.finish_ranges(["m"])], [0, 0])


class PlanTest(PackageTest):
    def test_the_driver_decides_over_all_inputs(self):
        text, table = self.log(), self.write("calls.csv", "time,user,task,duration_ms\n2025-05-01T00:00:00Z,a,login,5\n")
        plan = _native._Plan([str(text), str(table)], rates=RATES)
        self.assertEqual([(one[2], one[3]) for one in plan.inputs], [(True, "text"), (False, "csv")])
        self.assertEqual((plan.unit, plan.digits, plan.has_user), ("ms", 6, True))
        self.assertEqual(plan.rates, RATES)

    def test_inputs_of_several_formats_are_read_apart_as_together(self):
        row = '{"time": "2025-05-01T00:00:00Z", "user": "bob", "task": "login", "duration_ms": %s}\n'
        paths = [self.log(), self.write("calls.csv", "time,user,task,duration_ms\n2025-05-01T00:00:00Z,ann,login,5.25\n"),
                 self.write("calls.jsonl", row % "2.5"), self.write("empty.log", "")]
        for some, options in ((paths, {"quantity_digits": 2}), (paths[:1] + paths[3:], {}), (paths[1:], {}),
                              (paths[1:], {"negative": "allow", "unit": "pages", "quantity": "duration_ms"})):
            plan = _native._Plan([str(path) for path in some], rates=RATES, max_rejects=9, **options)
            kept = (plan.unit, plan.digits)
            made, whole = [], []
            for path in some:
                maker = billing.PartialMaker(_kept_quantity=kept, max_rejects=9, **options)
                maker.add_file(path)
                made.append(maker.finish())
                whole.append(self.folder / f"{len(whole)}.partial")
                billing.aggregate(path, partial=whole[-1], _kept_quantity=kept, max_rejects=9, **options)
            expected = billing.aggregate(some, rates=RATES, max_rejects=9, **options)
            for partials in (made, whole):
                with self.subTest(options=options, kept=kept):
                    bill = billing.merge(partials, rates=RATES)
                    self.assertEqual((bill.to_csv(), bill.totals["unit"]), (expected.to_csv(), expected.totals["unit"]))

    def test_objects_are_planned_by_their_beginnings(self):
        plan = _native._Plan([], remote=[("s3://b/k", 10_000, LINES.encode(), False),
                                        ("s3://b/k.gz", None, LINES.encode(), True)], group_by="task")
        self.assertEqual(plan.inputs, [("s3://b/k", 10_000, True, "text", "s3://b/k"),
                                       ("s3://b/k.gz", None, False, "text, compressed", "s3://b/k.gz")])
        self.assertFalse(plan.has_user)

    def test_inputs_are_held_to_their_largest_size(self):
        log = self.log()
        size = len(LINES.encode())
        for limit, objects in ((size, [("s3://b/k", size, b"", False)]), (size - 1, []), (1000, [("s3://b/k", 1001, b"", False)])):
            paths = [] if objects else [str(log)]
            with self.subTest(limit=limit):
                if limit == size:
                    _native._Plan(paths, remote=objects, max_input_bytes=limit)
                    continue
                with self.assertRaisesRegex(billing.Error, rf": holds more than {limit:,} bytes of text, the limit of max_input"):
                    _native._Plan(paths, remote=objects, max_input_bytes=limit)

    def test_sizes_are_read_as_the_program_does(self):
        self.assertEqual(_native._parse_bytes("--split-bytes", "9KiB"), 9 << 10)
        for text in ("much", "0", "9kb", "1.5MB", "-1", "99999999TB"):
            with self.assertRaisesRegex(billing.ConfigurationError, "^--split-bytes: '.*' is not a size of at least 1 bytes"):
                _native._parse_bytes("--split-bytes", text)

    def test_rejects_are_judged_as_the_program_does(self):
        totals = {"records": 100, "accepted": 97, "filtered": 0, "blank": 0, "directives": 0, "broken": 0,
                  "more_reject_lines": 0, "rejected": 3}
        for limit, has_file, verdict in ((None, False, "too_many"), (None, True, "good"), ("3", False, "good"),
                                         ("2", True, "too_many"), ("2.9%", False, "too_many"), ("3%", False, "good")):
            plan = _native._Plan([], max_rejects=limit)
            self.assertEqual(plan.judge(totals, has_file), verdict, limit)
        nothing = totals | {"accepted": 0, "rejected": 100}
        self.assertEqual(_native._Plan([], max_rejects="100").judge(nothing, False), "nothing_accepted")
        self.assertEqual(_native._Plan([], max_rejects="100%").judge(nothing, False), "good")

    def test_what_needs_one_process_is_refused(self):
        for option in ({"state": "s"}, {"dedupe_by": "record"}, {"duplicates": "d"}, {"threads": 2}, {"naive": True},
                       {"partial": "p"}, {"memory_limit": "1GB"}, {"temp_dir": "t"}):
            with self.assertRaises(billing.ConfigurationError, msg=str(option)):
                _native._Plan([str(self.log())], **option)


if __name__ == "__main__":
    unittest.main()
