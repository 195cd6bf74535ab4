"""Second factors: apps for one-time codes, recovery codes, and challenges of sign-ins.

Servers of the previous release ignore them: until the last one has stopped, it signs users in
without their second factor.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "totp",
        *_row(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column(
            "tried_at",
            sa.ARRAY(sa.DateTime(timezone=True)),
            server_default="{}",
            nullable=False,
        ),
        _check("totp", "last_step", "last_step >= 0"),
        _check("totp", "tried_at", "cardinality(tried_at) <= 20"),
        _check("totp", "confirmed_at", "confirmed_at <= expires_at"),
        _user("totp"),
        sa.PrimaryKeyConstraint("id", name=op.f("totp_pkey")),
    )
    for name, condition in (("confirmed", "IS NOT NULL"), ("pending", "IS NULL")):
        op.create_index(
            f"totp_{name}_key",
            "totp",
            ["user_id"],
            unique=True,
            postgresql_where=sa.text(f"confirmed_at {condition}"),
        )
    op.create_table(
        "recovery_code",
        *_row(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        _check("recovery_code", "code_hash", "octet_length(code_hash) = 32"),
        _user("recovery_code"),
        sa.PrimaryKeyConstraint("id", name=op.f("recovery_code_pkey")),
        sa.UniqueConstraint(
            "user_id", "code_hash", name=op.f("recovery_code_user_id_code_hash_key")
        ),
    )
    op.create_table(
        "factor_challenge",
        *_row(),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.Uuid()),
        sa.Column("epoch", sa.Integer()),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        _check("factor_challenge", "secret_hash", "octet_length(secret_hash) = 32"),
        _check("factor_challenge", "tries", "tries BETWEEN 0 AND 5"),
        _check("factor_challenge", "used_at", "used_at <= expires_at"),
        _check("factor_challenge", "user_id", "(purpose = 'LOG_IN') = (user_id IS NULL)"),
        _check("factor_challenge", "epoch", "(epoch IS NULL) = (user_id IS NULL)"),
        _user("factor_challenge"),
        sa.PrimaryKeyConstraint("id", name=op.f("factor_challenge_pkey")),
        sa.UniqueConstraint("secret_hash", name=op.f("factor_challenge_secret_hash_key")),
    )
    op.create_index(op.f("factor_challenge_user_id_idx"), "factor_challenge", ["user_id"])
    op.create_index(op.f("factor_challenge_expires_at_idx"), "factor_challenge", ["expires_at"])
    for name in ("factor_at", "recovered_at"):
        op.add_column("user_session", sa.Column(name, sa.DateTime(timezone=True)))


def downgrade() -> None:
    for name in ("recovered_at", "factor_at"):
        op.drop_column("user_session", name)
    for table in ("factor_challenge", "recovery_code", "totp"):
        op.drop_table(table)


def _row() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"{table}_{name}_check"))


def _user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id"],
        ["user.id"],
        name=op.f(f"{table}_user_id_fkey"),
        initially="DEFERRED",
        deferrable=True,
    )
