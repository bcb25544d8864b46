"""What tests of formats add to the small language: a run's counts and the rows of its bill.

`meter` runs both engines, demands the same bill and the same counts of both, and gives them back.
"""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from program_fixture import DONE, ENGINES, PROJECT, ProgramTest

# Logs that others wrote lie beside the project, where they lie at all.
REAL_LOGS = PROJECT.parent / "shared" / "data" / "logs"

# nginx's `combined` and the request's time behind it.
TIMED = ('$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
         '"$http_referer" "$http_user_agent" $request_time')

COUNTS = ("records", "accepted", "rejected", "filtered", "directives", "blank")
CHUNKS = ("1", "2", "3", "63", "64", "65", "4096")


class Metered(NamedTuple):
    """What a run found: `rows` are the bill's, without its header."""

    rows: list
    summary: dict
    rejects: list  # (line, byte offset, reason, record)

    def count(self, name):
        return self.summary.get(name, 0)

    @property
    def counts(self):
        """Accepted, rejected, directives, blank; directives are what is left of the records."""
        accepted, rejected, filtered, blank = (
            self.count(name) for name in ("accepted", "rejected", "filtered", "blank"))
        directives = self.count("records") - accepted - rejected - filtered - blank
        return accepted, rejected, directives, blank

    @property
    def quantity(self):
        return Decimal(self.summary.get("quantity", self.summary.get("quantity_ms", 0)))

    def sums(self, *places):
        """The quantity of each combination of these columns of the bill."""
        found = {}
        for row in self.rows:
            key = tuple(row[place] for place in places)
            found[key if len(places) > 1 else key[0]] = (
                found.get(key if len(places) > 1 else key[0], 0) + Decimal(row[-2]))
        return found


class FormatsTest(ProgramTest):
    def meter(self, *arguments, rates=("*=1",), stdin=b""):
        """Bills with rates of 1 and sets rejects aside."""
        seen = [self._metered_by(engine, arguments, rates, stdin) for engine in ENGINES]
        self.assertEqual(*[(one.rows, one.rejects, self._same_in_both(one)) for one in seen],
                         "the engines differ")
        return seen[-1]

    def _metered_by(self, engine, arguments, rates, stdin):
        result = self.run_billing(
            "aggregate", engine, "-q", "--summary", "json", "--output-format", "csv", "--scale",
            "12", "--rejects", "rejects.csv", "--max-rejects", "100%",
            *[part for rate in rates for part in ("--rate", rate)], *arguments, stdin=stdin)
        self.assertEqual(result.code, DONE, result.err)
        summary = json.loads(next(line for line in result.err.splitlines() if line[:1] == "{"))
        rejects = [(int(row[1]), int(row[2]), row[3], row[4]) for row in
                   list(csv.reader(io.StringIO(self.text("rejects.csv"), newline="")))[1:]]
        bill = result.out.decode("utf-8", "surrogateescape")
        return Metered(list(csv.reader(io.StringIO(bill, newline="")))[1:], summary, rejects)

    @staticmethod
    def _same_in_both(metered):
        names = (*COUNTS, "bytes", "quantity", "quantity_ms", "earliest", "latest",
                 "rejected_by_reason", "billed", "exact", "events", "rounded", "rounded_by")
        return {name: metered.summary.get(name) for name in names}

    def real_log(self, name):
        """Its path; the test is skipped where it is not there."""
        path = REAL_LOGS / name
        if not path.is_file():
            self.skipTest(f"no {path}")
        return str(path)

    def rejects_one(self, reason, column, *arguments):
        """Each run is refused because of one record, at this column of its first line."""
        result = self.aggregate(*arguments, "--rate", "*=1")
        self.assertEqual((result.code, result.out), (3, b""), result.err)
        self.assertRegex(result.err, rf":\d+:{column}: {reason}\n")
        return result


def web_line(user="-", request="GET /a HTTP/1.1", seconds="0.010", address="192.0.2.1",
             time="29/Jul/2023:10:26:06 -0700", status=200, referer="-", agent="curl/8"):
    """One line of TIMED."""
    return (f'{address} - {user} [{time}] "{request}" {status} 5 "{referer}" "{agent}" {seconds}')


def lines_of(path):
    """A real log's lines, decoded so that every byte is kept."""
    return Path(path).read_bytes().decode("utf-8", "surrogateescape").splitlines()


