"""Rules of bookings: moves of what was approved, kept terms, and the rest paid online."""

import sqlalchemy as sa
from alembic import op

revision = "0104"
down_revision = "0103"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "booking",
        sa.Column("refund_cap_bps", sa.Integer(), nullable=False, server_default="10000"),
    )
    op.alter_column("booking", "refund_cap_bps", server_default=None)
    op.create_check_constraint(
        op.f("booking_refund_cap_bps_check"), "booking", "refund_cap_bps BETWEEN 0 AND 10000"
    )
    op.add_column("booking", sa.Column("visit_id", sa.Uuid(), nullable=True))
    op.create_index("booking_visit_id_idx", "booking", ["visit_id"])
    _add_balance()
    op.add_column(
        "service",
        sa.Column(
            "moves_without_approval", sa.Boolean(), nullable=False, server_default=sa.false()
        ),
    )
    op.alter_column("service", "moves_without_approval", server_default=None)


def _add_balance() -> None:
    op.add_column("booking", sa.Column("balance_line_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("booking_balance_line_id_fkey"),
        "booking",
        "order_line",
        ["balance_line_id"],
        ["id"],
        initially="DEFERRED",
        deferrable=True,
    )
    op.create_index("booking_balance_line_id_idx", "booking", ["balance_line_id"])
    for name in ("due_balance", "paid_balance"):
        op.add_column(
            "booking", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")
        )
        op.alter_column("booking", name, server_default=None)
    op.create_check_constraint(
        op.f("booking_due_balance_check"),
        "booking",
        "due_balance BETWEEN 0 AND greatest(price - due_online, 0)",
    )
    op.create_check_constraint(
        op.f("booking_paid_balance_check"),
        "booking",
        "paid_balance BETWEEN 0 AND greatest(paid_online, 0)"
        " AND (balance_line_id IS NOT NULL OR greatest(paid_balance, due_balance) = 0)",
    )


def _remove_balance() -> None:
    for name in ("paid_balance", "due_balance"):
        op.drop_constraint(op.f(f"booking_{name}_check"), "booking", type_="check")
        op.drop_column("booking", name)
    op.drop_index("booking_balance_line_id_idx", table_name="booking")
    op.drop_constraint(op.f("booking_balance_line_id_fkey"), "booking", type_="foreignkey")
    op.drop_column("booking", "balance_line_id")


def downgrade() -> None:
    _remove_balance()
    op.drop_index("booking_visit_id_idx", table_name="booking")
    op.drop_column("booking", "visit_id")
    op.drop_column("service", "moves_without_approval")
    op.drop_constraint(op.f("booking_refund_cap_bps_check"), "booking", type_="check")
    op.drop_column("booking", "refund_cap_bps")
