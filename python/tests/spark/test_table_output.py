"""A bill on its way into a table, without Spark: which run it is, and what is told of it."""
import contextlib
import io
import types
import unittest
from unittest import mock

from billing.spark import result, table_output


def job(rates=None, records=3):
    source = types.SimpleNamespace(inputs=[["a.log", 60]], bill_options={})
    reports = types.SimpleNamespace(totals={"records": records}, hashes=[0, 0])
    options = types.SimpleNamespace(period="2025-05", sink="cassandra:ks.bills")
    plan = types.SimpleNamespace(rates=rates or {"*": "0.1"})
    return types.SimpleNamespace(options=options, source=source, reports=reports, plan=plan, keywords={"cycle": "month"},
                                 session=None, found=None, ranges=1, split_count=1)


class Table:
    """A sink that keeps what it is given; it may hold the run already."""

    def __init__(self, is_held=False):
        self.is_held, self.run, self.rows = is_held, None, []

    def holds(self, session, period, run_id):
        return self.is_held

    def replace(self, session, rows, period, run):
        self.run = run
        self.rows = [run.row("bills", period), run.row("bills", period)]
        return True


class WriteBill(unittest.TestCase):
    def write(self, sink, *arguments, **options):
        made = types.SimpleNamespace(lines=2, calls=3, quantity=4, billed=5)
        names = {name: mock.DEFAULT for name in ("columns_of", "by_range", "as_rows")}
        with (mock.patch.multiple(result, **names), mock.patch.object(result, "Summary", return_value=made) as summary,
              mock.patch.object(table_output, "_bills"), mock.patch.object(table_output.told, "new_accumulator"),
              contextlib.redirect_stderr(io.StringIO()) as err):
            returned = table_output.write_bill(job(*arguments, **options), sink)
        return returned, summary.call_count, err.getvalue()

    def test_a_run_that_the_period_holds_is_told_and_not_written(self):
        sink = Table(is_held=True)
        returned, summaries, told = self.write(sink)
        self.assertEqual((returned, summaries, sink.run), (None, 0, None))
        self.assertRegex(told, r"^billing.spark: cassandra:ks.bills: 2025-05 is the bill of this very run already "
                               r"\([0-9a-f]{32}\); nothing was changed\n$")

    def test_the_summary_is_made_once_for_all_totals(self):
        sink = Table()
        returned, summaries, told = self.write(sink)
        self.assertEqual((returned.lines, summaries, told), (2, 1, ""))
        self.assertEqual([sink.rows[0][name] for name in ("lines", "calls", "quantity", "cost")], ["2", "3", "4", "5"])

    def test_a_run_is_known_by_its_inputs_and_prices(self):
        runs = []
        for arguments in ({}, {}, {"rates": {"*": "0.2"}}, {"records": 4}):
            sink = Table()
            self.write(sink, **arguments)
            runs.append(sink.run.run_id)
        self.assertEqual(runs[0], runs[1])
        self.assertEqual(len(set(runs)), 3)


if __name__ == "__main__":
    unittest.main()
