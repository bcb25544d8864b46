"""Measures for compare_spark.sh, which says what is compared."""
import argparse
import collections
import datetime
import os
import pathlib
import resource
import statistics
import subprocess
import tempfile
import threading
import time
import types
from decimal import ROUND_HALF_UP, Decimal

from servers import Spark
from sessions import open_session

from billing.spark import result, told
from billing.spark.bill_command import FileUsage, Job

RATES = {"createOrder": "0.0041", "deleteOrder": "0.0123", "getUserProfile": "0.00035", "login": "0.005",
         "updateInventory": "0.01"}
TICKS, PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
# So large that a task works longer than it takes to start it.
SPLIT_BYTES = 64 << 20


class ExecutorWatch:
    """CPU seconds of the executors of an application with all that they have started, and the most memory that one of
    them held. Looks often, because what a worker of Python has taken is gone with it."""

    def __init__(self, application):
        self._application = application
        self._seconds = {}  # by process: (pid, when it began)
        self._executors = {}  # by process: the pid of the executor that it belongs to
        self._peak = 0
        self._lock = threading.Lock()
        threading.Thread(target=self._watch, daemon=True).start()

    def seconds(self):
        self._look()
        with self._lock:
            return sum(self._seconds.values())

    def take_peak(self):
        """Resident bytes of an executor and its workers of Python (pages that they share counted for each), at most,
        since the last call."""
        self._look()
        with self._lock:
            peak, self._peak = self._peak, 0
            return peak

    def _watch(self):
        while True:
            self._look()
            time.sleep(0.1)

    def _look(self):
        found = {}
        for folder in os.listdir("/proc"):
            if not folder.isdigit():
                continue
            try:
                name, _, rest = pathlib.Path("/proc", folder, "stat").read_bytes().rpartition(b")")
            except OSError:
                continue
            fields = rest.split()
            # Its own time, without that of children that have ended: those were seen.
            found[int(folder)] = Process(int(fields[1]), int(fields[19]), sum(map(int, fields[11:13])) / TICKS,
                                         int(fields[21]) * PAGE, name.endswith(b"(java"))
        with self._lock:
            resident = {}
            for pid, process in found.items():
                executor = self._executor_of(pid, found)
                if executor:
                    self._executors[pid, process.began] = executor
                    self._seconds[pid, process.began] = process.seconds
                    resident[executor] = resident.get(executor, 0) + process.resident
            self._peak = max([self._peak, *resident.values()])

    def _executor_of(self, pid, found):
        """The executor that is the process itself or has started it; None for all others."""
        while pid in found:
            process = found[pid]
            known = self._executors.get((pid, process.began))
            if known or (process.is_java and self._is_executor(pid)):
                return known or pid
            pid = process.parent
        return None

    def _is_executor(self, pid):
        try:
            words = pathlib.Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
        except OSError:
            return False
        return "org.apache.spark.executor.CoarseGrainedExecutorBackend" in words and self._application in words


Process = collections.namedtuple("Process", "parent began seconds resident is_java")


