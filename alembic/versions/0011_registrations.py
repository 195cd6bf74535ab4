"""Registrations, and email addresses in lower case.

Addresses of existing accounts count as verified. An account whose address has letters other than
ASCII before the `@` can no longer sign in: such addresses are no longer accepted.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INVISIBLE = (
    r"[\u0001-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u2800\u3164]"
)


def upgrade() -> None:
    op.create_table(
        "registration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary()),
        sa.Column("code_hash", sa.LargeBinary()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        _check("email", "email = lower(email)"),
        _check("email_length", "char_length(email) <= 254"),
        _check("name", "char_length(name) BETWEEN 1 AND 80"),
        _check("name_line", f"name !~ '{INVISIBLE}' AND name = btrim(name) AND name <> ''"),
        _check("locale", "char_length(locale) <= 35"),
        _check("tries", "tries BETWEEN 0 AND 5"),
        _check("used_at", "used_at <= expires_at"),
        _check("proofs", "(token_hash IS NULL) = (code_hash IS NULL)"),
        sa.PrimaryKeyConstraint("id", name=op.f("registration_pkey")),
        sa.UniqueConstraint("secret_hash", name=op.f("registration_secret_hash_key")),
        sa.UniqueConstraint("token_hash", name=op.f("registration_token_hash_key")),
    )
    op.create_index(op.f("registration_expires_at_idx"), "registration", ["expires_at"])
    op.execute("""UPDATE "user" SET email = lower(email) WHERE email::text <> lower(email::text)""")


def downgrade() -> None:
    op.drop_table("registration")


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"registration_{name}_check"))
