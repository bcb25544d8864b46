"""aggregate --state bills everything seen so far, each input counted once, as one run would."""

import json
import os
import random
import shutil
import subprocess
import unittest

from program_fixture import DONE, FAILED, MISUSED, lines_by, rate_options, record
from random_logs import random_line, random_log
from state_fixture import RATES, StateTest, lines


class Nights(StateTest):
    def test_the_help_tells_of_it(self):
        self.assertIn("--state", self.run_billing("aggregate", "--help").out.decode())

    def test_the_folder_is_made_where_it_is_missing_and_used_where_it_is_not(self):
        self.log(record())
        self.silently("log", state="missing")
        (self.folder / "there").mkdir()
        self.silently("log", state="there")

    def test_every_policy_grouping_and_format_gives_the_bill_of_one_run(self):
        choice = random.Random(5)
        parts = [random_log(choice, 60, 0.1) for _ in range(4)]
        policies = ("calls:5", "calls:1", "calls:2", "hour", "day", "week", "month", "quarter",
                    "year", "every:90m", "every:7d", "all")
        groups = ("user,cycle,task", "user", "cycle", "task", "user,cycle", "user,task",
                  "cycle,task")
        for number, policy in enumerate(policies):
            for group in groups:
                options = (*lines_by(group, policy), "--timezone", "Europe/Berlin",
                           "--output-format", ("text", "csv", "jsonl")[number % 3])
                with self.subTest(options=options):
                    shutil.rmtree(self.folder / "state", ignore_errors=True)
                    self.two_nights(parts, options)

    def two_nights(self, parts, options):
        first, second, more, third = parts
        more_options = ("--rejects", "bad.csv", "--unrated", "zero")
        self.write("a", first)
        self.write("b", second)
        self.night("a", "b", *options, *more_options)
        self.append("a", more)
        self.write("c", third)
        self.bills("c", "a", of=[first + more, second, third], options=options, more=more_options)

    def test_inputs_come_one_after_the_other(self):
        contents = []
        for number in range(5):
            contents.append(lines("u", f"u{number}"))
            self.silently(self.write(f"log{number}", contents[-1]), of=contents)

    def test_inputs_that_do_not_come_again_stay_in_the_bill(self):
        self.log(record("a"), name="a")
        self.log(record("b"), name="b")
        self.silently("a", "b")
        os.remove(self.folder / "b")
        self.silently("a", of=[lines("a"), lines("b")])

    def test_late_records_renumber_cycles_as_in_one_run(self):
        self.log(*(record(time=f"2025-05-02T00:00:{second:02d}Z") for second in range(0, 60, 2)),
                 name="late")
        self.log(*(record(task="b", time=f"2025-05-02T00:00:{second:02d}Z")
                   for second in range(1, 60, 2)), name="early")
        self.silently("late", rates=("login=1", "b=2"))
        self.silently("early", of=[self.read("late"), self.read("early")],
                      rates=("login=1", "b=2"))

    def test_without_any_input_the_bill_is_of_what_the_state_holds(self):
        self.log(record(), record("v"))
        self.silently("log")
        self.silently(of=[self.read("log")])

    def test_without_any_input_standard_input_is_not_read(self):
        self.log(record())
        self.silently("log")
        process = self.start("aggregate", "-q", "--state", "state", "-r", "login=1",
                             stdin=subprocess.PIPE)
        self.assertEqual(process.wait(20), DONE)
        self.assertEqual(process.stdout.read(), self.plain([self.read("log")]))

    def test_without_any_input_ever_the_bill_is_that_of_nothing(self):
        self.assertEqual(self.night("--output-format", "csv").out,
                         self.plain([], "--output-format", "csv"))

    def test_prices_rounding_and_output_are_those_of_the_present_run(self):
        self.log(record(ms=15), record("v", "b", 7))
        contents = [self.read("log")]
        self.silently("log", rates=("login=.005", "b=.0001"))
        for rates in (("login=.005", "b=3"), ("login=0", "b=.123456789012")):
            for options in (("--scale", "0", "--rounding", "up"),
                            ("--scale", "5", "--rounding", "down", "--output-format", "jsonl"),
                            ("--output-format", "csv", "--csv-safe")):
                self.silently(of=contents, rates=rates, options=options)
                self.silently("log", of=contents, rates=rates, options=options)

    def test_what_has_no_rate_now_may_have_one_later(self):
        self.log(record())
        with self.nothing_changes():
            self.night("log", "--unrated", "reject").fails(MISUSED, "--unrated reject", "--state")

    def test_a_log_may_grow_while_it_is_read(self):
        os.mkfifo(self.folder / "pipe")
        self.log(*(record(f"user{number}") for number in range(20_000)), name="log")
        seen = self.read("log")
        process = self.start("aggregate", "-q", "--state", "state", "-r", "login=1", "log", "-o",
                             "pipe")
        with open(self.folder / "pipe", "rb") as pipe:
            first = pipe.read(1000)
            self.append("log", lines("late"))
            bill = first + pipe.read()
        self.assertEqual(self.finish(process).code, DONE)
        self.assertEqual(bill, self.plain([seen]))
        self.silently("log")

    def test_names_of_inputs_may_be_anything(self):
        names = ["mein übles log", "a\nb", "\udcff", '"q"', "sub/log"]
        for number, name in enumerate(names):
            self.write(name, lines(f"u{number}"))
        self.silently(*names)
        self.silently(*names)

    def test_the_result_goes_to_a_file(self):
        self.log(record())
        self.write("bill", "old")
        for _ in range(2):
            self.assertEqual(self.night("log", "-o", "bill").prints().code, DONE)
            self.assertEqual(self.read("bill"), self.plain([self.read("log")]))

    def test_two_folders_are_two_states(self):
        self.log(record("a"), name="a")
        self.log(record("b"), name="b")
        self.silently("a", state="one")
        self.silently("b", state="two")
        self.silently("a", "b", state="two")

    def test_what_a_killed_run_left_is_removed(self):
        self.log(record())
        for inputs in (("log",), ("log",), ()):
            self.write("state/.billing-0123abcd.tmp", "half a state")
            self.silently(*inputs, of=[self.read("log")])


