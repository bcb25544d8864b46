"""The real servers of the tests, on free ports of the loopback.

    with PostgreSQL() as database, Spark(cores=2) as spark:
        database.sql("create table ...")

What they need is installed by .ci/cluster. `python servers.py spark kafka` starts some and waits for the end of stdin.
"""
import base64
import contextlib
import csv
import glob
import io
import json
import os
import pathlib
import pwd
import shutil
import struct
import sys
import urllib.request
import uuid
import zipfile
from xml.sax.saxutils import escape

from cassandra_settings import JAVA_OPTIONS, LOGBACK, settings_of
from processes import INSTALLED, Server, ServerError, accepts, answers, free_port


def spark_home():
    import pyspark
    return pathlib.Path(pyspark.__file__).parent


def read_json(url):
    """What a server answers as JSON, or None while it does not."""
    with contextlib.suppress(OSError, ValueError), urllib.request.urlopen(url, timeout=5) as answer:
        return json.load(answer)
    return None


class Spark(Server):
    """A standalone cluster: a master, workers of some cores and memory, and a history server.

    `worker1`, `worker2`, ... are names for kill(). A worker that is gone is missed after 15 s.
    """

    name = "spark"

    def __init__(self, workers=2, cores=1, memory="1500m", history=True):
        super().__init__()
        self.workers, self.cores, self.memory, self.history = workers, cores, memory, history

    @property
    def master_url(self):
        return f"spark://127.0.0.1:{self.port}"

    def rest(self, path=""):
        """What the history server says of applications that logged events: /api/v1/applications PATH."""
        return read_json(f"http://127.0.0.1:{self.history_port}/api/v1/applications{path}")

    def state(self):
        """What the master says: workers, activeapps, completedapps."""
        return read_json(f"http://127.0.0.1:{self.web_port}/json/")

    def conf(self):
        """Settings of a session of this cluster, in the order of --conf."""
        return {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.eventLog.enabled": "true" if self.history else "false",
            "spark.eventLog.dir": f"file://{self.folder}/events",
        }

    def launch(self):
        self.port, self.web_port, self.history_port = free_port(), free_port(), free_port()
        (self.folder / "events").mkdir()
        environment = {
            "SPARK_HOME": str(spark_home()), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_PUBLIC_DNS": "127.0.0.1",
            "SPARK_DAEMON_MEMORY": "256m", "SPARK_LOCAL_DIRS": str(self.folder / "local"),
            # The folder of executors' logs is removed with us.
            "SPARK_WORKER_DIR": str(self.folder / "work"),
            "SPARK_MASTER_OPTS": "-Dspark.worker.timeout=15",
            "SPARK_HISTORY_OPTS": f"-Dspark.history.fs.logDirectory=file://{self.folder}/events "
                                  f"-Dspark.history.ui.port={self.history_port} -Dspark.history.fs.update.interval=1s",
        }
        start = [spark_home() / "bin" / "spark-class"]
        deploy = "org.apache.spark.deploy"
        self.start_process("master", start + [f"{deploy}.master.Master", "--host", "127.0.0.1", "--port", self.port,
                                              "--webui-port", self.web_port], environment)
        if self.history:
            self.start_process("history", start + [f"{deploy}.history.HistoryServer"], environment)
        self.await_that("master", lambda: accepts(self.port))
        for number in range(1, self.workers + 1):
            self.start_process(f"worker{number}", start + [
                f"{deploy}.worker.Worker", "--host", "127.0.0.1", "--port", free_port(), "--webui-port", free_port(),
                "--cores", self.cores, "--memory", self.memory, self.master_url], environment)
        for number in range(1, self.workers + 1):
            self.await_that(f"worker{number}", lambda: len((self.state() or {}).get("workers", [])) >= self.workers)
        if self.history:
            self.await_that("history", lambda: self.rest() is not None)


