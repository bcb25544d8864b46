"""A bill as rows of a table, of which a run replaces its period once."""
import functools
import hashlib
import json
import sys

from billing.spark import result, told
from billing.spark.sinks import COST_TYPE, QUANTITY_TYPE, BillRun


def write_bill(job, sink):
    """Replaces the period. Returns the summary, or None where the table holds this very run."""
    period, source = job.options.period, job.source
    inputs = json.dumps([source.inputs, job.reports.totals, job.reports.hashes], sort_keys=True, default=str)
    input_hash = hashlib.sha256(inputs.encode()).hexdigest()
    options = {name: value for name, value in sorted(job.keywords.items())
               if name not in ("rate", "env_file", "rejects")}
    options["rates"] = dict(job.plan.rates)
    whole = json.dumps([input_hash, options, period], sort_keys=True, default=str)
    run_id = hashlib.sha256(whole.encode()).hexdigest()[:32]
    held = (f"billing.spark: {job.options.sink}: {period} is the bill of this very run already ({run_id}); nothing was "
            "changed")
    if sink.holds(job.session, period, run_id):
        print(held, file=sys.stderr)
        return None
    facts = told.new_accumulator(job.session)
    columns = result.columns_of(job.found, source.bill_options)
    rows = result.as_rows(result.by_range(job.found, job.ranges), job.split_count, source.bill_options, columns, facts)

    @functools.cache
    def summary():
        return result.Summary(facts, job.ranges, job.reports)

    def totals():
        made = summary()
        return {"lines": made.lines, "calls": made.calls, "quantity": made.quantity, "cost": made.billed}

    run = BillRun(run_id, options, input_hash, totals)
    if not sink.replace(job.session, _bills(rows, columns, job), period, run):
        print(held, file=sys.stderr)
        return None
    return summary()


def _bills(rows, columns, job):
    """The columns of a table of bills, of those of the CSV."""
    from pyspark.sql import functions as F
    names = [name for name, _ in columns]
    quantity = "duration_ms" if "duration_ms" in names else "quantity"
    unit = "ms" if quantity == "duration_ms" else job.reports.unit

    def text(name):
        return F.col(name) if name in names else F.lit("")

    return rows.select(text("user").alias("user_id"), text("cycle").alias("cycle"), text("task").alias("task"), "calls",
                       F.col(quantity).cast(QUANTITY_TYPE).alias("quantity"), F.lit(unit).alias("unit"),
                       F.col("cost").cast(COST_TYPE).alias("cost"))
