#!/usr/bin/env python3
"""A second, independent implementation of the main job: API logs in, a bill out.

It is the oracle that the tests compare the real program with. It was written from the
specification alone, to be simple and obviously right, and it is slow. Integers and fractions
only: times are integer nanoseconds since 1970, money is never a float, names are bytes.

Not here, on purpose: .env and environment variables, --max-rejects, the summary, and the
policing of files (compressed input, inputs that change, atomic output).

Exit codes: 0 done, 1 input or overflow, 2 options or prices, 3 rejects without --rejects, or
nothing but rejects.
"""

import argparse
import collections
import datetime
import functools
import os
import re
import sys
import zoneinfo
from fractions import Fraction
from typing import NamedTuple

NANOSECONDS = 1_000_000_000
EPOCH = datetime.datetime(1970, 1, 1)
EPOCH_ORDINAL = EPOCH.toordinal()
FIRST_YEAR, LAST_YEAR = 1970, 2261
QUANTITY_LIMIT = 2**63
COST_LIMIT = Fraction(2**127, 10**12)
LONGEST_WRITTEN_RECORD = 65536
PARTS = ("user", "cycle", "task")
ROUNDING_MODES = ("half-up", "half-even", "half-down", "up", "down")


class OptionError(Exception):
    """Options or prices that cannot be used: exit code 2."""


class RunError(Exception):
    """The run cannot go on: exit code 1."""


class Overflow(RunError):
    """A sum of one statement line left its range."""


class Event(NamedTuple):
    time: int  # nanoseconds since 1970-01-01T00:00:00Z
    user: bytes
    task: bytes
    status: int
    quantity: int


class Reject(NamedTuple):
    reason: str
    column: int


# ---------------------------------------------------------------------------- records


def cut_into_lines(data):
    """Yields (number, byte offset, line without its LF); the last line may lack the LF."""
    offset = 0
    pieces = data.split(b"\n")
    if pieces[-1] == b"":
        pieces.pop()
    for number, piece in enumerate(pieces, start=1):
        yield number, offset, piece
        offset += len(piece) + 1


def without_carriage_return(line):
    return line[:-1] if line.endswith(b"\r") else line


def parse_record(line):
    """Gives an Event, a Reject, or None for a blank. `line` has no LF but may have its CR."""
    line = without_carriage_return(line)
    fields = list(re.finditer(rb"[^ \t]+", line))
    if not fields:
        return None
    if len(fields) < 5:
        return Reject("field_count", len(line.rstrip(b" \t")) + 1)
    if len(fields) > 5:
        return Reject("field_count", fields[5].start() + 1)

    time, user, task, status, duration = (field.group() for field in fields)
    columns = [field.start() + 1 for field in fields]
    instant = parse_instant(time)
    if instant is None:
        return Reject("bad_time", columns[0])
    if not is_name(user):
        return Reject("bad_user", columns[1])
    if not is_name(task):
        return Reject("bad_task", columns[2])
    if not re.fullmatch(rb"[1-5][0-9][0-9]", status):
        return Reject("bad_status", columns[3])
    if not re.fullmatch(rb"[0-9]{1,15}ms", duration):
        return Reject("bad_duration", columns[4])
    return Event(instant, user, task, int(status), int(duration[:-2]))


def is_name(field):
    if not 1 <= len(field) <= 255:
        return False
    try:
        text = field.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any(is_control(character) for character in text)


def is_control(character):
    return character <= "\x1f" or "\x7f" <= character <= "\x9f"


# ---------------------------------------------------------------------------- times

DATE = rb"([0-9]{4})-([0-9]{2})-([0-9]{2})"
CLOCK = rb"T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
OFFSET = rb"(Z|[+-][0-9]{2}:[0-9]{2})"


def parse_instant(text):
    """Nanoseconds since 1970 for a date, a clock time and an offset; None if it is not valid."""
    match = re.fullmatch(DATE + CLOCK + OFFSET, text)
    if not match:
        return None
    written = wall_nanoseconds(*match.groups()[:7])
    offset = offset_seconds(match.group(8))
    if written is None or offset is None:
        return None
    return written - offset * NANOSECONDS


