"""Indexes of published products, in whose order related ones are read."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

PUBLISHED = sa.text("state = 'PUBLISHED'")
INDEXES = {
    "product_published_idx": ["category_id", "created_at", "id"],
    "product_related_idx": ["vendor_id", "category_id", "created_at", "id"],
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(name, "product", columns, postgresql_where=PUBLISHED)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "product")
