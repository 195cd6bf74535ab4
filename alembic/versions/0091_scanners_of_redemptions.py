"""The scanner of an attempt to redeem a voucher."""

import sqlalchemy as sa
from alembic import op

revision = "0091"
down_revision = "0089"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("redemption", sa.Column("scanner_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("redemption_scanner_id_fkey"),
        "redemption",
        "scanner",
        ["scanner_id"],
        ["id"],
        initially="DEFERRED",
        deferrable=True,
    )
    op.create_index(op.f("redemption_scanner_id_idx"), "redemption", ["scanner_id"])


def downgrade() -> None:
    op.drop_column("redemption", "scanner_id")
