"""Imports of offers from files, with a result for each row."""

import sqlalchemy as sa
from alembic import op

revision = "0117"
down_revision = "0116"
branch_labels = None
depends_on = None

ONE_LINE = (
    "{0} !~ '[\\u0001-\\u001f\\u007f-\\u009f\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069"
    "\\ufeff\\u2800\\u3164]' AND {0} = btrim({0}) AND {0} <> ''"
)


def upgrade() -> None:
    op.add_column("offer", sa.Column("external_id", sa.String(64), nullable=True))
    op.create_check_constraint(
        op.f("offer_external_id_line_check"), "offer", ONE_LINE.format("external_id")
    )
    op.create_unique_constraint(
        "offer_vendor_id_external_id_key", "offer", ["vendor_id", "external_id"]
    )
    op.create_table(
        "offer_import",
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
            name=op.f("offer_import_importstate_check"),
        ),
        sa.CheckConstraint(
            "(state = 'FAILED') = (failure IS NOT NULL)", name=op.f("offer_import_failure_check")
        ),
        sa.CheckConstraint(
            "(state IN ('DONE', 'FAILED')) = (finished_at IS NOT NULL)",
            name=op.f("offer_import_finished_at_check"),
        ),
        sa.CheckConstraint(
            "row_count BETWEEN 0 AND 5000 AND least(created, updated, unchanged, refused) >= 0"
            " AND created + updated + unchanged + refused <= row_count",
            name=op.f("offer_import_counts_check"),
        ),
        _to("offer_import", "vendor_id", "vendor"),
        _to("offer_import", "user_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("offer_import_pkey")),
    )
    op.create_index("offer_import_vendor_id_idx", "offer_import", ["vendor_id", "created_at", "id"])
    op.create_index("offer_import_user_id_idx", "offer_import", ["user_id"])
    op.create_index("offer_import_upload_id_idx", "offer_import", ["upload_id"])
    op.create_table(
        "offer_import_row",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(64), nullable=True),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("column_name", sa.String(40), nullable=True),
        sa.Column("code", sa.String(60), nullable=True),
        sa.Column("message", sa.String(500), nullable=True),
        *(
            sa.CheckConstraint(
                ONE_LINE.format(name), name=op.f(f"offer_import_row_{name}_line_check")
            )
            for name in ("external_id", "code", "message")
        ),
        sa.CheckConstraint(
            "outcome IN ('CREATED', 'UPDATED', 'UNCHANGED', 'REFUSED')",
            name=op.f("offer_import_row_importoutcome_check"),
        ),
        sa.CheckConstraint("number BETWEEN 1 AND 5000", name=op.f("offer_import_row_number_check")),
        sa.CheckConstraint(
            "num_nonnulls(code, message) = CASE outcome WHEN 'REFUSED' THEN 2 ELSE 0 END",
            name=op.f("offer_import_row_refusal_check"),
        ),
        _to("offer_import_row", "import_id", "offer_import"),
        sa.PrimaryKeyConstraint("id", name=op.f("offer_import_row_pkey")),
        sa.UniqueConstraint(
            "import_id", "number", name=op.f("offer_import_row_import_id_number_key")
        ),
    )
    op.create_index(
        "offer_import_row_outcome_idx",
        "offer_import_row",
        ["import_id", "outcome", "number", "id"],
    )


def downgrade() -> None:
    op.drop_table("offer_import_row")
    op.drop_table("offer_import")
    op.drop_constraint("offer_vendor_id_external_id_key", "offer")
    op.drop_constraint(op.f("offer_external_id_line_check"), "offer")
    op.drop_column("offer", "external_id")


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{target}.id"],
        name=op.f(f"{table}_{column}_fkey"),
        initially="DEFERRED",
        deferrable=True,
    )
