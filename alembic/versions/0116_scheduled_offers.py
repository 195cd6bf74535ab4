"""Scheduled publication of offers, and pictures that duplicates of an offer share."""

import sqlalchemy as sa
from alembic import op

revision = "0116"
down_revision = "0115"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("offer", sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("offer", sa.Column("publish_failure", sa.String(40), nullable=True))
    op.add_column("offer", sa.Column("schedules", sa.Integer(), nullable=False, server_default="0"))
    for name, rule in {
        "publish_at": "publish_at IS NULL OR (state = 'DRAFT' AND publish_at < ends_at)",
        "publish_failure": "publish_failure IS NULL OR (state = 'DRAFT' AND publish_at IS NULL)",
        "schedules": "schedules >= 0",
    }.items():
        op.create_check_constraint(op.f(f"offer_{name}_check"), "offer", rule)
    op.drop_constraint("offer_picture_upload_id_key", "offer_picture")
    op.create_unique_constraint(
        "offer_picture_offer_id_upload_id_key",
        "offer_picture",
        ["offer_id", "upload_id"],
        initially="DEFERRED",
        deferrable=True,
    )
    op.create_index("offer_picture_upload_id_idx", "offer_picture", ["upload_id"])


def downgrade() -> None:
    op.drop_index("offer_picture_upload_id_idx", "offer_picture")
    op.drop_constraint("offer_picture_offer_id_upload_id_key", "offer_picture")
    op.execute(
        "DELETE FROM offer_picture AS later USING offer_picture AS earlier"
        " WHERE later.upload_id = earlier.upload_id AND later.id > earlier.id"
    )
    op.create_unique_constraint(
        "offer_picture_upload_id_key",
        "offer_picture",
        ["upload_id"],
        initially="DEFERRED",
        deferrable=True,
    )
    for name in ("schedules", "publish_failure", "publish_at"):
        op.drop_constraint(op.f(f"offer_{name}_check"), "offer")
        op.drop_column("offer", name)
