"""Append-only tables refuse TRUNCATE, and a function deletes audit entries that have expired.

The function runs with the rights of its owner: the role of servers and workers has no right to
delete entries. Both apply whether or not that role is another one than the owner of the tables.
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

TABLES = ("audit_entry", "erasure")
REFUSE = """
CREATE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
"""
# The schema of the table is named, and the temporary one comes last: a caller cannot put a table
# of their own in its place. The trigger of the table allows to delete entries of this age.
DELETE = """
CREATE FUNCTION delete_old_audit_entries(batch integer) RETURNS SETOF uuid
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM {schema}.audit_entry WHERE id IN (
        SELECT id FROM {schema}.audit_entry
        WHERE created_at < now() - interval '730 days' LIMIT batch
    ) RETURNING id
$$;
"""


def upgrade() -> None:
    op.execute(REFUSE)
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_refuse_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
        )
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    op.execute(DELETE.format(schema=schema))


def downgrade() -> None:
    op.execute("DROP FUNCTION delete_old_audit_entries(integer)")
    for table in TABLES:
        op.execute(f"DROP TRIGGER {table}_refuse_truncate ON {table}")
    op.execute("DROP FUNCTION refuse_truncate()")