class Jobs:
    """Each makes the bill of the log and returns its lines, calls and cost."""

    def __init__(self, session, log):
        self.session, self.log = session, str(log)

    def package(self, cycle):
        keywords = {"cycle": cycle, "rates": RATES}
        source = FileUsage([self.log], keywords, SPLIT_BYTES)
        job = Job(self.session, source, types.SimpleNamespace(buckets=4, rejects_sink=None), keywords)
        job.read()
        facts = told.new_accumulator(self.session)
        columns = result.columns_of(job.found, source.bill_options)
        rows = result.as_rows(result.by_range(job.found, job.ranges), job.split_count, source.bill_options, columns, facts)
        rows.write.format("noop").mode("overwrite").save()
        job.found.unpersist()
        summary = result.Summary(facts, job.ranges, job.reports)
        return summary.lines, summary.calls, summary.billed

    def dataframe(self, cycle):
        from pyspark.sql import Window
        from pyspark.sql import functions as F
        parts = F.split("value", " ")
        calls = self.session.read.option("lineSep", "\n").text(f"file://{self.log}").select(
            F.to_timestamp(parts[0]).alias("time"), parts[1].alias("user"), parts[2].alias("task"),
            parts[3].cast("int").alias("status"), F.regexp_extract(parts[4], "^([0-9]+)ms$", 1).cast("bigint").alias("ms"))
        if cycle == "month":
            calls = calls.withColumn("cycle", F.date_format("time", "yyyy-MM"))
        else:
            order = Window.partitionBy("user").orderBy("time", "task", "status", "ms")
            calls = calls.withColumn("cycle", F.floor((F.row_number().over(order) + 4) / 5))
        rates = F.create_map(*[F.lit(one) for task, rate in RATES.items() for one in (task, Decimal(rate))])
        bill = calls.groupBy("user", "cycle", "task").agg(F.count("*").alias("calls"), F.sum("ms").alias("ms"))
        bill = bill.withColumn("cost", F.round(F.col("ms") * rates[F.col("task")], 2))
        return self.sums_of(bill)

    def sums_of(self, bill):
        """Writes the bill nowhere, and adds it up on the way, in one job."""
        from pyspark.sql import Observation
        from pyspark.sql import functions as F
        seen = Observation()
        observed = bill.observe(seen, F.count("*").alias("lines"), F.sum("calls").alias("calls"), F.sum("cost").alias("cost"))
        observed.write.format("noop").mode("overwrite").save()
        return seen.get["lines"], seen.get["calls"], seen.get["cost"]

    def python(self, cycle):
        rates = {task: Decimal(rate) for task, rate in RATES.items()}
        cent = Decimal("0.01")

        def read(line):
            time_text, user, task, status, duration = line.split()
            return user, (datetime.datetime.fromisoformat(time_text), task, int(status), int(duration[:-2]))

        def numbered(group):
            user, calls = group
            for place, (_, task, _, ms) in enumerate(sorted(calls)):
                yield (user, place // 5 + 1, task), (1, ms)

        calls = self.session.sparkContext.textFile(f"file://{self.log}").map(read)
        if cycle == "month":
            keyed = calls.map(lambda call: ((call[0], call[1][0].strftime("%Y-%m"), call[1][1]), (1, call[1][3])))
        else:
            keyed = calls.groupByKey(8).flatMap(numbered)
        sums = keyed.reduceByKey(lambda one, other: (one[0] + other[0], one[1] + other[1]), 8)
        costs = sums.map(lambda line: (1, line[1][0], (line[1][1] * rates[line[0][2]]).quantize(cent, ROUND_HALF_UP)))
        return costs.fold((0, 0, Decimal(0)), lambda one, other: tuple(a + b for a, b in zip(one, other)))


def program(log, cycle):
    """Lines, calls and cost; and CPU and wall seconds."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="billing-compare-") as folder:
        bill = pathlib.Path(folder) / "bill.csv"
        rates = [word for task, rate in RATES.items() for word in ("--rate", f"{task}={rate}")]
        subprocess.run([os.environ["BILLING"], "aggregate", "-q", "--threads", "1", "-c", cycle, *rates, log,
                        "-o", bill], check=True)
        wall, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
        lines = [line.rsplit(b",", 3) for line in bill.read_bytes().splitlines()[1:]]
    sums = (len(lines), sum(int(line[1]) for line in lines), sum(Decimal(line[3].decode()) for line in lines))
    return sums, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def main():
    parser = argparse.ArgumentParser(prog="compare_spark.sh")
    parser.add_argument("--records", type=int, default=20_000_000)
    parser.add_argument("--users", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--jobs", default="package,dataframe,python")
    parser.add_argument("--cycles", default="month,calls:5")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="billing-compare-") as folder:
        log = pathlib.Path(folder) / "api.log"
        subprocess.run([os.environ["BILLING"], "generate", "-n", str(options.records), "-u", str(options.users), "-o", log],
                       check=True)
        with Spark(workers=2, cores=1, memory="1500m", history=False) as spark:
            settings = {"spark.executor.memory": "1g", "spark.executor.cores": "1", "spark.sql.shuffle.partitions": "8"}
            if "PYTHONPATH" in os.environ:
                settings["spark.executorEnv.PYTHONPATH"] = os.environ["PYTHONPATH"]
            session = open_session("compare", spark.conf() | settings, spark.master_url)
            try:
                compare(session, log, options)
            finally:
                session.stop()


def compare(session, log, options):
    jobs, watch = Jobs(session, log), ExecutorWatch(session.sparkContext.applicationId)
    print(f"{options.records:,} records, {options.users:,} users, {log.stat().st_size:,} bytes; load {os.getloadavg()[0]:.1f}")
    for cycle in options.cycles.split(","):
        runs = [program(log, cycle) for _ in range(options.runs)]
        expected, base = runs[0][0], statistics.median(run[1] for run in runs)
        print(f"{cycle:8} {'program':10} CPU {base:7.2f} s  wall {statistics.median(run[2] for run in runs):7.2f} s")
        for name in options.jobs.split(","):
            measured = []
            for _ in range(options.runs):
                before, begun = watch.seconds(), time.monotonic()
                sums = getattr(jobs, name)(cycle)
                wall = time.monotonic() - begun
                time.sleep(0.3)
                measured.append((watch.seconds() - before, wall))
                if tuple(sums) != expected:
                    raise SystemExit(f"{name}, {cycle}: {sums}, not {expected}")
            peak = watch.take_peak()
            cpu = statistics.median(run[0] for run in measured[1:])
            wall = statistics.median(run[1] for run in measured[1:])
            print(f"{cycle:8} {name:10} CPU {cpu:7.2f} s  wall {wall:7.2f} s  CPU {cpu / base:5.1f} x the program's "
                  f"(first run: {measured[0][0]:.2f} s)  {peak / 2**30:.2f} GiB an executor", flush=True)


if __name__ == "__main__":
    main()
