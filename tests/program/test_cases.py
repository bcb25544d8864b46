"""Whole commands whose messages are looked at as a whole: one folder of cases/ each.

    command    the arguments of billing as in a shell; NAME=value before them sets a variable
    input      the log, read by that name; every other file of the folder is there too
    expected   exit code, standard output and standard error

BILLING_REWRITE_EXPECTED=1 writes what the program says now into every `expected`; look at the
difference before you keep it. Both engines must say the same; the time a run took is left out.
"""

import os
import re
import shlex
import shutil
import unittest
from pathlib import Path

from program_fixture import ENGINES, ProgramTest

CASES = Path(__file__).resolve().parent / "cases"
REWRITE = os.environ.get("BILLING_REWRITE_EXPECTED") == "1"


class Cases(ProgramTest):
    def transcript(self, case, engine):
        for file in case.iterdir():
            if file.name not in ("command", "expected"):
                shutil.copy(file, self.folder)
        words = shlex.split((case / "command").read_text())
        variables = {}
        while words and re.match(r"[A-Za-z_]+=", words[0]):
            name, _, variables[name] = words.pop(0).partition("=")
        if words[:1] == ["aggregate"]:
            words.insert(1, engine)
        self.environment(**variables)
        result = self.run_billing(*words)
        told = re.sub(r"(?m)^took .*", "took …", result.err)
        return (f"exit code {result.code}\n--- standard output\n{result.out.decode()}"
                f"--- standard error\n{told}")

    def test_cases(self):
        cases = sorted(folder for folder in CASES.iterdir() if folder.is_dir())
        self.assertTrue(cases)
        for case in cases:
            for engine in ENGINES:
                with self.subTest(case=case.name, engine=engine):
                    transcript = self.transcript(case, engine)
                    if REWRITE:
                        (case / "expected").write_text(transcript)
                    self.assertEqual(transcript, (case / "expected").read_text())


if __name__ == "__main__":
    unittest.main()
