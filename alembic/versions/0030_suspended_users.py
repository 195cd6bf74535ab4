"""Suspensions of users, and changes of admins that a second admin confirms.

Servers of the previous release let a suspended user sign in until they are gone.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0027"
branch_labels = None
depends_on = None

DEFERRED: dict[str, Any] = {"deferrable": True, "initially": "DEFERRED"}
TIME = sa.DateTime(timezone=True)
REASONS = (
    *("APPROVED", "EXPIRED", "NOT_YET", "ALREADY_REDEEMED", "OTHER_VENDOR", "CANCELLED"),
    *("BAD_SIGNATURE", "OLD_GENERATION", "WRONG_TYPE", "UNKNOWN", "VENDOR_SUSPENDED"),
)


def upgrade() -> None:
    _add_state()
    _create_suspensions()
    _create_changes()
    _set_reasons(*REASONS, "USER_SUSPENDED")


def downgrade() -> None:
    """Remove the suspensions: their users can sign in again."""
    op.execute("UPDATE redemption SET reason = 'UNKNOWN' WHERE reason = 'USER_SUSPENDED'")
    _set_reasons(*REASONS)
    op.drop_table("admin_change")
    op.drop_table("user_suspension")
    for name in ("name", "suspended", "admin", "created_at"):
        op.drop_index(f"user_{name}_idx", "user")
    op.drop_column("user", "state")


def _add_state() -> None:
    state = sa.Column("state", sa.String(40), nullable=False, server_default="ACTIVE")
    op.add_column("user", state)
    name = op.f("user_userstate_check")
    op.create_check_constraint(name, "user", "state IN ('ACTIVE', 'SUSPENDED')")
    op.create_index("user_created_at_idx", "user", ["created_at", "id"])
    for name, condition in (("admin", "role = 'ADMIN'"), ("suspended", "state = 'SUSPENDED'")):
        op.create_index(
            f"user_{name}_idx", "user", ["created_at", "id"], postgresql_where=sa.text(condition)
        )
    op.create_index(
        "user_name_idx",
        "user",
        ["name"],
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )


def _create_suspensions() -> None:
    table = "user_suspension"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(1000), nullable=False),
        sa.Column("admin_id", sa.Uuid(), nullable=False),
        sa.Column("until", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("restorer_id", sa.Uuid(), nullable=True),
        *_checks(
            table,
            number="number >= 1",
            reason="char_length(reason) BETWEEN 1 AND 1000",
            until="until > created_at",
            self="admin_id <> user_id AND restorer_id <> user_id",
            restorer="restorer_id IS NULL OR ended_at IS NOT NULL",
            ended="ended_at IS NULL OR restorer_id IS NOT NULL OR until IS NOT NULL",
        ),
        *(_reference(table, name) for name in ("user_id", "admin_id", "restorer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{table}_pkey")),
        sa.UniqueConstraint("user_id", "number", name=op.f(f"{table}_user_id_number_key")),
    )
    op.create_index(
        "user_suspension_open_key",
        table,
        ["user_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    for name in ("admin_id", "restorer_id"):
        op.create_index(op.f(f"{table}_{name}_idx"), table, [name])


def _create_changes() -> None:
    table = "admin_change"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        _enum("act", "adminact", "GRANT", "REVOKE"),
        _enum("state", "adminchangestate", "REQUESTED", "CONFIRMED", "WITHDRAWN", "EXPIRED"),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("decider_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        *_checks(
            table,
            requester="requester_id <> user_id",
            decider="decider_id <> user_id",
            second_admin="state <> 'CONFIRMED' OR decider_id <> requester_id",
            decided="(state IN ('CONFIRMED', 'WITHDRAWN')) = (decider_id IS NOT NULL)",
            ended_at="(state = 'REQUESTED') = (ended_at IS NULL)",
            in_time="state <> 'CONFIRMED' OR ended_at <= expires_at",
        ),
        *(_reference(table, name) for name in ("user_id", "requester_id", "decider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{table}_pkey")),
    )
    op.create_index(
        "admin_change_open_key",
        table,
        ["user_id"],
        unique=True,
        postgresql_where=sa.text("state = 'REQUESTED'"),
    )
    op.create_index("admin_change_user_id_idx", table, ["user_id"])
    op.create_index("admin_change_created_at_idx", table, ["created_at", "id"])
    for name in ("requester_id", "decider_id"):
        op.create_index(op.f(f"{table}_{name}_idx"), table, [name])


def _set_reasons(*reasons: str) -> None:
    name = op.f("redemption_redemptionreason_check")
    op.drop_constraint(name, "redemption")
    known = ", ".join(f"'{reason}'" for reason in reasons)
    op.create_check_constraint(name, "redemption", f"reason IN ({known})")


def _enum(column: str, name: str, *values: str) -> sa.Column[str]:
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
    return sa.Column(column, kind, nullable=False)


def _checks(table: str, **rules: str) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(rule, name=op.f(f"{table}_{name}_check")) for name, rule in rules.items()
    ]


def _reference(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], ["user.id"], name=op.f(f"{table}_{column}_fkey"), **DEFERRED
    )
