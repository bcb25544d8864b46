"""deploy/spark: what the scripts take from .env, the commands that they make, and a cluster that starts and stops."""
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import textwrap
import unittest

from processes import ROOT, accepts, free_port
from servers import read_json

PROGRAM = os.environ.get("BILLING", ROOT / "build" / "test" / "billing")
DEPLOY = ROOT / "deploy" / "spark"

ENV_FILE = """\
\ufeffENVIRONMENT=kub
RATE_login=.005
RATE_"a=b"='1.5' # a task with =
export RATE_createOrder = .010   # a comment
LOG_SOURCE_PATH_NAIVE=calls.log
LOG_SOURCE_PATH_LOCAL=calls.log
LOG_SOURCE_PATH_KUB=s3a://logs/api/
LOG_SOURCE_PATH_AWS=s3://logs/api/
OUTPUT_DIR_LOCAL=bills
OUTPUT_DIR_KUB="s3a://bills/2025 05"\r
SPARK_MASTER_URL_KUB=k8s://https://10.0.0.1:6443
SPARK_IMAGE=registry/billing:1
SPARK_ARCHIVE=s3://code/billing.zip
SPARK_JOB=s3://code/job.py
SPARK_EXECUTOR_MEMORY=2g
"""

# A job that says what it was given, and how many executors it got.
JOB = """\
import sys, time
from pyspark.sql import SparkSession
session = SparkSession.builder.getOrCreate()
context = session.sparkContext
deadline = time.monotonic() + 120
while context._jsc.sc().getExecutorMemoryStatus().size() - 1 < 3 and time.monotonic() < deadline:
    time.sleep(0.2)
print(context._jsc.sc().getExecutorMemoryStatus().size() - 1, context.defaultParallelism, sys.argv[1:])
session.stop()
"""


