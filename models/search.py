"""The columns and indexes of text search."""

from sqlalchemy import ColumnElement, Index, SQLColumnExpression, Text, literal_column, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import func

# The terms that `core.text.search_text.searchable` separated. An array and not `to_tsvector`, whose
# parser depends on the locale.
_VECTOR = "array_to_tsvector(string_to_array(search_text, ' '))"


def terms_index(table: str) -> Index:
    return Index(f"{table}_terms_idx", text(_VECTOR), postgresql_using="gin")


def similarity_index(table: str) -> Index:
    """Return the index by which texts with typos are found."""
    return Index(
        f"{table}_search_idx",
        "search_text",
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )


def term_vector(search_text: SQLColumnExpression[str]) -> ColumnElement[str]:
    """Return the indexed expression. PostgreSQL uses the index only for exactly it."""
    separated = func.string_to_array(search_text, literal_column("' '", Text))
    return func.array_to_tsvector(separated, type_=TSVECTOR)
