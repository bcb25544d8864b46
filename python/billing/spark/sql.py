"""python -m billing.spark sql: statements of a file against the tables of a catalog."""
import sys

from billing import ConfigurationError, Error
from billing.spark.catalogs import NAME, add_catalog_options, catalog_settings
from billing.spark.failures import from_job
from billing.spark.session import add_session_options, open_session


def add_options(parser):
    add_catalog_options(parser)
    parser.add_argument("-f", "--file", required=True, metavar="FILE",
                        help=f"statements, each ended by ';'; - is standard input. Tables are {NAME}.DATABASE.TABLE")
    add_session_options(parser)


def run(options):
    statements = split_statements(_read(options.file))
    if not statements:
        raise ConfigurationError(f"{options.file}: there are no statements in it")
    session = open_session(options, "billing sql", catalog_settings(options))
    try:
        for line, statement in statements:
            try:
                print_result(session.sql(statement), sys.stdout)
            except Exception as error:
                if options.verbose or not type(error).__module__.startswith(("pyspark", "py4j")):
                    raise
                raise Error(f"{options.file}:{line}: {from_job(error)}") from error
    finally:
        session.stop()
    return 0


def _read(path):
    if path == "-":
        return sys.stdin.read()
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise Error(f"{path}: {getattr(error, 'strerror', None) or error}") from error


def split_statements(text):
    """The statements of a script, each with the number of its first line. A `;` in quotes or comments ends none."""
    statements = []
    begin = at = 0
    while at < len(text):
        if text[at] == ";":
            _add(statements, text, begin, at)
            begin = at = at + 1
        else:
            at = _behind(text, at)
    _add(statements, text, begin, len(text))
    return statements


def _behind(text, at):
    """Just past what begins at a place: a quoted text, a comment, or one character."""
    if text.startswith("--", at):
        return _past(text, "\n", at)
    if text.startswith("/*", at):
        return _past(text, "*/", at + 2)
    quote = text[at]
    if quote not in "'\"`":
        return at + 1
    at += 1
    while at < len(text) and text[at] != quote:
        at += 2 if text[at] == "\\" and quote != "`" else 1
    return at + 1


def _past(text, end, at):
    found = text.find(end, at)
    return len(text) if found < 0 else found + len(end)


def _add(statements, text, begin, end):
    """Adds what stands there, unless it is blanks and comments alone."""
    at = begin
    while at < end and (text[at].isspace() or text.startswith(("--", "/*"), at)):
        at = _behind(text, at)
    if at < end:
        statements.append((text.count("\n", 0, at) + 1, text[at:end]))


def print_result(table, out):
    """A header and rows of cells between tabs, as Spark casts them to strings; nothing where there is no result."""
    if not table.columns:
        return
    print("\t".join(table.columns), file=out)
    for row in _as_texts(table).toLocalIterator():
        print("\t".join(map(_cell, row)), file=out)


def _as_texts(table):
    """Times would otherwise come to Python in the time zone of the machine, and columns may have the same name."""
    from pyspark.sql import functions as F
    from pyspark.sql.types import BinaryType
    numbered = table.toDF(*(f"c{i}" for i in range(len(table.columns))))
    return numbered.select(*(F.hex(field.name) if isinstance(field.dataType, BinaryType)
                             else F.col(field.name).cast("string") for field in numbered.schema))


def _cell(value):
    if value is None:
        return "NULL"
    return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
