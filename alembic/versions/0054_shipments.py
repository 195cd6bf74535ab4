"""Shipments and reports of their tracking."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
JSONB = postgresql.JSONB(none_as_null=True)
DEFERRED: dict[str, Any] = {"deferrable": True, "initially": "DEFERRED"}
ENUM: dict[str, Any] = {"native_enum": False, "create_constraint": True, "length": 40}
LINE = r"[\u0001-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u2800\u3164]"


def upgrade() -> None:
    op.create_table(
        "shipment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("suborder_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "SHIPPED",
                "OUT_FOR_DELIVERY",
                "DELIVERED",
                "RETURNED",
                "LOST",
                name="shipmentstate",
                **ENUM,
            ),
            nullable=False,
        ),
        sa.Column("carrier", sa.String(), nullable=True),
        sa.Column("tracking_number", sa.String(), nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint(_is_line("carrier"), name=op.f("shipment_carrier_line_check")),
        sa.CheckConstraint(
            _is_line("tracking_number"), name=op.f("shipment_tracking_number_line_check")
        ),
        sa.CheckConstraint(
            "char_length(carrier) <= 40", name=op.f("shipment_carrier_length_check")
        ),
        sa.CheckConstraint(
            "char_length(tracking_number) <= 60", name=op.f("shipment_tracking_number_length_check")
        ),
        sa.CheckConstraint("position BETWEEN 0 AND 49", name=op.f("shipment_position_check")),
        sa.ForeignKeyConstraint(
            ["suborder_id"], ["suborder.id"], name=op.f("shipment_suborder_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("shipment_vendor_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("shipment_pkey")),
        sa.UniqueConstraint(
            "suborder_id", "position", name=op.f("shipment_suborder_id_position_key")
        ),
    )
    op.create_index(
        "shipment_tracking_number_key",
        "shipment",
        ["vendor_id", "tracking_number", sa.text("replace(lower(carrier), ' ', '-')")],
        unique=True,
    )
    op.create_index(
        "shipment_tracking_number_idx",
        "shipment",
        ["tracking_number", sa.text("replace(lower(carrier), ' ', '-')")],
    )
    op.create_table(
        "shipment_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("shipment_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity >= 1", name=op.f("shipment_line_quantity_check")),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_line.id"], name=op.f("shipment_line_line_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["shipment_id"],
            ["shipment.id"],
            name=op.f("shipment_line_shipment_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("shipment_line_pkey")),
        sa.UniqueConstraint(
            "shipment_id", "line_id", name=op.f("shipment_line_shipment_id_line_id_key")
        ),
    )
    op.create_index("shipment_line_line_id_idx", "shipment_line", ["line_id"])
    op.create_table(
        "tracking_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("shipment_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "SHIPPED",
                "OUT_FOR_DELIVERY",
                "DELIVERED",
                "RETURNED",
                "LOST",
                name="shipmentstate",
                **ENUM,
            ),
            nullable=False,
        ),
        sa.Column(
            "source", sa.Enum("VENDOR", "CARRIER", name="trackingsource", **ENUM), nullable=False
        ),
        sa.Column("at", TIME, nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.CheckConstraint(_is_line("place"), name=op.f("tracking_event_place_line_check")),
        sa.CheckConstraint(
            "char_length(place) <= 120", name=op.f("tracking_event_place_length_check")
        ),
        sa.ForeignKeyConstraint(
            ["shipment_id"],
            ["shipment.id"],
            name=op.f("tracking_event_shipment_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("tracking_event_pkey")),
        sa.UniqueConstraint(
            "shipment_id", "state", "at", name=op.f("tracking_event_shipment_id_state_at_key")
        ),
    )
    for name in ("shipment_line", "tracking_event"):
        op.execute(
            f"CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE ON {name}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_truncate()"
        )
        op.execute(
            f"CREATE TRIGGER {name}_refuse_truncate BEFORE TRUNCATE ON {name}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
        )


def downgrade() -> None:
    for name in ("tracking_event", "shipment_line", "shipment"):
        op.drop_table(name)


def _is_line(column: str) -> str:
    return f"{column} !~ '{LINE}' AND {column} = btrim({column}) AND {column} <> ''"
