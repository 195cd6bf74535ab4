"""Changes of what proves a user, which are not trusted yet, and codes that are harder to guess.

Factors of before count as old. Servers of the previous release do not note these times: a factor
that they add counts as old too.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

OLDEST_FACTORS = """
UPDATE "user" SET factor_since = oldest.at FROM (
    SELECT user_id, min(at) AS at FROM (
        SELECT user_id, confirmed_at AS at FROM totp WHERE confirmed_at IS NOT NULL
        UNION ALL SELECT user_id, created_at FROM passkey
    ) AS factor GROUP BY user_id
) AS oldest WHERE oldest.user_id = "user".id
"""


def upgrade() -> None:
    for name in ("factor_since", "credentials_changed_at"):
        op.add_column("user", sa.Column(name, sa.DateTime(timezone=True)))
    op.execute(OLDEST_FACTORS)
    op.add_column("phone_challenge", sa.Column("epoch", sa.Integer()))
    long = sa.Column("is_long", sa.Boolean(), server_default="false", nullable=False)
    op.add_column("phone_challenge", long)
    _check("phone_challenge", "long_tries", "NOT is_long OR tries <= 2")
    op.add_column("factor_challenge", sa.Column("mail_code_hash", sa.LargeBinary()))
    _check(
        "factor_challenge", "mail_code_hash", "mail_code_hash IS NULL OR purpose = 'SECOND_FACTOR'"
    )
    op.drop_constraint(op.f("totp_tried_at_check"), "totp")
    _check("totp", "tried_at", "cardinality(tried_at) <= 40")


def downgrade() -> None:
    op.execute("UPDATE totp SET tried_at = tried_at[greatest(1, cardinality(tried_at) - 19):]")
    op.drop_constraint(op.f("totp_tried_at_check"), "totp")
    _check("totp", "tried_at", "cardinality(tried_at) <= 20")
    op.drop_column("factor_challenge", "mail_code_hash")
    for name in ("is_long", "epoch"):
        op.drop_column("phone_challenge", name)
    for name in ("credentials_changed_at", "factor_since"):
        op.drop_column("user", name)


def _check(table: str, name: str, condition: str) -> None:
    op.create_check_constraint(op.f(f"{table}_{name}_check"), table, condition)
