"""Scans and redemption attempts of a scanner, the newest first, and one name of who funds."""

from alembic import op

revision = "0105"
down_revision = "0104"
branch_labels = None
depends_on = None

RENAME = (
    "ALTER TABLE refund_amount RENAME CONSTRAINT refund_amount_{}_check TO refund_amount_{}_check"
)


def upgrade() -> None:
    op.create_index("scan_scanner_id_idx", "scan", ["scanner_id", "created_at", "id"])
    op.drop_index("redemption_scanner_id_idx", "redemption")
    op.create_index("redemption_scanner_id_idx", "redemption", ["scanner_id", "created_at", "id"])
    op.execute(RENAME.format("borneby", "fundedby"))


def downgrade() -> None:
    op.execute(RENAME.format("fundedby", "borneby"))
    op.drop_index("redemption_scanner_id_idx", "redemption")
    op.create_index("redemption_scanner_id_idx", "redemption", ["scanner_id"])
    op.drop_index("scan_scanner_id_idx", "scan")
