"""The command line of `python -m billing.spark`."""
import contextlib
import io
import unittest

from billing.spark import __main__ as commands


class CommandLine(unittest.TestCase):
    def exit_of(self, *words):
        """Exit status and what is shown, of words that are told about and run nothing."""
        shown = io.StringIO()
        with contextlib.redirect_stderr(shown), contextlib.redirect_stdout(shown), self.assertRaises(SystemExit) as raised:
            commands.run(list(words))
        return raised.exception.code, shown.getvalue()

    def test_options_may_stand_between_inputs(self):
        for words in ("a.log --cycle month b.log -q", "--cycle month a.log b.log -q", "a.log b.log -q --cycle month",
                      "a.log --cycle month -q -- b.log"):
            with self.subTest(words):
                command, options = commands.parse(["bill", *words.split()])
                self.assertEqual((command, options.paths, options.billing_cycle, options.quiet),
                                 ("bill", ["a.log", "b.log"], "month", True))
        for words in ("-- -a.log", "-q -- -a.log", "-q b.log -- -a.log"):
            with self.subTest(words):
                self.assertEqual(commands.parse(["bill", *words.split()])[1].paths[-1], "-a.log")
        self.assertEqual(commands.parse(["bill", "-o", "x.csv"])[1].paths, [])

    def test_a_word_that_is_no_option_is_told(self):
        for words in (["bill", "a.log", "--nope"], ["stream", "--topic", "t"], ["sql", "-f", "x", "y"], ["sql", "--catalog", "hadoop", "--warehouse", "w", "-f", "x", "--", "y"], ["nope"], [],
                      ["--cycle", "month", "bill"]):
            status, shown = self.exit_of(*words)
            self.assertEqual((status, shown[:31]), (2, "usage: python -m billing.spark "), words)

    def test_help_is_that_of_the_command(self):
        self.assertIn("tables of web servers' logs", self.exit_of("--help")[1])
        for command in commands.COMMANDS:
            status, shown = self.exit_of(command, "--help")
            self.assertEqual((status, shown.startswith(f"usage: python -m billing.spark {command} ")), (0, True))


if __name__ == "__main__":
    unittest.main()
