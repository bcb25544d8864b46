"""--messages paths: files of costs that are named by messages, as a report by company in Cassandra.

    billing_report(company, total_cost, discounted_cost, tech_fee)     the report; its name is that of --sink
    billing_report_files(path, company, hash, total_cost)              the newest version of each path, by company
    billing_failures(path, reason, failed_at)                          files that could not be used, until they can

Each batch writes what it read over what was there and makes the report anew from that, so a batch which comes again
after a crash changes nothing.
"""
import dataclasses
import decimal
import hashlib
import os

import pyarrow as pa
from pyspark.sql import functions as F

from billing import ConfigurationError, Error
from billing.spark.cassandra import Cql, literal, quoted
from billing.spark.stream_events import EventSpec, decimals_of
from billing.spark.stream_query import exit_after_sink
from billing.spark.workers import map_in_arrow

DISCOUNTED, TECH_FEE = decimal.Decimal("0.98"), decimal.Decimal("0.05")  # of the total
REPORT_SCALE = 2
FAILURES = "billing_failures"

_SCHEMA = "path string, company string, hash string, total_cost decimal(38,18), reason string"
_COLUMNS = pa.schema([("path", pa.utf8()), ("company", pa.utf8()), ("hash", pa.utf8()),
                      ("total_cost", pa.decimal128(38, 18)), ("reason", pa.utf8())])
_WIDE = pa.decimal256(76, 18)  # room for sums of any number of records
_EXACT = decimal.Context(prec=80, rounding=decimal.ROUND_HALF_EVEN)
_LONGEST_PATH_BYTES = 4096


def check(options):
    if not options.root or not os.path.isdir(options.root):
        raise ConfigurationError("--root is needed with --messages paths: the folder that the paths are below")
    for name in ("window", "watermark", "emit", "avg", "scale"):
        if getattr(options, name) is not None:
            raise ConfigurationError(f"--{name} is for --messages events")
    if options.rejects:
        raise ConfigurationError("--rejects is for --messages events: files that cannot be used are rows of "
                                 f"{FAILURES}")
    if len(options.group_by) != 1 or len(options.sum) != 1:
        raise ConfigurationError("--messages paths needs the field of the company as --group-by, and that of the cost "
                                 "as --sum")
    spec_of(options).reader().read_lines(b"", "messages")


def spec_of(options):
    return EventSpec(options.group_by, options.sum, options.time or "none", options.format or "json",
                     options.input_timezone or "UTC")


class ReportSink:
    """The tables of the report."""

    def __init__(self, table):
        self.report = table
        self.files = table.beside(f"{table.table}_files")
        self.failures = table.beside(FAILURES)
        self.name = f"cassandra:{table}"

    def session_conf(self):
        return self.report.session_conf()

    def prepare(self, session):
        with Cql(session) as cql:
            cql.run(f"create table if not exists {self.report.quoted}(company text primary key, total_cost decimal, "
                    "discounted_cost decimal, tech_fee decimal)")
            cql.run(f"create table if not exists {self.files.quoted}(path text, company text, hash text, "
                    "total_cost decimal, primary key(path, company))")
            cql.run(f"create table if not exists {self.failures.quoted}(path text primary key, reason text, "
                    "failed_at timestamp)")

    def write(self, frame):
        """What was read of a batch's paths: the files' rows, then the report of the companies that they touch."""
        costs = frame.where("reason is null")
        failed = frame.where("reason is not null").select("path", "reason", F.current_timestamp().alias("failed_at"))
        self._write_costs(frame.sparkSession, costs)
        self.failures.append(failed)
        mended = self.failures.read(frame.sparkSession).join(costs, "path", "left_semi").select("path").collect()
        _forget(frame.sparkSession, self.failures, ("path",), mended)

    def _write_costs(self, session, costs):
        before = self.files.read(session).join(costs, "path", "left_semi").select("path", "company")
        gone = before.join(costs, ["path", "company"], "left_anti").collect()
        companies = costs.select("company").union(before.select("company")).distinct().persist()
        try:
            companies.count()  # of the rows before they change
            self.files.append(costs.drop("reason"))
            kept = self.files.read(session)
            if gone:
                left = session.createDataFrame(gone, "path string, company string")
                kept = kept.join(left, ["path", "company"], "left_anti")
            report = (kept.join(companies, "company", "left_semi").groupBy("company")
                      .agg(F.sum(F.col("total_cost").cast("decimal(38,18)")).alias("total")))
            self.report.append(report_of(report))
            _forget(session, self.report, ("company",), companies.join(kept, "company", "left_anti").collect())
            # At the end: what is gone tells a batch that comes again which companies it was for.
            _forget(session, self.files, ("path", "company"), gone)
        finally:
            companies.unpersist()


def _forget(session, table, key, rows):
    if not rows:
        return
    with Cql(session) as cql:
        for row in rows:
            where = " and ".join(f"{quoted(name)} = {literal(row[name])}" for name in key)
            cql.run(f"delete from {table.quoted} where {where}")


