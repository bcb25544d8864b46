"""One way to a session of Spark for all commands: what we set unless the user says otherwise."""
import atexit
import glob
import os
import shutil
import sys
import tempfile

from billing import ConfigurationError

JARS_FOLDER = "BILLING_SPARK_JARS"

# What failed comes back to the driver, which tells it once.
_QUIET_LOG = """\
rootLogger.level = fatal
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n%ex{short}
# Of the same level as the root: else Spark tells that it sets another one.
logger.spark.name = org.apache.spark
logger.spark.level = fatal
"""


def add_session_options(parser):
    group = parser.add_argument_group("session")
    group.add_argument("--master", metavar="URL",
                       help="where Spark runs: local[*,4] (default), spark://HOST:PORT, yarn, k8s://...; a plain "
                       "local[*] does not repeat tasks that fail")
    group.add_argument("--conf", metavar="K=V", action="append", default=[],
                       help="a setting of Spark; repeat it for more")
    group.add_argument("--verbose", action="store_true", help="show Spark's own log and traces of errors")


def settings_of(options, extra=None):
    """All settings of the session in order: ours, those of the command, then the user's."""
    master = options.master
    settings = {
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "4096",
        "spark.sql.execution.arrow.maxBytesPerBatch": str(64 << 20),  # partials may be large
    }
    submitted = "PYSPARK_GATEWAY_PORT" in os.environ  # by spark-submit, which knows the master
    if master or not submitted:
        settings["spark.master"] = master or "local[*,4]"
    if settings.get("spark.master", "").startswith("local"):
        settings |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1",
                     "spark.ui.enabled": "false"}
    jars = jars_of_folder()
    if jars:
        settings["spark.jars"] = ",".join(jars)
    settings |= extra or {}
    for setting in options.conf:
        name, equals, value = setting.partition("=")
        if not equals or not name:
            raise ConfigurationError(f"--conf: {setting!r} is no K=V, e.g. spark.executor.memory=2g")
        settings[name.strip()] = value
    return settings


def jars_of_folder():
    """The jars of the folder that scripts/get_jars.sh filled, if one is named."""
    folder = os.environ.get(JARS_FOLDER)
    if not folder:
        return []
    jars = sorted(glob.glob(os.path.join(os.path.abspath(folder), "*.jar")))
    if not jars:
        raise ConfigurationError(f"{JARS_FOLDER}: there are no jars in {folder}; fill it with "
                                 f"scripts/get_jars.sh {folder}")
    return jars


def open_session(options, app_name, extra=None):
    """A session with our settings, `extra` of the command and --conf over them. The caller stops it."""
    from pyspark import SparkConf
    from pyspark.sql import SparkSession
    settings = settings_of(options, extra)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if settings.get("spark.master", "").startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    if not options.verbose:
        _be_quiet(settings)
    if "PYSPARK_GATEWAY_PORT" in os.environ:
        given = SparkConf()
        said = {setting.partition("=")[0].strip() for setting in options.conf}
        settings = {name: value for name, value in settings.items() if name in said or not given.contains(name)}
    builder = SparkSession.builder.appName(app_name)
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _be_quiet(settings):
    """Spark's messages of its start and of tasks that failed are left out; we tell what ended a job."""
    folder = tempfile.mkdtemp(prefix="billing-spark-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = os.path.join(folder, "log4j2.properties")
    with open(path, "w", encoding="utf-8") as file:
        file.write(_QUIET_LOG)
    name = "spark.driver.extraJavaOptions"
    settings[name] = f"{settings.get(name, '')} -Dlog4j2.configurationFile=file:{path}".strip()
