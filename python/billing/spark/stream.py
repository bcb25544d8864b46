"""python -m billing.spark stream: windows of events, or costs of files, from a topic of Kafka."""
import argparse
import os
import re
import sys
import tempfile

from billing import ConfigurationError
from billing.spark import paths, sink_url, windows
from billing.spark.catalogs import add_catalog_options, catalog_settings
from billing.spark.produce import add_kafka_option, kafka_settings
from billing.spark.progress import Progress
from billing.spark.session import add_session_options, open_session
from billing.spark.stream_query import run_query
from billing.spark.stream_sinks import CONSOLE, open_stream_sink
from billing.spark.stream_windows import WindowBatches

_SETTINGS = {
    "spark.sql.ansi.enabled": "true",  # a sum of more than 38 digits is an error, and not NULL
    "spark.sql.shuffle.partitions": "8",  # what a checkpoint keeps; 200 of them are slow where events are few
    "spark.sql.streaming.stateStore.providerClass":
        "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider",
}
# Formats of which a record does not stand by itself.
_TABLES = ("auto", "csv", "tsv")


def add_options(parser):
    group = parser.add_argument_group("messages")
    group.add_argument("--brokers", required=True, metavar="HOST:PORT,…", help="where Kafka is")
    group.add_argument("--topic", required=True)
    group.add_argument("--messages", choices=("events", "paths"), default="events",
                       help="events (default): each message is a record; paths: each names a file below --root")
    group.add_argument("--root", metavar="DIR", help="of --messages paths: where the files are, for all executors")
    group.add_argument("--starting", choices=("earliest", "latest"), default="earliest",
                       help="where a new checkpoint begins (earliest)")
    group.add_argument("--min-partitions", type=_count, metavar="N", help="at least so many tasks read a batch")
    add_kafka_option(group)
    group = parser.add_argument_group("events")
    group.add_argument("--format", metavar="NAME", help="of the events, or of the files: json (default), text, logfmt, "
                       "nginx-combined …, as `billing formats` lists them")
    group.add_argument("--time", metavar="FIELD", help="when an event was: FIELD[:KIND] as in aggregate (timestamp)")
    group.add_argument("--input-timezone", metavar="ZONE", help="of times that have no offset (UTC)")
    group.add_argument("--group-by", type=_fields, default=(), metavar="FIELD,…",
                       help="what windows keep apart; a field that an event lacks is `-`")
    group.add_argument("--sum", type=_fields, default=(), metavar="FIELD,…", help="decimals to add up")
    group.add_argument("--avg", type=_fields, metavar="FIELD,…", help="decimals to average; null does not count")
    group.add_argument("--scale", type=_scale, metavar="N", help="digits of averages, half to even (6)")
    group = parser.add_argument_group("windows")
    group.add_argument("--window", metavar="TIME", help="how long a window is, such as 10s; from the epoch, in UTC")
    group.add_argument("--watermark", metavar="TIME", help="how late an event may be behind the latest one (1m)")
    group.add_argument("--emit", choices=("closed", "updates"), help="windows once they are closed (default), or each "
                       "time that they change")
    group = parser.add_argument_group("the run")
    group.add_argument("--trigger", default="5s", metavar="TIME|available-now",
                       help="how often (5s), or all that is there and then the end")
    group.add_argument("--checkpoint", metavar="DIR", help="where the stream's state is kept; needed but for console")
    group.add_argument("--sink", default=CONSOLE, metavar="SINK",
                       help=f"console (default), {', '.join(sink_url.FORMS)}")
    group.add_argument("--progress", metavar="FILE", help="append rates, counts and executors over time, as JSON lines")
    group.add_argument("--rejects", metavar="FILE", help="append rejects, as JSON lines; the first "
                       "1,000 of a task")
    add_catalog_options(parser, required=False)
    add_session_options(parser)


