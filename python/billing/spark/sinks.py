"""Where a bill goes other than into files: a table of a database, in which a run replaces its period.

All have the table of bills and, beside it, `billing_runs`: which runs were written. See docs/spark-systems.md.
"""
import collections.abc
import dataclasses
import datetime
import json
from decimal import Decimal

from billing import Error
from billing.spark import cassandra, iceberg
from billing.spark.postgresql import Address

BILLS_COLUMNS = ["period", "user_id", "cycle", "task", "calls", "quantity", "unit", "cost", "run_id"]
# What a bill can have: sums are below 2^63 with at most 9 decimals, costs below 2^127 / 10^12.
QUANTITY_TYPE = "decimal(38,9)"
COST_TYPE = "decimal(38,12)"
RUNS_TABLE = "billing_runs"
TOTALS = ["lines", "calls", "quantity", "cost"]


@dataclasses.dataclass
class BillRun:
    """What is kept of a run.

    `run_id` is a hash of all that the bill depends on and of its period; `totals()` are lines (rows of the bill),
    calls, quantity and cost as int or Decimal. It is called when the rows have been computed: before, nobody knows.
    """

    run_id: str
    options: dict
    input_hash: str
    totals: collections.abc.Callable

    def options_text(self):
        return json.dumps(self.options, sort_keys=True, default=str)

    def row(self, table, period):
        """The row of billing_runs, as text by column; quantity and cost exact."""
        finished = datetime.datetime.now(datetime.timezone.utc)
        totals = self.totals()
        return {"table_name": table, "run_id": self.run_id, "period": period, "input_hash": self.input_hash,
                "options": self.options_text(), **{name: str(totals[name]) for name in TOTALS},
                "finished_at": finished.isoformat(timespec="microseconds")}


class Sink:
    """A table of bills. Nothing of it is touched before a session is there."""

    def session_conf(self):
        """The settings that the session needs; those of --conf win over them."""
        return {}

    def holds(self, session, period, run_id):
        """Whether the table lists the run and has the period as it wrote it: is_as_listed(). A run of which that is no
        longer true, as another has replaced the period since, or somebody its lines, is to be written again."""
        raise NotImplementedError

    def replace(self, session, rows, period, run):
        """Puts the rows in the place of all that the table has of the period; False if it holds this run and nothing
        was written. Rows: user_id, cycle, task (text, '' where the bill is not grouped by it), calls, quantity, unit,
        cost. Raises Error, with the table as it was, where what arrived is not what the run's totals say."""
        raise NotImplementedError


def open_sink(table):
    """The sink of a table of sink_url.parse()."""
    from billing.spark.sinks_cassandra import CassandraSink
    from billing.spark.sinks_iceberg import IcebergSink
    from billing.spark.sinks_postgresql import PostgreSQLSink
    kinds = {iceberg.TableName: IcebergSink, cassandra.TableName: CassandraSink, Address: PostgreSQLSink}
    return kinds[type(table)](table)


def bills_of(rows, period, run_id):
    """The rows with the columns of the table of bills."""
    from pyspark.sql import functions as F
    columns = {"period": F.lit(period), "run_id": F.lit(run_id), "calls": F.col("calls").cast("bigint")}
    return rows.select(*(columns.get(name, F.col(name)).alias(name) for name in BILLS_COLUMNS))


def sums_of(bills, run_id):
    """What a table has of a period, in one pass of Spark: the totals of this run's lines, and as `others` how many
    lines are of other runs."""
    from pyspark.sql import functions as F
    is_ours = F.col("run_id") == run_id
    sums = (F.sum(F.when(is_ours, F.col(name))) for name in TOTALS[1:])
    row = bills.agg(F.count(F.when(is_ours, 1)), *sums, F.count(F.when(~is_ours, 1))).first()
    return dict(zip([*TOTALS, "others"], row))


def is_as_listed(found, listed):
    """Whether a period, of which sums_of() was `found`, has all lines of a run and no others. `listed` is the run's row
    of billing_runs, None where there is none."""
    if listed is None or int(found["others"]):
        return False
    return all(Decimal(str(listed[name])) == Decimal(str(found[name] or 0)) for name in TOTALS)


def compare_totals(table, found, run, otherwise="nothing was changed"):
    """Raises Error unless the table's sums are the run's; `found` may have text for numbers, None for no rows."""
    totals = run.totals()
    for name in TOTALS:
        expected, is_there = Decimal(str(totals[name])), Decimal(str(found[name] or 0))
        if expected != is_there:
            raise Error(f"{table}: {name} of the period are {is_there}, not {expected} as the bill has; "
                        f"{otherwise}")
