"""python -m billing.spark weblogs: web servers' logs become tables of a catalog, a date at a time."""
import datetime
import json
import re
import shlex
import sys

from billing import ConfigurationError, Error, _native
from billing.spark import objects, rejects, web_tables
from billing.spark.catalogs import add_catalog_options, catalog_settings, s3a_settings
from billing.spark.session import add_session_options, open_session
from billing.spark.web_rows import COUNTS, FileRows, LogFile, add_totals, open_filesystem, reader_options
from billing.spark.workers import map_in_arrow

_DATED = re.compile(r"(?:^|/)(\d{4})/(\d{2})/(\d{2})/[^/]+$")
# Of each file a row with its totals, as JSON, then one for each reject.
_EXAMINED = "split bigint, totals string, line bigint, byte_offset bigint, reason string, record string"


def add_options(parser):
    logs = parser.add_argument_group("logs")
    logs.add_argument("--input", required=True, metavar="DIR", help="the folder of one application's logs, below it "
                      "YYYY/MM/DD/FILE, also s3://BUCKET/PREFIX/; files may be compressed")
    logs.add_argument("--process-date", metavar="D", help="the UTC date to take in, YYYY-MM-DD, or D..D for several; "
                      "default: all there are. What the tables have of these dates is replaced")
    logs.add_argument("--format", default="combined", metavar="NAME",
                      help="of the logs: combined (default), or another of web servers that `billing formats` lists")
    logs.add_argument("--log-format", metavar="'STRING'", help="the format as the server's configuration has it")
    logs.add_argument("--generate", metavar="'OPTS'", help="write logs of --process-date into --input first: "
                      "'--files 2 --rows 1000 --clients 200 --seed 1' are the defaults; the same bytes for the same "
                      "options")
    tables = parser.add_argument_group("tables")
    tables.add_argument("--top", type=int, default=5, metavar="N",
                        help="how many addresses and devices of a day or week the tables of the top have (default: 5)")
    bad = parser.add_argument_group("rejects", "A record that is none of the format, or is not of its folder's date.")
    bad.add_argument("--rejects", metavar="FILE", help="set bad records aside in this CSV file and take in the rest; "
                     "without it, and without --max-rejects, one ends the run with exit status 3")
    bad.add_argument("--max-rejects", metavar="LIMIT", help="allow up to so many bad records, as 10, or such a share "
                     "of all records, as 1%%")
    add_catalog_options(parser)
    add_session_options(parser)


def run(options):
    if options.top < 1:
        raise ConfigurationError("--top: at least 1")
    dates = parse_dates(options.process_date)
    plan = plan_of(options.max_rejects)
    reader = reader_options(options.format, options.log_format)
    settings = s3a_settings(options.input) | catalog_settings(options)
    if options.generate is not None:
        _generate(options, dates)
    files, undated = find_files(options.input, dates)
    if undated:
        print(f"billing.spark: {len(undated)} files have no YYYY/MM/DD/ in their path and are passed over, "
              f"the first is {undated[0]}", file=sys.stderr)
    if not files:
        raise Error(f"{options.input}: no logs of {options.process_date or 'any date'} there, as YYYY/MM/DD/FILE")
    session = open_session(options, "billing weblogs", settings)
    try:
        return take_in(session, files, reader, options, plan)
    finally:
        session.stop()


def plan_of(max_rejects):
    """A plan without inputs, which judges rejects as the program does."""
    return _native._Plan([], **({} if max_rejects is None else {"max_rejects": max_rejects}))


def take_in(session, files, reader, options, plan):
    """Everything behind the start of a session. Raises RejectsError where nothing was written for them."""
    totals, found, counts = examine(session, files, reader)
    if options.rejects:
        rejects.write_file(options.rejects, found, csv_safe=False)
    rejects.judge(plan, totals, found, bool(options.rejects), "no table was changed")
    dates = sorted({file.date for file in files})
    web_tables.create_tables(session)
    web_tables.replace_days(_rows(session, files, reader, counts), dates)
    web_tables.renew_summaries(session, dates, options.top)
    _tell(totals, files, dates, options)
    return 0


def parse_dates(text):
    """The dates of --process-date in order; None where all are meant."""
    if text is None:
        return None
    first, _, last = text.partition("..")
    try:
        begin = datetime.date.fromisoformat(first)
        end = datetime.date.fromisoformat(last) if last else begin
    except ValueError:
        raise ConfigurationError(f"--process-date: {text!r} is neither YYYY-MM-DD nor YYYY-MM-DD..YYYY-MM-DD") from None
    days = (end - begin).days + 1
    if not 1 <= days <= 3660:
        raise ConfigurationError(f"--process-date: {text!r} ends before it begins, or spans more than ten years")
    return [begin + datetime.timedelta(days=i) for i in range(days)]


