"""What the native module holds; see the package itself for how it is used."""
import datetime
import decimal
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol

__version__: str

Path = str | bytes | os.PathLike[Any]
Number = str | int | decimal.Decimal
Time = str | datetime.date
Pairs = str | Sequence[str] | Mapping[str, Number]

class Rejects:
    """Records that were not billed: a table with the columns of the program's rejects file.

    file, reason and record are utf8; line, byte_offset (of the record in its input, decompressed) and
    column (of the offending field, in bytes from 1) are int64. At most the first 10,000 rejects are
    kept, and of their text 64 MiB.
    """

    @property
    def total(self) -> int:
        """How many there were in all."""
    def __len__(self) -> int:
        """How many are kept."""
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

class Bill:
    """A bill: a table in memory, one row a line, in the order of the program's output.

    pyarrow.table(bill), polars.DataFrame(bill), pandas.DataFrame.from_arrow(bill) and DuckDB take it as
    it is. Columns: user (utf8), cycle (utf8, its label) and task (dictionary of utf8), those of them
    that are grouped by; calls (int64); duration_ms (int64) where the unit is ms without digits, else
    quantity (int64, or decimal128(19, digits)); cost (decimal128(38, scale)). No cell is null. Immutable;
    any number of threads may read it.
    """

    def __init__(
        self,
        partials: Iterable[tuple[int, bytes]] | bytes | Path | Sequence[bytes | Path],
        splits: int | None = None,
        **options: Any,
    ) -> None:
        """The bill of partials, with the options of merge(). With splits=n each partial comes as (split,
        bytes), and an Error is raised unless the splits are 0 to n - 1, once each."""
    def __len__(self) -> int: ...
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """A stream of record batches. Raises Error where a cost has more than 38 digits."""
    def to_csv(self, path: Path | None = None, *, csv_safe: bool | None = None) -> bytes | None:
        """The bytes of the program's CSV, or None where they go to a file, which appears whole or not
        at all. csv_safe puts ' before cells that a spreadsheet takes for formulas; None: as the bill
        was made. Raises Error where the file cannot be written, KeyboardInterrupt."""
    def to_text(self, path: Path | None = None) -> bytes | None:
        """The same as the program's text."""
    def to_jsonl(self, path: Path | None = None) -> bytes | None:
        """The same as one JSON object a line."""
    @property
    def totals(self) -> dict[str, Any]:
        """The control totals: records = accepted + rejected + filtered + duplicates + blank +
        directives. bytes of text; calls; quantity, in unit; lines, and the sums billed (of rounded
        lines) and exact as Decimal; earliest and latest as RFC 3339, or None."""
    @property
    def report(self) -> dict[str, Any]:
        """What the program's summary for programs says: formats, rates and their sources, times."""
    @property
    def rejects(self) -> Rejects: ...
    @property
    def rejects_total(self) -> int: ...
    @property
    def warnings(self) -> list[str]: ...
    @property
    def partial(self) -> str | None:
        """Where the usage went in place of a bill; then there is no table."""

