"""The library as another project finds it: installed, linked into a program and into a shared object."""

import collections
import re
import shutil
import subprocess
import unittest
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from program_fixture import PROGRAM, PROJECT, ProgramTest, clean_environment

BUILD = Path(PROGRAM).parent
# What the host's build takes over from ours.
TAKEN_OVER = ("CMAKE_CXX_COMPILER", "CMAKE_CXX_COMPILER_LAUNCHER")
# What a library that was built with a sanitizer asks of whoever links it.
SANITIZER_FLAGS = {"": "", "address": "-fsanitize=address,undefined", "thread": "-fsanitize=thread"}


def cache_of(build):
    """The variables of a build folder."""
    text = (build / "CMakeCache.txt").read_text()
    return dict(re.findall(r"^(\w+):\w+=(.*)$", text, re.MULTILINE))


def bill_of_host():
    """What the host says of its calls, reckoned anew."""
    sums = collections.Counter()
    calls = collections.Counter()
    for i in range(3000):
        key = (("ada", "bob", "eve")[i % 3], "2025-06" if i % 4 == 0 else "2025-05",
               ("login", "createOrder")[i % 2])
        sums[key] += i
        calls[key] += 1
    price = {"login": Decimal("0.005"), "createOrder": Decimal("0.01")}
    lines = []
    for (user, month, task), ms in sorted(sums.items()):
        cost = (ms * price[task]).quantize(Decimal("0.01"), ROUND_HALF_UP)
        lines.append(f"{user} {month} {task}: {calls[user, month, task]} calls, {ms} ms, {cost}")
    return lines + [f"3000 calls on {len(lines)} lines"]


@unittest.skipUnless(shutil.which("cmake") and (BUILD / "CMakeCache.txt").exists(),
                     f"there is no cmake, or {BUILD} is no build folder")
class Library(ProgramTest):
    def setUp(self):
        super().setUp()
        self.called("cmake", "--install", str(BUILD), "--prefix", "prefix")

    def called(self, *command):
        """Its output; it must succeed."""
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=300,
                              env=clean_environment())
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}{done.stderr}")
        return done.stdout

    def build_host(self):
        ours = cache_of(BUILD)
        sanitizer = SANITIZER_FLAGS[ours.get("BILLING_SANITIZE", "")]
        self.called("cmake", "-S", str(PROJECT / "tests/host"), "-B", "host",
                    f"-DCMAKE_PREFIX_PATH={self.folder / 'prefix'}",
                    f"-DCMAKE_CXX_FLAGS={sanitizer}", "-G", ours["CMAKE_GENERATOR"],
                    *(f"-D{name}={ours[name]}" for name in TAKEN_OVER if ours.get(name)))
        self.called("cmake", "--build", "host")

    def test_a_host_is_built_and_runs(self):
        self.build_host()
        out = self.called("host/host", str(self.folder), "host/libplugin.so")
        self.assertEqual(out.splitlines(), bill_of_host())

    def test_all_contracts_are_installed(self):
        headers = {path.name for path in (self.folder / "prefix/include/billing").iterdir()}
        self.assertEqual(headers, {path.name for path in (PROJECT / "include/billing").iterdir()})


if __name__ == "__main__":
    unittest.main()
