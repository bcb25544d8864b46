"""The manual page and the completions of shells, which are made of the same rows as --help."""

import json
import re
import shlex
import shutil
import subprocess
import unittest

from program_fixture import DONE, MISUSED, PROJECT, ProgramTest, record

COMMANDS = ("aggregate", "check", "formats", "merge", "inspect", "bench", "generate")


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"{program} is not installed")


class Documents(ProgramTest):
    def document(self, name):
        result = self.run_billing("document", name)
        self.assertEqual((result.code, result.err), (DONE, ""))
        return result.out.decode()

    def shell(self, *command, stdin=""):
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60,
                              cwd=self.folder)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout

    def test_an_unknown_document(self):
        self.run_billing("document", "pdf").fails(MISUSED, "'pdf'", "man, bash, zsh, fish")
        self.run_billing("document").fails(MISUSED, "man, bash, zsh, fish")

    @needs("groff")
    def test_the_manual_page_renders_without_warnings(self):
        page = self.shell("groff", "-man", "-ww", "-Tascii", "-P-cbou", stdin=self.document("man"))
        headings = [line for line in page.splitlines() if line[:1].isupper()]
        for heading in ("NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "FILES", "ENVIRONMENT",
                        "EXIT STATUS", "EXAMPLES"):
            self.assertIn(heading, headings)

    @needs("groff")
    def test_the_manual_page_tells_every_option(self):
        page = self.shell("groff", "-man", "-Tascii", "-P-cbou", stdin=self.document("man"))
        for command in COMMANDS:
            told = self.run_billing(command, "--help").out.decode()
            for word in told.split():
                if word.startswith("--") and word[2:3].isalpha():
                    self.assertIn(word.rstrip(".,:;"), page)

    def completed_by_bash(self, *words):
        self.write("billing.bash", self.document("bash"))
        quoted = " ".join(f"'{word}'" for word in words)
        return self.shell("bash", "--norc", "-c", f"""
            source ./billing.bash
            COMP_WORDS=({quoted}) COMP_CWORD={len(words) - 1}
            _billing
            printf '%s\\n' "${{COMPREPLY[@]}}" """).split()

    @needs("bash")
    def test_bash_completes_commands_options_values_and_files(self):
        self.assertEqual(self.completed_by_bash("billing", "agg"), ["aggregate"])
        self.assertEqual(self.completed_by_bash("billing", "help", "me"), ["merge"])
        self.assertEqual(self.completed_by_bash("billing", "aggregate", "--out"),
                         ["--output", "--output-format"])
        self.assertEqual(self.completed_by_bash("billing", "aggregate", "--rounding", "half-e"),
                         ["half-even"])
        self.assertEqual(self.completed_by_bash("billing", "aggregate", "-q", "-c", "mo"),
                         ["month"])
        self.write("logs/today.log", "")
        self.assertEqual(self.completed_by_bash("billing", "aggregate", "logs/t"),
                         ["logs/today.log"])
        self.assertEqual(self.completed_by_bash("billing", "aggregate", "--state", "lo"), ["logs"])
        self.assertEqual(self.completed_by_bash("billing", "aggregate", "--scale", ""), [])
        self.assertEqual(self.completed_by_bash("billing", "formats", "com"),
                         ["combined", "common", "compose"])

    @needs("zsh")
    def test_zsh_loads_its_completion(self):
        self.write("_billing", self.document("zsh"))
        self.shell("zsh", "-n", "_billing")
        self.assertIn("autoload", self.shell("zsh", "-f", "-c", """
            fpath=($PWD $fpath); autoload -U compinit; compinit -D -u; whence -v $_comps[billing]"""))

    @needs("fish")
    def test_fish_completes_commands_options_and_values(self):
        self.write("billing.fish", self.document("fish"))
        for typed, expected in (("billing agg", "aggregate\tTurn logs into a bill"),
                                ("billing aggregate --time", "--timezone\tIANA zone"),
                                ("billing aggregate --rounding half-e", "half-even"),
                                ("billing merge -o", "")):
            told = self.shell("fish", "--no-config", "-c",
                              f"source ./billing.fish; complete -C '{typed}'")
            self.assertTrue(told.startswith(expected), told)


