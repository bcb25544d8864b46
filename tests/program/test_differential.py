"""The parallel engine, the baseline and the oracle give the same bytes for random logs and options."""

import contextlib
import io
import os
import random
import sys
import unittest

from program_fixture import DONE, IN_MEMORY, PROJECT, TOO_MANY_REJECTS, ProgramTest, swept
from random_logs import random_log, random_options

sys.path.insert(0, str(PROJECT / "tests" / "oracle"))
import reference_bill  # noqa: E402

ROUNDS = int(os.environ.get("BILLING_DIFFERENTIAL_ROUNDS") or swept(300))
SEED = 20250502


class Differential(ProgramTest):
    LOG_FORMAT = "text"

    folders_in = IN_MEMORY

    def answer(self, folder, code):
        """What a run left: its exit code and, where it succeeded, the bytes of its files."""
        files = [folder / "bill", folder / "bad.csv"]
        found = [file.read_bytes() if file.exists() else None for file in files]
        for file in files:
            file.unlink(missing_ok=True)
        return code, found if code == DONE else None

    def of_program(self, *arguments):
        result = self.run_billing("aggregate", "-q", *arguments)
        self.assertIn(result.code, range(4), result.err)
        return self.answer(self.folder, result.code)

    def of_oracle(self, *arguments):
        with contextlib.chdir(self.folder), contextlib.redirect_stderr(io.StringIO()):
            code = reference_bill.main(list(arguments))
        return self.answer(self.folder, code)

    def compare(self, names, options, choice):
        arguments = [*names, *options, "--output", "bill"]
        if choice.random() < 0.9:
            arguments += ["--rejects", "bad.csv"]
        expected = self.of_oracle(*arguments)
        size = sum(len(self.read(name)) for name in names)
        self.assertEqual(self.of_program("--naive", *arguments), expected, "the baseline")
        for chunk in {1, choice.randint(1, 80), choice.randint(1, size + 2)}:
            threads = str(choice.randint(1, 4))
            self.assertEqual(
                self.of_program("--threads", threads, "--chunk-bytes", str(chunk), *arguments),
                expected, f"--threads {threads} --chunk-bytes {chunk}")
        return expected[0]

    def test_random_logs_and_options(self):
        codes = []
        for number in range(ROUNDS):
            choice = random.Random(SEED + number)
            names = [self.write(f"log{count}", random_log(
                choice, choice.choice((0, 1, 3, 20, 60)), choice.choice((0, 0.1, 0.5))))
                for count in range(choice.choice((1, 1, 1, 2, 3)))]
            options = random_options(choice)
            with self.subTest(round=number, options=options):
                codes.append(self.compare(names, options, choice))
        self.assertGreater(codes.count(DONE), ROUNDS // 2)
        if ROUNDS >= 100:
            self.assertTrue({DONE, 2, TOO_MANY_REJECTS} <= set(codes), set(codes))

    def test_a_chunk_border_at_every_position(self):
        choice = random.Random(SEED)
        name = self.write("log", random_log(choice, 12, 0.4))
        arguments = [name, "--unrated", "zero", "--cycle", "calls:2", "--output", "bill",
                     "--rejects", "bad.csv"]
        expected = self.of_oracle(*arguments)
        self.assertEqual(expected[0], DONE)
        for chunk in range(1, len(self.read("log")) + 2, 3):
            self.assertEqual(self.of_program("--threads", "2", "--chunk-bytes", str(chunk),
                                             *arguments), expected, f"--chunk-bytes {chunk}")


if __name__ == "__main__":
    unittest.main()
