"""billing inspect tells what is in a partial, as text and as JSON."""

import collections
import json
import os
import random
import unittest

from partial_fixture import ASIDE, SUMS, PartialTest, sums
from program_fixture import DONE, FAILED, record
from random_logs import random_log

import partial_format
import reference_bill


class Inspect(PartialTest):
    def inspected(self, name="p"):
        result = self.run_billing("inspect", "--json", name)
        self.assertEqual((result.code, result.err, result.out.count(b"\n")), (DONE, "", 1))
        return json.loads(result.out)

    def test_a_folder(self):
        os.mkdir(self.folder / "parts")
        self.run_billing("inspect", "parts").fails(FAILED, "'parts': is a folder")

    def test_the_figures_are_those_that_the_oracle_reads(self):
        for policy in ("calls:5", "month"):
            for seed in range(3):
                choice = random.Random(seed)
                names = [self.write(f"log{part}", random_log(choice, 100, 0.2))
                         for part in range(3)]
                self.partial("p", *names, *ASIDE, "--cycle", policy, "--status", "2xx,404")
                self.compare(self.inspected(), self.decoded("p"))

    def compare(self, told, partial):
        tasks = collections.defaultdict(lambda: [0, 0])
        for row in partial.rows:
            tasks[row.task][0] += 1 if partial.events else row.extra
            tasks[row.task][1] += row.quantity
        self.assertEqual(told["tasks"], [
            {"task": name.decode(), "calls": tasks[place][0], "quantity_ms": tasks[place][1]}
            for place, name in enumerate(partial.tasks)])
        self.assertEqual(told["kind"], "events" if partial.events else "sums")
        self.assertEqual(told["size_bytes"], len(self.read("p")))
        self.assertEqual(told["users"], len({row.user for row in partial.rows}))
        self.assertEqual(told["rows"], len(partial.rows))
        self.assertEqual(told["options"], partial.options)
        self.assertEqual([each["name"] for each in told["inputs"]],
                         [made.name.decode() for made in partial.inputs])
        for each, made in zip(told["inputs"], partial.inputs):
            self.compare_totals(each, [made])
        self.compare_totals(told, partial.inputs)
        first = min(made.earliest for made in partial.inputs if made.accepted)
        last = max(made.latest for made in partial.inputs if made.accepted)
        self.assertEqual([told["earliest"], told["latest"]], [self.time(first), self.time(last)])

    def compare_totals(self, told, inputs):
        for name in ("bytes", "records", "accepted", "filtered", "blank"):
            self.assertEqual(told[name], sum(getattr(made, name) for made in inputs), name)
        self.assertEqual(told["quantity_ms"], sum(made.quantity for made in inputs))
        by_reason = [sum(counts) for counts in zip(*(made.rejected for made in inputs))]
        self.assertEqual(told["rejected_by_reason"], dict(zip(partial_format.REASONS, by_reason)))
        self.assertEqual(told["rejected"], sum(by_reason))

    @staticmethod
    def time(nanoseconds):
        """As the program writes it: a fraction without the zeros at its end."""
        text = reference_bill.format_instant(nanoseconds)
        return text[:-1].rstrip("0") + "Z" if "." in text else text

    def test_the_text(self):
        self.log(record("a", ms=15), record("b", "b", 7, time="2025-06-01T00:00:00.5+02:00"),
                 record(status=404), "", "bad")
        self.partial("p", "log", *ASIDE, "--status", "2xx", "--timezone", "Asia/Kolkata",
                     "--until", "2025-06-02T00:00:00.5")
        told = self.run_billing("inspect", "p").succeeds().out.decode()
        for line in (r"holds +2 events of 2 users, [0-9]+ bytes; whole",
                     r"group-by +user,cycle,task", r"cycle +calls:5", r"timezone +Asia/Kolkata",
                     r"anchor-day +-", r"since +-", r"until +2025-06-01T18:30:00.5Z",
                     r"status +200-299",
                     r"task +b: 1 calls?, 7 ms", r"task +login: 1 calls?, 15 ms",
                     r"accepted +2 calls, 22 ms", r"rejected +1 +\(field_count 1\)",
                     r"filtered +1", r"blank +1",
                     r"events +2025-05-02T23:16:50Z to 2025-05-31T22:00:00.5Z",
                     r"input +log: 5 records, [0-9]+ bytes"):
            self.assertRegex(told, f"(?m)^{line}$")

    def test_names_of_tasks_are_exact_in_json(self):
        self.log(record(task='a"b\\c'))
        self.partial("p", "log")
        self.assertEqual(self.inspected()["tasks"][0]["task"], 'a"b\\c')

    def test_names_are_escaped_in_text(self):
        name = self.write('o"n\\e\n\x1b[31mä', record(task='a"b\\c'))
        self.partial("p", name)
        told = self.run_billing("inspect", "p").succeeds().out.decode()
        self.assertIn('o"n\\\\e\\n\\x1B[31mä: 1 record', told)
        for arguments in (("inspect", "p"), ("inspect", "p", "--json")):
            self.assertNotIn(b"\x1b", self.run_billing(*arguments).out)

    def test_names_of_inputs_that_are_no_text_stay_json(self):
        self.write_partial(sums(SUMS, name=b"\xff\0\x1b\n\"\\"))
        self.assertEqual(len(self.inspected()["inputs"]), 1)
        self.assertNotIn(b"\x1b", self.run_billing("inspect", "p").succeeds().out)

    def test_without_events_it_tells_no_times(self):
        self.write("log", "")
        self.run_billing("aggregate", "-q", "log", "--partial", "p")
        told = self.inspected()
        self.assertEqual((told["rows"], told["accepted"], told["tasks"]), (0, 0, []))
        self.assertNotIn("1970", self.run_billing("inspect", "p").succeeds().out.decode())


if __name__ == "__main__":
    unittest.main()
