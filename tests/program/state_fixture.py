"""Tests of aggregate --state DIR: nights, one run each, over logs that change in between.

The measure of every bill is the baseline, run without --state over all contents seen so far.
"""

import contextlib
import json
import os
import shutil

from program_fixture import DONE, IN_MEMORY, ProgramTest, as_bytes, rate_options, record

RATES = ("login=1",)
REWRITTEN = "rotated or rewritten"
SHORTER = "shorter than what was taken in"
ADDITIVE = ("records", "bytes", "accepted", "rejected", "filtered", "blank", "quantity_ms")
REJECTS_HEADER = b"file,line,byte_offset,reason,record\n"


def lines(*users, **fields):
    """A log of one record of each user."""
    return "".join(record(user, **fields) + "\n" for user in users)


class StateTest(ProgramTest):
    LOG_FORMAT = "text"

    folders_in = IN_MEMORY

    # ------------------------------------------------------------------ files

    def append(self, name, content):
        with open(self.folder / name, "ab") as file:
            file.write(as_bytes(content))

    def rename(self, name, to):
        os.rename(self.folder / name, self.folder / to)

    def copy(self, name, to):
        shutil.copy(self.folder / name, self.folder / to)

    def seen_file(self, name):
        """Bytes and identity of a file that may not be there."""
        path = self.folder / name
        if not path.exists():
            return None
        status = path.stat()
        return path.read_bytes(), status.st_ino, status.st_mtime_ns

    def tidy(self, state="state", contents=(b"something",)):
        """The state's folder holds the state and its lock, and nothing else.

        Where nothing has been seen but emptiness, there need be no state.
        """
        names = set(os.listdir(self.folder / state))
        self.assertEqual(names | {"lock", "usage.partial"}, {"lock", "usage.partial"})
        if any(contents):
            self.assertIn("usage.partial", names)

    @contextlib.contextmanager
    def nothing_changes(self, state="state"):
        """State and result stay as they are, and no temporary file more is left."""
        def seen():
            return ([self.seen_file(name) for name in (state + "/usage.partial", "bill")],
                    sorted(path for path in self.folder.rglob("*.tmp")))
        before = seen()
        yield
        self.assertEqual(seen(), before)

    # ------------------------------------------------------------------ runs

    def night(self, *arguments, rates=RATES, state="state"):
        """One quiet run with --state."""
        return self.run_billing("aggregate", "-q", "--state", state, *arguments,
                                *rate_options(*rates))

    def plain(self, contents, *options, rates=RATES):
        """The baseline's bill of these contents, each of them an input."""
        names = [self.write(f"truth/{number}", content)
                 for number, content in enumerate(contents or [b""])]
        result = self.run_billing("aggregate", "-q", "--naive", *names, *options, "--rejects",
                                  "/dev/null", "--max-rejects", "100%", *rate_options(*rates))
        self.assertEqual(result.code, DONE, result.err)
        return result.out

    def bills(self, *inputs, of=None, options=(), more=(), rates=RATES, state="state"):
        """A run with --state, whose bill is the plain one of the contents `of`.

        Without `of`, of the inputs' own. `more`: options of this run only.
        """
        contents = [self.read(name) for name in inputs] if of is None else of
        result = self.night(*inputs, *options, *more, rates=rates, state=state)
        self.assertEqual(result.code, DONE, result.err)
        self.assertEqual(result.out, self.plain(contents, *options, rates=rates))
        self.tidy(state, contents)
        return result

    def silently(self, *inputs, **settings):
        """Like bills; there is nothing to warn of."""
        self.assertEqual(self.bills(*inputs, **settings).err, "")

    def warned(self, name, *inputs, **settings):
        """Like bills; a warning tells that this one was rotated or rewritten, and only this one."""
        told = self.bills(*inputs, **settings).err
        [line] = [line for line in told.splitlines() if REWRITTEN in line]
        self.assertIn("warning", line)
        self.assertIn(name, line)

    def summary(self, *arguments, rates=RATES):
        """The JSON summary of a run."""
        return self.json_of(self.night(*arguments, "--summary", "json", rates=rates))

    def json_of(self, result):
        self.assertEqual(result.code, DONE, result.err)
        [line] = [line for line in result.err.splitlines() if line.startswith("{")]
        return json.loads(line)

    def plain_summary(self, *arguments, rates=RATES):
        return self.json_of(self.run_billing("aggregate", "-q", "--naive", *arguments,
                                             "--summary", "json", *rate_options(*rates)))

    def state_line(self, *arguments):
        """The line on the state in the text summary."""
        result = self.run_billing("aggregate", "--state", "state", *arguments,
                                  *rate_options(*RATES))
        self.assertEqual(result.code, DONE, result.err)
        [line] = [line for line in result.err.splitlines() if line.startswith("state")]
        return line
