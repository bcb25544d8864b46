"""Where tables of Iceberg are kept: the options of a catalog, and the settings of a session that knows it as `lake`."""
import os
from urllib.parse import urlsplit

from billing import ConfigurationError
from billing.spark import iceberg
from billing.spark.objects import hadoop_url, s3a_settings
from billing.spark.postgresql import Address, is_url

NAME = "lake"
KINDS = ("hadoop", "jdbc", "hive")
_PREFIX = f"spark.sql.catalog.{NAME}"


def add_catalog_options(parser, required=True):
    """Unless it is required, a catalog may be left out, and said by --conf or not at all."""
    group = parser.add_argument_group("catalog", f"Tables of Iceberg; statements call the catalog `{NAME}`.")
    group.add_argument("--catalog", choices=KINDS, required=required,
                       help="hadoop: the warehouse's folders alone, for one writer at a time; jdbc: a database; hive: "
                       "a metastore of Hive")
    group.add_argument("--catalog-uri", metavar="U", help="jdbc: postgresql://USER@HOST:PORT/DATABASE (the password by "
                       "PGPASSWORD or PGPASSFILE) or jdbc:...; hive: thrift://HOST:PORT")
    group.add_argument("--warehouse", metavar="W", required=required,
                       help="the folder of all tables: a path, s3://BUCKET/PATH, or any URL that Hadoop knows")


def catalog_settings(options):
    """Settings of a session for the options of add_catalog_options()."""
    if options.catalog is None:
        if options.catalog_uri or options.warehouse:
            raise ConfigurationError("--catalog: must say of which kind the catalog is: hadoop, jdbc or hive")
        return {}
    if not options.warehouse:
        raise ConfigurationError("--warehouse: a catalog needs one")
    if options.catalog == "hadoop" and options.catalog_uri:
        raise ConfigurationError("--catalog-uri: a hadoop catalog has none, only a --warehouse")
    if options.catalog != "hadoop" and not options.catalog_uri:
        raise ConfigurationError(f"--catalog-uri: a {options.catalog} catalog needs one")
    settings = iceberg.session_conf(NAME) | {f"{_PREFIX}.warehouse": hadoop_url(options.warehouse)}
    settings |= {"hadoop": _hadoop, "jdbc": _jdbc, "hive": _hive}[options.catalog](options.catalog_uri)
    return settings | s3a_settings(options.warehouse)


def _hadoop(_):
    return {f"{_PREFIX}.type": "hadoop"}


def _jdbc(uri):
    settings = {f"{_PREFIX}.type": "jdbc", f"{_PREFIX}.jdbc.schema-version": "V1"}
    user = os.environ.get("PGUSER")
    if uri.startswith("jdbc:"):
        url = urlsplit(uri.removeprefix("jdbc:"))
        if url.password or "password" in url.query.lower():
            raise ConfigurationError("--catalog-uri: a password does not belong into a URL; give it by PGPASSWORD or "
                                     "PGPASSFILE")
        settings[f"{_PREFIX}.uri"] = uri
    elif is_url(uri):
        address = Address(uri, "--catalog-uri")
        settings[f"{_PREFIX}.uri"] = address.jdbc_url
        user = address.user or user
    else:
        raise ConfigurationError(f"--catalog-uri: {uri!r} is neither postgresql://USER@HOST:PORT/DATABASE nor jdbc:...")
    if user:
        settings[f"{_PREFIX}.jdbc.user"] = user
    if os.environ.get("PGPASSWORD"):
        settings[f"{_PREFIX}.jdbc.password"] = os.environ["PGPASSWORD"]
    return settings


def _hive(uri):
    if not uri.startswith("thrift://"):
        raise ConfigurationError(f"--catalog-uri: {uri!r} is no thrift://HOST:PORT")
    return {
        f"{_PREFIX}.type": "hive",
        f"{_PREFIX}.uri": uri,
        # A metastore without tables for locks would keep a commit waiting: it compares the table's state instead.
        "spark.hadoop.iceberg.engine.hive.lock-enabled": "false",
    }
