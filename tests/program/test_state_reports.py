"""What aggregate --state tells: that nothing is new, totals, and the rejects of what was read."""

import contextlib
import os
import shutil
import unittest

from program_fixture import DONE, TOO_MANY_REJECTS, record
from state_fixture import ADDITIVE, RATES, REJECTS_HEADER, StateTest, lines


class NothingNew(StateTest):
    def setUp(self):
        super().setUp()
        self.log(record("a"), record("b"))
        self.write("cut", lines("c") + record("d"))
        self.bills("log", "cut")

    def test_the_state_is_not_touched(self):
        os.utime(self.folder / "state/usage.partial", ns=(10**18, 10**18))
        for inputs in (("log", "cut"), ("cut", "log"), ("log",), ()):
            with self.nothing_changes():
                self.silently(*inputs, of=[self.read("log"), self.read("cut")])

    def test_it_is_told(self):
        for inputs in (("log", "cut"), ("cut",), ()):
            self.assertIn("nothing new", self.state_line(*inputs))

    def test_it_is_not_told_where_something_is_new(self):
        self.append("cut", "\n")
        self.assertNotIn("nothing new", self.state_line("cut"))
        self.log(record("e"), name="new")
        self.assertNotIn("nothing new", self.state_line("new"))
        self.assertIn("nothing new", self.state_line("new", "cut", "log"))

    def test_the_result_is_written_again(self):
        self.night("log", "cut", "-o", "bill").prints()
        first = self.read("bill")
        self.write("bill", "gone")
        self.night("log", "cut", "-o", "bill").prints()
        self.assertEqual(self.read("bill"), first)
        os.remove(self.folder / "bill")
        self.night("-o", "bill").prints()
        self.assertEqual(self.read("bill"), first)

    def test_other_prices_and_another_output_are_nothing_new(self):
        with self.nothing_changes():
            self.bills("log", of=[self.read("log"), self.read("cut")], rates=("login=.3",),
                       options=("--scale", "5", "--output-format", "jsonl"))

    def test_an_empty_input_more_is_nothing_new(self):
        self.write("empty", "")
        with self.nothing_changes():
            self.assertIn("nothing new", self.state_line("log", "empty", "cut"))