class PostgreSQL(Server):
    """A database whose superuser `postgres` needs no password. Other users are asked for one."""

    name = "postgresql"

    def __init__(self, database="postgres"):
        super().__init__()
        self.database = database

    @property
    def url(self):
        return f"postgresql://postgres@127.0.0.1:{self.port}/{self.database}"

    @property
    def jdbc_url(self):
        return f"jdbc:postgresql://127.0.0.1:{self.port}/{self.database}"

    def sql(self, statements, database=None):
        """Runs statements by psql in one transaction; the rows of text that they give."""
        done = self.run_once("psql", [self._binary("psql"), "-X", "-q", "--csv", "-t", "-v", "ON_ERROR_STOP=1", "-1",
                                      "-h", "127.0.0.1", "-p", self.port, "-U", "postgres",
                                      "-d", database or self.database, "-c", statements])
        return [tuple(row) for row in csv.reader(io.StringIO(done))]

    def copy(self, table, lines):
        """Adds rows that are lines of tab-separated text."""
        path = self.folder / "rows.tsv"
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(lines)
        self.run_once("psql", [self._binary("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p",
                               self.port, "-U", "postgres", "-d", self.database, "-c", f"\\copy {table} from '{path}'"])

    def create_database(self, name, owner="postgres"):
        self.run_once("createdb", [self._binary("createdb"), "-h", "127.0.0.1", "-p", self.port, "-U", "postgres",
                                   "-O", owner, name])

    def launch(self):
        self.port = free_port()
        data = self.folder / "data"
        # PostgreSQL does not run as root.
        user = "postgres" if os.geteuid() == 0 else None
        data.mkdir(mode=0o700)
        if user:
            os.chown(data, *_ids_of(user))
        environment = {"LC_ALL": "C.UTF-8", "TZ": "UTC"}
        self.run_once("initdb", [self._binary("initdb"), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync",
                                 "-D", data], environment, user)
        (data / "pg_hba.conf").write_text("host all postgres 127.0.0.1/32 trust\n"
                                          "host all all 127.0.0.1/32 scram-sha-256\n")
        settings = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "",
                    "fsync": "off"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self.start_process("server", [self._binary("postgres"), "-D", data, *options], environment, user)
        self.await_that("server", self._is_ready)

    def _is_ready(self):
        with contextlib.suppress(ServerError):
            return self.sql("select 1", "postgres") == [("1",)]
        return False

    @staticmethod
    def _binary(name):
        """The newest of Debian's versions, which are not in PATH."""
        found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
        path = found[-1] if found else shutil.which(name)
        if not path:
            raise ServerError(f"postgresql: there is no {name}; install the packages of the group `cluster`")
        return path


class Kafka(Server):
    """A broker that is its own controller. Topics that are used are made, with three partitions."""

    name = "kafka"

    @property
    def brokers(self):
        return f"127.0.0.1:{self.port}"

    def create_topic(self, topic, partitions):
        self.run_once("kafka-topics", self._java(128) + [
            "org.apache.kafka.tools.TopicCommand", "--bootstrap-server", self.brokers, "--create", "--topic", topic,
            "--partitions", partitions])

    def launch(self):
        self.port, controller = free_port(), free_port()
        settings = {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listeners": f"PLAINTEXT://{self.brokers},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.brokers}",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "log.dirs": self.folder / "data",
            "num.partitions": 3,
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 1,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "transaction.state.log.num.partitions": 1,
            "group.initial.rebalance.delay.ms": 0,
            "auto.create.topics.enable": "true",
        }
        properties = self.folder / "server.properties"
        properties.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        # Kafka's ids are 16 bytes in base64; one that begins with '-' would be taken for an option.
        cluster = "A" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]
        self.run_once("format", self._java(128) + ["kafka.tools.StorageTool", "format", "-t", cluster,
                                                   "-c", properties])
        self.start_process("broker", self._java(384) + ["kafka.Kafka", properties])
        # A request for the versions of the protocol: what every client asks first.
        versions = struct.pack(">ihhih", 10, 18, 0, 1, -1)
        self.await_that("broker", lambda: answers(self.port, versions))

    @staticmethod
    def _java(heap_mib):
        return java(INSTALLED / "kafka", heap_mib)


