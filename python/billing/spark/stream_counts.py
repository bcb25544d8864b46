"""What became of a stream's messages, kept beside its checkpoint: exact over restarts and repeated tasks."""
import dataclasses
import json

from billing import ConfigurationError, Error
from billing.spark import told
from billing.spark.stream_events import Counts


def take(tally):
    """(counts, listed rejects) of the tasks since the last call."""
    counts, rejects = Counts(), []
    for of_task, listed in told.take(tally).values():
        counts.add(Counts(**of_task))
        rejects += listed
    return counts, rejects


@dataclasses.dataclass
class Total:
    """Sums since the checkpoint began, up to a batch."""
    counts: Counts = dataclasses.field(default_factory=Counts)
    windows: int = 0  # rows given to the sink; calls in them
    calls: int = 0

    def as_dict(self):
        return dataclasses.asdict(self.counts) | {"windows": self.windows, "calls": self.calls}

    @staticmethod
    def of(values):
        names = [field.name for field in dataclasses.fields(Counts)]
        return Total(Counts(**{name: values[name] for name in names}), values["windows"], values["calls"])


class CheckpointFolder:
    """Our own files in a checkpoint: <checkpoint>/billing/, on whatever file system Spark has it."""

    def __init__(self, session, checkpoint):
        jvm = session._jvm
        self.jvm = jvm
        self.folder = jvm.org.apache.hadoop.fs.Path(jvm.org.apache.hadoop.fs.Path(checkpoint), "billing")
        self.system = self.folder.getFileSystem(session._jsparkSession.sessionState().newHadoopConf())

    def settle(self, options):
        """The options that a checkpoint was begun with hold for all of it."""
        begun = self._read("options.json")
        if begun is None:
            self._write("options.json", options)
        elif begun != options:
            differing = ", ".join(f"{name} was {begun.get(name)!r} and is {options.get(name)!r}"
                                  for name in sorted(begun | options) if begun.get(name) != options.get(name))
            raise ConfigurationError(f"the checkpoint was begun with other options: {differing}; "
                                     "name a new --checkpoint, or go on with those")

    def total_before(self, batch):
        if not batch:
            return Total()
        values = self._read(f"counts-{batch - 1}.json")
        if not values:
            raise Error(f"the checkpoint has no counts of batch {batch - 1}: its folder billing/ is damaged, so that "
                        "what was accepted, rejected and late is not known any more; begin with a new --checkpoint")
        return Total.of(values)

    def put_total(self, batch, total):
        self._write(f"counts-{batch}.json", total.as_dict())
        self.system.delete(self._path(f"counts-{batch - 2}.json"), False)

    def _path(self, name):
        return self.jvm.org.apache.hadoop.fs.Path(self.folder, name)

    def _read(self, name):
        if not self.system.exists(self._path(name)):
            return None
        stream = self.system.open(self._path(name))
        try:
            return json.loads(bytes(stream.readAllBytes()))
        finally:
            stream.close()

    def _write(self, name, values):
        """Whole or not at all: what is half-written has another name."""
        fresh = self._path(f".{name}.new")
        stream = self.system.create(fresh, True)
        try:
            stream.write(json.dumps(values, sort_keys=True).encode())
        finally:
            stream.close()
        self.system.delete(self._path(name), False)
        if not self.system.rename(fresh, self._path(name)):
            raise Error(f"{name} of the checkpoint could not be written")
