#!/usr/bin/env python3
"""Runs clang-tidy on source files: tidy.py BUILD_FOLDER FILE...

Fails with the findings, each file's in one piece. What it found nothing in is remembered (in
XDG_CACHE_HOME, else ~/.cache) and passed over as long as clang-tidy, its options, the command that
compiles the file and every header that the file was built with are the same.
"""

import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Warnings are the compiler's own matter, which built the tests: clang-tidy's front end, another
# compiler, gives none of its own.
TIDY = ["clang-tidy", "--quiet", "--extra-arg=-Wno-error"]
KEPT_DAYS = 30


def output_of(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


@functools.cache
def hash_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def headers_by_object(build):
    """What Ninja knows each object to be made of."""
    found, last = {}, None
    for line in output_of("ninja", "-C", str(build), "-t", "deps").splitlines():
        if line.startswith("    "):
            found[last].append((build / line.strip()).resolve())
        elif line.endswith("(VALID)"):
            last = line.partition(": #deps")[0]
            found[last] = []
        else:
            last = line
            found[last] = []  # of those that are out of date nothing is believed
    return found


class Memory:
    """Which files had no findings, as they are now."""

    def __init__(self, build):
        self.folder = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() /
                                   ".cache") / "billing_tidy"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.common = [output_of("clang-tidy", "--version"), hash_of(ROOT / ".clang-tidy"), *TIDY]
        self.commands = {pathlib.Path(entry["file"]).resolve(): entry for entry in
                         json.loads((build / "compile_commands.json").read_text())}
        self.headers = headers_by_object(build)
        self.forget()

    def forget(self):
        oldest = time.time() - KEPT_DAYS * 24 * 3600
        for note in self.folder.iterdir():
            if note.stat().st_mtime < oldest:
                note.unlink(missing_ok=True)

    def note_of(self, source):
        """The file that stands for this state of a source; nothing where not all of it is known."""
        command = self.commands.get(source, {"command": ""})["command"].replace(str(ROOT), ".")
        made = command.partition(" -o ")[2].partition(" ")[0]
        headers = self.headers.get(made)
        if not headers or headers[0] != source:
            return None
        parts = [*self.common, command]
        for path in headers:
            parts += [str(path).removeprefix(str(ROOT)), hash_of(path)]
        return self.folder / hashlib.sha256("\0".join(parts).encode()).hexdigest()


def findings(build, source, note):
    if note and note.exists():
        note.touch()
        return ""
    done = subprocess.run([*TIDY, "-p", str(build), str(source)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    if done.returncode == 0:
        if note:
            note.touch()
        return ""
    return f"{done.stdout}{done.stderr}clang-tidy found something in {source.relative_to(ROOT)}"


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    sources = [pathlib.Path(name).resolve() for name in sys.argv[2:]]
    if not sources:
        return 0
    memory = Memory(build)
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as threads:
        found = [text for text in threads.map(
            lambda source: findings(build, source, memory.note_of(source)), sources) if text]
    print("\n".join(found), end="\n" if found else "")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
