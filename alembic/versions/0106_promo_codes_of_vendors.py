"""Promo codes: the text is unique among the active codes of a vendor, and of the platform.

Going back fails while two vendors have active codes of one text.
"""

import sqlalchemy as sa
from alembic import op

revision = "0106"
down_revision = "0104"
branch_labels = None
depends_on = None

ACTIVE = sa.text("state = 'ACTIVE'")


def upgrade() -> None:
    op.drop_index("promo_code_code_key", table_name="promo_code")
    op.create_index(
        "promo_code_code_key",
        "promo_code",
        ["code", "vendor_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=ACTIVE,
    )


def downgrade() -> None:
    op.drop_index("promo_code_code_key", table_name="promo_code")
    op.create_index(
        "promo_code_code_key", "promo_code", ["code"], unique=True, postgresql_where=ACTIVE
    )
