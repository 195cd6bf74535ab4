"""Lines of the provider's books about disputes, which can be decided again."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None

TIME, BIG = sa.DateTime(timezone=True), sa.BigInteger()
DEFERRED: dict[str, Any] = {"initially": "DEFERRED", "deferrable": True}
LINE = (
    "[\\u0001-\\u001f\\u007f-\\u009f\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069"
    "\\ufeff\\u2800\\u3164]"
)
TABLE = "dispute_booking"


def upgrade() -> None:
    op.add_column("dispute", sa.Column("kept", BIG, nullable=False, server_default="0"))
    op.add_column("dispute", sa.Column("turns", sa.Integer(), nullable=False, server_default="0"))
    op.create_check_constraint(op.f("dispute_turns_check"), "dispute", "turns BETWEEN 0 AND 50")
    op.add_column("dispute", sa.Column("accepted_at", TIME, nullable=True))
    op.add_column("refund_part", sa.Column("dispute_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("refund_part_dispute_id_fkey"),
        "refund_part",
        "dispute",
        ["dispute_id"],
        ["id"],
        **DEFERRED,
    )
    op.create_index(op.f("refund_part_dispute_id_idx"), "refund_part", ["dispute_id"])
    op.create_table(
        TABLE,
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("amount", BIG, nullable=False),
        sa.Column("fee", BIG, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint("number BETWEEN 1 AND 100", name=op.f("dispute_booking_number_check")),
        sa.CheckConstraint("amount <> 0 OR fee <> 0", name=op.f("dispute_booking_amount_check")),
        sa.CheckConstraint(
            f"reference !~ '{LINE}' AND reference = btrim(reference) AND reference <> ''",
            name=op.f("dispute_booking_reference_line_check"),
        ),
        sa.CheckConstraint(
            "char_length(reference) <= 100", name=op.f("dispute_booking_reference_length_check")
        ),
        sa.ForeignKeyConstraint(
            ["dispute_id"],
            ["dispute.id"],
            name=op.f("dispute_booking_dispute_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("dispute_id", "number", name=op.f("dispute_booking_pkey")),
        sa.UniqueConstraint(
            "dispute_id", "reference", name=op.f("dispute_booking_dispute_id_reference_key")
        ),
    )
    op.create_index("dispute_booking_reference_idx", TABLE, ["reference"])
    op.execute(
        f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE ON {TABLE}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_truncate()"
    )
    op.execute(
        f"CREATE TRIGGER {TABLE}_refuse_truncate BEFORE TRUNCATE ON {TABLE}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
    )


def downgrade() -> None:
    op.drop_table(TABLE)
    op.drop_index(op.f("refund_part_dispute_id_idx"), table_name="refund_part")
    op.drop_constraint(op.f("refund_part_dispute_id_fkey"), "refund_part", type_="foreignkey")
    op.drop_column("refund_part", "dispute_id")
    op.drop_constraint(op.f("dispute_turns_check"), "dispute")
    op.drop_column("dispute", "turns")
    op.drop_column("dispute", "kept")
    op.drop_column("dispute", "accepted_at")
