"""Changes of dates with the refunds that they owe, and sales at the desk."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0087"
down_revision = "0086"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
DEFERRED: dict[str, Any] = {"initially": "DEFERRED", "deferrable": True}
LINE = (
    "[\\u0001-\\u001f\\u007f-\\u009f\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069"
    "\\ufeff\\u2800\\u3164]"
)


def line(column: str) -> str:
    """Return the condition of one clean line."""
    return f"{column} !~ '{LINE}' AND {column} = btrim({column}) AND {column} <> ''"


def one_of(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"{table}_{column}_fkey")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, **DEFERRED)


def upgrade() -> None:
    _create_date_changes()
    _create_desk_sales()


def _create_date_changes() -> None:
    op.create_table(
        "event_date_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("event_date_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind", one_of("CANCELLED", "POSTPONED", "MOVED", name="datechangekind"), nullable=False
        ),
        sa.Column("refund", one_of("ALL", "NONE", name="refundchoice"), nullable=False),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_by_id", sa.Uuid(), nullable=False),
        sa.Column("after_id", sa.Uuid(), nullable=True),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("done_at", TIME, nullable=True),
        sa.CheckConstraint(line("reason"), name=op.f("event_date_change_reason_line_check")),
        sa.CheckConstraint(
            "kind = 'CANCELLED' OR refund = 'NONE'", name=op.f("event_date_change_refund_check")
        ),
        sa.CheckConstraint("revision >= 1", name=op.f("event_date_change_revision_check")),
        sa.CheckConstraint("tickets >= 0", name=op.f("event_date_change_tickets_check")),
        reference("event_date_change", "event_date_id", "event_date"),
        reference("event_date_change", "changed_by_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("event_date_change_pkey")),
        sa.UniqueConstraint(
            "event_date_id", "revision", name=op.f("event_date_change_event_date_id_revision_key")
        ),
    )
    op.create_index(
        op.f("event_date_change_changed_by_id_idx"), "event_date_change", ["changed_by_id"]
    )
    op.create_index(
        "event_date_change_open_idx",
        "event_date_change",
        ["created_at"],
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "ticket_refund",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state", one_of("DUE", "GRANTED", "REFUSED", name="ticketrefundstate"), nullable=False
        ),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(60), nullable=True),
        sa.CheckConstraint("tickets >= 1", name=op.f("ticket_refund_tickets_check")),
        sa.CheckConstraint("units >= 0", name=op.f("ticket_refund_units_check")),
        sa.CheckConstraint(
            "(state = 'REFUSED') = (code IS NOT NULL)", name=op.f("ticket_refund_code_check")
        ),
        sa.CheckConstraint("code ~ '^[A-Z_]{1,60}$'", name=op.f("ticket_refund_code_format_check")),
        reference("ticket_refund", "change_id", "event_date_change"),
        reference("ticket_refund", "order_line_id", "order_line"),
        sa.PrimaryKeyConstraint("id", name=op.f("ticket_refund_pkey")),
        sa.UniqueConstraint("order_line_id", name=op.f("ticket_refund_order_line_id_key")),
    )
    op.create_index("ticket_refund_change_id_idx", "ticket_refund", ["change_id", "state", "id"])


def _create_desk_sales() -> None:
    op.create_table(
        "desk_sale",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("event_date_id", sa.Uuid(), nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=False),
        sa.Column("sold_by_id", sa.Uuid(), nullable=False),
        sa.Column("paid", one_of("CASH", "CARD", "COMP", name="deskpayment"), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "total >= 0 AND (paid <> 'COMP' OR total = 0)", name=op.f("desk_sale_total_check")
        ),
        reference("desk_sale", "event_date_id", "event_date"),
        reference("desk_sale", "hold_id", "ticket_hold"),
        reference("desk_sale", "sold_by_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("desk_sale_pkey")),
        sa.UniqueConstraint("hold_id", name=op.f("desk_sale_hold_id_key")),
    )
    op.create_index(op.f("desk_sale_sold_by_id_idx"), "desk_sale", ["sold_by_id"])
    op.create_index(
        "desk_sale_event_date_id_idx", "desk_sale", ["event_date_id", "created_at", "id"]
    )


def downgrade() -> None:
    op.drop_table("desk_sale")
    op.drop_table("ticket_refund")
    op.drop_table("event_date_change")
