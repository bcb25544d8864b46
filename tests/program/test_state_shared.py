"""Logs of one --state that begin alike, are equal, or hold one another: what counts once, and that it
is told."""

import shutil
import unittest

from program_fixture import DONE, record
from state_fixture import StateTest, lines

ONCE = "once"
TWICE = "twice"


class Shared(StateTest):
    """Durations tell the records apart: a bill is the sum of what was billed."""

    def sum_of(self, *inputs, options=()):
        """The milliseconds billed, and what was said."""
        result = self.night(*inputs, "--group-by", "task", *options)
        self.assertEqual(result.code, DONE, result.err)
        text = result.out.decode()
        return int(text.partition("total_duration=")[2].partition("ms")[0] or 0), result.err

    def bills_ms(self, ms, *inputs):
        """A run that bills so many milliseconds, without a word."""
        self.assertEqual(self.sum_of(*inputs), (ms, ""))

    def bills_and_tells(self, ms, *inputs, phrases):
        """... with one warning, which holds the phrases."""
        billed, told = self.sum_of(*inputs)
        self.assertEqual(billed, ms, told)
        self.assertEqual(told.count("warning"), 1, told)
        for phrase in phrases:
            self.assertIn(phrase, told)

    def ms_log(self, name, *durations, end="\n"):
        return self.write(name, "\n".join(record(ms=ms) for ms in durations) + end)


class Beginnings(Shared):
    def test_two_inputs_of_which_one_begins_with_all_of_the_other(self):
        self.ms_log("a.log", 1, 2)
        self.ms_log("b.log", 1, 2, 100)
        for inputs in (("a.log", "b.log"), ("b.log", "a.log")):
            shutil.rmtree(self.folder / "state", ignore_errors=True)
            self.bills_and_tells(103, *inputs, phrases=(
                "'b.log' begins with all of 'a.log'", "2 records count once"))

    def test_it_is_told_in_every_run_that_is_given_both(self):
        self.ms_log("a.log", 1)
        self.ms_log("b.log", 1, 100)
        for _ in range(3):
            self.bills_and_tells(101, "a.log", "b.log", phrases=("1 record counts once",))
        self.bills_ms(101, "b.log")
        self.bills_ms(101, "a.log")

    def test_a_chain_of_beginnings(self):
        self.ms_log("a", 1)
        self.ms_log("b", 1, 10)
        self.ms_log("c", 1, 10, 100)
        billed, told = self.sum_of("c", "a", "b")
        self.assertEqual(billed, 111)
        self.assertIn("'b' begins with all of 'a': 1 record counts once", told)
        self.assertIn("'c' begins with all of 'b': 2 records count once", told)
        self.assertEqual(told.count("warning"), 2)

    def test_it_is_in_the_summary(self):
        self.ms_log("a.log", 1, 2)
        self.ms_log("b.log", 1, 2, 100)
        told = self.summary("a.log", "b.log")
        self.assertEqual(told["state"]["shared_records"], 2)
        self.assertIn("2 shared records counted once", self.state_line("a.log", "b.log"))
        self.assertEqual(self.summary("b.log")["state"]["shared_records"], 0)
        self.assertNotIn("shared", self.state_line("b.log"))

    def test_equal_inputs(self):
        self.ms_log("a.log", 1, 2)
        self.ms_log("b.log", 1, 2)
        for _ in range(2):
            self.bills_and_tells(3, "a.log", "b.log", phrases=(
                "'b.log' holds the same as 'a.log'", "2 records count once"))

    def test_equal_inputs_without_an_end(self):
        self.ms_log("a.log", 1, end="")
        self.ms_log("b.log", 1, end="")
        self.bills_and_tells(1, "a.log", "b.log", phrases=("1 record counts once",))

    def test_a_log_that_was_renamed_and_has_grown_is_nothing_to_tell(self):
        self.ms_log("app.log", 1)
        self.bills_ms(1, "app.log")
        self.ms_log("app.log.1", 1, 10)
        self.ms_log("app.log", 100)
        self.bills_ms(111, "app.log", "app.log.1")
        self.bills_ms(111, "app.log.1", "app.log")

    def test_more_than_ten_are_not_all_told(self):
        for number in range(15):
            self.ms_log(f"copy{number:02}", 1)
        _, told = self.sum_of(*(f"copy{number:02}" for number in range(15)))
        self.assertEqual(told.count("holds the same"), 10)
        self.assertIn("and 4 more", told)

    def test_the_inputs_of_the_summary_add_up_with_copies(self):
        self.ms_log("a.log", 1, 2)
        self.ms_log("copy", 1, 2)
        for inputs in (("a.log", "copy"), ("a.log", "copy"), ("copy",), ()):
            told = self.summary(*inputs)
            self.assertEqual(sum(one["records"] for one in told["inputs"]), told["records"])
            self.assertEqual(told["records"], 2)
        self.ms_log("a.log", 1, 2, 3)
        for inputs in (("a.log", "copy"), ("copy", "a.log"), ("copy",), ()):
            told = self.summary(*inputs)
            self.assertEqual(sum(one["records"] for one in told["inputs"]), told["records"])
            self.assertEqual(told["records"], 3)