class Pages(ProgramTest):
    """What docs/ says is what the program does."""

    @staticmethod
    def page(name):
        return (PROJECT / "docs" / name).read_text()

    def test_all_fields_of_the_json_summary_are_told(self):
        self.log(record(), "bad")
        page = self.page("results.md")
        for arguments in (["-r", "login=1"], ["--partial", "p"]):
            told = self.run_billing("aggregate", "-q", "log", "--rejects", "bad.csv", "--summary",
                                    "json", *arguments).err
            for field in json.loads(told.splitlines()[-1]):
                self.assertIn(f"`{field}`", page)

    def test_all_fields_of_the_json_of_inspect_are_told(self):
        self.log(record(), "bad")
        self.run_billing("aggregate", "-q", "log", "--rejects", "bad.csv", "--partial", "p")
        told = json.loads(self.run_billing("inspect", "--json", "p").out)
        page = self.page("results.md").split("## `billing inspect --json`")[1]
        for field in [*told, *told["options"], *told["tasks"][0]]:
            self.assertIn(f"`{field}`", page)

    def test_all_fields_of_the_json_of_check_are_told(self):
        self.log(*[record()] * 9, "bad")
        self.write("objects", '{"a":1}\n')
        self.write("prose", "a b c\n")
        page = self.page("results.md").split("## `billing check --json`")[1]
        for name in ("log", "objects", "prose"):
            report = json.loads(self.run_billing("check", "--json", name).out)
            found = report["inputs"][0]
            told = [*report, *found]
            for rows in (report["proposals"], found["candidates"], found["fields"],
                         found.get("first_events", []), found.get("first_rejects", [])):
                told += rows[0] if rows else []
            for field in told:
                self.assertIn(f"`{field}`", page)

    def test_all_reasons_and_columns_of_rejects_are_told(self):
        self.log("bad", record())
        told = self.run_billing("aggregate", "-q", "log", "--rejects", "bad.csv", "--summary",
                                "json", "-r", "login=1").err
        page = self.page("log-lines.md")
        for name in [*json.loads(told.splitlines()[-1])["rejected_by_reason"],
                     *self.text("bad.csv").splitlines()[0].split(",")]:
            self.assertIn(f"| `{name}` |", page)

    def test_all_levels_of_the_log_are_told(self):
        self.environment(LOG_LEVEL="?")
        told = self.run_billing("aggregate", "log").err
        for level in told.split("use one of ")[1].splitlines()[0].split(", "):
            self.assertIn(f"`{level}`", self.page("settings.md"))


class Examples(ProgramTest):
    """Blocks of `console` in docs/: what they show is what happens."""

    def run_example(self, lines):
        """The commands of a block with what they print; `$ cat FILE` shows a file that is made so."""
        told = []
        for command in "\n".join(lines).split("\n$ "):
            typed, *shown = command.removeprefix("$ ").split("\n")
            program, *arguments = shlex.split(typed)
            told.append("$ " + typed)
            if program == "cat":
                self.write(arguments[0], "".join(line + "\n" for line in shown))
                told += shown
                continue
            self.assertEqual(program, "billing")
            result = self.run_billing(*arguments)
            told += (result.out.decode() + result.err).splitlines()
        return told

    def test_the_examples_of_the_pages_are_what_the_program_says(self):
        for name in ("formats.md", "fields.md"):
            blocks = re.findall(r"^```console\n(.*?)\n```$", Pages.page(name), re.M | re.S)
            self.assertGreater(len(blocks), 2, name)
            for block in blocks:
                self.assertEqual(self.run_example(block.split("\n")), block.split("\n"), name)

    def test_the_table_of_formats_is_that_of_the_program(self):
        page = Pages.page("formats.md")
        for row in json.loads(self.run_billing("formats", "--json").out):
            told = next(line for line in page.splitlines() if line.startswith(f"| `{row['name']}` |"))
            for selector in row["mapping"].values():
                self.assertIn(f"`{selector}`" if selector else "word", told)


if __name__ == "__main__":
    unittest.main()
