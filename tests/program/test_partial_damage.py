"""A damaged partial, or what is none, is refused before anything is written."""

import subprocess
import unittest

from partial_fixture import SUMS, PartialTest, sums
from program_fixture import (FAILED, PROGRAM, RUN_LIMIT_SECONDS, Result, clean_environment, record,
                             swept_cases)

import partial_format


class Damage(PartialTest):
    """A byte that is wrong anywhere is found, before anything is written."""

    OPTIONS = ()

    def setUp(self):
        super().setUp()
        self.log(record("ab", ms=300), record("abc", "b", time="2025-05-02T23:16:50.5Z"))
        self.partial("good", "log", *self.OPTIONS)
        self.whole = self.read("good")
        self.assertLess(len(self.whole), 400)

    def all_are_refused(self, damaged):
        """inspect tries each, merge some of them."""
        files = {f"p{number:04d}": case for number, case in enumerate(swept_cases(list(damaged)))}
        for name, (_, data) in files.items():
            self.write(name, data)
        for number, (name, found) in enumerate(self.inspect_all(sorted(files)).items()):
            with self.subTest(what=files[name][0]):
                found.fails(FAILED, f"'{name}'")
                if number % 32 == 0:
                    self.is_not_merged(name)
                    self.is_not_merged(name, "good")

    def inspect_all(self, names):
        """By one shell: a process of Python for each would take most of the time."""
        done = subprocess.run(
            ["sh", "-c", 'for name do "$0" inspect $name >$name.out 2>$name.err; echo $?; done',
             PROGRAM, *names], cwd=self.folder, env=clean_environment(), capture_output=True,
            timeout=RUN_LIMIT_SECONDS)
        codes = [int(code) for code in done.stdout.split()]
        self.assertEqual(len(codes), len(names), done.stderr)
        return {name: Result(self, code, self.read(f"{name}.out"), self.text(f"{name}.err"))
                for name, code in zip(names, codes)}

    def test_any_byte_that_is_changed(self):
        def flipped():
            for mask in (0x01, 0x80, 0xFF):
                for place, byte in enumerate(self.whole):
                    data = bytearray(self.whole)
                    data[place] = byte ^ mask
                    yield f"byte {place} ^ {mask}", bytes(data)
        self.all_are_refused(flipped())

    def test_cut_off_at_any_length(self):
        self.all_are_refused((f"{length} bytes", self.whole[:length])
                             for length in range(len(self.whole)))

    def test_anything_behind_the_end(self):
        end = len(self.whole) - self.whole.rindex(b"\7\0\0\0" if self.OPTIONS else b"\5\0\0\0") + 4
        tails = (b"\0", b"\n", b"x" * 8, b"\0" * 4096, self.whole, self.whole[20:],
                 self.whole[-end:], partial_format.block(partial_format.ROWS, b"\0"), partial_format.block(6, b"\0"))
        self.all_are_refused((repr(tail), self.whole + tail) for tail in tails)

    def test_a_byte_that_is_missing_or_there_twice(self):
        places = range(0, len(self.whole), 3)
        self.all_are_refused((f"without byte {place}",
                              self.whole[:place] + self.whole[place + 1:]) for place in places)
        self.all_are_refused((f"byte {place} twice",
                              self.whole[:place] + self.whole[place:place + 1] + self.whole[place:])
                             for place in places)

    def test_a_block_that_is_missing_there_twice_or_elsewhere(self):
        self.log(*(record(user=f"{number * 7919 % 900:03d}" + "x" * 240) for number in range(900)))
        self.partial("good", "log", *self.OPTIONS)
        data = self.read("good")
        places = [20]
        while places[-1] < len(data):
            places.append(places[-1] + 16 + partial_format.u32(data, places[-1]))
        self.assertGreater(len(places), 4)
        blocks = [data[begin:end] for begin, end in zip(places, places[1:])]
        orders = [blocks[:place] + blocks[place + 1:] for place in range(len(blocks))]
        orders += [blocks[:place + 1] + blocks[place:] for place in range(len(blocks))]
        orders += [[blocks[0], blocks[2], blocks[1], *blocks[3:]], blocks[::-1], []]
        self.all_are_refused((f"order {number}", data[:20] + b"".join(order))
                             for number, order in enumerate(orders))

    def test_a_block_of_another_partial(self):
        self.log(record("ab", ms=301), record("abc", "b", time="2025-05-02T23:16:50.5Z"))
        self.partial("other", "log", *self.OPTIONS)
        blocks = {}
        for name in ("good", "other"):
            data, at, blocks[name] = self.read(name), 20, []
            while at < len(data):
                size = 16 + partial_format.u32(data, at)
                blocks[name].append(data[at:at + size])
                at += size
        self.assertEqual(len(blocks["good"]), 6)
        for place, block in enumerate(blocks["other"]):
            if block == blocks["good"][place]:
                continue  # the same options, the same tasks
            mixed = blocks["good"][:]
            mixed[place] = blocks["other"][place]
            self.write("p", self.whole[:20] + b"".join(mixed))
            self.is_refused("p")


class DamagedRecords(Damage):
    """The same where records are kept with the keys of their duplicates."""

    OPTIONS = ("--dedupe-by", "user")


class NoPartial(PartialTest):
    def test_a_log(self):
        self.log(record())
        self.is_refused("log", "no partial")

    def test_an_empty_file(self):
        self.write("empty", "")
        self.is_refused("empty", "no partial")

    def test_other_kinds_of_files(self):
        for data in (b"\x89PNG\r\n\x1a\n" + bytes(64), b"\x1f\x8b\x08\0rest", b"billing",
                     b"billing partial\r\n" + bytes(64), b"\n", b"BILLING PARTIAL\n" + bytes(64),
                     b"\xef\xbb\xbfbilling partial\n" + bytes(64)):
            with self.subTest(data=data):
                self.write("p", data)
                self.is_refused("p", "no partial")

    def test_another_version_is_told_as_such(self):
        for version in (0, 2, 4, 7, 256, 2**32 - 1):
            with self.subTest(version=version):
                self.write_partial(sums(SUMS), version=version)
                self.is_refused("p", "version", str(version))

    def test_an_older_version_is_to_be_made_anew(self):
        for version in (0, 1, 2):
            self.write("p", partial_format.MAGIC + bytes([version, 0, 0, 0]) + b"who knows")
            self.is_refused("p", f"is a partial of version {version}", "make it anew")

    def test_a_newer_version_with_other_blocks_behind(self):
        self.write("p", partial_format.MAGIC + b"\4\0\0\0" + b"who knows")
        self.is_refused("p", "version 4", "or a newer one")


if __name__ == "__main__":
    unittest.main()
