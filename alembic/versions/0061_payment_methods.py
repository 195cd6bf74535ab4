"""Saved methods of payment, and what payments and calls know of their providers."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

WATCHED = (
    "status IN ('OPEN', 'ACTION', 'PROCESSING', 'CANCELLING')"
    " AND provider NOT IN ('MANUAL', 'WALLET')"
)


def upgrade() -> None:
    op.create_table(
        "payment_customer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("reference", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("payment_customer_user_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("payment_customer_pkey")),
        sa.UniqueConstraint(
            "provider", "reference", name=op.f("payment_customer_provider_reference_key")
        ),
        sa.UniqueConstraint(
            "user_id", "provider", name=op.f("payment_customer_user_id_provider_key")
        ),
    )
    op.create_table(
        "payment_method",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("reference", sa.String(100), nullable=False),
        sa.Column("customer", sa.String(100), nullable=False),
        sa.Column("brand", sa.String(30), nullable=False),
        sa.Column("last4", sa.String(4), nullable=False),
        sa.Column("expires_month", sa.Integer(), nullable=True),
        sa.Column("expires_year", sa.Integer(), nullable=True),
        sa.CheckConstraint("last4 ~ '^[0-9]{4}$'", name=op.f("payment_method_last4_check")),
        sa.CheckConstraint(
            "expires_month BETWEEN 1 AND 12", name=op.f("payment_method_expires_month_check")
        ),
        sa.CheckConstraint(
            "expires_year BETWEEN 2000 AND 2100", name=op.f("payment_method_expires_year_check")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("payment_method_user_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("payment_method_pkey")),
        sa.UniqueConstraint(
            "provider", "reference", name=op.f("payment_method_provider_reference_key")
        ),
    )
    op.create_index(
        "payment_method_user_id_idx",
        "payment_method",
        ["user_id", "created_at", "id"],
        unique=False,
    )
    op.add_column("payment", sa.Column("client_secret", sa.String(300), nullable=True))
    op.add_column("payment", sa.Column("redirect_url", sa.String(2000), nullable=True))
    op.add_column("payment", sa.Column("return_url", sa.String(2000), nullable=True))
    op.add_column("payment", sa.Column("decline_code", sa.String(100), nullable=True))
    op.add_column("payment", sa.Column("method_id", sa.Uuid(), nullable=True))
    op.add_column(
        "payment", sa.Column("off_session", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(
        "payment",
        sa.Column("saves_method", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("payment", sa.Column("cancel_reason", sa.String(40), nullable=True))
    op.add_column("payment", sa.Column("cancelling_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "webhook_event",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
    )
    op.alter_column("webhook_event", "id", server_default=None)
    op.drop_constraint(op.f("webhook_event_pkey"), "webhook_event")
    op.create_primary_key(op.f("webhook_event_pkey"), "webhook_event", ["id"])
    op.create_unique_constraint(
        op.f("webhook_event_provider_event_id_key"), "webhook_event", ["provider", "event_id"]
    )
    op.drop_index("webhook_event_received_at_idx", table_name="webhook_event")
    op.alter_column("webhook_event", "received_at", new_column_name="created_at")
    op.execute(
        "ALTER TABLE webhook_event RENAME CONSTRAINT webhook_event_received_at_not_null"
        " TO webhook_event_created_at_not_null"
    )
    op.create_index("webhook_event_created_at_idx", "webhook_event", ["created_at", "id"])
    op.create_index(
        "payment_watched_idx",
        "payment",
        ["id"],
        postgresql_where=sa.text(WATCHED),
    )
    op.add_column(
        "provider_call",
        sa.Column("is_doubtful", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    op.drop_index("payment_watched_idx", table_name="payment", postgresql_where=sa.text(WATCHED))
    op.drop_column("provider_call", "is_doubtful")
    op.drop_index("webhook_event_created_at_idx", table_name="webhook_event")
    op.alter_column("webhook_event", "created_at", new_column_name="received_at")
    op.execute(
        "ALTER TABLE webhook_event RENAME CONSTRAINT webhook_event_created_at_not_null"
        " TO webhook_event_received_at_not_null"
    )
    op.create_index("webhook_event_received_at_idx", "webhook_event", ["received_at"])
    op.drop_constraint(op.f("webhook_event_provider_event_id_key"), "webhook_event")
    op.drop_constraint(op.f("webhook_event_pkey"), "webhook_event")
    op.create_primary_key(op.f("webhook_event_pkey"), "webhook_event", ["provider", "event_id"])
    op.drop_column("webhook_event", "id")
    op.drop_column("payment", "cancelling_at")
    op.drop_column("payment", "cancel_reason")
    op.drop_column("payment", "saves_method")
    op.drop_column("payment", "off_session")
    op.drop_column("payment", "method_id")
    op.drop_column("payment", "decline_code")
    op.drop_column("payment", "return_url")
    op.drop_column("payment", "redirect_url")
    op.drop_column("payment", "client_secret")
    op.drop_index("payment_method_user_id_idx", table_name="payment_method")
    op.drop_table("payment_method")
    op.drop_table("payment_customer")
