"""`bill`: logs or rows -> usage in tasks -> the driver's checks -> the bill, as a file, a folder or a table."""
import json
import os
import sys
import time

from billing import ConfigurationError
from billing.spark import bill_options, control, rejects, result, sink_url, told, usage
from billing.spark.catalogs import catalog_settings
from billing.spark.output import Output
from billing.spark.session import open_session
from billing.spark.sinks import open_sink
from billing.spark.splits import plan_job
from billing.spark.table_output import write_bill

add_options = bill_options.add_options
_SUMMARY_COUNTS = ("bytes", "records", "accepted", "calls", "rejected", "filtered", "blank", "directives")


def run(options):
    keywords = bill_options.keywords_of(options)
    bill_options.check(options)
    if options.rejects_sink and keywords.get("rejects"):
        raise ConfigurationError("--rejects and --rejects-sink: give one of them, not both")
    split_bytes = bill_options.bytes_of(options.split_bytes, "--split-bytes")
    if options.rejects_sink and Output(options.rejects_sink, None).kind != "parquet":
        raise ConfigurationError("--rejects-sink: name a folder that ends in .parquet")
    output = Output(options.output, options.output_format) if options.output else None
    table = sink_url.parse(options.sink) if options.sink else None
    sink_url.check_catalog(options, table)
    sink = open_sink(table) if table else None
    refuse_collisions(options, keywords)
    started = time.monotonic()
    if bill_options.is_table(options):
        from billing.spark.table_usage import TableUsage
        source = TableUsage(options, keywords)
    else:
        source = FileUsage(options.paths, keywords, split_bytes)
    settings = (sink or output).session_conf() | catalog_settings(options)
    session = open_session(options, "billing bill", settings)
    try:
        bill = Job(session, source, options, keywords)
        bill.read()
        summary = write_bill(bill, sink) if sink else bill.write(output)
    finally:
        session.stop()
    if summary:
        tell(bill, summary, options, time.monotonic() - started)
    return 0


def refuse_collisions(options, keywords):
    """What is written must not be what is read, nor stand within it or within another result."""
    written = {"--output": options.output, "--rejects": keywords.get("rejects"), "--rejects-sink": options.rejects_sink}
    places = [(name, os.path.realpath(path)) for name, path in written.items() if path and "://" not in path]
    for name, place in places:
        for read in [path for path in options.paths if "://" not in path]:
            if place == os.path.realpath(read):
                raise ConfigurationError(f"{name}: {read} is an input, and would be gone")
        is_folder = written[name].endswith("/") or place.endswith(".parquet")
        if is_folder and os.path.exists(place) and not os.path.isdir(place):
            raise ConfigurationError(f"{name}: {place} is a file that is there, and no folder")
        for other, within in places:
            if other != name and (within == place or within.startswith(place + os.sep)):
                raise ConfigurationError(f"{name} and {other}: {within} would be written twice")


class FileUsage:
    """The usage of files and objects."""

    def __init__(self, paths, keywords, split_bytes):
        self.job = plan_job(paths, keywords, split_bytes)
        self.plan = self.job.plan
        self.bill_options = self.job.bill_options
        self.maker_options = self.job.maker_options
        self.splits = self.job.splits
        self.inputs = [list(one) + [split.version for split in self.splits if split.input == place][:1]
                       for place, one in enumerate(self.job.inputs)]

    def sample_users(self, _):
        return usage.sample_users(self.job)

    def usage(self, session, begins, keeps_rejects):
        return usage.usage_of_splits(session, self.job, begins, keeps_rejects), len(self.splits)

    def check(self, reports):
        control.check_bytes(reports, self.job)


