"""What is seen on a terminal: a progress line in a long run, wiped at its end."""

import fcntl
import os
import pty
import re
import select
import struct
import termios
import threading
import time
import unittest

from program_fixture import DONE, RUN_LIMIT_SECONDS, ProgramTest, record


class Terminal(ProgramTest):
    LOG_FORMAT = "text"

    def seen_on_terminal(self, *arguments, seconds, columns=80):
        """All that is written to standard error, a terminal, while a pipe is filled for so long."""
        os.mkfifo(self.folder / "pipe")
        ours, theirs = pty.openpty()
        set_columns(ours, columns)
        process = self.start("aggregate", "pipe", "-r", "login=1", *arguments, stderr=theirs)
        os.close(theirs)
        filler = threading.Thread(target=self.fill, args=(seconds,))
        filler.start()
        seen = self.read_all(ours)
        filler.join()
        os.close(ours)
        self.assertEqual(process.wait(RUN_LIMIT_SECONDS), DONE, seen)
        return seen

    def fill(self, seconds):
        with open(self.folder / "pipe", "wb", buffering=0) as pipe:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                pipe.write((record() + "\n").encode() * 100)
                time.sleep(0.05)

    @staticmethod
    def read_all(terminal):
        seen = b""
        while select.select([terminal], [], [], RUN_LIMIT_SECONDS)[0]:
            try:
                piece = os.read(terminal, 65536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            seen += piece
        return seen.decode()

    def test_a_long_run_shows_its_progress_and_wipes_it(self):
        seen = self.seen_on_terminal("-o", "bill", seconds=2.2)
        progress = [line for line in seen.split("\r") if re.search(r"GB/s|MB/s", line)
                    and "took" not in line]
        self.assertTrue(progress, repr(seen))
        for line in progress:
            self.assertRegex(line, "^(\x1b\\[K)*reading")
        for line in shown_at_the_end(seen):
            self.assertRegex(line, r"^(read|options|accepted|rejected|filtered|blank|events|billed|"
                                   r"rates|balanced|took) |^$")

    def test_the_progress_is_no_wider_than_the_terminal(self):
        seen = self.seen_on_terminal("-o", "bill", seconds=2.2, columns=12)
        progress = [line.replace("\x1b[K", "") for line in seen.split("\r") if "reading" in line]
        self.assertTrue(progress, repr(seen))
        for line in progress:
            self.assertLess(len(line), 12, line)

    def test_it_says_what_it_does_to_the_end(self):
        self.log(*(record(user=f"user{number}") for number in range(20_000)))
        ours, theirs = pty.openpty()
        process = self.start("aggregate", "log", "-r", "login=1", stderr=theirs)  # a pipe takes 64 KiB
        os.close(theirs)
        reader = threading.Timer(2.2, process.stdout.read)
        reader.start()
        seen = self.read_all(ours)
        reader.join()
        os.close(ours)
        self.assertEqual(process.wait(RUN_LIMIT_SECONDS), DONE, seen)
        self.assertRegex(seen, r"\rwriting|\x1b\[Kwriting")

    def test_a_level_above_info_shows_none(self):
        self.environment(LOG_LEVEL="warning")
        self.assertEqual(self.seen_on_terminal("-o", "bill", seconds=1.6), "")

    def error_on_terminal(self, columns, **variables):
        """What an error about a long bad record looks like there."""
        self.environment(**variables)
        self.log("x" * 100 + " login 200 1ms " + "y" * 200 + " z")
        ours, theirs = pty.openpty()
        set_columns(ours, columns)
        process = self.start("aggregate", "log", "-r", "login=1", stderr=theirs)
        os.close(theirs)
        seen = self.read_all(ours)
        os.close(ours)
        process.wait(RUN_LIMIT_SECONDS)
        return seen.replace("\r\n", "\n")

    def test_a_bad_record_fits_into_the_terminal(self):
        for columns in (40, 80, 300):
            lines = self.error_on_terminal(columns).splitlines()
            caret = next(at for at, line in enumerate(lines) if line.strip() == "^")
            self.assertLessEqual(len(lines[caret - 1]), min(columns, 124), lines)
            self.assertEqual(lines[caret - 1][len(lines[caret]) - 1], "z", lines)

    def test_colours_unless_they_are_not_wanted(self):
        self.assertIn("\x1b[", self.error_on_terminal(80, TERM="xterm"))
        self.assertNotIn("\x1b[", self.error_on_terminal(80, TERM="xterm", NO_COLOR="1"))
        self.assertIn("\x1b[", self.error_on_terminal(80, TERM="xterm", NO_COLOR=""))

    def test_lines_from_the_terminal_are_waited_for_with_a_word(self):
        ours, theirs = pty.openpty()
        process = self.start("aggregate", "-", "-r", "login=1", stdin=theirs)
        os.close(theirs)
        os.write(ours, (record() + "\n\x04").encode())
        result = self.finish(process)
        os.close(ours)
        self.assertEqual(result.code, DONE)
        result.says("reading lines from the terminal", "Ctrl-D")

    def test_quiet_shows_none(self):
        self.assertEqual(self.seen_on_terminal("-o", "bill", "-q", seconds=1.6), "")

    def test_a_short_run_shows_none(self):
        for _ in range(20):
            began = time.monotonic()
            seen = self.seen_on_terminal("-o", "bill", seconds=0.2)
            if time.monotonic() - began < 0.9:  # on a busy machine none may be short
                self.assertEqual(seen.replace("\r\n", "\n").count("\r"), 0, repr(seen))
                return
            os.remove(self.folder / "pipe")
        self.skipTest("no run was short")

    def test_standard_input_that_is_a_terminal_is_not_waited_for(self):
        ours, theirs = pty.openpty()
        process = self.start("aggregate", "-q", "-r", "login=1", stdin=theirs)
        os.close(theirs)
        result = self.finish(process)
        os.close(ours)
        result.fails(2, "input")


def set_columns(terminal, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


def shown_at_the_end(written):
    """The lines of the screen after all that was written: understands CR and erase-line."""
    screen = []
    for line in written.replace("\r\n", "\n").split("\n"):
        visible = ""
        for piece in line.split("\r"):
            cut = re.split(r"\x1b\[[0-2]?K", piece)
            visible = cut[-1] if len(cut) > 1 else cut[0] + visible[len(cut[0]):]
        screen.append(visible.rstrip())
    return screen


if __name__ == "__main__":
    unittest.main()