class Settings(StateTest):
    """How the work is done changes no byte of the bill."""

    SETTINGS = (("--threads", "1"), ("--threads", "2"), ("--threads", "4", "--chunk-bytes", "100"),
                ("--slice-bytes", "4096"), ("--slice-bytes", "1", "--threads", "2"),
                ("--memory-limit", "64MB"), ("--chunk-bytes", "1", "--threads", "1"),
                ("--slice-bytes", "2000", "--chunk-bytes", "333", "--threads", "3"))

    def test_no_byte_of_the_bill_depends_on_them(self):
        choice = random.Random(11)
        first, more, new = (b"\n".join(random_line(choice, 0.05) for _ in range(count))
                            for count in (1500, 700, 900))
        for policy in ("calls:3", "month", "all"):
            options = ("--cycle", policy, "--unrated", "zero")
            expected = self.plain([first], *options), self.plain([first + more, new], *options)
            for number, settings in enumerate(self.SETTINGS):
                with self.subTest(policy=policy, settings=settings):
                    later = self.SETTINGS[(number + 3) % len(self.SETTINGS)]
                    self.assertEqual(self.two_nights(first, more, new, (*options, *settings),
                                                     (*options, *later)), expected)

    def two_nights(self, first, more, new, settings, later):
        shutil.rmtree(self.folder / "state", ignore_errors=True)
        self.write("log", first)
        bills = [self.night("log", "--rejects", "bad.csv", *settings)]
        self.append("log", more)
        self.write("new", new)
        bills.append(self.night("new", "log", "--rejects", "bad.csv", *later))
        self.assertEqual([bill.code for bill in bills], [DONE, DONE], bills[-1].err)
        return tuple(bill.out for bill in bills)


