"""Reads files of products: the rows of a CSV file by the names in its header."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from models.catalog.imports import MAX_IMPORT_ROWS, ImportColumn, ImportFailure

DELIMITERS = ",;\t"
Cells = Mapping[ImportColumn, str]


@dataclass(frozen=True)
class FileRow:
    """A row without its empty cells. `number` counts from 1, without the header.

    `repeats` is whether an earlier row has its SKU, and `too_long` whether it has more cells than
    the header.
    """

    number: int
    cells: Cells
    repeats: bool = False
    too_long: bool = False


class UnreadableFile(Exception):
    def __init__(self, failure: ImportFailure) -> None:
        super().__init__(failure)
        self.failure = failure


def read_file(content: bytes) -> list[FileRow]:
    """Return the rows of a CSV file in UTF-8, with or without a byte order mark.

    The delimiter is the one of comma, semicolon and tab that the header has most often: Excel
    writes semicolons in half of the world. Guessing from values would depend on their commas.
    Rows without a value are left out. Raises `UnreadableFile`.
    """
    try:
        text = content.decode("utf-8-sig")
        delimiter = max(DELIMITERS, key=text.partition("\n")[0].count)
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        header = _header(next(lines, []))
        return _rows(header, lines)
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFile(ImportFailure.NOT_CSV) from error


def _header(names: Sequence[str]) -> list[ImportColumn]:
    try:
        columns = [ImportColumn(name.strip().upper()) for name in names]
    except ValueError as error:
        raise UnreadableFile(ImportFailure.UNKNOWN_COLUMN) from error
    if len({*columns}) != len(columns):
        raise UnreadableFile(ImportFailure.REPEATED_COLUMN)
    if ImportColumn.SKU not in columns:
        raise UnreadableFile(ImportFailure.SKU_COLUMN_MISSING)
    return columns


def _rows(header: Sequence[ImportColumn], lines: Iterator[list[str]]) -> list[FileRow]:
    rows: list[FileRow] = []
    seen = set[str]()
    for values in lines:
        stripped = [value.strip() for value in values]
        if not any(stripped):
            continue
        if len(rows) == MAX_IMPORT_ROWS:
            raise UnreadableFile(ImportFailure.TOO_MANY_ROWS)
        cells = {name: value for name, value in zip(header, stripped, strict=False) if value}
        sku = cells.get(ImportColumn.SKU, "")
        too_long = any(stripped[len(header) :])
        rows.append(FileRow(len(rows) + 1, cells, bool(sku) and sku in seen, too_long))
        seen.add(sku)
    if not rows:
        raise UnreadableFile(ImportFailure.NO_ROWS)
    return rows
