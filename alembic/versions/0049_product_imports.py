"""Imports of products from files, with a result for each row."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

ONE_LINE = (
    "{0} !~ '[\\u0001-\\u001f\\u007f-\\u009f\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069"
    "\\ufeff\\u2800\\u3164]' AND {0} = btrim({0}) AND {0} <> ''"
)


def upgrade() -> None:
    op.create_table(
        "product_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("failure", sa.String(40), nullable=True),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("row_count", "created", "updated", "unchanged", "refused")
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('QUEUED', 'RUNNING', 'DONE', 'FAILED')",
            name=op.f("product_import_importstate_check"),
        ),
        sa.CheckConstraint(
            "(state = 'FAILED') = (failure IS NOT NULL)", name=op.f("product_import_failure_check")
        ),
        sa.CheckConstraint(
            "(state IN ('DONE', 'FAILED')) = (finished_at IS NOT NULL)",
            name=op.f("product_import_finished_at_check"),
        ),
        sa.CheckConstraint(
            "row_count BETWEEN 0 AND 2000 AND least(created, updated, unchanged, refused) >= 0"
            " AND created + updated + unchanged + refused <= row_count",
            name=op.f("product_import_counts_check"),
        ),
        _to("product_import", "vendor_id", "vendor"),
        _to("product_import", "user_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("product_import_pkey")),
    )
    op.create_index(
        "product_import_vendor_id_idx", "product_import", ["vendor_id", "created_at", "id"]
    )
    op.create_index("product_import_user_id_idx", "product_import", ["user_id"])
    op.create_table(
        "product_import_row",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(40), nullable=True),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("column_name", sa.String(40), nullable=True),
        sa.Column("code", sa.String(60), nullable=True),
        sa.Column("message", sa.String(500), nullable=True),
        *(
            sa.CheckConstraint(
                ONE_LINE.format(name), name=op.f(f"product_import_row_{name}_line_check")
            )
            for name in ("sku", "code", "message")
        ),
        sa.CheckConstraint(
            "outcome IN ('CREATED', 'UPDATED', 'UNCHANGED', 'REFUSED')",
            name=op.f("product_import_row_importoutcome_check"),
        ),
        sa.CheckConstraint(
            "number BETWEEN 1 AND 2000", name=op.f("product_import_row_number_check")
        ),
        sa.CheckConstraint(
            "num_nonnulls(code, message) = CASE outcome WHEN 'REFUSED' THEN 2 ELSE 0 END",
            name=op.f("product_import_row_refusal_check"),
        ),
        _to("product_import_row", "import_id", "product_import"),
        sa.PrimaryKeyConstraint("id", name=op.f("product_import_row_pkey")),
        sa.UniqueConstraint(
            "import_id", "number", name=op.f("product_import_row_import_id_number_key")
        ),
    )


def downgrade() -> None:
    op.drop_table("product_import_row")
    op.drop_table("product_import")


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{target}.id"],
        name=op.f(f"{table}_{column}_fkey"),
        initially="DEFERRED",
        deferrable=True,
    )