class Table(Protocol):
    """A table in memory or a stream of batches: of pyarrow, Polars, DuckDB, pandas and others."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

def aggregate(
    paths: Path | Iterable[Path] | Table | None = None,
    *,
    env: bool = False,
    keep_rejects: Number | None = None,
    time_unit: Literal["s", "ms", "us", "ns"] | None = None,
    rates: Pairs | None = None,
    files_from: Path | None = None,
    null_separated: bool = False,
    include: str | Sequence[str] | None = None,
    exclude: str | Sequence[str] | None = None,
    partitioned_by: Literal["date"] | None = None,
    state: Path | None = None,
    format: str | None = None,
    log_format: str | None = None,
    unwrap: str | None = None,
    stream: str | None = None,
    time: str | None = None,
    user: str | None = None,
    task: str | None = None,
    status_from: str | None = None,
    quantity: str | None = None,
    measure: Pairs | None = None,
    unit: str | None = None,
    quantity_digits: Number | None = None,
    excess_digits: Literal["reject", "round"] | None = None,
    negative: Literal["reject", "allow"] | None = None,
    input_timezone: str | None = None,
    task_pattern: str | Sequence[str] | None = None,
    no_fold_ids: bool = False,
    separator: str | None = None,
    quote: Literal["double", "none"] | None = None,
    no_header: bool = False,
    columns: str | None = None,
    decimal: str | None = None,
    null: str | None = None,
    csv_safe: bool = False,
    partial: Path | None = None,
    group_by: str | Sequence[str] | None = None,
    cycle: str | None = None,
    timezone: str | None = None,
    anchor_day: Number | None = None,
    since: Time | None = None,
    until: Time | None = None,
    status: str | None = None,
    where: str | Sequence[str] | None = None,
    dedupe_by: str | None = None,
    dedupe_keep: Literal["smallest", "largest"] | None = None,
    dedupe_missing: Literal["reject", "keep"] | None = None,
    dedupe_window: str | None = None,
    duplicates: Path | None = None,
    rate: Pairs | None = None,
    env_file: Path | None = None,
    unrated: Literal["zero", "reject", "fail"] | None = None,
    rounding: str | None = None,
    scale: Number | None = None,
    rejects: Path | None = None,
    max_rejects: Number | None = None,
    max_record_bytes: Number | None = None,
    max_input_bytes: Number | None = None,
    threads: Number | None = None,
    memory_limit: Number | None = None,
    temp_dir: Path | None = None,
    slice_bytes: Number | None = None,
    naive: bool = False,
    parallel: bool = False,
    chunk_bytes: Number | None = None,
) -> Bill:
    """Turns logs into a bill, or their usage into a partial.

    paths: a log, a folder, or a list of them, as `billing aggregate` takes them; standard input is not
    read. Or a table of calls: time (timestamp, or int64 in time_unit), user and task (strings), status
    (integers; may be absent) and duration_ms (integers or decimal128), or the columns that time, user,
    task, status_from and quantity name. Options are the program's, by their names with underscores, and mean the same. Lists repeat an
    option; rates and measure also take a mapping. Amounts are str, int or Decimal, never float.
    env=True reads `.env` (or env_file) and the environment, as the program does; nothing else does.
    threads=1 computes on the calling thread alone; the GIL is released. keep_rejects is how many rejects
    are kept in Bill.rejects (10,000).

    Raises ConfigurationError (options, rates), RejectsError (more bad records than allowed), Error
    (an input cannot be read, an amount is too large), TypeError, KeyboardInterrupt.
    """

def merge(
    partials: bytes | str | os.PathLike[Any] | Sequence[bytes | str | os.PathLike[Any]],
    *,
    env: bool = False,
    rates: Pairs | None = None,
    rate: Pairs | None = None,
    csv_safe: bool = False,
    partial: Path | None = None,
    group_by: str | Sequence[str] | None = None,
    env_file: Path | None = None,
    unrated: Literal["zero", "fail"] | None = None,
    rounding: str | None = None,
    scale: Number | None = None,
    threads: Number | None = None,
    memory_limit: Number | None = None,
    temp_dir: Path | None = None,
    slice_bytes: Number | None = None,
) -> Bill:
    """Makes one bill, or with partial=PATH one partial, of partials: bytes as PartialMaker.finish()
    returns them, or paths of files. The bill is the one of a single run over all that they were made of.

    Raises ConfigurationError, Error (a partial is damaged, two were made with different options or hold
    the same bytes of an input), TypeError, KeyboardInterrupt.
    """

class PartialMaker:
    """Turns files, pieces of files and lines into a partial, to be merged and billed by merge().

    One call at a time; makers are independent of each other. After an exception begin again with another
    maker. The unit of the first input is that of all.
    """

    def __init__(
        self,
        *,
        paths: Path | Sequence[Path] | None = None,
        format: str | None = None,
        log_format: str | None = None,
        unwrap: str | None = None,
        stream: str | None = None,
        time: str | None = None,
        user: str | None = None,
        task: str | None = None,
        status_from: str | None = None,
        quantity: str | None = None,
        measure: Pairs | None = None,
        unit: str | None = None,
        quantity_digits: Number | None = None,
        excess_digits: Literal["reject", "round"] | None = None,
        negative: Literal["reject", "allow"] | None = None,
        input_timezone: str | None = None,
        task_pattern: str | Sequence[str] | None = None,
        no_fold_ids: bool = False,
        separator: str | None = None,
        quote: Literal["double", "none"] | None = None,
        no_header: bool = False,
        columns: str | None = None,
        decimal: str | None = None,
        null: str | None = None,
        group_by: str | Sequence[str] | None = None,
        cycle: str | None = None,
        timezone: str | None = None,
        anchor_day: Number | None = None,
        since: Time | None = None,
        until: Time | None = None,
        status: str | None = None,
        where: str | Sequence[str] | None = None,
        rates: Pairs | None = None,
        rate: Pairs | None = None,
        unrated: Literal["reject"] | None = None,
        max_rejects: Number | None = None,
        max_record_bytes: Number | None = None,
        max_input_bytes: Number | None = None,
        threads: Number | None = None,
        memory_limit: Number | None = None,
        temp_dir: Path | None = None,
        chunk_bytes: Number | None = None,
        keep_rejects: Number | None = None,
    ) -> None:
        """Options as of aggregate(): those that say what records are and what usage keeps; keep_rejects
        is how many rejects are kept in `rejects` (10,000). Prices come with merge(), so rates are for
        unrated="reject" alone: records of tasks that have none are rejects. Raises ConfigurationError, TypeError."""
    def add_file(self, path: Path, begin: int = 0, end: int | None = None) -> None:
        """Adds the records of a file that begin at byte `begin` or later and before byte `end`, so that
        pieces that meet hold each record once. Files that are compressed, and formats whose records may
        span lines, have no pieces. Raises Error where the file cannot be read or changed meanwhile."""
    def add_lines(
        self,
        lines: bytes,
        name: str,
        *,
        begin: int | None = None,
        is_last: bool = False,
        sample: bytes | None = None,
    ) -> None:
        """Adds whole records in memory; `name` is what messages and the partial call them.

        With `begin` they are the piece of the input `name` that begins at that byte, and with is_last
        its last; `sample` is then the input's beginning, from which its format is found out."""
    def add_events(
        self,
        table: Table,
        name: str = "table",
        *,
        time_unit: Literal["s", "ms", "us", "ns"] | None = None,
    ) -> None:
        """Adds the calls of a table, as aggregate() reads it."""
    @property
    def totals(self) -> dict[str, Any]:
        """Of all that was added: records, accepted, rejected, calls, quantity (Decimal) and more."""
    @property
    def memory_bytes(self) -> int:
        """What usage takes that is in memory and not yet in temporary files."""
    @property
    def lines(self) -> int:
        """How many line ends there were in all that was added, tables left out."""
    @property
    def rejects(self) -> Rejects:
        """The first records that were not billed; in a piece, lines are counted from its beginning."""
    def finish(self) -> bytes:
        """The partial; the maker is spent then. Raises RejectsError where more records were rejected
        than max_rejects allows (none, if it is not given)."""
    def finish_ranges(self, begins: Sequence[str], *, judge_rejects: bool = True) -> list[bytes]:
        """A partial for each of len(begins) + 1 ranges of users, which can be billed apart from each other:
        the first has the users before begins[0], the others those from begins[i - 1] on, in the order of
        their bytes. What is no usage (bytes, rejects) stands in the first, so that all of them together
        are the one partial. Needs exactly one input. judge_rejects=False leaves max_rejects to the host."""

