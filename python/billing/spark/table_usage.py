"""The usage of rows of a database, for `bill`: columns in place of fields, partitions in place of splits."""
from billing import ConfigurationError, _native
from billing.spark import usage
from billing.spark.splits import TASK_LIMITS, options_of_bill

_COLUMNS = ("time", "user", "task", "status_from", "quantity")
_OF_USAGE = ("unit", "quantity_digits", "negative", "group_by", "cycle", "timezone", "anchor_day", "since", "until",
             "status")
_OF_BILL = ("rate", "env_file", "unrated", "rounding", "scale", "rejects", "max_rejects", "csv_safe")


class TableUsage:
    """What Job wants of a source: see FileUsage."""

    job = None
    splits = ()

    def __init__(self, options, keywords):
        for name in keywords:
            if name not in _COLUMNS + _OF_USAGE + _OF_BILL:
                raise ConfigurationError(f"--{name.replace('_', '-')}: has no meaning for rows of a database")
        if keywords.get("unrated") == "reject":
            raise ConfigurationError("--unrated reject: is for logs; rows of a database may be zero or fail")
        self._options = options
        self._mapping = {name: keywords[name] for name in _COLUMNS if name in keywords}
        others = {name: value for name, value in keywords.items() if name not in _COLUMNS}
        self.plan = _native._Plan([], env=True, **others)
        self.bill_options = options_of_bill(self.plan, keywords)
        self.maker_options = {name: keywords[name] for name in _OF_USAGE if name in keywords} | TASK_LIMITS
        # As read_rows() calls it; a column of this name has no unit of its own.
        usual_unit = "units" if "quantity" in keywords else "ms"
        self.maker_options |= {"quantity": "quantity", "unit": keywords.get("unit", usual_unit)}
        self.inputs = [[str(options.paths[0]), options.table]]
        self._rows = None

    def _read(self, session):
        from billing.spark.rows import read_rows
        if self._rows is None:
            self._rows = read_rows(session, self._options.paths[0], self._options.table,
                                   self._options.partition_column, self._options.partitions, self._mapping)
        return self._rows

    def sample_users(self, session):
        return [row.user for row in self._read(session).select("user").limit(2000).collect() if row.user]

    def usage(self, session, begins, keeps_rejects):
        rows = self._read(session)
        found = usage.usage_of_rows(rows, self.maker_options, begins, keeps_rejects)
        return found, rows.rdd.getNumPartitions()

    def check(self, reports):
        """Rows have no size to be compared with: every row is a record, and every record is accounted for."""
