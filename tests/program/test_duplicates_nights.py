"""--dedupe-by with --state: duplicates are found across nights, and keys are forgotten where that is asked for.

The measure is the baseline, in one run over everything.
"""

import json
import random
import unittest

from partial_fixture import partial_format
from program_fixture import DONE, MISUSED, record, swept
from random_calls import COUNTS, RATES, Calls, summary_of
from state_fixture import StateTest


class Nights(StateTest):
    ROUNDS = swept(16)

    def test_nights_in_any_order_are_one_run(self):
        """Logs come in a random order and grow, cut anywhere; each night the bill is that of one run
        over what is there."""
        for number in range(self.ROUNDS):
            with self.subTest(number=number):
                self.one_round(random.Random(900 + number), f"state{number}")

    def one_round(self, choice, state):
        calls = Calls(choice, choice.choice(Calls.FORMATS))
        logs = {f"{i}.log": calls.log(choice.randint(2, 25)) for i in range(4)}
        seen = {name: 0 for name in logs}
        limits = ("--rejects", "/dev/null", "--max-rejects", "100%", "--output-format", "csv",
                  *RATES)
        while any(seen[name] < len(log) for name, log in logs.items()):
            grown = [name for name in logs if choice.random() < 0.6]
            for name in grown:
                log = logs[name]
                least = log.index("\n", log.index("\n") + 1) + 1  # its header and a record
                seen[name] = max(least, min(len(log), seen[name] + choice.randint(0, 700)))
                self.write(name, log[:seen[name]])
            if not grown:
                continue
            found = self.run_billing("aggregate", "-q", "--state", state, *grown, *calls.options,
                                     *limits, "--summary", "json", "-o", "bill.csv")
            self.assertEqual(found.code, DONE, found.err)
            truth = [self.write(f"truth/{name}", self.billed(log[:seen[name]], calls))
                     for name, log in logs.items() if seen[name]]
            plain = self.run_billing("aggregate", "-q", "--naive", *truth, *calls.options, *limits,
                                     "--summary", "json", "-o", "plain.csv")
            self.assertEqual(plain.code, DONE, plain.err)
            self.assertEqual(self.text("bill.csv"), self.text("plain.csv"), calls.options)
            for name in COUNTS:
                self.assertEqual(summary_of(found).get(name), summary_of(plain).get(name), name)

    def billed(self, content, calls):
        """A last line without an end counts where it is a record by itself."""
        end = content.rfind("\n") + 1
        if end == len(content):
            return content
        head = content[:content.index("\n") + 1] if calls.kind == "csv" else ""
        self.write("last", head + content[end:])
        judged = self.run_billing("aggregate", "-q", "--naive", "last", *calls.options, "--unrated",
                                  "zero", "-o", "/dev/null")
        return content if judged.code == DONE else content[:end]

    def test_what_fits_into_memory_is_not_told_as_spilled(self):
        # The second night bills records beside rows of those whose keys were forgotten.
        self.write("log", record(time="2025-05-01T10:00:00Z") + "\n" +
                   record(time="2025-05-03T10:00:00Z") + "\n")
        self.write("log2", record(time="2025-05-03T11:00:00Z") + "\n")
        job = ("aggregate", "--state", "state", "--dedupe-by", "record", "--dedupe-window", "1d",
               "-r", "login=1", "--summary", "json")
        for night, inputs in enumerate((("log",), ("log", "log2"), ("log", "log2"))):
            told = summary_of(self.run_billing(*job, *inputs))
            self.assertEqual((told["accepted"], told.get("spilled_bytes", 0)),
                             (min(night + 2, 3), 0))
        for name in ("one", "two"):
            self.run_billing(*job[:-4], *inputs, "--partial", name).is_done()
        merged = summary_of(self.run_billing("merge", "one", "two", "-r", "login=1", "--summary", "json"))
        self.assertEqual(merged.get("spilled_bytes", 0), 0)

    WINDOW = ("aggregate", "-q", "--format", "json", "-g", "user", "-r", "*=1", "--state", "state",
              "--dedupe-by", "id", "--dedupe-window", "5d")

    def call(self, day, user, id, quantity=1, **fields):
        return json.dumps({"time": f"2025-05-{day:02}T10:00:00Z", "user": user, "task": "chat",
                           "id": id, "quantity": quantity, **fields})

    def test_a_record_that_lost_does_not_say_how_old_others_are(self):
        nights = ([self.call(1, "ann", 0), self.call(30, "ann", 1)], [self.call(2, "ann", 1)],
                  [self.call(3, "bob", 7, 5)], [self.call(4, "bob", 8, 5), self.call(3, "bob", 7, 5)])
        for number, lines in enumerate(nights):
            self.log(*lines, name=f"log{number}")
            told = self.run_billing(*self.WINDOW, f"log{number}").is_done()
        self.assertIn(b"bob: total_quantity=10units", told.out)

    def test_records_that_bill_nothing_may_be_forgotten(self):
        job = (*self.WINDOW, "--measure", "in=in")
        self.log(self.call(1, "ann", 1, **{"in": 0}), self.call(30, "ann", 2, **{"in": 4}), name="a")
        self.log(self.call(31, "ann", 3, **{"in": 1}), name="b")
        self.run_billing(*job, "a").is_done()
        self.assertIn(b"ann: total_quantity=5units", self.run_billing(*job, "b").is_done().out)
        self.run_billing("inspect", "state/usage.partial").succeeds()

    def test_many_records_that_bill_nothing_between_others(self):
        """Names in a batch stay what they are, whatever stands between them."""
        self.log(*(self.call(2, f"user{number % 50:03}" + "x" * 240, number,
                             **{"in": 0 if number % 10 else 5}) for number in range(20000)))
        job = ("log", "--format", "json", "--measure", "in=in", "--dedupe-by", "id", "-g", "user",
               "-r", "*=1")
        billed = self.run_billing("aggregate", "-q", "--naive", *job).is_done().out
        self.assertEqual(self.run_billing("aggregate", "-q", *job).is_done().out, billed)
        self.assertEqual(self.run_billing("aggregate", "-q", "--state", "state", *job).is_done().out,
                         billed)
        self.run_billing("aggregate", "-q", *job[:-2], "--partial", "p").is_done()
        self.assertEqual(self.run_billing("merge", "-q", "p", "-r", "*=1").is_done().out, billed)

    def test_a_line_that_was_cut_does_not_stay_billed(self):
        def row(user, quantity):
            return f"2025-05-02,{user},chat,1,{quantity}"
        head = "time,user,task,id,quantity\n"
        job = ("aggregate", "-q", "--state", "state", "a.csv", "b.csv", "--format", "csv", "--dedupe-by",
               "id,user", "-g", "user", "-r", "*=1")
        cut = head + row("eve", 1) + "\n" + row("ann", 12)
        self.write("a.csv", cut)
        self.write("b.csv", head + row("bob", 1) + "\n")
        first = self.run_billing(*job)
        self.assertIn(b"ann: total_quantity=12units", first.out, first.err)
        # The cut line is billed in place of this record of its key, while it is the smaller one.
        self.write("b.csv", head + row("bob", 1) + "\n" + row("ann", 500) + "\n")
        told = self.run_billing(*job, "--summary", "json")
        self.assertIn(b"ann: total_quantity=12units", told.out)
        self.assertEqual((summary_of(told)["accepted"], summary_of(told)["duplicates"]), (3, 1))
        self.write("a.csv", cut + "34\n")
        told = self.run_billing(*job, "--summary", "json")
        self.assertIn(b"ann: total_quantity=500units", told.out)
        self.assertEqual((summary_of(told)["accepted"], summary_of(told)["duplicates"]), (3, 1))

    def test_options_stay_those_of_the_state(self):
        self.log(record())
        job = ("aggregate", "-q", "--state", "state", "log", *RATES)
        self.assertEqual(self.run_billing(*job, "--dedupe-by", "user").code, DONE)
        with self.nothing_changes():
            for options, phrase in (((), "--dedupe-by: user in 'state', none in 'this run'"),
                                    (("--dedupe-by", "user,task"), "--dedupe-by: user in 'state'"),
                                    (("--dedupe-by", "user", "--dedupe-keep", "largest"),
                                     "--dedupe-keep: smallest in 'state'")):
                self.run_billing(*job, *options).fails(MISUSED, phrase)

    def test_duplicates_are_not_listed(self):
        self.log(record())
        self.run_billing("aggregate", "--state", "state", "log", "--dedupe-by", "user",
                         "--duplicates", "d.csv", *RATES).fails(
            MISUSED, "--duplicates and --state exclude each other")