class Summary(StateTest):
    def setUp(self):
        super().setUp()
        self.log(record("a"), "", record("b", ms=15), name="grows")
        self.log(record("c", time="2024-01-01T00:00:00.5Z"), name="stays")
        self.log(record("d", "b", 7), name="away")
        self.first = self.state_line("grows", "stays", "away")
        self.append("grows", lines("e", ms=1000))
        self.log(record("f"), name="comes")

    def test_new_grown_and_known_are_counted(self):
        self.assertRegex(self.first, r"^state +3 inputs: 3 new\b")
        self.assertRegex(self.state_line("stays", "grows", "comes"),
                         r"^state +3 inputs: 1 new, 1 grown, 1 known$")

    def test_the_quiet_run_is_quiet(self):
        self.silently("stays", "grows", "comes", rates=("login=1", "b=1"),
                      of=[self.read(name) for name in ("grows", "stays", "away", "comes")])

    @staticmethod
    def by_name(summary):
        """The totals of each input; of several elements of a name, as a file that has grown may
        have, the sums."""
        totals = {}
        for element in summary["inputs"]:
            sums = totals.setdefault(element["name"], {})
            for name in ADDITIVE:
                sums[name] = sums.get(name, 0) + element[name]
        return totals

    def test_json_tells_what_became_of_the_inputs_given(self):
        told = self.summary("stays", "grows", "comes")
        self.assertEqual({(element["name"], element["state"]) for element in told["inputs"]
                          if "state" in element},
                         {("stays", "known"), ("grows", "grown"), ("comes", "new")})

    def test_json_lists_all_inputs_ever_with_their_totals(self):
        told = self.summary("stays", "grows", "comes")
        plain = self.plain_summary("stays", "grows", "comes", "away")
        self.assertEqual(self.by_name(told), self.by_name(plain))

    def test_json_lists_an_unfinished_line_with_its_input(self):
        self.append("comes", record("g"))
        self.append("grows", record("h"))
        told = self.summary("stays", "grows", "comes")
        plain = self.plain_summary("stays", "grows", "comes", "away")
        self.assertEqual(self.by_name(told), self.by_name(plain))

    def test_json_holds_the_totals_of_one_run_over_everything(self):
        self.append("comes", record("g"))
        told = self.summary("stays", "grows", "comes")
        plain = self.plain_summary("stays", "grows", "comes", "away")
        for name in (*ADDITIVE, "rejected_by_reason", "earliest", "latest", "lines", "billed",
                     "exact", "rounding_difference", "unrated"):
            self.assertEqual(told[name], plain[name], name)

    def balances(self, *inputs):
        told = self.summary(*inputs)
        for name in ADDITIVE:
            self.assertEqual(told[name], sum(element[name] for element in told["inputs"]), name)

    def test_json_balances(self):
        for inputs in (("stays", "grows", "comes"), ("stays", "comes"), ()):
            self.balances(*inputs)

    def test_json_balances_with_an_unfinished_line_too(self):
        self.append("grows", record("h"))
        for inputs in (("stays", "grows", "comes"), ("stays", "grows"), ("stays",), ()):
            self.balances(*inputs)

    def test_json_without_any_input_gives_no_state_to_anyone(self):
        told = self.summary()
        self.assertEqual([element.get("state") for element in told["inputs"]], [None] * 3)
        self.assertEqual(told["records"], 5)

    def test_text_totals_are_of_everything_seen(self):
        result = self.run_billing("aggregate", "--state", "state", "comes", "-r", "login=1")
        self.assertRegex(result.err, r"(?m)^read +6 records\b")
        self.assertRegex(result.err, r"(?m)^accepted +5 calls\b")
        self.assertRegex(result.err, r"(?m)^balanced ")

    def test_what_memory_did_not_force_to_disk_is_no_news(self):
        result = self.run_billing("aggregate", "--state", "state", "comes", "-r", "login=1")
        self.assertNotIn("spilled", result.err)
        self.assertEqual(self.summary("comes")["spilled_bytes"], 0)
        spills = ("--slice-bytes", "1", "--chunk-bytes", "1", "--threads", "1")
        self.assertGreater(self.summary("grows", *spills)["spilled_bytes"], 0)

    def test_a_long_last_line_without_an_end_is_told_in_every_run(self):
        for size in (100, 70_000):
            self.write("waits", lines("x") + "2025-05-02T23:16:50Z u login 200 " + "1" * size)
            absent = 1 if size > 64 * 1024 else 0  # a short one stands in the summary
            for inputs, told in ((("waits",), 1), (("waits",), 1), (("comes",), absent),
                                 (("waits",), 1)):
                result = self.night(*inputs, "--summary", "json")
                self.assertEqual(self.json_of(result)["state"]["unfinished"], 1)
                self.assertEqual(result.err.count("ends in the middle of a line"), told)
            self.append("waits", "\n")
            self.night("waits", "--rejects", "bad.csv")

    def test_plain_runs_tell_nothing_of_a_state(self):
        result = self.run_billing("aggregate", "stays", "-r", "login=1")
        self.assertNotRegex(result.err, r"(?m)^state")
        self.assertNotIn("state", self.plain_summary("stays")["inputs"][0])


