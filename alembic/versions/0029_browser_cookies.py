"""Sessions of browsers: the hash of the cookie, and the role."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

ACTING = (
    "(acting_until IS NULL) = (acting_vendor_id IS NULL AND NOT acting_admin)"
    " AND NOT (acting_admin AND acting_vendor_id IS NOT NULL)"
    " AND (acting_until IS NULL OR cookie_hash IS NOT NULL)"
)

END = "UPDATE user_session SET ended_at = coalesce(ended_at, now()) WHERE cookie_hash IS NOT NULL"


def upgrade() -> None:
    for column in (
        sa.Column("cookie_hash", sa.LargeBinary()),
        sa.Column("acting_vendor_id", sa.Uuid()),
        sa.Column("acting_admin", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("acting_until", sa.DateTime(timezone=True)),
    ):
        op.add_column("user_session", column)
    op.create_unique_constraint(
        op.f("user_session_cookie_hash_key"), "user_session", ["cookie_hash"]
    )
    op.create_foreign_key(
        op.f("user_session_acting_vendor_id_fkey"),
        "user_session",
        "vendor",
        ["acting_vendor_id"],
        ["id"],
        initially="DEFERRED",
        deferrable=True,
    )
    _check("cookie_hash", "octet_length(cookie_hash) = 32")
    _check("acting", ACTING)


def downgrade() -> None:
    """End the sessions of browsers, which servers of the former release cannot find."""
    op.execute(END)
    op.drop_constraint(op.f("user_session_acting_check"), "user_session")
    for name in ("acting_until", "acting_admin", "acting_vendor_id", "cookie_hash"):
        op.drop_column("user_session", name)


def _check(name: str, condition: str) -> None:
    op.create_check_constraint(op.f(f"user_session_{name}_check"), "user_session", condition)
