"""aggregate --state refuses or fails: state and old result stay, and the next run takes all in."""

import os
import unittest

from program_fixture import DONE, FAILED, MISUSED, TOO_MANY_REJECTS, record
from state_fixture import RATES, StateTest, lines


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

    def test_more_than_a_quarter_of_the_memory_limit_for_what_is_known_of_logs(self):
        for number in range(100):
            self.write(f"logs/{number}", lines(f"u{number}") + "x" * 60_000)
        names = [f"logs/{number}" for number in range(100)]
        told = ("more than 16 MB, a quarter of the memory limit", "raise --memory-limit")
        with self.nothing_changes():
            self.night(*names, "--memory-limit", "64MB").fails(FAILED, *told)
        self.assertEqual(self.night(*names, "--memory-limit", "256MB").code, DONE)
        with self.nothing_changes():
            self.night("--memory-limit", "64MB").fails(FAILED, *told)

    def test_a_state_that_is_a_link_to_nothing(self):
        self.log(record(), name="log")
        os.remove(self.folder / "state/usage.partial")
        os.symlink("nowhere", self.folder / "state/usage.partial")
        self.night("log").fails(FAILED, "state/usage.partial", "No such file")

    def test_rejects_of_an_earlier_run_that_cannot_be_read(self):
        self.log(record(), name="log")
        self.night("log")
        os.symlink("nowhere", self.folder / "state/rejects.1")
        self.night("log").fails(FAILED, "state/rejects.1", "No such file")

    def test_a_file_that_is_missing(self):
        self.log(record("x"), name="other")
        self.refuses(FAILED, "other", "missing", phrases=("missing: No such file",))

    def test_the_baseline(self):
        self.refuses(MISUSED, "log", "--naive", phrases=("--state", "--naive"))

    def test_a_file_as_the_folder(self):
        self.night("log", state="log").fails(FAILED, "log")
        self.assertEqual(self.read("log"), lines("u").encode())


    def test_a_folder_that_holds_other_things(self):
        for name in ("logs/log", "logs/.hidden", "logs/rejects.x", "logs/usage.partial.old"):
            with self.subTest(name=name):
                self.write(name, lines("a"))
                self.night("log", state="logs").fails(MISUSED, "--state", "logs", "other things",
                                                      name.partition("/")[2])
                self.assertEqual(os.listdir(self.folder / "logs"), [name.partition("/")[2]])
                os.remove(self.folder / name)
        self.run_billing("aggregate", "-q", "log", "-r", "login=1", "--state", "/").fails(
            MISUSED, "--state", "other things")

    def test_a_state_that_holds_other_things_besides(self):
        self.write("state/README", "ours")
        self.silently("log", state="fresh")
        self.assertEqual(self.night("log").code, DONE)

    def test_what_killed_runs_have_left_is_no_other_thing(self):
        for name in ("lock", "rejects.1", ".billing-0123abcd.tmp"):
            self.write(f"left/{name}", "")
        self.silently("log", state="left")


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
        options = [value.replace("2025-01-01", "2025-01-02") for value in self.BASE]
        told = self.night("log", *options).err
        self.assertIn("--since: 2024-12-31T23:00:00Z in 'state', 2025-01-01T23:00:00Z in", told)

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

    def test_a_compressed_input_that_is_cut_off(self):
        self.write("packed", b"\x1f\x8b\x08\x00rest")
        with self.nothing_changes():
            self.night("old", "packed", "-o", "bill").fails(FAILED, "packed", "compressed bytes")

    def test_the_rate_of_a_task_that_only_the_state_holds_is_missed_too(self):
        self.log(record(task="b"), name="b")
        self.silently("b", rates=("b=1",))
        with self.nothing_changes():
            self.night("old", "-o", "bill", "--unrated", "fail").fails(MISUSED, "b")


if __name__ == "__main__":
    unittest.main()
