"""Usage -> the bill: in the tasks, a range of users each; the ranges follow each other in the order of the bill."""
import decimal

import billing
from billing.spark import told
from billing.spark.workers import map_in_arrow

TEXT_BYTES = 1 << 20


def by_range(found, ranges):
    """The usage with the partials of a range in one partition of its number, in the order of the ranges."""
    from pyspark.sql import functions as F
    usage = found.where("range >= 0").select("range", "split", "partial")
    if ranges == 1:
        return usage.repartition(1)
    keys = F.array(*[F.lit(key) for key in keys_of_partitions(ranges)])
    return usage.repartition(ranges, F.element_at(keys, F.col("range") + 1))


def keys_of_partitions(partitions):
    """For each partition a number that Spark sends there: there is no way to name a partition."""
    found, number = {}, 0
    while len(found) < partitions:
        found.setdefault(hash_of(number) % partitions, number)
        number += 1
    return [found[place] for place in range(partitions)]


def hash_of(number):
    """As Spark's hash() of an int: MurmurHash3 (x86, 32 bits) of its four bytes, with the seed 42."""
    def rotated(value, by):
        return (value << by | value >> (32 - by)) & 0xFFFFFFFF

    block = rotated(number * 0xCC9E2D51 & 0xFFFFFFFF, 15) * 0x1B873593 & 0xFFFFFFFF
    hashed = (rotated(42 ^ block, 13) * 5 + 0xE6546B64) & 0xFFFFFFFF
    hashed ^= 4  # bytes
    hashed = (hashed ^ hashed >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    hashed = (hashed ^ hashed >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    hashed ^= hashed >> 16
    return hashed - (1 << 32) if hashed >> 31 else hashed


def _bill(batches, splits, options):
    """The bill of the partials of one range, and its number."""
    pairs, place = [], None
    for batch in batches:
        for number, split, partial in zip(*(batch.column(one).to_pylist() for one in range(3))):
            if place is not None and number != place:
                raise billing.Error(f"ranges {place} and {number} came to one task")
            place = number
            pairs.append((split, partial))
    if not pairs:
        return None, None
    import warnings
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", billing.Warning)  # the driver tells those of the whole job
        return billing.Bill(pairs, splits=splits, **options), place


def _tell(facts, place, bill):
    report = bill.report
    told.tell(facts, place, {
        "lines": report["lines"], "billed": report["billed"], "exact": report["exact"],
        "calls": bill.totals["calls"], "quantity": str(bill.totals["quantity"]),
        "unrated": report.get("unrated", [])})


def as_text(usage, splits, options, output_format, csv_safe, facts):
    """Rows of text, whole lines each without the last one's end: in order, the bytes of the program."""

    def task(batches):
        import pyarrow
        bill, place = _bill(batches, splits, options)
        if bill is None:
            return
        text = _render(bill, output_format, csv_safe)
        begin = 0
        if output_format == "csv" and place > 0:
            begin = text.index(b"\n") + 1
        while begin < len(text):
            end = text.find(b"\n", min(begin + TEXT_BYTES, len(text) - 1)) + 1 or len(text)
            array = pyarrow.array([text[begin:end - 1]], pyarrow.binary())
            yield pyarrow.RecordBatch.from_arrays([array], names=["value"])
            begin = end
        _tell(facts, place, bill)

    return map_in_arrow(usage, task, "value binary")


def _render(bill, output_format, csv_safe):
    if output_format == "csv":
        return bill.to_csv(csv_safe=csv_safe)
    return bill.to_jsonl() if output_format == "jsonl" else bill.to_text()


def as_rows(usage, splits, options, columns, facts):
    """Rows of the bill, with the columns of its CSV."""
    import pyarrow
    names = [name for name, _ in columns]

    def task(batches):
        bill, place = _bill(batches, splits, options)
        if bill is None:
            return
        for batch in pyarrow.RecordBatchReader.from_stream(bill):
            yield pyarrow.RecordBatch.from_arrays(
                [_plain(pyarrow, column) for column in batch.columns], names=batch.schema.names)
        _tell(facts, place, bill)

    schema = ", ".join(f"`{name}` {kind}" for name, kind in columns)
    return map_in_arrow(usage, task, schema).select(*names)


def _plain(pyarrow, column):
    return column.cast(pyarrow.string()) if pyarrow.types.is_dictionary(column.type) else column


def columns_of(found, options):
    """Names and Spark's types of the bill's columns, by the bill of one of its partials."""
    import pyarrow
    partial = found.where("range = 0").select("partial").first().partial
    bill = billing.merge(bytes(partial), **(options | {"rates": {"*": 0}}))
    schema = pyarrow.schema(bill)
    kinds = []
    for field in schema:
        kind = field.type
        if pyarrow.types.is_decimal(kind):
            name = f"decimal({kind.precision},{kind.scale})"
        elif pyarrow.types.is_integer(kind):
            name = "bigint"
        else:
            name = "string"
        kinds.append((field.name, name))
    return kinds


class Summary:
    """What all ranges add up to."""

    def __init__(self, facts, ranges, checked):
        """Raises billing.Error unless it is what the driver has checked."""
        reports = list(told.take(facts).values())
        if len(reports) != ranges:
            raise billing.Error(f"{len(reports)} of {ranges} ranges of the bill were made")
        self.lines = sum(one["lines"] for one in reports)
        self.calls = sum(one["calls"] for one in reports)
        self.quantity = sum((decimal.Decimal(one["quantity"]) for one in reports), decimal.Decimal(0))
        read = checked.totals
        if self.calls != read["calls"] or self.quantity != read["quantity"]:
            raise billing.Error(f"control totals do not balance: {read['calls']} calls of {read['quantity']} were "
                                f"read, {self.calls} of {self.quantity} are billed")
        with decimal.localcontext(decimal.Context(prec=80)):
            self.billed = sum((decimal.Decimal(one["billed"]) for one in reports), decimal.Decimal(0))
            self.exact = sum((decimal.Decimal(one["exact"]) for one in reports), decimal.Decimal(0))
        calls = {}
        for one in reports:
            for task in one["unrated"]:
                calls[task["task"]] = calls.get(task["task"], 0) + task["calls"]
        self.unrated = sorted(calls.items(), key=lambda item: (-item[1], item[0]))
