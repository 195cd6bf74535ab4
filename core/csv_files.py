"""CSV files, of operators and for users: in UTF-8, with the columns in the first line."""

import csv
import io
from codecs import BOM_UTF8
from collections.abc import (
    AsyncIterator,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
    Set,
)
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

MAX_FILE_BYTES = 2_000_000
# Programs evaluate a cell that begins with one, in East Asia also with its full-width form.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20")
Cell = str | int | Decimal
Row = Sequence[Cell]


class InvalidFile(Exception):
    """The file is not valid, for a list of `problems`."""

    def __init__(self, *problems: str) -> None:
        super().__init__(*problems)
        self.problems = problems


def read_rows(
    path: Path, accepts: Callable[[Set[str]], bool], columns_needed: str
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield the number of each row's last line, and its cells by column.

    Empty lines are left out. Raises `InvalidFile`, with a sentence on the columns that are needed
    unless each is there once and they are accepted.
    """
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        columns = [name.strip() for name in next(reader, [])]
        if not accepts(set(columns)) or len(set(columns)) != len(columns):
            raise InvalidFile(f"line 1: {columns_needed}")
        for cells in reader:
            if len(cells) > len(columns):
                raise InvalidFile(f"line {reader.line_num}: There are more cells than columns.")
            if any(cell.strip() for cell in cells):
                yield reader.line_num, dict(zip(columns, cells, strict=False))
    except csv.Error as error:
        raise InvalidFile(f"line {reader.line_num}: {error}.") from error


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InvalidFile(f"{path} is larger than {MAX_FILE_BYTES:,} bytes.")
        return path.read_text("utf-8-sig")  # Excel writes a byte order mark
    except OSError as error:
        raise InvalidFile(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidFile(f"{path} is not in UTF-8. Save it in this encoding.") from error


@dataclass(frozen=True)
class CsvFile:
    """A file whose rows are read in batches, so that a long one is never in memory as a whole.

    Cells are made only as a batch is written, in a thread.
    """

    name: str
    columns: Sequence[str]
    batches: AsyncIterator[Iterable[Row]]


async def one_batch(rows: Iterable[Row]) -> AsyncIterator[Iterable[Row]]:
    """Yield rows that are all read already."""
    yield rows


def write_file(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    """Return a whole file."""
    return write_columns(columns) + write_rows(rows)


def write_columns(columns: Sequence[str]) -> bytes:
    """Return the first line of a file. The byte order mark is for Excel."""
    return BOM_UTF8 + write_rows([columns])


def write_rows(rows: Iterable[Row]) -> bytes:
    """Return rows of a file. A text that a program would take for a formula begins with `'`.

    Numbers are written as they are: a negative one is none.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([_safe(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue().encode()


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
