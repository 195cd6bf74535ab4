"""Revocations, ends of sessions and API tokens, and the language of notifications.

API tokens without an end expire 90 days after the migration, and those with a later end than a
year after it. Open sessions get their full 90 days. `createApiToken` without `expiresAt` fails on
servers of the previous release, which must not create a token without an end.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KINDS = "notificationkind"
OLD_KINDS = ("VOUCHER_REDEEMED", "MESSAGE_RECEIVED")
NEW_KINDS = (*OLD_KINDS, "API_TOKEN_CREATED")
WITH_KINDS = ("notification", "notification_preference")

# A session was open as long as its newest refresh token. Those expired for a week are deleted.
IDLE_UNTIL = """
    UPDATE user_session SET signed_in_at = created_at, idle_until = coalesce(
        (SELECT max(expires_at) FROM refresh_token WHERE session_id = user_session.id), created_at
    )
"""
END_TOKENS = """
    UPDATE api_token SET expires_at = CASE WHEN expires_at IS NULL THEN now() + interval '90 days'
        ELSE now() + interval '365 days' END
    WHERE expires_at IS NULL OR expires_at > now() + interval '365 days'
"""
END = sa.text("now() + interval '90 days'")


def upgrade() -> None:
    op.create_table(
        "revocation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "SESSION",
                "USER",
                "TOKEN",
                native_enum=False,
                create_constraint=True,
                name=op.f("revocation_revocationkind_check"),
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("xid", _Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("revocation_pkey")),
    )
    op.create_index("revocation_xid_idx", "revocation", ["xid"])
    op.create_index("revocation_expires_at_idx", "revocation", ["expires_at"])
    for name, default in (
        ("signed_in_at", sa.text("now()")),
        ("idle_until", END),
        ("ends_at", END),
    ):
        column = sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=False)
        op.add_column("user_session", column)
    op.execute(IDLE_UNTIL)
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")  # an ALTER TABLE cannot wait for deferred ones
    op.create_check_constraint(
        op.f("user_session_idle_until_check"), "user_session", "idle_until <= ends_at"
    )
    op.execute(END_TOKENS)
    op.alter_column("api_token", "expires_at", nullable=False)
    op.add_column("notification", sa.Column("locale", sa.String(length=16)))
    _allow_kinds(NEW_KINDS)


def downgrade() -> None:
    op.execute("DELETE FROM notification_preference WHERE kind = 'API_TOKEN_CREATED'")
    op.execute(
        """
        DELETE FROM delivery USING notification
        WHERE notification.id = notification_id AND kind = 'API_TOKEN_CREATED'
        """
    )
    op.execute("DELETE FROM notification WHERE kind = 'API_TOKEN_CREATED'")
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")  # an ALTER TABLE cannot wait for deferred ones
    _allow_kinds(OLD_KINDS)
    op.drop_column("notification", "locale")
    op.alter_column("api_token", "expires_at", nullable=True)
    for name in ("signed_in_at", "idle_until", "ends_at"):
        op.drop_column("user_session", name)
    op.drop_table("revocation")


def _allow_kinds(kinds: tuple[str, ...]) -> None:
    values = ", ".join(f"'{kind}'" for kind in kinds)
    for table in WITH_KINDS:
        name = op.f(f"{table}_{KINDS}_check")
        op.drop_constraint(name, table)
        op.create_check_constraint(name, table, f"kind IN ({values})")


class _Xid8(sa.types.UserDefinedType[str]):
    def get_col_spec(self, **_: object) -> str:
        return "xid8"
