"""Tests of where a bill goes: a log of one record, and its bill by user."""

import os
import stat

from program_fixture import ProgramTest, record

BILL = "u: total_duration=1ms, total_cost=1.00\n"


class OutputTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.log(record())

    def to(self, output, *arguments):
        return self.bill("log", "--group-by", "user", "-o", output, *arguments)

    def once(self, output, *arguments, **settings):
        return self.run_billing("aggregate", "-q", "log", "--group-by", "user", "-r", "login=1",
                                "-o", output, *arguments, **settings)

    def mode(self, name):
        return stat.S_IMODE(os.stat(self.folder / name).st_mode)
