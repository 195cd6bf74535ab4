"""SQL that goes past all of the code, on the one row that each table has."""

import json
from collections.abc import Mapping

# A line break, a direction override, an invisible character, spaces at the ends, and nothing.
NOT_ONE_LINE = (r"E'a\nb'", r"E'a\u202eb'", r"E'a\u200bb'", "' a'", "'a '", "''")

Rule = tuple[str, str]  # the name of a constraint, and SQL that violates it


def change(table: str, values: str) -> str:
    return f'UPDATE "{table}" SET {values}'


def copy(table: str, **values: object) -> str:
    """Return SQL that copies a row, except for its id and these values.

    Give every column that the rule depends on: a table may have several rows, in any order.
    """
    return copy_where(table, "true", values)


def copy_where(table: str, where: str, values: Mapping[str, object]) -> str:
    """Return SQL that copies a row that fits, except for its id and these values."""
    return f"""
        INSERT INTO "{table}" SELECT (jsonb_populate_record(NULL::"{table}", to_jsonb(one)
            || jsonb_build_object('id', gen_random_uuid())
            || '{json.dumps(values)}'::jsonb)).*
        FROM "{table}" AS one WHERE {where} LIMIT 1
    """.replace(":", r"\:")


OTHER_LOOKUP, OTHER_NEXT_LOOKUP = "\\x" + "01" * 32, "\\x" + "01" * 36


def lookups(table: str, lookup: str = "email_lookup") -> list[Rule]:
    """Return SQL that stores what is no hash of an address."""
    return [
        (f"{table}_{name}_check", change(table, f"{name} = '1' WHERE {lookup} IS NOT NULL"))
        for name in (lookup, f"next_{lookup}")
    ]


def unique_lookups(table: str, **values: object) -> list[Rule]:
    """Return SQL that stores another row with one of the two hashes of an address."""
    others = {"email_lookup": OTHER_LOOKUP, "next_email_lookup": OTHER_NEXT_LOOKUP}
    return [
        (
            f"{table}_{name}_key",
            copy_where(
                table,
                "email_lookup IS NOT NULL",
                values | {one: value for one, value in others.items() if one != name},
            ),
        )
        for name in others
    ]


def one_line(table: str, column: str) -> list[Rule]:
    """Return SQL that stores text that is not one clean line."""
    name = f"{table}_{column}_line_check"
    return [(name, change(table, f"{column} = {value}")) for value in NOT_ONE_LINE]


def places(table: str) -> list[Rule]:
    """Return SQL that stores coordinates which are not on the earth."""
    return [
        (f"{table}_{column}_check", change(table, f"{column} = {value}"))
        for column, values in (("latitude", (-90.1, 90.1)), ("longitude", (-181, 181)))
        for value in values
    ]
