"""How the failure of a job is told: as what our code raised in a task, or as what Spark says."""
import traceback
import unittest

import billing
from billing.spark.__main__ import tell
from billing.spark.failures import from_job


def job_failure(error):
    """As Spark tells what ended a task: with the traceback of Python's worker in it."""
    try:
        raise error
    except Exception:
        trace = traceback.format_exc()
    return Exception("Job aborted due to stage failure: Task 0 in stage 0.0 failed\n"
                     f"org.apache.spark.api.python.PythonException: {trace}\n\tat org.apache.spark.api.Runner.run\n")


class Failures(unittest.TestCase):
    def test_what_our_code_raised_in_a_task_is_of_its_own_kind_again(self):
        for kind, status in ((billing.ConfigurationError, 2), (billing.RejectsError, 3), (billing.Error, 1)):
            error = from_job(job_failure(kind("a.log: is no log")))
            self.assertEqual((type(error), str(error), tell(error)), (kind, "a.log: is no log", status))

    def test_other_failures_are_told_by_their_last_cause(self):
        self.assertEqual(str(from_job(job_failure(ZeroDivisionError("division by zero")))), "ZeroDivisionError: division by zero")
        error = from_job(Exception("Job aborted\n\tat x\nCaused by: java.io.IOException: disk is full\n\tat y\n"))
        self.assertEqual((type(error), str(error)), (billing.Error, "java.io.IOException: disk is full"))


if __name__ == "__main__":
    unittest.main()
