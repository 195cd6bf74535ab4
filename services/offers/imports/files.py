"""Reads files of offers: the rows of a CSV file by the names in its header."""

from collections.abc import Mapping

from core.csv_tables import TableProblem, TableRow, UnreadableTable, read_table
from models.offers.imports import MAX_ROWS, OfferColumn, OfferImportFailure

Cells = Mapping[OfferColumn, str]
OfferRow = TableRow[OfferColumn]
FAILURES = {TableProblem.KEY_COLUMN_MISSING: OfferImportFailure.ID_COLUMN_MISSING}


class UnreadableOffers(Exception):
    def __init__(self, failure: OfferImportFailure) -> None:
        super().__init__(failure)
        self.failure = failure


def read_offers(content: bytes) -> list[OfferRow]:
    """Return the rows of a file. Raises `UnreadableOffers`."""
    try:
        return read_table(content, OfferColumn.ID, MAX_ROWS)
    except UnreadableTable as error:
        failure = FAILURES.get(error.problem) or OfferImportFailure(error.problem)
        raise UnreadableOffers(failure) from error
