"""Events: venues, charts, dates, ticket types with prices and quotas, and questions."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0080"
down_revision = "0073"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
JSON = postgresql.JSONB()
IDS = postgresql.ARRAY(sa.Uuid())
DEFERRED: dict[str, Any] = {"initially": "DEFERRED", "deferrable": True}
LINE = (
    "[\\u0001-\\u001f\\u007f-\\u009f\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069"
    "\\ufeff\\u2800\\u3164]"
)


class PointColumn(sa.types.UserDefinedType[str]):
    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "cube"


def line(column: str) -> str:
    """Return the condition of one clean line."""
    return f"{column} !~ '{LINE}' AND {column} = btrim({column}) AND {column} <> ''"


def one_of(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    _create_places()
    _create_events()
    _create_types()


def _create_places() -> None:
    op.create_table(
        "venue",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("city", sa.String(80), nullable=False),
        sa.Column("pin_code", sa.String(12), nullable=False),
        sa.Column("street_lines", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("subdivision", sa.String(80), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column(
            "position",
            PointColumn(),
            sa.Computed("ll_to_earth(latitude, longitude)", persisted=True),
            nullable=True,
        ),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("archived_at", TIME, nullable=True),
        sa.CheckConstraint(
            f"cardinality(street_lines) <= 3 AND array_to_string(street_lines, '') !~ '{LINE}'",
            name=op.f("venue_street_lines_check"),
        ),
        sa.CheckConstraint(line("city"), name=op.f("venue_city_line_check")),
        sa.CheckConstraint(line("name"), name=op.f("venue_name_line_check")),
        sa.CheckConstraint("pin_code ~ '^[A-Z0-9]{3,10}$'", name=op.f("venue_pin_code_check")),
        sa.CheckConstraint(line("subdivision"), name=op.f("venue_subdivision_line_check")),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("venue_latitude_check")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("venue_longitude_check")),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("venue_vendor_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("venue_pkey")),
        sa.UniqueConstraint("id", "vendor_id", name=op.f("venue_id_vendor_id_key")),
    )
    op.create_index("venue_vendor_id_idx", "venue", ["vendor_id", "name", "id"], unique=False)
    op.create_table(
        "chart",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("venue_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "state", one_of("DRAFT", "PUBLISHED", "RETIRED", name="chartstate"), nullable=False
        ),
        sa.Column("focal_x", sa.Float(), nullable=False),
        sa.Column("focal_y", sa.Float(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("standing", sa.Integer(), nullable=False),
        sa.Column("published_at", TIME, nullable=True),
        sa.CheckConstraint(
            "(state = 'DRAFT') = (published_at IS NULL)", name=op.f("chart_published_at_check")
        ),
        sa.CheckConstraint(line("name"), name=op.f("chart_name_line_check")),
        sa.CheckConstraint(
            "focal_x BETWEEN -100000 AND 100000 AND focal_y BETWEEN -100000 AND 100000",
            name=op.f("chart_coordinates_check"),
        ),
        sa.CheckConstraint("seats BETWEEN 0 AND 100000", name=op.f("chart_seats_check")),
        sa.CheckConstraint("standing BETWEEN 0 AND 1000000", name=op.f("chart_standing_check")),
        sa.CheckConstraint("version >= 1", name=op.f("chart_version_check")),
        sa.ForeignKeyConstraint(
            ["venue_id", "vendor_id"],
            ["venue.id", "venue.vendor_id"],
            name=op.f("chart_venue_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("chart_pkey")),
        sa.UniqueConstraint("id", "venue_id", name=op.f("chart_id_venue_id_key")),
        sa.UniqueConstraint(
            "venue_id", "name", "version", name=op.f("chart_venue_id_name_version_key")
        ),
    )
    op.create_index("chart_vendor_id_idx", "chart", ["vendor_id", "created_at", "id"], unique=False)
    op.create_table(
        "price_category",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("chart_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("colour", sa.String(7), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("colour ~ '^#[0-9a-f]{6}$'", name=op.f("price_category_colour_check")),
        sa.CheckConstraint(line("name"), name=op.f("price_category_name_line_check")),
        sa.CheckConstraint("position BETWEEN 0 AND 49", name=op.f("price_category_position_check")),
        sa.ForeignKeyConstraint(
            ["chart_id"], ["chart.id"], name=op.f("price_category_chart_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("price_category_pkey")),
        sa.UniqueConstraint("chart_id", "name", name=op.f("price_category_chart_id_name_key")),
        sa.UniqueConstraint(
            "chart_id",
            "position",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("price_category_chart_id_position_key"),
        ),
    )
    op.create_table(
        "chart_section",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("chart_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("kind", one_of("SEATED", "STANDING", name="sectionkind"), nullable=False),
        sa.Column("entrance", sa.String(40), nullable=True),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("x", sa.Float(), nullable=False),
        sa.Column("y", sa.Float(), nullable=False),
        sa.CheckConstraint(
            "CASE kind WHEN 'STANDING' THEN capacity BETWEEN 1 AND 1000000"
            " ELSE capacity IS NULL END IS TRUE",
            name=op.f("chart_section_capacity_check"),
        ),
        sa.CheckConstraint(line("entrance"), name=op.f("chart_section_entrance_line_check")),
        sa.CheckConstraint(line("name"), name=op.f("chart_section_name_line_check")),
        sa.CheckConstraint("position BETWEEN 0 AND 499", name=op.f("chart_section_position_check")),
        sa.CheckConstraint(
            "x BETWEEN -100000 AND 100000 AND y BETWEEN -100000 AND 100000",
            name=op.f("chart_section_coordinates_check"),
        ),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["price_category.id"],
            name=op.f("chart_section_category_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["chart_id"], ["chart.id"], name=op.f("chart_section_chart_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("chart_section_pkey")),
        sa.UniqueConstraint("chart_id", "name", name=op.f("chart_section_chart_id_name_key")),
        sa.UniqueConstraint(
            "chart_id",
            "position",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("chart_section_chart_id_position_key"),
        ),
    )
    op.create_index(
        op.f("chart_section_category_id_idx"), "chart_section", ["category_id"], unique=False
    )
    op.create_table(
        "chart_row",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(40), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("centre", sa.Float(), nullable=False),
        sa.CheckConstraint(line("label"), name=op.f("chart_row_label_line_check")),
        sa.CheckConstraint("block BETWEEN 0 AND 99", name=op.f("chart_row_block_check")),
        sa.CheckConstraint("centre BETWEEN 0 AND 61", name=op.f("chart_row_centre_check")),
        sa.CheckConstraint("rank BETWEEN 0 AND 1000000", name=op.f("chart_row_rank_check")),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["price_category.id"],
            name=op.f("chart_row_category_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["section_id"], ["chart_section.id"], name=op.f("chart_row_section_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("chart_row_pkey")),
        sa.UniqueConstraint(
            "section_id", "label", "block", name=op.f("chart_row_section_id_label_block_key")
        ),
    )
    op.create_index(op.f("chart_row_category_id_idx"), "chart_row", ["category_id"], unique=False)
    op.create_table(
        "seat",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(8), nullable=False),
        sa.Column("pos", sa.Integer(), nullable=False),
        sa.Column("x", sa.Float(), nullable=False),
        sa.Column("y", sa.Float(), nullable=False),
        sa.Column("accessible", sa.Boolean(), nullable=False),
        sa.Column("companion_of_id", sa.Uuid(), nullable=True),
        sa.Column("restricted_view", sa.Boolean(), nullable=False),
        sa.CheckConstraint(line("number"), name=op.f("seat_number_line_check")),
        sa.CheckConstraint("companion_of_id <> id", name=op.f("seat_companion_check")),
        sa.CheckConstraint("pos BETWEEN 0 AND 61", name=op.f("seat_pos_check")),
        sa.CheckConstraint(
            "x BETWEEN -100000 AND 100000 AND y BETWEEN -100000 AND 100000",
            name=op.f("seat_coordinates_check"),
        ),
        sa.ForeignKeyConstraint(
            ["companion_of_id"], ["seat.id"], name=op.f("seat_companion_of_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["row_id"], ["chart_row.id"], name=op.f("seat_row_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("seat_pkey")),
        sa.UniqueConstraint("row_id", "number", name=op.f("seat_row_id_number_key")),
        sa.UniqueConstraint("row_id", "pos", name=op.f("seat_row_id_pos_key")),
    )
    op.create_index(op.f("seat_companion_of_id_idx"), "seat", ["companion_of_id"], unique=False)


def _create_events() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            one_of(
                "DRAFT", "PUBLISHED", "PAUSED", "ENDED", "CANCELLED", "ARCHIVED", name="eventstate"
            ),
            nullable=False,
        ),
        sa.Column(
            "visibility", one_of("PUBLIC", "UNLISTED", name="eventvisibility"), nullable=False
        ),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("title", JSON, nullable=False),
        sa.Column("description", JSON, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("max_per_user", sa.Integer(), nullable=False),
        sa.Column(
            "transfer", one_of("FREE", "UNTIL", "NONE", name="transferpolicy"), nullable=False
        ),
        sa.Column("transfer_hours", sa.Integer(), nullable=True),
        sa.Column("resale", one_of("NONE", "FACE_VALUE", name="resalepolicy"), nullable=False),
        sa.Column("refund_hours", sa.Integer(), nullable=True),
        sa.Column("refund_bps", sa.Integer(), nullable=False),
        sa.Column(
            "orphan_rule", one_of("OFF", "LENIENT", "STRICT", name="orphanrule"), nullable=False
        ),
        sa.Column(
            "waitlist", one_of("OFF", "FIRST_FIT", "STRICT", name="waitlistrule"), nullable=False
        ),
        sa.Column("published_at", TIME, nullable=True),
        sa.Column("cancelled_at", TIME, nullable=True),
        sa.Column("next_date_at", TIME, nullable=True),
        sa.Column("min_price", sa.BigInteger(), nullable=True),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("pin_code", sa.String(12), nullable=False),
        sa.Column("city", sa.String(80), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column(
            "position",
            PointColumn(),
            sa.Computed("ll_to_earth(latitude, longitude)", persisted=True),
            nullable=True,
        ),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.CheckConstraint(
            "CASE transfer WHEN 'UNTIL' THEN transfer_hours BETWEEN 0 AND 8760"
            " ELSE transfer_hours IS NULL END IS TRUE",
            name=op.f("event_transfer_hours_check"),
        ),
        sa.CheckConstraint("pin_code ~ '^[A-Z0-9]{3,10}$'", name=op.f("event_pin_code_check")),
        sa.CheckConstraint(
            "state <> 'CANCELLED' OR cancelled_at IS NOT NULL",
            name=op.f("event_cancelled_at_check"),
        ),
        sa.CheckConstraint(
            "state IN ('DRAFT', 'ARCHIVED') OR published_at IS NOT NULL",
            name=op.f("event_published_at_check"),
        ),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("event_latitude_check")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("event_longitude_check")),
        sa.CheckConstraint("max_per_user BETWEEN 1 AND 100", name=op.f("event_max_per_user_check")),
        sa.CheckConstraint("min_price >= 0", name=op.f("event_min_price_check")),
        sa.CheckConstraint("refund_bps BETWEEN 0 AND 10000", name=op.f("event_refund_bps_check")),
        sa.CheckConstraint(
            "refund_hours BETWEEN 0 AND 8760", name=op.f("event_refund_hours_check")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("event_category_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id", "currency"],
            ["vendor.id", "vendor.currency"],
            name=op.f("event_vendor_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("event_pkey")),
        sa.UniqueConstraint("id", "vendor_id", name=op.f("event_id_vendor_id_key")),
    )
    op.create_index(
        "event_category_id_idx", "event", ["category_id", "next_date_at", "id"], unique=False
    )
    op.create_index(
        "event_country_idx", "event", ["country", "pin_code", "next_date_at", "id"], unique=False
    )
    op.create_index("event_created_at_idx", "event", ["created_at", "id"], unique=False)
    op.create_index(
        "event_free_idx",
        "event",
        ["next_date_at", "id"],
        unique=False,
        postgresql_where=sa.text("min_price = 0"),
    )
    op.create_index(
        "event_listed_idx",
        "event",
        ["next_date_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'PUBLISHED' AND visibility = 'PUBLIC'"),
    )
    op.create_index(
        "event_position_idx", "event", ["position"], unique=False, postgresql_using="gist"
    )
    op.create_index(
        "event_search_idx",
        "event",
        ["search_text"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    op.create_index(
        "event_terms_idx",
        "event",
        [sa.literal_column("array_to_tsvector(string_to_array(search_text, ' '))")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index("event_vendor_id_idx", "event", ["vendor_id", "created_at", "id"], unique=False)
    op.create_table(
        "event_slug",
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint(
            "slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND char_length(slug) BETWEEN 3 AND 60",
            name=op.f("event_slug_slug_check"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("event_slug_event_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("event_slug_pkey")),
    )
    op.create_index(
        "event_slug_current_key",
        "event_slug",
        ["event_id"],
        unique=True,
        postgresql_where=sa.text("is_current"),
    )
    op.create_index("event_slug_event_id_idx", "event_slug", ["event_id"], unique=False)
    op.create_table(
        "event_date",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("venue_id", sa.Uuid(), nullable=True),
        sa.Column("chart_id", sa.Uuid(), nullable=True),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("local_start", sa.DateTime(), nullable=False),
        sa.Column("local_end", sa.DateTime(), nullable=False),
        sa.Column("fold", sa.Integer(), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("doors_at", TIME, nullable=True),
        sa.Column("sale_starts_at", TIME, nullable=True),
        sa.Column("sale_ends_at", TIME, nullable=True),
        sa.Column(
            "state",
            one_of("SCHEDULED", "POSTPONED", "ENDED", "CANCELLED", name="eventdatestate"),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("cancelled_at", TIME, nullable=True),
        sa.Column("stat_held", sa.Integer(), nullable=False),
        sa.Column("stat_sold", sa.Integer(), nullable=False),
        sa.Column("stat_checked_in", sa.Integer(), nullable=False),
        sa.Column("stat_revenue", sa.BigInteger(), nullable=False),
        sa.Column("stat_at", TIME, nullable=True),
        sa.CheckConstraint(
            "(state = 'CANCELLED') = (cancelled_at IS NOT NULL)",
            name=op.f("event_date_cancelled_at_check"),
        ),
        sa.CheckConstraint(
            "starts_at < ends_at AND ends_at <= starts_at + interval '31 days'",
            name=op.f("event_date_span_check"),
        ),
        sa.CheckConstraint(
            "chart_id IS NULL OR venue_id IS NOT NULL", name=op.f("event_date_chart_check")
        ),
        sa.CheckConstraint("doors_at <= starts_at", name=op.f("event_date_doors_at_check")),
        sa.CheckConstraint("fold IN (0, 1)", name=op.f("event_date_fold_check")),
        sa.CheckConstraint(
            "least(stat_held, stat_sold, stat_checked_in, stat_revenue) >= 0",
            name=op.f("event_date_stats_check"),
        ),
        sa.CheckConstraint("revision >= 0", name=op.f("event_date_revision_check")),
        sa.CheckConstraint("sale_starts_at < sale_ends_at", name=op.f("event_date_sale_check")),
        sa.ForeignKeyConstraint(
            ["chart_id", "venue_id"],
            ["chart.id", "chart.venue_id"],
            name=op.f("event_date_chart_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["event_id", "vendor_id"],
            ["event.id", "event.vendor_id"],
            name=op.f("event_date_event_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("event_date_venue_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("event_date_pkey")),
        sa.UniqueConstraint("id", "vendor_id", name=op.f("event_date_id_vendor_id_key")),
    )
    op.create_index("event_date_chart_id_idx", "event_date", ["chart_id"], unique=False)
    op.create_index(
        "event_date_ends_at_idx",
        "event_date",
        ["ends_at"],
        unique=False,
        postgresql_where=sa.text("state = 'SCHEDULED'"),
    )
    op.create_index(
        "event_date_event_id_idx", "event_date", ["event_id", "starts_at", "id"], unique=False
    )
    op.create_index(
        "event_date_start_key",
        "event_date",
        ["event_id", "starts_at", "venue_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("state <> 'CANCELLED'"),
    )
    op.create_index(
        "event_date_vendor_id_idx", "event_date", ["vendor_id", "starts_at", "id"], unique=False
    )
    op.create_index(
        "event_date_venue_id_idx", "event_date", ["venue_id", "starts_at"], unique=False
    )


def _create_types() -> None:
    op.create_table(
        "ticket_type",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind", one_of("ADMISSION", "ADD_ON", "DONATION", name="tickettypekind"), nullable=False
        ),
        sa.Column("state", one_of("ACTIVE", "RETIRED", name="tickettypestate"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("name", JSON, nullable=False),
        sa.Column("description", JSON, nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("admits", sa.Integer(), nullable=False),
        sa.Column("min_per_order", sa.Integer(), nullable=False),
        sa.Column("max_per_order", sa.Integer(), nullable=False),
        sa.Column("needs_code", sa.Boolean(), nullable=False),
        sa.Column("category_ids", IDS, server_default="{}", nullable=False),
        sa.Column("sale_starts_at", TIME, nullable=True),
        sa.Column("sale_ends_at", TIME, nullable=True),
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
        sa.Column("hsn_code", sa.String(8), nullable=True),
        sa.CheckConstraint(
            "cardinality(category_ids) <= 20 AND (cardinality(category_ids) = 0 OR admits = 1"
            " AND kind = 'ADMISSION')",
            name=op.f("ticket_type_category_ids_check"),
        ),
        sa.CheckConstraint("hsn_code ~ '^[0-9]{4,8}$'", name=op.f("ticket_type_hsn_code_check")),
        sa.CheckConstraint("admits BETWEEN 1 AND 20", name=op.f("ticket_type_admits_check")),
        sa.CheckConstraint(
            "min_per_order BETWEEN 1 AND max_per_order AND max_per_order <= 50",
            name=op.f("ticket_type_per_order_check"),
        ),
        sa.CheckConstraint("position BETWEEN 0 AND 99", name=op.f("ticket_type_position_check")),
        sa.CheckConstraint(
            "price BETWEEN 0 AND 1000000000000", name=op.f("ticket_type_price_check")
        ),
        sa.CheckConstraint("sale_starts_at < sale_ends_at", name=op.f("ticket_type_sale_check")),
        sa.ForeignKeyConstraint(
            ["event_id", "vendor_id"],
            ["event.id", "event.vendor_id"],
            name=op.f("ticket_type_event_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("ticket_type_pkey")),
    )
    op.create_index(
        "ticket_type_event_id_idx", "ticket_type", ["event_id", "position", "id"], unique=False
    )
    op.create_table(
        "ticket_quota",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("event_date_id", sa.Uuid(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("waitlist_first", sa.Boolean(), nullable=False),
        sa.CheckConstraint(line("name"), name=op.f("ticket_quota_name_line_check")),
        sa.CheckConstraint(
            "capacity BETWEEN 0 AND 1000000", name=op.f("ticket_quota_capacity_check")
        ),
        sa.CheckConstraint("taken BETWEEN 0 AND capacity", name=op.f("ticket_quota_taken_check")),
        sa.ForeignKeyConstraint(
            ["event_date_id"],
            ["event_date.id"],
            name=op.f("ticket_quota_event_date_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["section_id"],
            ["chart_section.id"],
            name=op.f("ticket_quota_section_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("ticket_quota_pkey")),
        sa.UniqueConstraint(
            "event_date_id", "name", name=op.f("ticket_quota_event_date_id_name_key")
        ),
        postgresql_with={"fillfactor": 50},
    )
    op.create_index(
        op.f("ticket_quota_section_id_idx"), "ticket_quota", ["section_id"], unique=False
    )
    op.create_table(
        "price_tier",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("ticket_type_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("until", TIME, nullable=True),
        sa.Column("quota_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(line("name"), name=op.f("price_tier_name_line_check")),
        sa.CheckConstraint("num_nonnulls(until, quota_id) >= 1", name=op.f("price_tier_end_check")),
        sa.CheckConstraint("position BETWEEN 0 AND 9", name=op.f("price_tier_position_check")),
        sa.CheckConstraint(
            "price BETWEEN 0 AND 1000000000000", name=op.f("price_tier_price_check")
        ),
        sa.ForeignKeyConstraint(
            ["quota_id"], ["ticket_quota.id"], name=op.f("price_tier_quota_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["ticket_type_id"],
            ["ticket_type.id"],
            name=op.f("price_tier_ticket_type_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("price_tier_pkey")),
        sa.UniqueConstraint(
            "ticket_type_id",
            "position",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("price_tier_ticket_type_id_position_key"),
        ),
    )
    op.create_index(op.f("price_tier_quota_id_idx"), "price_tier", ["quota_id"], unique=False)
    op.create_table(
        "type_quota",
        sa.Column("ticket_type_id", sa.Uuid(), nullable=False),
        sa.Column("quota_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["quota_id"], ["ticket_quota.id"], name=op.f("type_quota_quota_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["ticket_type_id"],
            ["ticket_type.id"],
            name=op.f("type_quota_ticket_type_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("ticket_type_id", "quota_id", name=op.f("type_quota_pkey")),
    )
    op.create_index("type_quota_quota_id_idx", "type_quota", ["quota_id"], unique=False)
    op.create_table(
        "type_code",
        sa.Column("ticket_type_id", sa.Uuid(), nullable=False),
        sa.Column("promo_code_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["promo_code_id"],
            ["promo_code.id"],
            name=op.f("type_code_promo_code_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["ticket_type_id"],
            ["ticket_type.id"],
            name=op.f("type_code_ticket_type_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("ticket_type_id", "promo_code_id", name=op.f("type_code_pkey")),
    )
    op.create_index("type_code_promo_code_id_idx", "type_code", ["promo_code_id"], unique=False)
    op.create_table(
        "event_question",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_type_id", sa.Uuid(), nullable=True),
        sa.Column("scope", one_of("TICKET", "ORDER", name="questionscope"), nullable=False),
        sa.Column(
            "kind",
            one_of("TEXT", "NUMBER", "DATE", "YES_NO", "CHOICE", "CHOICES", name="questionkind"),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("prompt", JSON, nullable=False),
        sa.Column("choices", JSON, nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "jsonb_array_length(choices) <= 30 AND (kind IN ('CHOICE', 'CHOICES')) ="
            " (jsonb_array_length(choices) > 0)",
            name=op.f("event_question_choices_check"),
        ),
        sa.CheckConstraint("position BETWEEN 0 AND 99", name=op.f("event_question_position_check")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("event_question_event_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["ticket_type_id"],
            ["ticket_type.id"],
            name=op.f("event_question_ticket_type_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("event_question_pkey")),
    )
    op.create_index(
        "event_question_event_id_idx",
        "event_question",
        ["event_id", "position", "id"],
        unique=False,
    )
    op.create_index(
        op.f("event_question_ticket_type_id_idx"),
        "event_question",
        ["ticket_type_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("event_question")
    op.drop_table("type_code")
    op.drop_table("type_quota")
    op.drop_table("price_tier")
    op.drop_table("ticket_quota")
    op.drop_table("ticket_type")
    op.drop_table("event_date")
    op.drop_table("event_slug")
    op.drop_table("event")
    op.drop_table("seat")
    op.drop_table("chart_row")
    op.drop_table("chart_section")
    op.drop_table("price_category")
    op.drop_table("chart")
    op.drop_table("venue")