def run(options):
    _check(options)
    spec = None if options.messages == "paths" else _window_spec(options)
    table = None if options.sink == CONSOLE else sink_url.parse(options.sink, others=(CONSOLE,))
    sink_url.check_catalog(options, table)
    sink = open_stream_sink(table, options, spec)
    extra = _SETTINGS | sink.session_conf() | catalog_settings(options)
    if options.progress:
        extra["spark.ui.enabled"] = "true"  # executors over time are told by its REST
    with Progress(options.progress, options.rejects) as progress, tempfile.TemporaryDirectory() as passing:
        session = open_session(options, f"billing stream {options.topic}", extra)
        try:
            checkpoint = options.checkpoint or os.path.join(passing, "checkpoint")
            batches = (paths.PathBatches(session, options, sink, progress) if spec is None
                       else WindowBatches(session, options, spec, sink, checkpoint, progress))
            sink.prepare(session)
            query = batches.query(_messages(session, options))
            run_query(session, query, checkpoint, options.trigger, batches, progress)
            print(batches.report(), file=sys.stderr)
        finally:
            session.stop()
    return 0


def _check(options):
    _trigger(options)
    if options.sink != CONSOLE and not options.checkpoint:
        raise ConfigurationError("--checkpoint is needed with a sink of tables: it is how a stream goes on where it "
                                 "ended")
    if options.messages == "paths":
        paths.check(options)
        return
    if options.root:
        raise ConfigurationError("--root belongs to --messages paths")
    if not options.window:
        raise ConfigurationError("--window is needed, such as --window 10s")
    if options.scale is not None and not options.avg:
        raise ConfigurationError("--scale is that of averages: there is no --avg")
    if options.format in _TABLES:
        raise ConfigurationError(f"--format {options.format}: a message is a record by itself; json, logfmt, text and "
                                 "formats of web servers are")
    if options.format == "text" and (options.time or options.input_timezone):
        raise ConfigurationError("--time and --input-timezone: records of text have their time in front, with its zone")


def _window_spec(options):
    spec = windows.WindowSpec(
        keys=options.group_by, sums=options.sum, avgs=options.avg or (), time=options.time or "timestamp",
        window_ms=windows.milliseconds_of(options.window, "--window", 1),
        watermark_ms=windows.milliseconds_of(options.watermark or "1m", "--watermark", 0),
        format=options.format or "json", input_timezone=options.input_timezone or "UTC",
        scale=6 if options.scale is None else options.scale)
    spec.events().reader().read_lines(b"", "messages")  # fields that are none are told here, and not by a task
    return spec


def _trigger(options):
    """As Spark's writer takes it."""
    if options.trigger == "available-now":
        options.trigger = {"availableNow": True}
    else:
        options.trigger = {"processingTime": f"{windows.milliseconds_of(options.trigger, '--trigger', 1)} milliseconds"}


def _messages(session, options):
    reader = (session.readStream.format("kafka").option("kafka.bootstrap.servers", options.brokers)
              .option("subscribe", options.topic).option("startingOffsets", options.starting))
    if options.min_partitions:
        reader = reader.option("minPartitions", options.min_partitions)
    for name, value in kafka_settings(options).items():
        reader = reader.option(f"kafka.{name}", value)
    try:
        return reader.load()
    except Exception as error:
        if "Failed to find data source" in str(error):
            raise ConfigurationError("Spark's Kafka source is not there: fill a folder with scripts/get_jars.sh DIR "
                                     "and name it in BILLING_SPARK_JARS") from None
        raise


def _fields(text):
    # Commas within backquotes or ${} belong to a field.
    fields = re.findall(r"(?:`[^`]*`|\$\{[^}]*\}|[^,`])+", text)
    fields = tuple(field.strip() for field in fields)
    if not fields or not all(fields):
        raise argparse.ArgumentTypeError(f"{text!r} is no list of fields with commas")
    return fields


def _count(text):
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 10**6:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 1000000")
    return int(text)


def _scale(text):
    if not text.isascii() or not text.isdigit() or int(text) > 18:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 18")
    return int(text)
