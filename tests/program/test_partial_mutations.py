"""Partials of random mistakes, or of huge promises, crash nothing and get no memory for it."""

import os
import random
import subprocess
import unittest

from partial_fixture import ASIDE, HUGE, MEASURED, NOBODY, SUMS, PartialTest, sums
from program_fixture import DONE, FAILED, PROGRAM, RUN_LIMIT_SECONDS, clean_environment, swept
from random_logs import random_log

import partial_format
from partial_format import Input


class Mutations(PartialTest):
    """Files of random mistakes, with checksums that are right again."""

    ROUNDS = int(os.environ.get("BILLING_MUTATION_ROUNDS") or swept(150))

    def setUp(self):
        super().setUp()
        choice = random.Random(9)
        self.write("log", random_log(choice, 12, 0.1))
        self.seeds = []
        for number, policy in enumerate(("calls:5", "day", "hour", "month", "all")):
            key = ("--dedupe-by", "user,time") if number >= 3 else ()
            self.partial(f"seed{number}", "log", *ASIDE, "--cycle", policy, *key)
            self.seeds.append([(kind, payload) for kind, payload, _ in
                               partial_format.blocks_of(self.read(f"seed{number}"))])

    def mutated(self, choice, payload):
        place = choice.randrange(len(payload))
        byte = choice.choice((payload[place] ^ (1 << choice.randrange(8)), choice.randrange(256),
                              0, 127, 128, 255))
        before, behind = payload[:place], payload[place + 1:]
        return choice.choice((before + bytes([byte]) + behind, before + bytes([byte]) + behind,
                              before + behind, payload[:place] + bytes([byte]) + payload[place:]))

    def with_checksums(self, payloads):
        blocks = [partial_format.block(kind, payload) for kind, payload in payloads[:-1]]
        kind, end = payloads[-1]
        checksums = b"".join(block[-8:] for block in blocks)
        end = end[:-8] + partial_format.xxh3_64(checksums).to_bytes(8, "little")
        return partial_format.whole_file([*blocks, partial_format.block(kind, end)])

    def test_what_breaks_a_promise_is_refused_and_nothing_crashes(self):
        kept = 0
        for number in range(self.ROUNDS):
            choice = random.Random(9000 + number)
            payloads = choice.choice(self.seeds)[:]
            for _ in range(choice.choice((1, 1, 2))):
                place = choice.randrange(len(payloads))
                kind, payload = payloads[place]
                payloads[place] = kind, self.mutated(choice, payload)
            data = self.with_checksums(payloads)
            with self.subTest(number=number):
                self.write("p", data)
                kept += self.agree(data)
        self.assertLess(kept, self.ROUNDS / 2)

    def agree(self, data):
        """Both commands give the same verdict, and accept nothing that the oracle refuses."""
        inspected = self.run_billing("inspect", "p")
        self.assertIn(inspected.code, (DONE, FAILED), inspected.err)
        merged = self.merge("p", *NOBODY)
        self.assertEqual(merged.code, inspected.code, merged.err)
        try:
            partial_format.read(data)
        except (partial_format.Malformed, UnicodeDecodeError) as problem:
            self.assertEqual(inspected.code, FAILED, problem)
        if inspected.code == FAILED:
            inspected.fails(FAILED, "'p'")
            merged.fails(FAILED, "'p'")
        return inspected.code == DONE


