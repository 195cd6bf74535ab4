"""Passkeys, and accounts without a password.

No account loses its password: only later releases create accounts without one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

INVISIBLE = (
    r"[\u0001-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u2800\u3164]"
)


def upgrade() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("rp_id", sa.String(), nullable=False),
        sa.Column("aaguid", sa.Uuid(), nullable=False),
        sa.Column("backed_up", sa.Boolean(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        _check("name", "char_length(name) BETWEEN 1 AND 80"),
        _check("name_line", f"name !~ '{INVISIBLE}' AND name = btrim(name) AND name <> ''"),
        _check("sign_count", "sign_count >= 0"),
        _check("credential_id", "octet_length(credential_id) BETWEEN 1 AND 1023"),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("passkey_user_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("passkey_pkey")),
        sa.UniqueConstraint("credential_id", name=op.f("passkey_credential_id_key")),
    )
    op.create_index(op.f("passkey_user_id_idx"), "passkey", ["user_id"])
    op.alter_column("user", "password_hash", nullable=True)


def downgrade() -> None:
    """Fails if an account has no password."""
    op.alter_column("user", "password_hash", nullable=False)
    op.drop_table("passkey")


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"passkey_{name}_check"))