def find_files(root, dates):
    """The logs of these dates (None: of all) below a folder in order of their paths; and files without a date."""
    from pyarrow import fs
    system, base = open_filesystem(root)
    base = base.rstrip("/")
    scheme = f"{root.partition('://')[0]}://" if objects.is_remote(root) else ""
    try:
        found = system.get_file_info(fs.FileSelector(base, recursive=True))
    except OSError as error:
        raise Error(f"{root}: {error}") from error
    files, undated = [], []
    for info in sorted(found, key=lambda one: one.path):
        below = info.path[len(base) + 1:]
        if not info.is_file or any(part.startswith((".", "_")) for part in below.split("/")):
            continue
        date = date_of(below)
        if date is None:
            undated.append(scheme + info.path)
        elif dates is None or date in dates:
            files.append(LogFile(scheme + info.path, date))
    return files, undated


def date_of(path):
    found = _DATED.search(path)
    try:
        return datetime.date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def examine(session, files, reader):
    """What becomes of all records, without writing any: totals, rejects in order, and by file its accepted records and
    bytes."""

    def decode(batches):
        for split in _splits(batches):
            rows = FileRows(files[split], reader)
            for _ in rows.batches():
                pass
            yield from _examined(split, rows)

    totals = dict.fromkeys(COUNTS, 0) | {"rejected_by_reason": {}}
    found, counts = [], {}
    for row in map_in_arrow(_one_each(session, files), decode, _EXAMINED).collect():
        if row.totals is not None:
            if row.split in counts:
                raise Error(f"{files[row.split].url}: was counted twice; please report this")
            of_file = json.loads(row.totals)
            counts[row.split] = (of_file["accepted"], of_file["bytes"])
            add_totals(totals, of_file)
        else:
            found.append((files[row.split].url, row.line, row.byte_offset, row.reason, row.record))
    if len(counts) != len(files):
        raise Error(f"{len(files) - len(counts)} of {len(files)} files were not read; please report this")
    found.sort()
    return totals, found, counts


def _examined(split, rows):
    """What _EXAMINED says of one file, as batches of Arrow."""
    import pyarrow
    number, text = pyarrow.int64(), pyarrow.string()
    schema = pyarrow.schema([("split", number), ("totals", text), ("line", number), ("byte_offset", number),
                             ("reason", text), ("record", text)])
    found = [(split, json.dumps(rows.totals), None, None, None, None)]
    found += [(split, None, *reject) for reject in rows.rejects]
    columns = [pyarrow.array(values, field.type) for values, field in zip(zip(*found), schema)]
    return pyarrow.table(columns, schema=schema).to_batches(1000)


def _rows(session, files, reader, counts):
    """The rows of access_logs. A task fails where a file has other records than when it was examined."""

    def decode(batches):
        for split in _splits(batches):
            rows = FileRows(files[split], reader)
            for table in rows.batches():
                yield from table.to_batches(4096)
            if (rows.totals["accepted"], rows.totals["bytes"]) != counts[split]:
                raise Error(f"{files[split].url}: changed while it was read; run again when the file is complete")

    return map_in_arrow(_one_each(session, files), decode, web_tables.ACCESS_COLUMNS)


def _one_each(session, files):
    """A table of the files' numbers, one a split."""
    return session.range(0, len(files), 1, len(files))


def _splits(batches):
    for batch in batches:
        yield from batch.column(0).to_pylist()


def _generate(options, dates):
    from billing.spark.web_generate import generate, parse_generate_options
    if dates is None:
        raise ConfigurationError("--generate: --process-date must say for which dates")
    if options.format != "combined" or options.log_format:
        raise ConfigurationError("--generate: writes logs of the format combined")
    wanted = parse_generate_options(shlex.split(options.generate))
    generate(options.input, dates, wanted)


def _tell(totals, files, dates, options):
    span = str(dates[0]) if len(dates) == 1 else f"{dates[0]}..{dates[-1]}, {len(dates)} dates"
    print(f"billing.spark: {span}: {totals['records']:,} records of {len(files):,} files ({totals['bytes']:,} bytes) = "
          f"{totals['accepted']:,} rows + {totals['rejected']:,} rejected + {totals['blank'] + totals['directives']:,} "
          f"blank; {web_tables.DATABASE} is renewed" + (f"; rejects in {options.rejects}" if options.rejects else ""),
          file=sys.stderr)