class Parting(Shared):
    """Content is continued once; what continues it in another way is a log of its own."""

    def setUp(self):
        super().setUp()
        self.ms_log("a.log", 1)
        self.ms_log("b.log", 1, 100)
        self.ms_log("c.log", 1, 1000)

    def test_in_one_run_after_an_earlier_one(self):
        for inputs in (("b.log", "c.log"), ("c.log", "b.log")):
            shutil.rmtree(self.folder / "state", ignore_errors=True)
            self.bills_ms(1, "a.log")
            self.bills_and_tells(1102, *inputs, phrases=(
                f"'{inputs[1]}' begins as 'a.log' does", "1 record counts twice"))
            self.bills_ms(1102, *inputs)

    def test_in_two_later_nights(self):
        self.bills_ms(1, "a.log")
        self.bills_ms(101, "b.log")
        self.bills_and_tells(1102, "c.log", phrases=(
            "'c.log' begins as 'b.log' does", "1 record counts twice"))
        self.bills_ms(1102, "c.log")

    def test_all_in_one_run(self):
        billed, told = self.sum_of("a.log", "b.log", "c.log")
        self.assertEqual(billed, 1102)
        self.assertIn("'b.log' begins with all of 'a.log': 1 record counts once", told)
        self.assertIn("'c.log' begins as 'a.log' does", told)

    def test_the_log_of_the_same_name_is_the_one_that_has_grown(self):
        self.bills_ms(1, "a.log")
        self.ms_log("a.log", 1, 20)
        billed, told = self.sum_of("c.log", "a.log")
        self.assertEqual(billed, 1022)
        self.assertIn("'c.log' begins as 'a.log' does", told)

    def test_with_a_last_line_that_has_no_end(self):
        for inputs in (("b.log", "c.log"), ("c.log", "b.log")):
            for name in ("state", "a.log"):
                shutil.rmtree(self.folder / name, ignore_errors=True)
            self.ms_log("a.log", 10, 1, end="")
            self.ms_log("b.log", 10, 1, 100)
            self.ms_log("c.log", 10, 1, 1000)
            self.bills_ms(11, "a.log")
            self.bills_and_tells(1122, *inputs, phrases=("2 records count twice",))
            self.bills_ms(1122, *inputs)

    def test_the_beginning_of_a_line_that_goes_on_in_two_ways(self):
        line = record(ms=7)[:-2]
        self.write("a.log", lines("u", ms=10) + line)
        self.write("b.log", lines("u", ms=10) + line + "7ms\n")
        self.write("c.log", lines("u", ms=10) + line + "8ms\n")
        self.sum_of("a.log")
        self.bills_and_tells(175, "b.log", "c.log", phrases=("1 record counts twice",))

    def test_each_goes_on_by_itself_then(self):
        self.bills_ms(1, "a.log")
        self.sum_of("b.log", "c.log")
        self.ms_log("b.log", 1, 100, 200)
        self.ms_log("c.log", 1, 1000, 2000)
        self.bills_ms(3302, "c.log", "b.log")
        self.ms_log("c.log", 1, 1000, 2000, 4000)
        self.bills_ms(7302, "c.log")

    def test_two_logs_that_were_one_in_the_other_and_then_part(self):
        self.sum_of("a.log", "b.log")
        self.ms_log("a.log", 1, 7)
        billed, told = self.sum_of("a.log", "b.log")
        self.assertEqual(billed, 101 + 8, told)

    def test_the_same_first_bytes_of_logs_that_were_never_as_short(self):
        common = list(range(10))
        self.ms_log("x.log", *common, 100)
        self.ms_log("y.log", *common, 1000)
        self.bills_and_tells(2 * 45 + 1100, "x.log", "y.log", phrases=(
            "'y.log' begins with the same 256 bytes as 'x.log'", "its records count twice"))
        self.ms_log("part", *common)
        self.bills_and_tells(3 * 45 + 1100, "part", phrases=("'part' begins with the same",))
        self.bills_ms(3 * 45 + 1100, "part", "y.log")

    def test_nothing_whole_in_common_is_nothing_to_tell(self):
        self.write("a.log", "2025-05-02")
        self.sum_of("a.log")
        self.bills_ms(1102, "b.log", "c.log")


