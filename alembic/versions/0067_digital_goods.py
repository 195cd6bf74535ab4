"""Files and license keys that are sold, and the rights of their buyers."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
DEFERRED: dict[str, Any] = {"deferrable": True, "initially": "DEFERRED"}
ENUM: dict[str, Any] = {"native_enum": False, "create_constraint": True, "length": 40}
LINE = r"[\u0001-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u2800\u3164]"
FILE_NAME = f"file_name !~ '{LINE}' AND file_name = btrim(file_name) AND file_name <> ''"


def upgrade() -> None:
    op.create_table(
        "digital_asset",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("CHECKING", "READY", "FAILED", "REMOVED", name="assetstate", **ENUM),
            nullable=False,
        ),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("content_type", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("object_key", sa.String(200), nullable=False),
        sa.Column(
            "watermark", sa.Enum("NONE", "IMAGE", "PDF", name="watermark", **ENUM), nullable=False
        ),
        sa.Column("has_preview", sa.Boolean(), nullable=False),
        sa.Column("preview_sha256", sa.String(64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("max_downloads", sa.Integer(), nullable=False),
        sa.Column("valid_days", sa.Integer(), nullable=True),
        sa.CheckConstraint(FILE_NAME, name=op.f("digital_asset_file_name_line_check")),
        sa.CheckConstraint(
            "preview_sha256 ~ '^[0-9a-f]{64}$'", name=op.f("digital_asset_preview_sha256_check")
        ),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("digital_asset_sha256_check")),
        sa.CheckConstraint(
            "state <> 'CHECKING' OR watermark <> 'NONE'", name=op.f("digital_asset_checking_check")
        ),
        sa.CheckConstraint(
            "max_downloads BETWEEN 1 AND 100", name=op.f("digital_asset_max_downloads_check")
        ),
        sa.CheckConstraint("position >= 0", name=op.f("digital_asset_position_check")),
        sa.CheckConstraint("size >= 1", name=op.f("digital_asset_size_check")),
        sa.CheckConstraint(
            "valid_days BETWEEN 1 AND 3650", name=op.f("digital_asset_valid_days_check")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("digital_asset_version_check")),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["upload.id"], name=op.f("digital_asset_upload_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variant.id"], name=op.f("digital_asset_variant_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("digital_asset_vendor_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("digital_asset_pkey")),
        sa.UniqueConstraint("upload_id", name=op.f("digital_asset_upload_id_key")),
    )
    op.create_index(
        "digital_asset_variant_id_idx",
        "digital_asset",
        ["variant_id", "position", "id"],
        unique=False,
    )
    op.create_index("digital_asset_vendor_id_idx", "digital_asset", ["vendor_id"], unique=False)
    op.create_table(
        "download_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("suborder_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("expires_at", TIME, nullable=True),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.Column("copy_version", sa.Integer(), nullable=True),
        sa.Column("is_copied", sa.Boolean(), nullable=False),
        sa.Column("copy_asked_at", TIME, nullable=True),
        sa.CheckConstraint(
            "NOT is_copied OR copy_version IS NOT NULL", name=op.f("download_grant_is_copied_check")
        ),
        sa.CheckConstraint("copy_version >= 1", name=op.f("download_grant_copy_version_check")),
        sa.CheckConstraint("most BETWEEN 1 AND 100000", name=op.f("download_grant_most_check")),
        sa.CheckConstraint("used BETWEEN 0 AND most", name=op.f("download_grant_used_check")),
        sa.ForeignKeyConstraint(
            ["asset_id"],
            ["digital_asset.id"],
            name=op.f("download_grant_asset_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_line.id"], name=op.f("download_grant_line_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["suborder_id"],
            ["suborder.id"],
            name=op.f("download_grant_suborder_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("download_grant_user_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("download_grant_pkey")),
        sa.UniqueConstraint(
            "line_id", "asset_id", name=op.f("download_grant_line_id_asset_id_key")
        ),
    )
    op.create_index("download_grant_asset_id_idx", "download_grant", ["asset_id"], unique=False)
    op.create_index(
        "download_grant_suborder_id_idx", "download_grant", ["suborder_id"], unique=False
    )
    op.create_index(
        "download_grant_user_id_idx",
        "download_grant",
        ["user_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "license_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("key_lookup", sa.LargeBinary(), nullable=False),
        sa.Column("next_key_lookup", sa.LargeBinary(), nullable=True),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        sa.Column("suborder_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("unit_number", sa.Integer(), nullable=True),
        sa.Column("sold_at", TIME, nullable=True),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(line_id, suborder_id, user_id, unit_number, sold_at) IN (0, 5)",
            name=op.f("license_key_sold_check"),
        ),
        sa.CheckConstraint(
            "octet_length(key_lookup) = 32", name=op.f("license_key_key_lookup_check")
        ),
        sa.CheckConstraint(
            "octet_length(next_key_lookup) = 36", name=op.f("license_key_next_key_lookup_check")
        ),
        sa.CheckConstraint(
            "revoked_at IS NULL OR line_id IS NOT NULL", name=op.f("license_key_revoked_check")
        ),
        sa.CheckConstraint("unit_number >= 0", name=op.f("license_key_unit_number_check")),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_line.id"], name=op.f("license_key_line_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["suborder_id"], ["suborder.id"], name=op.f("license_key_suborder_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("license_key_user_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variant.id"], name=op.f("license_key_variant_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("license_key_vendor_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("license_key_pkey")),
        sa.UniqueConstraint(
            "line_id", "unit_number", name=op.f("license_key_line_id_unit_number_key")
        ),
        sa.UniqueConstraint(
            "vendor_id", "key_lookup", name=op.f("license_key_vendor_id_key_lookup_key")
        ),
        sa.UniqueConstraint(
            "vendor_id", "next_key_lookup", name=op.f("license_key_vendor_id_next_key_lookup_key")
        ),
    )
    op.create_index(
        "license_key_free_idx",
        "license_key",
        ["variant_id", "id"],
        unique=False,
        postgresql_where=sa.text("line_id IS NULL"),
    )
    op.create_index("license_key_sold_at_idx", "license_key", ["sold_at"], unique=False)
    op.create_index("license_key_suborder_id_idx", "license_key", ["suborder_id"], unique=False)
    op.create_index("license_key_user_id_idx", "license_key", ["user_id"], unique=False)
    op.create_index(
        "license_key_variant_id_idx",
        "license_key",
        ["variant_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "download",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("jti", sa.Uuid(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("SERVED", "USED_UP", "EXPIRED", "REVOKED", name="downloadoutcome", **ENUM),
            nullable=False,
        ),
        sa.Column("place", sa.String(64), nullable=True),
        sa.Column("device", sa.String(80), nullable=True),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        sa.CheckConstraint("requests >= 1", name=op.f("download_requests_check")),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["download_grant.id"], name=op.f("download_grant_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("download_pkey")),
        sa.UniqueConstraint("grant_id", "jti", name=op.f("download_grant_id_jti_key")),
    )
    op.create_index("download_created_at_idx", "download", ["created_at"], unique=False)
    op.create_index(
        "download_grant_id_idx", "download", ["grant_id", "created_at", "id"], unique=False
    )


def downgrade() -> None:
    for table in ("download", "license_key", "download_grant", "digital_asset"):
        op.drop_table(table)