def report_of(totals):
    """98 % and 5 % of the unrounded total; each of the three is rounded once, half to even."""
    part = F.udf(lambda total, share: _EXACT.multiply(total, share).quantize(decimal.Decimal(1).scaleb(-REPORT_SCALE),
                                                                             context=_EXACT), "decimal(38,2)")
    return totals.select("company", *(part("total", F.lit(share)).alias(name) for name, share in (
        ("total_cost", decimal.Decimal(1)), ("discounted_cost", DISCOUNTED), ("tech_fee", TECH_FEE))))


@dataclasses.dataclass
class PathBatches:
    """The batches of a stream of paths."""
    session: object
    options: object
    sink: ReportSink
    progress: object
    batches: int = 0
    files: int = 0
    failures: int = 0

    def query(self, messages):
        return messages.select("value", "topic", "partition", "offset").writeStream

    def write(self, frame, batch):
        reader = PathReader(spec_of(self.options), os.path.abspath(self.options.root))
        # A path that is named more than once in a batch is read once, now.
        named = frame.where("length(value) > 0").select("value").distinct()
        read = map_in_arrow(named, reader, _SCHEMA).persist()
        try:
            files, failures = read.agg(F.count_distinct("path"),
                                       F.count_distinct(F.when(F.col("reason").isNotNull(), F.col("path")))).first()
            if files:
                self.sink.write(read)
        finally:
            read.unpersist(blocking=True)
        exit_after_sink(batch)
        self.batches += 1
        self.files += files
        self.failures += failures

    def as_dict(self):
        return {"files": self.files, "failures": self.failures}

    def report(self):
        return (f"{self.batches:,} batches: {self.files:,} files, of which {self.failures:,} could not be used "
                f"(table {FAILURES})")


class PathReader:
    """Reads the files of paths in the tasks: the cost by company, or why there is none."""

    def __init__(self, spec, root):
        self.spec = spec
        self.root = root

    def __call__(self, batches):
        for batch in batches:
            for value in batch.column("value").to_pylist():
                yield from pa.Table.from_pylist(self.read(value), _COLUMNS).to_batches()

    def read(self, value):
        """Rows of the schema above for one message."""
        shown = value[:_LONGEST_PATH_BYTES].decode(errors="replace").strip() or repr(value)
        row = {"path": shown, "company": None, "hash": None, "total_cost": None, "reason": None}
        try:
            row["path"], found = self._find(value)
            costs, digest = self._costs(found)
        except (Error, OSError, _Unusable) as error:
            return [row | {"reason": str(error).partition("\n")[0]}]
        return [row | {"company": company, "hash": digest, "total_cost": cost}
                for company, cost in sorted(costs.items())]

    def _find(self, value):
        """The path below the root, spelled in one way, and the file."""
        try:
            path = value.decode().strip()
        except UnicodeDecodeError:
            raise _Unusable("the message is no UTF-8") from None
        if not path or "\0" in path or len(value) > _LONGEST_PATH_BYTES:
            raise _Unusable("the message is no path")
        path = os.path.relpath(os.path.join(self.root, path), self.root)
        whole, root = os.path.realpath(os.path.join(self.root, path)), os.path.realpath(self.root)
        if os.path.commonpath([whole, root]) != root:
            raise _Unusable("the path leads out of the root")
        return path, whole

    def _costs(self, path):
        """Costs by company and the hash of the file; both of the same bytes."""
        if not os.path.isfile(path):
            raise _Unusable("there is no such file")
        digest = _hash_of(path)
        costs = {}
        reader = self.spec.reader()
        for piece in reader.iterate_file(path):
            _refuse_rejects(piece)
            table = pa.table(piece)
            texts = self.spec.texts(table, "v", 0)
            column, wrong, _ = decimals_of(texts)
            if wrong:
                raise _Unusable(f"a cost is no decimal: {texts[wrong[0]].as_py()[:100]!r}")
            if texts.null_count:
                raise _Unusable("a record has no cost")
            companies = self.spec.texts(table, "k", 0)
            if companies.null_count:
                raise _Unusable("a record has no company")
            sums = pa.table({"company": companies, "cost": column.cast(_WIDE)}).group_by("company").aggregate(
                [("cost", "sum")])
            for company, cost in zip(sums.column("company").to_pylist(), sums.column("cost_sum").to_pylist()):
                costs[company] = _EXACT.add(costs.get(company, decimal.Decimal(0)), cost)
        if not costs:
            raise _Unusable("there are no records in it")
        if any(abs(cost) >= 10**20 for cost in costs.values()):
            raise _Unusable("a cost has more than 38 digits")
        if _hash_of(path) != digest:
            raise _Unusable("the file changed while it was read")
        return costs, digest


class _Unusable(Exception):
    """Why a file makes no costs."""


def _refuse_rejects(events):
    if events.rejects.total:
        first = pa.table(events.rejects).slice(0, 1).to_pylist()[0]
        raise _Unusable(f"{events.rejects.total} of its records cannot be read, the first at byte "
                        f"{first['byte_offset']}: {first['reason']}")


def _hash_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
