"""Applications to become a vendor with their documents, suspensions of vendors, and followers."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

DEFERRED: dict[str, Any] = {"deferrable": True, "initially": "DEFERRED"}
TIME = sa.DateTime(timezone=True)
REASONS = (
    *("APPROVED", "EXPIRED", "NOT_YET", "ALREADY_REDEEMED", "OTHER_VENDOR", "CANCELLED"),
    *("BAD_SIGNATURE", "OLD_GENERATION", "WRONG_TYPE", "UNKNOWN"),
)


def upgrade() -> None:
    _create_applications()
    _create_documents()
    _create_suspensions()
    _create_follows()
    _set_reasons(*REASONS, "VENDOR_SUSPENDED")


def downgrade() -> None:
    """Remove the applications. Their documents expire, and their objects stay until removed."""
    op.execute("UPDATE redemption SET reason = 'UNKNOWN' WHERE reason = 'VENDOR_SUSPENDED'")
    _set_reasons(*REASONS)
    op.drop_table("follow")
    op.drop_table("vendor_suspension")
    op.drop_table("vendor_document")
    op.drop_table("vendor_application")
    op.execute(
        "UPDATE upload SET purpose = 'CHAT', attached_at = NULL, expires_at = now()"
        " WHERE purpose = 'DOCUMENT'"
    )


def _create_applications() -> None:
    states = sa.Enum(
        *("SUBMITTED", "CHANGES_REQUESTED", "APPROVED", "REJECTED", "WITHDRAWN"),
        name="applicationstate",
        native_enum=False,
        create_constraint=True,
        length=40,
    )
    table = "vendor_application"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("state", states, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("tax_kind", sa.String(10), nullable=False),
        sa.Column("tax_id", sa.LargeBinary(), nullable=False),
        sa.Column("tax_lookup", sa.LargeBinary(), nullable=False),
        sa.Column("submitted_at", TIME, nullable=False),
        sa.Column("reason", sa.String(1000), nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("decider_id", sa.Uuid(), nullable=True),
        *_checks(
            table,
            revision="revision >= 1",
            tax_lookup="octet_length(tax_lookup) = 32",
            tax_kind="tax_kind ~ '^[A-Z_]{2,10}$'",
            reason_length="char_length(reason) BETWEEN 1 AND 1000",
            reason="state NOT IN ('CHANGES_REQUESTED', 'REJECTED') OR reason IS NOT NULL",
            decided="(decided_at IS NULL) = (decider_id IS NULL)",
            decision="state IN ('SUBMITTED', 'WITHDRAWN') OR decided_at IS NOT NULL",
        ),
        _reference(table, "user_id", "user"),
        _reference(table, "vendor_id", "vendor"),
        _reference(table, "decider_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{table}_pkey")),
        sa.UniqueConstraint("vendor_id", name=op.f(f"{table}_vendor_id_key")),
    )
    _index(table, "state", "submitted_at", "id", name="state")
    _index(table, "submitted_at", "id", name="submitted_at")
    _index(table, "user_id", "submitted_at", "id", name="user_id")
    _index(table, "tax_lookup", name="tax_lookup")
    _index(table, "decider_id", name="decider_id")


def _create_documents() -> None:
    table = "vendor_document"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *_checks(table, position="position BETWEEN 0 AND 9"),
        _reference(table, "application_id", "vendor_application"),
        _reference(table, "upload_id", "upload"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{table}_pkey")),
        sa.UniqueConstraint(
            *("application_id", "position"),
            name=op.f(f"{table}_application_id_position_key"),
            **DEFERRED,
        ),
        sa.UniqueConstraint("upload_id", name=op.f(f"{table}_upload_id_key"), **DEFERRED),
    )


def _create_suspensions() -> None:
    """Vendors that are suspended already have no reason that is known."""
    table = "vendor_suspension"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(1000), nullable=False),
        sa.Column("admin_id", sa.Uuid(), nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("restorer_id", sa.Uuid(), nullable=True),
        *_checks(
            table,
            number="number >= 1",
            reason="char_length(reason) BETWEEN 1 AND 1000",
            ended="(ended_at IS NULL) = (restorer_id IS NULL)",
        ),
        _reference(table, "vendor_id", "vendor"),
        _reference(table, "admin_id", "user"),
        _reference(table, "restorer_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{table}_pkey")),
        sa.UniqueConstraint("vendor_id", "number", name=op.f(f"{table}_vendor_id_number_key")),
    )
    op.create_index(
        "vendor_suspension_open_key",
        table,
        ["vendor_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    _index(table, "admin_id", name="admin_id")
    _index(table, "restorer_id", name="restorer_id")


def _create_follows() -> None:
    op.create_table(
        "follow",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _reference("follow", "user_id", "user"),
        _reference("follow", "vendor_id", "vendor"),
        sa.PrimaryKeyConstraint("user_id", "vendor_id", name=op.f("follow_pkey")),
    )
    _index("follow", "vendor_id", "user_id", name="vendor_id")


def _set_reasons(*reasons: str) -> None:
    name = op.f("redemption_redemptionreason_check")
    op.drop_constraint(name, "redemption")
    known = ", ".join(f"'{reason}'" for reason in reasons)
    op.create_check_constraint(name, "redemption", f"reason IN ({known})")


def _checks(table: str, **rules: str) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(rule, name=op.f(f"{table}_{name}_check")) for name, rule in rules.items()
    ]


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=op.f(f"{table}_{column}_fkey"), **DEFERRED
    )


def _index(table: str, *columns: str, name: str) -> None:
    op.create_index(op.f(f"{table}_{name}_idx"), table, list(columns))
