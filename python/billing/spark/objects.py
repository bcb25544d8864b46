"""Inputs in object stores, by pyarrow's file systems: listed by the driver, read in ranges by tasks."""
import os
import urllib.parse
from dataclasses import dataclass

from billing import ConfigurationError, Error

_SAMPLE_BYTES = 64 << 10
_MORE_BYTES = 256 << 10
# By content, as the program does: names say little.
_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}


@dataclass(frozen=True)
class RemoteObject:
    url: str
    size: int
    version: str
    first_bytes: bytes  # of the text
    is_whole: bool      # nothing follows them
    is_compressed: bool


def is_remote(path):
    return isinstance(path, str) and path.startswith(("s3://", "s3a://"))


def file_system():
    """S3 by the environment: credentials, region, AWS_ENDPOINT_URL."""
    import pyarrow.fs
    endpoint = s3_endpoint()
    if not endpoint:
        return pyarrow.fs.S3FileSystem()
    url = urllib.parse.urlsplit(endpoint)
    if url.scheme not in ("http", "https") or not url.netloc:
        raise ConfigurationError(f"AWS_ENDPOINT_URL: {endpoint!r} is no address such as https://host:port")
    return pyarrow.fs.S3FileSystem(endpoint_override=url.netloc, scheme=url.scheme, region=s3_region() or "us-east-1")


def s3_endpoint():
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")


def s3_region():
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")


def hadoop_url(place):
    """A place as Hadoop calls it: paths are absolute, and S3 is spoken to by S3A."""
    if is_remote(place):
        return "s3a://" + key_of(place)
    return place if "://" in place or place.startswith("file:") else "file://" + os.path.abspath(place)


def s3a_settings(place):
    """What S3A does not read of the environment by itself, though other clients of S3 do."""
    prefix = "spark.hadoop.fs.s3a"
    if not is_remote(place):
        return {}
    settings = {f"{prefix}.endpoint.region": s3_region()} if s3_region() else {}
    if endpoint := s3_endpoint():
        settings |= {f"{prefix}.endpoint": endpoint, f"{prefix}.path.style.access": "true",
                     f"{prefix}.connection.ssl.enabled": str(endpoint.startswith("https:")).lower()}
    return settings


def key_of(url):
    return url.partition("://")[2]


def find(url):
    """The objects of a URL in the order of their names: one, or, where it ends in `/`, all below it."""
    import pyarrow.fs
    store = file_system()
    try:
        if url.endswith("/"):
            selector = pyarrow.fs.FileSelector(key_of(url).rstrip("/"), recursive=True)
            found = [info for info in store.get_file_info(selector) if info.is_file and not _is_hidden(info.path, url)]
        else:
            found = [store.get_file_info(key_of(url))]
        missing = [info.path for info in found if not info.is_file]
        if missing or not found:
            raise Error(f"{url}: there is no such object; a prefix ends in /" if missing
                        else f"{url}: there are no objects below it")
        scheme = url.partition("://")[0]
        objects = []
        for info in sorted(found, key=lambda one: one.path.encode()):
            objects.append(RemoteObject(f"{scheme}://{info.path}", info.size, version_of(info),
                                        *_first_bytes(store, info)))
        return objects
    except OSError as error:
        raise Error(f"{url}: {error}") from error


def _is_hidden(path, url):
    """As of folders: what begins with a point, below the prefix; and the marks that jobs leave."""
    names = path[len(key_of(url)):].split("/")
    return any(name.startswith(".") for name in names) or names[-1] == "_SUCCESS"


def _first_bytes(store, info):
    """Of the text, whether that is all of it, and whether it is compressed; then without a last line that goes on."""
    import pyarrow
    with store.open_input_file(info.path) as file:
        first = file.read_at(min(info.size, _SAMPLE_BYTES), 0)
    codec = compression_of(first)
    if codec is None:
        return first, info.size <= len(first), False
    with (store.open_input_stream(info.path, compression=None) as file,
          pyarrow.CompressedInputStream(file, codec) as text):
        first = text.read(_SAMPLE_BYTES)
        is_whole = not text.read(1)
    return first if is_whole else first[:first.rfind(b"\n") + 1] or first, is_whole, True


def compression_of(first_bytes):
    """What pyarrow calls it; None for plain text."""
    return next((codec for magic, codec in _MAGIC.items() if first_bytes.startswith(magic)), None)


def version_of(info):
    """Size and time of change: pyarrow tells no ETag."""
    return f"{info.size} {info.mtime_ns}"


def check_unchanged(store, split):
    info = store.get_file_info(key_of(split.path))
    if not info.is_file or version_of(info) != split.version:
        raise Error(f"{split.path}: has changed since the job was planned; run again when it is complete")


def read_lines(split):
    """The lines that begin in the split's range, where they begin, and the object's first bytes."""
    store = file_system()
    check_unchanged(store, split)
    with store.open_input_file(key_of(split.path)) as file:
        sample = file.read_at(min(split.size, _SAMPLE_BYTES), 0)
        end = split.size if split.end is None else split.end
        begin = 0 if split.begin == 0 else _behind_line_end(file, split.begin - 1, split.size)
        end = begin if end <= begin else _behind_line_end(file, end - 1, split.size)
        lines = file.read_at(end - begin, begin) if end > begin else b""
    if len(lines) != end - begin:
        raise Error(f"{split.path}: ended before its size; run again when it is complete")
    check_unchanged(store, split)
    return lines, begin, end == split.size, sample


def _behind_line_end(file, at, size):
    while at < size:
        more = file.read_at(min(_MORE_BYTES, size - at), at)
        newline = more.find(b"\n")
        if newline >= 0:
            return at + newline + 1
        at += len(more)
    return size


def download(split, path):
    """All of the object into a file."""
    store = file_system()
    check_unchanged(store, split)
    with store.open_input_stream(key_of(split.path), compression=None) as source, open(path, "wb") as target:
        while piece := source.read(1 << 20):
            target.write(piece)
    check_unchanged(store, split)
