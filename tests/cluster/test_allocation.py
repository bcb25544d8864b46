"""Executors come when many events wait, and go when none do."""
import datetime
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from processes import INSTALLED
from servers import Kafka, Spark

EVENTS = 2_000_000
EXECUTORS = 4
TOPIC = "waiting"
IDLE_SECONDS, SHUFFLE_SECONDS = 10, 8
GONE_SECONDS = 60


class Allocation(unittest.TestCase):
    def test_executors_come_for_what_waits_and_are_gone_a_minute_after_the_last(self):
        kafka = self.enterContext(Kafka())
        spark = self.enterContext(Spark(workers=2, cores=2, memory="1100m", history=False))
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="billing-allocation-")))
        subprocess.run([sys.executable, "-m", "billing.spark", "produce", "--brokers", kafka.brokers, "--topic", TOPIC,
                        "--kind", "students", "--events", str(EVENTS), "--rate", "5000", "--no-wait"], check=True)
        self.progress = folder / "progress.jsonl"
        with open(folder / "windows.csv", "w") as windows, open(folder / "messages.txt", "w") as messages:
            process = subprocess.Popen(self.command(kafka, spark, folder), stdout=windows, stderr=messages,
                                       env={**os.environ, "BILLING_SPARK_JARS": str(INSTALLED / "jars")})
            try:
                self.await_that(process, folder, lambda: self.accepted() == EVENTS, 1800)
                # The batch behind the last events has none, and the windows that they closed.
                self.await_that(process, folder, lambda: self.batches()[-1]["batch"] > 0 and self.executors()[-1] == 0, 600)
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(120)
        self.assertEqual(process.returncode, 0, (folder / "messages.txt").read_text())
        executors = self.executors()
        print("executors:", *executors, flush=True)
        self.assertEqual((executors[0], max(executors), executors[-1]), (0, EXECUTORS, 0))
        gone = [at(line) for line in self.lines() if line.get("executors") == 0 and "batch" not in line][-1]
        ended = max(at(batch) + batch["duration_ms"] / 1000 for batch in self.batches())
        print(f"gone {gone - ended:.0f} s after the last batch", flush=True)
        self.assertLess(gone - ended, GONE_SECONDS)
        batches = [batch for batch in self.batches() if batch["input_rows"]]
        self.assertEqual(sum(batch["input_rows"] for batch in batches), EVENTS)
        self.assertTrue(all(batch["processing_rate"] > 0 for batch in batches))
        self.assertIn(f"{EVENTS:,} accepted + 0 rejected", (folder / "messages.txt").read_text())

    def command(self, kafka, spark, folder):
        settings = spark.conf() | {
            "spark.executor.cores": "1", "spark.executor.memory": "512m", "spark.driver.memory": "900m",
            "spark.dynamicAllocation.enabled": "true", "spark.dynamicAllocation.minExecutors": "0",
            "spark.dynamicAllocation.maxExecutors": str(EXECUTORS),
            "spark.dynamicAllocation.executorIdleTimeout": f"{IDLE_SECONDS}s",
            "spark.dynamicAllocation.shuffleTracking.enabled": "true",
            "spark.dynamicAllocation.shuffleTracking.timeout": f"{SHUFFLE_SECONDS}s",
        }
        if "PYTHONPATH" in os.environ:  # of a package that is not installed
            settings["spark.executorEnv.PYTHONPATH"] = os.environ["PYTHONPATH"]
        conf = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
        return [sys.executable, "-m", "billing.spark", "stream", "--brokers", kafka.brokers, "--topic", TOPIC,
                "--group-by", "course,activity", "--sum", "lines_of_code", "--avg", "cpu_usage_pct", "--window", "10s",
                "--min-partitions", "32", "--trigger", "5s", "--checkpoint", folder / "checkpoint", "--master",
                spark.master_url, "--progress", self.progress, *conf]

    def await_that(self, process, folder, holds, seconds):
        deadline = time.monotonic() + seconds
        while not holds():
            self.assertIsNone(process.poll(), (folder / "messages.txt").read_text())
            self.assertLess(time.monotonic(), deadline, f"executors {self.executors()}, accepted {self.accepted()}")
            time.sleep(0.5)

    def lines(self):
        if not self.progress.exists():
            return []
        # The last line may be half-written.
        return [json.loads(line) for line in self.progress.read_text().split("\n")[:-1]]

    def accepted(self):
        return max((batch["total"].get("accepted", 0) for batch in self.batches()), default=0)

    def batches(self):
        return [line for line in self.lines() if "batch" in line]

    def executors(self):
        return [line["executors"] for line in self.lines() if "batch" not in line]


def at(line):
    return datetime.datetime.fromisoformat(line["time"]).timestamp()


if __name__ == "__main__":
    unittest.main()
