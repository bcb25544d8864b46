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


_PROGRAM = "python -m billing.spark"


def parser_of(command):
    """The parser of the words behind a command."""
    module, summary = COMMANDS[command]
    parser = argparse.ArgumentParser(prog=f"{_PROGRAM} {command}", description=summary, allow_abbrev=False,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    importlib.import_module(module).add_options(parser)
    return parser


def parse(arguments):
    """The command and its options, which may stand between its inputs: a parser with subparsers cannot do that."""
    if arguments and arguments[0] in COMMANDS:
        command, *words = arguments
        return command, _parse_words(parser_of(command), words)
    parser = argparse.ArgumentParser(prog=_PROGRAM, description="Bills inside Apache Spark.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, (_, summary) in COMMANDS.items():
        commands.add_parser(name, help=summary)
    parser.parse_args(arguments)  # shows the help, or tells what is wrong
    raise AssertionError(arguments)


def _parse_words(parser, words):
    # Words behind `--` are inputs, whatever they begin with: parse_intermixed_args() would look for options there.
    end = words.index("--") if "--" in words else len(words)
    options = parser.parse_intermixed_args(words[:end])
    inputs = words[end + 1:]
    if inputs and not hasattr(options, "paths"):
        parser.error(f"unrecognized arguments: {' '.join(inputs)}")
    if inputs:
        options.paths = options.paths + inputs
    return options


def run(arguments):
    options = None
    try:
        command, options = parse(arguments)
        return importlib.import_module(COMMANDS[command][0]).run(options)
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
