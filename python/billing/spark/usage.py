"""Splits and rows -> usage: in the tasks, a partial for each range of users and what the driver must know."""
import dataclasses
import itertools
import json
import os
import tempfile
import warnings

import billing
from billing import _native
from billing.spark import objects, splits
from billing.spark.rejects import EXAMPLES
from billing.spark.workers import map_in_arrow

# A row is a partial of one split and one range of users, or, with the range DRIVER, what the driver reads.
SCHEMA = "range int, split int, partial binary, report string"
DRIVER = -1
# More of one split do not fit: their text is limited to 64 MiB (see billing.Rejects).
ALL_REJECTS = 1 << 30
_HASH, _SPLIT = "billing_hash", "billing_split"  # columns of ours, of rows of a table


def usage_of_splits(session, job, begins, keeps_rejects):
    """The usage of a plan as a DataFrame of SCHEMA."""
    tasks, options = job.tasks, job.maker_options
    kept = ALL_REJECTS if keeps_rejects else EXAMPLES

    def task(batches):
        for batch in batches:
            for number in batch.column(0).to_pylist():
                for split in tasks[number]:
                    yield from _rows(split.number, *_read_split(split, options, begins, kept))

    return map_in_arrow(session.range(0, len(tasks), 1, len(tasks)), task, SCHEMA)


def usage_of_rows(rows, options, begins, keeps_rejects):
    """The usage of a DataFrame of calls as a DataFrame of SCHEMA: a split is one of its partitions."""
    from pyspark.sql import functions as F
    from pyspark.sql.pandas.types import to_arrow_schema
    kept = ALL_REJECTS if keeps_rejects else EXAMPLES
    hashed = F.xxhash64(*rows.columns)
    rows = rows.withColumn(_HASH, hashed).withColumn(_SPLIT, F.spark_partition_id())
    columns = to_arrow_schema(rows.schema)

    def task(batches):
        import pyarrow
        from pyspark import TaskContext
        first = next(batches, None)
        schema = columns if first is None else first.schema
        # Of a partition that is computed again within another task, too.
        number = TaskContext.get().partitionId() if first is None else first.column(_SPLIT)[0].as_py()
        sums = [0, 0]
        given = _hashed(itertools.chain([] if first is None else [first], batches), sums)
        maker = billing.PartialMaker(keep_rejects=kept, **options)
        maker.add_events(pyarrow.RecordBatchReader.from_batches(schema, given), f"rows {number}",
                         time_unit="ns")
        partials = maker.finish_ranges(begins, judge_rejects=False)
        yield from _rows(number, partials, _report(maker, kept) | {"hashes": sums})

    return map_in_arrow(rows, task, SCHEMA)


def _hashed(batches, sums):
    """Adds up the rows' hashes, in two halves of 32 bits: the same sums for any order and any partitions."""
    import pyarrow.compute
    for batch in batches:
        hashes = batch.column(_HASH)
        for half, bits in enumerate((0, 32)):
            halves = pyarrow.compute.bit_wise_and(pyarrow.compute.shift_right(hashes, bits), 0xFFFFFFFF)
            sums[half] += pyarrow.compute.sum(halves).as_py() or 0
        yield batch


def _read_split(split, options, begins, kept):
    """Partials by range, and the report, of one split."""
    if split.size == 0:
        maker = billing.PartialMaker(keep_rejects=kept, **_without_wrapper(options))
        maker.add_lines(b"", split.path)
        return maker.finish_ranges(begins, judge_rejects=False), _report(maker, kept)
    if not split.is_lines:
        return _read_whole(split, options, begins, kept)
    maker = billing.PartialMaker(keep_rejects=kept, **options)
    if objects.is_remote(split.path):
        lines, begin, is_last, sample = objects.read_lines(split)
        maker.add_lines(lines, split.path, begin=begin, is_last=is_last, sample=sample)
    else:
        splits.check_unchanged(split)
        maker.add_file(split.path, split.begin, split.end)
        splits.check_unchanged(split)
    return maker.finish_ranges(begins, judge_rejects=False), _report(maker, kept)


def _without_wrapper(options):
    return {name: value for name, value in options.items() if name not in ("unwrap", "stream")}