class Events:
    """Events of records: a table in memory, in the order of the input.

    Columns: time (timestamp[ns, UTC]), user and task (utf8), status (int32, null where there is none),
    quantity (int64, or decimal128(19, digits)), offset (int64: where the record begins, in bytes of the
    input, decompressed), then a utf8 column for each field that was asked for, null where it is missing.
    What is not UTF-8 in these is written as bytes.decode(errors="backslashreplace") does. Immutable.
    """

    def __len__(self) -> int: ...
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    @property
    def totals(self) -> dict[str, Any]:
        """What became of all records, as PartialMaker.totals has it."""
    @property
    def rejects(self) -> Rejects:
        """The records that are no events; line is 0 in pieces of files, where it is not known."""

class EventPieces:
    """The events of a file, piece by piece: one at a time is in memory."""

    def __iter__(self) -> "EventPieces": ...
    def __next__(self) -> Events: ...

class EventReader:
    """Turns records into tables of events, with fields of theirs beside them.

    One call at a time, on the calling thread and without the GIL; readers are independent. The unit and the
    digits of the first input are those of all.
    """

    def __init__(
        self,
        *,
        fields: Mapping[str, str] | None = None,
        format: str | None = None,
        log_format: str | None = None,
        time: str | None = None,
        user: str | None = None,
        task: str | None = None,
        status_from: str | None = None,
        quantity: str | None = None,
        unit: str | None = None,
        quantity_digits: Number | None = None,
        excess_digits: Literal["reject", "round"] | None = None,
        negative: Literal["reject", "allow"] | None = None,
        input_timezone: str | None = None,
        task_pattern: str | Sequence[str] | None = None,
        no_fold_ids: bool = False,
        separator: str | None = None,
        quote: Literal["double", "none"] | None = None,
        no_header: bool = False,
        columns: str | None = None,
        decimal: str | None = None,
        null: str | None = None,
        timezone: str | None = None,
        since: Time | None = None,
        until: Time | None = None,
        status: str | None = None,
        where: str | Sequence[str] | None = None,
        max_record_bytes: Number | None = None,
        max_input_bytes: Number | None = None,
        chunk_bytes: Number | None = None,
    ) -> None:
        """fields: columns beside those of all events, by name; each a selector: a field, a piece of a list
        (`FIELD:first`), a template ('$request_method $path'), or several with commas, of which the first
        counts that is there. A record that has an object or a list there is a reject; `text` has no fields.
        user, task and quantity may be constants ("=-", "1"). Options as of aggregate(). Raises
        ConfigurationError, TypeError."""
    def read_lines(self, lines: bytes, name: str, first_line: int = 1) -> Events:
        """The events of whole records in memory; `name` is what messages call them, first_line the number
        of the first in the rejects. Raises ConfigurationError where no format or field fits."""
    def read_file(self, path: Path, begin: int = 0, end: int | None = None) -> Events:
        """The events of a file, or of the records that begin at byte `begin` or later and before byte `end`,
        as PartialMaker.add_file() has them. All are in memory. Raises ConfigurationError, Error (the file
        cannot be read or changed meanwhile)."""
    def iterate_file(self, path: Path, begin: int = 0, end: int | None = None) -> EventPieces:
        """The same, about chunk_bytes (2 MiB) of records at a time."""