def wall_nanoseconds(year, month, day, hour=b"0", minute=b"0", second=b"0", fraction=None):
    """The written date and time as if they were UTC; None where they do not exist."""
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        return None
    try:
        date = datetime.date(int(year), int(month), int(day))
    except ValueError:
        return None
    if int(hour) > 23 or int(minute) > 59 or int(second) > 59:
        return None
    days = date.toordinal() - EPOCH_ORDINAL
    seconds = days * 86400 + int(hour) * 3600 + int(minute) * 60 + int(second)
    return seconds * NANOSECONDS + int((fraction or b"").ljust(9, b"0"))


def offset_seconds(text):
    if text == b"Z":
        return 0
    hours, minutes = int(text[1:3]), int(text[4:6])
    if hours > 23 or minutes > 59:
        return None
    seconds = hours * 3600 + minutes * 60
    return -seconds if text.startswith(b"-") else seconds


def format_instant(time_ns):
    """RFC 3339 in UTC, with nine fractional digits where there is a fraction."""
    second, fraction = divmod(time_ns, NANOSECONDS)
    return format_wall(second) + (f".{fraction:09d}" if fraction else "") + "Z"


def format_wall(second):
    day, rest = divmod(second, 86400)
    clock = f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    return f"{format_date(date_of_day(day))}T{clock}"


def format_date(date):
    return f"{date.year:04d}-{date.month:02d}-{date.day:02d}"


def date_of_day(day):
    """The date that is `day` days after 1970-01-01; the calendar here begins with year 1."""
    if day + EPOCH_ORDINAL < 1:
        raise RunError("a cycle would begin before the year 1")
    return datetime.date.fromordinal(day + EPOCH_ORDINAL)


# ---------------------------------------------------------------------------- time zones


@functools.lru_cache(maxsize=None)
def load_zone(name):
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise OptionError(f"unknown time zone {name!r}") from problem


def offset_at(second, zone):
    """The offset from UTC, in seconds, that `zone` has at a UTC second."""
    instant = EPOCH + datetime.timedelta(seconds=second)
    # Subtracting wall clocks uses the zone's table by UTC only, which is never ambiguous.
    local = instant.replace(tzinfo=datetime.timezone.utc).astimezone(load_zone(zone))
    difference = local.replace(tzinfo=None) - instant
    return difference.days * 86400 + difference.seconds


def stretches(zone, first, last, step=3600):
    """Cuts the UTC seconds [first, last) where the offset changes: (start, end, offset)."""
    start, offset = first, offset_at(first, zone)
    for probe in range(first + step, last + step, step):
        probe = min(probe, last)
        if offset_at(probe, zone) != offset:
            change = find_change(zone, probe - step, probe)
            yield start, change, offset
            start, offset = change, offset_at(change, zone)
    yield start, last, offset


def find_change(zone, before, after):
    """The first second with the offset of `after`; there is one change in between."""
    while after - before > 1:
        middle = (before + after) // 2
        if offset_at(middle, zone) == offset_at(after, zone):
            after = middle
        else:
            before = middle
    return after


def instant_of_wall(wall_ns, zone):
    """The first instant at which the local clock shows `wall_ns` or, in a gap, jumps over it."""
    second = wall_ns // NANOSECONDS
    # No offset is larger than a day, but a zone may jump by one (Apia): two days on each side.
    for start, end, offset in stretches(zone, second - 2 * 86400, second + 2 * 86400):
        instant = max(start * NANOSECONDS, wall_ns - offset * NANOSECONDS)
        if instant < end * NANOSECONDS:
            return instant
    raise AssertionError("a local time lies within two days of the same time in UTC")


# ---------------------------------------------------------------------------- cycles

UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
CALENDAR_POLICIES = ("day", "week", "month", "quarter", "year")
ANCHORED_POLICIES = ("month", "quarter", "year")
MONTHS_IN = {"month": 1, "quarter": 3, "year": 12}


