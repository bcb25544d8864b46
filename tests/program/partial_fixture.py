"""Tests of partials: makes, merges, reads and writes them, and demands that bad ones are refused.

They are read and written here by an oracle that knows docs/partial-format.md only; whoever imports
this may import what is in tests/oracle, too.
"""

import itertools
import sys

from program_fixture import FAILED, IN_MEMORY, PROJECT, ProgramTest

sys.path.insert(0, str(PROJECT / "tests" / "oracle"))
import partial_format  # noqa: E402
from partial_format import Input, Partial, Row  # noqa: E402

POLICIES = ("calls:1", "calls:5", "calls:1000", "hour", "day", "week", "month", "quarter", "year",
            "every:7m", "all")
GROUP_BYS = ("user,cycle,task", "user,cycle", "user,task", "cycle,task", "user", "cycle", "task")
ASIDE = ("--rejects", "/dev/null")
NOBODY = ("--unrated", "zero")
DAY = 20210  # 2025-05-02
SECOND = 10**9
FIRST = (DAY * 86400 + 10 * 3600) * SECOND  # what the earliest and latest events of the files are
LAST = ((DAY + 2) * 86400 + 12 * 3600) * SECOND
SUMS = [Row(b"u", DAY, 0, 2, 5), Row(b"u", DAY, 1, 1, 9), Row(b"u", DAY + 2, 0, 1, 0),
        Row(b"v", DAY + 1, 1, 3, 7)]
HUGE = (2**20, 2**32 - 1, 2**40, 2**60, 2**63, 2**64 - 1)

# Runs a command and tells, behind all that it writes to standard error, its peak memory in KiB.
# By a process of its own: what a process had in memory before it became the command counts, too.
MEASURED = (sys.executable, "-c", "import resource, subprocess, sys\n"
            "code = subprocess.call(sys.argv[1:])\n"
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)\n"
            "sys.exit(code % 256)")


def policies_and_groupings():
    """All policies with some groupings, all groupings with some policies."""
    for policy, group_by in itertools.product(POLICIES, GROUP_BYS):
        if group_by in GROUP_BYS[:4] or policy in ("calls:5", "month"):
            yield policy, group_by


def usage(events, rows, cycle, group_by="user,cycle,task", tasks=(b"a", b"b"), name=b"log",
          **options):
    """A partial of one log that says of itself what these rows add up to."""
    told = {**dict.fromkeys(partial_format.OPTIONS, ""), "timezone": "UTC", "group-by": group_by,
            "cycle": cycle, **options}
    made = Partial(events, told, list(tasks), [], rows)
    calls = partial_format.calls_of(made)
    return made._replace(inputs=[Input(name, 60 * calls, calls, calls, earliest=FIRST, latest=LAST,
                                       quantity=sum(row.quantity for row in rows))])


def sums(rows, cycle="day", **settings):
    return usage(False, rows, cycle, **settings)


class PartialTest(ProgramTest):
    folders_in = IN_MEMORY

    def setUp(self):
        super().setUp()
        self.targets = itertools.cycle(((*NOBODY, "-o", "bill"), ("--partial", "bill")))

    def partial(self, name, *arguments, stdin=b""):
        """Makes a partial of logs, quietly."""
        self.run_billing("aggregate", "-q", *arguments, "--partial", name, stdin=stdin
                         ).prints_bytes(b"")
        return name

    def merge(self, *arguments):
        return self.run_billing("merge", "-q", *arguments)

    def merged(self, name, *arguments):
        self.merge(*arguments, "--partial", name).prints_bytes(b"")
        return name

    def once(self, *arguments):
        """A bill of logs, by the parallel engine only."""
        return self.run_billing("aggregate", "-q", *arguments)

    def decoded(self, name):
        return partial_format.read(self.read(name))

    def write_partial(self, partial, name="p", **settings):
        return self.write(name, partial_format.write(partial, **settings))

    def is_refused(self, name, *phrases):
        """By inspect and by merge: neither gives a result, and the old bill stays."""
        with self.subTest(command="inspect"):
            self.run_billing("inspect", name).fails(FAILED, f"'{name}'", *phrases)
        self.is_not_merged(name, phrases=phrases)

    def is_not_merged(self, *names, phrases=()):
        """Neither into a bill nor into a partial, by turns."""
        before = sorted({*self.names(), "bill"})
        target = next(self.targets)
        with self.subTest(command="merge", target=target):
            old = "billing partial\nof old" if "--partial" in target else "old"
            self.write("bill", old)
            self.merge(*names, *target).fails(FAILED, f"'{names[0]}'", *phrases)
            self.assertEqual((self.text("bill"), self.names()), (old, before))
