"""Discounts of promo codes can be as large as an order."""

from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

BEFORE, AFTER = 10**12, 10**18


def upgrade() -> None:
    _limit(AFTER)


def downgrade() -> None:
    _limit(BEFORE)


def _limit(most: int) -> None:
    op.drop_constraint(op.f("promo_use_amount_check"), "promo_use")
    op.create_check_constraint(
        op.f("promo_use_amount_check"), "promo_use", f"amount BETWEEN 0 AND {most}"
    )
