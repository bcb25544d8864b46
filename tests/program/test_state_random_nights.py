"""Many nights at random: each night the bill is that of one run over everything seen so far."""

import copy
import gzip
import os
import random
import shutil
import unittest

from program_fixture import DONE, FAILED, TOO_MANY_REJECTS, rate_options, record, swept
from random_logs import random_log, random_options
from state_fixture import ADDITIVE, REJECTS_HEADER, REWRITTEN, SHORTER, StateTest
from state_truth import Truth

ROUNDS = int(os.environ.get("BILLING_STATE_ROUNDS") or swept(30))
SEED = 20250502


class Folder:
    """Logs that change from night to night, on disk.

    A log goes on with what is in `rest`; what has none is a copy and does not grow. The first line
    of each log is its own, and a log that is not empty has it whole. So none begins like another,
    but where logs part or are put together, which only `tangled` ones do.
    """

    def __init__(self, test, choice, tangled=False, packs=False):
        self.test, self.choice, self.tangled, self.packs = test, choice, tangled, packs
        self.rest = {}
        self.packed = set()
        self.made = 0
        self.bad_share = choice.choice((0, 0.1, 0.3))

    def path(self, name):
        return self.test.folder / "logs" / name

    def names(self):
        return sorted(os.listdir(self.test.folder / "logs"))

    def logs(self):
        return [name for name in self.names() if name in self.rest]

    def contents(self):
        return {name: self.content(name) for name in self.names()}

    def content(self, name):
        held = self.path(name).read_bytes()
        return gzip.decompress(held) if name in self.packed else held

    def change(self):
        changes = [self.create, self.grow, self.grow, self.grow, self.grow, self.rotate,
                   self.copy_and_truncate, self.copy, self.copy, self.disappear, self.touch]
        if self.tangled:
            changes += [self.part, self.part, self.put_together, self.put_together, self.cut]
        if self.packs:
            changes += [self.compress] * 4
        for _ in range(self.choice.randint(1, 4)):
            self.choice.choice(changes)()

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
        name = self.choice.choice(self.names())
        shutil.copy(self.path(name), self.path(f"copy{self.made}"))
        if name in self.packed:
            self.packed.add(f"copy{self.made}")

    def disappear(self):
        if not self.names():
            return
        name = self.choice.choice(self.names())
        self.path(name).unlink()
        self.rest.pop(name, None)
        self.packed.discard(name)

    def compress(self):
        """A log, or a copy of it."""
        if not self.names():
            return
        self.made += 1
        name = self.choice.choice(self.names())
        packed = f"{name}.{self.made}.gz"
        self.path(packed).write_bytes(gzip.compress(self.content(name)))
        if self.choice.random() < 0.7:
            self.path(name).unlink()
            self.rest.pop(name, None)
            self.packed.discard(name)
        self.packed.add(packed)

    def touch(self):
        if self.names():
            os.utime(self.path(self.choice.choice(self.names())), (1, 1))

    def part(self):
        """A log that begins as another does, as far as it has come or less, and goes on by itself."""
        if not self.names():
            return
        self.made += 1
        content = self.path(self.choice.choice(self.names())).read_bytes()
        if self.choice.random() < 0.3:
            content = content[:self.choice.randint(0, len(content))]
        name = f"part{self.made}"
        self.path(name).write_bytes(content)
        self.rest[name] = record(f"only{self.made}").encode() + b"\n" \
            + random_log(self.choice, 10, self.bad_share)

    def put_together(self):
        """`cat a b c > d`, which may go on."""
        if not self.names():
            return
        self.made += 1
        parts = [self.path(self.choice.choice(self.names())).read_bytes()
                 for _ in range(self.choice.randint(2, 4))]
        if self.choice.random() < 0.4:
            parts = [part for part in parts if part.endswith(b"\n")]
        # Last lines are ended, or go on with the first line of the next part.
        between = self.choice.choice((b"", b"\n", b"\n", b" \n", b"\r\n"))
        content = b"".join(part if part.endswith(b"\n") else part + between for part in parts)
        name = self.choice.choice([f"all{self.made}", *self.logs()])
        if self.path(name).exists():
            content = self.path(name).read_bytes() + between + content
        self.path(name).write_bytes(content)
        if self.choice.random() < 0.5:
            self.rest[name] = random_log(self.choice, 10, self.bad_share)

    def cut(self):
        """A log that is shorter than it was."""
        if not self.logs():
            return
        path = self.path(self.choice.choice(self.logs()))
        os.truncate(path, self.choice.randint(0, path.stat().st_size))


