"""A connection of the driver to PostgreSQL, by the JDBC driver that Spark's tasks use as well: no package of Python.

Passwords come from PGPASSWORD, from the file of PGPASSFILE (else ~/.pgpass) or from a service file, and are looked up
on the driver alone: executors on other machines have none of these.
"""
import contextlib
import getpass
import os
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from billing import ConfigurationError, Error

DRIVER = "org.postgresql.Driver"
_ADVICE = "give it by PGPASSWORD, PGPASSFILE or a service file (?service=NAME)"


def is_url(text):
    return text.lower().startswith(("postgresql://", "postgres://"))


class Address:
    """postgresql://[USER@]HOST[:PORT]/DATABASE[?NAME=VALUE&...]: other parameters are those of the JDBC driver."""

    def __init__(self, url, option):
        """`option` is what the user typed it behind, for messages. Nothing of a URL with a password is in them."""
        try:
            parts = urlsplit(url)
            port = parts.port
            parameters = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
        except ValueError:
            raise ConfigurationError(f"{option}: no URL of the form postgresql://USER@HOST:PORT/DATABASE") from None
        if parts.password is not None or any("password" in name.lower() for name in parameters):
            raise ConfigurationError(f"{option}: a password does not belong into a URL; {_ADVICE}")
        self.table = parameters.pop("table", None)
        self.user = parameters.pop("user", None) or unquote(parts.username or "") or None
        self.host, self.port, self.database = parts.hostname, port, unquote(parts.path.lstrip("/"))
        if "@" in parts.path or "@" in parts.query:  # of a password with a slash: nothing of it is shown
            raise ConfigurationError(f"{option}: no URL of the form postgresql://USER@HOST:PORT/DATABASE")
        if not self.host and "service" not in parameters:
            raise ConfigurationError(f"{option}: no host in the URL; postgresql://USER@HOST:PORT/DATABASE")
        self.parameters = parameters

    def __str__(self):
        place = f"{self.host}:{self.port}" if self.port else self.host or f"service {self.parameters.get('service')}"
        return f"{place}/{self.database}"

    @property
    def jdbc_url(self):
        host = f"[{self.host}]" if self.host and ":" in self.host else self.host
        place = f"//{host}{f':{self.port}' if self.port else ''}/" if host else "///"
        query = f"?{urlencode(self.parameters, quote_via=quote)}" if self.parameters else ""
        return f"jdbc:postgresql:{place}{quote(self.database, safe='')}{query}"

    def credentials(self, session):
        """User and password as properties of JDBC; the driver's own rules find them in services and password files."""
        properties = session._jvm.java.util.Properties()
        user = self.user or os.environ.get("PGUSER") or (None if "service" in self.parameters else getpass.getuser())
        if user:
            properties.setProperty("user", user)
        if os.environ.get("PGPASSWORD"):
            properties.setProperty("password", os.environ["PGPASSWORD"])
        # The driver knows these variables as well, but as they were when Java was started.
        for name in ("PGPASSFILE", "PGSERVICEFILE"):
            if name in os.environ:
                session._jvm.System.setProperty(f"org.postgresql.{name.lower()}", os.environ[name])
        found = _driver(session).parseURL(self.jdbc_url, properties)
        if found is None:
            raise ConfigurationError(f"{self}: PostgreSQL's driver does not understand this address, or there is no "
                                     "such service")
        values = {name: found.getProperty(name) for name in ("user", "password")}
        return {name: value for name, value in values.items() if value is not None}

    def options(self, session):
        """Options of Spark's source `jdbc`."""
        return {"url": self.jdbc_url, "driver": DRIVER, "tcpKeepAlive": "true", **self.credentials(session)}


class Connection:
    """Statements of the driver, as a context manager. Each is its own transaction but for those of transaction()."""

    def __init__(self, session, address):
        self._address = address
        properties = session._jvm.java.util.Properties()
        for name, value in {"tcpKeepAlive": "true", **address.credentials(session)}.items():
            properties.setProperty(name, value)
        with self._failures():
            self._connection = _driver(session)().connect(address.jdbc_url, properties)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._connection.close()

    def run(self, statement, *values):
        """Runs a statement, whose ? are texts (cast what is none): its rows as tuples of text, or how many changed."""
        with self._failures():
            prepared = self._connection.prepareStatement(statement)
            try:
                for number, value in enumerate(values, 1):
                    prepared.setString(number, value)
                if not prepared.execute():
                    return prepared.getUpdateCount()
                result = prepared.getResultSet()
                columns = range(1, result.getMetaData().getColumnCount() + 1)
                rows = []
                while result.next():
                    rows.append(tuple(result.getString(column) for column in columns))
                return rows
            finally:
                prepared.close()

    @contextlib.contextmanager
    def transaction(self):
        """All statements within are one transaction; it is undone if any of them, or anything else within, fails."""
        with self._failures():
            self._connection.setAutoCommit(False)
        try:
            yield
            with self._failures():
                self._connection.commit()
        except BaseException:
            with contextlib.suppress(Error), self._failures():
                self._connection.rollback()
            raise
        finally:
            with contextlib.suppress(Error), self._failures():
                self._connection.setAutoCommit(True)

    @contextlib.contextmanager
    def _failures(self):
        """What PostgreSQL says, in the place of a trace of Java."""
        from py4j.protocol import Py4JJavaError
        try:
            yield
        except Py4JJavaError as error:
            message = error.java_exception.getMessage() or str(error.java_exception)
            advice = f"; {_ADVICE}" if "no password was provided" in message else ""
            raise Error(f"{self._address}: {message.splitlines()[0].strip().rstrip('.')}{advice}") from None


def quoted(name):
    """A name of a table or column, taken literally."""
    return '"' + name.replace('"', '""') + '"'


def quoted_table(name):
    """TABLE or SCHEMA.TABLE, taken literally."""
    return ".".join(quoted(part) for part in name.split("."))


def _driver(session):
    """The driver's class, of the jars of the session."""
    from py4j.java_gateway import JavaPackage
    driver = session._jvm.org.postgresql.Driver
    if isinstance(driver, JavaPackage):
        raise ConfigurationError("the session has no JDBC driver of PostgreSQL: fill a folder with "
                                 "scripts/get_jars.sh, and name it by BILLING_SPARK_JARS")
    return driver
