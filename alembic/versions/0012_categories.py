"""Hidden categories, the limits of the category tree, and invitations of admins."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

CHECKS = {
    "slug": "slug ~ '^[a-z0-9]+([-_][a-z0-9]+)*$' AND char_length(slug) <= 60",
    "depth": "path ~ '^([^/]+/){1,5}$'",
    "position": "position >= 0",
}


def upgrade() -> None:
    op.add_column(
        "category", sa.Column("hidden", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    for name, rule in CHECKS.items():
        op.create_check_constraint(op.f(f"category_{name}_check"), "category", rule)
    op.create_table(
        "admin_invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        _check("email", "email = lower(email)"),
        _check("email_length", "char_length(email) <= 254"),
        _check("used_at", "used_at <= expires_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("admin_invitation_pkey")),
        sa.UniqueConstraint("email", name=op.f("admin_invitation_email_key")),
        sa.UniqueConstraint("token_hash", name=op.f("admin_invitation_token_hash_key")),
    )
    op.create_index(op.f("admin_invitation_expires_at_idx"), "admin_invitation", ["expires_at"])


def downgrade() -> None:
    op.drop_table("admin_invitation")
    for name in CHECKS:
        op.drop_constraint(op.f(f"category_{name}_check"), "category", type_="check")
    op.drop_column("category", "hidden")


def _check(name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"admin_invitation_{name}_check"))
