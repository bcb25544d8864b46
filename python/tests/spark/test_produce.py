"""What `produce` sends, without a broker: the same for a seed, when it is due."""
import argparse
import itertools
import json
import os
import tempfile
import unittest

from billing.spark import produce


def made(kind, count, *more):
    parser = argparse.ArgumentParser()
    produce.add_options(parser)
    options = parser.parse_args(["--brokers", "b:1", "--topic", "t", "--kind", kind, *more])
    return list(itertools.islice(produce._messages(options), count))


class Produce(unittest.TestCase):
    def test_events_are_the_same_for_a_seed(self):
        for kind in ("students", "lines"):
            with self.subTest(kind):
                self.assertEqual(made(kind, 100, "--seed", "7"), made(kind, 100, "--seed", "7"))
                self.assertNotEqual(made(kind, 100, "--seed", "7"), made(kind, 100, "--seed", "8"))

    def test_an_event_of_students_has_the_fields_that_windows_are_made_of(self):
        _, key, value = made("students", 1)[0]
        event = json.loads(value)
        self.assertEqual(event["timestamp"], "2025-05-01T00:00:00.000000Z")
        self.assertEqual(event["student"], key)
        self.assertEqual(list(event)[2:], ["course", "activity", "lines_of_code", "cpu_usage_pct"])

    def test_a_spike_begins_and_ends_at_its_seconds(self):
        due_ns = itertools.takewhile(lambda due: due < 4_000_000_000, produce.schedule(10, [(1, 2, 100)]))
        a_second = [0] * 4
        for due in due_ns:
            a_second[due // 1_000_000_000] += 1
        self.assertEqual(a_second, [10, 100, 100, 10])

    def test_paths_are_written_before_they_are_told_of_and_some_again(self):
        with tempfile.TemporaryDirectory() as root:
            paths = [value for _, _, value in made("paths", 50, "--root", root)]
            self.assertTrue(all(os.path.getsize(os.path.join(root, path)) for path in paths))
            self.assertLess(len(set(paths)), 50)
            self.assertFalse([name for _, _, names in os.walk(root) for name in names if name.endswith(".new")])

    def test_a_spike_that_is_none_is_a_wrong_option(self):
        for spike in ("1:2", "1:0:5", "a:1:1", "-1:1:1"):
            with self.subTest(spike), self.assertRaises(argparse.ArgumentTypeError):
                produce._spike(spike)


if __name__ == "__main__":
    unittest.main()
