"""Search by terms, in every script.

Rewrites the stored text for search of offers, vendors and messages, in batches.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from core.text.search_text import searchable

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BATCH_SIZE = 2_000
TABLES = ("vendor", "offer", "message")
VECTOR = "array_to_tsvector(string_to_array(search_text, ' '))"
OLD_MESSAGE_VECTOR = (
    r"to_tsvector('simple', regexp_replace(regexp_replace(normalize(text, NFKD),"
    r" '[\u0300-\u036f]', '', 'g'), '(?<=\w)-(?=\w)', ' ', 'g'))"
)
VENDORS = "SELECT id, name, city FROM vendor"
OFFERS = """
    SELECT offer.id, title, name, city FROM offer JOIN vendor ON vendor.id = offer.vendor_id
"""
MESSAGES = """
    SELECT message.id, user_id, vendor_id, text
    FROM message JOIN conversation ON conversation.id = conversation_id
"""


def upgrade() -> None:
    op.drop_index("message_search_idx", "message")
    op.add_column(
        "message", sa.Column("search_text", sa.String(), server_default="", nullable=False)
    )
    _rewrite("vendor", VENDORS, lambda row: searchable(row.name, row.city))
    _rewrite("offer", OFFERS, lambda row: searchable(*row.title.values(), row.name, row.city))
    _rewrite("message", MESSAGES, _message_text)
    for table in TABLES:
        op.create_index(f"{table}_terms_idx", table, [sa.text(VECTOR)], postgresql_using="gin")


def downgrade() -> None:
    """Search text of offers and vendors stays: the previous release finds most of it."""
    for table in TABLES:
        op.drop_index(f"{table}_terms_idx", table)
    op.drop_column("message", "search_text")
    op.create_index(
        "message_search_idx", "message", [sa.text(OLD_MESSAGE_VECTOR)], postgresql_using="gin"
    )


def _message_text(row: Any) -> str:
    if not row.text:
        return ""
    return f"user:{row.user_id} vendor:{row.vendor_id} {searchable(row.text)}"


def _rewrite(table: str, rows: str, search_text: Callable[[Any], str]) -> None:
    connection = op.get_bind()
    select = sa.text(f"{rows} WHERE {table}.id > :last ORDER BY {table}.id LIMIT {BATCH_SIZE}")
    update = sa.text(
        f"UPDATE {table} SET search_text = given.text"  # noqa: S608
        " FROM unnest(CAST(:ids AS uuid[]), CAST(:texts AS text[])) AS given (id, text)"
        f" WHERE {table}.id = given.id AND search_text <> given.text"
    )
    last = UUID(int=0)
    while batch := connection.execute(select, {"last": last}).all():
        texts = [search_text(row) for row in batch]
        connection.execute(update, {"ids": [row.id for row in batch], "texts": texts})
        last = batch[-1].id