class Copies(Shared):
    def test_made_between_two_readings_is_known_by_the_log_that_goes_on(self):
        self.ms_log("log", 1)
        self.bills_ms(1, "log")
        self.ms_log("log", 1, 10, 100)
        self.bills_ms(111, "log")
        self.ms_log("copy", 1, 10)
        self.bills_and_tells(111, "log", "copy", phrases=("'log' begins with all of 'copy'",
                                                          "2 records count once"))
        self.ms_log("log", 1, 10, 100, 1000)
        self.bills_and_tells(1111, "copy", "log", phrases=("2 records count once",))

    def test_at_a_length_that_was_never_read_is_known_by_a_log_that_holds_it(self):
        self.ms_log("app.log", 1, 10, 100)
        self.bills_ms(111, "app.log")
        self.ms_log("bak.log", 1, 10)
        for inputs in (("app.log", "bak.log"), ("bak.log", "app.log")):
            self.bills_and_tells(111, *inputs, phrases=("'app.log' begins with all of 'bak.log'",))
        self.ms_log("app.log", 1, 10, 100, 1000)
        self.bills_and_tells(1111, "bak.log", "app.log", phrases=("2 records count once",))

    def test_a_chain_of_copies_within_a_log(self):
        self.ms_log("log", 1, 10, 100, 1000)
        self.bills_ms(1111, "log")
        for length in range(1, 4):
            self.ms_log(f"copy{length}", *(1, 10, 100)[:length])
        billed, told = self.sum_of("copy2", "log", "copy1", "copy3")
        self.assertEqual(billed, 1111, told)

    def test_of_one_of_two_logs_that_begin_alike(self):
        self.ms_log("m", 1, 10)
        self.bills_ms(11, "m")
        self.ms_log("m", 1, 10, 100)
        self.bills_ms(111, "m")
        self.ms_log("p", 1, 10, 1000, 2000)
        self.assertEqual(self.sum_of("p")[0], 3122)
        self.ms_log("mid", 1, 10, 1000)
        for inputs in (("m", "p", "mid"), ("mid", "p")):
            billed, told = self.sum_of(*inputs)
            self.assertEqual(billed, 3122, told)
            self.assertIn("'p' begins with all of 'mid': 3 records count once", told)

    def test_what_parts_from_such_a_copy_is_a_log_of_its_own(self):
        self.ms_log("log", 1)
        self.bills_ms(1, "log")
        self.ms_log("log", 1, 10, 100)
        self.bills_ms(111, "log")
        self.ms_log("copy", 1, 10)
        self.ms_log("other", 1, 10, 5000)
        billed, told = self.sum_of("copy", "log", "other")
        self.assertEqual(billed, 111 + 5011)
        self.assertIn("'other' begins as 'copy' does", told)

    def test_of_any_length_at_which_a_log_was_read(self):
        durations = []
        for number in range(20):
            durations.append(2 ** number)
            self.ms_log("log", *durations)
            self.ms_log(f"copy{number}", *durations)
            self.bills_ms(sum(durations), "log")
        with self.nothing_changes():
            for number in range(20):
                self.bills_ms(sum(durations), f"copy{number}")


