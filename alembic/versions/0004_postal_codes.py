"""Postal codes without spaces and hyphens."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE vendor SET pin_code = upper(translate(pin_code, ' -', ''))")
    op.execute(
        """
        UPDATE offer SET pin_codes = ARRAY(
            SELECT DISTINCT upper(translate(code, ' -', '')) FROM unnest(pin_codes) AS code
            ORDER BY 1
        ) WHERE array_to_string(pin_codes, '') ~ '[^A-Z0-9]'
        """
    )
    op.create_check_constraint(
        op.f("vendor_pin_code_check"), "vendor", "pin_code ~ '^[A-Z0-9]{3,10}$'"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("vendor_pin_code_check"), "vendor")
