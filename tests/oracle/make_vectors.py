#!/usr/bin/env python3
"""Writes the test vectors cycles.csv, rounding.csv and records.csv beside this file.

The expected values come from reference_bill.py. The same files come out on every run:
`make_vectors.py --check` makes them in memory and fails if the ones on disk differ.
"""

import datetime
import hashlib
import itertools
import pathlib
import sys

sys.dont_write_bytecode = True  # the folder of a test stays as it was
import reference_bill as reference

FOLDER = pathlib.Path(__file__).parent
LARGEST_FILE = 900 * 1024
NANOSECONDS = reference.NANOSECONDS


class Dice:
    """Repeatable numbers; the module `random` may give others in another version of Python."""

    def __init__(self, seed):
        self.seed = seed
        self.throws = 0

    def below(self, limit):
        self.throws += 1
        digest = hashlib.sha256(f"{self.seed}:{self.throws}".encode()).digest()
        return int.from_bytes(digest, "big") % limit

    def between(self, first, last):
        return first + self.below(last - first + 1)

    def pick(self, choices):
        return choices[self.below(len(choices))]


# ---------------------------------------------------------------------------- cycles

ZONES = (
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Australia/Lord_Howe",  # the clock changes by half an hour
    "Pacific/Apia",  # had no 2011-12-30
    "America/St_Johns",  # 1987-2011 changed at 00:01: one local day is in two pieces
    "Africa/Monrovia",  # before 1972 its offset has seconds
    "Asia/Kathmandu",  # 15 minutes
    "America/Havana",  # changes at midnight: a day without 00:00
)
EVERY = ("1s", "7s", "59s", "1m", "90m", "100m", "1h", "7h", "36h", "1000h", "1d", "10d", "365d",
         "10000d", "1000000d", "1000000000d", "1000000000s")
ANCHORS = (1, 15, 28, 29, 30, 31)
PERIOD_POLICIES = ("day", "week", "month", "quarter", "year")

# What a record can mean: the first and the last written day, moved by the largest offset.
FIRST_INSTANT = -86340 * NANOSECONDS
LAST_INSTANT = (reference.wall_nanoseconds(b"2261", b"12", b"31", b"23", b"59", b"59",
                                           b"999999999") + 86340 * NANOSECONDS)
FIRST_SECOND, LAST_SECOND = FIRST_INSTANT // NANOSECONDS, LAST_INSTANT // NANOSECONDS
EDGES = (FIRST_INSTANT, -1, 0, 1, LAST_INSTANT - 86340 * NANOSECONDS,
         LAST_INSTANT - 86340 * NANOSECONDS + 1, LAST_INSTANT)


def around(instant):
    return instant - 1, instant, instant + 1


