#!/usr/bin/env python3
"""The rooms of the house: which folder may include which, which libraries, and (with --objects and a
build folder) whose functions it is linked to. Fails with each line and each symbol that breaks the
table, and with each file that uses a list in braces without the header that some compilers want."""
import argparse
import collections
import pathlib
import re
import subprocess
import sys

SKIPPED = 77  # exit code: nothing was found wrong, but not all could be looked at

# room -> the other rooms of ours that it may include and link to, and libraries
TABLE = {
    "include/billing": (set(), set()),
    "src/base": (set(), set()),
    "src/values": ({"include/billing", "src/base"}, set()),
    "src/decompress": ({"include/billing", "src/base"}, {"ISA-L", "zstd"}),
    "src/io": ({"include/billing", "src/base", "src/decompress"}, set()),
    "src/mapping": ({"include/billing", "src/base", "src/cycles"}, {"Abseil", "xxHash"}),
    "src/select": ({"include/billing", "src/base", "src/mapping"}, {"RE2"}),
    "src/formats": (
        {"include/billing", "src/base", "src/values", "src/mapping", "src/select"}, {"simdjson"}),
    "src/wrappers": (
        {"include/billing", "src/base", "src/mapping", "src/formats"}, {"simdjson"}),
    "src/choose": (
        {"include/billing", "src/base", "src/values", "src/mapping", "src/formats", "src/wrappers"},
        {"simdjson"}),
    "src/cycles": ({"include/billing", "src/base"}, {"Abseil"}),
    "src/engine": ({"include/billing", "src/base"}, {"oneTBB"}),
    "src/partials": (
        {"include/billing", "src/base", "src/values", "src/io"}, {"fmt", "oneTBB", "xxHash"}),
    "src/state": (
        {"include/billing", "src/base", "src/values", "src/io", "src/formats", "src/wrappers",
         "src/partials"},
        {"fmt"}),
    "src/rating": ({"include/billing", "src/base", "src/values"}, set()),
    "src/render": ({"include/billing", "src/base", "src/values"}, {"fmt"}),
    "src/naive": ({"include/billing", "src/base"}, {"Abseil", "RE2", "xxHash"}),
    "src/generate": ({"include/billing", "src/base"}, {"ISA-L", "oneTBB"}),
    "src/job": (
        {"include/billing", "src/base", "src/values", "src/decompress", "src/io", "src/select",
         "src/formats", "src/wrappers", "src/choose", "src/cycles", "src/engine", "src/partials", "src/state", "src/rating",
         "src/render", "src/naive"},
        {"fmt", "oneTBB"},
    ),
    "src/options": ({"include/billing", "src/base", "src/io", "src/render"}, {"fmt"}),
    "src/cli": (
        {"include/billing", "src/base", "src/values", "src/io", "src/render", "src/generate",
         "src/job", "src/options"},
        {"spdlog", "fmt", "oneTBB"},
    ),
    "src": ({"include/billing", "src/cli"}, {"spdlog"}),
}

# Rooms that are reached through their contracts in include/billing alone, never by their own headers.
BY_CONTRACT = {
    "src/select": {"src/cycles"},
    "src/naive": {"src/cycles"},
    "src/state": {"src/cycles"},
    "src/options": {"src/cycles", "src/formats", "src/choose", "src/wrappers", "src/rating", "src/values",
                    "src/job"},
    "src/cli": {"src/cycles", "src/formats", "src/choose", "src/wrappers", "src/rating"},
}

LIBRARIES = {
    "Abseil": ("absl/",),
    "fmt": ("fmt/",),
    "ISA-L": ("isa-l/",),
    "oneTBB": ("oneapi/tbb/",),
    "RE2": ("re2/",),
    "simdjson": ("simdjson.h",),
    "spdlog": ("spdlog/",),
    "xxHash": ("xxhash.h",),
    "zstd": ("zstd.h", "zstd_errors.h"),
}

# What every room may include: the standard library, POSIX and Linux, the compiler's vector instructions.
SYSTEM = set("""
    algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono cinttypes
    climits clocale cmath codecvt compare complex concepts condition_variable coroutine csetjmp csignal
    cstdarg cstddef cstdint cstdio cstdlib cstring ctime cuchar cwchar cwctype deque exception execution
    filesystem format forward_list fstream functional future initializer_list iomanip ios iosfwd iostream
    istream iterator latch limits list locale map memory memory_resource mutex new numbers numeric
    optional ostream queue random ranges ratio regex scoped_allocator semaphore set shared_mutex
    source_location span sstream stack stdexcept stop_token streambuf string string_view syncstream
    system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility
    valarray variant vector version
    dirent.h fcntl.h fnmatch.h glob.h langinfo.h poll.h pthread.h signal.h spawn.h termios.h unistd.h
    wchar.h immintrin.h
""".split())
SYSTEM_FOLDERS = ("sys/", "linux/")

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')

