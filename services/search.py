"""Text search by trigrams, which tolerates typos."""

from typing import Any, TypeVar

from sqlalchemy import Double, Text
from sqlmodel import cast, func, literal
from sqlmodel.sql.expression import SelectOfScalar

from core.errors import BadInput
from core.keyset import Listing, Ordering
from core.text import searchable

Row = TypeVar("Row")
MIN_SEARCH_LENGTH, MAX_SEARCH_LENGTH = 2, 100


def by_similarity(rows: SelectOfScalar[Row], text: Any, id: Any, search: str) -> Listing[Row]:
    """Narrow rows to those with a word similar to the searched one, most similar first.

    Uses pg_trgm: parts of words match (`word_similarity` of at least 0.4), whole words rank higher
    (`strict_word_similarity`).
    """
    if not MIN_SEARCH_LENGTH <= len(search.strip()) <= MAX_SEARCH_LENGTH:
        raise BadInput(
            "A search must have between {least} and {most} characters.",
            least=MIN_SEARCH_LENGTH,
            most=MAX_SEARCH_LENGTH,
        )
    sought = literal(searchable(search), Text)
    similarity = cast(func.strict_word_similarity(sought, text), Double)
    similar = rows.where(sought.op("<%", is_comparison=True)(text))
    return Listing(
        similar, Ordering(f"similarity:{search}", similarity, id, float, descending=True)
    )
