"""Rejects of a whole job, in the order of its inputs: as the program's file, or as rows of a table."""
from billing import _native
from billing.spark.output import WholeFile

HEADER = "file,line,byte_offset,reason,record\n"
SCHEMA = "file string, line bigint, byte_offset bigint, reason string, record string"


def write_file(path, rows, csv_safe):
    with WholeFile(path) as file:
        file.write(HEADER.encode())
        for name, line, offset, reason, record in rows:
            cells = (_native._csv_cell(name, csv_safe), str(line), str(offset), reason,
                     _native._csv_cell(record, csv_safe))
            file.write((",".join(cells) + "\n").encode())


def as_rows(session, rows):
    return session.createDataFrame([tuple(row) for row in rows], SCHEMA)
