"""Web servers' logs as rows of access_logs: decoded natively, in Spark's tasks, one file a split."""
import contextlib
import datetime
import os
import shutil
import tempfile
from dataclasses import dataclass

import billing
from billing.spark import objects

# Columns of access_logs that are fields of a record, and what they are called in all formats of web servers.
# Who has no user agent is of no known device, and no bot.
FIELDS = {
    "ip_address": "ip",
    "method": "method",
    "url": "target",
    "url_path": "path",
    "protocol": "protocol",
    "referer": "http_referer",
    "user_agent": "user_agent",
    "device_type": "device,=Other",
    "file_extension": "extension",
    "is_bot": "is_bot,=false",
}
# What the size of an answer is called: what was sent, with headers if no other size is logged.
SIZES = ("body_bytes_sent", "bytes_sent")
WRONG_DATE = "bad_date"
# What is counted of a file's records, besides rejects by their reasons; all of it are what rejects are judged by.
COUNTS = ("records", "accepted", "rejected", "filtered", "blank", "directives", "broken", "more_reject_lines", "bytes")
# Of each file so many rejects are shown; all are counted.
MOST_REJECTS = 10_000
MOST_RECORD_BYTES = 65_536
_CATEGORIES = {2: "Success", 3: "Redirect", 4: "Client Error", 5: "Server Error"}
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class LogFile:
    """A file of a day."""

    url: str
    date: datetime.date


def add_totals(totals, more):
    for name in COUNTS:
        totals[name] += more[name]
    reasons = totals["rejected_by_reason"]
    for reason, count in more["rejected_by_reason"].items():
        reasons[reason] = reasons.get(reason, 0) + count


def reader_options(form, log_format):
    """Options of an EventReader that has the columns of access_logs. Raises ConfigurationError where it cannot."""
    options = {"log_format": log_format} if log_format else {"format": form}
    options |= {"fields": FIELDS, "user": "=-", "task": "=-", "unit": "B", "quantity_digits": 0}
    for size in SIZES:
        chosen = options | {"quantity": f"{size},=0"}
        try:
            # No record, but it has the format look for its fields.
            billing.EventReader(**chosen).read_lines(b"-\n", "log")
            return chosen
        except billing.ConfigurationError:
            if size == SIZES[-1]:
                raise
    raise AssertionError


def open_filesystem(url):
    """The file system of a path or URL, and the path in it."""
    from pyarrow import fs
    if objects.is_remote(url):
        return objects.file_system(), objects.key_of(url)
    if "://" in url:
        raise billing.ConfigurationError(f"--input: {url!r} is neither a path nor s3://BUCKET/PREFIX/")
    return fs.LocalFileSystem(), os.path.abspath(url)


@contextlib.contextmanager
def local_copy(url):
    """A path at which the file can be read, for as long as the context lasts."""
    if not objects.is_remote(url):
        yield url
        return
    system, path = open_filesystem(url)
    with tempfile.TemporaryDirectory(prefix="billing-log-") as folder:
        copy = os.path.join(folder, "log")
        try:
            with system.open_input_stream(path, compression=None) as source, open(copy, "wb") as target:
                shutil.copyfileobj(source, target, _BLOCK_BYTES)
        except OSError as error:
            raise billing.Error(f"{url}: {error}") from error
        yield copy


