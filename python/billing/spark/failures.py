"""What ends a command, and how it is told."""
import re


class UsageError(Exception):
    """Options or settings are wrong: exit status 2."""


class RunError(Exception):
    """The run cannot go on: exit status 1."""


class RejectsFound(Exception):
    """More records were rejected than allowed: exit status 3."""


# How a worker of Python names the exception that ended its task, at the end of its traceback.
_RAISED = re.compile(r"^(?:billing\._exceptions\.(\w+)|billing\.spark\.failures\.(\w+)): (.*)$", re.MULTILINE)
_TYPES = {"ConfigurationError": UsageError, "UsageError": UsageError, "RejectsError": RejectsFound,
          "RejectsFound": RejectsFound}


def from_job(error):
    """The failure of a job of Spark as one of ours: what our code raised in a task, else what Spark says first."""
    text = str(error)
    found = _RAISED.findall(text)
    if found:
        package, spark, message = found[-1]
        return _TYPES.get(package or spark, RunError)(message)
    raised = re.findall(r"^(?:\w+\.)*(\w*(?:Error|Exception|Invalid\w*)): (.*)$", text, re.MULTILINE)
    if "Traceback (most recent call last)" in text and raised:
        return RunError(": ".join(raised[-1]))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    return RunError(causes[-1] if causes else lines[0] if lines else type(error).__name__)
