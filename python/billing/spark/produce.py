"""Events for a topic of Kafka, to try streams with: the same for a seed, at a rate and with spikes.

The client is confluent-kafka (librdkafka): it needs no service and no JVM, keeps up with millions of events and is
told of each message that was not delivered. Spark's own sink would start a session for each of them.
"""
import argparse
import datetime
import itertools
import os
import random
import time

from billing import ConfigurationError, Error

KINDS = ("students", "lines", "paths")
_FIRST_TIME = "2025-05-01T00:00:00Z"
_COURSES = ("algebra", "biology", "compilers", "databases", "ethics")
_ACTIVITIES = ("coding", "reading", "testing", "review")
_TASKS = ("login", "getUserProfile", "createOrder", "deleteOrder", "search")
_COMPANIES = ("acme", "globex", "initech", "umbrella", "hooli")
_NANOSECONDS = 1_000_000_000


def add_options(parser):
    parser.add_argument("--brokers", required=True, metavar="HOST:PORT,…", help="where Kafka is")
    parser.add_argument("--topic", required=True, help="where events go")
    parser.add_argument("--kind", required=True, choices=KINDS,
                        help="students: JSON of courses; lines: log lines of an API; paths: files below --root, and "
                        "their paths")
    parser.add_argument("--rate", type=_positive, default=200, metavar="N", help="events a second (200)")
    parser.add_argument("--spike", type=_spike, action="append", default=[], metavar="AT:FOR:RATE",
                        help="from second AT, for FOR seconds, RATE events a second; repeat it for more")
    parser.add_argument("--events", type=_positive, metavar="N", help="how many; without, until it is interrupted")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="events are the same for a seed (1)")
    parser.add_argument("--start", type=_start, default=_start(_FIRST_TIME), metavar="TIME",
                        help=f"time of the first event, or `now` ({_FIRST_TIME})")
    parser.add_argument("--no-wait", action="store_true", help="send all at once; their times still tell of --rate")
    parser.add_argument("--root", metavar="DIR", help="of --kind paths: where files are written")
    add_kafka_option(parser)
    parser.add_argument("--verbose", action="store_true", help="show traces of errors")


def add_kafka_option(parser):
    parser.add_argument("--kafka", metavar="K=V", action="append", default=[],
                        help="a setting of Kafka's client, e.g. security.protocol=SSL; repeat it for more")


def kafka_settings(options):
    settings = {}
    for text in options.kafka:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise ConfigurationError(f"--kafka: {text!r} is no K=V, e.g. security.protocol=SSL")
        settings[name.strip()] = value
    return settings


def run(options):
    if (options.kind == "paths") != (options.root is not None):
        raise ConfigurationError("--root belongs to --kind paths: the folder that files are written to")
    try:
        from confluent_kafka import KafkaException, Producer
    except ImportError:
        raise ConfigurationError("confluent-kafka is not installed: pip install './python[spark]'") from None
    try:
        producer = Producer({"bootstrap.servers": options.brokers, "enable.idempotence": True, "linger.ms": 50,
                             "queue.buffering.max.messages": 200_000, "message.timeout.ms": 60_000,
                             "log_level": 0} | kafka_settings(options))
        producer.list_topics(timeout=20)
    except KafkaException as error:
        raise Error(f"Kafka at {options.brokers}: {error.args[0].str()}") from None
    sent = _send_all(producer, options)
    print(f"{sent:,} events sent to {options.topic}")
    return 0


def _send_all(producer, options):
    failures = []
    delivered = itertools.count()

    def on_delivery(error, _message):
        if error is not None:
            failures.append(error)
        else:
            next(delivered)

    began = time.monotonic()
    try:
        for due_ns, key, value in itertools.islice(_messages(options), options.events):
            if not options.no_wait:
                _wait_until(producer, began + due_ns / _NANOSECONDS)
            _send(producer, options.topic, key, value, on_delivery)
            if failures:
                break
    except KeyboardInterrupt:
        pass  # the usual end where --events does not say how many
    left = producer.flush(90)
    if failures or left:
        why = failures[0].str() if failures else f"{left:,} were not delivered in 90 seconds"
        raise Error(f"topic {options.topic}: {why}")
    return next(delivered)


def _wait_until(producer, due):
    while (left := due - time.monotonic()) > 0:
        producer.poll(min(left, 0.1))


def _send(producer, topic, key, value, on_delivery):
    while True:
        try:
            producer.produce(topic, key=key, value=value, on_delivery=on_delivery)
            producer.poll(0)
            return
        except BufferError:  # the queue is full: wait for the broker
            producer.poll(0.1)


def schedule(rate, spikes):
    """When events are due, in nanoseconds from the start. Without end."""
    due_ns = 0
    while True:
        yield due_ns
        now_rate = next((spike_rate for begin, length, spike_rate in spikes
                         if begin * _NANOSECONDS <= due_ns < (begin + length) * _NANOSECONDS), rate)
        due_ns += _NANOSECONDS // now_rate


def _messages(options):
    """(due in nanoseconds, key, value) of each event. Without end."""
    make = {"students": _student, "lines": _line, "paths": _PathsMaker(options.root)}[options.kind]
    generator = random.Random(options.seed)
    for due_ns in schedule(options.rate, options.spike):
        key, value = make(generator, options.start + datetime.timedelta(microseconds=due_ns // 1000))
        yield due_ns, key, value


def _student(generator, now):
    student = f"student{generator.randrange(500)}"
    cpu = "null" if generator.random() < 0.02 else f"{generator.randrange(10_001) / 100}"
    return student, (f'{{"timestamp":"{_text(now)}","student":"{student}","course":"{generator.choice(_COURSES)}",'
                     f'"activity":"{generator.choice(_ACTIVITIES)}","lines_of_code":{generator.randrange(200)},'
                     f'"cpu_usage_pct":{cpu}}}')


def _line(generator, now):
    user = f"user{generator.randrange(250)}"
    status = 500 if generator.random() < 0.01 else 200
    return user, f"{_text(now)} {user} {generator.choice(_TASKS)} {status} {generator.randrange(1, 2000)}ms"


class _PathsMaker:
    """Writes a file of costs for each event; every fifth is a new version of one that was written before."""

    def __init__(self, root):
        self.root = root
        self.written = []

    def __call__(self, generator, now):
        if self.written and generator.random() < 0.2:
            path = generator.choice(self.written)
        else:
            path = f"{generator.choice(_COMPANIES)}/{len(self.written):06d}.jsonl"
            self.written.append(path)
        company = path.partition("/")[0]
        lines = [f'{{"timestamp":"{_text(now)}","company":"{company}","cost":"{generator.randrange(10**9)}'
                 f'.{generator.randrange(10**6):06d}"}}\n' for _ in range(generator.randrange(1, 20))]
        self._write(path, "".join(lines))
        return path, path

    def _write(self, path, text):
        whole = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        # Whoever reads meanwhile has the version before or this one, and nothing between.
        with open(f"{whole}.new", "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(f"{whole}.new", whole)


def _text(time_of_event):
    return time_of_event.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _positive(text):
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 10**12:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


def _spike(text):
    parts = text.split(":")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts) or 0 in map(int, parts[1:]):
        raise argparse.ArgumentTypeError(f"{text!r} is no AT:FOR:RATE, e.g. 30:10:2000")
    return tuple(map(int, parts))


def _start(text):
    if text == "now":
        return datetime.datetime.now(datetime.timezone.utc)
    try:
        value = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither `now` nor a time as 2025-05-01T00:00:00Z") from None
    return value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)
