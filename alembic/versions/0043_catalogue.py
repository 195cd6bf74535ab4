"""Products with options and variants, and their stock.

The foreign keys of prices refer to a vendor with its currency, so this adds a unique constraint to
vendors. The extension `btree_gist`, which 0031 creates, compares the lines of orders.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
DEFERRED: dict[str, Any] = {"deferrable": True, "initially": "DEFERRED"}
ENUM: dict[str, Any] = {"native_enum": False, "create_constraint": True, "length": 40}
LINE = r"[\u0001-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u2800\u3164]"


def upgrade() -> None:
    op.create_unique_constraint(op.f("vendor_id_currency_key"), "vendor", ["id", "currency"])
    _create_products()
    _create_variants()
    _create_stock()


def downgrade() -> None:
    for table in (
        "stock_alert",
        "stock_movement",
        "stock",
        "variant",
        "product_view",
        "product_slug",
        "product_picture",
        "product",
    ):
        op.drop_table(table)
    op.drop_constraint("vendor_id_currency_key", "vendor")


def _create_products() -> None:
    op.create_table(
        "product",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind", sa.Enum("PHYSICAL", "DIGITAL", name="productkind", **ENUM), nullable=False
        ),
        sa.Column(
            "state",
            sa.Enum("DRAFT", "PUBLISHED", "HIDDEN", "ARCHIVED", name="productstate", **ENUM),
            nullable=False,
        ),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("title", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("description", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("options", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column(
            "tax_class",
            sa.Enum(
                "STANDARD",
                "REDUCED",
                "LOW",
                "ZERO",
                "EXEMPT",
                name="taxclass",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("hsn_code", sa.String(length=8), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("min_price", sa.BigInteger(), nullable=True),
        sa.Column("max_price", sa.BigInteger(), nullable=True),
        sa.Column("published_at", TIME, nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.CheckConstraint(
            "CASE state WHEN 'DRAFT' THEN published_at IS NULL"
            " WHEN 'ARCHIVED' THEN true ELSE published_at IS NOT NULL END",
            name=op.f("product_published_at_check"),
        ),
        sa.CheckConstraint("hsn_code ~ '^[0-9]{4,8}$'", name=op.f("product_hsn_code_check")),
        sa.CheckConstraint(
            "state <> 'PUBLISHED' OR min_price IS NOT NULL", name=op.f("product_sold_check")
        ),
        sa.CheckConstraint("jsonb_array_length(options) <= 3", name=op.f("product_options_check")),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("product_latitude_check")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("product_longitude_check")),
        sa.CheckConstraint(
            "num_nonnulls(min_price, max_price) IN (0, 2) AND min_price BETWEEN 0 AND max_price",
            name=op.f("product_prices_check"),
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("product_category_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("product_vendor_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("product_pkey")),
        sa.UniqueConstraint("id", "vendor_id", name=op.f("product_id_vendor_id_key")),
    )
    op.create_index("product_category_id_idx", "product", ["category_id", "created_at", "id"])
    op.create_index("product_country_idx", "product", ["country", "created_at", "id"])
    op.create_index("product_created_at_idx", "product", ["created_at", "id"])
    op.execute(
        "ALTER TABLE product ADD position cube"
        " GENERATED ALWAYS AS (ll_to_earth(latitude, longitude)) STORED"
    )
    op.create_index("product_position_idx", "product", ["position"], postgresql_using="gist")
    op.create_index("product_price_idx", "product", ["currency", "min_price", "id"])
    op.create_index(
        "product_search_idx",
        "product",
        ["search_text"],
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    op.create_index("product_state_created_at_idx", "product", ["state", "created_at", "id"])
    op.create_index(
        "product_terms_idx",
        "product",
        [sa.literal_column("array_to_tsvector(string_to_array(search_text, ' '))")],
        postgresql_using="gin",
    )
    op.create_index("product_vendor_id_idx", "product", ["vendor_id", "created_at", "id"])
    op.create_table(
        "product_picture",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("alt", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.CheckConstraint(
            "position BETWEEN 0 AND 19", name=op.f("product_picture_position_check")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("product_picture_product_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["upload.id"], name=op.f("product_picture_upload_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("product_picture_pkey")),
        sa.UniqueConstraint(
            "product_id",
            "position",
            **DEFERRED,
            name=op.f("product_picture_product_id_position_key"),
        ),
        sa.UniqueConstraint("upload_id", **DEFERRED, name=op.f("product_picture_upload_id_key")),
    )
    op.create_table(
        "product_slug",
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint(
            "slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND char_length(slug) BETWEEN 3 AND 60",
            name=op.f("product_slug_slug_check"),
        ),
        sa.ForeignKeyConstraint(
            ["product_id", "vendor_id"],
            ["product.id", "product.vendor_id"],
            name=op.f("product_slug_product_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("vendor_id", "slug", name=op.f("product_slug_pkey")),
    )
    op.create_index(
        "product_slug_current_key",
        "product_slug",
        ["product_id"],
        unique=True,
        postgresql_where=sa.text("is_current"),
    )
    op.create_index("product_slug_product_id_idx", "product_slug", ["product_id"])
    op.create_table(
        "product_view",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("viewed_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("product_view_product_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("product_view_user_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("user_id", "product_id", name=op.f("product_view_pkey")),
    )
    op.create_index("product_view_product_id_idx", "product_view", ["product_id"])
    op.create_index(
        "product_view_user_id_idx", "product_view", ["user_id", "viewed_at", "product_id"]
    )
    op.create_index("product_view_viewed_at_idx", "product_view", ["viewed_at"])


def _create_variants() -> None:
    op.create_table(
        "variant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("options", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column(
            "state", sa.Enum("ACTIVE", "RETIRED", name="variantstate", **ENUM), nullable=False
        ),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("compare_at", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=True),
        sa.Column("tracks_stock", sa.Boolean(), nullable=False),
        sa.Column("per_order_max", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.CheckConstraint("jsonb_typeof(options) = 'object'", name=op.f("variant_options_check")),
        sa.CheckConstraint(_is_line("sku"), name=op.f("variant_sku_line_check")),
        sa.CheckConstraint("char_length(sku) <= 40", name=op.f("variant_sku_length_check")),
        sa.CheckConstraint(
            "compare_at > price AND compare_at <= 1000000000000",
            name=op.f("variant_compare_at_check"),
        ),
        sa.CheckConstraint(
            "per_order_max BETWEEN 1 AND 999", name=op.f("variant_per_order_max_check")
        ),
        sa.CheckConstraint("position >= 0", name=op.f("variant_position_check")),
        sa.CheckConstraint("price BETWEEN 0 AND 1000000000000", name=op.f("variant_price_check")),
        sa.CheckConstraint("weight_g BETWEEN 0 AND 1000000", name=op.f("variant_weight_g_check")),
        sa.ForeignKeyConstraint(
            ["vendor_id", "currency"],
            ["vendor.id", "vendor.currency"],
            name=op.f("variant_vendor_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["product_id", "vendor_id"],
            ["product.id", "product.vendor_id"],
            name=op.f("variant_product_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("variant_pkey")),
        sa.UniqueConstraint("vendor_id", "sku", name=op.f("variant_vendor_id_sku_key")),
    )
    op.create_index(
        "variant_options_key",
        "variant",
        ["product_id", "options"],
        unique=True,
        postgresql_where=sa.text("state = 'ACTIVE'"),
    )
    op.create_index("variant_product_id_idx", "variant", ["product_id", "position", "id"])


def _create_stock() -> None:
    op.create_table(
        "stock",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("low_at", sa.Integer(), nullable=True),
        sa.Column("low_number", sa.Integer(), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.CheckConstraint("low_at BETWEEN 0 AND 1000000", name=op.f("stock_low_at_check")),
        sa.CheckConstraint("low_number >= 0", name=op.f("stock_low_number_check")),
        sa.CheckConstraint("on_hand <= 1000000000", name=op.f("stock_on_hand_check")),
        sa.CheckConstraint("reserved BETWEEN 0 AND on_hand", name=op.f("stock_reserved_check")),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variant.id"], name=op.f("stock_variant_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("stock_pkey")),
    )
    op.create_index(
        "stock_low_idx",
        "stock",
        ["variant_id"],
        postgresql_where=sa.text("on_hand - reserved <= low_at"),
    )
    op.create_index("stock_variant_id_key", "stock", ["variant_id"], unique=True)
    op.create_table(
        "stock_movement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("RECEIVED", "COUNTED", "SOLD", "RETURNED", "LOST", name="movementkind", **ENUM),
            nullable=False,
        ),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        sa.Column("units", postgresql.INT4RANGE(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("kind"), "="),
            (sa.column("line_id"), "="),
            (sa.column("units"), "&&"),
            using="gist",
            name="stock_movement_units_excl",
        ),
        sa.CheckConstraint(
            "CASE WHEN kind IN ('SOLD', 'RETURNED') THEN"
            " upper(units) - lower(units) = abs(quantity) AND line_id IS NOT NULL"
            " ELSE num_nonnulls(line_id, units) = 0 END IS TRUE",
            name=op.f("stock_movement_units_check"),
        ),
        sa.CheckConstraint(
            "CASE kind WHEN 'RECEIVED' THEN quantity > 0 WHEN 'RETURNED' THEN quantity > 0"
            " WHEN 'SOLD' THEN quantity < 0 WHEN 'LOST' THEN quantity < 0"
            " ELSE quantity <> 0 END",
            name=op.f("stock_movement_quantity_check"),
        ),
        sa.CheckConstraint(_is_line("note"), name=op.f("stock_movement_note_line_check")),
        sa.CheckConstraint(
            "char_length(note) <= 200", name=op.f("stock_movement_note_length_check")
        ),
        sa.CheckConstraint("on_hand >= 0", name=op.f("stock_movement_on_hand_check")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("stock_movement_user_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variant.id"], name=op.f("stock_movement_variant_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("stock_movement_pkey")),
    )
    op.create_index(op.f("stock_movement_user_id_idx"), "stock_movement", ["user_id"])
    op.create_index(
        "stock_movement_variant_id_idx", "stock_movement", ["variant_id", "created_at", "id"]
    )
    op.execute(
        "CREATE TRIGGER stock_movement_append_only BEFORE UPDATE OR DELETE ON stock_movement"
        " FOR EACH ROW EXECUTE FUNCTION refuse_truncate()"
    )
    op.execute(
        "CREATE TRIGGER stock_movement_refuse_truncate BEFORE TRUNCATE ON stock_movement"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
    )
    op.create_table(
        "stock_alert",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("stock_alert_user_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variant.id"], name=op.f("stock_alert_variant_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("user_id", "variant_id", name=op.f("stock_alert_pkey")),
    )
    op.create_index("stock_alert_created_at_idx", "stock_alert", ["created_at"])
    op.create_index("stock_alert_variant_id_idx", "stock_alert", ["variant_id", "user_id"])


def _is_line(column: str) -> str:
    return f"{column} !~ '{LINE}' AND {column} = btrim({column}) AND {column} <> ''"
