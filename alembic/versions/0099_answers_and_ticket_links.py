"""The deadline of answers to questions, and links to tickets by text message."""

import sqlalchemy as sa
from alembic import op

revision = "0099"
down_revision = "0098"
branch_labels = None
depends_on = None

DEFERRED = {"initially": "DEFERRED", "deferrable": True}


def upgrade() -> None:
    op.add_column(
        "event", sa.Column("answer_until_hours", sa.Integer(), server_default="0", nullable=False)
    )
    op.create_check_constraint(
        op.f("event_answer_until_hours_check"), "event", "answer_until_hours BETWEEN 0 AND 8760"
    )
    op.add_column(
        "phone", sa.Column("ticket_texts", sa.Boolean(), server_default="false", nullable=False)
    )
    op.create_table(
        "ticket_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "octet_length(secret_hash) = 32", name=op.f("ticket_link_secret_hash_check")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("ticket_link_order_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("ticket_link_user_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("ticket_link_pkey")),
        sa.UniqueConstraint("order_id", name=op.f("ticket_link_order_id_key")),
        sa.UniqueConstraint("secret_hash", name=op.f("ticket_link_secret_hash_key")),
    )
    op.create_index(op.f("ticket_link_user_id_idx"), "ticket_link", ["user_id"])


def downgrade() -> None:
    op.drop_table("ticket_link")
    op.drop_column("phone", "ticket_texts")
    op.drop_column("event", "answer_until_hours")
