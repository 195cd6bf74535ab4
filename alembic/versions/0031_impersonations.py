"""Impersonations of users by admins, which audit entries name."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

DEFERRED: dict[str, Any] = {"deferrable": True, "initially": "DEFERRED"}
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("user_session", sa.Column("impersonator_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("user_session_impersonator_id_fkey"),
        *("user_session", "user", ["impersonator_id"], ["id"]),
        **DEFERRED,
    )
    op.create_index(op.f("user_session_impersonator_id_idx"), "user_session", ["impersonator_id"])
    _check("user_session", "impersonator", "impersonator_id <> user_id")
    _check(
        "user_session",
        "impersonation",
        "impersonator_id IS NULL OR (ends_at <= created_at + '30 min' AND rotations = 0)",
    )
    _create_impersonations()
    op.add_column("audit_entry", sa.Column("impersonator_id", sa.Uuid(), nullable=True))
    _check("audit_entry", "impersonator_id", "impersonator_id <> actor_id")
    op.create_index(
        "audit_entry_impersonator_id_idx",
        "audit_entry",
        ["impersonator_id", "created_at", "id"],
        postgresql_where=sa.text("impersonator_id IS NOT NULL"),
    )


def downgrade() -> None:
    """Remove what names the admins. Their sessions end first, or they would be the users' own."""
    op.drop_column("audit_entry", "impersonator_id")
    op.drop_table("impersonation")
    op.execute("UPDATE user_session SET ended_at = now() WHERE impersonator_id IS NOT NULL")
    op.drop_column("user_session", "impersonator_id")


def _create_impersonations() -> None:
    table = "impersonation"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("user_id", "admin_id")),
        *(
            sa.Column(name, sa.Uuid(), nullable=False)
            for name in ("session_id", "admin_session_id")
        ),
        sa.Column("reason", sa.String(1000), nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [name], ["user.id"], name=op.f(f"{table}_{name}_fkey"), **DEFERRED
            )
            for name in ("user_id", "admin_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{table}_pkey")),
        sa.UniqueConstraint("session_id", name=op.f(f"{table}_session_id_key")),
    )
    _check(table, "admin_id", "admin_id <> user_id")
    _check(table, "until", "until > created_at AND until <= created_at + '30 min'")
    _check(table, "ended_at", "ended_at BETWEEN created_at AND until")
    _check(table, "reason", "char_length(reason) BETWEEN 1 AND 1000")
    op.create_index(
        "impersonation_open_key",
        table,
        ["admin_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("impersonation_created_at_idx", table, ["created_at", "id"])
    for name in ("user_id", "admin_id", "admin_session_id"):
        op.create_index(op.f(f"{table}_{name}_idx"), table, [name])


def _check(table: str, name: str, condition: str) -> None:
    op.create_check_constraint(op.f(f"{table}_{name}_check"), table, condition)
