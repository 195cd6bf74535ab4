"""Accounts at providers, such as Google, and the redirects that prove them.

A registration or a challenge that came from a provider has no password to compare. Servers of the
previous release create the account of such a registration, but do not link the provider.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

INVISIBLE = (
    r"[\u0001-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u2800\u3164]"
)
LENGTH = "char_length(subject) BETWEEN 1 AND 255 AND char_length(issuer) BETWEEN 1 AND 255"
PROVIDER = "provider IN ('GOOGLE', 'FACEBOOK')"


def upgrade() -> None:
    _create_flows()
    op.create_table(
        "provider_identity",
        *_row(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        _check("provider_identity", "signinprovider", PROVIDER),
        _check("provider_identity", "length", LENGTH),
        _reference("provider_identity", "user_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("provider_identity_pkey")),
        sa.UniqueConstraint(
            "provider",
            "issuer",
            "subject",
            name=op.f("provider_identity_provider_issuer_subject_key"),
        ),
        sa.UniqueConstraint(
            "user_id", "provider", name=op.f("provider_identity_user_id_provider_key")
        ),
    )
    for table in ("registration", "factor_challenge"):
        op.add_column(table, sa.Column("flow_id", sa.Uuid()))
        op.create_foreign_key(
            op.f(f"{table}_flow_id_fkey"),
            table,
            "provider_flow",
            ["flow_id"],
            ["id"],
            initially="DEFERRED",
            deferrable=True,
        )
        op.create_index(op.f(f"{table}_flow_id_idx"), table, ["flow_id"])
    op.alter_column("registration", "password_hash", nullable=True)
    op.create_check_constraint(
        op.f("registration_password_hash_check"),
        "registration",
        "(password_hash IS NULL) = (flow_id IS NOT NULL)",
    )
    op.create_check_constraint(
        op.f("factor_challenge_flow_id_check"),
        "factor_challenge",
        "flow_id IS NULL OR purpose = 'SECOND_FACTOR'",
    )


def downgrade() -> None:
    """Delete the registrations and challenges that came from providers."""
    op.execute("DELETE FROM registration WHERE flow_id IS NOT NULL")
    op.execute("DELETE FROM factor_challenge WHERE flow_id IS NOT NULL")
    op.drop_constraint(op.f("registration_password_hash_check"), "registration")
    op.drop_constraint(op.f("factor_challenge_flow_id_check"), "factor_challenge")
    op.alter_column("registration", "password_hash", nullable=False)
    for table in ("registration", "factor_challenge"):
        op.drop_column(table, "flow_id")
    op.drop_table("provider_identity")
    op.drop_table("provider_flow")


def _create_flows() -> None:
    op.create_table(
        "provider_flow",
        *_row(),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.Uuid()),
        sa.Column("epoch", sa.Integer()),
        sa.Column("redirect_url", sa.String(), nullable=False),
        sa.Column("code_challenge", sa.String(), nullable=False),
        sa.Column("state_hash", sa.LargeBinary(), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary()),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("code_hash", sa.LargeBinary()),
        sa.Column("issuer", sa.String()),
        sa.Column("subject", sa.String()),
        sa.Column("email", sa.String()),
        sa.Column("email_proven", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String()),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        *_checks(
            providerpurpose="purpose IN ('LOG_IN', 'LINK', 'STEP_UP')",
            signinprovider=PROVIDER,
            user_id="(purpose = 'LOG_IN') = (user_id IS NULL)",
            epoch="(epoch IS NULL) = (user_id IS NULL)",
            redirect_url="char_length(redirect_url) <= 500",
            code_challenge="char_length(code_challenge) = 43",
            answered_at="answered_at IS NULL OR browser_hash IS NOT NULL",
            code_hash="code_hash IS NULL OR answered_at IS NOT NULL",
            subject="(code_hash IS NULL) = (subject IS NULL)"
            " AND (issuer IS NULL) = (subject IS NULL)",
            length=LENGTH,
            email="email = lower(email) AND char_length(email) <= 254",
            email_proven="email IS NOT NULL OR NOT email_proven",
            name="char_length(name) <= 80",
            name_line=f"name !~ '{INVISIBLE}' AND name = btrim(name) AND name <> ''",
            used_at="used_at IS NULL OR (used_at <= expires_at AND code_hash IS NOT NULL)",
        ),
        _reference("provider_flow", "user_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("provider_flow_pkey")),
        sa.UniqueConstraint("state_hash", name=op.f("provider_flow_state_hash_key")),
        sa.UniqueConstraint("code_hash", name=op.f("provider_flow_code_hash_key")),
    )
    for column in ("user_id", "expires_at"):
        op.create_index(op.f(f"provider_flow_{column}_idx"), "provider_flow", [column])


def _row() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )


def _checks(**conditions: str) -> list[sa.CheckConstraint]:
    return [_check("provider_flow", name, condition) for name, condition in conditions.items()]


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"{table}_{name}_check"))


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{target}.id"],
        name=op.f(f"{table}_{column}_fkey"),
        initially="DEFERRED",
        deferrable=True,
    )
