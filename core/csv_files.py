"""CSV files, of operators and for users: in UTF-8, with the columns in the first line."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from decimal import Decimal
from pathlib import Path

MAX_FILE_BYTES = 2_000_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # programs evaluate a cell that begins with one
Cell = str | int | Decimal


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


def write_rows(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a file of rows. A text that a program would take for a formula begins with `'`.

    Numbers are written as they are: a negative one is none. The byte order mark is for Excel.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([safe_cell(name) for name in columns])
    for row in rows:
        writer.writerow([safe_cell(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue().encode("utf-8-sig")


def safe_cell(text: str) -> str:
    """Return a text as a cell that no program takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
