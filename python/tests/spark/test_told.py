"""What tasks tell the driver: merged as Spark merges accumulators, of which it repeats updates."""
import types
import unittest

from billing import Error
from billing.spark import stream_counts, told
from billing.spark.stream_events import Counts


class Accumulator:
    """As PySpark's: updates of tasks are added up on the driver."""

    def __init__(self, param):
        self.param, self.value = param, param.zero(None)

    def add(self, more):
        self.value = self.param.addInPlace(self.value, more)


def new_accumulator():
    context = types.SimpleNamespace(accumulator=lambda _, param: Accumulator(param))
    return told.new_accumulator(types.SimpleNamespace(sparkContext=context))


class Told(unittest.TestCase):
    def test_a_task_that_was_repeated_tells_once(self):
        tasks = new_accumulator()
        for key, lines in ((2, 7), (0, 5), (2, 7)):
            told.tell(tasks, key, {"lines": lines})
        self.assertEqual(list(told.take(tasks).items()), [(0, {"lines": 5}), (2, {"lines": 7})])
        self.assertEqual(told.take(tasks), {})

    def test_a_task_that_came_out_differently_is_an_error(self):
        tasks = new_accumulator()
        told.tell(tasks, 3, {"lines": 7})
        told.tell(tasks, 3, {"lines": 8})
        with self.assertRaisesRegex(Error, "task 3 came out differently"):
            told.take(tasks)
        self.assertEqual(told.take(tasks), {})

    def test_counts_of_a_stream_are_added_up_by_task(self):
        tasks = new_accumulator()
        for task, messages, rejects in ((1, 3, [{"offset": 9}]), (0, 2, []), (1, 3, [{"offset": 9}])):
            told.tell(tasks, task, [{"messages": messages, "accepted": 1}, rejects])
        self.assertEqual(stream_counts.take(tasks), (Counts(messages=5, accepted=2), [{"offset": 9}]))


if __name__ == "__main__":
    unittest.main()
