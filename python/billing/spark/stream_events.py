"""Messages -> events, natively, in the tasks: what a stream's windows are made of, and what is rejected."""
import bisect
import dataclasses
import decimal
import itertools
import re

import pyarrow as pa
import pyarrow.compute as pc

import billing
from billing.spark.told import tell

FUTURE_LIMIT_US = 5 * 60 * 1_000_000  # how far beyond now the time of an event may be
DIGITS, FRACTION_DIGITS = 38, 18
DECIMAL = pa.decimal128(DIGITS, FRACTION_DIGITS)
MISSING_KEY = "-"
# Formats in which `[` at the beginning of the first record makes all that follows one array.
OF_OBJECTS = ("auto", "json", "cloudevents")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LISTED_REJECTS = 1000  # of a task
_RECORD_BYTES = 500  # what a listed reject shows of its record

_PLAIN = r"^[+-]?[0-9]{1,20}(\.[0-9]{1,18})?$"
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_NUMBER_LENGTH = 1000
_ROOM = decimal.Context(prec=2 * _NUMBER_LENGTH, rounding=decimal.ROUND_HALF_EVEN, Emax=10_000, Emin=-10_000,
                        traps=[decimal.InvalidOperation])
_UNIT = decimal.Decimal(1).scaleb(-FRACTION_DIGITS)
_LIMIT = decimal.Decimal(10) ** (DIGITS - FRACTION_DIGITS)

# Words of EventReader's own for what is billed. A field of that name is meant here, where records have names.
_RESERVED = ("time", "user", "task", "status", "quantity", "record")
# What records of `text` have, and as which column of events.
_TEXT_COLUMNS = {"user": "user", "task": "task", "status": "status", "quantity": "quantity", "duration_ms": "quantity"}


@dataclasses.dataclass(frozen=True)
class EventSpec:
    """What is read of a message: keys and values are selectors of fields; values are decimals."""
    keys: tuple
    values: tuple
    time: str = "timestamp"
    format: str = "json"
    input_timezone: str = "UTC"

    def reader(self):
        """A reader for these; raises ConfigurationError where fields are none."""
        if self.format == "text":
            unknown = [name for name in self.keys + self.values if name not in _TEXT_COLUMNS]
            if unknown:
                raise billing.ConfigurationError(f"records of the format text have no field {unknown[0]!r}, only "
                                                 f"{', '.join(_TEXT_COLUMNS)}")
            return billing.EventReader(format="text")
        fields = {f"k{i}": _as_field(key) for i, key in enumerate(self.keys)}
        fields |= {f"v{i}": _as_field(value) for i, value in enumerate(self.values)}
        return billing.EventReader(fields=fields, format=self.format, input_timezone=self.input_timezone,
                                   time=self.time, user="none", task="none", status_from="none", quantity="1")

    def texts(self, events, kind, i):
        """A key (kind `k`) or a value (`v`) of all events, as texts."""
        if self.format != "text":
            return _whole(events.column(f"{kind}{i}"))
        name = (self.keys if kind == "k" else self.values)[i]
        return _whole(events.column(_TEXT_COLUMNS[name])).cast(pa.utf8())

    def schema(self):
        """Of the batches of events that are accepted."""
        return pa.schema([("time", pa.timestamp("us", "UTC"))] + [(f"k{i}", pa.utf8()) for i in range(len(self.keys))]
                         + [(f"v{i}", DECIMAL) for i in range(len(self.values))])

    def spark_schema(self):
        columns = ["time timestamp"] + [f"k{i} string" for i in range(len(self.keys))]
        columns += [f"v{i} decimal({DIGITS},{FRACTION_DIGITS})" for i in range(len(self.values))]
        return ", ".join(columns)


def _as_field(selector):
    return f"`{selector}`" if selector in _RESERVED else selector


@dataclasses.dataclass
class Counts:
    """What became of messages: accepted + rejected + blank. Of the accepted, late ones are in no window."""
    messages: int = 0
    accepted: int = 0
    rejected: int = 0
    blank: int = 0
    late: int = 0
    rounded: int = 0  # values with more than 18 fraction digits

    def add(self, other):
        for field in dataclasses.fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


class Decoder:
    """Decodes the messages of one task, for mapInArrow: columns value, topic, partition, offset, now (us).

    `tally` is an accumulator of told.py, which is told by the number of the task.
    """

    def __init__(self, spec, tally, late_property):
        self.spec = spec
        self.tally = tally
        self.late_property = late_property

    def __call__(self, batches):
        from pyspark import TaskContext
        context = TaskContext.get()
        late_before_us = int(context.getLocalProperty(self.late_property) or -2**63)
        counts, rejects = Counts(), []
        reader = self.spec.reader()
        for batch in batches:
            yield decode(reader, self.spec, batch, late_before_us, counts, rejects)
        tell(self.tally, context.partitionId(), [dataclasses.asdict(counts), rejects])


