"""Addresses of vendors, and pictures of vendors and offers."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

INVISIBLE = (
    r"[\u0001-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u2800\u3164]"
)
DEFERRED: dict[str, Any] = {"deferrable": True, "initially": "DEFERRED"}


def upgrade() -> None:
    lines = sa.Column("street_lines", sa.ARRAY(sa.Text()), nullable=False, server_default="{}")
    op.add_column("vendor", lines)
    op.add_column("vendor", sa.Column("subdivision", sa.String(80), nullable=True))
    op.create_check_constraint(
        op.f("vendor_subdivision_line_check"),
        "vendor",
        f"subdivision !~ '{INVISIBLE}' AND subdivision = btrim(subdivision) AND subdivision <> ''",
    )
    op.create_check_constraint(
        op.f("vendor_street_lines_check"),
        "vendor",
        f"cardinality(street_lines) <= 3 AND array_to_string(street_lines, '') !~ '{INVISIBLE}'",
    )
    _set_purposes("CHAT", "PICTURE")
    kinds = sa.Enum(
        *("LOGO", "COVER", "GALLERY"),
        name="vendorimagekind",
        native_enum=False,
        create_constraint=True,
        length=20,
    )
    _create_pictures(
        "vendor_image",
        "vendor",
        sa.Column("kind", kinds, nullable=False),
        most="CASE kind WHEN 'GALLERY' THEN 17 ELSE 0 END",
        place=["vendor_id", "kind", "position"],
    )
    _create_pictures("offer_picture", "offer", most="9", place=["offer_id", "position"])


def downgrade() -> None:
    """Remove the pictures. Their uploads expire, and their objects stay until they are removed."""
    op.drop_table("offer_picture")
    op.drop_table("vendor_image")
    op.execute(
        "UPDATE upload SET purpose = 'CHAT', attached_at = NULL, expires_at = now()"
        " WHERE purpose = 'PICTURE'"
    )
    _set_purposes("CHAT")
    op.drop_constraint(op.f("vendor_street_lines_check"), "vendor")
    op.drop_constraint(op.f("vendor_subdivision_line_check"), "vendor")
    op.drop_column("vendor", "subdivision")
    op.drop_column("vendor", "street_lines")


def _create_pictures(
    table: str, parent: str, *columns: sa.Column[Any], most: str, place: list[str]
) -> None:
    keys = [
        sa.ForeignKeyConstraint([name], [to], name=op.f(f"{table}_{name}_fkey"), **DEFERRED)
        for name, to in ((f"{parent}_id", f"{parent}.id"), ("upload_id", "upload.id"))
    ]
    once = [
        sa.UniqueConstraint(*names, name=op.f(f"{table}_{'_'.join(names)}_key"), **DEFERRED)
        for names in (["upload_id"], place)
    ]
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(f"{parent}_id", sa.Uuid(), nullable=False),
        *columns,
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("alt", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{table}_pkey")),
        sa.CheckConstraint(f"position BETWEEN 0 AND {most}", name=op.f(f"{table}_position_check")),
        *keys,
        *once,
    )


def _set_purposes(*purposes: str) -> None:
    names = ", ".join(f"'{purpose}'" for purpose in purposes)
    op.drop_constraint(op.f("upload_uploadpurpose_check"), "upload")
    op.create_check_constraint(
        op.f("upload_uploadpurpose_check"), "upload", f"purpose IN ({names})"
    )
