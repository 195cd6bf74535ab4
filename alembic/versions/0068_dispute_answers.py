"""The file of an answer to a dispute, and since when a bank asks again."""

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

LINE = (
    "[\\u0001-\\u001f\\u007f-\\u009f\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069"
    "\\ufeff\\u2800\\u3164]"
)
REFERENCE = "file_reference"
CHECKS = {
    "dispute_file_reference_line_check": (
        f"{REFERENCE} !~ '{LINE}' AND {REFERENCE} = btrim({REFERENCE}) AND {REFERENCE} <> ''"
    ),
    "dispute_file_reference_length_check": f"char_length({REFERENCE}) <= 100",
}


def upgrade() -> None:
    op.add_column("dispute", sa.Column("asked_again_at", sa.DateTime(timezone=True)))
    op.add_column("dispute", sa.Column(REFERENCE, sa.String()))
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(name), "dispute", condition)


def downgrade() -> None:
    for name in CHECKS:
        op.drop_constraint(op.f(name), "dispute")
    op.drop_column("dispute", REFERENCE)
    op.drop_column("dispute", "asked_again_at")
