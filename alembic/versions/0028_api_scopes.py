"""Scopes of API tokens for each domain.

Tokens with READ or WRITE keep these names, which stand for the scopes of all domains of that time
but those of the account, until they expire. Servers of the previous release cannot read the others.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

REVOKE_NEW = """
UPDATE api_token SET revoked_at = coalesce(revoked_at, now()), scopes = '{READ}'
WHERE NOT scopes <@ '{READ,WRITE}' OR cardinality(scopes) > 2
"""


def upgrade() -> None:
    op.drop_constraint(op.f("api_token_scopes_check"), "api_token")
    _set_length(40)
    _check("cardinality(scopes) BETWEEN 1 AND 50")


def downgrade() -> None:
    """Revoke tokens whose scopes the former release does not know."""
    op.drop_constraint(op.f("api_token_scopes_check"), "api_token")
    op.execute(REVOKE_NEW)
    _set_length(20)
    _check("scopes <@ '{READ,WRITE}' AND cardinality(scopes) BETWEEN 1 AND 2")


def _set_length(length: int) -> None:
    op.alter_column("api_token", "scopes", type_=sa.ARRAY(sa.String(length)))


def _check(condition: str) -> None:
    op.create_check_constraint(op.f("api_token_scopes_check"), "api_token", condition)
