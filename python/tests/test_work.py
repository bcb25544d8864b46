"""How jobs run inside of a process: threads, the GIL, Ctrl-C, logs that change."""
import _thread
import concurrent.futures
import os
import signal
import threading
import time
import unittest

import billing
from fixture import RATES, PackageTest
from test_merge import random_lines


class WorkTest(PackageTest):
    def large_log(self):
        lines = random_lines(20_000)
        path = self.folder / "large.log"
        with open(path, "w", encoding="utf-8") as file:
            for _ in range(100):
                file.write(lines)
        return path

    def test_jobs_in_threads_make_the_same_bill(self):
        logs = [self.write(f"{i}.log", random_lines(2000, seed=i)) for i in range(4)]
        expected = [billing.aggregate(log, rates=RATES, threads=1).to_csv() for log in logs]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            bills = list(pool.map(
                lambda i: billing.aggregate(logs[i % 4], rates=RATES, threads=1 + i % 3).to_csv(),
                range(32)))
        self.assertEqual(bills, expected * 8)

    def test_one_bill_is_read_by_many_threads(self):
        bill = billing.aggregate(self.log(random_lines(3000)), rates=RATES)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            texts = list(pool.map(lambda _: bill.to_jsonl(), range(16)))
        self.assertEqual(len(set(texts)), 1)

    def test_the_gil_is_free_while_a_job_runs(self):
        log = self.large_log()
        counted = 0
        done = threading.Event()

        def run():
            billing.aggregate(log, rates=RATES, threads=1, naive=True)
            done.set()

        worker = threading.Thread(target=run)
        worker.start()
        while not done.is_set():
            counted += 1
        worker.join()
        # A job that held the GIL would let this loop turn once or twice.
        self.assertGreater(counted, 1000)

    def test_one_thread_is_one_thread(self):
        log = self.large_log()
        most = 0
        done = threading.Event()

        def watch():
            nonlocal most
            while not done.is_set():
                most = max(most, len(os.listdir("/proc/self/task")))
                time.sleep(0.001)

        watcher = threading.Thread(target=watch)
        watcher.start()
        before = len(os.listdir("/proc/self/task"))
        billing.aggregate(log, rates=RATES, threads=1)
        done.set()
        watcher.join()
        self.assertLessEqual(most, before)

    def endless_log(self):
        """A log that grows for as long as somebody reads it: no job over it ends by itself."""
        path = self.folder / "endless.log"
        os.mkfifo(path)
        lines = random_lines(2000).encode()

        def write():
            try:
                with open(path, "wb") as pipe:
                    while True:
                        pipe.write(lines)
            except BrokenPipeError:
                pass

        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        self.addCleanup(writer.join)
        return path

    def interrupted_after(self, seconds, call):
        """How long the call went on after Ctrl-C."""
        at = []

        def interrupt():
            time.sleep(seconds)
            at.append(time.monotonic())
            _thread.interrupt_main()

        thread = threading.Thread(target=interrupt)
        thread.start()
        with self.assertRaises(KeyboardInterrupt):
            call()
        thread.join()
        return time.monotonic() - at[0]

    def test_ctrl_c_ends_a_job_and_leaves_nothing(self):
        log = self.endless_log()
        out = self.folder / "usage.partial"
        took = self.interrupted_after(
            0.3, lambda: billing.aggregate(log, partial=out, cycle="hour"))
        self.assertLess(took, 5)
        self.assertEqual(os.listdir(self.folder), ["endless.log"])
        self.assertTrue(billing.aggregate(self.log(), rates=RATES).to_csv())

    def test_what_a_signal_handler_raises_comes_out(self):
        log = self.large_log()

        class Alarm(Exception):
            pass

        def handler(*_):
            raise Alarm

        before = signal.signal(signal.SIGALRM, handler)
        self.addCleanup(signal.signal, signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with self.assertRaises(Alarm):
            while True:
                billing.aggregate(log, rates=RATES, naive=True)

    def test_a_log_that_is_cut_short_is_an_error(self):
        log = self.large_log()
        results = []

        def cut():
            time.sleep(0.05)
            os.truncate(log, 100)

        for state in (None, self.folder / "state"):
            log = self.large_log()
            thread = threading.Thread(target=cut)
            thread.start()
            try:
                billing.aggregate(log, rates=RATES, threads=1, state=state)
                results.append("billed")
            except billing.Error as error:
                results.append(str(error))
            thread.join()
        # The cut may come too late; it must not end the process.
        self.assertEqual(len(results), 2)

    def test_bus_errors_are_the_hosts_again_after_a_state(self):
        before = signal.getsignal(signal.SIGBUS)
        billing.aggregate(self.log(), rates=RATES, state=self.folder / "state")
        self.assertEqual(signal.getsignal(signal.SIGBUS), before)

    def test_a_maker_is_for_one_thread_at_a_time(self):
        lines = random_lines(20_000).encode() * 20
        maker = billing.PartialMaker()
        outcomes = []

        def add(name):
            try:
                maker.add_lines(lines, name)
                outcomes.append("added")
            except billing.Error as error:
                outcomes.append(str(error))

        threads = [threading.Thread(target=add, args=(f"input {i}",)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertIn("added", outcomes)
        added = outcomes.count("added")
        self.assertTrue(all(one == "added" or "another thread" in one for one in outcomes), outcomes)
        self.assertEqual(maker.totals["records"], 400_000 * added)

    def test_files_appear_whole_or_not_at_all(self):
        bill = billing.aggregate(self.log(), rates=RATES)
        target = self.folder / "bill.csv"
        self.assertIsNone(bill.to_csv(target))
        self.assertEqual(target.read_bytes(), bill.to_csv())
        for path in (self.folder, "/nowhere/bill.csv", "-", ""):
            with self.assertRaises(billing.Error, msg=str(path)):
                bill.to_csv(path)


if __name__ == "__main__":
    unittest.main()
