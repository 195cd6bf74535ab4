"""Payments of taxes are adjustments without an owner, and with the number of a receipt."""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None

TABLE = "ledger_adjustment"
LINE = r"[\u0001-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u2800\u3164]"
CHECKS = {
    "owner_id": "(owner_id IS NULL) = (credit = 'BANK' AND debit IN"
    " ('GST_OUT', 'TCS_DUE', 'TDS_DUE'))",
    "reference_line": f"reference !~ '{LINE}' AND reference = btrim(reference) AND reference <> ''",
    "reference": "(reference IS NULL) = (owner_id IS NOT NULL) AND char_length(reference) <= 100",
}


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("reference", sa.String(), nullable=True))
    op.alter_column(TABLE, "owner_id", existing_type=sa.Uuid(), nullable=True)
    for name, rule in CHECKS.items():
        op.create_check_constraint(op.f(f"{TABLE}_{name}_check"), TABLE, rule)
    op.create_index(
        f"{TABLE}_reference_key",
        TABLE,
        ["debit", "currency", "reference"],
        unique=True,
        postgresql_where=sa.text("reference IS NOT NULL AND state <> 'REJECTED'"),
    )


def downgrade() -> None:
    """Restore the table. PostgreSQL refuses it if there are payments of taxes: books are kept."""
    op.drop_index(f"{TABLE}_reference_key", table_name=TABLE)
    for name in CHECKS:
        op.drop_constraint(op.f(f"{TABLE}_{name}_check"), TABLE, type_="check")
    op.alter_column(TABLE, "owner_id", existing_type=sa.Uuid(), nullable=False)
    op.drop_column(TABLE, "reference")
