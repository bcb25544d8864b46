"""Bills in a table of Iceberg: a run is one snapshot, which is written on a branch, compared, and then published."""
import hashlib
import secrets

from billing import Error
from billing.spark.iceberg import literal, quoted
from billing.spark.sinks import (COST_TYPE, QUANTITY_TYPE, RUNS_TABLE, TOTALS, Sink, bills_of, compare_totals,
                                 is_as_listed, sums_of)

ATTEMPTS = 5
# What a snapshot says of its run: enough to restore its row of billing_runs if the driver died in between.
RUN_PROPERTY = "billing.run-id"
PERIOD_PROPERTY = "billing.period"
INPUT_PROPERTY = "billing.input-hash"
OPTIONS_PROPERTY = "billing.options"

_RUNS_COLUMNS = {"table_name": "string", "run_id": "string", "period": "string", "input_hash": "string",
                 "options": "string", "lines": "bigint", "calls": "bigint", "quantity": QUANTITY_TYPE,
                 "cost": COST_TYPE, "finished_at": "timestamp", "snapshot_id": "bigint"}


class IcebergSink(Sink):
    """The table is made partitioned by period: to replace one is to replace files."""

    def __init__(self, table):
        self._name = table.table
        self._table, self._catalog, self._in_catalog = table.quoted, table.catalog, table.in_catalog
        self._namespace, self._runs = table.namespace, table.beside(RUNS_TABLE)
        self._session_conf = table.session_conf()

    def session_conf(self):
        return self._session_conf

    def holds(self, session, period, run_id):
        """Whatever became of the run's snapshot. Its row of billing_runs is added if it is missing."""
        if not session.catalog.tableExists(self._table):
            return False
        found = sums_of(session.table(self._table).where(f"period = {literal(period)}"), run_id)
        if found["others"]:
            return False
        self._create_runs(session)
        listed = session.table(self._runs).where(self._is_run(run_id)).first()
        published = self._published(session, run_id)
        if published and not (listed and listed.snapshot_id == published.snapshot_id):
            self._list_run(session, published)
            listed = session.table(self._runs).where(self._is_run(run_id)).first()
        return is_as_listed(found, listed)

    def replace(self, session, rows, period, run):
        self._create_tables(session)
        if self.holds(session, period, run.run_id):
            return False
        self._check_scales(rows)
        prefix = f"billing_{hashlib.sha256(period.encode()).hexdigest()[:8]}_"
        self._drop_branches(session, prefix)
        source = bills_of(rows, period, run.run_id)
        for attempt in range(ATTEMPTS):
            branch = f"{prefix}{secrets.token_hex(4)}"
            self._stage(session, source, branch, period, run)
            if self._publish(session, branch):
                break
            if attempt == ATTEMPTS - 1:
                raise Error(f"{self._table}: others changed the table {ATTEMPTS} times while the run was written; "
                            "run it again")
            # Somebody wrote another period meanwhile: what stands on the branch is put on a new one.
            source = self._on_branch(session, branch).where(f"period = {literal(period)}")
        self._drop_branches(session, prefix)
        self._list_run(session, self._published(session, run.run_id))
        return True

    def _stage(self, session, source, branch, period, run):
        """Writes the rows in the place of the period's, on a new branch, and compares them with the run's totals."""
        from pyspark.sql import functions as F
        session.sql(f"alter table {self._table} create branch {quoted(branch)}")
        writer = source.writeTo(f"{self._table}.{quoted(f'branch_{branch}')}")
        for name, value in {RUN_PROPERTY: run.run_id, PERIOD_PROPERTY: period, INPUT_PROPERTY: run.input_hash,
                            OPTIONS_PROPERTY: run.options_text()}.items():
            writer = writer.option(f"snapshot-property.{name}", value)
        writer.overwrite(F.col("period") == period)
        staged = self._on_branch(session, branch).where(F.col("period") == period)
        try:
            compare_totals(self._table, sums_of(staged, run.run_id), run)
        except Error:
            session.sql(f"alter table {self._table} drop branch {quoted(branch)}")
            raise

    def _publish(self, session, branch):
        """Makes the branch the table; False if the table has changed since."""
        try:
            session.sql(f"call {quoted(self._catalog)}.system.fast_forward("
                        f"{literal(self._in_catalog)}, 'main', {literal(branch)})")
        except Exception as error:  # noqa: BLE001  of Iceberg or of Spark around it
            if "ancestor" in str(error) or "CommitFailed" in str(error):
                return False
            raise
        return True

    def _published(self, session, run_id):
        """The last snapshot of a run among those that the table is made of, or None."""
        ancestors = f"select snapshot_id from {self._table}.history where is_current_ancestor"
        is_of_run = f"summary[{literal(RUN_PROPERTY)}] = {literal(run_id)}"
        return session.sql(f"select snapshot_id, summary, committed_at from {self._table}.snapshots "
                           f"where {is_of_run} and snapshot_id in ({ancestors}) order by committed_at desc").first()

    def _on_branch(self, session, branch):
        return session.read.option("branch", branch).table(self._table)

    def _drop_branches(self, session, prefix):
        """Those of this run, and of runs of the period whose driver was killed."""
        is_ours = f"type = 'BRANCH' and startswith(name, {literal(prefix)})"
        for row in session.table(f"{self._table}.refs").where(is_ours).collect():
            session.sql(f"alter table {self._table} drop branch if exists {quoted(row.name)}")

    def _create_tables(self, session):
        session.sql(f"create namespace if not exists {self._namespace}")
        # A run writes one period: to bring its rows together by period would make one task write all.
        session.sql(f"create table if not exists {self._table} (period string, user_id string, cycle string, "
                    f"task string, calls bigint, quantity {QUANTITY_TYPE}, unit string, cost {COST_TYPE}, "
                    "run_id string) using iceberg partitioned by (period) "
                    "tblproperties ('write.distribution-mode' = 'none')")
        self._create_runs(session)

    def _create_runs(self, session):
        columns = ", ".join(f"{name} {kind}" for name, kind in _RUNS_COLUMNS.items())
        session.sql(f"create table if not exists {self._runs} ({columns}) using iceberg")

    def _is_run(self, run_id):
        return f"table_name = {literal(self._name)} and run_id = {literal(run_id)}"

    def _list_run(self, session, published):
        """Makes the run's row of billing_runs, of what the snapshot says and has."""
        from pyspark.sql import functions as F
        summary = published.summary
        of_run = session.read.option("snapshot-id", published.snapshot_id).table(self._table).where(
            F.col("period") == summary[PERIOD_PROPERTY])
        found = sums_of(of_run, summary[RUN_PROPERTY])
        row = {"table_name": self._name, "run_id": summary[RUN_PROPERTY], "period": summary[PERIOD_PROPERTY],
               "input_hash": summary[INPUT_PROPERTY], "options": summary[OPTIONS_PROPERTY],
               **{name: found[name] or 0 for name in TOTALS},
               "finished_at": published.committed_at, "snapshot_id": published.snapshot_id}
        values = ", ".join(f"cast({literal(str(value))} as {_RUNS_COLUMNS[name]}) as {name}"
                           for name, value in row.items())
        is_run = self._is_run(summary[RUN_PROPERTY])
        if session.table(self._runs).where(is_run).first():  # it was written before, and then replaced by another
            session.sql(f"delete from {self._runs} where {is_run}")
        session.sql(f"select {values}").writeTo(self._runs).append()

    def _check_scales(self, rows):
        """Iceberg's decimals have a scale; more digits would be rounded."""
        for name, kind in (("quantity", QUANTITY_TYPE), ("cost", COST_TYPE)):
            scale = getattr(rows.schema[name].dataType, "scale", 0)
            most = int(kind.rstrip(")").rpartition(",")[2])
            if scale > most:
                raise Error(f"{self._table}: {name} has {scale} digits after the point, and the table {most}")