class Parts(Shared):
    """Files that were put together of logs which have been billed."""

    def setUp(self):
        super().setUp()
        self.ms_log("mon.log", 1, 2)
        self.ms_log("tue.log", 10)
        self.ms_log("wed.log", 100, 200, 300)
        self.week = b"".join(self.read(name) for name in ("mon.log", "tue.log", "wed.log"))

    def test_count_once(self):
        self.bills_ms(613, "mon.log", "tue.log", "wed.log")
        self.write("week.log", self.week)
        billed, told = self.sum_of("week.log")
        self.assertEqual(billed, 613)
        self.assertIn("'week.log' begins with all of 'tue.log': 1 record counts once", told)
        self.assertIn("'week.log' begins with all of 'wed.log': 3 records count once", told)
        self.assertEqual(told.count("warning"), 2)
        self.bills_ms(613, "week.log")

    def test_count_once_with_what_comes_after_them(self):
        self.bills_ms(613, "mon.log", "tue.log", "wed.log")
        self.write("week.log", self.week + lines("u", ms=1000).encode())
        self.assertEqual(self.sum_of("week.log")[0], 1613)
        self.append("week.log", lines("u", ms=2000))
        self.bills_ms(3613, "week.log")
        told = self.night("week.log", "--group-by", "task", "--summary", "json")
        self.assertEqual(self.json_of(told)["records"], 8)

    def test_count_once_in_the_same_run_too(self):
        self.write("week.log", self.week + lines("u", ms=1000).encode())
        self.assertEqual(self.sum_of("week.log", "wed.log", "mon.log", "tue.log")[0], 1613)
        self.assertEqual(self.sum_of("wed.log", "week.log")[0], 1613)

    def test_that_have_grown_before_they_were_put_together(self):
        self.bills_ms(613, "mon.log", "tue.log", "wed.log")
        self.ms_log("tue.log", 10, 20)
        self.write("week.log", self.read("mon.log") + self.read("tue.log"))
        self.assertEqual(self.sum_of("week.log", "tue.log")[0], 633)

    def test_that_had_no_end_when_they_were_billed(self):
        self.ms_log("tue.log", 10, 20, end="")
        self.sum_of("mon.log", "tue.log")
        self.write("week.log", self.read("mon.log") + self.read("tue.log"))
        self.assertEqual(self.sum_of("week.log")[0], 33)
        self.append("week.log", "\n" + lines("u", ms=1000))
        self.assertEqual(self.sum_of("week.log")[0], 1033)

    def test_a_last_line_that_ends_within_another_log_counts_once(self):
        self.ms_log("tue.log", 10, 20, end="")
        self.sum_of("mon.log", "tue.log")
        self.append("mon.log", self.read("tue.log").decode() + "\n")
        self.assertEqual(self.sum_of("mon.log")[0], 33)
        self.append("tue.log", "\n")
        self.assertEqual(self.sum_of("tue.log")[0], 33)
        self.append("tue.log", lines("u", ms=1000))
        self.assertEqual(self.sum_of("mon.log", "tue.log")[0], 1033)
        self.append("mon.log", lines("u", ms=2000))
        self.bills_ms(3033, "tue.log", "mon.log")

    def test_a_last_line_that_ends_after_it_was_put_together_counts_once(self):
        for end in ("\n", " \n", "\r\n", "\t \r\n"):
            shutil.rmtree(self.folder / "state", ignore_errors=True)
            self.ms_log("mon.log", 1, 2)
            self.ms_log("tue.log", 10, 20, end="")
            self.sum_of("mon.log", "tue.log")
            self.append("mon.log", self.read("tue.log"))
            self.assertEqual(self.sum_of("mon.log")[0], 33)
            self.append("tue.log", end)
            self.assertEqual(self.sum_of("tue.log", "mon.log")[0], 33)
            self.append("mon.log", end + lines("u", ms=1000))
            self.assertEqual(self.sum_of("tue.log", "mon.log")[0], 1033)

    def test_half_a_line_that_goes_on_after_it_was_put_together(self):
        half = record(ms=7)[:-2]
        self.write("tue.log", lines("u", ms=10) + half)
        self.sum_of("mon.log", "tue.log")
        self.append("mon.log", self.read("tue.log"))
        self.sum_of("mon.log")
        self.append("tue.log", "7ms\n")
        self.assertEqual(self.sum_of("tue.log")[0], 3 + 10 + 77)
        # Each of the files holds the line now, and goes on by itself.
        self.append("mon.log", "8ms\n")
        self.assertEqual(self.sum_of("mon.log", "tue.log")[0], 3 + 10 + 77 + 78)

    def test_of_one_line_without_an_end_count_once(self):
        self.ms_log("tue.log", 10, end="")
        self.sum_of("mon.log", "tue.log")
        self.append("mon.log", self.read("tue.log"))
        for _ in range(2):
            self.assertEqual(self.sum_of("mon.log", "tue.log")[0], 13)
        self.append("mon.log", "\n" + lines("u", ms=100))
        self.assertEqual(self.sum_of("mon.log", "tue.log")[0], 113)

    def test_behind_a_last_line_that_was_ended_count_once(self):
        self.ms_log("mon.log", 1, 2, end="")
        self.sum_of("mon.log", "tue.log")
        self.write("week.log", self.read("mon.log") + b"\n" + self.read("tue.log"))
        for _ in range(2):
            billed, told = self.sum_of("week.log", "mon.log", "tue.log")
            self.assertEqual(billed, 13, told)
        self.append("week.log", lines("u", ms=1000))
        self.assertEqual(self.sum_of("week.log", "mon.log")[0], 1013)

    def test_of_which_one_had_no_end_are_told(self):
        self.ms_log("mon.log", 1, 2, end="")
        self.ms_log("tue.log", 10, 20, 40)
        self.sum_of("mon.log", "tue.log")
        self.write("week.log", self.read("mon.log") + self.read("tue.log"))
        billed, told = self.sum_of("week.log", options=("--rejects", "bad.csv"))
        self.assertEqual(billed, 1 + 70 + 60)
        self.assertIn("what is new in 'week.log' begins with all of 'tue.log', in the middle of a "
                      "line: 3 records count twice, but for the first", told)
        self.assertEqual(self.text("bad.csv").count("\n"), 2)

    def test_a_line_that_ends_within_another_log_is_judged_there(self):
        for tail, what in ((" " * 70_000 + record(ms=20), "billed"), ("junk", "rejected")):
            shutil.rmtree(self.folder / "state", ignore_errors=True)
            self.ms_log("mon.log", 1, 2)
            self.write("tue.log", lines("u", ms=10) + tail)
            self.sum_of("mon.log", "tue.log")
            self.append("mon.log", self.read("tue.log") + b"\n" + lines("u", ms=100).encode())
            billed, told = self.sum_of("mon.log", options=("--rejects", "bad.csv"))
            self.assertEqual((billed, "1 of 2 records rejected" in told),
                             (133, False) if what == "billed" else (113, True), told)
            self.append("tue.log", "\n" + lines("u", ms=1000))
            self.assertEqual(self.sum_of("tue.log", "mon.log")[0],
                             1133 if what == "billed" else 1113)

    def test_a_line_that_another_file_has_gone_on_with_is_read_where_it_ends(self):
        self.ms_log("a.log", 1, 2, end="")
        self.ms_log("m.log", 4)
        self.sum_of("a.log", "m.log")
        self.write("c.log", self.read("a.log") + b"x\n")
        self.sum_of("c.log", options=("--rejects", "bad.csv"))
        self.append("m.log", self.read("a.log") + b"\n" + lines("u", ms=8).encode())
        self.assertEqual(self.sum_of("a.log", "m.log")[0], 15)

    def test_of_which_both_files_had_no_end_and_one_spoils_the_line(self):
        self.ms_log("tue.log", 10, end="")
        self.sum_of("mon.log", "tue.log")
        self.append("mon.log", self.read("tue.log"))
        self.assertEqual(self.sum_of("mon.log", "tue.log")[0], 13)
        self.append("tue.log", "\n")
        self.append("mon.log", lines("u", ms=100))  # the rest of the same line
        for inputs in (("mon.log", "tue.log"), ("mon.log",), ("tue.log",)):
            self.assertEqual(self.sum_of(*inputs, options=("--rejects", "bad.csv"))[0], 13)

    def test_that_have_gone_on_count_once_with_the_end_of_their_line(self):
        for grows_first in (True, False):
            shutil.rmtree(self.folder / "state", ignore_errors=True)
            self.ms_log("mon.log", 1, 2)
            self.ms_log("tue.log", 10, 20, end="")
            self.sum_of("mon.log", "tue.log")
            old = self.read("tue.log")
            self.append("tue.log", "\n" + lines("u", ms=40))
            if grows_first:
                self.sum_of("tue.log")
            self.append("mon.log", old + b"\n" + lines("u", ms=100).encode())
            for _ in range(2):
                self.assertEqual(self.sum_of("mon.log", "tue.log")[0], 173)

    def test_whose_last_line_ends_in_two_files_count_once(self):
        self.ms_log("tue.log", 10, 20, end="")
        self.sum_of("mon.log", "tue.log", "wed.log")
        for name in ("mon.log", "wed.log"):
            self.append(name, self.read("tue.log") + b"\n")
        for _ in range(2):
            self.assertEqual(self.sum_of("mon.log", "wed.log", "tue.log")[0], 633)

    def test_half_a_line_is_no_part(self):
        self.write("half", record(ms=1)[:20])
        self.sum_of("mon.log", "half")
        self.append("mon.log", lines("u", ms=10))
        self.assertEqual(self.sum_of("mon.log")[0], 13)

    def test_lines_and_offsets_of_rejects_are_those_of_the_whole_file(self):
        self.bills_ms(613, "mon.log", "tue.log", "wed.log")
        self.write("week.log", self.week + b"bad\n")
        self.sum_of("week.log", options=("--rejects", "bad.csv"))
        self.assertEqual(self.text("bad.csv").splitlines()[1:],
                         [f"week.log,7,{len(self.week)},field_count,bad"])

    def test_a_log_that_holds_itself_twice_has_it_twice(self):
        self.bills_ms(3, "mon.log")
        self.write("mon.log", self.read("mon.log") * 2)
        self.bills_ms(6, "mon.log")


