"""Deductions of sub-orders, indexes for pages of the ledger, and its sweeps."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

DEDUCTIONS = ("commission", "commission_tax", "tcs", "tds")
# The columns of a line that never change; the counters do.
COLUMNS = (
    "id, suborder_id, position, kind, ref_id, locale, title, options, sku, hsn_code, weight_g,"
    " quantity, unit, goods, vendor_discount, platform_discount, shipping, taxable, tax, tax_added,"
    " rounding, total"
)
EXCLUDED = (
    "country WITH =, (COALESCE(region, '')) WITH =, (COALESCE(tax_class, '')) WITH =,"
    " (COALESCE(hsn_prefix, '')) WITH =,{} (daterange(starts_on, ends_on, '[]')) WITH &&"
)


def upgrade() -> None:
    for table in ("suborder", "order_line"):
        for name in DEDUCTIONS:
            _add(table, name, sa.BigInteger())
        _check(table, "deductions", f"least({', '.join(DEDUCTIONS)}) >= 0")
    _add("suborder", "commission_bps", sa.Integer())
    op.add_column("suborder", sa.Column("vendor_net", sa.BigInteger(), nullable=True))
    op.execute("UPDATE suborder SET vendor_net = total + platform_discount")
    op.alter_column("suborder", "vendor_net", nullable=False)
    _check("suborder", "commission_bps", "commission_bps BETWEEN 0 AND 10000")
    _check(
        "suborder",
        "vendor_net",
        f"vendor_net = total + platform_discount - {' - '.join(DEDUCTIONS)}",
    )
    _protect(f"{COLUMNS}, {', '.join(DEDUCTIONS)}")
    op.add_column("tax_rate", sa.Column("levy", sa.String(40), nullable=True))
    op.drop_constraint(op.f("tax_rate_goods_check"), "tax_rate")
    _check("tax_rate", "goods", "num_nonnulls(tax_class, hsn_prefix, levy) = 1")
    _check("tax_rate", "levy", "levy IS NULL OR (region IS NULL AND cess_bps = 0)")
    _exclude(" (COALESCE(levy, '')) WITH =,")
    for side in ("debit", "credit"):
        columns = [f"{side}_id", "created_at", "id"]
        op.create_index(f"ledger_entry_{side}_page_idx", "ledger_entry", columns)
    op.create_index("ledger_account_created_at_idx", "ledger_account", ["created_at", "id"])
    op.create_index("ledger_account_kind_idx", "ledger_account", ["kind", "created_at", "id"])
    op.create_table(
        "ledger_sweep",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("finding_count", sa.Integer(), nullable=False),
        sa.Column("findings", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.CheckConstraint(
            "entries >= 0 AND milliseconds >= 0", name=op.f("ledger_sweep_entries_check")
        ),
        sa.CheckConstraint(
            "finding_count BETWEEN 0 AND 100 AND finding_count = jsonb_array_length(findings)",
            name=op.f("ledger_sweep_finding_count_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("ledger_sweep_pkey")),
    )
    op.create_index("ledger_sweep_created_at_idx", "ledger_sweep", ["created_at", "id"])


def downgrade() -> None:
    op.drop_table("ledger_sweep")
    for name in ("kind", "created_at"):
        op.drop_index(f"ledger_account_{name}_idx", "ledger_account")
    for side in ("debit", "credit"):
        op.drop_index(f"ledger_entry_{side}_page_idx", "ledger_entry")
    op.execute("DELETE FROM tax_rate WHERE levy IS NOT NULL")
    _exclude("")
    op.drop_constraint(op.f("tax_rate_levy_check"), "tax_rate")
    op.drop_constraint(op.f("tax_rate_goods_check"), "tax_rate")
    op.drop_column("tax_rate", "levy")
    _check("tax_rate", "goods", "num_nonnulls(tax_class, hsn_prefix) = 1")
    _protect(COLUMNS)
    for table in ("suborder", "order_line"):
        for name in DEDUCTIONS:
            op.drop_column(table, name)
    op.drop_column("suborder", "commission_bps")
    op.drop_column("suborder", "vendor_net")


def _add(table: str, name: str, kind: sa.types.TypeEngine[int]) -> None:
    op.add_column(table, sa.Column(name, kind, server_default="0", nullable=False))


def _check(table: str, name: str, condition: str) -> None:
    op.create_check_constraint(op.f(f"{table}_{name}_check"), table, condition)


def _exclude(levy: str) -> None:
    op.execute(
        "ALTER TABLE tax_rate DROP CONSTRAINT tax_rate_during_excl,"
        f" ADD CONSTRAINT tax_rate_during_excl EXCLUDE USING gist ({EXCLUDED.format(levy)})"
    )


def _protect(columns: str) -> None:
    """Replace the trigger that refuses to change what was ordered."""
    op.execute("DROP TRIGGER order_line_immutable ON order_line")
    op.execute(
        f"""
        CREATE TRIGGER order_line_immutable BEFORE UPDATE ON order_line FOR EACH ROW
            WHEN (({_row("OLD", columns)}) IS DISTINCT FROM ({_row("NEW", columns)}))
            EXECUTE FUNCTION order_line_refuse_change()
        """
    )


def _row(name: str, columns: str) -> str:
    return ", ".join(f"{name}.{column}" for column in columns.split(", "))
