"""Second hashes of sealed values, so that the key of lookups can be rotated.

They are empty until the hourly job has filled them in: the keys are not in the database. Servers of
the previous release leave them empty too.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("phone", sa.Column("next_lookup", sa.LargeBinary()))
    _check("phone", "next_lookup")
    op.create_unique_constraint(op.f("phone_next_lookup_key"), "phone", ["next_lookup"])
    op.add_column("vendor_application", sa.Column("next_tax_lookup", sa.LargeBinary()))
    _check("vendor_application", "next_tax_lookup")
    name = op.f("vendor_application_next_tax_lookup_idx")
    op.create_index(name, "vendor_application", ["next_tax_lookup"])


def downgrade() -> None:
    op.drop_column("vendor_application", "next_tax_lookup")
    op.drop_column("phone", "next_lookup")


def _check(table: str, column: str) -> None:
    condition = f"octet_length({column}) = 36"
    op.create_check_constraint(op.f(f"{table}_{column}_check"), table, condition)