class Cassandra(Server):
    name = "cassandra"

    def launch(self):
        self.port, storage = free_port(), free_port()
        (self.folder / "cassandra.yaml").write_text(settings_of(self.folder, storage, self.port))
        (self.folder / "logback.xml").write_text(LOGBACK)
        jars = INSTALLED / "cassandra"
        agent = glob.glob(str(jars / "jamm-*.jar"))
        if not agent:
            raise ServerError(f"cassandra: there are no jars in {jars}; see .ci/cluster")
        self.start_process("server", java(jars, 512, [
            f"-javaagent:{agent[0]}", *JAVA_OPTIONS, "-Dcassandra-foreground=yes",
            f"-Dcassandra.config=file://{self.folder}/cassandra.yaml", f"-Dcassandra.storagedir={self.folder}",
            f"-Dlogback.configurationFile=file://{self.folder}/logback.xml",
            # One node has nobody to wait for.
            "-Dcassandra.skip_wait_for_gossip_to_settle=0", "-Dcassandra.ring_delay_ms=0",
        ]) + ["org.apache.cassandra.service.CassandraDaemon"])
        # CQL's OPTIONS, of version 4 of the protocol.
        self.await_that("server", lambda: answers(self.port, bytes([4, 0, 0, 0, 5, 0, 0, 0, 0])))

    def conf(self):
        return {"spark.cassandra.connection.host": "127.0.0.1", "spark.cassandra.connection.port": str(self.port)}

    def session(self):
        """A session of the driver of Python, as a context manager."""
        from cassandra.cluster import Cluster
        return contextlib.closing(_Session(Cluster(["127.0.0.1"], port=self.port, protocol_version=5)))

    def sql(self, statement):
        with self.session() as session:
            return [tuple(row) for row in session.execute(statement)]


class _Session:
    def __init__(self, cluster):
        self._cluster = cluster
        self.execute = cluster.connect().execute

    def close(self):
        self._cluster.shutdown()


class HiveMetastore(Server):
    """Hive's metastore, of the jars that Spark has itself, on a database that it makes in a running PostgreSQL.

    It listens on all interfaces: this version of Hive knows no other way.
    """

    name = "hive"

    def __init__(self, database, jars=None):
        super().__init__()
        self.database = database
        # Where PostgreSQL's driver is.
        self.jars = jars or INSTALLED / "jars"

    @property
    def uri(self):
        return f"thrift://127.0.0.1:{self.port}"

    def launch(self):
        self.port = free_port()
        database = f"metastore_{self.port}"
        self.database.create_database(database)
        drivers = glob.glob(str(self.jars / "postgresql-*.jar"))
        if not drivers:
            raise ServerError(f"hive: there is no driver of PostgreSQL in {self.jars}; see scripts/get_jars.sh")
        home = spark_home() / "jars"
        command = java(home, 256, class_path=[self.folder, *drivers])
        self._make_schema(command, home, database)
        connection = {f"javax.jdo.option.Connection{name}": value for name, value in self._connection(database).items()}
        (self.folder / "hive-site.xml").write_text(_hadoop_settings(connection | {
            "hive.metastore.schema.verification": "false",
            "hive.metastore.warehouse.dir": f"file://{self.folder}/warehouse",
            "hive.async.log.enabled": "false",
        }))
        self.start_process("metastore", command + ["org.apache.hadoop.hive.metastore.HiveMetaStore", "-p", self.port])
        self.await_that("metastore", lambda: accepts(self.port))

    def _connection(self, database):
        return {"URL": f"jdbc:postgresql://127.0.0.1:{self.database.port}/{database}",
                "DriverName": "org.postgresql.Driver", "UserName": "postgres", "Password": ""}

    def _make_schema(self, command, home, database):
        """Makes the tables first: a metastore that makes them itself while it starts waits for itself forever."""
        with zipfile.ZipFile(glob.glob(str(home / "hive-metastore-*.jar"))[0]) as jar:
            jar.extract("package.jdo", self.folder)
        settings = {
            "javax.jdo.PersistenceManagerFactoryClass": "org.datanucleus.api.jdo.JDOPersistenceManagerFactory",
            "datanucleus.identifierFactory": "datanucleus1",
            "datanucleus.rdbms.useLegacyNativeValueStrategy": "true",
            "datanucleus.plugin.pluginRegistryBundleCheck": "LOG",
        }
        settings |= {f"datanucleus.Connection{name}": value for name, value in self._connection(database).items()}
        properties = self.folder / "datanucleus.properties"
        properties.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        self.run_once("SchemaTool", command + ["org.datanucleus.store.schema.SchemaTool", "-api", "JDO", "-props",
                                               properties, "-create", self.folder / "package.jdo"])


