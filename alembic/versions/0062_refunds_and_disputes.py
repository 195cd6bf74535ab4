"""Refunds that providers send, amounts without units, and disputes."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

TIME, BIG = sa.DateTime(timezone=True), sa.BigInteger()
DEFERRED: dict[str, Any] = {"initially": "DEFERRED", "deferrable": True}
LINE = (
    "[\\u0001-\\u001f\\u007f-\\u009f\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069"
    "\\ufeff\\u2800\\u3164]"
)
STATES = "state IN ('GRANTED', 'SETTLING', 'STUCK', 'SETTLED')"
# Each with its table, and what it was before and is now.
CHECKS = (
    (
        "payment",
        "payment_captured_check",
        "captured BETWEEN 0 AND amount AND refunded BETWEEN 0 AND captured",
        (
            "captured BETWEEN 0 AND amount AND least(refunded, disputed) >= 0"
            " AND refunded + disputed <= captured"
        ),
    ),
    (
        "payment_split",
        "payment_split_captured_check",
        "captured >= 0 AND refunded BETWEEN 0 AND captured",
        "least(captured, refunded, disputed) >= 0 AND refunded + disputed <= captured",
    ),
    (
        "refund_line",
        "refund_line_amount_check",
        "amount >= 0 AND tax >= 0",
        "least(amount, tax, withheld) >= 0",
    ),
    ("refund", "refund_refundstate_check", "state IN ('GRANTED', 'SETTLED')", STATES),
)
PART_CHECKS = {
    "settled_at": "(settled_at IS NOT NULL) = (part_state = 'SETTLED')",
    "failed_at": "(failed_at IS NOT NULL) = (part_state = 'FAILED')",
}


def upgrade() -> None:
    op.create_table(
        "dispute",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column(
            "dispute_state",
            sa.Enum(
                "WARNING",
                "NEEDS_RESPONSE",
                "UNDER_REVIEW",
                "WON",
                "LOST",
                name="disputestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(60), nullable=False),
        sa.Column("amount", BIG, nullable=False),
        sa.Column("held", BIG, nullable=False),
        sa.Column("fee", BIG, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("refundable", sa.Boolean(), nullable=False),
        sa.Column("due_at", TIME, nullable=True),
        sa.Column("taken_at", TIME, nullable=True),
        sa.Column("sending_at", TIME, nullable=True),
        sa.Column("answered_at", TIME, nullable=True),
        sa.Column("reminded_at", TIME, nullable=True),
        sa.Column("escalated_at", TIME, nullable=True),
        sa.Column("checked_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NOT NULL) = (dispute_state IN ('WON', 'LOST'))",
            name=op.f("dispute_ended_at_check"),
        ),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("dispute_currency_check")),
        sa.CheckConstraint(_is_line("reason"), name=op.f("dispute_reason_line_check")),
        sa.CheckConstraint(_is_line("reference"), name=op.f("dispute_reference_line_check")),
        sa.CheckConstraint(
            "amount > 0 AND fee >= 0 AND held BETWEEN 0 AND amount",
            name=op.f("dispute_amount_check"),
        ),
        sa.CheckConstraint(
            "char_length(reference) <= 100", name=op.f("dispute_reference_length_check")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("dispute_payment_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("dispute_pkey")),
        sa.UniqueConstraint("provider", "reference", name=op.f("dispute_provider_reference_key")),
    )
    op.create_index("dispute_created_at_idx", "dispute", ["created_at", "id"])
    op.create_index(
        "dispute_open_idx",
        "dispute",
        ["checked_at"],
        postgresql_where=sa.text("dispute_state NOT IN ('WON', 'LOST')"),
    )
    op.create_index("dispute_payment_id_idx", "dispute", ["payment_id"])
    op.create_index("dispute_state_idx", "dispute", ["dispute_state", "created_at", "id"])
    op.create_table(
        "refund_amount",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.Column("suborder_id", sa.Uuid(), nullable=False),
        sa.Column(
            "share",
            sa.Enum(
                "DELIVERY",
                "GOODWILL",
                name="refundshare",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "borne_by",
            sa.Enum(
                "VENDOR",
                "PLATFORM",
                name="borneby",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount", BIG, nullable=False),
        sa.Column("tax", BIG, nullable=False),
        sa.CheckConstraint(
            "share = 'GOODWILL' OR borne_by = 'VENDOR'", name=op.f("refund_amount_borne_by_check")
        ),
        sa.CheckConstraint(
            "amount > 0 AND tax BETWEEN 0 AND amount", name=op.f("refund_amount_amount_check")
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refund.id"], name=op.f("refund_amount_refund_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["suborder_id"],
            ["suborder.id"],
            name=op.f("refund_amount_suborder_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("refund_amount_pkey")),
    )
    op.create_index(
        "refund_amount_delivery_key",
        "refund_amount",
        ["suborder_id"],
        unique=True,
        postgresql_where=sa.text("share = 'DELIVERY'"),
    )
    op.create_index("refund_amount_refund_id_idx", "refund_amount", ["refund_id"])
    op.create_index(
        "refund_amount_suborder_id_idx", "refund_amount", ["suborder_id", "created_at", "id"]
    )
    op.create_table(
        "dispute_evidence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("explanation", sa.String(5000), nullable=False),
        sa.Column("carrier", sa.String(200), nullable=True),
        sa.Column("tracking_number", sa.String(200), nullable=True),
        sa.CheckConstraint(_is_line("carrier"), name=op.f("dispute_evidence_carrier_line_check")),
        sa.CheckConstraint(
            _is_line("tracking_number"), name=op.f("dispute_evidence_tracking_number_line_check")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user.id"], name=op.f("dispute_evidence_author_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["dispute_id"],
            ["dispute.id"],
            name=op.f("dispute_evidence_dispute_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("dispute_evidence_vendor_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("dispute_evidence_pkey")),
    )
    op.create_index(op.f("dispute_evidence_author_id_idx"), "dispute_evidence", ["author_id"])
    op.create_index(
        "dispute_evidence_dispute_id_idx", "dispute_evidence", ["dispute_id", "created_at", "id"]
    )
    op.create_table(
        "dispute_share",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("suborder_id", sa.Uuid(), nullable=False),
        sa.Column("amount", BIG, nullable=False),
        sa.Column("promotion", BIG, nullable=False),
        sa.Column("commission", BIG, nullable=False),
        sa.Column("commission_tax", BIG, nullable=False),
        sa.Column("tcs", BIG, nullable=False),
        sa.Column("tds", BIG, nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("dispute_share_amount_check")),
        sa.CheckConstraint(
            "least(promotion, commission, commission_tax, tcs, tds) >= 0",
            name=op.f("dispute_share_deductions_check"),
        ),
        sa.ForeignKeyConstraint(
            ["dispute_id"], ["dispute.id"], name=op.f("dispute_share_dispute_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["suborder_id"],
            ["suborder.id"],
            name=op.f("dispute_share_suborder_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("dispute_share_pkey")),
        sa.UniqueConstraint(
            "dispute_id", "suborder_id", name=op.f("dispute_share_dispute_id_suborder_id_key")
        ),
    )
    op.create_index("dispute_share_suborder_id_idx", "dispute_share", ["suborder_id"])
    op.create_table(
        "dispute_file",
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("position BETWEEN 0 AND 4", name=op.f("dispute_file_position_check")),
        sa.ForeignKeyConstraint(
            ["evidence_id"],
            ["dispute_evidence.id"],
            name=op.f("dispute_file_evidence_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["upload.id"], name=op.f("dispute_file_upload_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("evidence_id", "position", name=op.f("dispute_file_pkey")),
    )
    op.create_index("dispute_file_upload_id_idx", "dispute_file", ["upload_id"])
    op.create_index(
        "refund_stuck_idx",
        "refund",
        ["created_at", "id"],
        postgresql_where=sa.text("state = 'STUCK'"),
    )
    op.add_column("payment", sa.Column("disputed", BIG, nullable=False, server_default="0"))
    op.add_column("payment_split", sa.Column("disputed", BIG, nullable=False, server_default="0"))
    op.add_column("refund_line", sa.Column("withheld", BIG, nullable=False, server_default="0"))
    op.add_column("refund_part", sa.Column("replaces_id", sa.Uuid(), nullable=True))
    op.add_column(
        "refund_part",
        sa.Column(
            "part_state",
            sa.Enum(
                "PLANNED",
                "SENT",
                "PENDING",
                "SETTLED",
                "FAILED",
                name="refundpartstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
            server_default="PLANNED",
        ),
    )
    op.add_column("refund_part", sa.Column("error", sa.String(100), nullable=True))
    op.add_column("refund_part", sa.Column("wallet_accepted_at", TIME, nullable=True))
    op.add_column(
        "refund_part",
        sa.Column("checked_at", TIME, nullable=False, server_default=sa.text("now()")),
    )
    op.add_column("refund_part", sa.Column("failed_at", TIME, nullable=True))
    op.drop_constraint(op.f("refund_part_refund_id_payment_id_key"), "refund_part", type_="unique")
    op.create_index(
        "refund_part_open_idx",
        "refund_part",
        ["checked_at"],
        postgresql_where=sa.text("part_state IN ('PLANNED', 'SENT', 'PENDING')"),
    )
    op.create_index("refund_part_refund_id_idx", "refund_part", ["refund_id"])
    op.create_unique_constraint(op.f("refund_part_replaces_id_key"), "refund_part", ["replaces_id"])
    op.create_index(
        "refund_part_way_key",
        "refund_part",
        ["refund_id", "payment_id"],
        unique=True,
        postgresql_where=sa.text("replaces_id IS NULL"),
    )
    op.create_foreign_key(
        op.f("refund_part_replaces_id_fkey"),
        "refund_part",
        "refund_part",
        ["replaces_id"],
        ["id"],
        **DEFERRED,
    )
    op.execute("UPDATE refund_part SET part_state = 'SETTLED' WHERE settled_at IS NOT NULL")
    for table, name, _, check in CHECKS:
        op.drop_constraint(op.f(name), table)
        op.create_check_constraint(op.f(name), table, check)
    for name, check in PART_CHECKS.items():
        op.create_check_constraint(op.f(f"refund_part_{name}_check"), "refund_part", check)
    op.create_check_constraint(
        op.f("refund_part_error_line_check"), "refund_part", _is_line("error")
    )
    op.execute(
        "CREATE TRIGGER refund_amount_append_only BEFORE UPDATE OR DELETE ON refund_amount"
        " FOR EACH ROW EXECUTE FUNCTION refuse_truncate()"
    )
    op.execute(
        "CREATE TRIGGER refund_amount_refuse_truncate BEFORE TRUNCATE ON refund_amount"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
    )


def downgrade() -> None:
    op.execute("DELETE FROM refund_part WHERE replaces_id IS NOT NULL")
    op.execute("UPDATE refund SET state = 'GRANTED' WHERE state IN ('SETTLING', 'STUCK')")
    op.drop_constraint(op.f("refund_part_error_line_check"), "refund_part")
    for name in PART_CHECKS:
        op.drop_constraint(op.f(f"refund_part_{name}_check"), "refund_part")
    for table, name, check, _ in CHECKS:
        op.drop_constraint(op.f(name), table)
        op.create_check_constraint(op.f(name), table, check)
    op.drop_constraint(op.f("refund_part_replaces_id_fkey"), "refund_part", type_="foreignkey")
    op.drop_index(
        "refund_part_way_key",
        table_name="refund_part",
        postgresql_where=sa.text("replaces_id IS NULL"),
    )
    op.drop_constraint(op.f("refund_part_replaces_id_key"), "refund_part", type_="unique")
    op.drop_index("refund_part_refund_id_idx", table_name="refund_part")
    op.drop_index(
        "refund_part_open_idx",
        table_name="refund_part",
        postgresql_where=sa.text("part_state IN ('PLANNED', 'SENT', 'PENDING')"),
    )
    op.create_unique_constraint(
        op.f("refund_part_refund_id_payment_id_key"), "refund_part", ["refund_id", "payment_id"]
    )
    op.drop_column("refund_part", "failed_at")
    op.drop_column("refund_part", "checked_at")
    op.drop_column("refund_part", "wallet_accepted_at")
    op.drop_column("refund_part", "error")
    op.drop_column("refund_part", "part_state")
    op.drop_column("refund_part", "replaces_id")
    op.drop_column("refund_line", "withheld")
    op.drop_column("payment_split", "disputed")
    op.drop_column("payment", "disputed")
    op.drop_index(
        "refund_stuck_idx", table_name="refund", postgresql_where=sa.text("state = 'STUCK'")
    )
    op.drop_table("dispute_file")
    op.drop_index("dispute_share_suborder_id_idx", table_name="dispute_share")
    op.drop_table("dispute_share")
    op.drop_index("dispute_evidence_dispute_id_idx", table_name="dispute_evidence")
    op.drop_index(op.f("dispute_evidence_author_id_idx"), table_name="dispute_evidence")
    op.drop_table("dispute_evidence")
    op.drop_index("refund_amount_suborder_id_idx", table_name="refund_amount")
    op.drop_index("refund_amount_refund_id_idx", table_name="refund_amount")
    op.drop_index(
        "refund_amount_delivery_key",
        table_name="refund_amount",
        postgresql_where=sa.text("share = 'DELIVERY'"),
    )
    op.drop_table("refund_amount")
    op.drop_index("dispute_state_idx", table_name="dispute")
    op.drop_index("dispute_payment_id_idx", table_name="dispute")
    op.drop_index(
        "dispute_open_idx",
        table_name="dispute",
        postgresql_where=sa.text("dispute_state NOT IN ('WON', 'LOST')"),
    )
    op.drop_index("dispute_created_at_idx", table_name="dispute")
    op.drop_table("dispute")


def _is_line(column: str) -> str:
    return f"{column} !~ '{LINE}' AND {column} = btrim({column}) AND {column} <> ''"
