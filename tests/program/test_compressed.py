"""Logs that are compressed with gzip or zstd: billed as their text is, or not at all."""

import gzip
import io
import os
import random
import shutil
import signal
import subprocess
import tarfile
import unittest
import zlib

from memory_fixture import WatchedTest
from program_fixture import (DONE, FAILED, INTERRUPTED, TOO_MANY_REJECTS, ProgramTest, rate_options,
                             record)
from random_logs import RATES, random_log

PRICES = (*rate_options(*RATES[:3]), "--unrated", "zero")
ZSTD = shutil.which("zstd")


def zstd(content, *options):
    return subprocess.run([ZSTD, "-qc", *options], input=content, check=True,
                          capture_output=True).stdout


def compressors():
    yield "gz", gzip.compress
    if ZSTD:
        yield "zst", zstd


class Results(ProgramTest):
    def equals_plain(self, packed, text, *options):
        """As a file and as a stream, whatever the engine, to the byte: bill and rejects."""
        self.write("log", text)
        rejects = ("--rejects", "bad.csv", "--max-rejects", "100%")
        plain = self.aggregate("log", *PRICES, *rejects, *options)
        plain_rejects = self.text("bad.csv")
        self.write("log", packed)
        found = self.aggregate("log", *PRICES, *rejects, *options)
        self.assertEqual(found, plain)
        self.assertEqual(self.text("bad.csv"), plain_rejects)
        found = self.aggregate("-", *PRICES, *rejects, *options, stdin=packed)
        self.assertEqual(found.out, plain.out)
        self.assertEqual(self.text("bad.csv").replace("<stdin>", "log"), plain_rejects)

    def test_are_those_of_the_text(self):
        for seed in range(6):
            text = random_log(random.Random(seed), 300, 0.1 * (seed % 3))
            for ending, compress in compressors():
                for chunk in ("300", "1000000"):
                    with self.subTest(seed=seed, ending=ending, chunk=chunk):
                        self.equals_plain(compress(text), text, "--chunk-bytes", chunk)

    def test_of_members_that_end_within_a_record(self):
        text = random_log(random.Random(7), 200, 0)
        for _, compress in compressors():
            packed = b"".join(compress(part) for part in (text[:777], b"", text[777:]))
            self.equals_plain(packed, text)

    def test_of_compressed_and_plain_inputs_together(self):
        self.log(record(), name="plain")
        names = ["plain"]
        for ending, compress in compressors():
            names.append(self.write(f"log.{ending}", compress(record().encode() + b"\n")))
        # By content: the name does not matter.
        names.append(self.write("other", gzip.compress(record().encode())))
        count = len(names)
        self.bill(*names, "--group-by", "user").prints(
            f"u: total_duration={count}ms, total_cost={count}.00")
        self.bill("-", "plain", "--group-by", "user", stdin=self.read("other")).prints(
            "u: total_duration=2ms, total_cost=2.00")

    def test_of_standard_input_that_is_a_file(self):
        self.write("log", gzip.compress(record().encode()))
        with open(self.folder / "log", "rb") as file:
            process = self.start("aggregate", "-q", "-", "--group-by", "user", "--rate", "login=1",
                                 stdin=file)
            self.finish(process).prints("u: total_duration=1ms, total_cost=1.00")

    def test_of_more_files_than_may_be_open(self):
        names = [self.write(f"{number}.gz", gzip.compress(record().encode()))
                 for number in range(40)]
        limited = ["bash", "-c", 'ulimit -n 40; exec "$@"', "bash"]
        for engine in ("--naive", "--parallel"):
            done = subprocess.run(
                [*limited, os.environ.get("BILLING") or "billing", "aggregate", "-q", engine, *names,
                 "--group-by", "user", "--rate", "login=1"],
                cwd=self.folder, capture_output=True, check=False)
            self.assertEqual((done.returncode, done.stdout, done.stderr),
                             (DONE, b"u: total_duration=40ms, total_cost=40.00\n", b""))

    def test_an_empty_member_is_an_empty_input(self):
        self.write("log", gzip.compress(b""))
        self.assertEqual(self.bill("log").code, DONE)

    def test_lines_and_offsets_are_those_of_the_text(self):
        text = (record() + "\n").encode() * 1000 + b"bad\n"
        self.write("log", gzip.compress(text))
        self.bill("log").fails(TOO_MANY_REJECTS, "log:1001:")


class Damage(ProgramTest):
    def setUp(self):
        super().setUp()
        self.text_bytes = random_log(random.Random(1), 40, 0)

    def fails_and_bills_nothing(self, content, *phrases):
        self.write("log", content)
        self.write("bill", "old")
        self.aggregate("log", *PRICES, "-o", "bill").fails(FAILED, "log: ", *phrases)
        self.assertEqual(self.text("bill"), "old")

    def test_an_archive_that_is_cut_off(self):
        for ending, compress in compressors():
            packed = compress(self.text_bytes)
            for size in (*range(4, 30), *range(30, len(packed) - 1, 97), len(packed) - 1):
                with self.subTest(ending=ending, size=size):
                    self.fails_and_bills_nothing(
                        packed[:size], f"ends too early, after {size:,} compressed bytes",
                        "no result was written")

    def test_a_flipped_byte(self):
        for ending, compress in compressors():
            packed = compress(self.text_bytes)
            for at in range(20, len(packed), 101):
                with self.subTest(ending=ending, at=at):
                    damaged = bytearray(packed)
                    damaged[at] ^= 0x55
                    self.fails_and_bills_nothing(bytes(damaged))

    def test_a_wrong_checksum_or_length(self):
        packed = gzip.compress(self.text_bytes)
        where = f"is damaged at compressed byte {len(packed):,}: "
        for at in (-8, -1):
            damaged = bytearray(packed)
            damaged[at] ^= 1
            self.fails_and_bills_nothing(bytes(damaged), where,
                                         "the checksum or the length does not match")

    def test_bytes_behind_the_last_member(self):
        packed = gzip.compress(self.text_bytes)
        for tail in (b"\0" * 512, b"\0", b"text\n", b"\x28\xb5\x2f\xfd"):
            self.fails_and_bills_nothing(
                packed + tail, f"is damaged at compressed byte {len(packed):,}: ",
                "what follows is no member of a gzip file")

    def test_a_name_that_needs_escapes(self):
        self.write("a\nb", gzip.compress(b"text")[:-1])
        self.bill("a\nb").fails(FAILED, "a\\nb: ends too early")