@functools.lru_cache(maxsize=None)
def parse_policy(text):
    """Gives (kind, number); the number is N of calls:N or the seconds of every:<duration>."""
    if text in CALENDAR_POLICIES or text in ("hour", "all"):
        return text, None
    match = re.fullmatch(r"calls:([0-9]+)", text, re.ASCII)
    if match and int(match.group(1)) >= 1:
        return "calls", int(match.group(1))
    match = re.fullmatch(r"every:([0-9]+)([smhd])", text, re.ASCII)
    if match and 1 <= int(match.group(1)) <= 1_000_000_000:
        return "every", int(match.group(1)) * UNIT_SECONDS[match.group(2)]
    raise OptionError(f"unknown cycle policy {text!r}")


def cycle_of(time_ns, policy, zone="UTC", anchor=None):
    """The cycle of one instant as (sort key, label), for every policy but calls:N."""
    kind, seconds = parse_policy(policy)
    second = time_ns // NANOSECONDS  # floors; no offset and no border has a fraction
    if kind == "all":
        return 0, "all"
    if kind == "every":
        start = second // seconds * seconds
        return start, format_wall(start) + "Z"
    if kind == "hour":
        return hour_cycle(second, zone)
    if kind in CALENDAR_POLICIES:
        local_day = (second + offset_at(second, zone)) // 86400
        return calendar_cycle(date_of_day(local_day), kind, anchor or 1)
    raise ValueError("calls:N numbers the events of a user; no instant has a cycle by itself")


@functools.lru_cache(maxsize=None)
def first_second_of_hour(local_hour, offset, zone):
    """The first instant that shows this local hour at this offset; a change may cut the hour."""
    second = local_hour * 3600 - offset
    while offset_at(second, zone) != offset:
        second += 1
    return second


def hour_cycle(second, zone):
    offset = offset_at(second, zone)
    local_hour = (second + offset) // 3600
    label = format_wall(local_hour * 3600)[:13]
    if zone != "UTC":
        label += format_offset(offset)
    return first_second_of_hour(local_hour, offset, zone), label


def format_offset(offset):
    """±HH:MM, and :SS only for the old offsets that have seconds."""
    sign = "-" if offset < 0 else "+"
    hours, minutes, seconds = abs(offset) // 3600, abs(offset) // 60 % 60, abs(offset) % 60
    return f"{sign}{hours:02d}:{minutes:02d}" + (f":{seconds:02d}" if seconds else "")


def calendar_cycle(date, kind, anchor):
    if kind == "day":
        return date, format_date(date)
    if kind == "week":
        year, week, weekday = date.isocalendar()
        return date - datetime.timedelta(days=weekday - 1), f"{year:04d}-W{week:02d}"
    start = period_start(date, MONTHS_IN[kind], anchor)
    if kind == "month":
        return start, f"{start.year:04d}-{start.month:02d}"
    if kind == "quarter":
        return start, f"{start.year:04d}-Q{(start.month + 2) // 3}"
    return start, f"{start.year:04d}"


def period_start(date, months, anchor):
    """The last period start that is not after `date`; periods are 1, 3 or 12 months."""
    month_index = date.year * 12 + date.month - 1
    first_month = month_index // months * months
    if anchored_date(first_month, anchor) > date:
        first_month -= months
    return anchored_date(first_month, anchor)


def anchored_date(month_index, anchor):
    """The anchor day in a month, or the month's last day where it has no such day."""
    year, month = month_index // 12, month_index % 12 + 1
    next_month = datetime.date((month_index + 1) // 12, (month_index + 1) % 12 + 1, 1)
    last_day = (next_month - datetime.timedelta(days=1)).day
    return datetime.date(year, month, min(anchor, last_day))


def numbered_cycles(events, size):
    """calls:N: yields (event, cycle), each user's events cut into runs by content."""
    by_user = collections.defaultdict(list)
    for event in events:
        by_user[event.user].append(event)
    for of_user in by_user.values():
        of_user.sort(key=lambda event: (event.time, event.task, event.status, event.quantity))
        for index, event in enumerate(of_user):
            number = index // size + 1
            yield event, (number, str(number))


def events_with_cycles(events, options):
    if "cycle" not in options.group_by:
        return ((event, (0, "")) for event in events)
    kind, number = parse_policy(options.cycle)
    if kind == "calls":
        return numbered_cycles(events, number)
    return ((event, cycle_of(event.time, options.cycle, options.timezone, options.anchor_day))
            for event in events)


# ---------------------------------------------------------------------------- money


def parse_rate(text):
    """The exact rate per millisecond, or None if the text is not a rate."""
    if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,12})?|\.[0-9]{1,12}", text, re.ASCII):
        return None
    whole, _, decimals = text.partition(".")
    return Fraction(int(whole + decimals), 10 ** len(decimals))


