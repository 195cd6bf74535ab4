"""Returns of payouts that two admins confirm, payments of debts, and the end of bank details."""

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None

CONTROLS = (
    r"[\u0001-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u2800\u3164]"
)
CHECKS = {
    "return_reason_line": f"return_reason !~ '{CONTROLS}'"
    " AND return_reason = btrim(return_reason) AND return_reason <> ''",
    "return_reason_length": "char_length(return_reason) <= 300",
    "return_noted_by": "num_nonnulls(return_reason, return_noted_by, return_noted_at) IN (0, 3)",
    "two_persons": "return_confirmed_by IS NULL"
    " OR (return_noted_by IS NOT NULL AND return_confirmed_by <> return_noted_by)",
}
ADMINS = ("return_noted_by", "return_confirmed_by")


def upgrade() -> None:
    op.add_column("payout", sa.Column("return_reason", sa.String(), nullable=True))
    op.add_column("payout", sa.Column("return_noted_at", sa.DateTime(timezone=True), nullable=True))
    for name in ADMINS:
        op.add_column("payout", sa.Column(name, sa.Uuid(), nullable=True))
        op.create_foreign_key(
            op.f(f"payout_{name}_fkey"),
            "payout",
            "user",
            [name],
            ["id"],
            initially="DEFERRED",
            deferrable=True,
        )
        op.create_index(op.f(f"payout_{name}_idx"), "payout", [name], unique=False)
    for name, rule in CHECKS.items():
        op.create_check_constraint(op.f(f"payout_{name}_check"), "payout", rule)
    op.create_index(
        "payout_noted_return_idx",
        "payout",
        ["created_at", "id"],
        unique=False,
        postgresql_where=sa.text("return_noted_by IS NOT NULL AND return_confirmed_by IS NULL"),
    )
    op.create_index(
        "payout_account_blank_idx",
        "payout_account",
        ["closed_at"],
        unique=False,
        postgresql_where=sa.text("state = 'CLOSED' AND last4 IS NOT NULL"),
    )
    op.create_index(
        "purchase_debt_key",
        "purchase",
        ["owner_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'DEBT' AND state = 'PENDING'"),
    )


def downgrade() -> None:
    op.drop_index("purchase_debt_key", table_name="purchase")
    op.drop_index("payout_account_blank_idx", table_name="payout_account")
    op.drop_index("payout_noted_return_idx", table_name="payout")
    for name in CHECKS:
        op.drop_constraint(op.f(f"payout_{name}_check"), "payout")
    for name in ADMINS:
        op.drop_column("payout", name)
    op.drop_column("payout", "return_noted_at")
    op.drop_column("payout", "return_reason")
