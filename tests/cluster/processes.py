"""What all servers have in common: they are started in a folder of their own, awaited, and stopped by their ids."""
import contextlib
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What .ci/cluster made: the environment of Python, and jars of Spark, Kafka and Cassandra.
INSTALLED = pathlib.Path(os.environ.get("BILLING_CLUSTER", ROOT / "build" / "cluster"))

START_SECONDS = 120
STOP_SECONDS = 15
LOG_LINES = 30

_given_ports = set()


class ServerError(Exception):
    """A server did not start, or did not do what it was asked for; the end of its log is in the message."""


def free_port():
    """A port of the loopback that nobody listens on. It is below those that the kernel gives to clients, so that no
    connection takes it before the server does."""
    for port in random.sample(range(21000, 22000), 1000):
        if port in _given_ports:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                _given_ports.add(port)
                return port
    raise ServerError("no port from 21000 to 21999 is free")


def accepts(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def answers(port, request):
    """Whether a server sends anything back to the bytes of a request."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(request)
        return bool(connection.recv(16))
    return False


class Server:
    """A server of one or more processes, as a context manager. Subclasses say in launch() what is started.

    Each process leads a process group: what it starts itself (Spark's executors) ends with it, and nothing else does.
    """

    name = "server"

    def __init__(self):
        self.folder = None
        self.processes = {}  # by name, as they were started
        self.started_seconds = None

    def __enter__(self):
        begun = time.monotonic()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"billing-{self.name}-"))
        # PostgreSQL runs as another user and must get at its folder below.
        self.folder.chmod(0o755)
        try:
            self.launch()
        except BaseException:
            self.stop()
            raise
        self.started_seconds = time.monotonic() - begun
        print(f"{self.name}: up after {self.started_seconds:.1f} s, processes {self.pids()}", flush=True)
        return self

    def __exit__(self, *_):
        self.stop()

    def launch(self):
        raise NotImplementedError

    def pids(self):
        return {name: process.pid for name, process in self.processes.items()}

    def log_path(self, process):
        return self.folder / f"{process}.log"

    def log_end(self, process):
        with contextlib.suppress(OSError):
            text = self.log_path(process).read_text(errors="replace")
            return "\n".join(text.splitlines()[-LOG_LINES:])
        return ""

    def start_process(self, name, command, environment=None, user=None):
        """Starts a process whose output is its log; await_that() says when it is there."""
        with open(self.log_path(name), "ab") as log:
            self.processes[name] = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                env={**os.environ, **(environment or {})}, start_new_session=True, user=user, group=user,
                extra_groups=[] if user else None)

    def await_that(self, name, is_up, seconds=START_SECONDS):
        """Waits until is_up() holds; fails with the end of the log when the process ends or takes too long."""
        process = self.processes[name]
        deadline = time.monotonic() + seconds
        while not is_up():
            ended = process.poll()
            if ended is not None or time.monotonic() > deadline:
                what = f"ended with {ended}" if ended is not None else f"was not up after {seconds} s"
                raise ServerError(f"{self.name}: {name} {what}; the end of its log:\n{self.log_end(name)}")
            time.sleep(0.1)

    def run_once(self, name, command, environment=None, user=None):
        """Runs a command that ends, as one that makes a database; its output if it fails is in the error."""
        done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              cwd=self.folder, env={**os.environ, **(environment or {})}, user=user, group=user,
                              extra_groups=[] if user else None)
        if done.returncode != 0:
            lines = (done.stdout + done.stderr).splitlines()[-LOG_LINES:]
            raise ServerError(f"{self.name}: {name} failed with {done.returncode}:\n" + "\n".join(lines))
        return done.stdout

    def kill(self, name):
        """Ends one process at once, as a fault would; what it had started is left to itself."""
        self.processes[name].kill()
        self.processes[name].wait()

    def stop(self):
        """Ends the processes in reverse order of their start, and removes the folder."""
        for process in reversed(list(self.processes.values())):
            _signal_group(process.pid, signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                pass
            # Also where the leader has ended: its executors may not have.
            _signal_group(process.pid, signal.SIGKILL)
            process.wait()
        self.processes.clear()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)


def _signal_group(pid, number):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)
