"""Executors, workers and workers of Python that are killed in the middle of a bill: the same bytes, every call once."""
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time
import types
import unittest

from servers import Spark
from sessions import open_session

from billing.spark.bill_command import FileUsage, Job
from billing.spark.output import Output

PROGRAM = os.environ.get("BILLING") or pathlib.Path(__file__).resolve().parents[2] / "build" / "test" / "billing"
RECORDS, USERS = 1_000_000, 1_000_000
SPLIT_BYTES = 512 << 10


def processes():
    """(pid, parent, command line) of all that run."""
    for folder in pathlib.Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        yield int(folder.name), parent, words


def executors(application):
    return [pid for pid, _, words in processes()
            if "org.apache.spark.executor.CoarseGrainedExecutorBackend" in words and application in words]


def workers_of_python(application):
    """Those that compute: children of the daemons that executors have."""
    daemons = {pid for pid, parent, words in processes() if parent in executors(application) and "pyspark.daemon" in words}
    return [pid for pid, parent, _ in processes() if parent in daemons]


class FaultsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="billing-faults-")))
        cls.log = cls.folder / "api.log"
        subprocess.run([PROGRAM, "generate", "-n", str(RECORDS), "-u", str(USERS), "--order", "shuffled", "-o", cls.log],
                       check=True)
        cls.spark = cls.enterClassContext(Spark(workers=2, cores=1, memory="1200m", history=False))
        settings = {"spark.executor.memory": "900m", "spark.executor.cores": "1"}
        if "PYTHONPATH" in os.environ:  # of a package that is not installed
            settings["spark.executorEnv.PYTHONPATH"] = os.environ["PYTHONPATH"]
        cls.session = open_session("faults", cls.spark.conf() | settings, cls.spark.master_url)
        cls.addClassCleanup(cls.session.stop)
        cls.application = cls.session.sparkContext.applicationId

    def bill(self, name, cycle, fault):
        """Bills the log, calls `fault` when a third of the splits have been read; the bytes, and the job."""
        keywords = {"cycle": cycle, "rates": {"*": "0.001"}}
        source = FileUsage([str(self.log)], keywords, SPLIT_BYTES)
        options = types.SimpleNamespace(buckets=4, rejects_sink=None)
        job = Job(self.session, source, options, keywords)
        ended = threading.Event()
        struck = []

        def strike():
            while not ended.is_set():
                if self.done_tasks() >= len(source.job.tasks) // 3:
                    struck.append(fault())
                    return
                time.sleep(0.02)

        self.jobs_before = set(self.tracker().getJobIdsForGroup(None))
        thread = threading.Thread(target=strike)
        thread.start()
        try:
            job.read()
            job.write(Output(str(self.folder / name), None))
        finally:
            ended.set()
            thread.join()
        self.assertTrue(struck and struck[0], "nothing was killed")
        job.found.unpersist()
        return (self.folder / name).read_bytes(), job

    def tracker(self):
        return self.session.sparkContext.statusTracker()

    def stages(self):
        tracker = self.tracker()
        jobs = [tracker.getJobInfo(job) for job in set(tracker.getJobIdsForGroup(None)) - self.jobs_before]
        infos = [tracker.getStageInfo(stage) for job in jobs if job for stage in job.stageIds]
        return [info for info in infos if info]

    def done_tasks(self):
        return max((info.numCompletedTasks for info in self.stages()), default=0)

    def assert_billed(self, name, cycle, fault):
        found, job = self.bill(name, cycle, fault)
        expected = subprocess.run([PROGRAM, "aggregate", "-q", "-c", cycle, "--rate", "*=0.001", "--output-format", "csv",
                                   self.log], check=True, capture_output=True).stdout
        self.assertEqual(found == expected, True)
        self.assertEqual(job.reports.totals["records"], RECORDS)
        results = [info for info in self.stages() if info.numCompletedTasks > 0]
        self.assertTrue(results)
        for info in results:
            self.assertEqual(info.numCompletedTasks, info.numTasks, info)

    def kill_one(self, pids):
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            return pid
        return None

    def test_1_a_worker_of_python(self):
        self.assert_billed("python.csv", "month", lambda: self.kill_one(workers_of_python(self.application)))

    def test_2_an_executor(self):
        self.assert_billed("executor.csv", "calls:5", lambda: self.kill_one(executors(self.application)))

    def test_3_a_worker_with_its_executor(self):
        def fault():
            self.spark.kill("worker2")
            return True

        self.assert_billed("worker.csv", "calls:5", fault)


if __name__ == "__main__":
    unittest.main()
