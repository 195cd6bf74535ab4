"""Rotating codes of vouchers: the setting of the vendor, and the steps that are used."""

import sqlalchemy as sa
from alembic import op

revision = "0119"
down_revision = "0118"
branch_labels = None
depends_on = None

KNOWN = (
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
    "NOT_ACCEPTED",
    "BEING_CHECKED",
    "SUSPECTED_FRAUD",
    "NOT_CHECKED",
    "RULE_FAILED",
)


def upgrade() -> None:
    _set_reasons((*KNOWN, "CODE_EXPIRED", "STEP_USED"))
    op.add_column("voucher", sa.Column("last_step", sa.Integer(), nullable=True))
    op.create_check_constraint(op.f("voucher_last_step_check"), "voucher", "last_step >= 0")
    op.add_column("redemption", sa.Column("step", sa.Integer(), nullable=True))
    op.create_check_constraint(op.f("redemption_step_check"), "redemption", "step >= 0")
    op.add_column(
        "fraud_settings",
        sa.Column("rotation", sa.String(length=40), nullable=False, server_default="OFF"),
    )
    op.create_check_constraint(
        op.f("fraud_settings_rotationmode_check"),
        "fraud_settings",
        "rotation IN ('OFF', 'PREFER', 'REQUIRE')",
    )


def downgrade() -> None:
    op.drop_column("fraud_settings", "rotation")
    op.drop_column("redemption", "step")
    op.drop_column("voucher", "last_step")
    op.execute(
        "UPDATE redemption SET reason = 'UNKNOWN' WHERE reason IN ('CODE_EXPIRED', 'STEP_USED')"
    )
    _set_reasons(KNOWN)


def _set_reasons(known: tuple[str, ...]) -> None:
    name = op.f("redemption_redemptionreason_check")
    values = ", ".join(f"'{one}'" for one in known)
    op.drop_constraint(name, "redemption", type_="check")
    op.create_check_constraint(name, "redemption", f"reason IN ({values})")
