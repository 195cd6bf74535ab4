"""Reads files of products: the rows of a CSV file by the names in its header."""

from collections.abc import Mapping

from core.csv_tables import TableProblem, TableRow, UnreadableTable, read_table
from models.catalog.imports import MAX_IMPORT_ROWS, ImportColumn, ImportFailure

Cells = Mapping[ImportColumn, str]
FileRow = TableRow[ImportColumn]
FAILURES = {TableProblem.KEY_COLUMN_MISSING: ImportFailure.SKU_COLUMN_MISSING}


class UnreadableFile(Exception):
    def __init__(self, failure: ImportFailure) -> None:
        super().__init__(failure)
        self.failure = failure


def read_file(content: bytes) -> list[FileRow]:
    """Return the rows of a file. Raises `UnreadableFile`."""
    try:
        return read_table(content, ImportColumn.SKU, MAX_IMPORT_ROWS)
    except UnreadableTable as error:
        failure = FAILURES.get(error.problem) or ImportFailure(error.problem)
        raise UnreadableFile(failure) from error
