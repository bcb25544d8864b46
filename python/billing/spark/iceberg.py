"""Tables of Iceberg: how statements name them, and what a session needs to know their catalog."""
import re

from billing import ConfigurationError


class TableName:
    """CATALOG.DATABASE.TABLE of --sink; a database may have several parts."""

    def __init__(self, name):
        parts = name.split(".")
        if len(parts) < 3 or not all(parts):
            raise ConfigurationError(f"--sink: {name!r} is no table of Iceberg: iceberg:CATALOG.DATABASE.TABLE")
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", parts[0]):
            raise ConfigurationError(f"--sink: {parts[0]!r} cannot be the name of a catalog")
        self._parts = parts
        self.catalog, self.table = parts[0], parts[-1]
        self.quoted = quoted(*parts)
        self.namespace = quoted(*parts[:-1])
        # As procedures take it, without the catalog.
        self.in_catalog = quoted(*parts[1:])

    def __str__(self):
        return ".".join(self._parts)

    def beside(self, table):
        """Another table of the same database, quoted."""
        return f"{self.namespace}.{quoted(table)}"

    def session_conf(self):
        return session_conf(self.catalog)


def session_conf(catalog):
    """What every catalog needs; its kind, place and user are said by the options of catalogs or by --conf."""
    prefix = f"spark.sql.catalog.{catalog}"
    return {
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        prefix: "org.apache.iceberg.spark.SparkCatalog",
        # Else a session does not see what others, or it itself by procedures, have published.
        f"{prefix}.cache-enabled": "false",
    }


def quoted(*parts):
    return ".".join("`" + part.replace("`", "``") + "`" for part in parts)


def literal(text):
    """A text of Spark's SQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