class FileRows:
    """The rows of one file, a batch at a time, and what became of its records meanwhile."""

    def __init__(self, file, options):
        self.file, self._options = file, options
        self.totals = dict.fromkeys(COUNTS, 0) | {"rejected_by_reason": {}}
        self.rejects = []  # (line, byte_offset, reason, record)
        self._wrong_offsets = []

    def batches(self):
        """Arrow's tables of access_logs."""
        with local_copy(self.file.url) as path:
            try:
                yield from self._batches_of(path)
            except billing.Error as error:
                raise billing.Error(str(error).replace(path, self.file.url)) from error

    def _batches_of(self, path):
        import pyarrow
        for events in billing.EventReader(**self._options).iterate_file(path):
            add_totals(self.totals, events.totals)
            for row in pyarrow.table(events.rejects).slice(0, MOST_REJECTS - len(self.rejects)).to_pylist():
                self.rejects.append((row["line"], row["byte_offset"], row["reason"], row["record"]))
            yield self._of_the_date(pyarrow.table(events))
        if self._wrong_offsets:
            self._take_wrong_records(path)
            self.rejects.sort(key=lambda reject: reject[1])

    def _of_the_date(self, events):
        """The rows of the folder's date; all others are rejects."""
        import pyarrow
        import pyarrow.compute as pc
        dates = pc.cast(events["time"], pyarrow.date32())
        is_right = pc.equal(dates, pyarrow.scalar(self.file.date, pyarrow.date32()))
        if not pc.all(is_right, min_count=0).as_py():
            wrong = events["offset"].filter(pc.invert(is_right)).to_pylist()
            self._wrong_offsets += wrong[:MOST_REJECTS - len(self._wrong_offsets)]
            add_totals(self.totals, dict.fromkeys(COUNTS, 0) | {
                "accepted": -len(wrong), "rejected": len(wrong), "rejected_by_reason": {WRONG_DATE: len(wrong)}})
            events = events.filter(is_right)
        return access_rows(events)

    def _take_wrong_records(self, path):
        """Finds the lines of records that only their date has made rejects."""
        import pyarrow
        wanted = iter(self._wrong_offsets)
        offset = next(wanted, None)
        at = 0
        with open(path, "rb") as file:
            codec = objects.compression_of(file.read(4))
        with pyarrow.input_stream(path, compression=codec) as stream:
            for number, line in enumerate(lines_of(stream), 1):
                if at == offset:
                    self.rejects.append((number, at, WRONG_DATE, escaped(line.removesuffix(b"\n").removesuffix(b"\r"))))
                    offset = next(wanted, None)
                    if offset is None:
                        return
                at += len(line)


def escaped(record):
    """A record as files of rejects show it."""
    marks = {ord("\\"): "\\\\", ord("\t"): "\\t", ord("\r"): "\\r"}
    marks |= {code: f"\\x{code:02X}" for code in [*range(32), 127] if code not in marks}
    # Bytes that are not UTF-8 come as surrogates.
    text = record[:MOST_RECORD_BYTES].decode(errors="surrogateescape").translate(marks)
    return "".join(f"\\x{ord(one) - 0xDC00:02X}" if "\udc80" <= one <= "\udcff" else one for one in text)


def lines_of(stream):
    rest = b""
    while block := stream.read(_BLOCK_BYTES):
        lines = (rest + block).split(b"\n")
        rest = lines.pop()
        for line in lines:
            yield line + b"\n"
    if rest:
        yield rest


def access_rows(events):
    """Rows of access_logs, of a table of events with FIELDS."""
    import pyarrow
    import pyarrow.compute as pc
    time = pc.cast(events["time"], pyarrow.timestamp("us", "UTC"), safe=False)
    code = events["status"]
    hundred = pc.divide(code, 100)
    category = pc.case_when(pc.make_struct(*(pc.equal(hundred, first) for first in _CATEGORIES)),
                            *(pyarrow.scalar(name) for name in _CATEGORIES.values()))
    made = {
        "timestamp": time,
        "status_code": code,
        "status_category": category,
        "response_size": events["quantity"],
        "is_bot": pc.equal(events["is_bot"], "true"),
        "date": pc.cast(time, pyarrow.date32()),
        "hour": pc.hour(time),
        "year": pc.year(time),
        "month": pc.month(time),
        "day": pc.day(time),
        "week_of_year": pc.iso_week(time),
    }
    columns = {}
    for name in ACCESS_NAMES:
        column = made.get(name)
        columns[name] = events[name] if column is None else column
        if name in ("hour", "year", "month", "day", "week_of_year"):
            columns[name] = pc.cast(columns[name], pyarrow.int32())
    return pyarrow.table(columns)


ACCESS_NAMES = ("ip_address", "timestamp", "method", "url", "url_path", "protocol", "status_code", "status_category",
                "response_size", "referer", "user_agent", "device_type", "file_extension", "is_bot", "date", "hour",
                "year", "month", "day", "week_of_year")
