"""A file of categories: CSV, a category per row, a column per language.

    parent,slug,en,de
    ,food,Food & drink,Essen & Trinken
    food,cafes,Cafés,Cafés

`parent` is the path of the parent, empty at the top level. The order of the rows is the display
order. An empty cell is a name that the language does not have.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.csv_files import InvalidFile, read_rows
from models.categories import (
    MAX_CATEGORIES,
    MAX_CATEGORY_DEPTH,
    CategoryDraft,
    CategoryTooDeep,
)
from models.errors import InvalidInput, Refusal
from models.validation import parse
from services.categories.load import CategoryEntry

FIXED_COLUMNS = ("parent", "slug")
MAX_PROBLEMS = 20
COLUMNS_NEEDED = (
    "The columns must be `parent`, `slug` and at least one language, such as `en`, each once,"
    " separated by commas."
)


@dataclass
class CategoryFile:
    """The rows that were read so far, and what is wrong with them."""

    entries: dict[str, CategoryEntry] = field(default_factory=dict)  # by path
    problems: list[str] = field(default_factory=list)


def read_category_file(path: Path) -> list[CategoryEntry]:
    """Return the categories of a file. Raises `InvalidFile` with up to 20 problems."""
    found = CategoryFile()
    for line, row in read_rows(path, set(FIXED_COLUMNS).__lt__, COLUMNS_NEEDED):
        for column, problem in _add(found, row):
            found.problems.append(f"line {line}, {column}: {problem}")
        if len(found.problems) >= MAX_PROBLEMS:
            break
    if len(found.entries) > MAX_CATEGORIES:
        found.problems.append(f"There can be at most {MAX_CATEGORIES} categories.")
    if found.problems:
        raise InvalidFile(*found.problems[:MAX_PROBLEMS])
    return [*found.entries.values()]


def _add(found: CategoryFile, row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Add a row. Yields its problems, each with the column."""
    names = {
        column: cell for column, cell in row.items() if column not in FIXED_COLUMNS and cell.strip()
    }
    parent = row.get("parent", "").strip().strip("/")
    parent = f"{parent}/" if parent else ""
    try:
        draft = parse(CategoryDraft, slug=row.get("slug", "").strip(), name=names)
    except InvalidInput as refusal:
        for one in (refusal, *refusal.further):
            yield _column(one), str(one)
        return
    entry = CategoryEntry(parent, draft)
    if entry.path in found.entries:
        yield "slug", f"{entry.path} is there twice."
    elif parent and parent not in found.entries:
        yield "parent", f"{parent} is not in a line above."
    elif entry.path.count("/") > MAX_CATEGORY_DEPTH:
        yield "parent", str(CategoryTooDeep(most=MAX_CATEGORY_DEPTH))
    else:
        found.entries[entry.path] = entry


def _column(refusal: Refusal) -> str:
    name, *rest = refusal.field or ["name"]
    return rest[0] if name == "name" and rest else name