def exact_cost(terms):
    """Σ quantity × rate over [(quantity, rate)], with the limits of one statement line."""
    if sum(quantity for quantity, _ in terms) >= QUANTITY_LIMIT:
        raise Overflow("the quantity reaches 2^63")
    cost = sum((quantity * rate for quantity, rate in terms), Fraction(0))
    if cost >= COST_LIMIT:
        raise Overflow("the cost times 10^12 reaches 2^127")
    return cost


def round_cost(cost, rounding, scale):
    """The text of a cost that is not negative, rounded once."""
    shifted = cost * 10**scale
    units = shifted.numerator // shifted.denominator
    rest = shifted - units
    half = Fraction(1, 2)
    away = {
        "half-up": rest >= half,
        "half-even": rest > half or (rest == half and units % 2 == 1),
        "half-down": rest > half,
        "up": rest > 0,
        "down": False,
    }[rounding]
    digits = str(units + away).rjust(scale + 1, "0")
    return digits if scale == 0 else f"{digits[:-scale]}.{digits[-scale:]}"


# ---------------------------------------------------------------------------- the bill


class Line(NamedTuple):
    """One row of the bill; the parts that are not grouped by are empty."""
    user: bytes
    cycle: bytes
    task: bytes
    calls: int
    quantity: int
    cost: str


def make_bill(events, options):
    """The statement lines, by user (bytes), cycle (in time) and task (bytes)."""
    usage = collections.defaultdict(lambda: collections.defaultdict(list))
    for event, cycle in events_with_cycles(events, options):
        key = (event.user if "user" in options.group_by else b"",
               cycle,
               event.task if "task" in options.group_by else b"")
        usage[key][event.task].append(event.quantity)
    return [make_line(key, usage[key], options) for key in sorted(usage)]


def make_line(key, quantities_by_task, options):
    user, (_, label), task = key
    terms = [(sum(quantities), options.rates.get(task, Fraction(0)))
             for task, quantities in quantities_by_task.items()]
    try:
        cost = exact_cost(terms)
    except Overflow as problem:
        where = " ".join(name for name in (printable(user), label, printable(task)) if name)
        raise Overflow(f"{where}: {problem}") from problem
    calls = sum(len(quantities) for quantities in quantities_by_task.values())
    quantity = sum(quantity for quantity, _ in terms)
    return Line(user, label.encode(), task, calls, quantity,
                round_cost(cost, options.rounding, options.scale))


def is_filtered(event, options):
    if options.since is not None and event.time < options.since:
        return True
    if options.until is not None and event.time >= options.until:
        return True
    return options.status is not None and event.status not in options.status


class RejectedRecord(NamedTuple):
    file: bytes
    line: int
    offset: int
    reason: str
    record: bytes


def read_events(options):
    """All accepted events, all rejected records of all inputs, and how many were filtered."""
    events, rejected, filtered = [], [], 0
    for path in options.files:
        for number, offset, line in cut_into_lines(read_input(path)):
            result = parse_record(line)
            if isinstance(result, Event):
                if is_filtered(result, options):
                    filtered += 1
                    continue
                if options.unrated != "reject" or result.task in options.rates:
                    events.append(result)
                    continue
                reason = "unrated_task"
            elif isinstance(result, Reject):
                reason = result.reason
            else:
                continue  # a blank
            rejected.append(RejectedRecord(os.fsencode(path), number, offset, reason,
                                           without_carriage_return(line)))
    return events, rejected, filtered


def read_input(path):
    try:
        if path == "-":
            return sys.stdin.buffer.read()
        with open(path, "rb") as file:
            return file.read()
    except OSError as problem:
        raise RunError(f"{path}: {problem.strerror}") from problem


