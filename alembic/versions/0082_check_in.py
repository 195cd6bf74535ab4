"""Check-in lists with their scans, sale queues, and changes for the pulse."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
IDS = postgresql.ARRAY(sa.Uuid())
DEFERRED: dict[str, Any] = {"initially": "DEFERRED", "deferrable": True}
LINE = (
    "[\\u0001-\\u001f\\u007f-\\u009f\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069"
    "\\ufeff\\u2800\\u3164]"
)


class TransactionId(sa.types.UserDefinedType[str]):
    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


def line(column: str) -> str:
    """Return the condition of one clean line."""
    return f"{column} !~ '{LINE}' AND {column} = btrim({column}) AND {column} <> ''"


def one_of(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    _create_check_in()
    _create_queues()


def _create_check_in() -> None:
    op.create_table(
        "scanner",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("registered_by_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", TIME, nullable=True),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.CheckConstraint(line("name"), name=op.f("scanner_name_line_check")),
        sa.CheckConstraint(
            "abs(clock_offset_ms) <= 604800000", name=op.f("scanner_clock_offset_ms_check")
        ),
        sa.CheckConstraint("octet_length(key_hash) = 32", name=op.f("scanner_key_hash_check")),
        sa.CheckConstraint("octet_length(public_key) = 32", name=op.f("scanner_public_key_check")),
        sa.ForeignKeyConstraint(
            ["registered_by_id"],
            ["user.id"],
            name=op.f("scanner_registered_by_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("scanner_vendor_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("scanner_pkey")),
        sa.UniqueConstraint("key_hash", name=op.f("scanner_key_hash_key")),
    )
    op.create_index(
        op.f("scanner_registered_by_id_idx"), "scanner", ["registered_by_id"], unique=False
    )
    op.create_index(
        "scanner_vendor_id_idx", "scanner", ["vendor_id", "created_at", "id"], unique=False
    )
    op.create_table(
        "check_in_list",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("event_date_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("type_ids", IDS, server_default="{}", nullable=False),
        sa.Column("mode", one_of("ONCE", "REENTRY", "TIMES", name="checkinmode"), nullable=False),
        sa.Column("max_entries", sa.Integer(), nullable=True),
        sa.Column("opens_at", TIME, nullable=True),
        sa.Column("closes_at", TIME, nullable=True),
        sa.Column("reentry_minutes", sa.Integer(), nullable=True),
        sa.Column("archived_at", TIME, nullable=True),
        sa.CheckConstraint(
            "CASE mode WHEN 'TIMES' THEN max_entries BETWEEN 1 AND 100"
            " ELSE max_entries IS NULL END IS TRUE",
            name=op.f("check_in_list_max_entries_check"),
        ),
        sa.CheckConstraint(line("name"), name=op.f("check_in_list_name_line_check")),
        sa.CheckConstraint(
            "reentry_minutes IS NULL OR reentry_minutes BETWEEN 1 AND 1440 AND mode = 'REENTRY'",
            name=op.f("check_in_list_reentry_minutes_check"),
        ),
        sa.CheckConstraint(
            "cardinality(type_ids) <= 50", name=op.f("check_in_list_type_ids_check")
        ),
        sa.CheckConstraint("opens_at < closes_at", name=op.f("check_in_list_window_check")),
        sa.ForeignKeyConstraint(
            ["event_date_id"],
            ["event_date.id"],
            name=op.f("check_in_list_event_date_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("check_in_list_pkey")),
        sa.UniqueConstraint(
            "event_date_id", "name", name=op.f("check_in_list_event_date_id_name_key")
        ),
    )
    op.create_table(
        "check_in_gate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.CheckConstraint(line("name"), name=op.f("check_in_gate_name_line_check")),
        sa.ForeignKeyConstraint(
            ["list_id"], ["check_in_list.id"], name=op.f("check_in_gate_list_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("check_in_gate_pkey")),
        sa.UniqueConstraint("id", "list_id", name=op.f("check_in_gate_id_list_id_key")),
        sa.UniqueConstraint("list_id", "name", name=op.f("check_in_gate_list_id_name_key")),
    )
    op.create_table(
        "scan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("scanner_id", sa.Uuid(), nullable=False),
        sa.Column("scan_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("gate_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=True),
        sa.Column("direction", one_of("ENTRY", "EXIT", name="scandirection"), nullable=False),
        sa.Column("mode", one_of("ONLINE", "OFFLINE", name="scanmode"), nullable=False),
        sa.Column("scanned_at", TIME, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("moment", TIME, nullable=False),
        sa.Column("shown", one_of("GREEN", "RED", name="scanlight"), nullable=False),
        sa.Column(
            "outcome",
            one_of("ADMITTED", "LEFT", "DUPLICATE", "REFUSED", name="scanoutcome"),
            nullable=False,
        ),
        sa.Column(
            "reason",
            one_of(
                "ADMITTED",
                "LEFT",
                "ALREADY_INSIDE",
                "USED_UP",
                "NOT_INSIDE",
                "WRONG_LIST",
                "WRONG_DATE",
                "NOT_YET",
                "TOO_LATE",
                "CANCELLED",
                "OLD_GENERATION",
                "IN_TRANSFER",
                "BAD_SIGNATURE",
                "WRONG_TYPE",
                "UNKNOWN",
                name="scanreason",
            ),
            nullable=False,
        ),
        sa.Column(
            "anomaly",
            one_of("REVOKED", "DUPLICATE", "WRONG_LIST", "CLOCK", name="scananomaly"),
            nullable=True,
        ),
        sa.Column("voided_at", TIME, nullable=True),
        sa.Column("voided_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("generation >= 1", name=op.f("scan_generation_check")),
        sa.CheckConstraint(
            "num_nonnulls(voided_at, voided_by_id) IN (0, 2)", name=op.f("scan_voided_check")
        ),
        sa.CheckConstraint("seq >= 0", name=op.f("scan_seq_check")),
        sa.ForeignKeyConstraint(
            ["gate_id", "list_id"],
            ["check_in_gate.id", "check_in_gate.list_id"],
            name=op.f("scan_gate_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["check_in_list.id"], name=op.f("scan_list_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["user.id"], name=op.f("scan_member_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["scanner_id"], ["scanner.id"], name=op.f("scan_scanner_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("scan_ticket_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["voided_by_id"], ["user.id"], name=op.f("scan_voided_by_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("scan_pkey")),
        sa.UniqueConstraint("scanner_id", "scan_id", name=op.f("scan_scanner_id_scan_id_key")),
    )
    op.create_index(
        "scan_anomaly_idx",
        "scan",
        ["list_id", "received_at", "id"],
        unique=False,
        postgresql_where=sa.text("anomaly IS NOT NULL"),
    )
    op.create_index("scan_gate_id_idx", "scan", ["gate_id", "received_at", "id"], unique=False)
    op.create_index("scan_list_id_idx", "scan", ["list_id", "received_at", "id"], unique=False)
    op.create_index(op.f("scan_member_id_idx"), "scan", ["member_id"], unique=False)
    op.create_index(
        "scan_ticket_id_idx",
        "scan",
        ["ticket_id", "list_id", "moment", "scanner_id", "seq"],
        unique=False,
    )
    op.create_index(op.f("scan_voided_by_id_idx"), "scan", ["voided_by_id"], unique=False)
    op.create_table(
        "ticket_presence",
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("inside", sa.Boolean(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("first_at", TIME, nullable=True),
        sa.Column("last_at", TIME, nullable=True),
        sa.CheckConstraint("entries BETWEEN 0 AND 100", name=op.f("ticket_presence_entries_check")),
        sa.CheckConstraint("first_at <= last_at", name=op.f("ticket_presence_times_check")),
        sa.ForeignKeyConstraint(
            ["list_id"], ["check_in_list.id"], name=op.f("ticket_presence_list_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("ticket_presence_ticket_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("list_id", "ticket_id", name=op.f("ticket_presence_pkey")),
    )
    op.create_index(
        "ticket_presence_inside_idx",
        "ticket_presence",
        ["list_id"],
        unique=False,
        postgresql_where=sa.text("inside"),
    )
    op.create_index("ticket_presence_ticket_id_idx", "ticket_presence", ["ticket_id"], unique=False)


def _create_queues() -> None:
    op.create_table(
        "sale_queue",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            one_of("OFF", "PREQUEUE", "OPEN", "ENDED", name="salequeuestate"),
            nullable=False,
        ),
        sa.Column("prequeue_at", TIME, nullable=False),
        sa.Column("opens_at", TIME, nullable=False),
        sa.Column("seed", sa.LargeBinary(), nullable=False),
        sa.Column("seed_hash", sa.LargeBinary(), nullable=False),
        sa.Column("serving", sa.BigInteger(), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("most_active", sa.Integer(), nullable=False),
        sa.Column("admission_minutes", sa.Integer(), nullable=False),
        sa.Column("drawn_at", TIME, nullable=True),
        sa.Column("served_at", TIME, nullable=True),
        sa.CheckConstraint(
            "(drawn_at IS NOT NULL) = (state IN ('OPEN', 'ENDED'))",
            name=op.f("sale_queue_drawn_at_check"),
        ),
        sa.CheckConstraint(
            "0 <= serving AND 0 <= last_number", name=op.f("sale_queue_serving_check")
        ),
        sa.CheckConstraint(
            "admission_minutes BETWEEN 1 AND 60", name=op.f("sale_queue_admission_minutes_check")
        ),
        sa.CheckConstraint(
            "most_active BETWEEN 1 AND 100000", name=op.f("sale_queue_most_active_check")
        ),
        sa.CheckConstraint("octet_length(seed) = 32", name=op.f("sale_queue_seed_check")),
        sa.CheckConstraint("octet_length(seed_hash) = 32", name=op.f("sale_queue_seed_hash_check")),
        sa.CheckConstraint(
            "per_minute BETWEEN 1 AND 100000", name=op.f("sale_queue_per_minute_check")
        ),
        sa.CheckConstraint("prequeue_at <= opens_at", name=op.f("sale_queue_times_check")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("sale_queue_event_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("sale_queue_pkey")),
    )
    op.create_index(
        "sale_queue_due_idx",
        "sale_queue",
        ["opens_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('OFF', 'PREQUEUE', 'OPEN')"),
    )
    op.create_index("sale_queue_event_id_key", "sale_queue", ["event_id"], unique=True)
    op.create_table(
        "sale_queue_entry",
        sa.Column("queue_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column(
            "state",
            one_of("WAITING", "ADMITTED", "DONE", "LAPSED", name="queueentrystate"),
            nullable=False,
        ),
        sa.Column("joined_at", TIME, nullable=False),
        sa.Column("admitted_at", TIME, nullable=True),
        sa.Column("seen_at", TIME, nullable=True),
        sa.CheckConstraint(
            "(state = 'WAITING') = (admitted_at IS NULL)",
            name=op.f("sale_queue_entry_admitted_at_check"),
        ),
        sa.CheckConstraint(
            "state = 'WAITING' OR number IS NOT NULL", name=op.f("sale_queue_entry_admitted_check")
        ),
        sa.CheckConstraint("number >= 1", name=op.f("sale_queue_entry_number_check")),
        sa.ForeignKeyConstraint(
            ["queue_id"], ["sale_queue.id"], name=op.f("sale_queue_entry_queue_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("sale_queue_entry_user_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("queue_id", "user_id", name=op.f("sale_queue_entry_pkey")),
    )
    op.create_index(
        "sale_queue_entry_active_idx",
        "sale_queue_entry",
        ["queue_id", "seen_at"],
        unique=False,
        postgresql_where=sa.text("state = 'ADMITTED'"),
    )
    op.create_index(
        "sale_queue_entry_number_key",
        "sale_queue_entry",
        ["queue_id", "number"],
        unique=True,
        postgresql_where=sa.text("number IS NOT NULL"),
    )
    op.create_index(
        "sale_queue_entry_unnumbered_idx",
        "sale_queue_entry",
        ["queue_id", "joined_at", "user_id"],
        unique=False,
        postgresql_where=sa.text("number IS NULL"),
    )
    op.create_index("sale_queue_entry_user_id_idx", "sale_queue_entry", ["user_id"], unique=False)
    op.create_table(
        "event_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("event_date_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            one_of(
                "QUOTAS", "SEATS", "SOLD", "CANCELLED", "SCANS", "WAITLIST", name="eventchangekind"
            ),
            nullable=False,
        ),
        sa.Column("ids", IDS, server_default="{}", nullable=False),
        sa.Column(
            "xid", TransactionId(), server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint("cardinality(ids) <= 100", name=op.f("event_change_ids_check")),
        sa.ForeignKeyConstraint(
            ["event_date_id"],
            ["event_date.id"],
            name=op.f("event_change_event_date_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("event_change_pkey")),
    )
    op.create_index("event_change_xid_idx", "event_change", ["event_date_id", "xid"], unique=False)


def downgrade() -> None:
    op.drop_table("event_change")
    op.drop_table("sale_queue_entry")
    op.drop_table("sale_queue")
    op.drop_table("ticket_presence")
    op.drop_table("scan")
    op.drop_table("check_in_gate")
    op.drop_table("check_in_list")
    op.drop_table("scanner")
