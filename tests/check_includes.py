#!/usr/bin/env python3
"""The rooms of the house: which folder may include which. Fails with each line that breaks the table,
and with each file that uses a list in braces without the header that some compilers want for it."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SYSTEM = "system"  # the C++ standard library and POSIX

# folder -> folders of ours, and libraries by the prefix of their headers
TABLE = {
    "include/billing": ({"include/billing"}, set()),
    "src/base": ({"src/base"}, set()),
    "src/io": ({"include/billing", "src/base", "src/io"}, set()),
    "src/formats": ({"include/billing", "src/base", "src/formats"}, {"simdjson"}),
    "src/cycles": ({"include/billing", "src/base", "src/cycles"}, {"absl"}),
    "src/engine": ({"include/billing", "src/base", "src/io", "src/engine"}, {"oneapi/tbb"}),
    "src/partials": (
        {"include/billing", "src/base", "src/io", "src/partials"}, {"fmt", "oneapi/tbb", "xxhash.h"}),
    "src/rating": ({"include/billing", "src/base", "src/rating"}, set()),
    "src/render": ({"include/billing", "src/base", "src/render"}, {"fmt"}),
    "src/naive": ({"include/billing", "src/base", "src/naive"}, set()),
    "src/generate": ({"include/billing", "src/base", "src/generate"}, {"oneapi/tbb"}),
    "src/job": (
        {"include/billing", "src/base", "src/io", "src/formats", "src/cycles", "src/engine",
         "src/partials", "src/rating", "src/render", "src/naive", "src/job"},
        {"fmt", "oneapi/tbb"},
    ),
    "src/cli": (
        {"include/billing", "src/base", "src/io", "src/render", "src/generate", "src/job",
         "src/cli"},
        {"CLI", "spdlog", "fmt"},
    ),
    "src": ({"include/billing", "src/cli"}, {"spdlog"}),
}
THIRD_PARTY = {"absl", "oneapi/tbb", "tbb", "fmt", "CLI", "spdlog", "simdjson", "gtest", "xxhash.h"}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')

# A loop over {a, b}, or auto deduced from it, makes a std::initializer_list. GCC 12 knows it through
# almost any other header, GCC 14 does not.
BRACE_LIST = re.compile(r"for\s*\([^;{}]*[^:]:\s*\{|\bauto\s+\w+\s*=\s*\{")


def room_of(header):
    """The folder that a quoted include leads to."""
    return "include/billing" if header.startswith("billing/") else "src/" + header.rpartition("/")[0]


def library_of(header):
    return next((name for name in THIRD_PARTY if header == name or header.startswith(name + "/")), SYSTEM)


def complaints(path):
    folder = path.parent.relative_to(ROOT).as_posix()
    if folder not in TABLE:
        yield f"{folder}: no row in the table of {pathlib.Path(__file__).name}"
        return
    rooms, libraries = TABLE[folder]
    text = path.read_text(encoding="utf-8")
    brace_list = BRACE_LIST.search(text)
    if brace_list and "#include <initializer_list>" not in text:
        number = text.count("\n", 0, brace_list.start()) + 1
        yield f"{path.relative_to(ROOT)}:{number}: a list in braces needs <initializer_list>"
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quoted, header = match.group(1) == '"', match.group(2)
        target = room_of(header) if quoted else library_of(header)
        if target not in (rooms if quoted else libraries | {SYSTEM}):
            yield f"{path.relative_to(ROOT)}:{number}: {folder} must not include {header}"


def main():
    sources = [p for top in ("include", "src") for p in sorted((ROOT / top).rglob("*"))
               if p.suffix in {".h", ".cc", ".inc"}]
    if len(sources) < 50:
        sys.exit(f"only {len(sources)} sources found below {ROOT}")
    found = [complaint for path in sources for complaint in complaints(path)]
    print("\n".join(found) or f"{len(sources)} sources keep to the table")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
