"""Wrong codes of phone numbers, counted in PostgreSQL instead of Redis."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wrong_codes",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("level", sa.Float(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(key) = 32", name=op.f("wrong_codes_key_check")),
        sa.CheckConstraint("level >= 0", name=op.f("wrong_codes_level_check")),
        sa.PrimaryKeyConstraint("key", name=op.f("wrong_codes_pkey")),
    )


def downgrade() -> None:
    op.drop_table("wrong_codes")
