"""Incremental runs: aggregate --state DIR bills everything seen so far, each input counted once.

The measure of every bill is the baseline, run without --state over all contents seen so far.
"""

import contextlib
import copy
import fcntl
import json
import os
import random
import re
import shutil
import struct
import subprocess
import termios
import time
import unittest

from program_fixture import (DONE, FAILED, IN_MEMORY, MISUSED, RUN_LIMIT_SECONDS, TOO_MANY_REJECTS,
                             ProgramTest, as_bytes, rate_options, record)
from random_logs import random_line, random_log, random_options

RATES = ("login=1",)
REWRITTEN = "rotated or rewritten"
ADDITIVE = ("records", "bytes", "accepted", "rejected", "filtered", "blank", "quantity_ms")
REJECTS_HEADER = b"file,line,byte_offset,reason,record\n"
ROUNDS = int(os.environ.get("BILLING_STATE_ROUNDS", "30"))
SEED = 20250502


def lines(*users, **fields):
    """A log of one record of each user."""
    return "".join(record(user, **fields) + "\n" for user in users)


def whole_lines(content):
    return content[:content.rfind(b"\n") + 1]


class StateTest(ProgramTest):
    folders_in = IN_MEMORY

    # ------------------------------------------------------------------ files

    def append(self, name, content):
        with open(self.folder / name, "ab") as file:
            file.write(as_bytes(content))

    def rename(self, name, to):
        os.rename(self.folder / name, self.folder / to)

    def copy(self, name, to):
        shutil.copy(self.folder / name, self.folder / to)

    def seen_file(self, name):
        """Bytes and identity of a file that may not be there."""
        path = self.folder / name
        if not path.exists():
            return None
        status = path.stat()
        return path.read_bytes(), status.st_ino, status.st_mtime_ns

    def tidy(self, state="state", contents=(b"something",)):
        """The state's folder holds the state and its lock, and nothing else.

        Where nothing has been seen but emptiness, there need be no state.
        """
        names = set(os.listdir(self.folder / state))
        self.assertEqual(names | {"lock", "usage.partial"}, {"lock", "usage.partial"})
        if any(contents):
            self.assertIn("usage.partial", names)

    @contextlib.contextmanager
    def nothing_changes(self, state="state"):
        """State and result stay as they are, and no temporary file more is left."""
        def seen():
            return ([self.seen_file(name) for name in (state + "/usage.partial", "bill")],
                    sorted(path for path in self.folder.rglob("*.tmp")))
        before = seen()
        yield
        self.assertEqual(seen(), before)

    # ------------------------------------------------------------------ runs

    def night(self, *arguments, rates=RATES, state="state"):
        """One quiet run with --state."""
        return self.run_billing("aggregate", "-q", "--state", state, *arguments,
                                *rate_options(*rates))

    def plain(self, contents, *options, rates=RATES):
        """The baseline's bill of these contents, each of them an input."""
        names = [self.write(f"truth/{number}", content)
                 for number, content in enumerate(contents or [b""])]
        result = self.run_billing("aggregate", "-q", "--naive", *names, *options, "--rejects",
                                  "/dev/null", *rate_options(*rates))
        self.assertEqual(result.code, DONE, result.err)
        return result.out

    def bills(self, *inputs, of=None, options=(), more=(), rates=RATES, state="state"):
        """A run with --state, whose bill is the plain one of the contents `of`.

        Without `of`, of the inputs' own. `more`: options of this run only.
        """
        contents = [self.read(name) for name in inputs] if of is None else of
        result = self.night(*inputs, *options, *more, rates=rates, state=state)
        self.assertEqual(result.code, DONE, result.err)
        self.assertEqual(result.out, self.plain(contents, *options, rates=rates))
        self.tidy(state, contents)
        return result

    def silently(self, *inputs, **settings):
        """Like bills; there is nothing to warn of."""
        self.assertEqual(self.bills(*inputs, **settings).err, "")

    def warned(self, name, *inputs, **settings):
        """Like bills; a warning tells that this one was rotated or rewritten, and only this one."""
        told = self.bills(*inputs, **settings).err
        [line] = [line for line in told.splitlines() if REWRITTEN in line]
        self.assertIn("warning", line)
        self.assertIn(name, line)

    def summary(self, *arguments, rates=RATES):
        """The JSON summary of a run."""
        return self.json_of(self.night(*arguments, "--summary", "json", rates=rates))

    def json_of(self, result):
        self.assertEqual(result.code, DONE, result.err)
        [line] = [line for line in result.err.splitlines() if line.startswith("{")]
        return json.loads(line)

    def plain_summary(self, *arguments, rates=RATES):
        return self.json_of(self.run_billing("aggregate", "-q", "--naive", *arguments,
                                             "--summary", "json", *rate_options(*rates)))

    def state_line(self, *arguments):
        """The line on the state in the text summary."""
        result = self.run_billing("aggregate", "--state", "state", *arguments,
                                  *rate_options(*RATES))
        self.assertEqual(result.code, DONE, result.err)
        [line] = [line for line in result.err.splitlines() if line.startswith("state")]
        return line


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
                options = ("--cycle", policy, "--group-by", group, "--timezone", "Europe/Berlin",
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
        self.known("copy", "log")
        self.known("log", "copy")

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
        self.silently("new", "copy0", of=[self.content, lines("c")])

    def test_the_same_content_twice_in_one_run_is_grown_once(self):
        self.append("log", lines("c"))
        self.copy("log", "copy")
        self.bills("copy", "log", of=[self.read("log")])
        self.bills("log", "copy", of=[self.read("log")])

    def test_an_old_copy_of_a_file_that_has_grown_since(self):
        self.copy("log", "copy")
        self.append("log", lines("c"))
        self.silently("log", "copy", of=[self.read("log")])
        self.silently("copy", of=[self.read("log")])
        self.silently("copy", "log", of=[self.read("log")])

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


class Refused(StateTest):
    """What is no input, and options that do not go together."""

    def setUp(self):
        super().setUp()
        self.log(record())
        self.write("bill", "old")
        self.bills("log")

    def refuses(self, code, *arguments, phrases=(), stdin=b""):
        with self.nothing_changes():
            result = self.run_billing("aggregate", "-q", "--state", "state", "-r", "login=1",
                                      "-o", "bill", *arguments, stdin=stdin)
            result.fails(code, *phrases)

    def test_standard_input(self):
        self.refuses(FAILED, "-", phrases=("regular file",), stdin=lines("x").encode())
        self.refuses(FAILED, "log", "-", phrases=("regular file",), stdin=lines("x").encode())

    def test_standard_input_that_is_a_file(self):
        self.log(record("x"), name="other")
        with self.nothing_changes(), open(self.folder / "other", "rb") as file:
            process = self.start("aggregate", "-q", "--state", "state", "-r", "login=1", "-o",
                                 "bill", "-", stdin=file)
            self.finish(process).fails(FAILED, "regular file")

    def test_a_device(self):
        self.refuses(FAILED, "/dev/null", phrases=("/dev/null", "regular file"))
        self.refuses(FAILED, "log", "/dev/zero", phrases=("/dev/zero", "regular file"))

    def test_a_pipe(self):
        os.mkfifo(self.folder / "pipe")
        # A writer, in case that it is opened all the same.
        writer = os.open(self.folder / "pipe", os.O_RDWR)
        self.addCleanup(os.close, writer)
        self.refuses(FAILED, "pipe", phrases=("pipe", "regular file"))

    def test_a_pipe_without_a_writer_is_not_waited_for(self):
        os.mkfifo(self.folder / "nobody")
        with self.nothing_changes():
            process = self.start("aggregate", "-q", "--state", "state", "-r", "login=1", "nobody")
            self.assertEqual(process.wait(20), FAILED)
            self.assertIn(b"regular file", process.stderr.read())

    def test_a_file_that_is_missing(self):
        self.log(record("x"), name="other")
        self.refuses(FAILED, "other", "missing", phrases=("missing: No such file",))

    def test_the_baseline(self):
        self.refuses(MISUSED, "log", "--naive", phrases=("--state", "--naive"))

    def test_a_file_as_the_folder(self):
        self.night("log", state="log").fails(FAILED, "log")
        self.assertEqual(self.read("log"), lines("u").encode())


class OtherOptions(StateTest):
    """What usage is made of may not change from run to run."""

    BASE = ("--cycle", "month", "--timezone", "Europe/Berlin", "--anchor-day", "15", "--group-by",
            "user,cycle", "--since", "2025-01-01", "--until", "2025-12-24", "--status", "2xx")

    def setUp(self):
        super().setUp()
        self.log(record(), record(status=404))
        self.write("bill", "old")
        self.bills("log", options=self.BASE)

    def other(self, option, value, *phrases):
        options = list(self.BASE)
        options[options.index(option) + 1] = value
        self.log(record("x"), name="new")
        for inputs in (("log",), ("new",), ()):
            with self.nothing_changes():
                self.night(*inputs, *options, "-o", "bill").fails(MISUSED, option, "state",
                                                                  *phrases)

    def without(self, option, *phrases):
        options = list(self.BASE)
        del options[options.index(option):options.index(option) + 2]
        with self.nothing_changes():
            self.night("log", *options, "-o", "bill").fails(MISUSED, option, "state", *phrases)

    def test_cycle(self):
        self.other("--cycle", "quarter", "month", "quarter")

    def test_timezone(self):
        self.other("--timezone", "America/New_York", "Europe/Berlin", "America/New_York")
        self.without("--timezone", "Europe/Berlin", "UTC")

    def test_anchor_day(self):
        self.other("--anchor-day", "28", "15", "28")
        self.without("--anchor-day", "15")

    def test_group_by(self):
        self.other("--group-by", "user,cycle,task", "user,cycle,task", "user,cycle")
        self.without("--group-by", "user,cycle,task")

    def test_since(self):
        self.other("--since", "2025-01-02")
        self.without("--since")

    def test_until(self):
        self.other("--until", "2025-12-25")
        self.without("--until")

    def test_status(self):
        self.other("--status", "404", "404")
        self.without("--status")

    def test_the_message_holds_both_times(self):
        """As dates, or as a partial holds them: in nanoseconds."""
        options = [value.replace("2025-01-01", "2025-01-02") for value in self.BASE]
        told = self.night("log", *options).err
        self.assertRegex(told, "2025-01-01|1735686000")
        self.assertRegex(told, "2025-01-02|1735772400")

    def test_several_at_once_are_all_told(self):
        options = [{"month": "year", "2xx": "5xx"}.get(value, value) for value in self.BASE]
        self.night("log", *options).fails(MISUSED, "--cycle", "month", "year", "--status")

    def test_the_order_of_group_by_is_no_difference(self):
        options = [value.replace("user,cycle", "cycle,user") for value in self.BASE]
        self.bills("log", options=options)

    def test_the_same_options_are_well(self):
        self.bills("log", options=self.BASE)
        self.bills(of=[self.read("log")], options=self.BASE)


class Damaged(StateTest):
    def setUp(self):
        super().setUp()
        self.log(record("a"), record("b", ms=15), name="log")
        self.silently("log")
        self.good = self.read("state/usage.partial")
        self.append("log", lines("c"))
        self.write("bill", "old")

    def refuses(self, content):
        self.write("state/usage.partial", content)
        for inputs in (("log",), ()):
            with self.nothing_changes():
                self.night(*inputs, "-o", "bill").fails(FAILED, "state/usage.partial")

    def test_a_byte_is_another(self):
        step = max(1, len(self.good) // 60)
        for place in [*range(0, len(self.good), step), len(self.good) - 1]:
            with self.subTest(place=place):
                damaged = bytearray(self.good)
                damaged[place] ^= 1 << place % 8
                self.refuses(bytes(damaged))

    def test_cut_or_longer(self):
        step = max(1, len(self.good) // 30)
        for size in [*range(0, len(self.good), step), len(self.good) - 1]:
            with self.subTest(size=size):
                self.refuses(self.good[:size])
        self.refuses(self.good + b"\n")
        self.refuses(self.good * 2)

    def test_another_file_or_a_folder(self):
        self.refuses(lines("a"))
        self.refuses("{}\n")
        os.remove(self.folder / "state/usage.partial")
        (self.folder / "state/usage.partial").mkdir()
        self.night("log", "-o", "bill").fails(FAILED, "state/usage.partial")
        self.assertEqual(self.text("bill"), "old")

    def test_a_partial_that_is_no_state_does_not_tell_what_has_been_seen(self):
        self.log(record("a"), name="other")
        self.run_billing("aggregate", "-q", "other", "--partial", "made").prints()
        self.refuses(self.read("made"))

    def test_put_right_it_is_a_state_again(self):
        self.refuses(self.good[:-1])
        self.write("state/usage.partial", self.good)
        self.silently("log")


class FailingRuns(StateTest):
    """A run that fails leaves state and old result as they were: the next one takes all in."""

    def setUp(self):
        super().setUp()
        self.write("bill", "old")
        self.log(record(), name="old")
        self.log(record("new", ms="9" * 15), record("new", "b", 7), name="new")
        self.log(record("new"), "bad", name="worse")

    def fails_and_goes_on(self, code, *arguments, inputs=("new",), rates=RATES, phrases=()):
        """With no state yet, and with one."""
        for earlier in ((), ("old",)):
            if earlier:
                self.bills(*earlier)
            output = () if "-o" in arguments else ("-o", "bill")
            with self.nothing_changes():
                self.night(*inputs, *output, *arguments, rates=rates).fails(code, *phrases)
        contents = [self.read(name) for name in ("old", *inputs)]
        self.bills(*inputs, of=contents, more=("--rejects", "bad.csv"))

    def test_a_bad_record(self):
        self.fails_and_goes_on(TOO_MANY_REJECTS, inputs=("worse",), phrases=("worse:2:4",))

    def test_too_many_bad_records(self):
        self.fails_and_goes_on(TOO_MANY_REJECTS, "--max-rejects", "0", "--rejects", "bad.csv",
                               inputs=("worse",))

    def test_no_rate_at_all(self):
        self.fails_and_goes_on(MISUSED, rates=())

    def test_an_unrated_task_that_may_not_be(self):
        self.fails_and_goes_on(MISUSED, "--unrated", "fail", phrases=("b",))

    def test_overflow(self):
        self.fails_and_goes_on(FAILED, rates=("login=999999999999999",))

    def test_an_output_that_cannot_be_written(self):
        self.fails_and_goes_on(FAILED, "-o", "no/such/bill", phrases=("no/such",))

    def test_a_device_that_is_full(self):
        self.fails_and_goes_on(FAILED, "-o", "/dev/full", phrases=("/dev/full",))

    def test_a_partial_that_cannot_be_written(self):
        for earlier in ((), ("old",)):
            if earlier:
                self.bills(*earlier)
            with self.nothing_changes():
                self.night("new", "--partial", "no/such/partial", rates=()).fails(FAILED, "no/such")

    def test_rejects_that_cannot_be_written(self):
        self.fails_and_goes_on(FAILED, "--rejects", "no/such/bad.csv", phrases=("no/such",))
        self.night("worse", "--rejects", "/dev/full", "-o", "bill").fails(FAILED, "/dev/full")
        self.assertEqual(self.text("bill"), "old")

    def test_a_compressed_input(self):
        self.write("packed", b"\x1f\x8b\x08\x00rest")
        with self.nothing_changes():
            self.night("old", "packed", "-o", "bill").fails(FAILED, "packed", "gzip")

    def test_the_rate_of_a_task_that_only_the_state_holds_is_missed_too(self):
        self.log(record(task="b"), name="b")
        self.silently("b", rates=("b=1",))
        with self.nothing_changes():
            self.night("old", "-o", "bill", "--unrated", "fail").fails(MISUSED, "b")


class TwoAtOnce(StateTest):
    def setUp(self):
        super().setUp()
        # A bill of more than a pipe takes.
        self.log(*(record(f"a_user_of_some_length_{number}") for number in range(5000)))
        self.log(record("x"), name="other")

    def start_held(self, *arguments):
        """A run that waits for the reader of its bill."""
        process = self.start("aggregate", "-q", "--state", "state", "-r", "login=1", "log",
                             *arguments)
        held = b"\0" * 4
        for _ in range(2000):
            held = fcntl.ioctl(process.stdout, termios.FIONREAD, held)
            if struct.unpack("i", held)[0] > 0:
                return process
            self.assertIsNone(process.poll(), "it has ended before")
            time.sleep(0.005)
        self.fail("no bill came")

    def test_the_second_ends_and_the_first_is_not_disturbed(self):
        process = self.start_held()
        self.write("bill", "old")
        for inputs in (("log",), ("other",), ()):
            self.night(*inputs, "-o", "bill").fails(FAILED, "in use", "state")
        self.assertEqual(self.text("bill"), "old")
        result = self.finish(process)
        self.assertEqual((result.code, result.out), (DONE, self.plain([self.read("log")])))
        self.silently("log", "other")

    def test_another_state_is_free(self):
        process = self.start_held()
        self.silently("log", state="another")
        self.assertEqual(self.finish(process).code, DONE)

    def test_after_a_killed_run_it_is_free(self):
        process = self.start_held()
        process.kill()
        process.wait(RUN_LIMIT_SECONDS)
        self.silently("log")

    def test_after_an_interrupted_run_it_is_free(self):
        process = self.start_held()
        process.terminate()
        process.wait(RUN_LIMIT_SECONDS)
        self.silently("log")

    def test_a_lock_that_nobody_holds_is_no_lock(self):
        self.write("state/lock", "12345\n")
        self.silently("log")

    def test_many_at_once(self):
        contents = []
        for number in range(8):
            name = self.log(record(f"new{number}"), name=f"new{number}")
            contents.append(self.read(name))
            command = ("aggregate", "-q", "--state", "state", "-r", "login=1", name)
            runs = [self.finish(process) for process in [self.start(*command) for _ in range(4)]]
            for result in runs:
                if result.code != DONE:
                    result.fails(FAILED, "in use")
            expected = self.plain(contents)
            self.assertIn((DONE, expected), [(result.code, result.out) for result in runs])
            self.assertEqual({result.out for result in runs} - {b""}, {expected})
        self.silently(of=contents)


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
        result.says("log", "the beginning of a line")
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
                    if name not in ("size_bytes", "inputs")}
        self.assertEqual(told("made"), told("plain"))

    def test_merge_takes_a_state_without_its_unfinished_lines(self):
        finished = [self.read("one"), lines("c")]
        self.assertEqual(self.merged("state/usage.partial"), self.plain(finished))
        self.log(record("x"), name="other")
        self.silently("other", state="other_state")
        self.assertEqual(self.merged("state/usage.partial", "other_state/usage.partial"),
                         self.plain([*finished, lines("x")]))

    def test_merge_does_not_change_a_state(self):
        with self.nothing_changes():
            self.merged("state/usage.partial")
        self.silently(of=self.contents)

    def test_inspect_takes_a_state_without_its_unfinished_lines(self):
        told = json.loads(self.run_billing("inspect", "--json", "state/usage.partial").out)
        self.assertEqual((told["accepted"], told["quantity_ms"]), (3, 17))
        self.assertEqual([element["name"] for element in told["inputs"]], ["one", "two"])
        self.assertIn("whole", self.run_billing("inspect", "state/usage.partial").out.decode())


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


# ---------------------------------------------------------------------- many nights at random


class Truth:
    """What a plain run over everything seen so far would be given."""

    def __init__(self):
        self.contents = []  # each once; a grown one stands for what it has grown from
        self.ever = set()   # also those that have grown since
        self.names = {}     # under which names a content came
        self.under = {}     # which content was taken in under a name last

    def take(self, name, content):
        """Takes an input in. How it is known, and where its reading begins."""
        self.names.setdefault(content, set()).add(name)
        if not content or content in self.ever:
            return "known", len(content)
        begun = [old for old in self.contents if content.startswith(old)]
        self.ever.add(content)
        self.under[name] = content
        if not begun:
            self.contents.append(content)
            return "new", 0
        old = max(begun, key=len)
        self.contents[self.contents.index(old)] = content
        return "grown", old.rfind(b"\n") + 1

    def is_rotated(self, name, given):
        """Whether a new content under this name was rotated: True, False, or None: it depends.

        It depends where the old content came under another name, too, or goes on there.
        """
        old = self.under.get(name)
        if old is None:
            return False
        elsewhere = any(content.startswith(old) for content in given)
        return True if old in self.contents and self.names[old] == {name} and not elsewhere \
            else None


class Folder:
    """Logs that change from night to night, on disk.

    A log goes on with what is in `rest`; what has none is a copy and does not grow. The first line
    of each log is its own, and a log that is not empty has it whole: so none begins like another.
    """

    def __init__(self, test, choice):
        self.test, self.choice = test, choice
        self.rest = {}
        self.made = 0
        self.bad_share = choice.choice((0, 0.1, 0.3))

    def path(self, name):
        return self.test.folder / "logs" / name

    def names(self):
        return sorted(os.listdir(self.test.folder / "logs"))

    def logs(self):
        return [name for name in self.names() if name in self.rest]

    def contents(self):
        return {name: self.path(name).read_bytes() for name in self.names()}

    def change(self):
        for _ in range(self.choice.randint(1, 4)):
            change = self.choice.choice((self.create, self.grow, self.grow, self.grow, self.grow,
                                         self.rotate, self.copy_and_truncate, self.copy,
                                         self.copy, self.disappear, self.touch))
            change()

    def create(self, name=None):
        self.made += 1
        name = name or f"app{self.made}.log"
        first = record(f"only{self.made}") + self.choice.choice(("\n", "\r\n"))
        self.path(name).write_bytes(b"")
        self.rest[name] = first.encode() + random_log(self.choice, 30, self.bad_share)
        if self.choice.random() < 0.9:
            self.grow(name)

    def grow(self, name=None):
        name = name or (self.choice.choice(self.logs()) if self.logs() else None)
        if name is None:
            return
        if not self.rest[name]:
            self.rest[name] = random_log(self.choice, 10, self.bad_share)
        rest = self.rest[name]
        least = 0 if self.path(name).stat().st_size else rest.index(b"\n") + 1
        piece = rest[:max(least, self.end_of_growth(rest))]
        with open(self.path(name), "ab") as file:
            file.write(piece)
        self.rest[name] = rest[len(piece):]

    def end_of_growth(self, rest):
        """Anywhere, behind a line feed, before one, or all."""
        end = self.choice.randint(0, min(len(rest), 400))
        line_feed = rest.find(b"\n", end)
        return self.choice.choice((end, end, line_feed + 1, line_feed, len(rest)))

    def rotate(self):
        if not self.logs():
            return
        name = self.choice.choice(self.logs())
        for number in range(3, 0, -1):
            older, newer = f"{name}.{number}", f"{name}.{number - 1}" if number > 1 else name
            if self.path(newer).exists():
                self.path(newer).rename(self.path(older))
                self.rest.pop(older, None)
                # Its program may write to it for a while.
                if newer in self.rest and self.choice.random() < 0.3:
                    self.rest[older] = self.rest[newer]
                self.rest.pop(newer, None)
        if self.choice.random() < 0.8:
            self.create(name)

    def copy_and_truncate(self):
        if not self.logs():
            return
        name = self.choice.choice(self.logs())
        shutil.copy(self.path(name), self.path(name + ".1"))
        self.rest.pop(name + ".1", None)
        self.create(name)

    def copy(self):
        if not self.names():
            return
        self.made += 1
        shutil.copy(self.path(self.choice.choice(self.names())), self.path(f"copy{self.made}"))

    def disappear(self):
        if not self.names():
            return
        name = self.choice.choice(self.names())
        self.path(name).unlink()
        self.rest.pop(name, None)

    def touch(self):
        if self.names():
            os.utime(self.path(self.choice.choice(self.names())), (1, 1))

    def forget_unseen_beginnings(self, ever):
        """Whether a copy that was never read is what a longer log began with, nobody can know."""
        contents = self.contents()
        for name, content in contents.items():
            if content and name not in self.rest and content not in ever and any(
                    other != content and other.startswith(content) for other in contents.values()):
                self.path(name).unlink()


def split_options(options):
    """Options of usage, which stay from night to night, and the others."""
    usage, others = [], []
    values = iter(options)
    for option in values:
        pair = [option] if option == "--csv-safe" else [option, next(values)]
        kept = option in ("--group-by", "--cycle", "--timezone", "--anchor-day", "--since",
                          "--until", "--status")
        (usage if kept else others).extend(pair)
    return usage, others


class ManyNights(StateTest):
    old_copies = False   # whether copies of what has grown since come, too
    details = False      # whether totals and rejects are compared, too

    def test_each_night_the_bill_is_that_of_one_run_over_everything(self):
        self.rounds(SEED)

    def test_old_copies_of_logs_that_have_grown_since_are_known(self):
        self.old_copies = True
        self.rounds(SEED + 10**6)

    def test_totals_and_rejects_are_those_of_one_run_too(self):
        self.details = True
        self.rounds(SEED + 3 * 10**6)

    def rounds(self, seed):
        self.done = self.nights = 0
        for number in range(ROUNDS):
            choice = random.Random(seed + number)
            with self.subTest(seed=seed + number):
                for name in ("logs", "state", "truth"):
                    shutil.rmtree(self.folder / name, ignore_errors=True)
                (self.folder / "logs").mkdir()
                self.one_round(choice)
        self.assertGreater(self.done, self.nights // 2)

    def one_round(self, choice):
        folder, truth = Folder(self, choice), Truth()
        usage, _ = split_options(random_options(choice))
        folder.create()
        for _ in range(choice.randint(3, 8)):
            folder.change()
            folder.forget_unseen_beginnings(truth.ever)
            given = self.choose(choice, folder.contents(), truth)
            _, others = split_options(random_options(choice))
            others = ["zero" if option == "reject" else option for option in others]
            truth = self.check_night(given, truth, usage, others)
        self.check_partials(truth, usage)

    def choose(self, choice, contents, truth):
        """The night's inputs, in its order."""
        names = [name for name, content in contents.items()
                 if self.old_copies or content not in truth.ever or content in truth.contents]
        share = choice.choice((1, 1, 0.5, 0.2))
        names = [name for name in names if choice.random() < share]
        choice.shuffle(names)
        return {f"logs/{name}": contents[name] for name in names}

    def run_plainly(self, names, *options):
        return self.run_billing("aggregate", "-q", "--naive", *names, *options)

    def check_night(self, given, truth, usage, others):
        """One night; returns the new truth."""
        after = copy.deepcopy(truth)
        taken = {name: after.take(name, content) for name, content in given.items()}
        shutil.rmtree(self.folder / "truth", ignore_errors=True)
        names = [self.write(f"truth/{number}", self.billable(content))
                 for number, content in enumerate(after.contents or [b""])]
        expected = self.run_plainly(names, *usage, *others, "--rejects", "/dev/null",
                                    "--summary", "json")
        self.nights += 1
        if expected.code != DONE:
            with self.nothing_changes():
                result = self.run_billing("aggregate", "-q", "--state", "state", *given, *usage,
                                          *others, "--rejects", "bad.csv")
                self.assertEqual(result.code, expected.code, (result.err, taken))
            return truth
        self.done += 1
        result = self.run_billing("aggregate", "-q", "--state", "state", *given, *usage, *others,
                                  "--rejects", "bad.csv", "--summary", "json")
        self.assertEqual(result.code, DONE, (result.err, taken))
        self.assertEqual(result.out, expected.out, (usage, others, taken))
        self.tidy(contents=after.contents)
        self.check_warnings(result.err, given, taken, truth)
        self.check_states(self.json_of(result), given, taken, after.contents)
        if self.details:
            self.check_totals(self.json_of(result), self.json_of(expected))
            self.check_rejects(taken, usage, others)
        return after

    def billable(self, content):
        """A last line without an end that cannot be billed is none yet."""
        whole, last = whole_lines(content), content[len(whole_lines(content)):]
        self.write("truth/last", last)
        judged = self.run_plainly(["truth/last"], "-o", "/dev/null", "--unrated", "zero")
        return whole if judged.code == TOO_MANY_REJECTS else content

    def check_warnings(self, told, given, taken, truth):
        warnings = [line for line in told.splitlines() if REWRITTEN in line]
        for name in given:
            found = any(re.search(re.escape(name) + r"(?![\w.])", line) for line in warnings)
            others = [content for other, content in given.items() if other != name]
            rotated = taken[name][0] == "new" and truth.is_rotated(name, others)
            if rotated is not None:
                self.assertEqual(found, rotated, (name, taken, told))
        self.assertLessEqual(len(warnings), len(given))

    def check_states(self, told, given, taken, contents):
        states = sorted(element["state"] for element in told["inputs"] if "state" in element)
        # Inputs that are empty, equal or old copies have no element of their own.
        if len(set(given.values())) == len(given) and set(given.values()) <= set(contents):
            self.assertEqual(states, sorted(state for state, _ in taken.values()))

    def check_totals(self, told, plain):
        for name in (*ADDITIVE, "rejected_by_reason", "lines", "billed", "exact"):
            self.assertEqual(told[name], plain[name], name)

    def check_rejects(self, taken, usage, others):
        """Those of a plain run over the inputs that were read, from where their reading began."""
        options = list(others)
        if "--unrated" in options and options[options.index("--unrated") + 1] != "reject":
            options[options.index("--unrated") + 1] = "zero"
        if "--unrated" not in options:
            options += ["--unrated", "zero"]
        names = [name for name, (state, _) in taken.items() if state != "known"]
        rows = []
        if names:
            result = self.run_plainly(names, *usage, *options, "--rejects", "expected.csv", "-o",
                                      "/dev/null")
            self.assertEqual(result.code, DONE, result.err)
            for row in self.read("expected.csv").splitlines(keepends=True)[1:]:
                name, _, offset, _ = row.split(b",", 3)
                end = len(whole_lines(self.read(name.decode())))
                if taken[name.decode()][1] <= int(offset) < end:
                    rows.append(row)
        self.assertEqual(self.read("bad.csv"), REJECTS_HEADER + b"".join(rows), taken)

    def check_partials(self, truth, usage):
        """What other programs get of the state."""
        if not (self.folder / "state/usage.partial").exists():
            return
        options = ("--unrated", "zero", "--scale", "12", *rate_options("login=.005", "b=.0123"))
        self.night("--partial", "made", *usage, "--max-rejects", "100%", rates=()).prints()
        finished = [whole_lines(content) for content in truth.contents]
        for partial, contents in (("made", truth.contents), ("state/usage.partial", finished)):
            merged = self.run_billing("merge", "-q", partial, *options)
            shutil.rmtree(self.folder / "truth", ignore_errors=True)
            names = [self.write(f"truth/{number}", content)
                     for number, content in enumerate(contents or [b""])]
            plain = self.run_plainly(names, *usage, *options, "--rejects", "/dev/null")
            self.assertEqual((merged.code, merged.out), (plain.code, plain.out), partial)


if __name__ == "__main__":
    unittest.main()
