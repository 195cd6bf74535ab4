"""Tables that users upload as CSV files: rows of cells by the names in their header."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

DELIMITERS = ",;\t"
Column = TypeVar("Column", bound=StrEnum)


class TableProblem(StrEnum):
    NOT_CSV = "NOT_CSV"
    UNKNOWN_COLUMN = "UNKNOWN_COLUMN"
    REPEATED_COLUMN = "REPEATED_COLUMN"
    KEY_COLUMN_MISSING = "KEY_COLUMN_MISSING"
    NO_ROWS = "NO_ROWS"
    TOO_MANY_ROWS = "TOO_MANY_ROWS"


class UnreadableTable(Exception):
    def __init__(self, problem: TableProblem) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True)
class TableRow(Generic[Column]):
    """A row without its empty cells. `number` counts from 1, without the header.

    `repeats` is whether an earlier row has its key, and `too_long` whether it has more cells than
    the header.
    """

    number: int
    cells: Mapping[Column, str]
    repeats: bool = False
    too_long: bool = False


def read_table(content: bytes, key: Column, most: int) -> list[TableRow[Column]]:
    """Return the rows of a CSV file in UTF-8, with or without a byte order mark.

    The columns are those of the enum of the key's column, in any order. The delimiter is the one of
    comma, semicolon and tab that the header has most often: Excel writes semicolons in half of the
    world. Guessing from values would depend on their commas. Rows without a value are left out.
    Raises `UnreadableTable`, also for more than `most` rows.
    """
    try:
        text = content.decode("utf-8-sig")
        delimiter = max(DELIMITERS, key=text.partition("\n")[0].count)
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        header = _header(next(lines, []), key)
        return _rows(header, key, lines, most)
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableTable(TableProblem.NOT_CSV) from error


def _header(names: Sequence[str], key: Column) -> list[Column]:
    known = type(key)
    try:
        columns = [known(name.strip().upper()) for name in names]
    except ValueError as error:
        raise UnreadableTable(TableProblem.UNKNOWN_COLUMN) from error
    if len({*columns}) != len(columns):
        raise UnreadableTable(TableProblem.REPEATED_COLUMN)
    if key not in columns:
        raise UnreadableTable(TableProblem.KEY_COLUMN_MISSING)
    return columns


def _rows(
    header: Sequence[Column], key: Column, lines: Iterator[list[str]], most: int
) -> list[TableRow[Column]]:
    rows: list[TableRow[Column]] = []
    seen = set[str]()
    for values in lines:
        stripped = [value.strip() for value in values]
        if not any(stripped):
            continue
        if len(rows) == most:
            raise UnreadableTable(TableProblem.TOO_MANY_ROWS)
        cells = {name: value for name, value in zip(header, stripped, strict=False) if value}
        value = cells.get(key, "")
        too_long = any(stripped[len(header) :])
        rows.append(TableRow(len(rows) + 1, cells, bool(value) and value in seen, too_long))
        seen.add(value)
    if not rows:
        raise UnreadableTable(TableProblem.NO_ROWS)
    return rows
