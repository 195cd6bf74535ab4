"""Drop the keys of vendors of bookings, which those of their services imply."""

from alembic import op

revision = "0093"
down_revision = "0092"
branch_labels = None
depends_on = None

OF_SERVICES = ("booking", "booking_series", "booking_wait", "class_meeting")


def upgrade() -> None:
    for table in OF_SERVICES:
        op.drop_constraint(op.f(f"{table}_vendor_id_fkey"), table, type_="foreignkey")


def downgrade() -> None:
    for table in OF_SERVICES:
        op.create_foreign_key(
            op.f(f"{table}_vendor_id_fkey"),
            table,
            "vendor",
            ["vendor_id"],
            ["id"],
            deferrable=True,
            initially="DEFERRED",
        )
