"""Logs to try weblogs with: the same bytes for the same options, on every machine."""
import argparse
import datetime
import gzip
import random

from billing import ConfigurationError, Error
from billing.spark import objects
from billing.spark.web_rows import open_filesystem

_AGENTS = (
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36", 40),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0", 15),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", 20),
    ("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36", 12),
    ("Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15", 5),
    ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", 5),
    ("curl/8.5.0", 2),
    ("-", 1),
)
_PATHS = ("/", "/index.html", "/api/v1/users/42", "/api/v1/orders?page=2", "/static/app.js", "/static/style.css",
          "/images/logo.png", "/search?q=a%20b", "/login", "/download/report.pdf")
_METHODS = ("GET",) * 8 + ("POST", "HEAD")
_STATUSES = (200,) * 14 + (204, 301, 302, 304, 404, 404, 403, 500, 503)


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise ConfigurationError(f"--generate: {message}")


def parse_generate_options(words):
    parser = _Parser(prog="--generate", add_help=False, allow_abbrev=False)
    parser.add_argument("--files", type=int, default=2)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(words)
    if min(options.files, options.rows, options.clients) < 1 or options.clients > 65536:
        raise ConfigurationError("--generate: --files, --rows and --clients are at least 1; --clients at most 65536")
    return options


def generate(root, dates, options):
    """Writes `files` logs of `rows` records each for every date, as YYYY/MM/DD/part-TIMESTAMP_N.log.gz."""
    system, base = open_filesystem(root)
    for date in dates:
        folder = f"{base.rstrip('/')}/{date:%Y/%m/%d}"
        try:
            if not objects.is_remote(root):  # in S3 it would be an object of its own
                system.create_dir(folder, recursive=True)
            for number in range(options.files):
                name = f"{folder}/part-{int(_midnight(date).timestamp())}_{number}.log.gz"
                with system.open_output_stream(name, compression=None) as file:
                    file.write(log_of(date, number, options))
        except OSError as error:
            raise Error(f"{root}: {error}") from error


def log_of(date, number, options):
    """The compressed bytes of one file, whose records are in the order of their times."""
    chance = random.Random(f"{options.seed} {date} {number}")
    seconds = sorted(chance.randrange(86_400) for _ in range(options.rows))
    agents, weights = zip(*_AGENTS)
    lines = []
    for second in seconds:
        time = _midnight(date) + datetime.timedelta(seconds=second)
        # A few clients make most of the requests.
        client = int(options.clients * chance.random() ** 3)
        status = chance.choice(_STATUSES)
        size = 0 if status in (204, 304) else chance.randrange(100, 50_000)
        referer = chance.choice(("-", "-", "https://www.example.com/", "https://search.example/?q=x"))
        agent = chance.choices(agents, weights)[0]
        lines.append(f'10.0.{client // 256}.{client % 256} - - [{time:%d/%b/%Y:%H:%M:%S} +0000] '
                     f'"{chance.choice(_METHODS)} {chance.choice(_PATHS)} HTTP/1.1" {status} {size} '
                     f'"{referer}" "{agent}"\n')
    return gzip.compress("".join(lines).encode(), compresslevel=6, mtime=0)


def _midnight(date):
    return datetime.datetime(date.year, date.month, date.day, tzinfo=datetime.timezone.utc)
