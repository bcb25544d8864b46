"""Runs whose memory is watched: what a memory limit limits is resident anonymous memory."""

import contextlib
import time
from pathlib import Path

from program_fixture import SANITIZED, ProgramTest

SAMPLE_SECONDS = 0.001
ALLOWED_EXCESS = 1.05


class WatchedTest(ProgramTest):
    def setUp(self):
        if SANITIZED:
            self.skipTest("a sanitizer takes memory of its own")
        super().setUp()

    def watched(self, *arguments, **settings):
        """What a run did, and the most anonymous memory that it had, in bytes."""
        with open(self.folder / "stderr", "wb") as err:
            process = self.start(*arguments, stderr=err, **settings)
            most = 0
            while process.poll() is None:
                most = max(most, anonymous_bytes(process.pid))
                time.sleep(SAMPLE_SECONDS)
        result = self.finish(process)
        told = (self.folder / "stderr").read_text()
        (self.folder / "stderr").unlink()
        return result._replace(err=told), most

    def keeps_to(self, limit_mb, *arguments, **settings):
        """A run below a memory limit that it keeps to."""
        result, most = self.watched(*arguments, "--memory-limit", f"{limit_mb}MB", **settings)
        self.assertLessEqual(most, limit_mb * 1_000_000 * ALLOWED_EXCESS, result.err)
        return result


def anonymous_bytes(pid):
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    return 0