def _read_whole(split, options, begins, kept):
    """An input as the program reads it, with all that formats, wrappers and compression ask for."""
    with tempfile.TemporaryDirectory(prefix="billing-") as folder:
        path = split.path
        if objects.is_remote(path):
            path = os.path.join(folder, os.path.basename(path))
            objects.download(split, path)
        else:
            splits.check_unchanged(split)
        partial = os.path.join(folder, "usage.partial")
        with warnings.catch_warnings():  # the driver tells them
            warnings.simplefilter("ignore", billing.Warning)
            bill = billing.aggregate(path, partial=partial, max_rejects="100%", keep_rejects=kept, **options)
        if not objects.is_remote(split.path):
            splits.check_unchanged(split)
        with open(partial, "rb") as file:
            usage = file.read()
    read = bill._read | {"quantity": str(bill._read["quantity"])}
    return _native._split_partial(usage, begins), read | {
        "lines": 0, "warnings": [one for one in bill.warnings if "empty" not in one],
        "rejects": _rows_of(bill.rejects, kept, split.path)}


def _report(maker, kept):
    totals = maker.totals
    return totals | {"quantity": str(totals["quantity"]), "lines": maker.lines, "warnings": [],
                     "rejects": _rows_of(maker.rejects, kept)}


def _rows_of(rejects, kept, name=None):
    """Rows (file, line, byte_offset, reason, record)."""
    import pyarrow
    if kept == ALL_REJECTS and rejects.total > len(rejects):
        raise billing.Error(f"{name or 'a split'}: {rejects.total} rejects of one split do not fit into memory "
                            "together; lower --split-bytes, or mend the input")
    if len(rejects) == 0:
        return []
    table = pyarrow.table(rejects)
    columns = [table.column(one).to_pylist() for one in ("file", "line", "byte_offset", "reason", "record")]
    return [list(row) for row in zip(*columns)]


def _rows(number, partials, report):
    import pyarrow
    report |= {"tasks": _native._partial_tasks(partials[0])}
    for place, partial in enumerate(partials):
        yield _batch(pyarrow, place, number, partial, None)
    yield _batch(pyarrow, DRIVER, number, None, json.dumps(report))


def _batch(pyarrow, place, number, partial, report):
    return pyarrow.RecordBatch.from_arrays(
        [pyarrow.array([place], pyarrow.int32()), pyarrow.array([number], pyarrow.int32()),
         pyarrow.array([partial], pyarrow.binary()), pyarrow.array([report], pyarrow.string())],
        names=["range", "split", "partial", "report"])


def sample_users(job, count=2000):
    """Names of users from the beginnings of some splits, each as often as it was found."""
    users = []
    step = max(1, len(job.splits) // 20)
    for split in job.splits[::step]:
        if split.size == 0 or not split.is_lines:
            continue
        try:
            users += _users_at(split, job.maker_options)
        except billing.Error:
            continue  # whatever is wrong is told by the task that reads it
        if len(users) >= count:
            break
    return users


def _users_at(split, options):
    import pyarrow
    maker = billing.PartialMaker(keep_rejects=0, **options)
    end = min(split.size, split.begin + (64 << 10))
    if objects.is_remote(split.path):
        lines, begin, is_last, sample = objects.read_lines(dataclasses.replace(split, end=end))
        maker.add_lines(lines, split.path, begin=begin, is_last=is_last, sample=sample)
    else:
        maker.add_file(split.path, split.begin, end)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", billing.Warning)
        bill = billing.merge(maker.finish_ranges([], judge_rejects=False), group_by="user", rates={"*": 0}, threads=1)
    table = pyarrow.table(bill)
    names, calls = table.column("user").to_pylist(), table.column("calls").to_pylist()
    return [name for name, count in zip(names, calls) for _ in range(min(count, 20))]


def begins_of(users, ranges):
    """Where ranges of about as many calls begin: at most ranges - 1 names in the order of their bytes."""
    ordered = sorted(users, key=lambda name: name.encode())
    cuts = {ordered[len(ordered) * i // ranges] for i in range(1, ranges)} if ordered else set()
    return sorted(cuts - {""}, key=lambda name: name.encode())
