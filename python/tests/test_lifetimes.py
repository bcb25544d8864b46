"""Nothing of the package outlives its last reference."""
import gc
import subprocess
import sys
import unittest

import billing
from billing import _native
from fixture import RATES, PackageTest

# An object that is alive keeps its class alive.
CLASSES = (billing.Bill, billing.Check, billing.EventPieces, billing.EventReader, billing.Events, billing.PartialMaker,
           billing.Rejects, _native._Plan)


class LifetimesTest(PackageTest):
    def use_everything(self, log):
        bill = billing.aggregate(log, rates=RATES)
        bill.__arrow_c_stream__()
        bill.__arrow_c_schema__()
        rejects = bill.rejects
        rejects.__arrow_c_stream__()
        reader = billing.EventReader()
        events = reader.read_file(log)
        events.__arrow_c_stream__()
        pieces = reader.iterate_file(log)
        first = next(pieces)
        table = billing.PartialMaker(quantity="quantity")
        table.add_events(events)
        maker = billing.PartialMaker(format="text")
        maker.add_file(log)
        maker.add_lines(b"no call\n", "queue")
        with self.assertRaises(billing.RejectsError) as caught:
            maker.finish()
        with self.assertRaises(billing.Error):
            maker.add_file(log)
        report = billing.check(log)
        plan = _native._Plan([str(log)], rates=RATES)
        # In a cycle with objects of Python, which the collector takes apart.
        cycle = [bill, rejects, reader, events, pieces, first, table, maker, caught, report, plan]
        cycle.append(cycle)

    def test_all_objects_go(self):
        log = self.log()
        self.use_everything(log)  # what is made once is made now
        gc.collect()
        before = {one.__name__: sys.getrefcount(one) for one in CLASSES}
        for _ in range(3):
            self.use_everything(log)
        gc.collect()
        self.assertEqual({one.__name__: sys.getrefcount(one) for one in CLASSES}, before)

    def test_what_a_thread_holds_at_the_end_is_no_leak_to_tell_of(self):
        program = ("import billing, threading\n"
                   "maker = billing.PartialMaker()\n"
                   "held = threading.Event()\n"
                   "def hold(maker=maker):\n"
                   "    held.set()\n"
                   "    threading.Event().wait()\n"
                   "threading.Thread(target=hold, daemon=True).start()\n"
                   "held.wait()\n")
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
