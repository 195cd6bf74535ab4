"""Returns of ordered goods, and the end of the notes of old orders."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
DEFERRED: dict[str, Any] = {"deferrable": True, "initially": "DEFERRED"}
ENUM: dict[str, Any] = {"native_enum": False, "create_constraint": True, "length": 40}
LINE = r"[\u0001-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u2800\u3164]"
# Steps never change, but for their notes, which end with the term of bookkeeping. The least term
# that can be set is a year. The schema is named, and the temporary one comes last: a caller cannot
# put a table of their own in the place of this one.
REFUSE = """
CREATE FUNCTION order_step_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.note IS NULL AND OLD.created_at < now() - interval '365 days' THEN
        OLD.note := NULL;
        IF NEW IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
"""
BLANK = """
CREATE FUNCTION blank_old_step_notes(before timestamptz, batch integer) RETURNS SETOF uuid
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE {schema}.order_step SET note = NULL WHERE id IN (
        SELECT id FROM {schema}.order_step
        WHERE created_at < least(before, now() - interval '365 days') AND note IS NOT NULL
        ORDER BY created_at LIMIT batch
    ) RETURNING id
$$;
"""


def upgrade() -> None:
    op.create_table(
        "return_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("suborder_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "REQUESTED",
                "ACCEPTED",
                "RECEIVED",
                "DECLINED",
                "WITHDRAWN",
                "EXPIRED",
                name="returnstate",
                **ENUM,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("accepted_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint(_is_line("reason"), name=op.f("return_request_reason_line_check")),
        sa.CheckConstraint(
            "char_length(reason) <= 300", name=op.f("return_request_reason_length_check")
        ),
        sa.CheckConstraint(_is_line("answer"), name=op.f("return_request_answer_line_check")),
        sa.CheckConstraint(
            "char_length(answer) <= 300", name=op.f("return_request_answer_length_check")
        ),
        sa.CheckConstraint(
            "(state NOT IN ('REQUESTED', 'ACCEPTED')) = (ended_at IS NOT NULL)",
            name=op.f("return_request_ended_at_check"),
        ),
        sa.ForeignKeyConstraint(
            ["suborder_id"],
            ["suborder.id"],
            name=op.f("return_request_suborder_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["buyer_id"], ["user.id"], name=op.f("return_request_buyer_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("return_request_pkey")),
    )
    op.create_index(
        "return_request_open_key",
        "return_request",
        ["suborder_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('REQUESTED', 'ACCEPTED')"),
    )
    op.create_index(
        "return_request_suborder_id_idx", "return_request", ["suborder_id", "created_at", "id"]
    )
    op.create_index(op.f("return_request_buyer_id_idx"), "return_request", ["buyer_id"])
    op.create_table(
        "return_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("return_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity >= 1", name=op.f("return_line_quantity_check")),
        sa.ForeignKeyConstraint(
            ["return_id"],
            ["return_request.id"],
            name=op.f("return_line_return_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_line.id"], name=op.f("return_line_line_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("return_line_pkey")),
        sa.UniqueConstraint("return_id", "line_id", name=op.f("return_line_return_id_line_id_key")),
    )
    op.create_index(op.f("return_line_line_id_idx"), "return_line", ["line_id"])
    _append_only("return_line", "refuse_truncate")
    op.add_column("suborder", sa.Column("confirmed_at", TIME, nullable=True))
    op.create_index("order_ended_at_idx", "order", ["ended_at"], postgresql_where=sa.text(KEPT))
    op.create_index(
        "order_step_note_idx",
        "order_step",
        ["created_at"],
        postgresql_where=sa.text("note IS NOT NULL"),
    )
    op.drop_constraint(op.f("refund_amount_check"), "refund")
    op.create_check_constraint(op.f("refund_amount_check"), "refund", "amount >= 0")
    op.execute(REFUSE)
    op.execute("DROP TRIGGER order_step_append_only ON order_step")
    op.execute(
        "CREATE TRIGGER order_step_append_only BEFORE UPDATE OR DELETE ON order_step"
        " FOR EACH ROW EXECUTE FUNCTION order_step_refuse_change()"
    )
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    op.execute(BLANK.format(schema=schema))


def downgrade() -> None:
    op.execute("DROP FUNCTION blank_old_step_notes(timestamptz, integer)")
    op.execute("DROP TRIGGER order_step_append_only ON order_step")
    op.execute(
        "CREATE TRIGGER order_step_append_only BEFORE UPDATE OR DELETE ON order_step"
        " FOR EACH ROW EXECUTE FUNCTION refuse_truncate()"
    )
    op.execute("DROP FUNCTION order_step_refuse_change()")
    op.drop_constraint(op.f("refund_amount_check"), "refund")
    op.create_check_constraint(op.f("refund_amount_check"), "refund", "amount > 0")
    op.drop_index("order_step_note_idx", "order_step")
    op.drop_index("order_ended_at_idx", "order")
    op.drop_column("suborder", "confirmed_at")
    op.drop_table("return_line")
    op.drop_table("return_request")


KEPT = "num_nonnulls(ship_to, bill_to, buyer_tax_id) > 0"


def _append_only(table: str, function: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {function}()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_refuse_truncate BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
    )


def _is_line(column: str) -> str:
    return f"{column} !~ '{LINE}' AND {column} = btrim({column}) AND {column} <> ''"
