"""Random logs and random options for comparing implementations; the same for the same seed.

The logs are small and nasty: few users and tasks so that lines meet, times that tie, bad records
of every reason, every way to end a line, and names at the borders of what is allowed.
"""

from program_fixture import lines_by

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
         "Pacific/Apia", "America/St_Johns", "Africa/Monrovia")
USERS = ("u", "user1", "user10", "user2", "ä", "x" * 255, "=1", "a,b", 'q"', "😀", "back\\slash")
TASKS = ("login", "b", "getUserProfile", "é" * 127, "@t", "free")
RATES = ("login=.005", "b=0.123456789012", "getUserProfile=.002", "é" * 127 + "=3", "@t=0")
YEARS = (1970, 1999, 2024, 2025, 2025, 2025, 2038, 2261)
BAD_FIELDS = {
    0: ("2025-02-30T00:00:00Z", "2025-05-02T23:16:60Z", "x", "2262-01-01T00:00:00Z",
        "2025-05-02T23:16:50+24:00", "2025-05-02T23:16:50.0000000000Z"),
    1: ("a\x01", "x" * 256, "\x7f", "\u0085", "\udcff", "\udce2\udc82", "a\rb"),
    2: ("\x1b[31m", "t" * 256, "\u009f", "\udcc0\udcaf"),
    3: ("99", "600", "2x0", "0200"),
    4: ("1s", "1234567890123456ms", "ms", "1.5ms", "-1ms"),
}
STATUSES = (100, 200, 200, 200, 201, 404, 500, 599)


def random_time(random):
    if random.random() < 0.3:
        time = random.choice(("2025-03-30T01:59:59", "2025-10-26T00:59:59", "2025-05-02T23:16:50"))
    else:
        year, month, day = random.choice(YEARS), random.randint(1, 12), random.randint(1, 28)
        hour, minute, second = random.randrange(24), random.randrange(60), random.randrange(60)
        time = f"{year}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}"
    if random.random() < 0.3:
        time += "." + "".join(random.choice("09") for _ in range(random.randint(1, 9)))
    return time + random.choice(("Z", "Z", "Z", "+02:00", "-00:00", "-23:59", "+23:59", "+05:30"))


def random_record(random):
    fields = [random_time(random), random.choice(USERS), random.choice(TASKS),
              str(random.choice(STATUSES)),
              str(random.choice((0, 1, 5, 7, 15, 25, random.randrange(10**6), 10**15 - 1))) + "ms"]
    return fields


def random_line(random, bad_share):
    """One line without its LF."""
    chance = random.random()
    if chance < 0.05:
        return random.choice((b"", b" ", b"\t \t", b"\r", b" \r"))
    fields = random_record(random)
    if random.random() < bad_share:
        kind = random.randrange(6)
        if kind < 5:
            fields[kind] = random.choice(BAD_FIELDS[kind])
        else:
            fields = random.choice((fields[:4], fields + ["extra"], fields[:1], ["\x01"]))
    gap = random.choice((" ", " ", " ", "  ", "\t", " \t "))
    line = gap.join(fields).encode("utf-8", "surrogateescape")
    if random.random() < 0.1:
        line = b" \t" + line + b"\t "
    return line + random.choice((b"", b"", b"", b"\r"))


def random_log(random, lines, bad_share):
    content = b"\n".join(random_line(random, bad_share) for _ in range(lines))
    return content + random.choice((b"\n", b"", b"\n\n"))


def random_options(random):
    """Options that the program and the oracle share; they may well end in an error."""
    parts = ["user", "cycle", "task"]
    random.shuffle(parts)
    group_by = ",".join(parts[:random.randint(1, 3)])
    cycle = random.choice(("calls:1", "calls:2", "calls:5", "hour", "day", "week", "month",
                           "quarter", "year", "all", "every:90m", "every:7d", "every:1000000000s"))
    options = [*lines_by(group_by, cycle), "--timezone", random.choice(ZONES)]
    if "--cycle" in options and cycle in ("month", "quarter", "year") and random.random() < 0.6:
        options += ["--anchor-day", str(random.choice((1, 2, 15, 28, 29, 30, 31)))]
    if random.random() < 0.2:
        options += ["--since", random.choice(("2025-01-01", "2025-05-02T23:16:50.5", "1999-07-04"))]
    if random.random() < 0.2:
        options += ["--until", random.choice(("2025-10-26", "2038-01-19T03:14:07Z"))]
    if random.random() < 0.3:
        options += ["--status", random.choice(("2xx", "200,404", "5xx,100"))]
    options += ["--rounding", random.choice(("half-up", "half-even", "half-down", "up", "down"))]
    options += ["--scale", str(random.randint(0, 12))]
    options += ["--output-format", random.choice(("text", "csv", "jsonl"))]
    options += ["--csv-safe"] if random.random() < 0.5 else []
    if random.random() < 0.8:
        options += ["--unrated", random.choice(("zero", "zero", "reject", "reject", "fail"))]
    for rate in RATES:
        options += ["--rate", rate] if random.random() < 0.9 else []
    return options
