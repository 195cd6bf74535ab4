"""Invitations of members, and the positions up to which new members have read everything."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

ROLES = ("OWNER", "MANAGER", "STAFF", "SCANNER")
STATES = ("PENDING", "ACCEPTED", "DECLINED", "REVOKED")


def upgrade() -> None:
    op.create_table(
        "member_invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        _enum("role", "memberrole", *ROLES),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("invited_by_id", sa.Uuid(), nullable=False),
        _enum("state", "invitationstate", *STATES),
        sa.Column("token_hash", sa.LargeBinary()),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        _check("email", "email = lower(email)"),
        _check("email_length", "char_length(email) <= 254"),
        _check("locale", "char_length(locale) <= 35"),
        _check("ended_at", "(state = 'PENDING') = (ended_at IS NULL)"),
        _reference("vendor_id", "vendor.id"),
        _reference("invited_by_id", "user.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("member_invitation_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("member_invitation_token_hash_key")),
    )
    op.create_index(
        "member_invitation_pending_key",
        "member_invitation",
        ["vendor_id", "email"],
        unique=True,
        postgresql_where=sa.text("state = 'PENDING'"),
    )
    op.create_index(
        "member_invitation_vendor_id_idx", "member_invitation", ["vendor_id", "created_at", "id"]
    )
    for column in ("invited_by_id", "expires_at"):
        op.create_index(op.f(f"member_invitation_{column}_idx"), "member_invitation", [column])
    op.add_column(
        "participant",
        sa.Column("joined_at_sequence", sa.Integer(), nullable=False, server_default="0"),
    )
    op.create_check_constraint(
        op.f("participant_joined_at_sequence_check"),
        "participant",
        "joined_at_sequence BETWEEN 0 AND delivered",
    )


def downgrade() -> None:
    op.drop_column("participant", "joined_at_sequence")
    op.drop_table("member_invitation")


def _enum(column: str, name: str, *values: str) -> sa.Column[str]:
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
    return sa.Column(column, kind, nullable=False)


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"member_invitation_{name}_check"))


def _reference(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [target],
        name=op.f(f"member_invitation_{column}_fkey"),
        initially="DEFERRED",
        deferrable=True,
    )
