"""Payments at the desk, and displays of waiting rooms."""

import sqlalchemy as sa
from alembic import op

revision = "0102"
down_revision = "0101"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
DEFERRED = {"initially": "DEFERRED", "deferrable": True}
LINE = r"[\u0001-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u2800\u3164]"


def upgrade() -> None:
    op.add_column(
        "booking",
        sa.Column("paid_at_desk", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.alter_column("booking", "paid_at_desk", server_default=None)
    op.create_check_constraint(op.f("booking_paid_at_desk_check"), "booking", "paid_at_desk >= 0")
    op.create_index(
        "booking_guest_idx",
        "booking",
        ["vendor_id", "ends_at"],
        postgresql_where=sa.text("guest_name IS NOT NULL"),
    )
    _create_payments()
    _create_displays()


def _create_payments() -> None:
    table = "visit_payment"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("undoes_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "amount <> 0 AND abs(amount) <= 1000000000000 AND (amount > 0) = (undoes_id IS NULL)",
            name=op.f("visit_payment_amount_check"),
        ),
        sa.CheckConstraint(
            "method IN ('CASH', 'CARD')", name=op.f("visit_payment_visitpaymentmethod_check")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [target], name=op.f(f"{table}_{column}_fkey"), **DEFERRED
            )
            for column, target in (
                ("booking_id", "booking.id"),
                ("undoes_id", "visit_payment.id"),
                ("recorded_by_id", "user.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("visit_payment_pkey")),
    )
    op.create_index("visit_payment_booking_id_idx", table, ["booking_id", "created_at", "id"])
    op.create_index("visit_payment_undoes_key", table, ["undoes_id"], unique=True)
    op.create_index(op.f("visit_payment_recorded_by_id_idx"), table, ["recorded_by_id"])
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_truncate()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_refuse_truncate BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
    )


def _create_displays() -> None:
    table = "waiting_room_display"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.CheckConstraint(
            f"name !~ '{LINE}' AND name = btrim(name) AND name <> ''",
            name=op.f("waiting_room_display_name_line_check"),
        ),
        sa.CheckConstraint(
            "octet_length(key_hash) = 32", name=op.f("waiting_room_display_key_hash_check")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [target], name=op.f(f"{table}_{column}_fkey"), **DEFERRED
            )
            for column, target in (("vendor_id", "vendor.id"), ("created_by_id", "user.id"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("waiting_room_display_pkey")),
        sa.UniqueConstraint("key_hash", name=op.f("waiting_room_display_key_hash_key")),
    )
    op.create_index("waiting_room_display_vendor_id_idx", table, ["vendor_id", "created_at", "id"])
    op.create_index(op.f("waiting_room_display_created_by_id_idx"), table, ["created_by_id"])


def downgrade() -> None:
    op.drop_table("waiting_room_display")
    op.drop_table("visit_payment")
    op.drop_index("booking_guest_idx", table_name="booking")
    op.drop_column("booking", "paid_at_desk")
