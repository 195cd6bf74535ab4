"""Names and titles are one visible line.

Stored values that are not are cleaned first: each run of such characters becomes a space.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INVISIBLE = (
    r"[\u0001-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u2800\u3164]"
)
# Each with its value if no visible character is left.
COLUMNS = (
    ("user", "name", "'User'"),
    ("vendor", "name", "'Vendor'"),
    ("vendor", "city", "'-'"),
    ("api_token", "name", "'Token'"),
    ("upload", "file_name", "'file'"),
    ("redemption", "device_id", "NULL"),
    ("canned_reply", "title", "id::text"),
)


def upgrade() -> None:
    for table, column, otherwise in COLUMNS:
        valid = f"{column} !~ '{INVISIBLE}' AND {column} = btrim({column}) AND {column} <> ''"
        cleaned = f"btrim(regexp_replace({column}, '{INVISIBLE}+', ' ', 'g'))"
        if column == "title":  # unique: a cleaned one could equal another
            cleaned = f"btrim(left({cleaned}, 43) || ' ' || id)"
        op.execute(
            f"UPDATE \"{table}\" SET {column} = coalesce(nullif({cleaned}, ''), {otherwise})"  # noqa: S608
            f" WHERE NOT ({valid})"
        )
        op.create_check_constraint(op.f(f"{table}_{column}_line_check"), table, valid)


def downgrade() -> None:
    for table, column, _ in reversed(COLUMNS):
        op.drop_constraint(op.f(f"{table}_{column}_line_check"), table)