def decode(reader, spec, batch, late_before_us, counts, rejects):
    """The events of a batch of messages; adds to `counts`, and to `rejects` what is listed of them."""
    lines, refused = lines_of(batch.column("value"), spec.format in OF_OBJECTS)
    events = reader.read_lines(b"\n".join(lines), "messages")
    table = pa.table(events)
    bad = _Bad(batch, lines, refused)
    listed = pa.table(events.rejects)
    for line, reason in zip(listed.column("line").to_pylist(), listed.column("reason").to_pylist()):
        bad.add(line - 1, reason)
    times = pc.floor_temporal(table.column("time"), unit="microsecond").cast(pa.timestamp("us", "UTC"))
    columns = [_whole(times)]
    columns += [spec.texts(table, "k", i).fill_null(MISSING_KEY) for i in range(len(spec.keys))]
    wrong = [False] * table.num_rows
    limit = pc.add(_now_of(batch), FUTURE_LIMIT_US) if batch.num_rows else 0
    offsets = None
    for row in _rows_where(pc.greater(columns[0].cast(pa.int64()), limit)):
        offsets = offsets or table.column("offset").to_pylist()
        wrong[row] = bad.add_at(offsets[row], "future_time")
    rounded = [0] * table.num_rows
    for i, name in enumerate(spec.values):
        column, wrong_rows, rounded_rows = decimals_of(spec.texts(table, "v", i))
        columns.append(column)
        for row in wrong_rows:
            offsets = offsets or table.column("offset").to_pylist()
            wrong[row] = wrong[row] or bad.add_at(offsets[row], f"bad_value: {name}")
        for row in rounded_rows:
            rounded[row] += 1
    accepted = pa.RecordBatch.from_arrays(columns, schema=spec.schema())
    if any(wrong):
        accepted = accepted.filter(pa.array([not is_wrong for is_wrong in wrong]))
    rejected = len(refused) + events.rejects.total + sum(wrong)
    totals = events.totals
    found = totals["accepted"] + totals["rejected"] + totals["filtered"] + totals["blank"] + totals["directives"]
    if found != len(lines):
        raise billing.Error(f"{len(lines)} messages were read as {found} records: control totals do not balance")
    late = pc.sum(pc.less(accepted.column("time").cast(pa.int64()), late_before_us)).as_py() or 0
    counts.add(Counts(batch.num_rows, accepted.num_rows, rejected, batch.num_rows - accepted.num_rows - rejected, late,
                      sum(count for count, is_wrong in zip(rounded, wrong) if not is_wrong)))
    rejects.extend(itertools.islice(bad.rows, max(0, LISTED_REJECTS - len(rejects))))
    return accepted


def lines_of(values, are_objects):
    """Messages as lines: one each, blank where there is no message; and which messages cannot be one: those of several
    lines, and arrays, which would make one array of all that follow."""
    lines = [value or b"" for value in values.to_pylist()]
    refused = []
    for i, line in enumerate(lines):
        if are_objects and line.removeprefix(_BYTE_ORDER_MARK).lstrip()[:1] == b"[":
            lines[i] = b""
            refused.append(i)
            continue
        if b"\n" in line:
            lines[i] = line = line.removesuffix(b"\n").removesuffix(b"\r")
            if b"\n" in line:
                lines[i] = b""
                refused.append(i)
    return lines, refused


class _Bad:
    """The rejects of a batch, with the place of each message in its topic."""

    def __init__(self, batch, lines, refused):
        self.batch = batch
        self.lines = lines
        self.begins = None
        self.rows = []
        for i in refused:
            self.add(i, "bad_record: several lines in a message")

    def add(self, i, reason):
        place = {name: self.batch.column(name)[i].as_py() for name in ("topic", "partition", "offset")}
        value = self.batch.column("value")[i].as_py()
        self.rows.append(place | {"reason": reason, "record": value[:_RECORD_BYTES].decode(errors="replace")})

    def add_at(self, byte_offset, reason):
        """The same for the message that begins there in the joined lines."""
        if self.begins is None:
            self.begins = list(itertools.accumulate((len(line) + 1 for line in self.lines), initial=0))
        self.add(bisect.bisect_right(self.begins, byte_offset) - 1, reason)
        return True


def _now_of(batch):
    return batch.column("now")[0].cast(pa.int64()).as_py()


def _whole(column):
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _rows_where(mask):
    if not pc.any(mask).as_py():
        return []
    return [row for row, is_set in enumerate(mask.to_pylist()) if is_set]


def decimals_of(texts):
    """Texts as decimal(38,18): the column, the rows that are no such decimals, and those that were rounded."""
    plain = pc.match_substring_regex(texts, _PLAIN)
    if pc.all(plain, min_count=0).as_py():
        return texts.cast(DECIMAL), [], []
    values, wrong, rounded = [], [], []
    for row, text in enumerate(texts.to_pylist()):
        value, was_rounded = (None, False) if text is None else decimal_of(text)
        values.append(value)
        if value is None and text is not None:
            wrong.append(row)
        if was_rounded:
            rounded.append(row)
    return pa.array(values, DECIMAL), wrong, rounded


def decimal_of(text):
    """(value, whether it was rounded to 18 fraction digits); None for what is no decimal of at most 38 digits."""
    if len(text) > _NUMBER_LENGTH or not _NUMBER.fullmatch(text):
        return None, False
    exact = _ROOM.create_decimal(text)
    if abs(exact) >= _LIMIT:
        return None, False
    value = exact.quantize(_UNIT, context=_ROOM)
    if abs(value) >= _LIMIT:
        return None, False
    return value, value != exact
