"""Records of web logs that became no rows: how many are allowed, and where they are shown."""
import decimal
import re

from billing import ConfigurationError

_SHOWN = 3


class RejectLimit:
    """--max-rejects: a number, or a share of the records that are neither blank nor directives."""

    def __init__(self, text):
        found = re.fullmatch(r"(\d{1,18})|(\d{1,3}(?:\.\d{1,9})?)%", text)
        if not found or (found[2] and decimal.Decimal(found[2]) > 100):
            raise ConfigurationError(f"--max-rejects: {text!r} is neither a number nor a share such as 1% or 0.5%")
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
