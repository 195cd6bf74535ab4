"""Rights of the application's role on the tables of the role that migrates.

It reads and writes rows, and nothing more: it owns no table, so it cannot alter one or disable a
trigger. In append-only tables it only reads and inserts rows.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, text

# A superuser can migrate too. Tables of others in the same schema are none of ours.
OWNERS = """
    SELECT oid FROM pg_roles WHERE rolname = current_user
    UNION SELECT relowner FROM pg_class WHERE oid = to_regclass('alembic_version')
"""
# Tables and sequences, with the rights that another role than the owner may have on them.
RELATIONS = f"""
    SELECT oid, relname, relowner, relacl, relkind, CASE
            WHEN relkind = 'S' THEN ARRAY['USAGE', 'SELECT']
            WHEN relname = 'alembic_version' THEN ARRAY['SELECT']
            WHEN relname = ANY(CAST(:append_only AS text[])) THEN ARRAY['SELECT', 'INSERT']
            ELSE ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'] END AS rights
    FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'S')
        AND relowner IN ({OWNERS})
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid
            AND classid = 'pg_class'::regclass AND deptype = 'e')
"""  # noqa: S608 - constants of this module
FUNCTIONS = f"""
    SELECT oid, proowner, proacl, prosecdef FROM pg_proc
    WHERE pronamespace = current_schema()::regnamespace AND proowner IN ({OWNERS})
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid
            AND classid = 'pg_proc'::regclass AND deptype = 'e')
"""  # noqa: S608 - constants of this module

# Of all roles but the owner, also those that come from default privileges.
EXCESSIVE = text(
    f"""
    WITH relation AS ({RELATIONS}), given AS (
        SELECT oid, rights, relowner, (aclexplode(relacl)).* FROM relation
        UNION ALL
        SELECT oid, rights, relowner, (aclexplode(attacl)).* FROM relation
        JOIN pg_attribute ON attrelid = oid
    )
    SELECT DISTINCT format('REVOKE %s ON TABLE %s FROM %s', privilege_type, oid::regclass,
        CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END)
    FROM given WHERE grantee <> relowner AND privilege_type <> ALL(rights)
        AND NOT 'UPDATE' = ANY(rights) AND NOT 'USAGE' = ANY(rights)
    UNION ALL
    SELECT format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', function.oid::regprocedure)
    FROM ({FUNCTIONS}) AS function WHERE prosecdef AND EXISTS (
        SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee = 0
    )
    """  # noqa: S608 - constants of this module
)
MISSING = text(
    f"""
    SELECT format('GRANT %s ON %s TO %I', string_agg(wanted, ', '),
        CASE relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || oid::regclass,
        CAST(:role AS name))
    FROM ({RELATIONS}) AS relation, unnest(rights) AS wanted
    WHERE NOT CASE relkind WHEN 'S' THEN has_sequence_privilege(CAST(:role AS name), oid, wanted)
        ELSE has_table_privilege(CAST(:role AS name), oid, wanted) END
    GROUP BY oid, relkind
    UNION ALL
    SELECT format('GRANT EXECUTE ON FUNCTION %s TO %I', oid::regprocedure, CAST(:role AS name))
    FROM ({FUNCTIONS}) AS function
    WHERE NOT has_function_privilege(CAST(:role AS name), oid, 'EXECUTE')
    UNION ALL
    SELECT format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), CAST(:role AS name))
    WHERE NOT has_schema_privilege(CAST(:role AS name), current_schema(), 'USAGE')
    """  # noqa: S608 - constants of this module
)
# Of tables that are created by whatever means. `set_grants` restricts those that are append-only.
DEFAULTS = text(
    """
    SELECT format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT %s TO %I', current_schema(), given,
        CAST(:role AS name))
    FROM unnest(ARRAY['SELECT, INSERT, UPDATE, DELETE ON TABLES', 'USAGE, SELECT ON SEQUENCES',
        'EXECUTE ON FUNCTIONS']) AS given
    """
)


def set_grants(connection: Connection, role: str | None, append_only: Sequence[str]) -> None:
    """Give the application's role the rights that it lacks, and take excessive ones from all roles.

    In the transaction of a migration, so that its tables never exist without them. Without `role`,
    the owner of the tables is the application's role. It has its rights by itself.
    """
    values = {"append_only": list(append_only), "role": role}
    found = [EXCESSIVE] if role is None else [DEFAULTS, EXCESSIVE, MISSING]
    for query in found:
        for statement in connection.execute(query, values).scalars().all():
            connection.exec_driver_sql(statement)
