"""Text search that forgives typos, by trigrams."""

from typing import Any, TypeVar

from sqlalchemy import Double, Text
from sqlmodel import cast, func, literal
from sqlmodel.sql.expression import SelectOfScalar

from core.errors import BadInput
from core.keyset import Ordering
from core.text import searchable

Row = TypeVar("Row")
SHORTEST, LONGEST = 2, 100


def by_likeness(
    rows: SelectOfScalar[Row], text: Any, id: Any, search: str
) -> tuple[SelectOfScalar[Row], Ordering]:
    """Rows whose text has a word like the searched one, the likest first.

    By PostgreSQL's pg_trgm: found by a part of a word (`word_similarity` of 0.4 or
    more), ranked by whole words (`strict_word_similarity`).
    """
    if not SHORTEST <= len(search.strip()) <= LONGEST:
        raise BadInput(
            "A search must have between {least} and {most} characters.",
            least=SHORTEST,
            most=LONGEST,
        )
    sought = literal(searchable(search), Text)
    likeness = cast(func.strict_word_similarity(sought, text), Double)
    alike = rows.where(sought.op("<%", is_comparison=True)(text))
    return alike, Ordering(f"likeness:{search}", likeness, id, float, descending=True)
