"""Inputs, cut into pieces that tasks read: byte ranges of lines, or whole files."""
import os
from dataclasses import dataclass

from billing import ConfigurationError, Error, _native
from billing.spark import objects

DEFAULT_SPLIT_BYTES = 64 << 20


@dataclass(frozen=True)
class Split:
    """The records of an input that begin in [begin, end); end is None where it is all of the input."""
    number: int
    input: int           # its place among the inputs, which is the order of the program
    path: str            # where tasks, which run in other folders, find it; or a URL
    begin: int
    end: int | None
    size: int | None     # of the input's text when it was planned; None where nobody knows it
    version: str | None  # what tells that the input has changed
    is_lines: bool       # which may be cut anywhere; else a task reads all of it, as the program does

    @property
    def bytes(self):
        return (self.size or 0) if self.end is None else self.end - self.begin


@dataclass(frozen=True)
class JobPlan:
    """What the driver has decided. Tasks read splits; options are those of aggregate(), by keywords."""
    splits: list
    tasks: list          # lists of splits, each for one task
    inputs: list         # (name, size, may be cut, what it is, name in a file of rejects)
    reads_whole: list    # names of inputs that are one split, and why, for people
    maker_options: dict  # what records are, and what usage keeps
    bill_options: dict   # prices
    plan: object


# Options of aggregate() that belong to the bill, to the search for inputs, or to the whole job.
_OF_BILL = ("rate", "rates", "unrated", "rounding", "scale")
_OF_DRIVER = ("env_file", "files_from", "null_separated", "include", "exclude", "partitioned_by", "rejects",
              "max_rejects", "csv_safe")
# What a task may take of the machine beside Spark's own memory (spark.executor.memoryOverhead).
TASK_LIMITS = {"threads": 1, "memory_limit": "256MB"}


def plan_job(paths, options, split_bytes=DEFAULT_SPLIT_BYTES):
    """Finds the inputs and decides how each is read and cut. Raises billing.ConfigurationError, billing.Error."""
    local, remote = [], []
    for path in paths:
        (remote if objects.is_remote(path) else local).append(path)
    for name in ("include", "exclude", "partitioned_by"):
        if remote and options.get(name):
            raise ConfigurationError(f"--{name.replace('_', '-')}: is for folders of files; say the prefixes of "
                                     "objects themselves")
    found = [one for path in remote for one in objects.find(path)]
    keys = set()
    for one in found:
        if objects.key_of(one.url) in keys:
            raise ConfigurationError(f"{one.url}: is named twice, and would be billed twice")
        keys.add(objects.key_of(one.url))
    remote = [(one.url, None if one.is_compressed else one.size, one.first_bytes, one.is_whole)
              for one in found]
    plan = _native._Plan(local, remote=remote, env=True, **options)
    versions = {one.url: one.version for one in found}
    splits, reads_whole = [], []
    inputs = plan.inputs
    for place, (name, size, may_be_cut, what, _) in enumerate(inputs):
        if size == 0:
            continue
        is_cut = may_be_cut and size is not None
        if not is_cut:
            reads_whole.append((name, what))
        # As the system reads it: `link/../log` is not `log`.
        path = name if objects.is_remote(name) else os.path.join(os.getcwd(), name)
        version = versions.get(name) or version_of(path)
        step = split_bytes if is_cut else None
        for begin in range(0, size, step) if step else (0,):
            last = not step or begin + step >= size
            end = None if begin == 0 and last else size if last else begin + step
            splits.append(Split(len(splits), place, path, begin, end, size, version, is_cut))
    if not splits:
        splits.append(Split(0, 0, inputs[0][0] if inputs else "no input", 0, None, 0, None, True))
    maker, bill = _options_of_tasks(plan, options)
    return JobPlan(splits, _tasks_of(splits, split_bytes), inputs, reads_whole, maker, bill, plan)


def _options_of_tasks(plan, options):
    usage = {name: value for name, value in options.items() if name not in _OF_BILL + _OF_DRIVER}
    # Decided over all inputs together. As options they would be those of other formats than text.
    usage["_kept_quantity"] = (plan.unit, plan.digits)
    if plan.rejects_unrated:  # while records are read, by the rates that the driver has found
        usage |= {"unrated": "reject", "rates": plan.rates}
    return usage | TASK_LIMITS, options_of_bill(plan, options)


def options_of_bill(plan, options):
    """Those of merge(): prices, and how they round."""
    bill = {name: options[name] for name in ("rounding", "scale") if options.get(name) is not None}
    # That none of the tasks has a rate is seen over the whole job only: see control.py.
    bill |= {"rates": plan.rates, "unrated": "fail" if options.get("unrated") == "fail" else "zero"}
    return bill | TASK_LIMITS


def _tasks_of(splits, split_bytes):
    """Small inputs share a task, so that ten thousand files are not ten thousand tasks."""
    tasks, room = [], 0
    for split in splits:
        if not tasks or split.size is None or split.bytes > room:
            tasks.append([])
            room = split_bytes
        tasks[-1].append(split)
        room -= split.bytes if split.size is not None else room
    return tasks


def version_of(path):
    """What changes when a file does; None for what is no file."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return f"{status.st_size} {status.st_mtime_ns}"


def check_unchanged(split):
    """Pieces of different versions of an input would make no whole."""
    now = version_of(split.path)
    if now is None:
        raise Error(f"{split.path}: cannot be read on this machine; inputs must be at the same path on all of them, "
                    "or in a store that all reach")
    if now != split.version:
        raise Error(f"{split.path}: has changed since the job was planned; run again when it is complete")
