"""Scans that are recognized by their content, and the bundles that scanners relied on."""

import sqlalchemy as sa
from alembic import op

revision = "0124"
down_revision = "0123"
branch_labels = None
depends_on = None

CHECKS = {
    "redemption_token_hash_check": ("redemption", "octet_length(token_hash) = 32"),
    "redemption_breach_check": (
        "redemption",
        (
            "(bundle_at IS NULL OR mode = 'OFFLINE')"
            " AND (breach IS NULL OR shown IS NOT DISTINCT FROM 'GREEN')"
        ),
    ),
    "redemption_offlinebreach_check": (
        "redemption",
        "breach IN ('BUNDLE_EXPIRED', 'OFFLINE_LIMIT')",
    ),
    "scan_presented_hash_check": ("scan", "octet_length(presented_hash) = 32"),
}
INDEXES = {
    "redemption_bundle_at_idx": ("redemption", "bundle_at", "shown = 'GREEN'"),
    "redemption_seq_idx": ("redemption", "seq", "seq IS NOT NULL"),
    "scan_seq_idx": ("scan", "seq", None),
}


def upgrade() -> None:
    op.add_column("redemption", sa.Column("token_hash", sa.LargeBinary(), nullable=True))
    op.add_column("redemption", sa.Column("bundle_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("redemption", sa.Column("breach", sa.String(length=40), nullable=True))
    op.add_column("scan", sa.Column("presented_hash", sa.LargeBinary(), nullable=True))
    for name, (table, condition) in CHECKS.items():
        op.create_check_constraint(op.f(name), table, condition)
    for name, (table, column, where) in INDEXES.items():
        condition = None if where is None else sa.text(where)
        op.create_index(name, table, ["scanner_id", column], postgresql_where=condition)


def downgrade() -> None:
    for name, (table, _, _) in INDEXES.items():
        op.drop_index(name, table)
    for name, (table, _) in CHECKS.items():
        op.drop_constraint(op.f(name), table, type_="check")
    op.drop_column("scan", "presented_hash")
    for name in ("breach", "bundle_at", "token_hash"):
        op.drop_column("redemption", name)
