"""SQL that goes past all of the code, on the one row that each table has."""

import json


def change(table: str, values: str) -> str:
    return f'UPDATE "{table}" SET {values}'


def copy(table: str, **values: object) -> str:
    """Return SQL that copies the first row, except for its id and these values."""
    return f"""
        INSERT INTO "{table}" SELECT (jsonb_populate_record(NULL::"{table}", to_jsonb(one)
            || jsonb_build_object('id', gen_random_uuid())
            || '{json.dumps(values)}'::jsonb)).*
        FROM "{table}" AS one LIMIT 1
    """.replace(":", r"\:")