# A loop over {a, b}, or auto deduced from it, makes a std::initializer_list. GCC 12 knows it through
# almost any other header, GCC 14 does not.
BRACE_LIST = re.compile(r"for\s*\([^;{}]*[^:]:\s*\{|\bauto\s+\w+\s*=\s*\{")


def room_of(header):
    """The folder that a quoted include leads to."""
    return "include/billing" if header.startswith("billing/") else "src/" + header.rpartition("/")[0]


def may_include(room, quoted, header):
    rooms, libraries = TABLE[room]
    if quoted:
        return room_of(header) in rooms | {room}
    if header in SYSTEM or header.startswith(SYSTEM_FOLDERS):
        return True
    return any(header.startswith(prefix) for name in libraries for prefix in LIBRARIES[name])


def sources_below(root):
    return [path for top in ("include", "src") for path in sorted((root / top).rglob("*"))
            if path.suffix in {".h", ".cc", ".inc"}]


def include_complaints(root, path):
    room, name = path.parent.relative_to(root).as_posix(), path.relative_to(root)
    if room not in TABLE:
        yield f"{room}: no row in the table of {pathlib.Path(__file__).name}"
        return
    text = path.read_text(encoding="utf-8")
    brace_list = BRACE_LIST.search(text)
    if brace_list and "#include <initializer_list>" not in text:
        number = text.count("\n", 0, brace_list.start()) + 1
        yield f"{name}:{number}: a list in braces needs <initializer_list>"
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match and not may_include(room, match.group(1) == '"', match.group(2)):
            yield f"{name}:{number}: {room} must not include {match.group(2)}"


def objects_below(build, sources, root):
    """The object file of each source that was compiled; objects of sources that are gone do not count."""
    compiled = {}
    for path in build.glob("CMakeFiles/*.dir/src/**/*.o"):
        target_folder = path.relative_to(build).parts[:2]
        source = root / path.relative_to(build / pathlib.Path(*target_folder)).with_suffix("")
        if source in sources:
            compiled[source] = path
    return compiled


def symbols_of(path):
    """Names as they are linked: those that an object defines, and those that it needs."""
    defined, needed = set(), set()
    lines = subprocess.run(["nm", "--format=posix", path], check=True, stdout=subprocess.PIPE,
                           text=True).stdout.splitlines()
    for line in lines:
        name, kind = line.split()[:2]
        if kind == "U":
            needed.add(name)
        elif kind.isupper() or kind == "u":
            defined.add(name)
    return defined, needed


def readable(names):
    return subprocess.run(["c++filt"], check=True, input="\n".join(names), stdout=subprocess.PIPE,
                          text=True).stdout.splitlines()


def link_complaints(root, compiled):
    rooms_that_define = collections.defaultdict(set)
    needed_by = {}
    for source, path in sorted(compiled.items()):
        room = source.parent.relative_to(root).as_posix()
        defined, needed_by[source] = symbols_of(path)
        for name in defined:
            rooms_that_define[name].add(room)
    for source, needed in needed_by.items():
        room = source.parent.relative_to(root).as_posix()
        allowed = TABLE[room][0] | BY_CONTRACT.get(room, set()) | {room}
        wrong = sorted(name for name in needed
                       if name in rooms_that_define and not rooms_that_define[name] & allowed)
        for name, shown in zip(wrong, readable(wrong)):
            owner = ", ".join(sorted(rooms_that_define[name]))
            yield f"{source.relative_to(root)}: {room} must not be linked to {owner}: {shown}"


def check_links(root, build, sources):
    """Complaints, and the sources whose objects are missing."""
    wanted = {path for path in sources if path.suffix == ".cc"}
    compiled = objects_below(build, wanted, root)
    return list(link_complaints(root, compiled)), sorted(wanted - compiled.keys())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    parser.add_argument("--objects", type=pathlib.Path, metavar="BUILD",
                        help="look at what the objects of this build folder link to instead")
    options = parser.parse_args()
    root, missing = options.root.resolve(), []
    sources = sources_below(root)
    if not sources:
        sys.exit(f"no sources found below {root}")
    if options.objects:
        found, missing = check_links(root, options.objects.resolve(), sources)
    else:
        found = [complaint for path in sources for complaint in include_complaints(root, path)]
    print("\n".join(found) or f"{len(sources) - len(missing)} sources keep to the table")
    if missing:
        print(f"not looked at, as {options.objects} has no objects of them: "
              + " ".join(str(path.relative_to(root)) for path in missing))
    return 1 if found else SKIPPED if missing else 0


if __name__ == "__main__":
    sys.exit(main())