def year_of(second):
    return reference.date_of_day(second // 86400).year


def offset_changes(zone):
    """Interesting seconds at which the zone's offset changes, not only the recent ones."""
    pieces = list(reference.stretches(zone, FIRST_SECOND, LAST_SECOND, step=86400))
    changes = [start for start, _, _ in pieces[1:]]
    special_years = (1972, 1986, 1988, 2006, 2011, 2025, 2037, 2038, 2100, 2261)
    special = [change for change in changes if year_of(change) in special_years]
    thinned = changes[:: max(1, len(changes) // 4)]
    return sorted(set(special + thinned))


def instants_at_changes(changes):
    for change in changes:
        yield from around(change * NANOSECONDS)
        # The hour that a change cuts, and the midnights it repeats or skips.
        for minutes in (-60, -30, 30, 59, 60):
            border = (change + minutes * 60) * NANOSECONDS
            yield from (border - 1, border)


def border_dates(policy, anchor, dice, count):
    """Dates at which periods begin: leap and ordinary years first, then whatever falls."""
    years = [1970, 1972, 2000, 2024, 2025, 2100, 2200, 2260]
    months = [1, 2, 3, 4, 7, 12]
    wanted = [(year, month) for year in years for month in months]
    chosen = [dice.pick(wanted) for _ in range(count // 2)]
    chosen += [(dice.between(1970, 2261), dice.between(1, 12)) for _ in range(count - count // 2)]
    for year, month in chosen:
        if policy == "day":
            yield datetime.date(year, month, dice.between(1, 28))
        elif policy == "week":
            # The Monday of the week with 4 January begins the ISO year.
            yield monday_of(datetime.date(year, 1, 4) if month <= 6
                            else datetime.date(year, month, dice.between(1, 28)))
        else:
            # Also in months that begin no quarter or year: there the border must not be.
            yield reference.anchored_date(year * 12 + month - 1, anchor or 1)


def monday_of(date):
    return date - datetime.timedelta(days=date.weekday())


def midnight(date, zone):
    day = date.toordinal() - reference.EPOCH_ORDINAL
    return reference.instant_of_wall(day * 86400 * NANOSECONDS, zone)


def random_instants(dice, count):
    for _ in range(count):
        instant = dice.between(FIRST_INSTANT, LAST_INSTANT)
        whole = dice.below(2) == 0
        yield instant // NANOSECONDS * NANOSECONDS if whole else instant


def cycle_blocks():
    """Yields (policy, anchor, zone, instants)."""
    dice = Dice("cycles")
    for zone in ZONES:
        changes = offset_changes(zone)
        at_changes = list(instants_at_changes(changes))
        just_changes = [instant for change in changes[::3]
                        for instant in around(change * NANOSECONDS)]
        yield "hour", None, zone, at_changes + list(hour_extras(zone, dice))
        for policy in PERIOD_POLICIES:
            instants = list(at_changes) if policy == "day" else list(just_changes)
            instants += border_instants(policy, None, zone, dice, 18)
            instants += random_instants(dice, 15)
            yield policy, None, zone, instants
        for policy, anchor in itertools.product(reference.ANCHORED_POLICIES, ANCHORS):
            instants = border_instants(policy, anchor, zone, dice, 6)
            instants += random_instants(dice, 3)
            yield policy, anchor, zone, instants
        yield "all", None, zone, list(random_instants(dice, 3))
    for duration, zone in itertools.product(EVERY, ("UTC", "Asia/Kathmandu")):
        yield f"every:{duration}", None, zone, every_instants(duration, dice)


def hour_extras(zone, dice):
    for instant in random_instants(dice, 15):
        yield instant
    for instant in random_instants(dice, 10):
        offset = reference.offset_at(instant // NANOSECONDS, zone)
        border = (instant // NANOSECONDS + offset) // 3600 * 3600 - offset
        yield from around(border * NANOSECONDS)


def border_instants(policy, anchor, zone, dice, count):
    dates = list(border_dates(policy, anchor, dice, count))
    if policy == "day":
        dates += [datetime.date(2011, 12, 29), datetime.date(2011, 12, 30),
                  datetime.date(2011, 12, 31), datetime.date(2012, 2, 29)]
    return [instant for date in dates for instant in around(midnight(date, zone))]


def every_instants(duration, dice):
    length = int(duration[:-1]) * reference.UNIT_SECONDS[duration[-1]] * NANOSECONDS
    instants = list(random_instants(dice, 8))
    for count in [0, 1, 2, -1] + [instant // length for instant in random_instants(dice, 8)]:
        instants += around(count * length)
    return instants


def make_cycles():
    rows = ["policy,anchor_day,timezone,time,label"]
    for policy, anchor, zone, instants in cycle_blocks():
        for instant in sorted(set(instants).union(EDGES)):
            if not FIRST_INSTANT <= instant <= LAST_INSTANT:
                continue
            try:
                _, label = reference.cycle_of(instant, policy, zone, anchor)
            except reference.RunError:
                continue  # an `every` that would begin before the year 1
            time = reference.format_instant(instant)
            rows.append(f"{policy},{anchor or ''},{zone},{time},{label}")
    return rows


def instant_of(time):
    """What format_instant() made of it; also years that no record may have."""
    clock, _, fraction = time.removesuffix("Z").partition(".")
    seconds = (datetime.datetime.fromisoformat(clock) - reference.EPOCH) // datetime.timedelta(seconds=1)
    return seconds * NANOSECONDS + int(fraction.ljust(9, "0"))


def cycles_of_the_file():
    """The rows on disk, each with the label that this machine's zones give it.

    Which instants are tried depends on all changes that a zone ever had: a newer database that knows
    one more of a hundred years ago makes other rows, and those on disk are right all the same.
    """
    header, *rows = (FOLDER / "cycles.csv").read_text().splitlines()
    made = [header]
    for row in rows:
        policy, anchor, zone, time, _ = row.split(",")
        _, label = reference.cycle_of(instant_of(time), policy, zone, int(anchor) if anchor else None)
        made.append(f"{policy},{anchor},{zone},{time},{label}")
    return made


# ---------------------------------------------------------------------------- rounding

RATE_UNITS = 10**12  # costs are counted in 10^-12, the last place a rate can have
LARGEST_RATE = 10**27 - 1  # 15 digits and 12 decimals, in these units
LARGEST_QUANTITY = 2**63 - 1
COST_LIMIT_UNITS = 2**127


def rate_text(units, dice):
    """One of the ways to write a rate."""
    whole, decimals = str(units // RATE_UNITS), f"{units % RATE_UNITS:012d}"
    if dice.below(2):
        decimals = decimals.rstrip("0")
    if whole == "0" and decimals and dice.below(2):
        return "." + decimals
    if len(whole) <= 13 and dice.below(8) == 0:
        whole = "00" + whole
    return f"{whole}.{decimals}" if decimals else whole


def terms_that_make(total, dice):
    """Random (quantity, rate) whose sum is exactly `total` units of 10^-12."""
    terms = []
    least = total // LARGEST_RATE + 1  # below it no rate is large enough
    for _ in range(dice.below(3) if total < COST_LIMIT_UNITS // 4 else 1):
        quantity = dice.between(least, least * 10 ** dice.between(1, 4))
        terms.append((quantity, total // quantity))
        total -= quantity * terms[-1][1]
    while total > LARGEST_RATE:
        quantity = total // LARGEST_RATE
        terms.append((quantity, LARGEST_RATE))
        total -= quantity * LARGEST_RATE
    quantity = dice.pick([divisor for divisor in (1, 1, 2, 3, 5, 8, 125, 1000)
                          if total % divisor == 0])
    terms.append((quantity, total // quantity))
    return terms


def rounding_row(terms, rounding, scale, dice):
    written = [(quantity, rate_text(units, dice)) for quantity, units in terms]
    try:
        cost = reference.exact_cost([(quantity, reference.parse_rate(rate))
                                     for quantity, rate in written])
        expected = reference.round_cost(cost, rounding, scale)
    except reference.Overflow:
        expected = "overflow"
    text = "+".join(f"{quantity}*{rate}" for quantity, rate in written)
    return f"{text},{rounding},{scale},{expected}"


def totals_to_round(scale, dice):
    """Sums in units of 10^-12 that lie on, or next to, a place where rounding decides."""
    step = 10 ** (12 - scale)
    yield from (0, 1, RATE_UNITS - 1, RATE_UNITS, RATE_UNITS // 2)
    yield from (step - 1, step, step + 1)
    # Carries: 9.99… and more turns into 10.00…
    for nines in (1, 6, 15):
        yield 10**nines * RATE_UNITS - 1
        yield 10**nines * RATE_UNITS - step // 2
        yield 10**nines * RATE_UNITS - step // 2 - 1
    for _ in range(8):
        digits = dice.between(1, 18)
        units_before = dice.below(10**digits)
        half = units_before * step + step // 2  # scale 12 has no halves
        yield from (half - 1, half, half + 1)
    for _ in range(5):
        yield dice.below(10 ** dice.between(12, 30))
    for units_before in (0, 1, 2, 3):  # both parities, for half-even
        half = units_before * step + step // 2
        yield from (half, half + 1)
        if half:
            yield half - 1


def totals_at_the_limit(scale, dice):
    step = 10 ** (12 - scale)
    yield from (COST_LIMIT_UNITS - 1, COST_LIMIT_UNITS, COST_LIMIT_UNITS + 1)
    last_half = (COST_LIMIT_UNITS - step) // step * step + step // 2
    yield from (last_half - 1, last_half, last_half + 1)
    yield COST_LIMIT_UNITS - 1 - dice.below(10**24)
    yield COST_LIMIT_UNITS + dice.below(10**30)
    yield 2 * COST_LIMIT_UNITS + dice.below(10**30)  # wraps to a small sum in 128 bits


def quantity_borders(dice):
    """Sums of quantities at 2^63; each quantity alone is smaller."""
    yield [(LARGEST_QUANTITY, 1)]
    yield [(LARGEST_QUANTITY, 0)]
    yield [(LARGEST_QUANTITY, 5 * 10**11)]
    yield [(LARGEST_QUANTITY, 5), (1, 5)]
    yield [(LARGEST_QUANTITY, 0), (1, 0)]
    yield [(LARGEST_QUANTITY, 0), (0, 7)]
    yield [(LARGEST_QUANTITY, 0), (LARGEST_QUANTITY, 0), (2, 1)]  # wraps to zero in 64 bits
    yield [(LARGEST_QUANTITY, 0), (LARGEST_QUANTITY, 0), (9, 1)]
    for surplus in (-1, 0, 1):
        first = dice.below(2**62)
        yield [(first, 5 * 10**9), (2**63 - first + surplus - 3, 10**9), (3, LARGEST_RATE)]


def make_rounding():
    dice = Dice("rounding")
    rows = []
    for rounding, scale in itertools.product(reference.ROUNDING_MODES, range(13)):
        totals = list(totals_to_round(scale, dice)) + list(totals_at_the_limit(scale, dice))
        cases = [terms_that_make(total, dice) for total in totals]
        cases += [[(0, 5 * 10**9)], [(5, 0)], [(0, 0), (0, LARGEST_RATE)],
                  [(999_999_999_999_999, LARGEST_RATE)]]
        cases += quantity_borders(dice)
        cases += [[(dice.below(10**6), dice.below(10**11)) for _ in range(dice.between(1, 4))]
                  for _ in range(6)]
        rows += [rounding_row(terms, rounding, scale, dice) for terms in cases]
    return ["terms,rounding,scale,expected"] + list(dict.fromkeys(rows))


# ---------------------------------------------------------------------------- records

TIME, USER, TASK, STATUS, DURATION = GOOD = (
    b"2025-05-02T23:16:50Z", b"user115", b"login", b"200", b"1568ms")
BAD = (b"2025-02-29T00:00:00Z", b"us\x7fer", b"log\xffin", b"600", b"1568")

INVALID_UTF8 = (
    b"\x80", b"\xbf", b"\xc0", b"\xc1", b"\xfe", b"\xff", b"\xf5",
    b"\xc0\x80", b"\xc0\xaf", b"\xc1\xbf", b"\xe0\x80\xaf", b"\xe0\x9f\xbf",  # overlong
    b"\xf0\x80\x80\xaf", b"\xf0\x8f\xbf\xbf", b"\xf8\x88\x80\x80\x80", b"\xfc\x84\x80\x80\x80\x80",
    b"\xed\xa0\x80", b"\xed\xaf\xbf", b"\xed\xb0\x80", b"\xed\xbf\xbf",  # surrogates
    b"\xed\xa0\xbd\xed\xb8\x80",
    b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xf7\xbf\xbf\xbf",  # above U+10FFFF
    b"\xc3", b"\xe2", b"\xe2\x82", b"\xf0", b"\xf0\x9f", b"\xf0\x9f\x98",  # truncated
    b"\xc3\xc3\xa9", b"\xe2\x82\xe2\x82\xac", b"\xf0\x9f\x98\xc3\xa9", b"\xe2\x28\xa1",
    b"\xc3\xa9\xa9", b"\xe2\x82\xac\xac",
)
VALID_CHARACTERS = (
    "\u00a0", "\u00a1", "\u00ad", "\u00e9", "\u07ff", "\u0800", "\u200b", "\u2028", "\u2029",
    "\u202e", "\u20ac", "\u3000", "\ud7ff", "\ue000", "\ufdd0", "\ufeff", "\ufffd", "\ufffe",
    "\uffff", "\U00010000", "\U0001f600", "\U000e0001", "\U0010ffff", "=", ",", '"', "'", "\\",
    "~", "!", "#", "%", "{", "|", "+1", "-1", "@", "Z", "0",
)


def record(time=TIME, user=USER, task=TASK, status=STATUS, duration=DURATION):
    return b" ".join((time, user, task, status, duration))


def records_with_blanks():
    line = record()
    yield from (b"", b" ", b"\t", b"  ", b"\t\t", b" " * 99, b"\t" * 9 + b"\r", b" \t \t ", b"\r",
                b"\r\r", b" \r", b"\t\r", b"\r ", b" \r ",
                b" \r\r", b"\r\t\r", b"\x00", b"\x0b", b"\x0c", b"\xc2\xa0", b"\xef\xbb\xbf")
    for before in (b"", b" ", b"\t", b" \t  ", b"\r", b"\x0b", b"\xc2\xa0", b"\xef\xbb\xbf",
                   b"\x00"):
        for after in (b"", b" ", b"\t ", b"\r", b" \r", b"\r ", b"\r\r", b" \r\r", b"\r \r",
                      b"\x0c", b"\x0c\r", b"\x00", b"\xc2\xa0", b" \xc2\xa0", b" \x00"):
            yield before + line + after
    for gap in (b"  ", b"\t", b"\t\t", b" \t ", b"\r", b" \r ", b"\x0b", b"\x0c", b"\xc2\xa0",
                b" \xc2\xa0 ", b"\xe3\x80\x80", b"\x00", b" \x00 ", b"\x1f", b"\xc2\x85", b","):
        yield gap.join(GOOD)
        for place in range(1, 5):
            yield b" ".join(GOOD[:place]) + gap + b" ".join(GOOD[place:])


def records_with_other_field_counts():
    for fields in (GOOD + (b"extra", b"more", b"\xff"), BAD + (b"extra",), (b"a",) * 9):
        for count, gap in itertools.product(range(1, len(fields) + 1), (b" ", b"\t", b"  \t")):
            line = gap.join(fields[:count])
            for before, after in ((b"", b""), (b" \t", b""), (b"", b" \t "), (b"  ", b" \r"),
                                  (b"", b"\r"), (b"", b"\r\r"), (b"", b" \r\r")):
                yield before + line + after
    for missing in range(5):
        yield b" ".join(GOOD[:missing] + GOOD[missing + 1:])


def odd_dates():
    for year in (1970, 1972, 2000, 2023, 2024, 2100, 2200, 2260, 2261):
        for month, day in ((1, 0), (1, 31), (1, 32), (2, 28), (2, 29), (2, 30), (3, 31), (4, 30),
                           (4, 31), (6, 31), (9, 31), (11, 31), (12, 31), (12, 32), (0, 1),
                           (13, 1)):
            yield b"%04d-%02d-%02d" % (year, month, day)
    for month in range(1, 13):
        for day in (30, 31, 32):
            yield b"2025-%02d-%02d" % (month, day)
    for year in (0, 1, 1582, 1900, 1968, 1969, 2262, 2263, 2400, 9999):
        yield b"%04d-02-28" % year
    yield from (b"2025-00-00", b"2025-99-99", b"2025-05-2", b"2025-5-02", b"25-05-02",
                b"02025-05-02", b"+2025-05-02", b"-2025-05-02", b"2025/05/02", b"20250502",
                b"2025-W18-5", b"2025-122", b"2025-05_02", b"2025-0a-02", b"2025-05-0:",
                b"2025-05-/2", b"")


def odd_clocks():
    for hour in (0, 12, 19, 23, 24, 25, 29, 30, 99):
        for minute, second in ((0, 0), (59, 59), (60, 0), (0, 60), (59, 60), (99, 0),
                               (0, 61), (0, 99)):
            yield b"%02d:%02d:%02d" % (hour, minute, second)
    yield from (b"1:02:03", b"01:2:03", b"01:02:3", b"010203", b"01:02", b"01", b"01:02:03:04",
                b"01.02.03", b"01:02:03.", b"01:02:03,5", b"01:02:03.5.5", b"01:02:03.-5",
                b"01:02:03.5a", b"01:02:03.a5", b"-1:02:03", b"+1:02:03", b":1:02:03", b"01:02:/3",
                b"01:02:0:", b"")
    for digits in range(0, 13):
        for digit in (b"0", b"9", b"1"):
            yield b"01:02:03." + digit * digits
    for fraction in (b"000000001", b"100000000", b"123456789", b"1234567890", b"000000000", b"05",
                     b"50"):
        yield b"23:59:59." + fraction


def odd_offsets():
    for sign in (b"+", b"-"):
        for hours, minutes in itertools.product((0, 1, 9, 14, 19, 23, 24, 25, 99),
                                                (0, 1, 30, 59, 60, 99)):
            yield sign + b"%02d:%02d" % (hours, minutes)
    yield from (b"", b"z", b"ZZ", b"Z+00:00", b"+00:00Z", b"+0200", b"+02", b"+2:00", b"+02:0",
                b"+02:000", b"+002:00", b"+02:00:00", b"02:00", b"\xe2\x88\x9202:00", b"+-2:00",
                b"++2:00", b"+02-00", b"UTC", b"GMT", b"+", b"-", b"+:", b"+0a:00", b"+02:0a",
                b"+02:/0", b"-24:00")


def records_with_odd_times():
    for date in odd_dates():
        yield record(time=date + b"T23:16:50Z")
    for clock in odd_clocks():
        yield record(time=b"2025-05-02T" + clock + b"Z")
    for offset in odd_offsets():
        yield record(time=b"2025-05-02T23:16:50" + offset)
        yield record(time=b"2025-05-02T23:16:50.5" + offset)
    edges = (b"1970-01-01T00:00:00", b"1970-01-01T00:00:00.000000001",
             b"1970-01-01T23:59:59.999999999", b"1969-12-31T23:59:59.999999999",
             b"1969-12-31T23:59:59", b"2261-12-31T23:59:59.999999999", b"2261-12-31T00:00:00",
             b"2262-01-01T00:00:00", b"2000-02-29T23:59:59.9", b"2024-12-31T23:59:59.123",
             b"2038-01-19T03:14:08", b"2106-02-07T06:28:16")
    for edge, offset in itertools.product(edges, (b"Z", b"+00:00", b"-00:00", b"+00:01", b"-00:01",
                                                  b"+23:59", b"-23:59", b"+24:00", b"+14:00",
                                                  b"-12:00")):
        yield record(time=edge + offset)
    yield from (record(time=time) for time in (
        b"2025-05-02t23:16:50Z", b"2025-05-02T23:16:50z", b"2025-05-02t23:16:50z",
        b"2025-05-02_23:16:50Z", b"2025-05-0223:16:50Z", b"2025-05-02TT23:16:50Z", b"2025-05-02",
        b"23:16:50Z", b"T", b"Z", b"-", b"1746227810", b"2025-05-02T23:16:50",
        b"\"2025-05-02T23:16:50Z\"", b"[2025-05-02T23:16:50Z]", b"\xef\xbb\xbf2025-05-02T23:16:50Z",
        b"2025-05-02T23:16:5\xd9\xa0Z", b"\xef\xbc\x92025-05-02T23:16:50Z",
        b"2025-05-02T23:16:50Z\x00", b"\x002025-05-02T23:16:50Z", b"2025-05-02T23:16:50\x00Z",
        b"2025\x0005-02T23:16:50Z", b"2025-05-02 23:16:50Z"))
    for length in range(len(TIME)):  # cut short at every place
        yield record(time=TIME[:length] or b"2")


def records_with_odd_names():
    for place in ("user", "task"):
        for length in (1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 254, 255, 256,
                       257):
            yield record(**{place: b"n" * length})
        for character in ("\u00e9", "\u20ac", "\U0001f600"):
            encoded = character.encode()
            for length in (254, 255, 256):
                tail = b"n" * (length % len(encoded))
                yield record(**{place: encoded * (length // len(encoded)) + tail})
        yield record(**{place: b"n" * 254 + b"\xc3"})
        yield record(**{place: b"n" * 254 + b"\xc3\xa9"})
        yield record(**{place: b"n" * 253 + b"\xc3\xa9"})
        yield record(**{place: b"n" * 255 + b"\xff"})
        for piece in INVALID_UTF8:
            yield from (record(**{place: name}) for name in (
                piece, b"ab" + piece, piece + b"ab", b"a" + piece + b"b", b"abcdefghijklmn" + piece,
                b"\xc3\xa9" + piece))
        for character in VALID_CHARACTERS:
            piece = character.encode()
            yield from (record(**{place: name}) for name in (piece, b"ab" + piece, piece + b"ab"))


def records_with_controls():
    controls = [bytes([byte]) for byte in range(32) if byte != 10] + [b"\x7f"]
    controls += [chr(code).encode() for code in range(0x80, 0xa1)]
    for control, place in itertools.product(controls, range(5)):
        fields = list(GOOD)
        middle = len(fields[place]) // 2
        fields[place] = fields[place][:middle] + control + fields[place][middle:]
        yield b" ".join(fields)
    for byte in range(0x80, 0x100):
        yield record(user=b"u" + bytes([byte]))
        yield record(task=bytes([byte]))
    for control in (b"\x00", b"\x7f", b"\xc2\x80", b"\xc2\x9f"):
        yield record(user=control)
        yield record(user=control + b"u")
        yield record(user=b"u" * 254 + control[-1:])
        yield record(task=control)
        yield record(task=b"t" + control)


def records_with_odd_statuses():
    numbers = [*range(95, 106), *range(595, 606), *range(0, 1000, 37), 999, 1000, 2000]
    for number in numbers:
        yield record(status=b"%03d" % number)
        yield record(status=b"%d" % number)
    yield from (record(status=status) for status in (
        b"20", b"2000", b"0200", b"00200", b"2xx", b"20a", b"a00", b"2OO", b"+20", b"-20", b"+200",
        b"-200", b"2.0", b"200.", b"0x1", b"1e2", b"2e2", b"-", b"OK", b"\"200\"", b"200,", b"2/0",
        b"2:0", b"/00", b":00", b"\xef\xbc\x92\xef\xbc\x90\xef\xbc\x90",
        b"\xd9\xa2\xd9\xa0\xd9\xa0", b"\xff", b"2\x000", b"200\x00"))


def records_with_odd_durations():
    for digits in range(1, 22):
        for digit in (b"0", b"1", b"9"):
            yield record(duration=digit * digits + b"ms")
        yield record(duration=b"0" * (digits - 1) + b"7ms")
    yield from (record(duration=duration) for duration in (
        b"ms", b"1", b"1m", b"1s", b"1us", b"1MS", b"1Ms", b"1mS", b"1msms", b"1mss", b"1mms",
        b"1 ms", b"-1ms", b"+1ms", b"1.5ms", b"1.ms", b".5ms", b"1e3ms", b"0x1ms", b"1,000ms",
        b"1_000ms", b"1-ms", b"m1s", b"ms1", b"1\x00ms", b"1ms\x00", b"1ms\xff", b"1ms\xc2\xa0",
        b"1\xc2\xa0ms", b"\xd9\xa1ms", b"\xef\xbc\x91ms", b"/ms", b":ms", b"1/ms", b"1:ms",
        b"9223372036854775807ms", b"9223372036854775808ms", b"18446744073709551616ms",
        b"999999999999999ms", b"1000000000000000ms", b"0000000000000000ms", b"1ms,", b"\"1ms\"",
        b"1 568ms"))


def records_with_several_faults():
    for chosen in itertools.product((False, True), repeat=5):
        fields = [bad if fault else good for good, bad, fault in zip(GOOD, BAD, chosen)]
        yield b" ".join(fields)
        yield b"  " + b" \t".join(fields) + b" \r"
        yield b" ".join(fields + [b"sixth"])


def random_good_record(dice):
    time = (b"%04d-%02d-%02dT%02d:%02d:%02d"
            % (dice.between(1970, 2261), dice.between(1, 12), dice.between(1, 28),
               dice.below(24), dice.below(60), dice.below(60)))
    if dice.below(2):
        digits = dice.between(1, 9)
        time += b".%0*d" % (digits, dice.below(10**digits))
    if dice.below(2):
        time += dice.pick((b"+", b"-")) + b"%02d:%02d" % (dice.below(24), dice.below(60))
    else:
        time += b"Z"
    user = b"".join(dice.pick(VALID_CHARACTERS).encode() for _ in range(dice.between(1, 4)))
    task = dice.pick((b"login", b"getUserProfile", b"createOrder", b"\xc3\xa9"))
    fields = (time, user, task, b"%d" % dice.between(100, 599),
              b"%dms" % dice.below(10 ** dice.between(1, 15)))
    gap = dice.pick((b" ", b" ", b"\t", b"  "))
    return dice.pick((b"", b"", b" ")) + gap.join(fields) + dice.pick((b"", b"", b"\r", b" "))


def mutated(line, dice):
    """One byte replaced, inserted or removed; never a LF, which would end the record."""
    tempting = b" \t\r\x00\x0b\x7f\x80\xa0\xc2\xff09/:.+-TZtzms"
    byte = dice.pick(tempting) if dice.below(2) else dice.below(256)
    new = bytes([byte]) if byte != 10 else b"\r"
    place = dice.below(len(line))
    kind = dice.below(3)
    return line[:place] + (new if kind else b"") + line[place + (kind != 1):]


def all_records():
    yield from records_with_blanks()
    yield from records_with_other_field_counts()
    yield from records_with_odd_times()
    yield from records_with_odd_names()
    yield from records_with_controls()
    yield from records_with_odd_statuses()
    yield from records_with_odd_durations()
    yield from records_with_several_faults()
    dice = Dice("records")
    for _ in range(150):
        yield random_good_record(dice)
    for _ in range(400):
        yield mutated(record(), dice)
    for _ in range(500):
        yield mutated(random_good_record(dice), dice)


def expected_of(line):
    result = reference.parse_record(line)
    if result is None:
        return "blank"
    if isinstance(result, reference.Reject):
        return f"{result.reason}@{result.column}"
    user, task = result.user.hex(), result.task.hex()
    return f"{result.time}|{user}|{task}|{result.status}|{result.quantity}"


def make_records():
    return ["record_hex,expected"] + [f"{line.hex()},{expected_of(line)}"
                                      for line in dict.fromkeys(all_records())]


# ---------------------------------------------------------------------------- files

MAKERS = {"cycles.csv": make_cycles, "rounding.csv": make_rounding, "records.csv": make_records}


def write_file(name, content):
    if len(content) > LARGEST_FILE:
        sys.exit(f"{name}: {len(content)} bytes; the vectors stay below {LARGEST_FILE}")
    (FOLDER / name).write_bytes(content)


def difference(name, rows):
    """None, or where the file on disk first differs from the rows."""
    try:
        content = (FOLDER / name).read_bytes()
    except FileNotFoundError:
        return f"{name}: missing"
    if content == "".join(row + "\n" for row in rows).encode():
        return None
    for number, (found, wanted) in enumerate(zip(content.decode().split("\n"), rows), start=1):
        if found != wanted:
            return f"{name}:{number}: is {found!r}, should be {wanted!r}"
    return f"{name}: another number of rows than {len(rows)}"


def main(arguments):
    if arguments not in ([], ["--check"]):
        sys.exit("usage: make_vectors.py [--check]")
    failed = False
    for name, make in MAKERS.items():
        rows = make()
        if arguments:
            problem = difference(name, rows)
            if problem and name == "cycles.csv":
                problem = difference(name, cycles_of_the_file())
            failed = failed or problem is not None
            print(problem or f"{name}: {len(rows) - 1} rows, as expected")
        else:
            write_file(name, "".join(row + "\n" for row in rows).encode())
            print(f"{name}: {len(rows) - 1} rows")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
