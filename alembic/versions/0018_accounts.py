"""Lists of sessions, password resets, changes of addresses, phones, and languages of users."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user", sa.Column("locale", sa.String(16), nullable=False, server_default="en"))
    op.add_column("user", sa.Column("time_zone", sa.String(64), nullable=True))
    op.add_column("user", sa.Column("epoch", sa.Integer(), nullable=False, server_default="0"))
    op.create_check_constraint(op.f("user_epoch_check"), "user", "epoch >= 0")
    _extend_sessions()
    _create_password_resets()
    _create_email_changes()
    _create_phones()


def downgrade() -> None:
    op.drop_table("phone_challenge")
    op.drop_table("phone")
    op.drop_table("email_change")
    op.drop_table("password_reset")
    for column in ("last_used_at", "device_name", "place"):
        op.drop_column("user_session", column)
    for column in ("locale", "time_zone", "epoch"):
        op.drop_column("user", column)


def _extend_sessions() -> None:
    """Take the time of the newest refresh token as that of the last use."""
    time = sa.DateTime(timezone=True)
    used = sa.Column("last_used_at", time, nullable=False, server_default=sa.text("now()"))
    op.add_column("user_session", used)
    op.add_column("user_session", sa.Column("device_name", sa.String(), nullable=True))
    op.add_column("user_session", sa.Column("place", sa.String(), nullable=True))
    op.create_check_constraint(
        op.f("user_session_device_name_check"), "user_session", "char_length(device_name) <= 80"
    )
    op.create_check_constraint(
        op.f("user_session_place_check"), "user_session", "char_length(place) <= 64"
    )
    op.execute(
        "UPDATE user_session SET last_used_at = coalesce((SELECT max(created_at)"
        " FROM refresh_token WHERE session_id = user_session.id), created_at)"
    )


def _create_password_resets() -> None:
    op.create_table(
        "password_reset",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("email = lower(email)", name=op.f("password_reset_email_check")),
        sa.CheckConstraint(
            "char_length(email) <= 254", name=op.f("password_reset_email_length_check")
        ),
        sa.CheckConstraint("used_at <= expires_at", name=op.f("password_reset_used_at_check")),
        sa.CheckConstraint(
            "(token_hash IS NULL) = (user_id IS NULL) AND (user_id IS NULL) = (epoch IS NULL)",
            name=op.f("password_reset_link_check"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("password_reset_user_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("password_reset_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("password_reset_token_hash_key")),
    )
    op.create_index(op.f("password_reset_expires_at_idx"), "password_reset", ["expires_at"])
    op.create_index(op.f("password_reset_user_id_idx"), "password_reset", ["user_id"])


def _create_email_changes() -> None:
    time = sa.DateTime(timezone=True)
    op.create_table(
        "email_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", time, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("old_email", sa.String(), nullable=False),
        sa.Column("new_email", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", time, nullable=False),
        sa.Column("used_at", time, nullable=True),
        sa.Column("undo_hash", sa.LargeBinary(), nullable=True),
        sa.Column("undo_until", time, nullable=True),
        sa.Column("undone_at", time, nullable=True),
        *(
            sa.CheckConstraint(condition, name=op.f(f"email_change_{name}_check"))
            for name, condition in {
                "old_email": "old_email = lower(old_email)",
                "new_email": "new_email = lower(new_email)",
                "length": "char_length(old_email) <= 254 AND char_length(new_email) <= 254",
                "used_at": "used_at <= expires_at",
                "undo_until": "(used_at IS NULL) = (undo_until IS NULL)",
                "undone_at": "undone_at <= undo_until",
            }.items()
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("email_change_user_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("email_change_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("email_change_token_hash_key")),
        sa.UniqueConstraint("undo_hash", name=op.f("email_change_undo_hash_key")),
    )
    op.create_index(op.f("email_change_expires_at_idx"), "email_change", ["expires_at"])
    op.create_index(op.f("email_change_old_email_idx"), "email_change", ["old_email"])
    op.create_index(op.f("email_change_user_id_idx"), "email_change", ["user_id"])
    op.create_index(
        "email_change_waiting_key",
        "email_change",
        ["user_id"],
        unique=True,
        postgresql_where=sa.text("used_at IS NULL"),
    )


def _create_phones() -> None:
    time = sa.DateTime(timezone=True)
    op.create_table(
        "phone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", time, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("octet_length(lookup) = 32", name=op.f("phone_lookup_check")),
        _user("phone"),
        sa.PrimaryKeyConstraint("id", name=op.f("phone_pkey")),
        sa.UniqueConstraint("lookup", name=op.f("phone_lookup_key")),
        sa.UniqueConstraint("user_id", name=op.f("phone_user_id_key")),
    )
    purposes = sa.Enum(
        *("LOG_IN", "CHANGE_PHONE"),
        name="phonepurpose",
        native_enum=False,
        create_constraint=True,
        length=40,
    )
    op.create_table(
        "phone_challenge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", time, nullable=False),
        sa.Column("purpose", purposes, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", time, nullable=False),
        sa.Column("used_at", time, nullable=True),
        *(
            sa.CheckConstraint(condition, name=op.f(f"phone_challenge_{name}_check"))
            for name, condition in {
                "lookup": "octet_length(lookup) = 32",
                "tries": "tries BETWEEN 0 AND 5",
                "used_at": "used_at <= expires_at",
                "user_id": "(purpose = 'CHANGE_PHONE') = (user_id IS NOT NULL)",
            }.items()
        ),
        _user("phone_challenge"),
        sa.PrimaryKeyConstraint("id", name=op.f("phone_challenge_pkey")),
        sa.UniqueConstraint("secret_hash", name=op.f("phone_challenge_secret_hash_key")),
    )
    op.create_index(op.f("phone_challenge_expires_at_idx"), "phone_challenge", ["expires_at"])
    op.create_index(op.f("phone_challenge_user_id_idx"), "phone_challenge", ["user_id"])


def _user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id"],
        ["user.id"],
        name=op.f(f"{table}_user_id_fkey"),
        initially="DEFERRED",
        deferrable=True,
    )
