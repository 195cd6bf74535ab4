"""Payments and refunds."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
BIG = sa.BigInteger()
JSONB = postgresql.JSONB(none_as_null=True)
DEFERRED: dict[str, Any] = {"deferrable": True, "initially": "DEFERRED"}
ENUM: dict[str, Any] = {"native_enum": False, "create_constraint": True, "length": 40}
LINE = r"[\u0001-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u2800\u3164]"


def upgrade() -> None:
    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "PLANNED",
                "OPEN",
                "ACTION",
                "PROCESSING",
                "CANCELLING",
                "CANCELLED",
                "FAILED",
                "SUCCEEDED",
                name="paymentstatus",
                **ENUM,
            ),
            nullable=False,
        ),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("amount", BIG, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("captured", BIG, nullable=False),
        sa.Column("refunded", BIG, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint("amount > 0 AND attempt >= 1", name=op.f("payment_amount_check")),
        sa.CheckConstraint(
            "captured BETWEEN 0 AND amount AND refunded BETWEEN 0 AND captured",
            name=op.f("payment_captured_check"),
        ),
        sa.CheckConstraint(_is_line("reference"), name=op.f("payment_reference_line_check")),
        sa.CheckConstraint(
            "char_length(reference) <= 100", name=op.f("payment_reference_length_check")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("payment_order_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("payment_pkey")),
        sa.UniqueConstraint(
            "order_id", "provider", "attempt", name=op.f("payment_order_id_provider_attempt_key")
        ),
        sa.UniqueConstraint("provider", "reference", name=op.f("payment_provider_reference_key")),
    )
    op.create_index(
        "payment_live_key",
        "payment",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text(
            "status IN ('PLANNED', 'OPEN', 'ACTION', 'PROCESSING', 'CANCELLING') AND provider <>"
            " 'WALLET'"
        ),
    )
    op.create_table(
        "payment_split",
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("suborder_id", sa.Uuid(), nullable=False),
        sa.Column("captured", BIG, nullable=False),
        sa.Column("refunded", BIG, nullable=False),
        sa.CheckConstraint(
            "captured >= 0 AND refunded BETWEEN 0 AND captured",
            name=op.f("payment_split_captured_check"),
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("payment_split_payment_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["suborder_id"],
            ["suborder.id"],
            name=op.f("payment_split_suborder_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("payment_id", "suborder_id", name=op.f("payment_split_pkey")),
    )
    op.create_index("payment_split_suborder_id_idx", "payment_split", ["suborder_id"])
    op.create_table(
        "refund",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column(
            "state", sa.Enum("GRANTED", "SETTLED", name="refundstate", **ENUM), nullable=False
        ),
        sa.Column("amount", BIG, nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("granted_by_id", sa.Uuid(), nullable=True),
        sa.Column("settled_at", TIME, nullable=True),
        sa.CheckConstraint(_is_line("note"), name=op.f("refund_note_line_check")),
        sa.CheckConstraint("amount > 0", name=op.f("refund_amount_check")),
        sa.CheckConstraint("char_length(note) <= 300", name=op.f("refund_note_length_check")),
        sa.ForeignKeyConstraint(
            ["granted_by_id"], ["user.id"], name=op.f("refund_granted_by_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("refund_order_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("refund_pkey")),
    )
    op.create_index(op.f("refund_granted_by_id_idx"), "refund", ["granted_by_id"])
    op.create_index("refund_order_id_idx", "refund", ["order_id", "created_at", "id"])
    op.create_table(
        "refund_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.Column("suborder_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("units", postgresql.INT4RANGE(), nullable=False),
        sa.Column("amount", BIG, nullable=False),
        sa.Column("tax", BIG, nullable=False),
        sa.Column("restock", sa.Boolean(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("line_id"), "="),
            (sa.column("units"), "&&"),
            using="gist",
            name="refund_line_units_excl",
        ),
        sa.CheckConstraint(
            "NOT isempty(units) AND lower(units) >= 0", name=op.f("refund_line_units_check")
        ),
        sa.CheckConstraint("amount >= 0 AND tax >= 0", name=op.f("refund_line_amount_check")),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_line.id"], name=op.f("refund_line_line_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refund.id"], name=op.f("refund_line_refund_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["suborder_id"], ["suborder.id"], name=op.f("refund_line_suborder_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("refund_line_pkey")),
    )
    op.create_index("refund_line_refund_id_idx", "refund_line", ["refund_id"])
    op.create_index(op.f("refund_line_suborder_id_idx"), "refund_line", ["suborder_id"])
    op.create_table(
        "refund_part",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("amount", BIG, nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("settled_at", TIME, nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("refund_part_amount_check")),
        sa.CheckConstraint(_is_line("reference"), name=op.f("refund_part_reference_line_check")),
        sa.CheckConstraint(
            "char_length(reference) <= 100", name=op.f("refund_part_reference_length_check")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("refund_part_payment_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refund.id"], name=op.f("refund_part_refund_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("refund_part_pkey")),
        sa.UniqueConstraint(
            "provider", "reference", name=op.f("refund_part_provider_reference_key")
        ),
        sa.UniqueConstraint(
            "refund_id", "payment_id", name=op.f("refund_part_refund_id_payment_id_key")
        ),
    )
    op.create_index("refund_part_payment_id_idx", "refund_part", ["payment_id"])
    for name in ("refund_line",):
        op.execute(
            f"CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE ON {name}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_truncate()"
        )
        op.execute(
            f"CREATE TRIGGER {name}_refuse_truncate BEFORE TRUNCATE ON {name}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
        )


def downgrade() -> None:
    for name in ("refund_part", "refund_line", "refund", "payment_split", "payment"):
        op.drop_table(name)


def _is_line(column: str) -> str:
    return f"{column} !~ '{LINE}' AND {column} = btrim({column}) AND {column} <> ''"
