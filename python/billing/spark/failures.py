"""How the failure of a job of Spark is told."""
import re

from billing import ConfigurationError, Error, RejectsError

# How a worker of Python names the exception that ended its task, at the end of its traceback.
_RAISED = re.compile(r"^billing\._exceptions\.(\w+): (.*)$", re.MULTILINE)
_TYPES = {kind.__name__: kind for kind in (ConfigurationError, RejectsError)}


def from_job(error):
    """The failure of a job of Spark as one of ours: what our code raised in a task, else what Spark says first."""
    text = str(error)
    found = _RAISED.findall(text)
    if found:
        name, message = found[-1]
        return _TYPES.get(name, Error)(message)
    raised = re.findall(r"^(?:\w+\.)*(\w*(?:Error|Exception|Invalid\w*)): (.*)$", text, re.MULTILINE)
    if "Traceback (most recent call last)" in text and raised:
        return Error(": ".join(raised[-1]))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    return Error(causes[-1] if causes else lines[0] if lines else type(error).__name__)
