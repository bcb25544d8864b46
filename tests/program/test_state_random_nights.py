"""Many nights at random: each night the bill is that of one run over everything seen so far."""

import copy
import os
import random
import re
import shutil
import unittest

from program_fixture import DONE, TOO_MANY_REJECTS, rate_options, record
from random_logs import random_log, random_options
from state_fixture import ADDITIVE, REJECTS_HEADER, REWRITTEN, StateTest

ROUNDS = int(os.environ.get("BILLING_STATE_ROUNDS", "30"))
SEED = 20250502


def whole_lines(content):
    return content[:content.rfind(b"\n") + 1]


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
