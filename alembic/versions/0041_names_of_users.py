"""Search of users by the words of their names, in every script."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

from core.text.search_text import searchable

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

VECTOR = "array_to_tsvector(string_to_array(search_text, ' '))"
NAMES = 'SELECT id, name FROM "user" WHERE id > :last ORDER BY id LIMIT 2000'
UPDATE = """
    UPDATE "user" SET search_text = given.text
    FROM unnest(CAST(:ids AS uuid[]), CAST(:texts AS text[])) AS given (id, text)
    WHERE "user".id = given.id
"""


def upgrade() -> None:
    """Add the search text. A server of the previous release creates users without one."""
    op.add_column("user", sa.Column("search_text", sa.String(), server_default="", nullable=False))
    connection, last = op.get_bind(), UUID(int=0)
    while batch := connection.execute(sa.text(NAMES), {"last": last}).all():
        texts = [searchable(row.name) for row in batch]
        connection.execute(sa.text(UPDATE), {"ids": [row.id for row in batch], "texts": texts})
        last = batch[-1].id
    op.create_index("user_terms_idx", "user", [sa.text(VECTOR)], postgresql_using="gin")
    op.create_index(
        "user_search_idx",
        "user",
        ["search_text"],
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    op.drop_index("user_name_idx", "user")


def downgrade() -> None:
    op.create_index(
        "user_name_idx",
        "user",
        ["name"],
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    op.drop_index("user_search_idx", "user")
    op.drop_index("user_terms_idx", "user")
    op.drop_column("user", "search_text")