class Window(StateTest):
    """--dedupe-window: what is old loses its key, and is billed once more where it comes again."""

    JOB = ("aggregate", "-q", "--state", "state", "--dedupe-by", "user,task,time", "-g", "user",
           "-r", "*=1", "--summary", "json")

    def night(self, name, *options):
        told = self.run_billing(*self.JOB, name, *options)
        self.assertEqual(told.code, DONE, told.err)
        return told

    def at(self, day, user="ann", ms=1):
        return record(user, ms=ms, time=f"2025-05-{day:02}T10:00:00Z")

    def kept(self):
        told = json.loads(self.run_billing("inspect", "--json", "state/usage.partial").out)
        return told["kept_records"], told["rows"]

    def test_repetitions_within_the_window_are_found(self):
        for day in range(1, 8):
            self.log(self.at(day), self.at(max(1, day - 2)), name=f"{day}.log")
            told = self.night(f"{day}.log", "--dedupe-window", "3d")
        self.assertEqual(told.out, b"ann: total_duration=7ms, total_cost=7.00\n")
        self.assertEqual(self.kept(), (4, 1))
        self.assertEqual(summary_of(told)["duplicates"], 7)

    def test_a_repetition_that_comes_later_is_billed(self):
        self.log(self.at(1), name="1.log")
        self.log(self.at(9), self.at(1), name="9.log")
        self.log(self.at(1, ms=5), self.at(1, ms=7), name="late.log")
        self.night("1.log", "--dedupe-window", "12h")
        told = self.night("9.log", "--dedupe-window", "12h")  # the key was there until the end
        self.assertEqual(summary_of(told)["duplicates"], 1)
        self.assertEqual(self.kept(), (1, 1))
        told = self.night("late.log", "--dedupe-window", "12h")
        self.assertEqual(told.out, b"ann: total_duration=7ms, total_cost=7.00\n")
        self.assertEqual((summary_of(told)["accepted"], summary_of(told)["duplicates"]), (3, 2))
        self.assertEqual(self.kept(), (1, 1))
        # Without a window nothing more is forgotten.
        self.log(self.at(9), self.at(30), name="30.log")
        told = self.night("30.log")
        self.assertEqual((summary_of(told)["accepted"], summary_of(told)["duplicates"]), (4, 3))
        self.assertEqual(self.kept(), (2, 1))

    def test_a_merge_tells_that_sums_without_keys_are_not_compared(self):
        for name in ("p", "q"):
            self.log(self.at(1), self.at(9), name=f"{name}.log")
            told = self.run_billing("aggregate", "-q", "--state", name, "--dedupe-by",
                                    "user,task,time", "--dedupe-window", "5d", f"{name}.log",
                                    "--rate", "*=1", "-o", "bill")
            self.assertEqual(told.code, DONE, told.err)
        told = self.run_billing("merge", "-q", "p/usage.partial", "q/usage.partial", "-g", "user",
                                "-r", "*=1")
        self.assertEqual((told.code, told.out),
                         (DONE, b"ann: total_duration=3ms, total_cost=3.00\n"), told.err)
        self.assertIn("'p/usage.partial' holds usage whose keys were forgotten", told.err)

    def test_a_log_whose_records_were_forgotten_goes_on(self):
        head, rest = self.at(1) + "\n" + self.at(2) + "\n", self.at(8) + "\n" + self.at(9)
        self.write("log", head)
        self.night("log", "--dedupe-window", "2d")
        self.write("log", head + rest)
        told = self.night("log", "--dedupe-window", "2d")
        self.assertEqual(told.out, b"ann: total_duration=4ms, total_cost=4.00\n")
        self.write("log", head + rest + "\n" + self.at(9, "bob", 5) + "\n")
        told = self.night("log", "--dedupe-window", "2d")
        self.assertIn(b"ann: total_duration=4ms", told.out)
        summary = summary_of(told)
        self.assertEqual((summary["records"], summary["accepted"], summary["earliest"]),
                         (5, 5, "2025-05-01T10:00:00Z"))

    def test_for_all_kinds_of_usage_the_bill_stays_that_of_one_run(self):
        """As long as repetitions come within the window."""
        for number in range(swept(12)):
            choice = random.Random(4000 + number)
            usage = ("--cycle", choice.choice(("calls:2", "day", "month", "all")), "-g",
                     choice.choice(("user,cycle,task", "user,cycle", "cycle,task")), "--dedupe-by",
                     "user,task,time", "--dedupe-keep", choice.choice(("smallest", "largest")), "-r",
                     "*=1")
            logs = []
            for day in range(1, 12):
                lines = [record(choice.choice("abc"), choice.choice(("login", "b", f"t{day}")),
                                choice.randint(0, 9),
                                time=f"2025-05-{choice.randint(max(1, day - 1), day):02}T10:00:0"
                                     f"{choice.randint(0, 3)}Z") for _ in range(8)]
                logs.append(self.log(*lines, name=f"{number}-{day}.log"))
                found = self.run_billing("aggregate", "-q", "--state", f"state{number}", logs[-1],
                                         "--dedupe-window", "2d", *usage,
                                         *choice.choice(((), ("--slice-bytes", "1"))))
                self.assertEqual(found.code, DONE, found.err)
                plain = self.run_billing("aggregate", "-q", "--naive", *logs, *usage)
                self.assertEqual(found.out, plain.out, (number, usage))
            partial_format.read(self.read(f"state{number}/usage.partial"))
            self.run_billing("aggregate", "-q", "--state", f"state{number}", "--partial", "p",
                             *usage[:-2])
            self.assertEqual(self.run_billing("merge", "-q", "p", "-r", "*=1").out, plain.out)

    def test_what_has_no_effect_or_is_no_length(self):
        self.log(record())
        for options, phrase in ((("--dedupe-by", "user"), "no effect without --state"),
                                (("--state", "s"), "no effect without --state and --dedupe-by"),
                                (("--dedupe-by", "user", "--partial", "p"), "no effect")):
            self.run_billing("aggregate", "log", "--dedupe-window", "1d", *options).fails(
                MISUSED, "--dedupe-window", phrase)
        for length in ("", "d", "0d", "-1d", "1", "1w", "1.5d", "36501d", "9" * 30 + "s", "1 d"):
            self.run_billing("aggregate", "log", "--state", "s", "--dedupe-by", "user",
                             "--dedupe-window", length).fails(MISUSED, "no length of time")
        self.assertEqual(self.names(), ["log"])


if __name__ == "__main__":
    unittest.main()