class ReplacedBesideTheOldLog(Shared):
    """The old content is there under another name, so the log is not missed."""

    def test_that_was_put_right(self):
        durations = [2 ** number for number in range(9)]
        self.ms_log("app.log", *durations, end="\nbad\n")
        self.sum_of("app.log", options=("--rejects", "bad.csv"))
        self.copy("app.log", "app.log.bak")
        self.ms_log("app.log", *durations, 512)
        for inputs in (("app.log", "app.log.bak"), ("app.log.bak", "app.log")):
            shutil.rmtree(self.folder / "old", ignore_errors=True)
            shutil.copytree(self.folder / "state", self.folder / "old")
            self.bills_and_tells(511 + 1023, *inputs, phrases=(
                "'app.log' begins with the same 256 bytes as an earlier log called 'app.log'",))
            shutil.rmtree(self.folder / "state")
            self.rename("old", "state")

    def test_that_goes_on_in_another_way_from_a_length_that_was_read(self):
        self.ms_log("app.log", 1)
        self.sum_of("app.log")
        self.ms_log("app.log", 1, 2)
        self.sum_of("app.log")
        self.rename("app.log", "app.log.1")
        self.ms_log("app.log", 1, 8)
        self.bills_and_tells(12, "app.log", "app.log.1", phrases=(
            "'app.log' begins as an earlier log called 'app.log' does", "1 record counts twice"))

    def test_that_was_read_first_within_its_first_line(self):
        self.write("half", record()[:4])
        self.sum_of("half")
        common = [2 ** number for number in range(8)]
        self.ms_log("x.log", *common, 256)
        self.ms_log("y.log", *common, 512)
        billed, told = self.sum_of("x.log", "y.log")
        self.assertEqual(billed, 2 * 255 + 256 + 512)
        self.assertIn("'y.log' begins with the same 256 bytes as 'x.log'", told)


