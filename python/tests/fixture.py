"""What all tests of the package share: logs, and the program to compare with."""
import os
import pathlib
import subprocess
import tempfile
import unittest
import warnings

import billing

ROOT = pathlib.Path(__file__).resolve().parents[2]

LINES = """\
2025-05-02T23:16:50Z user115 login 200 1568ms
2025-05-02T23:17:01Z user7 search 200 30ms
2025-05-03T00:00:10Z user115 search 404 112ms
2025-05-03T08:12:00Z zoë login 200 900ms
2025-06-01T00:00:00Z user7 upload 500 25000ms
2025-06-01T00:00:01Z user7 login 200 77ms
2025-06-30T23:59:59Z user115 login 200 1ms
"""
RATES = {"login": "0.005", "search": "0.0125", "upload": "1.5"}


def find_program():
    """The program of the same sources: BILLING names it, else what the project's scripts have built."""
    named = os.environ.get("BILLING")
    folders = [ROOT / "build" / variant / "billing" for variant in ("test", "release")]
    for path in [pathlib.Path(named)] if named else folders:
        if path.exists():
            return path
    raise AssertionError("no program to compare with: build it, or name it by BILLING")


class PackageTest(unittest.TestCase):
    maxDiff = 2000

    def setUp(self):
        warnings.simplefilter("ignore", billing.Warning)
        self.addCleanup(warnings.resetwarnings)
        folder = tempfile.TemporaryDirectory(prefix="billing-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, content):
        """The path of a new file in the test's folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def log(self, content=LINES):
        return self.write("api.log", content)

    def program(self, *words, env=None):
        """Exit code, standard output and standard error of the program."""
        clean = {name: value for name, value in os.environ.items()
                 if not name.startswith("RATE_") and name not in ("ENVIRONMENT", "BILLING_SIMD")}
        done = subprocess.run([find_program(), *map(str, words)], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.folder,
                              env={**clean, **(env or {})}, check=False)
        return done.returncode, done.stdout, done.stderr.decode()

    def bill_of_program(self, *words, env=None):
        code, bill, errors = self.program(*words, env=env)
        self.assertEqual(code, 0, errors)
        return bill


def words_of(keywords):
    """Keywords as options of the program."""
    words = []
    for keyword, value in keywords.items():
        name = "--" + {"rates": "rate"}.get(keyword, keyword).replace("_", "-")
        if isinstance(value, dict):
            value = [f"{key}={one}" for key, one in value.items()]
        for one in value if isinstance(value, list) else [value]:
            words.append(name if one is True else f"{name}={one}")
    return words
