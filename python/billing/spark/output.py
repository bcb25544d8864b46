"""Where a bill goes that is no table: a file or a folder, whole or not at all."""
import os
import tempfile

from billing import ConfigurationError, Error
from billing.spark.objects import hadoop_url, s3a_settings

FORMATS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}


class Output:
    """A target of --output: `kind` is file, folder or parquet."""

    def __init__(self, path, output_format):
        self.path = path
        ending = os.path.splitext(path.rstrip("/"))[1].lower()
        if output_format not in (None, "text", "csv", "jsonl"):
            raise ConfigurationError(f"--output-format: {output_format!r} is none of text, csv, jsonl")
        self.format = output_format or FORMATS.get(ending, "text")
        self.kind = "parquet" if ending == ".parquet" else "folder" if path.endswith("/") else "file"
        if path == "-":
            raise ConfigurationError("--output: name a file or a folder; Spark has no standard output")
        if self.kind == "file" and os.path.isdir(path):
            raise ConfigurationError(f"--output: {path} is a folder; say {path}/ to write the bill's parts there")
        if self.kind != "file" and os.path.isdir(path) and os.listdir(path):
            raise ConfigurationError(f"--output: {path} is there and not empty; remove it, or name another")
        if self.kind == "file" and "://" in path:
            raise ConfigurationError(f"--output: {path} would be a file; say {path}/ to write the bill's parts there")
        if self.kind == "file" and not os.path.isdir(os.path.dirname(path) or "."):
            raise ConfigurationError(f"--output: there is no folder {os.path.dirname(path)}")

    def session_conf(self):
        return s3a_settings(self.path)

    def write_text(self, lines, summary):
        """`lines` is a DataFrame of whole lines without the last end; `summary` is called before a file appears, and
        what it returns is returned. Raises Error."""
        if self.kind == "folder":
            lines.selectExpr("cast(value as string) value").write.mode(self._mode()).text(hadoop_url(self.path))
            return summary()
        with WholeFile(self.path) as file:
            for row in lines.toLocalIterator(prefetchPartitions=False):
                file.write(bytes(row.value) + b"\n")
            return summary()

    def write_rows(self, rows):
        rows.write.mode(self._mode()).parquet(hadoop_url(self.path))

    def _mode(self):
        """A local folder that is there is empty, as was asked for; one elsewhere is not looked at, and kept."""
        return "error" if "://" in self.path else "overwrite"


class WholeFile:
    """A file that appears when all of it is written, and not at all where anything fails before."""

    def __init__(self, path):
        self._path = path

    def __enter__(self):
        folder = os.path.dirname(os.path.abspath(self._path))
        try:
            handle, self._temporary = tempfile.mkstemp(prefix=".billing-", dir=folder)
        except OSError as error:
            raise Error(f"{self._path}: {error.strerror}") from error
        self._file = os.fdopen(handle, "wb")
        return self._file

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                self._file.flush()
                mask = os.umask(0)
                os.umask(mask)
                os.fchmod(self._file.fileno(), 0o666 & ~mask)
                os.fsync(self._file.fileno())
                os.replace(self._temporary, self._path)
        finally:
            self._file.close()
            if os.path.exists(self._temporary):
                os.unlink(self._temporary)
