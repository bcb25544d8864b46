"""The options of `bill`: those of `billing aggregate` by the program's names, and what a cluster adds."""
from billing import ConfigurationError, _native
from billing.spark.catalogs import add_catalog_options
from billing.spark.rows import is_rows_input
from billing.spark.session import add_session_options
from billing.spark.sink_url import FORMS
from billing.spark.splits import DEFAULT_SPLIT_BYTES

_SHORT = {"input": "-i", "group_by": "-g", "cycle": "-c", "rate": "-r", "null_separated": "-0"}


def add_options(parser):
    parser.epilog = ("All options of `billing aggregate` that say what records are and what is billed mean the same\n"
                     "here; see billing aggregate --help and docs/spark.md.")
    parser.add_argument("paths", nargs="*", metavar="INPUT",
                        help="logs, folders, s3://bucket/prefix/, or one postgresql://host/db")
    aggregate = parser.add_argument_group("options of billing aggregate")
    for keyword, kind in _native._aggregate_keywords().items():
        if kind == "refused":
            continue
        names = ([_SHORT[keyword]] if keyword in _SHORT else []) + ["--" + keyword.replace("_", "-")]
        how = {"flag": {"action": "store_true"}, "list": {"action": "append"}}.get(kind, {})
        if kind != "flag":
            how["metavar"] = "VALUE"
        aggregate.add_argument(*names, dest="billing_" + keyword, default=None, **how)
    result = parser.add_argument_group("result")
    result.add_argument("-o", "--output", metavar="PATH",
                        help="x.csv, x.jsonl, x.txt: one file; dir/: parts that follow each other; x.parquet: rows")
    result.add_argument("--output-format", metavar="NAME", help="text, csv or jsonl; by the ending of --output else")
    result.add_argument("--sink", metavar="URL", help=f"a table: {', '.join(FORMS)}; needs --period")
    result.add_argument("--period", metavar="NAME", help="what of the table this bill replaces, such as 2025-05")
    result.add_argument("--rejects-sink", metavar="URL", help="a folder x.parquet for bad records, as rows")
    result.add_argument("-q", "--quiet", action="store_true", help="no summary; warnings stay")
    result.add_argument("--summary", choices=("text", "json"), default="text", help="one line of JSON, also with -q")
    work = parser.add_argument_group("work")
    work.add_argument("--split-bytes", metavar="SIZE", default=str(DEFAULT_SPLIT_BYTES),
                      help="of the input of a task; default 64MiB")
    work.add_argument("--buckets", metavar="N", type=int, help="ranges of users that are billed apart from each other; "
                      "default: as many as Spark has cores")
    work.add_argument("--table", metavar="NAME", help="the table to read, of INPUT postgresql://")
    work.add_argument("--partition-column", metavar="NAME", help="an integer column by which it is read in parts")
    work.add_argument("--partitions", metavar="N", type=int, default=4, help="how many parts; default 4")
    add_catalog_options(parser, required=False)
    add_session_options(parser)


def keywords_of(options):
    """The options of aggregate() that were given, by keywords."""
    given = {name.removeprefix("billing_"): value for name, value in vars(options).items()
             if name.startswith("billing_") and value is not None}
    options.paths = options.paths + given.pop("input", [])
    return given


def bytes_of(text, option):
    """A size such as 64MiB, as the program reads them."""
    return _native._parse_bytes(option, text)


def check(options):
    if (options.output is None) == (options.sink is None):
        raise ConfigurationError("say where the bill goes: --output PATH or --sink URL, one of them")
    if options.sink and not options.period:
        raise ConfigurationError("--sink: say which period of the table this bill is, such as --period 2025-05")
    if options.period and not options.sink:
        raise ConfigurationError("--period: has no effect without --sink")
    if options.buckets is not None and not 1 <= options.buckets <= 10_000:
        raise ConfigurationError("--buckets: is from 1 to 10000")
    if not options.paths and not options.billing_files_from:
        raise ConfigurationError("no input; name logs, folders, s3://bucket/prefix/ or postgresql://host/db")
    if is_table(options):
        if len(options.paths) > 1:
            raise ConfigurationError("a table is the only input of a bill")
        if not (options.table and options.partition_column):
            raise ConfigurationError("postgresql:// needs --table NAME and --partition-column NAME")
    elif options.table or options.partition_column:
        raise ConfigurationError("--table, --partition-column: have no effect without an input postgresql://")


def is_table(options):
    """Whether the input is a database and no log."""
    return any(is_rows_input(path) for path in options.paths)
