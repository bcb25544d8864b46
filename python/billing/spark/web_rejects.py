"""Records of web logs that became no rows: how many are allowed, and where they are shown."""
import csv
import decimal
import os
import re

from billing.spark.failures import RunError, UsageError

_SHOWN = 3


class RejectLimit:
    """--max-rejects: a number, or a share of the records that are neither blank nor directives."""

    def __init__(self, text):
        found = re.fullmatch(r"(\d{1,18})|(\d{1,3}(?:\.\d{1,9})?)%", text)
        if not found or (found[2] and decimal.Decimal(found[2]) > 100):
            raise UsageError(f"--max-rejects: {text!r} is neither a number nor a share such as 1% or 0.5%")
        self._count = int(found[1]) if found[1] else None
        self._percent = decimal.Decimal(found[2]) if found[2] else None

    @property
    def allows_all(self):
        return self._percent == 100

    def allows(self, totals):
        if self._count is not None:
            return totals["rejected"] <= self._count
        records = totals["records"] - totals["blank"] - totals["directives"]
        return totals["rejected"] * 100 <= records * self._percent


def show_rejects(rejects, total, out):
    """The first of them, for people."""
    for url, line, _, reason, record in rejects[:_SHOWN]:
        print(f"  {url}:{line}: {reason}\n    {record[:200]}", file=out)
    if total > _SHOWN:
        print(f"  ... and {total - min(_SHOWN, len(rejects)):,} more", file=out)


def write_rejects(path, rejects):
    """The program's columns; the file appears whole or not at all."""
    folder = os.path.dirname(os.path.abspath(path))
    part = os.path.join(folder, f".{os.path.basename(path)}.{os.getpid()}")
    try:
        with open(part, "w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(("file", "line", "byte_offset", "reason", "record"))
            rows.writerows(rejects)
        os.replace(part, path)
    except OSError as error:
        raise RunError(f"--rejects: {path}: {error.strerror or error}") from error
