"""Rejects of a whole job, in the order of its inputs: how many are allowed, and where they are shown."""
from billing import RejectsError, _native
from billing.spark.output import WholeFile

HEADER = "file,line,byte_offset,reason,record\n"
EXAMPLES = 5  # that a message shows
SCHEMA = "file string, line bigint, byte_offset bigint, reason string, record string"


def write_file(path, rows, csv_safe):
    with WholeFile(path) as file:
        file.write(HEADER.encode())
        for name, line, offset, reason, record in rows:
            cells = (_native._csv_cell(name, csv_safe), str(line), str(offset), reason,
                     _native._csv_cell(record, csv_safe))
            file.write((",".join(cells) + "\n").encode())


def as_rows(session, rows):
    return session.createDataFrame([tuple(row) for row in rows], SCHEMA)


_ADVICE = {
    "too_many": "--rejects FILE sets bad records aside, --max-rejects N or P% allows that many",
    "nothing_accepted": "is this a log of another kind? If nothing is to come of it, say --max-rejects 100%",
    "no_rates": "no task has a rate: give some with --rate task=0.005 or RATE_<task>=0.005",
    "broken": "broken JSON ends its input; --max-rejects 100% bills what stands before it",
}


def judge(plan, totals, rows, has_file, consequence):
    """Raises RejectsError where there are more than the plan's --max-rejects allows, by the program's rules. `rows` are
    at least the first of them; `consequence` says what was not done."""
    verdict = plan.judge(totals, has_file)
    if verdict == "good":
        return
    if verdict == "nothing_accepted" and totals["rejected_by_reason"].get("unrated_task") == totals["rejected"]:
        verdict = "no_rates"
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in sorted(totals["rejected_by_reason"].items()))
    records = totals["records"] - totals["blank"] - totals["directives"]
    message = f"{totals['rejected']:,} of {records:,} records rejected ({reasons}); {consequence}"
    for file, line, _, reason, record in rows[:EXAMPLES]:
        message += f"\n  {file}:{line}: {reason}: {record[:200]}"
    raise RejectsError(f"{message}\n{_ADVICE[verdict]}")
