"""The program has as many threads as it is told to, however few processors there are."""

import subprocess
import unittest

from program_fixture import ProgramTest, record, status_of


class Threads(ProgramTest):
    LOG_FORMAT = "text"  # found out only once some of it has come

    def test_more_than_processors(self):
        process = self.start("aggregate", "-q", "-", "-r", "login=1", "--threads", "8",
                             stdin=subprocess.PIPE)
        self.wait_until(lambda: int(status_of(process, "Threads")) == 8, "8 threads read", process)
        out, err = process.communicate(record().encode() + b"\n")
        self.assertEqual((process.returncode, err), (0, b""))
        self.assertIn(b"u cycle=1 task=login", out)


if __name__ == "__main__":
    unittest.main()
