"""Events of students and their windows, made apart from the package: in fractions, rounded once."""
import collections
import datetime
import fractions

UTC = datetime.timezone.utc
START = datetime.datetime(2025, 5, 1, tzinfo=UTC)


def event(seconds, course="c", activity="a", lines=1, cpu="1.5"):
    return {"timestamp": (START + datetime.timedelta(seconds=seconds)).isoformat(), "course": course,
            "activity": activity, "lines_of_code": lines, "cpu_usage_pct": cpu}


def naive(events, scale=6):
    """Rows of windows by their key, in fractions and rounded once."""
    groups = collections.defaultdict(list)
    for one in events:
        second = int(datetime.datetime.fromisoformat(one["timestamp"]).timestamp())
        groups[second - second % 10, one["course"] or "-", one.get("activity") or "-"].append(one)
    rows = {}
    for key, members in groups.items():
        total = sum(fractions.Fraction(str(one["lines_of_code"])) for one in members)
        measured = [fractions.Fraction(one["cpu_usage_pct"]) for one in members if one["cpu_usage_pct"] is not None]
        mean = round(sum(measured) / len(measured), scale) if measured else None
        rows[key] = (len(members), total, mean)
    return rows