class Partials(StateTest):
    def setUp(self):
        super().setUp()
        self.log(record("a"), record("b", ms=15), name="one")
        self.write("two", lines("c") + record("d", ms=7))
        self.bills("one", "two")
        self.contents = [self.read("one"), self.read("two")]

    def merged(self, *partials):
        result = self.run_billing("merge", "-q", *partials, *rate_options(*RATES))
        self.assertEqual(result.code, DONE, result.err)
        return result.out

    def test_everything_seen_goes_to_a_partial(self):
        self.append("one", lines("e"))
        self.log(record("f"), name="three")
        self.night("one", "three", "--partial", "made", rates=()).prints()
        contents = [self.read(name) for name in ("one", "two", "three")]
        self.assertEqual(self.merged("made"), self.plain(contents))
        self.silently(of=contents)

    def test_without_any_input_too(self):
        self.night("--partial", "made", rates=()).prints()
        self.assertEqual(self.merged("made"), self.plain(self.contents))

    def test_such_a_partial_is_merged_with_others(self):
        self.night("--partial", "made", rates=()).prints()
        self.log(record("x"), name="other")
        self.run_billing("aggregate", "-q", "other", "--partial", "others").prints()
        self.assertEqual(self.merged("made", "others"), self.plain([*self.contents, lines("x")]))

    def test_it_holds_the_totals_of_one_run_over_everything(self):
        self.night("--partial", "made", rates=()).prints()
        self.run_billing("aggregate", "-q", "one", "two", "--partial", "plain").prints()

        def told(name):
            inspected = json.loads(self.run_billing("inspect", "--json", name).out)
            # How what was read is shared out among inputs is left open.
            return {name: value for name, value in inspected.items()
                    if name not in ("size_bytes", "inputs", "input_count")}
        self.assertEqual(told("made"), told("plain"))

    def test_merge_refuses_a_state_with_a_last_line_that_would_not_be_billed(self):
        self.write("bill", "old")
        with self.nothing_changes():
            self.run_billing("merge", "state/usage.partial", "-o", "bill", *rate_options(*RATES)).fails(
                FAILED, "'state/usage.partial'", "1 last line", "36 bytes",
                "everything with --state state --partial FILE")
        self.assertEqual(self.text("bill"), "old")

    def test_merge_takes_a_state_without_such_a_line(self):
        self.append("two", "\n")
        self.bills("one", "two")
        contents = [self.read("one"), self.read("two")]
        with self.nothing_changes():
            self.assertEqual(self.merged("state/usage.partial"), self.plain(contents))
        self.log(record("x"), name="other")
        self.silently("other", state="other_state")
        self.assertEqual(self.merged("state/usage.partial", "other_state/usage.partial"),
                         self.plain([*contents, lines("x")]))

    def test_inspect_tells_of_the_last_lines_that_the_figures_lack(self):
        told = json.loads(self.run_billing("inspect", "--json", "state/usage.partial").out)
        self.assertEqual((told["accepted"], told["quantity_ms"]), (3, 17))
        self.assertEqual([element["name"] for element in told["inputs"]], ["one", "two"])
        self.assertEqual([told["is_state"], told["last_lines"], told["last_lines_bytes"]],
                         [True, 1, len(record("d", ms=7))])
        text = self.run_billing("inspect", "state/usage.partial").out.decode()
        self.assertIn("whole", text)
        self.assertRegex(text, r"the state of incremental runs")
        self.assertRegex(text, r"1 last line without an end \(36 bytes\)")
        plain = json.loads(self.run_billing("inspect", "--json", self.made()).out)
        self.assertEqual([plain["is_state"], plain["last_lines"]], [False, 0])

    def made(self):
        self.night("--partial", "made", rates=()).prints()
        return "made"


class Options(StateTest):
    def test_an_empty_input_beside_a_last_line_that_is_filtered_and_has_digits(self):
        log = lines("ada", "bob") + record("ada")
        options = ("--quantity-digits", "2", "--where", "user != ada")
        self.write("log", log)
        self.write("empty", "")
        self.silently("log", options=options)
        self.silently("empty", of=[log], options=options)


if __name__ == "__main__":
    unittest.main()
