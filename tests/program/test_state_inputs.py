"""How aggregate --state knows an input again: grown, unchanged under any name, or rotated."""

import os
import shutil
import unittest

from program_fixture import DONE, TOO_MANY_REJECTS, record
from state_fixture import REWRITTEN, StateTest, lines


class Grown(StateTest):
    def test_it_is_read_from_where_it_ended(self):
        content = lines("a", "b")
        for piece in (lines("c"), lines("a", "d"), lines("e")):
            self.write("log", content)
            self.silently("log")
            content += piece
        self.write("log", content)
        self.silently("log")

    def test_cut_at_every_byte(self):
        content = (record("a") + "\r\n \t\nbad\n" + record("ä", ms=15) + "\r\n\n"
                   + record("a", "b", 7)).encode()
        options = ("--cycle", "calls:2")
        expected = self.plain([content], *options)
        for cut in range(len(content)):
            with self.subTest(cut=cut):
                state = f"state{cut}"
                self.write("log", content[:cut])
                self.bills("log", options=options, more=("--rejects", "bad.csv"), state=state)
                self.append("log", content[cut:])
                result = self.night("log", *options, "--rejects", "bad.csv", state=state)
                self.assertEqual((result.code, result.out), (DONE, expected), result.err)

    def test_byte_by_byte(self):
        content = (record("a") + "\nbad\r\n" + record("b")).encode()
        for size in range(len(content) + 1):
            self.write("log", content[:size])
            self.bills("log", more=("--rejects", "bad.csv"))

    def test_an_unfinished_line_is_billed_and_stays_where_the_file_does_not_come_again(self):
        unfinished = lines("a") + record("b", ms=15)
        self.write("log", unfinished)
        self.silently("log")
        self.silently(of=[unfinished])
        self.log(record("c"), name="other")
        self.silently("other", of=[unfinished, lines("c")])

    def test_an_unfinished_line_stays_where_the_file_comes_again_unchanged(self):
        self.write("log", lines("a") + record("b", ms=15))
        for _ in range(3):
            self.silently("log")

    def test_an_unfinished_line_that_gets_its_line_feed_only_is_counted_once(self):
        self.write("log", lines("a") + record("b", ms=15))
        self.silently("log")
        self.append("log", "\n")
        self.silently("log")
        self.silently("log")

    def test_an_unfinished_line_is_read_anew_and_whole(self):
        whole = record("b", ms=1568)
        for cut in ("", "2025", whole[:-5], whole[:-4], whole[:-3], whole):
            with self.subTest(cut=cut):
                shutil.rmtree(self.folder / "state", ignore_errors=True)
                self.write("log", lines("a") + cut)
                self.bills("log", more=("--rejects", "bad.csv"))
                self.write("log", lines("a") + whole + "\n" + lines("c"))
                self.silently("log")

    def test_an_unfinished_line_may_turn_out_bad(self):
        self.write("log", lines("a") + record("b"))
        self.silently("log")
        self.append("log", " more\n" + lines("c"))
        with self.nothing_changes():
            self.night("log").fails(TOO_MANY_REJECTS, "log:2")
        self.bills("log", more=("--rejects", "bad.csv"))

    def test_a_file_of_nothing_but_an_unfinished_line(self):
        for content in ("2025-05-02", record(), record() + "\r", record() + "\r\n"):
            self.write("log", content)
            self.bills("log", more=("--rejects", "bad.csv"))

    def test_an_unfinished_line_longer_than_any_buffer(self):
        self.write("log", lines("a") + "x" * 3_000_000)
        self.bills("log", more=("--rejects", "bad.csv"))
        self.append("log", "x" * 100 + "\n" + lines("b"))
        self.bills("log", more=("--rejects", "bad.csv"))

    def test_a_record_longer_than_the_state_keeps_waits_for_its_end(self):
        self.write("log", lines("a") + record("b").replace(" ", " " * 70_000, 1))
        told = self.bills("log", of=[lines("a")]).err
        self.assertIn("ends in the middle of a line", told)
        self.append("log", "\n")
        self.silently("log", of=[lines("a", "b")])

    def test_an_unfinished_line_that_another_input_of_the_run_goes_on_with(self):
        self.write("log", lines("a") + "2025-05-02T2")
        self.write("copy", lines("a") + "2025-05-02T23:16:50Z b login 200 1ms\n")
        self.assertNotIn("unfinished", self.state_line("log", "copy"))
        self.bills("log", of=[self.read("copy")])

    def test_a_file_that_has_grown_and_was_renamed(self):
        self.log(record("a"))
        self.silently("log")
        self.append("log", lines("b"))
        self.rename("log", "log.1")
        self.silently("log.1")
        self.append("log.1", lines("c"))
        self.silently("log.1")

    def test_an_empty_file_that_grows_was_not_rewritten(self):
        self.write("log", "")
        self.write("other", lines("o"))
        self.bills("log", "other")
        self.append("log", lines("a"))
        self.silently("log", of=[lines("a"), lines("o")])


