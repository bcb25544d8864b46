"""What the driver holds a job to before anything is written: every split once, every byte, not too many rejects."""
import decimal
import json

from billing import ConfigurationError, Error
from billing.spark import usage

_COUNTS = ("bytes", "records", "accepted", "calls", "rejected", "filtered", "blank", "directives", "broken",
           "more_reject_lines")


class Reports:
    """Those of all splits, each once. Raises Error where one is missing or came twice."""

    def __init__(self, rows, splits):
        self.by_split = {}
        for split, report in rows:
            if split in self.by_split:
                raise Error(f"split {split} came twice: its calls would be billed twice")
            self.by_split[split] = json.loads(report)
        missing = [one for one in range(splits) if one not in self.by_split]
        if missing or len(self.by_split) != splits:
            raise Error(f"of {splits} splits {len(self.by_split)} came back, without {missing[:3]}: "
                        "calls would not be billed")
        ordered = [self.by_split[split] for split in range(splits)]
        self.totals = {name: sum(one[name] for one in ordered) for name in _COUNTS}
        self.totals["quantity"] = sum((decimal.Decimal(one["quantity"]) for one in ordered), decimal.Decimal(0))
        self.unit = ordered[0]["unit"]
        reasons = {}
        for one in ordered:
            for reason, count in one["rejected_by_reason"].items():
                reasons[reason] = reasons.get(reason, 0) + count
        self.totals["rejected_by_reason"] = dict(sorted(reasons.items()))
        # Of rows of a table: differ where any of them does, whatever their order.
        self.hashes = [sum(one.get("hashes", (0, 0))[half] for one in ordered) for half in (0, 1)]
        self.tasks = {task for one in ordered for task in one["tasks"]}
        self.warnings = list(dict.fromkeys(warning for one in ordered for warning in one["warnings"]))

    def rejects(self, source):
        """Rows (file, line, byte_offset, reason, record) in the order of the inputs, with lines of the input. Of a
        table, in the order of its partitions."""
        lines_before, rows = {}, []
        if not source.splits:
            return [row for number in sorted(self.by_split) for row in self.by_split[number]["rejects"]]
        splits = source.splits
        for split in splits:
            report = self.by_split[split.number]
            before = lines_before.get(split.input, 0)
            name = source.job.inputs[split.input][4]
            rows += [[name, line + before, *rest] for _, line, *rest in report["rejects"]]
            lines_before[split.input] = before + report["lines"]
        return rows


def collect_reports(found, splits):
    """Runs the tasks that read; `found` is a DataFrame of usage.SCHEMA, which must be persisted."""
    rows = found.where(f"range = {usage.DRIVER}").select("split", "report").collect()
    return Reports(((row.split, row.report) for row in rows), splits)


def check_bytes(reports, job):
    """All bytes of each input whose size is known were read."""
    read = {}
    for split in job.splits:
        read[split.input] = read.get(split.input, 0) + reports.by_split[split.number]["bytes"]
    for place, (name, size, *_) in enumerate(job.inputs):
        if size is not None and read.get(place, 0) != size:
            raise Error(f"{name}: control totals do not balance: it has {size} bytes, {read.get(place, 0)} were read")


def check_rates(plan, reports):
    """As the program: where prices are to be expected and none of the tasks has one, the rates are mistaken."""
    if not plan.leaves_unrated_open or not reports.tasks or "*" in plan.rates:
        return
    if not reports.tasks & set(plan.rates):
        shown = ", ".join(repr(task) for task in sorted(reports.tasks)[:3])
        raise ConfigurationError(f"none of the tasks has a rate, so every cost would be 0: {shown}; give rates by "
                                 "--rate task=0.005 or RATE_<task>=0.005 in .env; or say --unrated zero")