class Job:
    """One bill in a session."""

    def __init__(self, session, source, options, keywords):
        self.session, self.source, self.options, self.keywords = session, source, options, keywords
        self.plan = source.plan
        self.csv_safe = bool(keywords.get("csv_safe"))
        # Of read().
        self.found = self.reports = None
        self.ranges = self.split_count = 0

    def read(self):
        """Reads all inputs and holds them to what the program would; the usage then waits on the executors' disks."""
        from pyspark import StorageLevel
        ranges = self.options.buckets or max(1, min(self.session.sparkContext.defaultParallelism, 64))
        begins = []
        if self.plan.has_user and ranges > 1:
            begins = usage.begins_of(self.source.sample_users(self.session), ranges)
        self.ranges = len(begins) + 1
        keeps_rejects = bool(self.keywords.get("rejects") or self.options.rejects_sink)
        found, self.split_count = self.source.usage(self.session, begins, keeps_rejects)
        self.found = found.persist(StorageLevel.DISK_ONLY)
        self.reports = control.collect_reports(self.found, self.split_count)
        self.source.check(self.reports)
        self._take_rejects(keeps_rejects)
        control.check_rates(self.plan, self.reports)

    def _take_rejects(self, keeps_rejects):
        rows = self.reports.rejects(self.source)
        if self.keywords.get("rejects"):
            rejects.write_file(self.keywords["rejects"], rows, self.csv_safe)
        rejects.judge(self.plan, self.reports.totals, rows, keeps_rejects, "no result was written")
        if self.options.rejects_sink:
            Output(self.options.rejects_sink, None).write_rows(rejects.as_rows(self.session, rows))

    def write(self, output):
        facts = told.new_accumulator(self.session)
        usage_by_range = result.by_range(self.found, self.ranges)
        options = self.source.bill_options
        if output.kind == "parquet":
            columns = result.columns_of(self.found, options)
            output.write_rows(result.as_rows(usage_by_range, self.split_count, options, columns, facts))
            return result.Summary(facts, self.ranges, self.reports)
        lines = result.as_text(usage_by_range, self.split_count, options, output.format, self.csv_safe, facts)
        return output.write_text(lines, lambda: result.Summary(facts, self.ranges, self.reports))


def tell(bill, summary, options, seconds):
    """Warnings and the summary, on standard error."""
    totals = bill.reports.totals
    nothing = []
    if not totals["accepted"] and totals["filtered"]:
        nothing = [f"no call passes the filters: {totals['filtered']:,} filtered away"]
    elif not totals["accepted"] and not totals["rejected"]:
        nothing = ["there are no calls in the input"]
    for warning in bill.plan.warnings + bill.reports.warnings + nothing:
        print(f"billing.spark: warning: {warning}", file=sys.stderr)
    if summary.unrated:
        shown = ", ".join(f"{task!r} ({calls:,} calls)" for task, calls in summary.unrated[:5])
        print(f"billing.spark: warning: no rate for {shown}: billed as 0", file=sys.stderr)
    whole = bill.source.job.reads_whole if bill.source.job and not options.quiet else []
    for name, what in whole[:3]:
        more = f", and {len(whole) - 3:,} inputs more" if len(whole) > 3 and name == whole[2][0] else ""
        print(f"billing.spark: {name} ({what}) cannot be cut and was one split{more}", file=sys.stderr)
    if options.summary == "json":
        facts = {name: totals[name] for name in _SUMMARY_COUNTS} | {
            "rejected_by_reason": totals["rejected_by_reason"], "quantity": str(totals["quantity"]),
            "lines": summary.lines, "billed": str(summary.billed), "exact": str(summary.exact),
            "splits": bill.split_count, "ranges": bill.ranges, "seconds": round(seconds, 3)}
        print(json.dumps(facts), file=sys.stderr)
    elif not options.quiet:
        print(f"billing.spark: {totals['records']:,} records, {totals['calls']:,} calls, "
              f"{totals['rejected']:,} rejected; {summary.lines:,} lines, {summary.billed} billed; "
              f"{_count(bill.split_count, 'split')}, {_count(bill.ranges, 'range')}, {seconds:.1f} s", file=sys.stderr)


def _count(number, noun):
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