class Check:
    """What inputs are and what becomes of their first records."""

    def to_text(self) -> bytes:
        """What `billing check` prints."""
    @property
    def report(self) -> dict[str, Any]:
        """What `billing check --json` prints."""
    @property
    def command(self) -> str | None:
        """The command of the program to go on with, mostly that of the bill."""
    @property
    def ok(self) -> bool:
        """Whether every record that was looked at can be billed."""

def check(
    paths: Path | Iterable[Path],
    *,
    records: Number | None = None,
    max_record_bytes: Number | None = None,
    timezone: str | None = None,
    format: str | None = None,
    log_format: str | None = None,
    unwrap: str | None = None,
    stream: str | None = None,
    time: str | None = None,
    user: str | None = None,
    task: str | None = None,
    status_from: str | None = None,
    quantity: str | None = None,
    measure: Pairs | None = None,
    unit: str | None = None,
    quantity_digits: Number | None = None,
    excess_digits: Literal["reject", "round"] | None = None,
    negative: Literal["reject", "allow"] | None = None,
    input_timezone: str | None = None,
    task_pattern: str | Sequence[str] | None = None,
    no_fold_ids: bool = False,
    separator: str | None = None,
    quote: Literal["double", "none"] | None = None,
    no_header: bool = False,
    columns: str | None = None,
    decimal: str | None = None,
    null: str | None = None,
    dedupe_by: str | None = None,
    dedupe_keep: Literal["smallest", "largest"] | None = None,
    dedupe_missing: Literal["reject", "keep"] | None = None,
) -> Check:
    """Says which format inputs have, what becomes of their first records, and how to bill them.

    Reads the beginning of each input (of a folder the first three files) and writes nothing. Records that
    cannot be billed, and inputs that no format fits, are no errors: see Check.ok.
    Raises ConfigurationError, Error (an input cannot be read), TypeError, KeyboardInterrupt.
    """

def _aggregate_keywords() -> dict[str, str]: ...
def _merge_keywords() -> dict[str, str]: ...
def _check_keywords() -> dict[str, str]: ...
def _parse_bytes(option: str, text: str) -> int: ...
