"""Where vouchers were claimed, and cases of attempts that are drawn at random."""

import sqlalchemy as sa
from alembic import op

revision = "0121"
down_revision = "0119"
branch_labels = None
depends_on = None

CHECKS = {
    "voucher_claim_latitude_check": "claim_latitude BETWEEN -90 AND 90",
    "voucher_claim_longitude_check": "claim_longitude BETWEEN -180 AND 180",
    "voucher_claim_location_check": "num_nonnulls(claim_latitude, claim_longitude) <> 1",
}


def upgrade() -> None:
    for name in ("claim_latitude", "claim_longitude"):
        op.add_column("voucher", sa.Column(name, sa.Float(), nullable=True))
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(name), "voucher", condition)
    sampled = sa.Column("sampled", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("fraud_case", sampled)
    op.create_check_constraint(
        op.f("fraud_case_sampled_check"), "fraud_case", "NOT sampled OR hold_ends_at IS NULL"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fraud_case_sampled_check"), "fraud_case", type_="check")
    op.drop_column("fraud_case", "sampled")
    for name in CHECKS:
        op.drop_constraint(op.f(name), "voucher", type_="check")
    for name in ("claim_longitude", "claim_latitude"):
        op.drop_column("voucher", name)
