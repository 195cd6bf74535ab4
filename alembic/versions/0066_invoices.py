"""Invoices and their series."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
DEFERRED: dict[str, Any] = {"deferrable": True, "initially": "DEFERRED"}
ENUM: dict[str, Any] = {"native_enum": False, "create_constraint": True, "length": 40}
KIND = sa.Enum(
    "TAX_INVOICE", "BILL_OF_SUPPLY", "CREDIT_NOTE", "COMMISSION", "RECEIPT",
    name="invoicekind", **ENUM,
)  # fmt: skip
# The columns that never change. The parties are sealed again with newer keys, and blanked at last.
COLUMNS = (
    "id, created_at, issuer_id, kind, fiscal_year, number, code, source_id, vendor_id, buyer_id,"
    " order_id, suborder_id, refund_id, corrects_id, currency, locale, issued_on, taxable, tax,"
    " rounding, platform_discount, total, content"
)
FUNCTION = """
CREATE FUNCTION invoice_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'An issued document does not change.' USING ERRCODE = 'check_violation';
END $$
"""


def _row(name: str) -> str:
    return ", ".join(f"{name}.{column}" for column in COLUMNS.split(", "))


def upgrade() -> None:
    op.create_table(
        "invoice_series",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("issuer_id", sa.Uuid(), nullable=True),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("next", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "fiscal_year BETWEEN 2000 AND 2999", name=op.f("invoice_series_fiscal_year_check")
        ),
        sa.CheckConstraint("next BETWEEN 1 AND 10000000", name=op.f("invoice_series_next_check")),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["vendor.id"], name=op.f("invoice_series_issuer_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("invoice_series_pkey")),
        sa.UniqueConstraint(
            "issuer_id",
            "kind",
            "fiscal_year",
            name=op.f("invoice_series_issuer_id_kind_fiscal_year_key"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "invoice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("issuer_id", sa.Uuid(), nullable=True),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(16), nullable=False),
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=True),
        sa.Column("buyer_id", sa.Uuid(), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("suborder_id", sa.Uuid(), nullable=True),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("taxable", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("rounding", sa.BigInteger(), nullable=False),
        sa.Column("platform_discount", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("seller", sa.LargeBinary(), nullable=True),
        sa.Column("buyer", sa.LargeBinary(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("ISSUED", "RENDERED", "BLANKED", name="invoicestate", **ENUM),
            nullable=False,
        ),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        sa.Column("rendered_at", TIME, nullable=True),
        sa.CheckConstraint(
            "(kind = 'CREDIT_NOTE') = (corrects_id IS NOT NULL)",
            name=op.f("invoice_corrects_id_check"),
        ),
        sa.CheckConstraint(
            "(state = 'BLANKED') = (seller IS NULL)", name=op.f("invoice_seller_check")
        ),
        sa.CheckConstraint(
            "(state = 'RENDERED') <= (sha256 IS NOT NULL)", name=op.f("invoice_sha256_check")
        ),
        sa.CheckConstraint("code ~ '^[0-9A-HJKMNP-TV-Z]{12}$'", name=op.f("invoice_code_check")),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("invoice_currency_check")),
        sa.CheckConstraint(
            "char_length(number) BETWEEN 1 AND 16", name=op.f("invoice_number_check")
        ),
        sa.CheckConstraint(
            "num_nonnulls(vendor_id, buyer_id) > 0", name=op.f("invoice_parties_check")
        ),
        sa.CheckConstraint(
            "total = taxable + tax + rounding - platform_discount AND platform_discount >= 0"
            " AND tax >= 0",
            name=op.f("invoice_total_check"),
        ),
        sa.ForeignKeyConstraint(
            ["buyer_id"], ["user.id"], name=op.f("invoice_buyer_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["invoice.id"], name=op.f("invoice_corrects_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["vendor.id"], name=op.f("invoice_issuer_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("invoice_order_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refund.id"], name=op.f("invoice_refund_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["suborder_id"], ["suborder.id"], name=op.f("invoice_suborder_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("invoice_vendor_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("invoice_pkey")),
        sa.UniqueConstraint("code", name=op.f("invoice_code_key")),
        sa.UniqueConstraint(
            "issuer_id",
            "fiscal_year",
            "number",
            name=op.f("invoice_issuer_id_fiscal_year_number_key"),
            postgresql_nulls_not_distinct=True,
        ),
        sa.UniqueConstraint("source_id", name=op.f("invoice_source_id_key")),
    )
    op.create_index("invoice_buyer_id_idx", "invoice", ["buyer_id", "created_at", "id"])
    op.create_index("invoice_corrects_id_idx", "invoice", ["corrects_id", "created_at", "id"])
    op.create_index("invoice_created_at_idx", "invoice", ["created_at", "id"])
    op.create_index(
        "invoice_issued_idx",
        "invoice",
        ["created_at"],
        postgresql_where=sa.text("state = 'ISSUED'"),
    )
    op.create_index(
        "invoice_kept_idx",
        "invoice",
        ["created_at"],
        postgresql_where=sa.text("state <> 'BLANKED'"),
    )
    op.create_index("invoice_number_idx", "invoice", ["number"])
    op.create_index("invoice_order_id_idx", "invoice", ["order_id", "created_at", "id"])
    op.create_index(op.f("invoice_refund_id_idx"), "invoice", ["refund_id"])
    op.create_index("invoice_suborder_id_idx", "invoice", ["suborder_id", "created_at", "id"])
    op.create_index("invoice_vendor_id_idx", "invoice", ["vendor_id", "created_at", "id"])
    op.execute(FUNCTION)
    op.execute(
        f"""
        CREATE TRIGGER invoice_immutable BEFORE UPDATE ON invoice FOR EACH ROW
            WHEN (({_row("OLD")}) IS DISTINCT FROM ({_row("NEW")})
                OR (OLD.sha256 IS NOT NULL AND NEW.sha256 IS DISTINCT FROM OLD.sha256))
            EXECUTE FUNCTION invoice_refuse_change()
        """
    )
    op.execute(
        "CREATE TRIGGER invoice_kept BEFORE DELETE ON invoice"
        " FOR EACH ROW EXECUTE FUNCTION invoice_refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER invoice_refuse_truncate BEFORE TRUNCATE ON invoice"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
    )


def downgrade() -> None:
    op.drop_table("invoice")
    op.drop_table("invoice_series")
    op.execute("DROP FUNCTION invoice_refuse_change()")