class Rejects(StateTest):
    def rejects(self, *inputs, **settings):
        """The rows of the file of rejects after a run."""
        result = self.night(*inputs, "--rejects", "bad.csv", **settings)
        self.assertEqual(result.code, DONE, result.err)
        content = self.read("bad.csv")
        self.assertTrue(content.startswith(REJECTS_HEADER))
        return content.decode().splitlines()[1:]

    def test_they_are_those_of_what_the_run_has_read(self):
        self.log(record(), "bad one", name="a")
        self.log("bad two", record(), name="b")
        self.assertEqual(self.rejects("a"), [f"a,2,{len(record()) + 1},field_count,bad one"])
        self.assertEqual(self.rejects("a", "b"), ["b,1,0,field_count,bad two"])
        self.assertEqual(self.rejects("a", "b"), [])
        self.assertEqual(self.rejects(), [])

    def test_lines_and_offsets_are_those_of_the_whole_file(self):
        content = "bad one\r\n\n" + lines("a") + " \n"
        self.write("log", content)
        self.assertEqual(self.rejects("log"), ["log,1,0,field_count,bad one"])
        self.append("log", "bad two\n" + lines("b") + "bad three\n")
        offset = len(content + "bad two\n" + lines("b"))
        self.assertEqual(self.rejects("log"), [f"log,5,{len(content)},field_count,bad two",
                                               f"log,7,{offset},field_count,bad three"])

    def test_the_beginning_of_a_line_is_none_until_it_is_whole(self):
        self.write("log", lines("a") + "bad")
        result = self.night("log")
        self.assertEqual((result.code, result.out), (DONE, self.plain([lines("a").encode()])))
        result.says("log", "ends in the middle of a line")
        self.assertEqual(self.rejects("log"), [])
        self.append("log", " indeed\n")
        place = f"log,2,{len(lines('a'))},field_count,"
        self.assertEqual(self.rejects("log"), [place + "bad indeed"])

    def test_the_beginning_of_a_good_line_is_billed_once_it_is_whole(self):
        self.write("log", lines("a") + record("b")[:-2])
        self.assertEqual(self.night("log").out, self.plain([lines("a").encode()]))
        self.append("log", "ms\n")
        self.silently("log")

    def test_they_come_in_the_order_of_the_inputs(self):
        for name in "cab":
            self.log(record(), f"bad {name}", name=name)
        self.rejects("a")
        self.append("a", "bad again\n")
        self.assertEqual([row.split(",")[0] for row in self.rejects("c", "a", "b")],
                         ["c", "a", "b"])

    def test_a_rotated_file_is_numbered_from_its_beginning(self):
        self.log(record(), record(), "bad")
        self.rejects("log")
        self.log("bad too", record("x"))
        self.assertEqual(self.rejects("log"), ["log,1,0,field_count,bad too"])

    def test_chunks_and_threads_do_not_move_them(self):
        self.write("log", "".join(f"bad {number}\n" if number % 3 else lines("a")
                                  for number in range(100)) + "bad")
        self.rejects("log")
        self.append("log", "".join(f" {number}\n\n" for number in range(200)))
        shutil.copytree(self.folder / "state", self.folder / "kept")
        seen = set()
        for threads, chunk in (("1", "1000000"), ("2", "1"), ("3", "17")):
            shutil.rmtree(self.folder / "state")
            shutil.copytree(self.folder / "kept", self.folder / "state")
            result = self.night("log", "--rejects", "bad.csv", "--threads", threads,
                                "--chunk-bytes", chunk)
            self.assertEqual(result.code, DONE, result.err)
            seen.add(self.read("bad.csv"))
        [content] = seen
        rows = [row.split(",") for row in content.decode().splitlines()[1:]]
        self.assertEqual([int(row[1]) for row in rows],
                         [101 + 2 * number for number in range(200)])
        whole = self.read("log").split(b"\n")
        for row in rows:
            offset = sum(len(line) + 1 for line in whole[:int(row[1]) - 1])
            self.assertEqual(int(row[2]), offset)

    def test_those_that_a_run_reads_are_counted(self):
        self.log(record(), "bad", name="a")
        self.log(*[record()] * 7, "bad", name="b")
        with self.nothing_changes():
            self.night("a", "b", "--max-rejects", "1").fails(TOO_MANY_REJECTS, "2 of 10")
            self.night("b", "--max-rejects", "12.4%").fails(TOO_MANY_REJECTS, "1 of 8")
        self.bills("a", more=("--max-rejects", "1"))
        with self.nothing_changes():
            self.night("a", "b").fails(TOO_MANY_REJECTS, "1 of 8")
        everything = [self.read("a"), self.read("b")]
        self.bills("a", "b", of=everything, more=("--max-rejects", "1"))
        # What earlier runs have set aside is no reason to stop.
        self.silently("a", "b", of=everything)
        self.silently(of=everything)

    def test_no_output_may_be_the_state(self):
        self.log(record("a"))
        self.log(record("b"), "bad", name="new")
        for option, rates in (("--rejects", RATES), ("-o", RATES), ("--partial", ())):
            with self.subTest(option=option), contextlib.ExitStack() as undone:
                undone.callback(shutil.rmtree, self.folder / "state")
                self.silently("log")
                kept = self.read("state/usage.partial")
                result = self.night("new", "--max-rejects", "1", option, "state/usage.partial",
                                    rates=rates)
                self.assertEqual(self.read("state/usage.partial"), kept)
                self.assertNotEqual(result.code, DONE)


if __name__ == "__main__":
    unittest.main()
