"""API logs to bills, exact to the cent, the same bytes on every run.

    import billing
    bill = billing.aggregate("api.log", cycle="month", rates={"login": "0.005"})
    polars.DataFrame(bill)      # or pyarrow.table(bill), duckdb.sql("from bill"), ...

Options are the program's, by their names with underscores: see billing.aggregate.__doc__ and
docs/python.md.
"""
from billing._exceptions import ConfigurationError, Error, RejectsError, Warning
from billing._native import (Bill, Check, EventPieces, EventReader, Events, PartialMaker, Rejects,
                             __version__, aggregate, check, merge)

__all__ = ["Bill", "Check", "ConfigurationError", "Error", "EventPieces", "EventReader",
           "Events", "PartialMaker", "Rejects", "RejectsError", "Warning", "__version__", "aggregate", "check", "merge"]
