"""Purchases from the platform, calls to payment providers, and webhook events."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

ONE_LINE = (
    "{0} !~ '[\\u0001-\\u001f\\u007f-\\u009f\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069"
    "\\ufeff\\u2800\\u3164]' AND {0} = btrim({0}) AND {0} <> ''"
)
LIVE = (
    "status IN ('PLANNED', 'OPEN', 'ACTION', 'PROCESSING', 'CANCELLING') AND provider <> 'WALLET'"
)
SUBJECT = "num_nonnulls(order_id, purchase_id) = 1"


def upgrade() -> None:
    op.create_table(
        "provider_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "PLANNED",
                "SENT",
                "DONE",
                "REFUSED",
                "UNKNOWN",
                name="callstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("error", sa.String(300), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(ONE_LINE.format("error"), name=op.f("provider_call_error_line_check")),
        sa.CheckConstraint("attempt >= 1", name=op.f("provider_call_attempt_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("provider_call_pkey")),
        sa.UniqueConstraint("key", name=op.f("provider_call_key_key")),
        sa.UniqueConstraint(
            "subject_id",
            "purpose",
            "attempt",
            name=op.f("provider_call_subject_id_purpose_attempt_key"),
        ),
    )
    op.create_index(
        "provider_call_open_idx",
        "provider_call",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('PLANNED', 'SENT', 'UNKNOWN')"),
    )
    op.create_table(
        "webhook_event",
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("event_id", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("about", sa.String(20), nullable=False),
        sa.Column("object_reference", sa.String(100), nullable=False),
        sa.Column("account", sa.String(100), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "RECEIVED",
                "APPLIED",
                "IGNORED",
                "UNMATCHED",
                name="webhookstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("provider", "event_id", name=op.f("webhook_event_pkey")),
    )
    op.create_index(
        "webhook_event_open_idx",
        "webhook_event",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('RECEIVED', 'UNMATCHED')"),
    )
    op.create_index("webhook_event_received_at_idx", "webhook_event", ["received_at"], unique=False)
    op.create_table(
        "purchase",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("ref_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "PENDING",
                "PAID",
                "EXPIRED",
                "CANCELLED",
                "REFUNDED",
                name="purchasestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("hold_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'PACK') = (ref_id IS NOT NULL)", name=op.f("purchase_ref_id_check")
        ),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("purchase_currency_check")),
        sa.CheckConstraint(
            "total = net + tax AND net > 0 AND tax >= 0 AND total <= 1000000000000000",
            name=op.f("purchase_total_check"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("purchase_user_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("purchase_pkey")),
    )
    op.create_index(
        "purchase_hold_until_idx",
        "purchase",
        ["hold_until"],
        unique=False,
        postgresql_where=sa.text("state = 'PENDING'"),
    )
    op.create_index(
        "purchase_owner_id_idx", "purchase", ["owner_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "purchase_user_id_idx", "purchase", ["user_id", "created_at", "id"], unique=False
    )
    op.add_column("payment", sa.Column("purchase_id", sa.Uuid(), nullable=True))
    op.alter_column("payment", "order_id", existing_type=sa.UUID(), nullable=True)
    op.create_index(
        "payment_live_purchase_key",
        "payment",
        ["purchase_id"],
        unique=True,
        postgresql_where=sa.text(LIVE),
    )
    op.create_unique_constraint(
        op.f("payment_purchase_id_provider_attempt_key"),
        "payment",
        ["purchase_id", "provider", "attempt"],
    )
    op.create_foreign_key(
        op.f("payment_purchase_id_fkey"),
        "payment",
        "purchase",
        ["purchase_id"],
        ["id"],
        initially="DEFERRED",
        deferrable=True,
    )
    op.create_check_constraint(op.f("payment_subject_check"), "payment", SUBJECT)
    op.add_column("refund", sa.Column("purchase_id", sa.Uuid(), nullable=True))
    op.alter_column("refund", "order_id", existing_type=sa.UUID(), nullable=True)
    op.create_index("refund_purchase_id_idx", "refund", ["purchase_id"], unique=False)
    op.create_foreign_key(
        op.f("refund_purchase_id_fkey"),
        "refund",
        "purchase",
        ["purchase_id"],
        ["id"],
        initially="DEFERRED",
        deferrable=True,
    )
    op.create_check_constraint(op.f("refund_subject_check"), "refund", SUBJECT)


def downgrade() -> None:
    op.execute("DELETE FROM refund WHERE order_id IS NULL")
    op.execute("DELETE FROM payment WHERE order_id IS NULL")
    op.drop_constraint(op.f("refund_subject_check"), "refund")
    op.drop_constraint(op.f("payment_subject_check"), "payment")
    op.drop_constraint(op.f("refund_purchase_id_fkey"), "refund", type_="foreignkey")
    op.drop_index("refund_purchase_id_idx", table_name="refund")
    op.alter_column("refund", "order_id", existing_type=sa.UUID(), nullable=False)
    op.drop_column("refund", "purchase_id")
    op.drop_constraint(op.f("payment_purchase_id_fkey"), "payment", type_="foreignkey")
    op.drop_constraint(op.f("payment_purchase_id_provider_attempt_key"), "payment", type_="unique")
    op.drop_index("payment_live_purchase_key", table_name="payment", postgresql_where=sa.text(LIVE))
    op.alter_column("payment", "order_id", existing_type=sa.UUID(), nullable=False)
    op.drop_column("payment", "purchase_id")
    op.drop_index("purchase_user_id_idx", table_name="purchase")
    op.drop_index("purchase_owner_id_idx", table_name="purchase")
    op.drop_index(
        "purchase_hold_until_idx",
        table_name="purchase",
        postgresql_where=sa.text("state = 'PENDING'"),
    )
    op.drop_table("purchase")
    op.drop_index("webhook_event_received_at_idx", table_name="webhook_event")
    op.drop_index(
        "webhook_event_open_idx",
        table_name="webhook_event",
        postgresql_where=sa.text("state IN ('RECEIVED', 'UNMATCHED')"),
    )
    op.drop_table("webhook_event")
    op.drop_index(
        "provider_call_open_idx",
        table_name="provider_call",
        postgresql_where=sa.text("state IN ('PLANNED', 'SENT', 'UNKNOWN')"),
    )
    op.drop_table("provider_call")
