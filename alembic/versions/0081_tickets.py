"""Tickets: holds, seats of dates, transfers, resale, and waitlists."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
IDS = postgresql.ARRAY(sa.Uuid())
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


def upgrade() -> None:
    _create_holds()
    _create_tickets()


def _create_holds() -> None:
    op.create_table(
        "ticket_buyer",
        sa.Column("event_date_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.CheckConstraint("tickets >= 0", name=op.f("ticket_buyer_tickets_check")),
        sa.ForeignKeyConstraint(
            ["event_date_id"],
            ["event_date.id"],
            name=op.f("ticket_buyer_event_date_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("ticket_buyer_user_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("event_date_id", "user_id", name=op.f("ticket_buyer_pkey")),
    )
    op.create_index("ticket_buyer_user_id_idx", "ticket_buyer", ["user_id"], unique=False)
    op.create_table(
        "waitlist_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("event_date_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("type_ids", IDS, server_default="{}", nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("together", one_of("ROW", "NEARBY", "ANY", name="together"), nullable=False),
        sa.Column("accessible", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            one_of("WAITING", "HOLDING", "SERVED", "LEFT", "LAPSED", name="waitliststate"),
            nullable=False,
        ),
        sa.Column("skips", sa.Integer(), nullable=False),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        sa.Column("blocks_until", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint(
            "(state IN ('WAITING', 'HOLDING')) = (ended_at IS NULL)",
            name=op.f("waitlist_entry_ended_at_check"),
        ),
        sa.CheckConstraint(
            "1 <= least AND least <= most AND most <= 10", name=op.f("waitlist_entry_tickets_check")
        ),
        sa.CheckConstraint(
            "accessible BETWEEN 0 AND most", name=op.f("waitlist_entry_accessible_check")
        ),
        sa.CheckConstraint(
            "cardinality(type_ids) <= 20", name=op.f("waitlist_entry_type_ids_check")
        ),
        sa.CheckConstraint(
            "least(skips, unanswered) >= 0", name=op.f("waitlist_entry_counters_check")
        ),
        sa.CheckConstraint(
            "priority BETWEEN 0 AND 100", name=op.f("waitlist_entry_priority_check")
        ),
        sa.ForeignKeyConstraint(
            ["event_date_id"],
            ["event_date.id"],
            name=op.f("waitlist_entry_event_date_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("waitlist_entry_user_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("waitlist_entry_pkey")),
    )
    op.create_index(
        "waitlist_entry_event_date_id_idx",
        "waitlist_entry",
        ["event_date_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "waitlist_entry_live_key",
        "waitlist_entry",
        ["event_date_id", "user_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('WAITING', 'HOLDING')"),
    )
    op.create_index(
        "waitlist_entry_user_id_idx",
        "waitlist_entry",
        ["user_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "waitlist_entry_waiting_idx",
        "waitlist_entry",
        ["event_date_id", "priority", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'WAITING'"),
    )
    op.create_table(
        "ticket_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("event_date_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            one_of("OPEN", "CHECKOUT", "SOLD", "RELEASED", "EXPIRED", name="holdstate"),
            nullable=False,
        ),
        sa.Column(
            "source", one_of("PUBLIC", "WAITLIST", "DESK", name="holdsource"), nullable=False
        ),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("promo_code_id", sa.Uuid(), nullable=True),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("hard_until", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint(
            "(source = 'WAITLIST') = (entry_id IS NOT NULL)",
            name=op.f("ticket_hold_entry_id_check"),
        ),
        sa.CheckConstraint(
            "(state IN ('OPEN', 'CHECKOUT')) = (ended_at IS NULL)",
            name=op.f("ticket_hold_ended_at_check"),
        ),
        sa.CheckConstraint(
            "hard_until <= created_at + CASE source WHEN 'WAITLIST' THEN interval '24 hours'"
            " ELSE interval '30 minutes' END + interval '1 minute'",
            name=op.f("ticket_hold_hard_until_check"),
        ),
        sa.CheckConstraint(
            "state <> 'OPEN' OR order_id IS NULL", name=op.f("ticket_hold_order_id_check")
        ),
        sa.CheckConstraint("expires_at <= hard_until", name=op.f("ticket_hold_expires_at_check")),
        sa.CheckConstraint("revision >= 0", name=op.f("ticket_hold_revision_check")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["waitlist_entry.id"], name=op.f("ticket_hold_entry_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["event_date_id", "vendor_id"],
            ["event_date.id", "event_date.vendor_id"],
            name=op.f("ticket_hold_event_date_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("ticket_hold_order_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["promo_code_id"],
            ["promo_code.id"],
            name=op.f("ticket_hold_promo_code_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("ticket_hold_user_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("ticket_hold_pkey")),
    )
    op.create_index(
        "ticket_hold_due_idx",
        "ticket_hold",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("state = 'OPEN'"),
    )
    op.create_index("ticket_hold_entry_id_idx", "ticket_hold", ["entry_id"], unique=False)
    op.create_index(
        "ticket_hold_expires_at_idx",
        "ticket_hold",
        ["event_date_id", "expires_at"],
        unique=False,
        postgresql_where=sa.text("state = 'OPEN'"),
    )
    op.create_index(
        "ticket_hold_open_key",
        "ticket_hold",
        ["event_date_id", "user_id", "source"],
        unique=True,
        postgresql_where=sa.text("state = 'OPEN'"),
    )
    op.create_index("ticket_hold_order_id_idx", "ticket_hold", ["order_id"], unique=False)
    op.create_index(
        op.f("ticket_hold_promo_code_id_idx"), "ticket_hold", ["promo_code_id"], unique=False
    )
    op.create_index(
        "ticket_hold_user_id_idx", "ticket_hold", ["user_id", "created_at", "id"], unique=False
    )
    op.create_table(
        "hold_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("ticket_type_id", sa.Uuid(), nullable=False),
        sa.Column("tier_id", sa.Uuid(), nullable=True),
        sa.Column("seat_id", sa.Uuid(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("admits", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("quota_ids", IDS, server_default="{}", nullable=False),
        sa.CheckConstraint("admits BETWEEN 1 AND 20", name=op.f("hold_line_admits_check")),
        sa.CheckConstraint("cardinality(quota_ids) <= 20", name=op.f("hold_line_quota_ids_check")),
        sa.CheckConstraint("position BETWEEN 0 AND 59", name=op.f("hold_line_position_check")),
        sa.CheckConstraint("price BETWEEN 0 AND 1000000000000", name=op.f("hold_line_price_check")),
        sa.CheckConstraint("quantity BETWEEN 1 AND 50", name=op.f("hold_line_quantity_check")),
        sa.CheckConstraint(
            "seat_id IS NULL OR quantity * admits = 1", name=op.f("hold_line_seat_check")
        ),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["ticket_hold.id"], name=op.f("hold_line_hold_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["seat_id"], ["seat.id"], name=op.f("hold_line_seat_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["ticket_type_id"],
            ["ticket_type.id"],
            name=op.f("hold_line_ticket_type_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("hold_line_pkey")),
    )
    op.create_index("hold_line_hold_id_key", "hold_line", ["hold_id", "position"], unique=True)
    op.create_index("hold_line_seat_id_idx", "hold_line", ["seat_id"], unique=False)
    op.create_index(
        "hold_line_seat_key",
        "hold_line",
        ["hold_id", "seat_id"],
        unique=True,
        postgresql_where=sa.text("seat_id IS NOT NULL"),
    )
    op.create_index(
        op.f("hold_line_ticket_type_id_idx"), "hold_line", ["ticket_type_id"], unique=False
    )


def _create_tickets() -> None:
    op.create_table(
        "ticket",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("event_date_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_type_id", sa.Uuid(), nullable=False),
        sa.Column("tier_id", sa.Uuid(), nullable=True),
        sa.Column("seat_id", sa.Uuid(), nullable=True),
        sa.Column("hold_id", sa.Uuid(), nullable=True),
        sa.Column("order_line_id", sa.Uuid(), nullable=True),
        sa.Column(
            "source", one_of("ORDER", "DESK", "COMPLIMENTARY", name="ticketsource"), nullable=False
        ),
        sa.Column("buyer_id", sa.Uuid(), nullable=True),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("attendee", sa.LargeBinary(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(11), nullable=False),
        sa.Column("state", one_of("VALID", "CANCELLED", name="ticketstate"), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("quota_ids", IDS, server_default="{}", nullable=False),
        sa.Column(
            "transfer", one_of("FREE", "UNTIL", "NONE", name="transferpolicy"), nullable=False
        ),
        sa.Column("transfer_until", TIME, nullable=True),
        sa.Column("refund_until", TIME, nullable=True),
        sa.Column("refund_bps", sa.Integer(), nullable=False),
        sa.Column("cancelled_at", TIME, nullable=True),
        sa.Column("cancel_reason", sa.String(200), nullable=True),
        sa.CheckConstraint(
            "(source = 'ORDER') = (order_line_id IS NOT NULL)",
            name=op.f("ticket_order_line_id_check"),
        ),
        sa.CheckConstraint(
            "(state = 'CANCELLED') = (cancelled_at IS NOT NULL)",
            name=op.f("ticket_cancelled_at_check"),
        ),
        sa.CheckConstraint(line("cancel_reason"), name=op.f("ticket_cancel_reason_line_check")),
        sa.CheckConstraint(
            "cancel_reason IS NULL OR state = 'CANCELLED' AND char_length(cancel_reason) <= 200",
            name=op.f("ticket_cancel_reason_check"),
        ),
        sa.CheckConstraint("cardinality(quota_ids) <= 20", name=op.f("ticket_quota_ids_check")),
        sa.CheckConstraint("char_length(code) = 11", name=op.f("ticket_code_check")),
        sa.CheckConstraint("generation BETWEEN 1 AND 10000", name=op.f("ticket_generation_check")),
        sa.CheckConstraint("price BETWEEN 0 AND 1000000000000", name=op.f("ticket_price_check")),
        sa.CheckConstraint("refund_bps BETWEEN 0 AND 10000", name=op.f("ticket_refund_bps_check")),
        sa.ForeignKeyConstraint(
            ["buyer_id"], ["user.id"], name=op.f("ticket_buyer_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["event_date_id", "vendor_id"],
            ["event_date.id", "event_date.vendor_id"],
            name=op.f("ticket_event_date_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["ticket_hold.id"], name=op.f("ticket_hold_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["user.id"], name=op.f("ticket_holder_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_line.id"], name=op.f("ticket_order_line_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["seat_id"], ["seat.id"], name=op.f("ticket_seat_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["ticket_type_id"],
            ["ticket_type.id"],
            name=op.f("ticket_ticket_type_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("ticket_pkey")),
        sa.UniqueConstraint("code", name=op.f("ticket_code_key")),
    )
    op.create_index("ticket_buyer_id_idx", "ticket", ["buyer_id", "event_date_id"], unique=False)
    op.create_index(
        "ticket_event_date_id_idx", "ticket", ["event_date_id", "created_at", "id"], unique=False
    )
    op.create_index("ticket_hold_id_idx", "ticket", ["hold_id"], unique=False)
    op.create_index(
        "ticket_holder_id_idx", "ticket", ["holder_id", "created_at", "id"], unique=False
    )
    op.create_index(op.f("ticket_order_line_id_idx"), "ticket", ["order_line_id"], unique=False)
    op.create_index("ticket_seat_id_idx", "ticket", ["seat_id"], unique=False)
    op.create_index(
        "ticket_seat_key",
        "ticket",
        ["event_date_id", "seat_id"],
        unique=True,
        postgresql_where=sa.text("state = 'VALID' AND seat_id IS NOT NULL"),
    )
    op.create_index(op.f("ticket_ticket_type_id_idx"), "ticket", ["ticket_type_id"], unique=False)
    op.create_table(
        "attendee_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("place BETWEEN 0 AND 99", name=op.f("attendee_answer_place_check")),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["ticket_hold.id"], name=op.f("attendee_answer_hold_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["event_question.id"],
            name=op.f("attendee_answer_question_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("attendee_answer_ticket_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("attendee_answer_user_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("attendee_answer_pkey")),
    )
    op.create_index(
        "attendee_answer_hold_key",
        "attendee_answer",
        ["hold_id", "question_id", "place"],
        unique=True,
    )
    op.create_index(
        op.f("attendee_answer_question_id_idx"), "attendee_answer", ["question_id"], unique=False
    )
    op.create_index(
        op.f("attendee_answer_ticket_id_idx"), "attendee_answer", ["ticket_id"], unique=False
    )
    op.create_index(
        "attendee_answer_ticket_key",
        "attendee_answer",
        ["question_id", "ticket_id"],
        unique=True,
        postgresql_where=sa.text("ticket_id IS NOT NULL"),
    )
    op.create_index(
        op.f("attendee_answer_user_id_idx"), "attendee_answer", ["user_id"], unique=False
    )
    op.create_table(
        "resale_listing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("event_date_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column(
            "state", one_of("LISTED", "SOLD", "WITHDRAWN", name="resalestate"), nullable=False
        ),
        sa.Column("hold_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint(
            "(state = 'LISTED') = (ended_at IS NULL)", name=op.f("resale_listing_ended_at_check")
        ),
        sa.CheckConstraint(
            "state <> 'SOLD' OR hold_id IS NOT NULL", name=op.f("resale_listing_hold_id_check")
        ),
        sa.CheckConstraint(
            "price BETWEEN 0 AND 1000000000000", name=op.f("resale_listing_price_check")
        ),
        sa.ForeignKeyConstraint(
            ["event_date_id"],
            ["event_date.id"],
            name=op.f("resale_listing_event_date_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["ticket_hold.id"], name=op.f("resale_listing_hold_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("resale_listing_ticket_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("resale_listing_user_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("resale_listing_pkey")),
    )
    op.create_index(
        "resale_listing_event_date_id_idx",
        "resale_listing",
        ["event_date_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("resale_listing_hold_id_idx"), "resale_listing", ["hold_id"], unique=False)
    op.create_index(
        "resale_listing_listed_key",
        "resale_listing",
        ["ticket_id"],
        unique=True,
        postgresql_where=sa.text("state = 'LISTED'"),
    )
    op.create_index("resale_listing_ticket_id_idx", "resale_listing", ["ticket_id"], unique=False)
    op.create_index(op.f("resale_listing_user_id_idx"), "resale_listing", ["user_id"], unique=False)
    op.create_table(
        "ticket_transfer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("from_user_id", sa.Uuid(), nullable=False),
        sa.Column("to_kind", one_of("USER", "EMAIL", "PHONE", name="transferto"), nullable=False),
        sa.Column("to_user_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("address_lookup", sa.LargeBinary(), nullable=True),
        sa.Column("next_address_lookup", sa.LargeBinary(), nullable=True),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            one_of("PENDING", "ACCEPTED", "DECLINED", "WITHDRAWN", "LAPSED", name="transferstate"),
            nullable=False,
        ),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint(
            "(state = 'PENDING') = (ended_at IS NULL)", name=op.f("ticket_transfer_ended_at_check")
        ),
        sa.CheckConstraint(
            "state <> 'ACCEPTED' OR to_user_id IS NOT NULL",
            name=op.f("ticket_transfer_accepted_check"),
        ),
        sa.CheckConstraint(
            "state <> 'PENDING' OR CASE to_kind WHEN 'USER' THEN to_user_id IS NOT NULL"
            " ELSE address IS NOT NULL END",
            name=op.f("ticket_transfer_to_check"),
        ),
        sa.CheckConstraint(
            "address IS NULL OR num_nonnulls(address_lookup, secret_hash) = 2",
            name=op.f("ticket_transfer_address_check"),
        ),
        sa.CheckConstraint(
            "generation BETWEEN 1 AND 10000", name=op.f("ticket_transfer_generation_check")
        ),
        sa.CheckConstraint(
            "octet_length(address_lookup) = 32", name=op.f("ticket_transfer_address_lookup_check")
        ),
        sa.CheckConstraint(
            "octet_length(next_address_lookup) = 36",
            name=op.f("ticket_transfer_next_address_lookup_check"),
        ),
        sa.ForeignKeyConstraint(
            ["from_user_id"],
            ["user.id"],
            name=op.f("ticket_transfer_from_user_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("ticket_transfer_ticket_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["to_user_id"], ["user.id"], name=op.f("ticket_transfer_to_user_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("ticket_transfer_pkey")),
        sa.UniqueConstraint("secret_hash", name=op.f("ticket_transfer_secret_hash_key")),
    )
    op.create_index(
        "ticket_transfer_address_lookup_idx", "ticket_transfer", ["address_lookup"], unique=False
    )
    op.create_index(
        "ticket_transfer_expires_at_idx",
        "ticket_transfer",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("state = 'PENDING'"),
    )
    op.create_index(
        "ticket_transfer_from_user_id_idx",
        "ticket_transfer",
        ["from_user_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ticket_transfer_next_address_lookup_idx",
        "ticket_transfer",
        ["next_address_lookup"],
        unique=False,
    )
    op.create_index(
        "ticket_transfer_pending_key",
        "ticket_transfer",
        ["ticket_id"],
        unique=True,
        postgresql_where=sa.text("state = 'PENDING'"),
    )
    op.create_index(
        "ticket_transfer_ticket_id_idx",
        "ticket_transfer",
        ["ticket_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ticket_transfer_to_user_id_idx",
        "ticket_transfer",
        ["to_user_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "seat_row",
        sa.Column("event_date_id", sa.Uuid(), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("centre", sa.Float(), nullable=False),
        sa.Column("sizes", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("centre BETWEEN 0 AND 61", name=op.f("seat_row_centre_check")),
        sa.CheckConstraint("rank BETWEEN 0 AND 1000000", name=op.f("seat_row_rank_check")),
        sa.CheckConstraint("sizes >= 0 AND sizes & 1 = 0", name=op.f("seat_row_sizes_check")),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["price_category.id"],
            name=op.f("seat_row_category_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["event_date_id"],
            ["event_date.id"],
            name=op.f("seat_row_event_date_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["row_id"], ["chart_row.id"], name=op.f("seat_row_row_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("event_date_id", "row_id", name=op.f("seat_row_pkey")),
        postgresql_with={"fillfactor": 50},
    )
    op.create_index("seat_row_category_id_idx", "seat_row", ["category_id"], unique=False)
    op.create_index(
        "seat_row_rank_idx", "seat_row", ["event_date_id", "rank", "row_id"], unique=False
    )
    op.create_index("seat_row_row_id_idx", "seat_row", ["row_id"], unique=False)
    op.create_table(
        "seat_place",
        sa.Column("event_date_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("pos", sa.Integer(), nullable=False),
        sa.Column("accessible", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            one_of("FREE", "HELD", "SOLD", "BLOCKED", "KILLED", name="placestate"),
            nullable=False,
        ),
        sa.Column("hold_id", sa.Uuid(), nullable=True),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(120), nullable=True),
        sa.Column("expires_at", TIME, nullable=True),
        sa.CheckConstraint(
            "CASE state WHEN 'HELD' THEN hold_id IS NOT NULL AND expires_at IS NOT NULL"
            " AND ticket_id IS NULL WHEN 'SOLD' THEN ticket_id IS NOT NULL"
            " AND num_nonnulls(hold_id, expires_at) = 0 ELSE num_nonnulls(hold_id, ticket_id,"
            " expires_at) = 0 END",
            name=op.f("seat_place_state_check"),
        ),
        sa.CheckConstraint(line("reason"), name=op.f("seat_place_reason_line_check")),
        sa.CheckConstraint(
            "reason IS NULL OR state IN ('BLOCKED', 'KILLED') AND char_length(reason) <= 120",
            name=op.f("seat_place_reason_check"),
        ),
        sa.CheckConstraint("pos BETWEEN 0 AND 61", name=op.f("seat_place_pos_check")),
        sa.ForeignKeyConstraint(
            ["event_date_id"],
            ["event_date.id"],
            name=op.f("seat_place_event_date_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["ticket_hold.id"], name=op.f("seat_place_hold_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["row_id"], ["chart_row.id"], name=op.f("seat_place_row_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["seat_id"], ["seat.id"], name=op.f("seat_place_seat_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("seat_place_ticket_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("event_date_id", "seat_id", name=op.f("seat_place_pkey")),
        postgresql_with={"fillfactor": 70},
    )
    op.create_index(
        "seat_place_hold_id_idx",
        "seat_place",
        ["hold_id"],
        unique=False,
        postgresql_where=sa.text("hold_id IS NOT NULL"),
    )
    op.create_index(
        "seat_place_pos_key", "seat_place", ["event_date_id", "row_id", "pos"], unique=True
    )
    op.create_index("seat_place_row_id_idx", "seat_place", ["row_id"], unique=False)
    op.create_index("seat_place_seat_id_idx", "seat_place", ["seat_id"], unique=False)
    op.create_index("seat_place_ticket_id_idx", "seat_place", ["ticket_id"], unique=False)


def downgrade() -> None:
    op.drop_table("seat_place")
    op.drop_table("seat_row")
    op.drop_table("ticket_transfer")
    op.drop_table("resale_listing")
    op.drop_table("attendee_answer")
    op.drop_table("ticket")
    op.drop_table("hold_line")
    op.drop_table("ticket_hold")
    op.drop_table("waitlist_entry")
    op.drop_table("ticket_buyer")
