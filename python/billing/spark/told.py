"""What tasks tell the driver beside their rows: of each key once, however often Spark repeated its task."""
import json

from billing import Error


class _ByKey:
    """The accumulator's rule: all different texts of each key. It must not raise: Spark would log that and go on."""

    def zero(self, _):
        return {}

    def addInPlace(self, known, more):  # noqa: N802  PySpark's name
        for key, texts in more.items():
            known[key] = known.get(key, frozenset()) | texts
        return known


def new_accumulator(session):
    return session.sparkContext.accumulator({}, _ByKey())


def tell(accumulator, key, value):
    """In a task: `value` is what JSON can say."""
    accumulator.add({key: frozenset([json.dumps(value, sort_keys=True)])})


def take(accumulator):
    """On the driver: what was told since the last call, by key in order. Raises Error where a task that was repeated
    told something else."""
    told, accumulator.value = accumulator.value, {}
    for key, texts in told.items():
        if len(texts) > 1:
            raise Error(f"task {key} came out differently when it was repeated")
    return {key: json.loads(text) for key in sorted(told) for text in told[key]}
