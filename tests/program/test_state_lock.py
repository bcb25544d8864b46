"""Two runs with one state at once: the second ends, the first is not disturbed."""

import unittest

from program_fixture import DONE, FAILED, RUN_LIMIT_SECONDS, bytes_in, record
from state_fixture import StateTest


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
        self.wait_until(lambda: bytes_in(process.stdout) > 0, "its bill comes", process)
        return process

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


if __name__ == "__main__":
    unittest.main()
