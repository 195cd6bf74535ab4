"""Lines of orders, with taxes and discounts, the timeline, and reservations of stock."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
BIG = sa.BigInteger()
JSONB = postgresql.JSONB(none_as_null=True)
DEFERRED: dict[str, Any] = {"deferrable": True, "initially": "DEFERRED"}
ENUM: dict[str, Any] = {"native_enum": False, "create_constraint": True, "length": 40}
LINE = r"[\u0001-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u2800\u3164]"


# The columns of a line that never change; the counters do.
COLUMNS = (
    "id, suborder_id, position, kind, ref_id, locale, title, options, sku, hsn_code, weight_g,"
    " quantity, unit, goods, vendor_discount, platform_discount, shipping, taxable, tax, tax_added,"
    " rounding, total"
)


def _row(name: str) -> str:
    return ", ".join(f"{name}.{column}" for column in COLUMNS.split(", "))


def upgrade() -> None:
    op.create_table(
        "order_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("suborder_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("ref_id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("title", JSONB, nullable=False),
        sa.Column("options", JSONB, nullable=False),
        sa.Column("sku", sa.String(40), nullable=True),
        sa.Column("hsn_code", sa.String(8), nullable=True),
        sa.Column("weight_g", sa.Integer(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit", BIG, nullable=False),
        sa.Column("goods", BIG, nullable=False),
        sa.Column("vendor_discount", BIG, nullable=False),
        sa.Column("platform_discount", BIG, nullable=False),
        sa.Column("shipping", BIG, nullable=False),
        sa.Column("taxable", BIG, nullable=False),
        sa.Column("tax", BIG, nullable=False),
        sa.Column("tax_added", BIG, nullable=False),
        sa.Column("rounding", BIG, nullable=False),
        sa.Column("total", BIG, nullable=False),
        sa.Column("cancelled", sa.Integer(), nullable=False),
        sa.Column("shipped", sa.Integer(), nullable=False),
        sa.Column("refunded", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "least(cancelled, shipped, refunded, returned) >= 0 AND shipped + cancelled <="
            " quantity AND returned <= shipped AND refunded <= quantity",
            name=op.f("order_line_counters_check"),
        ),
        sa.CheckConstraint("position BETWEEN 0 AND 99", name=op.f("order_line_position_check")),
        sa.CheckConstraint(
            "quantity >= 1 AND goods = unit * quantity AND unit >= 0",
            name=op.f("order_line_goods_check"),
        ),
        sa.CheckConstraint(
            "taxable + tax + rounding = goods - vendor_discount + shipping + tax_added",
            name=op.f("order_line_taxable_check"),
        ),
        sa.CheckConstraint(
            "total = goods - vendor_discount - platform_discount + shipping + tax_added",
            name=op.f("order_line_total_check"),
        ),
        sa.CheckConstraint(
            "vendor_discount BETWEEN 0 AND goods AND shipping >= 0 AND platform_discount >= 0"
            " AND tax >= 0 AND tax_added IN (0, tax) AND total >= 0",
            name=op.f("order_line_amounts_check"),
        ),
        sa.CheckConstraint("weight_g >= 0", name=op.f("order_line_weight_g_check")),
        sa.ForeignKeyConstraint(
            ["suborder_id"], ["suborder.id"], name=op.f("order_line_suborder_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("order_line_pkey")),
        sa.UniqueConstraint(
            "suborder_id", "position", name=op.f("order_line_suborder_id_position_key")
        ),
    )
    op.create_index("order_line_ref_id_idx", "order_line", ["ref_id", "kind"])
    op.create_table(
        "line_tax",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column(
            "component",
            sa.Enum("CGST", "SGST", "UTGST", "IGST", "CESS", "VAT", name="taxcomponent", **ENUM),
            nullable=False,
        ),
        sa.Column("rate_bps", sa.Integer(), nullable=False),
        sa.Column("taxable", BIG, nullable=False),
        sa.Column("tax", BIG, nullable=False),
        sa.CheckConstraint("rate_bps BETWEEN 0 AND 100000", name=op.f("line_tax_rate_bps_check")),
        sa.CheckConstraint("taxable >= 0 AND tax >= 0", name=op.f("line_tax_tax_check")),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_line.id"], name=op.f("line_tax_line_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("line_id", "component", name=op.f("line_tax_pkey")),
    )
    op.create_table(
        "order_discount",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("suborder_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        sa.Column("promo_code_id", sa.Uuid(), nullable=False),
        sa.Column(
            "funded_by", sa.Enum("VENDOR", "PLATFORM", name="fundedby", **ENUM), nullable=False
        ),
        sa.Column("amount", BIG, nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("order_discount_amount_check")),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_line.id"], name=op.f("order_discount_line_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["promo_code_id"],
            ["promo_code.id"],
            name=op.f("order_discount_promo_code_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["suborder_id"],
            ["suborder.id"],
            name=op.f("order_discount_suborder_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("order_discount_pkey")),
        sa.UniqueConstraint(
            "suborder_id",
            "line_id",
            "promo_code_id",
            name=op.f("order_discount_suborder_id_line_id_promo_code_id_key"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("order_discount_line_id_idx"), "order_discount", ["line_id"])
    op.create_index("order_discount_promo_code_id_idx", "order_discount", ["promo_code_id"])
    op.create_table(
        "order_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("suborder_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column(
            "actor",
            sa.Enum("BUYER", "VENDOR", "PLATFORM", "CARRIER", name="orderactor", **ENUM),
            nullable=False,
        ),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.CheckConstraint(_is_line("note"), name=op.f("order_step_note_line_check")),
        sa.CheckConstraint("char_length(note) <= 300", name=op.f("order_step_note_length_check")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("order_step_order_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["suborder_id"], ["suborder.id"], name=op.f("order_step_suborder_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("order_step_user_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("order_step_pkey")),
    )
    op.create_index("order_step_order_id_idx", "order_step", ["order_id", "created_at", "id"])
    op.create_index("order_step_suborder_id_idx", "order_step", ["suborder_id", "created_at", "id"])
    op.create_index(op.f("order_step_user_id_idx"), "order_step", ["user_id"])
    op.create_table(
        "reservation",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("HELD", "SOLD", "RELEASED", name="reservationstate", **ENUM),
            nullable=False,
        ),
        sa.CheckConstraint("quantity >= 1", name=op.f("reservation_quantity_check")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("reservation_order_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variant.id"], name=op.f("reservation_variant_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("order_id", "variant_id", name=op.f("reservation_pkey")),
    )
    op.create_index(
        "reservation_variant_id_idx",
        "reservation",
        ["variant_id"],
        postgresql_where=sa.text("state = 'HELD'"),
    )
    op.create_foreign_key(
        op.f("promo_use_order_id_fkey"), "promo_use", "order", ["order_id"], ["id"], **DEFERRED
    )
    op.execute(
        """
        CREATE FUNCTION order_line_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'What was ordered does not change.' USING ERRCODE = 'check_violation';
        END $$
        """
    )
    op.execute(
        f"""
        CREATE TRIGGER order_line_immutable BEFORE UPDATE ON order_line FOR EACH ROW
            WHEN (({_row("OLD")}) IS DISTINCT FROM ({_row("NEW")}))
            EXECUTE FUNCTION order_line_refuse_change()
        """
    )
    for name in ("line_tax", "order_discount", "order_step"):
        op.execute(
            f"CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE ON {name}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_truncate()"
        )
        op.execute(
            f"CREATE TRIGGER {name}_refuse_truncate BEFORE TRUNCATE ON {name}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
        )


def downgrade() -> None:
    op.drop_constraint(op.f("promo_use_order_id_fkey"), "promo_use", type_="foreignkey")
    for name in ("reservation", "order_step", "order_discount", "line_tax", "order_line"):
        op.drop_table(name)
    op.execute("DROP FUNCTION order_line_refuse_change()")


def _is_line(column: str) -> str:
    return f"{column} !~ '{LINE}' AND {column} = btrim({column}) AND {column} <> ''"