class Replaced(Shared):
    """A log under a known name that does not begin as it did."""

    def setUp(self):
        super().setUp()
        self.ms_log("app.log", 1, 2)
        self.bills_ms(3, "app.log")

    def test_how_many_calls_of_the_old_one_stay_billed_is_told(self):
        self.ms_log("app.log", 100)
        self.bills_and_tells(103, "app.log", phrases=(
            "rotated or rewritten", "2 calls of the old one stay billed", "name the rotated file too",
            "start a new state"))

    def test_with_a_last_line_that_has_no_end(self):
        self.ms_log("app.log", 1, 2, 4, end="")
        self.bills_ms(7, "app.log")
        self.ms_log("app.log", 100)
        self.bills_and_tells(107, "app.log", phrases=("3 calls of the old one stay billed",))

    def test_put_right_in_place(self):
        self.write("right.log", lines("u", ms=1) + "bad\n" + lines("u", ms=2))
        self.sum_of("right.log", options=("--rejects", "bad.csv"))
        self.write("right.log", lines("u", ms=1) + lines("u", ms=50) + lines("u", ms=2))
        self.bills_and_tells(6 + 53, "right.log", phrases=("2 calls", "billed twice"))

    def test_emptied(self):
        self.write("app.log", "")
        self.bills_and_tells(3, "app.log", phrases=("shorter", "2 calls", "name the rotated file too"))

    def test_cut_to_what_it_held_earlier(self):
        kept = self.read("app.log")
        self.append("app.log", lines("u", ms=4))
        self.bills_ms(7, "app.log")
        self.write("app.log", kept)
        self.bills_and_tells(7, "app.log", phrases=("shorter", "3 calls"))

    def test_rotated_with_the_rotated_file_named_is_nothing_to_tell(self):
        for moved in (self.rename, self.copy):
            self.append("app.log", lines("u", ms=10))
            moved("app.log", "app.log.1")
            self.ms_log("app.log", 100)
            self.sum_of("app.log", "app.log.1")
            self.bills_ms(113, "app.log", "app.log.1")
            for name in ("state", "app.log.1"):
                shutil.rmtree(self.folder / name, ignore_errors=True)
            self.ms_log("app.log", 1, 2)
            self.bills_ms(3, "app.log")

    def test_renamed_in_turn(self):
        self.rename("app.log", "app.log.1")
        self.ms_log("app.log", 10)
        self.bills_ms(13, "app.log", "app.log.1")
        for number in range(2, 5):
            for older in range(number, 1, -1):
                if (self.folder / f"app.log.{older - 1}").exists():
                    self.rename(f"app.log.{older - 1}", f"app.log.{older}")
            self.append("app.log", lines("u", ms=1000 * number))
            self.rename("app.log", "app.log.1")
            self.ms_log("app.log", 10 + number)
            _, told = self.sum_of("app.log", "app.log.1")
            self.assertEqual(told, "")


if __name__ == "__main__":
    unittest.main()