def lines_of(content):
    """The lines that have an end, without the blanks before it."""
    return {line.rstrip(b" \t\r") for line in content.split(b"\n")[:-1]}


def billed_lines(truth):
    """Whatever the rules are, a line that has ended in any log is not lost."""
    return set().union(*(lines_of(whole) | {last.rstrip(b" \t\r")}
                         for whole, last in truth.billed()))


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
    packs = False     # whether some are compressed
    tangled = False   # whether logs part and are put together, too
    details = False   # whether totals and rejects are compared, too
    dedupes = False   # whether records of one key are billed once

    def test_each_night_the_bill_is_that_of_one_run_over_everything(self):
        self.rounds(SEED)

    def test_logs_that_part_and_are_put_together(self):
        self.tangled = True
        self.rounds(SEED + 10**6)

    def test_totals_and_rejects_are_those_of_one_run_too(self):
        self.details = True
        self.rounds(SEED + 3 * 10**6)

    def test_totals_and_rejects_of_logs_that_part_and_are_put_together(self):
        self.tangled = self.details = True
        self.rounds(SEED + 4 * 10**6)

    def test_logs_that_are_compressed(self):
        self.packs = self.details = True
        self.rounds(SEED + 5 * 10**6)

    def test_duplicates_are_found_across_nights(self):
        self.dedupes = self.details = True
        self.rounds(SEED + 6 * 10**6)

    def test_duplicates_in_logs_that_part_and_are_compressed(self):
        self.dedupes = self.tangled = True
        self.rounds(SEED + 7 * 10**6)
        self.tangled, self.packs = False, True
        self.rounds(SEED + 8 * 10**6)

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
        folder, truth, seen = Folder(self, choice, self.tangled, self.packs), Truth(), set()
        usage, _ = split_options(random_options(choice))
        if self.dedupes:
            usage += ["--dedupe-by", choice.choice(("user", "user,task", "record", "status,time")),
                      "--dedupe-keep", choice.choice(("smallest", "largest"))]
        folder.create()
        for _ in range(choice.randint(3, 8)):
            folder.change()
            given = self.choose(choice, folder.contents())
            _, others = split_options(random_options(choice))
            others = ["zero" if option == "reject" else option for option in others]
            before = truth
            truth = self.check_night(given, truth, usage, others)
            if truth is not before:
                seen.update(*(lines_of(content) for content in given.values()))
            self.assertLessEqual(seen, billed_lines(truth))
        self.check_partials(truth, usage)

    @staticmethod
    def choose(choice, contents):
        """The night's inputs, in its order."""
        share = choice.choice((1, 1, 0.5, 0.2))
        names = [name for name in contents if choice.random() < share]
        choice.shuffle(names)
        return {f"logs/{name}": contents[name] for name in names}

    def run_plainly(self, names, *options):
        return self.run_billing("aggregate", "-q", "--naive", *names, *options)

    def check_night(self, given, truth, usage, others):
        """One night; returns the new truth."""
        after = copy.deepcopy(truth)
        taken = after.night(given)
        shutil.rmtree(self.folder / "truth", ignore_errors=True)
        names = [self.write(f"truth/{number}", whole + self.billable(last))
                 for number, (whole, last) in enumerate(after.billed() or [(b"", b"")])]
        expected = self.run_plainly(names, *usage, *others, "--rejects", "/dev/null",
                                    "--max-rejects", "100%", "--summary", "json")
        command = ("aggregate", "-q", "--state", "state", *given, *usage, *others, "--rejects",
                   "bad.csv", "--max-rejects", "100%")
        self.nights += 1
        if expected.code != DONE:
            with self.nothing_changes():
                result = self.run_billing(*command)
                self.assertEqual(result.code, expected.code, (result.err, taken))
            return truth
        self.done += 1
        result = self.run_billing(*command, "--summary", "json")
        self.assertEqual(result.code, DONE, (result.err, taken))
        self.assertEqual(result.out, expected.out, (usage, others, taken))
        self.tidy(contents=after.logs)
        told = self.json_of(result)
        self.check_warnings(result.err, taken)
        self.check_state(told, taken)
        if self.details:
            self.check_totals(told, self.json_of(expected))
            self.check_rejects(taken, usage, others)
        return after

    def billable(self, last):
        """A last line without an end that cannot be billed is none yet."""
        self.write("truth/last", last)
        judged = self.run_plainly(["truth/last"], "-o", "/dev/null", "--unrated", "zero")
        return b"" if judged.code == TOO_MANY_REJECTS else last

    def check_warnings(self, told, taken):
        def named(phrase):
            return sorted(name for line in told.splitlines() if phrase in line
                          for name in [line.partition("'")[2].partition("'")[0]])
        self.assertEqual(named(REWRITTEN), sorted(
            one.name for one in taken if one.replaced and one.news == "new"), told)
        self.assertEqual(named(SHORTER), sorted(
            one.name for one in taken if one.replaced and one.news != "new"), told)
        self.assertEqual(named("goes on in another way"), sorted(
            one.name for one in taken if one.begins_as), (told, taken))

    def check_state(self, told, taken):
        self.assertEqual([element["state"] for element in told["inputs"][:len(taken)]],
                         [one.news for one in taken])
        self.assertEqual([element["name"] for element in told["inputs"][:len(taken)]],
                         [one.name for one in taken])
        # What is known without being decompressed has no records that could be counted.
        if not self.packs:
            self.assertEqual(told["state"]["shared_records"], sum(one.shared for one in taken),
                             taken)
        for name in ADDITIVE:
            self.assertEqual(told[name], sum(element[name] for element in told["inputs"]), name)

    def check_totals(self, told, plain):
        for name in (*ADDITIVE, "duplicates", "rejected_by_reason", "lines", "billed", "exact"):
            self.assertEqual(told[name], plain[name], name)

    def check_rejects(self, taken, usage, others):
        """Those of a plain run over the inputs that were read, from where their reading began."""
        options = list(others)
        if "--unrated" in options and options[options.index("--unrated") + 1] != "reject":
            options[options.index("--unrated") + 1] = "zero"
        if "--unrated" not in options:
            options += ["--unrated", "zero"]
        read = {one.name: one for one in taken if one.news != "known"}
        rows = []
        if read:
            result = self.run_plainly(list(read), *usage, *options, "--rejects", "expected.csv", "-o",
                                      "/dev/null", "--max-rejects", "100%")
            self.assertEqual(result.code, DONE, result.err)
            for row in self.read("expected.csv").splitlines(keepends=True)[1:]:
                name, _, offset, _ = row.split(b",", 3)
                one = read[name.decode()]
                if any(begin <= int(offset) < end for begin, end in one.ranges):
                    rows.append(row)
        self.assertEqual(self.read("bad.csv"), REJECTS_HEADER + b"".join(rows), taken)

    def check_partials(self, truth, usage):
        """What other programs get of the state."""
        if not (self.folder / "state/usage.partial").exists():
            return
        options = ("--unrated", "zero", "--scale", "12", *rate_options("login=.005", "b=.0123"))
        made = self.night("--partial", "made", *usage, "--max-rejects", "100%", rates=())
        self.assertEqual(made.code, DONE, made.err)
        everything = [whole + last for whole, last in truth.billed()]
        self.check_merged("made", everything, usage, options)
        if any(last for _, last in truth.billed()):
            # They are billed by runs with the state, and stand in no row.
            self.run_billing("merge", "-q", "state/usage.partial", *options).fails(FAILED, "last line")
        else:
            self.check_merged("state/usage.partial", everything, usage, options)

    def check_merged(self, partial, contents, usage, options):
        merged = self.run_billing("merge", "-q", partial, *options)
        shutil.rmtree(self.folder / "truth", ignore_errors=True)
        names = [self.write(f"truth/{number}", content)
                 for number, content in enumerate(contents or [b""])]
        plain = self.run_plainly(names, *usage, *options, "--rejects", "/dev/null",
                                 "--max-rejects", "100%")
        self.assertEqual((merged.code, merged.out), (plain.code, plain.out), partial)


if __name__ == "__main__":
    unittest.main()
