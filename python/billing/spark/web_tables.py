"""The tables that web logs become, and how the days and the weeks that have changed are made anew."""
import datetime

from billing.spark.catalogs import NAME

DATABASE = f"{NAME}.nginx_logs"
ACCESS_LOGS = f"{DATABASE}.access_logs"

# Snappy, and files of the size that scans like best.
_PROPERTIES = {
    "write.format.default": "parquet",
    "write.parquet.compression-codec": "snappy",
    "write.target-file-size-bytes": "134217728",
}
# A day or a week of the other tables is a few rows, and of one task already.
_PROPERTIES_OF_SUMMARIES = {"write.distribution-mode": "none"}

ACCESS_COLUMNS = """ip_address string, timestamp timestamp, method string, url string, url_path string, protocol string,
    status_code int, status_category string, response_size bigint, referer string, user_agent string,
    device_type string, file_extension string, is_bot boolean, date date, hour int, year int, month int, day int,
    week_of_year int"""

_WEEK = "year int, week_of_year int, week_start_date date, week_end_date date"

# Each with its columns and by what it is partitioned: what a run replaces is whole partitions.
_TABLES = {
    "access_logs": (ACCESS_COLUMNS, "date"),
    "daily_top_ips": ("date date, ip_address string, request_count bigint, rank int", "date"),
    "daily_top_devices": ("date date, device_type string, request_count bigint, rank int", "date"),
    "weekly_top_ips": (f"{_WEEK}, ip_address string, request_count bigint, rank int", "year, week_of_year"),
    "weekly_top_devices": (f"{_WEEK}, device_type string, request_count bigint, rank int", "year, week_of_year"),
    "weekly_analytics": ("year int, week_of_year int, requests bigint, unique_ips bigint, bytes bigint, errors bigint",
                         "year, week_of_year"),
}

# Weeks are those of ISO 8601: they begin on Mondays, and belong to the year that has their Thursday.
_MONDAY = "cast(date_trunc('week', date) as date)"
_WEEK_OF_DATE = f"""cast(extract(yearofweek from date) as int) as year, cast(weekofyear(date) as int) as week_of_year,
    {_MONDAY} as week_start_date, date_add({_MONDAY}, 6) as week_end_date"""
_WEEK_NAMES = "year, week_of_year, week_start_date, week_end_date"


def create_tables(session):
    """Makes what is not there yet."""
    session.sql(f"create namespace if not exists {DATABASE}")
    for name, (columns, partitions) in _TABLES.items():
        chosen = _PROPERTIES if name == "access_logs" else _PROPERTIES | _PROPERTIES_OF_SUMMARIES
        properties = ", ".join(f"'{key}' = '{value}'" for key, value in chosen.items())
        session.sql(f"create table if not exists {DATABASE}.{name} ({columns}) using iceberg "
                    f"partitioned by ({partitions}) tblproperties ({properties})")


def replace_days(rows, dates):
    """Puts rows, which are all of these dates, in the place of what access_logs has of them: one snapshot."""
    rows.writeTo(ACCESS_LOGS).overwrite(_within(dates, "date"))


def renew_summaries(session, dates, top):
    """Makes the other tables anew for these dates, and for their weeks, of access_logs as it stands."""
    mondays = sorted({date_of_monday(date) for date in dates})
    for part, columns in (("ips", "ip_address"), ("devices", "device_type")):
        daily = _top(session, "date", "date", columns, top, _condition_of_days(dates))
        daily.writeTo(f"{DATABASE}.daily_top_{part}").overwrite(_within(dates, "date"))
        weekly = _top(session, _WEEK_OF_DATE, _WEEK_NAMES, columns, top, _condition_of_weeks(mondays))
        weekly.writeTo(f"{DATABASE}.weekly_top_{part}").overwrite(_of_weeks(mondays))
    _analytics(session, mondays).writeTo(f"{DATABASE}.weekly_analytics").overwrite(_of_weeks(mondays))


def _top(session, period, names, key, top, condition):
    """Of each period the keys with the most requests; of equal ones that with more bytes, then the first by name."""
    return session.sql(f"""
        select {names}, {key}, request_count, rank from (
            select *, cast(row_number() over (partition by {names}
                           order by request_count desc, bytes desc, {key} nulls last) as int) as rank from (
                select {names}, {key}, count(*) as request_count, sum(response_size) as bytes
                from (select {period}, {key}, response_size from {ACCESS_LOGS} where {condition})
                group by {names}, {key}))
        where rank <= {int(top)}""")


def _analytics(session, mondays):
    return session.sql(f"""
        select year, week_of_year, count(*) as requests, count(distinct ip_address) as unique_ips,
            coalesce(sum(response_size), 0) as bytes, count_if(status_code >= 400) as errors
        from (select {_WEEK_OF_DATE}, ip_address, response_size, status_code from {ACCESS_LOGS}
              where {_condition_of_weeks(mondays)})
        group by year, week_of_year""")


def date_of_monday(date):
    return date - datetime.timedelta(days=date.weekday())


def _condition_of_days(dates):
    return f"date in ({', '.join(map(_literal, sorted(dates)))})"


def _condition_of_weeks(mondays):
    return " or ".join(f"date between {_literal(monday)} and date_add({_literal(monday)}, 6)" for monday in mondays)


def _literal(date):
    return f"date'{date.isoformat()}'"


def _within(dates, column):
    from pyspark.sql import functions as F
    return F.col(column).isin(*sorted(dates))


def _of_weeks(mondays):
    from pyspark.sql import functions as F
    found = F.lit(False)
    for monday in mondays:
        year, week, _ = monday.isocalendar()
        found = found | ((F.col("year") == year) & (F.col("week_of_year") == week))
    return found
