"""Charts as files: read from JSON and CSV."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from models.errors import InvalidInput
from models.events.seats.chart_drafts import ChartDraft
from models.validation import parse, within

MAX_CHART_CHARACTERS = 200_000
COLUMNS = frozenset(
    {
        "section", "kind", "entrance", "capacity", "row", "category", "seats", "x", "y", "dx", "dy"
    }
)  # fmt: skip
NEEDED = "section"
OF_ROW = "category", "x", "y", "dx", "dy"


class ChartFormat(StrEnum):
    JSON = "JSON"
    CSV = "CSV"


def read_chart(name: str, content: str, format: ChartFormat) -> ChartDraft:
    """Return the chart of a file. Raises `InvalidInput` with the path to what is not valid."""
    if len(content) > MAX_CHART_CHARACTERS:
        raise InvalidInput("The file is too large.", field=["content"])
    with within("content"):
        given = _from_json(content) if format is ChartFormat.JSON else _from_csv(content)
        return parse(ChartDraft, **{**given, "name": name})


def _from_json(content: str) -> Mapping[str, Any]:
    try:
        given = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            "This file cannot be read. Save it again, and choose it once more."
        ) from error
    if not isinstance(given, dict):
        raise InvalidInput("This file cannot be read. Save it again, and choose it once more.")
    return given


def _from_csv(content: str) -> Mapping[str, Any]:
    """Return sections in the order of their first lines. Each line is a row, or a standing area."""
    sections: dict[str, dict[str, Any]] = {}
    for line in _lines(content):
        section = sections.setdefault(
            line["section"], {"name": line["section"], **_section(line), "rows": []}
        )
        if "row" in line:
            values = {name: line[name] for name in OF_ROW if name in line}
            row = {"label": line["row"], "seats": line.get("seats", "")}
            section["rows"].append({**row, **values})
    return {"sections": list(sections.values())}


def _section(line: Mapping[str, str]) -> Mapping[str, Any]:
    names = ("kind", "entrance", "capacity") if "row" in line else (
        "kind", "entrance", "capacity", "category", "x", "y"
    )  # fmt: skip
    return {name: line[name] for name in names if name in line}


def _lines(content: str) -> Iterator[Mapping[str, str]]:
    """Yield the cells of each line that are not empty."""
    reader = csv.reader(io.StringIO(content.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
        _ensure_columns(columns)
        for cells in reader:
            line = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
            filled = {name: cell for name, cell in line.items() if cell}
            if not filled:
                continue
            if "section" not in filled:
                raise InvalidInput("Line {line} names no section.", line=reader.line_num)
            yield filled
    except csv.Error as error:
        raise InvalidInput("This is not valid CSV.") from error


def _ensure_columns(columns: Sequence[str]) -> None:
    """Raise `InvalidInput` with the first name that is not right."""
    unknown = next((name for name in columns if name not in COLUMNS), None)
    if unknown is not None:
        raise InvalidInput("“{name}” is not a column of a chart.", name=unknown[:40])
    if NEEDED not in columns:
        raise InvalidInput("The column “{name}” is missing.", name=NEEDED)
    twice = next((name for name, count in Counter(columns).items() if count > 1), None)
    if twice is not None:
        raise InvalidInput("Two columns are named “{name}”.", name=twice)
