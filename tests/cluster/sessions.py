"""A session of Spark for tests, opened as the commands open it, with the jars that .ci/cluster got."""
import argparse
import concurrent.futures
import os
import pathlib
import tempfile
import unittest

from processes import INSTALLED

SMALL = {"spark.driver.memory": "900m", "spark.sql.shuffle.partitions": "4", "spark.default.parallelism": "4"}


def options_of(master, conf):
    """What add_session_options() makes of a command line."""
    return argparse.Namespace(master=master, conf=[f"{name}={value}" for name, value in conf.items()], verbose=False)


def open_session(name, conf, master="local[2,4]"):
    """The caller stops it."""
    from billing.spark.session import open_session as open_it
    os.environ["BILLING_SPARK_JARS"] = str(INSTALLED / "jars")
    return open_it(options_of(master, SMALL | conf), name)


def iceberg_conf(catalog, kind, warehouse, database=None):
    """Settings of a catalog of Iceberg: `hadoop`, or `jdbc` in a PostgreSQL."""
    prefix = f"spark.sql.catalog.{catalog}"
    conf = {prefix: "org.apache.iceberg.spark.SparkCatalog", f"{prefix}.type": kind,
            f"{prefix}.warehouse": f"file://{warehouse}", f"{prefix}.cache-enabled": "false",
            "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions"}
    if kind == "jdbc":
        conf |= {f"{prefix}.uri": database.jdbc_url, f"{prefix}.jdbc.user": "postgres",
                 f"{prefix}.jdbc.schema-version": "V1"}
    return conf


def wait_for_all(case, *servers):
    """Starts servers at once; they are stopped when the tests of the class `case` have ended."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        starts = [pool.submit(server.__enter__) for server in servers]
    for server, start in zip(servers, starts):
        if start.exception() is None:
            case.addClassCleanup(server.stop)
    return [start.result() for start in starts]


class SessionTest(unittest.TestCase):
    """Tests that share servers and a session, which subclasses start in start_servers() and say the settings of."""

    maxDiff = 4000

    @classmethod
    def start_servers(cls):
        """Starts servers by wait_for_all(); the settings of the session."""
        return {}

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="billing-cluster-")))
        cls.conf = cls.start_servers()
        cls.session = open_session(cls.__name__, cls.conf)
        cls.addClassCleanup(cls.session.stop)
