"""Scans of vouchers that were made without a network, and how many are accepted."""

import sqlalchemy as sa
from alembic import op

revision = "0111"
down_revision = "0110"
branch_labels = None
depends_on = None

OUTCOMES = ("APPROVED", "HELD", "BLOCKED", "REFUSED")
REASONS = (
    "APPROVED",
    "EXPIRED",
    "NOT_YET",
    "ALREADY_REDEEMED",
    "OTHER_VENDOR",
    "CANCELLED",
    "BAD_SIGNATURE",
    "OLD_GENERATION",
    "WRONG_TYPE",
    "UNKNOWN",
    "VENDOR_SUSPENDED",
    "USER_SUSPENDED",
)
TIMES = "num_nonnulls(seq, scanned_at, moment, shown)"


def upgrade() -> None:
    _allow("outcome", (*OUTCOMES, "DOUBLE"))
    _allow("reason", (*REASONS, "NOT_ACCEPTED"))
    op.add_column(
        "redemption",
        sa.Column("mode", sa.String(40), nullable=False, server_default="ONLINE"),
    )
    op.add_column("redemption", sa.Column("scan_id", sa.Uuid(), nullable=True))
    op.add_column("redemption", sa.Column("seq", sa.Integer(), nullable=True))
    op.add_column("redemption", sa.Column("generation", sa.Integer(), nullable=True))
    for name in ("scanned_at", "moment"):
        op.add_column("redemption", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("redemption", sa.Column("shown", sa.String(40), nullable=True))
    op.add_column(
        "redemption",
        sa.Column("clock_wrong", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    for name, rule in {
        "scanmode": "mode IN ('ONLINE', 'OFFLINE')",
        "scanlight": "shown IN ('GREEN', 'RED')",
        "scan_id": "scan_id IS NULL OR scanner_id IS NOT NULL",
        "mode_fits": f"(mode = 'OFFLINE') = (scan_id IS NOT NULL AND {TIMES} = 4)"
        f" AND (mode = 'OFFLINE' OR {TIMES} = 0)",
    }.items():
        op.create_check_constraint(op.f(f"redemption_{name}_check"), "redemption", rule)
    op.create_index("redemption_scan_id_key", "redemption", ["scanner_id", "scan_id"], unique=True)
    op.create_table(
        "offline_limit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("scans", sa.Integer(), nullable=False),
        sa.CheckConstraint("scans BETWEEN 0 AND 10000", name=op.f("offline_limit_scans_check")),
        sa.ForeignKeyConstraint(
            ["vendor_id"],
            ["vendor.id"],
            name=op.f("offline_limit_vendor_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("offline_limit_pkey")),
        sa.UniqueConstraint("vendor_id", name=op.f("offline_limit_vendor_id_key")),
    )


def _allow(column: str, values: tuple[str, ...]) -> None:
    name = op.f(f"redemption_redemption{column}_check")
    op.drop_constraint(name, "redemption")
    listed = ", ".join(f"'{one}'" for one in values)
    op.create_check_constraint(name, "redemption", f"{column} IN ({listed})")


def downgrade() -> None:
    op.drop_table("offline_limit")
    op.drop_index("redemption_scan_id_key", "redemption")
    op.execute("DELETE FROM redemption WHERE mode = 'OFFLINE'")
    for name in ("scan_id", "mode_fits"):
        op.drop_constraint(op.f(f"redemption_{name}_check"), "redemption")
    for name in (
        "clock_wrong", "shown", "moment", "scanned_at", "generation", "seq", "scan_id", "mode",
    ):  # fmt: skip
        op.drop_column("redemption", name)
    op.execute("UPDATE redemption SET outcome = 'REFUSED' WHERE outcome = 'DOUBLE'")
    op.execute("UPDATE redemption SET reason = 'UNKNOWN' WHERE reason = 'NOT_ACCEPTED'")
    _allow("outcome", OUTCOMES)
    _allow("reason", REASONS)