class Greedy(PartialTest):
    """Files that say of themselves that they are huge get no memory for it."""

    LIMIT_KIB = 200 << 10
    # Each file by each command, and what code each command ended with.
    LOOK_AT_ALL = """
        for name in p*; do
            "$0" inspect $name; echo $name: $? >&2
            "$0" merge -q $name --unrated zero; echo $name: $? >&2
        done"""

    def all_need_little(self, cases):
        """Both commands fail, with a message, and without having used much memory."""
        for number, data in enumerate(cases.values()):
            self.write(f"p{number}", data)
        self.need_little(cases)

    def need_little(self, names):
        done = subprocess.run([*MEASURED, "sh", "-c", self.LOOK_AT_ALL, PROGRAM], cwd=self.folder,
                              env=clean_environment(), stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=RUN_LIMIT_SECONDS)
        self.assertEqual((done.returncode, done.stdout), (DONE, b""))
        *lines, peak = done.stderr.decode().splitlines()
        for number, what in enumerate(names):
            with self.subTest(what=what):
                self.assertEqual([line for line in lines if line.startswith(f"p{number}: ")],
                                 [f"p{number}: {FAILED}"] * 2, lines)
                told = [line for line in lines if line.startswith(f"billing: error: 'p{number}'")]
                self.assertEqual(len(told), 2, lines)
        self.assertLess(int(peak), self.LIMIT_KIB)

    def test_counts_before_the_rows(self):
        made, number = sums(SUMS), partial_format.varint
        rows = [partial_format.rows_payload(SUMS)]
        header = partial_format.header_payload(made)
        head = partial_format.input_head(made.inputs[0], 0)
        cases = {}
        for count in HUGE:
            cases[f"{count} options"] = {"header": header[:1] + number(count)}
            cases[f"{count} bytes of an option"] = {"header": header[:2] + number(count)}
            cases[f"{count} bytes of a task"] = {"tasks": [number(count)]}
            cases[f"{count} bytes of a second task"] = {"tasks": [b"\1a" + number(count) + b"b"]}
            cases[f"{count} bytes of an input's name"] = {"inputs": [number(count) + head[1:]]}
            cases[f"{count} reasons"] = {"inputs": [head[:9] + number(count) + head[10:]]}
        self.all_need_little({what: partial_format.assemble(made, rows, **front)
                              for what, front in cases.items()})

    def test_counts_in_the_rows(self):
        made, number = sums(SUMS), partial_format.varint
        for count in HUGE:
            name = number(0) + number(count)
            rows = number(0) + partial_format.string(b"u") + number(count) + number(0)
            self.all_need_little({
                f"a name of {count}": partial_format.assemble(made, [name]),
                f"{count} rows": partial_format.assemble(made, [rows]),
                f"{count} calls": partial_format.write(made._replace(
                    rows=[SUMS[0]._replace(extra=count)]), calls=7),
                f"{count} rows at the end": partial_format.write(made, rows=count)})

    def test_sizes_of_blocks(self):
        begin = partial_format.MAGIC + b"\2\0\0\0"
        cases = {}
        front = b"".join(partial_format.front_blocks(sums(SUMS)))
        for size in (0, 256 << 10, (256 << 10) + 1, 1 << 20, 250 << 20, 2**31, 2**32 - 1):
            for kind in (1, 2, 3, 4, 5):
                start = size.to_bytes(4, "little") + kind.to_bytes(4, "little")
                cases[f"{size} bytes of kind {kind}"] = begin + start + bytes(100)
                cases[f"{size} bytes of kind {kind}, later"] = begin + front + start + bytes(100)
        self.all_need_little(cases)

    def test_a_long_hole_before_the_rows(self):
        self.write("p0", partial_format.whole_file(partial_format.front_blocks(sums(SUMS))))
        os.truncate(self.folder / "p0", 1 << 40)
        self.need_little(["a hole"])

    def test_tens_of_megabytes_of_names_that_no_log_has(self):
        made = sums(SUMS)
        size = 250_000
        empty = [b"\0" * size] * (60_000_000 // size)
        equal = [b"\1a" * (size // 2)] * (60_000_000 // size)
        inputs = [partial_format.input_head(Input(b""), 0) * 5000] * 400
        self.all_need_little({
            "empty names of tasks": self.with_blocks(made, partial_format.TASKS, empty),
            "equal names of tasks": self.with_blocks(made, partial_format.TASKS, equal),
            "empty names of inputs, which are many": self.with_blocks(
                made, partial_format.INPUTS, inputs)})

    def with_blocks(self, made, kind, payloads):
        """A file whose header, end and rows are those of `made`. Equal payloads are hashed once."""
        block = partial_format.block(kind, payloads[0])
        header = partial_format.front_blocks(made)[0]
        return partial_format.whole_file([header] + [block] * len(payloads)
                                         + [partial_format.block(partial_format.END, b"x")])


if __name__ == "__main__":
    unittest.main()