def check_prices(events, options):
    unrated = sorted({event.task for event in events} - set(options.rates))
    if not unrated:
        return
    names = ", ".join(printable(task) for task in unrated)
    if options.unrated == "fail":
        raise OptionError(f"tasks without a rate: {names}")
    if options.unrated is None and not any(event.task in options.rates for event in events):
        raise OptionError("no event has a rate; give --rate task=decimal")
    print(f"warning: tasks without a rate: {names}", file=sys.stderr)


# ---------------------------------------------------------------------------- output


def escape(raw):
    """Bytes from outside, made harmless. Every escaped byte stands alone: \\xHH is one byte."""
    written = bytearray()
    for character in raw.decode("utf-8", "surrogateescape"):
        if character in SHORT_ESCAPES:
            written += SHORT_ESCAPES[character]
        elif is_control(character) or "\udc80" <= character <= "\udcff":
            for byte in character.encode("utf-8", "surrogateescape"):
                written += b"\\x%02X" % byte
        else:
            written += character.encode("utf-8")
    return bytes(written)


SHORT_ESCAPES = {"\\": b"\\\\", "\t": b"\\t", "\r": b"\\r", "\n": b"\\n"}


def printable(raw):
    return escape(raw).decode("utf-8")


def escape_record(record):
    surplus = len(record) - LONGEST_WRITTEN_RECORD
    if surplus <= 0:
        return escape(record)
    return escape(record[:LONGEST_WRITTEN_RECORD]) + f"…(+{surplus} bytes)".encode("utf-8")


def csv_cell(content, safe):
    if safe and content[:1] in (b"=", b"+", b"-", b"@"):
        content = b"'" + content
    if any(mark in content for mark in (b",", b'"', b"\r", b"\n")):
        content = b'"' + content.replace(b'"', b'""') + b'"'
    return content


def csv_row(cells, safe):
    return b",".join(csv_cell(cell, safe) for cell in cells) + b"\n"


def write_csv(lines, options):
    kept = [part for part in PARTS if part in options.group_by]
    rows = [csv_row([name.encode() for name in kept + ["calls", "duration_ms", "cost"]], False)]
    for line in lines:
        cells = [getattr(line, part) for part in kept]
        cells += [b"%d" % line.calls, b"%d" % line.quantity, line.cost.encode()]
        rows.append(csv_row(cells, options.csv_safe))
    return b"".join(rows)


def word(name):
    """A name in a line of words: a JSON string where it would look like several, or like one."""
    return json_string(name) if name.startswith(b'"') or b" " in name else name


def write_text(lines, options):
    rows = []
    for line in lines:
        names = {"user": word(line.user), "cycle": b"cycle=" + line.cycle,
                 "task": b"task=" + word(line.task)}
        key = b" ".join(names[part] for part in PARTS if part in options.group_by)
        rows.append(b"%b: total_duration=%dms, total_cost=%b\n"
                    % (key, line.quantity, line.cost.encode()))
    return b"".join(rows)


def json_string(content):
    return b'"' + content.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def write_jsonl(lines, options):
    rows = []
    for line in lines:
        members = [(part, json_string(getattr(line, part)))
                   for part in PARTS if part in options.group_by]
        members += [("calls", b"%d" % line.calls), ("duration_ms", b"%d" % line.quantity),
                    ("cost", json_string(line.cost.encode()))]
        rows.append(b"{" + b",".join(b'"%b":%b' % (name.encode(), value)
                                     for name, value in members) + b"}\n")
    return b"".join(rows)


WRITERS = {"text": write_text, "csv": write_csv, "jsonl": write_jsonl}


def write_rejects(rejected, options):
    rows = [b"file,line,byte_offset,reason,record\n"]
    for reject in rejected:
        rows.append(csv_row([escape(reject.file), b"%d" % reject.line, b"%d" % reject.offset,
                             reject.reason.encode(), escape_record(reject.record)],
                            options.csv_safe))
    return b"".join(rows)


def save(path, content):
    if path is None or path == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        with open(path, "wb") as file:
            file.write(content)
    except OSError as problem:
        raise RunError(f"{path}: {problem.strerror}") from problem


