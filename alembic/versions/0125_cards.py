"""Links between accounts by the cards that they paid with."""

from alembic import op

revision = "0125"
down_revision = "0124"
branch_labels = None
depends_on = None

TABLES = ("identity_link", "offer_household")


def upgrade() -> None:
    _check("'DEVICE', 'PHONE', 'ADDRESS', 'CARD'")


def downgrade() -> None:
    op.execute("DELETE FROM identity_link WHERE kind = 'CARD'")
    _check("'DEVICE', 'PHONE', 'ADDRESS'")


def _check(kinds: str) -> None:
    for table in TABLES:
        name = op.f(f"{table}_linkkind_check")
        op.drop_constraint(name, table, type_="check")
        op.create_check_constraint(name, table, f"kind IN ({kinds})")