class DeployTest(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="billing-deploy-")))
        (self.folder / ".env").write_text(ENV_FILE, encoding="utf-8")

    def run_script(self, script, *arguments, **environment):
        """Runs a script in the folder of .env; nothing of our own environment that it reads is left."""
        ours = ("SPARK_", "RATE_", "LOG_SOURCE_PATH_", "OUTPUT_DIR_", "ENVIRONMENT")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return subprocess.run([DEPLOY / script, *arguments], cwd=self.folder, env={**kept, **environment},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def dry_run(self, environment, *arguments):
        done = self.run_script("submit.sh", "--dry-run", *arguments, ENVIRONMENT=environment, SPARK_HOME="/opt/spark")
        self.assertEqual(done.stderr, "")
        return done.stdout


class Commands(DeployTest):
    def test_kubernetes_runs_the_driver_in_the_cluster_and_grows_from_2_to_10(self):
        self.assertEqual(self.dry_run("kub", "--cycle", "month"), textwrap.dedent("""\
            /opt/spark/bin/spark-submit \\
              --master k8s://https://10.0.0.1:6443 \\
              --deploy-mode cluster \\
              --name billing \\
              --driver-memory 1g \\
              --executor-cores 1 \\
              --executor-memory 2g \\
              --conf spark.dynamicAllocation.enabled=true \\
              --conf spark.dynamicAllocation.shuffleTracking.enabled=true \\
              --conf spark.dynamicAllocation.minExecutors=2 \\
              --conf spark.dynamicAllocation.maxExecutors=10 \\
              --conf spark.kubernetes.container.image=registry/billing:1 \\
              --conf spark.kubernetes.namespace=default \\
              s3://code/job.py bill \\
              --rate a=b=1.5 \\
              --rate createOrder=.010 \\
              --rate login=.005 \\
              --cycle month \\
              --output s3a://bills/2025\\ 05/ s3a://logs/api/
            """))

    def test_aws_runs_on_yarn_with_the_wheel_as_an_archive(self):
        shown = self.dry_run("aws", "--cycle", "calls:5", "--sink", "iceberg:lake.db.bills", "--period", "2025-05")
        self.assertEqual(shown, textwrap.dedent("""\
            /opt/spark/bin/spark-submit \\
              --master yarn \\
              --deploy-mode cluster \\
              --name billing \\
              --driver-memory 1g \\
              --executor-cores 1 \\
              --executor-memory 2g \\
              --conf spark.dynamicAllocation.enabled=true \\
              --conf spark.dynamicAllocation.shuffleTracking.enabled=true \\
              --conf spark.dynamicAllocation.minExecutors=2 \\
              --conf spark.dynamicAllocation.maxExecutors=10 \\
              --archives s3://code/billing.zip#billing_wheel \\
              --conf spark.executorEnv.PYTHONPATH=./billing_wheel \\
              --conf spark.yarn.appMasterEnv.PYTHONPATH=./billing_wheel \\
              s3://code/job.py bill \\
              --rate a=b=1.5 \\
              --rate createOrder=.010 \\
              --rate login=.005 \\
              --cycle calls:5 \\
              --sink iceberg:lake.db.bills \\
              --period 2025-05 s3://logs/api/
            """))

    def test_local_has_three_executors_from_beginning_to_end(self):
        words = shlex.split(self.dry_run("local", "--cycle", "month", "--", "one.log", "two logs.log"))
        self.assertEqual(words[words.index("--num-executors") + 1], "3")
        self.assertEqual(words[words.index("--total-executor-cores") + 1], "3")
        self.assertIn("spark.dynamicAllocation.enabled=false", words)
        self.assertEqual(words[words.index("--deploy-mode") + 1], "client")
        self.assertEqual(words[-4:], ["--output", "bills/", "one.log", "two logs.log"])

    def test_the_environment_wins_over_the_file(self):
        done = self.run_script("submit.sh", "--dry-run", ENVIRONMENT="local", SPARK_NUM_EXECUTORS="5", RATE_login="7",
                               SPARK_EXECUTOR_CORES="2", SPARK_MASTER_URL_LOCAL="spark://elsewhere:7077")
        words = shlex.split(done.stdout)
        self.assertEqual(words[words.index("--total-executor-cores") + 1], "10")
        self.assertIn("spark://elsewhere:7077", words)
        self.assertNotIn("spark.driver.host=127.0.0.1", words)
        self.assertNotIn("--rate", words)  # this driver reads them itself, as the program does
        done = self.run_script("submit.sh", "--dry-run", ENVIRONMENT="aws", RATE_login="7", RATE_LIMIT="5000/60",
                               **{"RATE_*": "3"})
        words = shlex.split(done.stdout)
        self.assertIn("login=7", words)
        self.assertFalse({"*=3", "LIMIT=5000/60"} & set(words))
        self.assertIn("RATE_LIMIT is no rate and is passed over", done.stderr)

    def test_naive_runs_the_program(self):
        program = self.folder / "billing"
        program.write_text("#!/bin/sh\necho \"$ENVIRONMENT $*\"\n")
        program.chmod(0o755)
        done = self.run_script("submit.sh", "--cycle", "month", ENVIRONMENT="naive", BILLING=str(program))
        self.assertEqual((done.stdout, done.stderr), ("naive aggregate --cycle month calls.log\n", ""))

    def test_what_is_missing_is_named(self):
        cases = [({"ENVIRONMENT": "cloud"}, "ENVIRONMENT: 'cloud' is none of naive, local, kub, aws"),
                 ({"ENVIRONMENT": "kub", "SPARK_MASTER_URL_KUB": ""}, "SPARK_MASTER_URL_KUB: not set"),
                 ({"ENVIRONMENT": "kub", "SPARK_IMAGE": ""}, "SPARK_IMAGE: not set"),
                 ({"ENVIRONMENT": "aws", "LOG_SOURCE_PATH_AWS": ""}, "nothing to bill: set LOG_SOURCE_PATH_AWS")]
        for environment, message in cases:
            with self.subTest(message):
                done = self.run_script("submit.sh", "--dry-run", **environment)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn(message, done.stderr)


    def test_a_quote_that_is_not_closed_is_told(self):
        (self.folder / ".env").write_text("RATE_login='1.5\n")
        done = self.run_script("submit.sh", "--dry-run", "--", "calls.log")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn(".env: a quote is not closed", done.stderr)


class Cluster(DeployTest):
    def test_a_cluster_starts_once_runs_a_job_and_stops(self):
        ports = {name: free_port() for name in ("SPARK_MASTER_PORT", "SPARK_MASTER_WEBUI_PORT", "SPARK_HISTORY_PORT")}
        settings = {name: str(port) for name, port in ports.items()} | {
            "SPARK_RUN_DIR": "run", "SPARK_WORKER_MEMORY": "1g", "SPARK_PYTHON": sys.executable,
            "SPARK_DAEMON_MEMORY": "256m"}
        job = self.folder / "job.py"
        job.write_text(JOB)
        self.addCleanup(self.run_script, "stop.sh", **settings)
        done = self.run_script("start.sh", **settings)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn(f"Spark runs at spark://127.0.0.1:{ports['SPARK_MASTER_PORT']}", done.stdout)
        state = read_json(f"http://127.0.0.1:{ports['SPARK_MASTER_WEBUI_PORT']}/json/")
        self.assertEqual([(worker["cores"], worker["memory"]) for worker in state["workers"]], [(2, 1024), (2, 1024)])
        again = self.run_script("start.sh", **settings)
        self.assertIn("master: runs already", again.stdout)
        ran = self.run_script("submit.sh", "--cycle", "month", ENVIRONMENT="local", SPARK_JOB=str(job),
                              SPARK_EXECUTOR_MEMORY="480m", SPARK_DRIVER_MEMORY="512m",
                              SPARK_MASTER_URL_LOCAL=f"spark://127.0.0.1:{ports['SPARK_MASTER_PORT']}", **settings)
        arguments = ["bill", "--cycle", "month", "--output", "bills/", "calls.log"]
        self.assertEqual((ran.returncode, ran.stdout), (0, f"3 3 {arguments}\n"), ran.stderr[-3000:])
        self.assertEqual(len(list((self.folder / "run" / "events").iterdir())), 1)
        self.check_bill(ports["SPARK_MASTER_PORT"], settings)
        stopped = self.run_script("stop.sh", **settings)
        self.assertEqual(sorted(stopped.stdout.split("\n")),
                         ["", *(f"{name}: stopped" for name in ("history", "master", "worker1", "worker2"))])
        self.assertFalse(any(accepts(port) for port in ports.values()))

    def check_bill(self, port, settings):
        """The job that submit.sh runs by itself makes the program's bytes, with the rates of .env."""
        lines = [f"2025-05-{1 + number % 28:02}T00:00:00Z user{number % 50} {task} 200 {number}ms\n"
                 for number in range(2000) for task in ("login", "createOrder", "a=b")]
        (self.folder / "calls.log").write_text("".join(lines))
        ran = self.run_script("submit.sh", "--cycle", "month", "--split-bytes", "50KB", "--output", "bill.csv",
                              ENVIRONMENT="local", SPARK_JOB="", SPARK_EXECUTOR_MEMORY="480m", SPARK_DRIVER_MEMORY="512m",
                              SPARK_MASTER_URL_LOCAL=f"spark://127.0.0.1:{port}",
                              LOG_SOURCE_PATH_LOCAL=str(self.folder / "calls.log"), **settings)
        self.assertEqual(ran.returncode, 0, ran.stderr[-3000:])
        expected = subprocess.run([PROGRAM, "aggregate", "--cycle", "month", "--output-format", "csv", "calls.log"],
                                  cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, check=True).stdout
        self.assertEqual((self.folder / "bill.csv").read_bytes(), expected)
        self.assertEqual(len(expected.splitlines()), 151)


if __name__ == "__main__":
    unittest.main()
