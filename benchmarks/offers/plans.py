"""How PostgreSQL goes about prepared statements.

`EXPLAIN` with bound parameters plans by their values, even where a generic plan is forced. So the
statement is prepared in SQL, and `EXPLAIN EXECUTE` shows the plan that a server's connection uses.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import asyncpg

Node = dict[str, Any]


async def explain(
    connection: asyncpg.Connection, sql: str, arguments: Sequence[Any], *, generic: bool = True
) -> Node:
    """Execute a statement, and return the root of its plan."""
    found = await _explain(connection, sql, arguments, "JSON", generic=generic)
    explained: Node = json.loads(found[0][0])[0]
    return explained


async def explain_as_text(
    connection: asyncpg.Connection, sql: str, arguments: Sequence[Any]
) -> list[str]:
    """Execute a statement with its generic plan, and return the lines that psql would show."""
    return [row[0] for row in await _explain(connection, sql, arguments, "TEXT", generic=True)]


async def _explain(
    connection: asyncpg.Connection,
    sql: str,
    arguments: Sequence[Any],
    output: str,
    *,
    generic: bool,
) -> list[asyncpg.Record]:
    mode = "force_generic_plan" if generic else "force_custom_plan"
    await connection.execute(f"SET plan_cache_mode = {mode}")
    prepared = await connection.prepare(sql)
    types = ", ".join(
        f"{one.name.removesuffix('[]')}[]" if one.kind == "array" else one.name
        for one in prepared.get_parameters()
    )
    given = f" ({types})" if types else ""
    await connection.execute(f"PREPARE measured{given} AS {sql}")
    try:
        values = ", ".join([await _literal(connection, one) for one in arguments])
        execute = f"EXECUTE measured ({values})" if values else "EXECUTE measured"
        options = f"ANALYZE, BUFFERS, TIMING OFF, FORMAT {output}"
        found: list[asyncpg.Record] = await connection.fetch(f"EXPLAIN ({options}) {execute}")
    finally:
        await connection.execute("DEALLOCATE measured; RESET plan_cache_mode")
    return found


async def _literal(connection: asyncpg.Connection, value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, list | tuple):
        text = "{" + ",".join(_element(one) for one in value) + "}"
    else:
        text = str(value)
    quoted: str = await connection.fetchval("SELECT quote_literal($1)", text)
    return quoted


def _element(value: Any) -> str:
    """Return an element of an array, in quotes."""
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def nodes(plan: Node) -> Iterator[Node]:
    """Yield a node of a plan and those below it that were executed."""
    if plan.get("Actual Loops") == 0:
        return
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def buffers(explained: Node) -> int:
    """Return the pages that were read, from memory or not."""
    root = explained["Plan"]
    return int(root["Shared Hit Blocks"] + root["Shared Read Blocks"])
