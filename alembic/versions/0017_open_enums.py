"""Longer names in enum columns, and no CHECK on lists to which domains add."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

COLUMNS = {
    "audit_entry": ("act", "outcome", "actor_kind"),
    "conversation": ("subject_kind", "state"),
    "daily_use": ("act",),
    "delivery": ("channel", "state", "skip_reason"),
    "device": ("platform",),
    "message": ("side", "kind", "notice"),
    "message_report": ("reason",),
    "message_version": ("kind",),
    "notification": ("kind",),
    "notification_preference": ("kind", "channel"),
    "offer": ("state", "discount_kind"),
    "redemption": ("outcome", "reason"),
    "revocation": ("kind",),
    "upload": ("purpose", "state", "rejection_reason"),
    "user": ("role",),
    "vendor": ("status",),
    "vendor_image": ("kind",),
    "vendor_member": ("role",),
    "voucher": ("state",),
}
NOTIFICATION_KINDS = ("VOUCHER_REDEEMED", "MESSAGE_RECEIVED", "API_TOKEN_CREATED")
OPEN = {
    ("conversation", "subject_kind", "subjectkind"): ("OFFER", "VOUCHER"),
    ("daily_use", "act", "dailyact"): (
        "START_CONVERSATION",
        "START_AS_VENDOR",
        "UNANSWERED_MESSAGE",
        "UNANSWERED_AS_VENDOR",
        "REPORT",
        "MAIL",
    ),
    ("notification", "kind", "notificationkind"): NOTIFICATION_KINDS,
    ("notification_preference", "kind", "notificationkind"): NOTIFICATION_KINDS,
    ("upload", "purpose", "uploadpurpose"): ("CHAT", "PICTURE"),
}


def upgrade() -> None:
    for table, _, kind in OPEN:
        op.drop_constraint(op.f(f"{table}_{kind}_check"), table)
    _set_length(40)


def downgrade() -> None:
    """Fails if a row has a name that the former release does not know."""
    _set_length(20)
    for (table, column, kind), names in OPEN.items():
        listed = ", ".join(f"'{name}'" for name in names)
        op.create_check_constraint(op.f(f"{table}_{kind}_check"), table, f"{column} IN ({listed})")


def _set_length(length: int) -> None:
    """Change the type of the columns. A longer one changes the catalogue alone, and no row."""
    for table, columns in COLUMNS.items():
        for column in columns:
            op.alter_column(table, column, type_=sa.String(length))
