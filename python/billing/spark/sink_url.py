"""What --sink says, of a bill and of a stream alike."""
from billing import ConfigurationError
from billing.spark import cassandra, iceberg
from billing.spark.postgresql import Address

FORMS = ("iceberg:CATALOG.DATABASE.TABLE", "postgresql://HOST/DATABASE?table=TABLE", "cassandra:KEYSPACE.TABLE")


def parse(text, others=()):
    """The table that is named: an iceberg.TableName, a cassandra.TableName, or an Address with a table. `others` are
    what else the command takes, for the message. Nothing of what may be a password is in a message."""
    scheme, colon, rest = text.partition(":")
    kind = scheme.lower() if colon else None
    if kind == "iceberg":
        return iceberg.TableName(rest)
    if kind == "cassandra":
        return cassandra.TableName(rest)
    if kind in ("postgresql", "postgres"):
        address = Address(text, "--sink")
        if not address.table:
            raise ConfigurationError("--sink: which table? postgresql://USER@HOST:PORT/DATABASE?table=TABLE")
        return address
    raise ConfigurationError(f"--sink: {scheme!r} is none of {', '.join([*FORMS, *others])}")


def check_catalog(options, table):
    """--catalog says where the tables of Iceberg are, and nothing else."""
    if options.catalog and not isinstance(table, iceberg.TableName):
        raise ConfigurationError(f"--catalog: has no effect without --sink {FORMS[0]}")