class S3(Server):
    """moto's server: it keeps objects in memory and accepts any key and secret."""

    name = "s3"

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}"

    def environment(self):
        """What clients are told by the environment: boto3, pyarrow.fs and S3A read it."""
        return {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test-secret", "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": self.endpoint}

    def conf(self):
        """Settings of S3A, the file system s3a:// of Hadoop."""
        prefix = "spark.hadoop.fs.s3a"
        return {f"{prefix}.endpoint": self.endpoint, f"{prefix}.endpoint.region": "us-east-1",
                f"{prefix}.path.style.access": "true", f"{prefix}.access.key": "test",
                f"{prefix}.secret.key": "test-secret", f"{prefix}.connection.ssl.enabled": "false"}

    def client(self):
        import boto3
        from botocore.config import Config
        return boto3.client("s3", endpoint_url=self.endpoint, aws_access_key_id="test",
                            aws_secret_access_key="test-secret", region_name="us-east-1",
                            config=Config(s3={"addressing_style": "path"}))

    def launch(self):
        self.port = free_port()
        self.start_process("server", [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", self.port])
        self.await_that("server", lambda: read_json(f"{self.endpoint}/moto-api/data.json") is not None)


def java(jars, heap_mib, options=(), class_path=()):
    """A command of Java with the jars of a folder; `class_path` comes before them."""
    if not jars.is_dir():
        raise ServerError(f"there is no folder {jars}; see .ci/cluster")
    classes = ":".join([*map(str, class_path), f"{jars}/*"])
    return ["java", f"-Xmx{heap_mib}m", "-XX:+UseSerialGC", *options, "-cp", classes]


def _ids_of(user):
    entry = pwd.getpwnam(user)
    return entry.pw_uid, entry.pw_gid


def _hadoop_settings(settings):
    rows = "".join(f"<property><name>{escape(name)}</name><value>{escape(value)}</value></property>\n"
                   for name, value in settings.items())
    return f"<configuration>\n{rows}</configuration>\n"


def main(names):
    """Starts servers for somebody who tries things by hand, says where they are, and waits for the end of stdin."""
    makers = {"spark": Spark, "postgresql": PostgreSQL, "kafka": Kafka, "cassandra": Cassandra, "s3": S3}
    with contextlib.ExitStack() as stack:
        started = {name: stack.enter_context(makers[name]()) for name in names if name != "hive"}
        if "hive" in names:
            database = started.get("postgresql") or stack.enter_context(PostgreSQL())
            started["hive"] = stack.enter_context(HiveMetastore(database))
        for name, server in started.items():
            shown = {key: value for key, value in vars(server).items() if "port" in key}
            print(f"{name}: {shown}, folder {server.folder}", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1:])
