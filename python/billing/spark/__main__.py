"""python -m billing.spark COMMAND: the commands, and how they end."""
import argparse
import importlib
import sys
import traceback

from billing import ConfigurationError, Error, RejectsError
from billing.spark.failures import from_job

# A command is a module with add_options(parser) and run(options), which returns the exit status.
COMMANDS = {
    "bill": ("billing.spark.bill_command", "the bill of logs, or of rows of a database"),
    "stream": ("billing.spark.stream", "windows of events, or costs of files, from a topic of Kafka"),
    "produce": ("billing.spark.produce", "events for a topic of Kafka, to try streams with"),
    "weblogs": ("billing.spark.weblogs", "tables of web servers' logs: accesses, the top of each day and week"),
    "sql": ("billing.spark.sql", "statements against the tables of a catalog"),
}


def parser_of(command=None):
    parser = argparse.ArgumentParser(prog="python -m billing.spark", description="Bills inside Apache Spark.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (module, summary) in COMMANDS.items():
        one = commands.add_parser(name, help=summary, description=summary, allow_abbrev=False,
                                  formatter_class=argparse.RawDescriptionHelpFormatter)
        if name == command:
            importlib.import_module(module).add_options(one)
    return parser


def run(arguments):
    named = next((word for word in arguments if word in COMMANDS), None)
    options = None
    try:
        options = parser_of(named).parse_args(arguments)
        return importlib.import_module(COMMANDS[options.command][0]).run(options)
    except Exception as error:  # noqa: BLE001  whatever it is, it is told in one line
        if getattr(options, "verbose", False):
            traceback.print_exc()
        return tell(error)
    except KeyboardInterrupt:
        print("billing.spark: interrupted", file=sys.stderr)
        return 130


def tell(error):
    """Says what ended the command; returns its exit status."""
    if isinstance(error, ImportError):
        error = ConfigurationError(f"{error}; pip install './python[spark]' installs what Spark needs")
    elif isinstance(error, OSError):
        error = Error(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    elif not isinstance(error, Error):
        if not type(error).__module__.startswith(("pyspark", "py4j")):
            raise error
        error = from_job(error)
    print(f"billing.spark: {error}", file=sys.stderr)
    if isinstance(error, ConfigurationError):
        return 2
    return 3 if isinstance(error, RejectsError) else 1


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
