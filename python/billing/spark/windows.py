"""Events -> windows: Spark's windows and watermark around what was decoded."""
import dataclasses
import decimal
import re

from billing import ConfigurationError
from billing.spark.stream_events import DIGITS, FRACTION_DIGITS, Decoder, EventSpec
from billing.spark.workers import map_in_arrow

# The local property by which tasks learn of the batch's late events: events before this instant, in microseconds.
LATE_PROPERTY = "billing.stream.late_before_us"

_UNITS_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_TAKEN = {"window_start", "window_end", "count"}


@dataclasses.dataclass(frozen=True)
class WindowSpec:
    """Windows of `window_ms` by keys; sums and averages are of fields, avgs to `scale` digits."""
    keys: tuple
    sums: tuple
    avgs: tuple
    window_ms: int
    watermark_ms: int
    time: str = "timestamp"
    format: str = "json"
    input_timezone: str = "UTC"
    scale: int = 6

    def __post_init__(self):
        names = self.columns()
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ConfigurationError(f"two columns of the windows would be called {min(twice)}")

    @property
    def values(self):
        return tuple(dict.fromkeys(self.sums + self.avgs))

    @property
    def key_columns(self):
        return tuple(column_of(key) for key in self.keys)

    def columns(self):
        return ["window_start", "window_end", *self.key_columns, "count",
                *(f"sum_{column_of(name)}" for name in self.sums), *(f"avg_{column_of(name)}" for name in self.avgs)]

    def events(self):
        return EventSpec(self.keys, self.values, self.time, self.format, self.input_timezone)


def column_of(selector):
    """The name of the column of a field: letters, digits and _ alone, so that every sink takes it."""
    name = re.sub(r"\W+", "_", selector, flags=re.ASCII).strip("_").lower()
    if not name:
        raise ConfigurationError(f"{selector!r} makes no name of a column")
    return f"_{name}" if name[0].isdigit() else name


def milliseconds_of(text, option, at_least):
    match = re.fullmatch(r"([0-9]{1,12})(ms|s|m|h|d)", text)
    if not match or (value := int(match[1]) * _UNITS_MS[match[2]]) < at_least:
        raise ConfigurationError(f"{option}: {text!r} is no length of time as 500ms, 10s, 1m, 2h or 1d")
    return value


def windows_of(messages, spec, tally):
    """The windows of a stream (or table) of messages: columns value, topic, partition and offset."""
    from pyspark.sql import functions as F
    from pyspark.sql.types import DecimalType
    events_spec = spec.events()
    # In a stream the time of the batch: a batch that is repeated makes the same of an event beyond it.
    messages = messages.select("value", "topic", "partition", "offset", F.current_timestamp().alias("now"))
    events = map_in_arrow(messages, Decoder(events_spec, tally, LATE_PROPERTY), events_spec.spark_schema())
    groups = [f"k{i}" for i in range(len(spec.keys))]
    value_columns = {name: f"v{i}" for i, name in enumerate(spec.values)}
    sums = [F.sum(column).alias(f"s_{column}") for column in value_columns.values()]
    present = [F.count(value_columns[name]).alias(f"n_{value_columns[name]}") for name in spec.avgs]
    windows = (events.withWatermark("time", f"{spec.watermark_ms} milliseconds")
               .groupBy(F.window("time", f"{spec.window_ms} milliseconds").alias("w"), *groups)
               .agg(F.count("*").alias("n"), *sums, *present))
    mean = F.udf(lambda total, count: mean_of(total, count, spec.scale), DecimalType(DIGITS, spec.scale))
    shown = [F.col("w.start").alias("window_start"), F.col("w.end").alias("window_end")]
    shown += [F.col(group).alias(name) for group, name in zip(groups, spec.key_columns)]
    shown += [F.col("n").alias("count")]
    shown += [F.col(f"s_{value_columns[name]}").alias(f"sum_{column_of(name)}") for name in spec.sums]
    shown += [mean(f"s_{value_columns[name]}", f"n_{value_columns[name]}").alias(f"avg_{column_of(name)}")
              for name in spec.avgs]
    return windows.select(*shown)


def mean_of(total, count, scale):
    """total / count, rounded half to even once; None of nothing. (Spark's own division rounds twice, and half up.)"""
    if not count:
        return None
    with decimal.localcontext(decimal.Context(prec=2 * DIGITS)):
        units = int(total.scaleb(FRACTION_DIGITS))
    divisor = count * 10 ** (FRACTION_DIGITS - scale)
    quotient, rest = divmod(units, divisor)
    if 2 * rest > divisor or (2 * rest == divisor and quotient % 2):
        quotient += 1
    with decimal.localcontext(decimal.Context(prec=2 * DIGITS)):
        return decimal.Decimal(quotient).scaleb(-scale)


def late_before_us(watermark_us, window_ms):
    """Events before this instant are of windows that the watermark has closed."""
    window_us = window_ms * 1000
    return watermark_us // window_us * window_us