# ---------------------------------------------------------------------------- options


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(allow_abbrev=False, description=__doc__.partition("\n")[0])
    parser.add_argument("--group-by", default="user,cycle,task", type=group_by_option)
    parser.add_argument("--cycle", default="calls:5")
    parser.add_argument("--timezone", default="UTC")
    parser.add_argument("--anchor-day", type=int, choices=range(1, 32), metavar="1..31")
    parser.add_argument("--since")
    parser.add_argument("--until")
    parser.add_argument("--status", type=status_option)
    parser.add_argument("--rounding", default="half-up", choices=ROUNDING_MODES)
    parser.add_argument("--scale", default=2, type=int, choices=range(0, 13), metavar="0..12")
    parser.add_argument("--rate", action="append", default=[], dest="rate_options")
    parser.add_argument("--unrated", choices=("zero", "reject", "fail"))
    parser.add_argument("--output-format", choices=tuple(WRITERS))
    parser.add_argument("--csv-safe", action="store_true")
    parser.add_argument("--rejects")
    parser.add_argument("--output")
    parser.add_argument("files", nargs="*", metavar="FILE")
    options = parser.parse_intermixed_args(arguments)

    options.files = options.files or ["-"]
    load_zone(options.timezone)
    if parse_policy(options.cycle)[0] not in ANCHORED_POLICIES and options.anchor_day is not None:
        raise OptionError("--anchor-day needs the cycle month, quarter or year")
    options.since = boundary(options.since, options.timezone)
    options.until = boundary(options.until, options.timezone)
    options.rates = parse_rates(options.rate_options)
    options.output_format = options.output_format or format_by_ending(options.output or "")
    return options


def group_by_option(text):
    parts = text.split(",")
    if len(set(parts)) != len(parts) or not set(parts) <= set(PARTS):
        raise argparse.ArgumentTypeError("expected some of user,cycle,task")
    return parts


def status_option(text):
    """The set of statuses that a list of NNN and Nxx keeps."""
    kept = set()
    for item in text.split(","):
        if re.fullmatch(r"[1-5][0-9][0-9]", item, re.ASCII):
            kept.add(int(item))
        elif re.fullmatch(r"[1-5]xx", item, re.ASCII):
            kept.update(range(int(item[0]) * 100, int(item[0]) * 100 + 100))
        else:
            raise argparse.ArgumentTypeError("expected a list of NNN and Nxx")
    return kept


def boundary(text, zone):
    """The instant of --since or --until: a date or a time, local unless it has an offset."""
    if text is None:
        return None
    raw = os.fsencode(text)
    instant = parse_instant(raw)
    if instant is not None:
        return instant
    match = re.fullmatch(DATE + rb"(?:" + CLOCK + rb")?", raw)
    if match:
        year, month, day, hour, minute, second, fraction = match.groups()
        wall = wall_nanoseconds(year, month, day, hour or b"0", minute or b"0", second or b"0",
                                fraction)
        if wall is not None:
            return instant_of_wall(wall, zone)
    raise OptionError(f"not a date or time: {text!r}")


def parse_rates(rate_options):
    rates = {}
    for option in rate_options:
        task, equals, decimal = option.rpartition("=")
        name, rate = os.fsencode(task), parse_rate(decimal)
        if not equals or not name or rate is None:
            raise OptionError(f"not a rate: {option!r}")
        if name in rates:
            raise OptionError(f"two rates for {task!r}")
        rates[name] = rate
    return rates


def format_by_ending(path):
    if path.endswith(".csv"):
        return "csv"
    return "jsonl" if path.endswith((".jsonl", ".ndjson")) else "text"


# ---------------------------------------------------------------------------- the run


def run(arguments):
    options = parse_arguments(arguments)
    events, rejected, filtered = read_events(options)
    if rejected and options.rejects is None:
        counts = collections.Counter(reject.reason for reject in rejected)
        for reason, count in sorted(counts.items()):
            print(f"error: {count} records rejected: {reason}", file=sys.stderr)
        return 3
    if rejected and not events and not filtered:
        print("error: rejects, and not one accepted", file=sys.stderr)
        return 3
    check_prices(events, options)
    bill = WRITERS[options.output_format](make_bill(events, options), options)
    if options.rejects is not None:
        save(options.rejects, write_rejects(rejected, options))
    save(options.output, bill)
    return 0


def main(arguments):
    try:
        return run(arguments)
    except OptionError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    except RunError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
