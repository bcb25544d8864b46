"""The tables of web logs once more, line by line and in plain Python: for tests alone."""
import collections
import datetime
import re

UTC = datetime.timezone.utc
LINE = re.compile(rb'(\S+) - \S+ \[([^]]+)\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-) "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"')
WORDS = (("Bot", "bot Bot crawl Crawl spider Spider slurp Slurp facebookexternalhit archiver masscan monitor Monitor scanner"),
         ("Tablet", "iPad Tablet tablet PlayBook Silk/ Kindle"),
         ("Mobile", "Mobile iPhone iPod Android Windows_Phone BlackBerry Opera_Mini okhttp Dalvik CFNetwork"),
         ("Desktop", "Windows_NT Macintosh X11 CrOS Linux"))
CATEGORIES = {"2": "Success", "3": "Redirect", "4": "Client Error", "5": "Server Error"}


def access_row(line):
    """A row of access_logs as a tuple in its columns' order; None of a line that is of another form."""
    found = LINE.fullmatch(line)
    if not found:
        return None
    address, time, request, status, size, referer, agent = (part.decode(errors="backslashreplace") for part in found.groups())
    moment = datetime.datetime.strptime(time, "%d/%b/%Y:%H:%M:%S %z").astimezone(UTC)
    parts = request.split(" ")
    is_request = len(parts) == 3 and parts[2].startswith("HTTP/") and re.fullmatch(r"[A-Za-z0-9_-]{1,32}", parts[0])
    method, url, protocol = parts if is_request and parts[1] else (None, None, None)
    path = re.split(r"[?#]", url)[0] if url else None
    path = re.sub(r"^[A-Za-z0-9+.-]+://[^/]*", "", path) or "/" if path else None
    extension = re.search(r"\.([A-Za-z0-9]{1,8})$", path.rpartition("/")[2]) if path else None
    device = next((name for name, words in WORDS if any(word.replace("_", " ") in agent for word in words.split())), "Other")
    year, week, _ = moment.isocalendar()
    return (address, moment.replace(tzinfo=None), method, url, path, protocol, int(status), CATEGORIES.get(status[0]),
            0 if size == "-" else int(size), *(None if text in ("-", "") else text for text in (referer, agent)), device,
            extension and extension[1].lower(), device == "Bot", moment.date(), moment.hour, moment.year, moment.month,
            moment.day, week)



def summaries(rows, top):
    """The other tables, by name, as sorted lists of tuples."""
    tables = collections.defaultdict(list)
    for name, place in (("ips", 0), ("devices", 11)):
        for period, members in _grouped(rows, lambda row: row[14]).items():
            tables[f"daily_top_{name}"] += [(period, *one) for one in _top(members, place, top)]
        for (year, week), members in _grouped(rows, lambda row: tuple(row[14].isocalendar()[:2])).items():
            monday = datetime.date.fromisocalendar(year, week, 1)
            tables[f"weekly_top_{name}"] += [(year, week, monday, monday + datetime.timedelta(days=6), *one)
                                             for one in _top(members, place, top)]
    for (year, week), members in _grouped(rows, lambda row: tuple(row[14].isocalendar()[:2])).items():
        tables["weekly_analytics"].append((year, week, len(members), len({row[0] for row in members}),
                                           sum(row[8] for row in members), sum(row[6] >= 400 for row in members)))
    return {name: sorted(table) for name, table in tables.items()}


def _grouped(rows, key):
    groups = collections.defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def _top(rows, place, top):
    counts, sizes = collections.Counter(), collections.Counter()
    for row in rows:
        counts[row[place]] += 1
        sizes[row[place]] += row[8]
    order = sorted(counts, key=lambda one: (-counts[one], -sizes[one], one))
    return [(one, counts[one], rank) for rank, one in enumerate(order[:top], 1)]