class Known(StateTest):
    def setUp(self):
        super().setUp()
        self.log(record("a"), record("b"))
        self.content = self.read("log")
        self.silently("log")

    def known(self, *inputs):
        with self.nothing_changes():
            self.silently(*inputs, of=[self.content])

    def test_again(self):
        self.known("log")

    def test_with_another_time(self):
        os.utime(self.folder / "log", (1, 1))
        self.known("log")

    def test_written_anew(self):
        os.remove(self.folder / "log")
        self.write("log", self.content)
        self.known("log")

    def test_renamed(self):
        self.rename("log", "log.1")
        self.known("log.1")

    def test_copied(self):
        self.copy("log", "copy")
        self.known("copy")
        for inputs in (("copy", "log"), ("log", "copy")):
            with self.nothing_changes():
                self.bills(*inputs, of=[self.content]).says("holds the same as")

    def test_through_a_link(self):
        os.symlink("log", self.folder / "link")
        self.known("link")

    def test_by_another_path(self):
        self.known("./log")
        self.known(str(self.folder / "log"))

    def test_the_same_content_twice_in_one_run_is_taken_in_once(self):
        new = self.write("new", lines("c"))
        for number in range(3):
            self.copy(new, f"copy{number}")
        self.bills("copy1", "new", "copy0", "copy2", of=[self.content, lines("c")])
        with self.nothing_changes():
            self.bills("new", "copy0", of=[self.content, lines("c")])

    def test_the_same_content_twice_in_one_run_is_grown_once(self):
        self.append("log", lines("c"))
        self.copy("log", "copy")
        self.bills("copy", "log", of=[self.read("log")])
        self.bills("log", "copy", of=[self.read("log")])

    def test_an_old_copy_of_a_file_that_has_grown_since(self):
        self.copy("log", "copy")
        self.append("log", lines("c"))
        self.bills("log", "copy", of=[self.read("log")])
        self.silently("copy", of=[self.read("log")])
        self.bills("copy", "log", of=[self.read("log")])

    def test_the_same_size_is_not_enough(self):
        self.write("other", lines("a", "c"))
        self.silently("other", of=[self.content, lines("a", "c")])

    def test_an_empty_file_is_always_known(self):
        self.write("empty", "")
        with self.nothing_changes():
            for inputs in (("empty",), ("empty", "log"), ("log", "empty")):
                self.assertNotIn(REWRITTEN, self.bills(*inputs, of=[self.content]).err)

    def test_a_file_that_was_emptied_is_known_too(self):
        os.truncate(self.folder / "log", 0)
        with self.nothing_changes():
            self.bills("log", of=[self.content])

    def test_a_file_of_blanks_is_known_the_second_time(self):
        self.write("blank", "\n \n")
        self.bills("blank", of=[self.content])
        with self.nothing_changes():
            self.bills("blank", of=[self.content])


class Rotated(StateTest):
    def setUp(self):
        super().setUp()
        self.log(record("a"), record("b"))
        self.old = self.read("log")
        self.silently("log")

    def test_renamed_with_a_new_one_in_its_place(self):
        self.rename("log", "log.1")
        self.log(record("c"))
        self.warned("log", "log", of=[self.old, lines("c")])
        self.silently("log", "log.1", of=[self.old, lines("c")])

    def test_renamed_after_it_has_grown_with_both_given(self):
        for order in (("log", "log.1"), ("log.1", "log")):
            with self.subTest(order=order):
                shutil.rmtree(self.folder / "state")
                self.write("log", self.old)
                self.silently("log")
                self.append("log", lines("c"))
                self.rename("log", "log.1")
                self.log(record("d"))
                self.bills(*order, of=[self.old + lines("c").encode(), lines("d")])

    def test_copied_and_truncated(self):
        self.append("log", record("c"))
        self.copy("log", "log.1")
        self.log(record("d"))
        self.bills("log", "log.1", of=[self.old + record("c").encode(), lines("d")])
        self.append("log", lines("e"))
        self.silently("log", "log.1", of=[self.old + record("c").encode(), lines("d", "e")])

    def test_rewritten_with_the_same_size(self):
        self.log(record("a"), record("c"))
        self.warned("log", "log", of=[self.old, lines("a", "c")])

    def test_rewritten_and_longer(self):
        self.log(record("x"), record("b"), record("c"))
        self.warned("log", "log", of=[self.old, lines("x", "b", "c")])

    def test_rewritten_in_its_last_byte(self):
        changed = self.old[:-1] + b" "
        self.write("log", changed)
        self.warned("log", "log", of=[self.old, changed])

    def test_shortened(self):
        self.log(record("a"))
        self.warned("log", "log", of=[self.old, lines("a")])

    def test_an_unfinished_line_that_is_another_one_now(self):
        unfinished = lines("x") + record("y")
        self.write("other", unfinished)
        self.silently("other", of=[self.old, unfinished])
        self.write("other", lines("x", "z"))
        self.warned("other", "other", of=[self.old, unfinished, lines("x", "z")])

    def test_again_and_again(self):
        contents = [self.old]
        for number in range(4):
            contents.append(lines(f"new{number}"))
            self.write("log", contents[-1])
            self.warned("log", "log", of=contents)
            self.silently("log", of=contents)

    def test_what_has_grown_since_a_rotation_gives_no_warning(self):
        self.log(record("c"))
        self.warned("log", "log", of=[self.old, lines("c")])
        self.append("log", lines("d"))
        self.silently("log", of=[self.old, lines("c", "d")])

    def test_the_warning_tells_the_name_and_no_more_than_that_goes_to_the_terminal(self):
        self.log(record("c"), name="a\x1b[2J")
        self.silently("a\x1b[2J", of=[self.old, lines("c")])
        self.log(record("d"), name="a\x1b[2J")
        told = self.bills("a\x1b[2J", of=[self.old, lines("c"), lines("d")]).err
        self.assertIn(REWRITTEN, told)
        self.assertNotIn("\x1b", told)


if __name__ == "__main__":
    unittest.main()