class Refusals(ProgramTest):
    def test_what_is_no_text_within(self):
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            info = tarfile.TarInfo("log")
            info.size = len(record()) + 1
            tar.addfile(info, io.BytesIO(record().encode() + b"\n"))
        within = ((archive.getvalue(), "is a tar archive, within gzip",
                   "try: zcat log | tar -xOf - | billing aggregate -"),
                  (gzip.compress(record().encode()), "is compressed with gzip, within gzip"),
                  (b"\xfd7zXZ\x00rest", "is compressed with xz, within gzip"),
                  (record().encode("utf-16"), "is UTF-16 text, within gzip"),
                  (b"billing partial\nrest", "is a partial, within gzip"),
                  (b"PAR1", "is a Parquet file, within gzip"))
        for content, *words in within:
            with self.subTest(words=words):
                self.write("log", gzip.compress(content))
                self.bill("log").fails(FAILED, "log: ", *words)
                self.bill("-", stdin=self.read("log")).fails(FAILED, "<stdin>: ", words[0])

    def test_a_state_says_so_of_damaged_ones_and_of_other_packings(self):
        for ending, compress in compressors():
            self.write("log", compress(record().encode())[:-1])
            self.run_billing("aggregate", "--state", "state", "log", "--rate", "login=1").fails(
                FAILED, "log: ", "compressed")
        self.write("log", b"BZh91AY&SY")
        self.run_billing("aggregate", "--state", "state", "log", "--rate", "login=1").fails(
            FAILED, "log: is compressed with bzip2", "turn it into a text file")

    @unittest.skipUnless(ZSTD, "needs zstd")
    def test_a_window_beyond_what_is_allowed(self):
        text = (record() + "\n").encode() * 1000
        self.write("log", self.streamed(text, "--long=28"))
        self.bill("log").fails(FAILED, "window of more than 131072 KiB", "zstd -dc --long=31")
        self.write("log", self.streamed(text, "--long=27"))
        limited = ("aggregate", "-q", "log", "--rate", "login=1", "--memory-limit")
        self.run_billing(*limited, "100MB").fails(
            FAILED, "log: was compressed with a window of more than 8192 KiB", "raise --memory-limit")
        self.run_billing(*limited, "4GB").succeeds()

    @staticmethod
    def streamed(text, *options):
        """By a pipe, so that the frame does not tell its size, and keeps its window."""
        return subprocess.run([ZSTD, "-qc", "--ultra", "-1", *options], input=text, check=True,
                              capture_output=True).stdout


class Waiting(ProgramTest):
    def test_a_compressed_pipe_that_stalls_can_be_interrupted(self):
        packed = gzip.compress((record() + "\n").encode() * 1000)
        for engine in ("--naive", "--parallel"):
            process = self.start("aggregate", "-q", engine, "--rate", "login=1",
                                 stdin=subprocess.PIPE)
            process.stdin.write(packed[:-20])
            process.stdin.flush()
            self.wait_until_it_handles(process)
            process.send_signal(signal.SIGINT)
            process.wait(timeout=20)
            self.assertEqual(process.returncode, INTERRUPTED)
            process.stdin.close()
            process.stdin = None


class Memory(WatchedTest):
    def pack(self, block, times):
        """One member that expands to a block so many times."""
        packer = zlib.compressobj(1, wbits=31)
        with open(self.folder / "log", "wb") as file:
            for _ in range(times):
                file.write(packer.compress(block))
            file.write(packer.flush())

    def test_a_bomb_takes_time_and_no_memory(self):
        # One endless record, of which the beginning is kept.
        self.pack(b"x" * 1_000_000, 1000)
        for options in ((), ("--max-record-bytes", "1024")):
            self.keeps_to(64, "aggregate", "-q", "--format", "text", "log", "--rate",
                          "login=1", *options).fails(TOO_MANY_REJECTS)

    def test_many_records_keep_to_the_limit(self):
        line = (record() + "\n").encode()
        self.pack(line * 20_000, 300)
        lines = 20_000 * 300
        for options in ((), ("--max-record-bytes", "1024")):
            result = self.keeps_to(64, "aggregate", "-q", "--threads", "1", "log", "--rate",
                                   "login=1", "--group-by", "user", *options)
            result.prints(f"u: total_duration={lines}ms, total_cost={lines}.00")

    @unittest.skipUnless(ZSTD, "needs zstd")
    def test_a_large_window_keeps_to_the_limit(self):
        """The window is filled with what does not repeat."""
        choice = random.Random(3)
        text = "".join(record(user=f"u{choice.getrandbits(60)}", ms=number) + "\n"
                       for number in range(400_000)).encode()
        packed = subprocess.run([ZSTD, "-qc", "-1", "--long=23"], input=text, check=True,
                                capture_output=True).stdout
        self.write("log", packed)
        for options in ((), ("--max-record-bytes", "1024")):
            self.keeps_to(64, "aggregate", "-q", "log", "--rate", "login=1", "-o", "bill",
                          *options).is_done()


if __name__ == "__main__":
    unittest.main()
