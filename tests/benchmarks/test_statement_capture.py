"""Statements of PostgreSQL's log, and the scripts for pgbench made from them."""

from benchmarks.load.documents import LIST
from benchmarks.load.numbering import USER, uuid_of
from benchmarks.pgbench.script import PgbenchScript
from benchmarks.pgbench.statement_capture import (
    CapturedTransaction,
    in_process_client,
    read_transactions,
)
from core.settings import Settings

USER_ID, NEW_ID = uuid_of(USER, 5), "019bc24f-8bc7-77fc-9098-7d06ec5fcf8d"
LOG = f"""\
\x1e11 LOG:  statement: BEGIN;
\x1e11 LOG:  execute __asyncpg_stmt_1__: SELECT *
\tFROM offer WHERE title = $1 AND ends_at > $2
\x1e11 DETAIL:  Parameters: $1 = 'it''s
\tnew, $2 = 1', $2 = NULL
\x1e12 LOG:  execute __asyncpg_stmt_2__: SELECT typname FROM pg_type WHERE oid = $1
\x1e12 DETAIL:  Parameters: $1 = '25'
\x1e12 LOG:  execute vendor: SELECT * FROM vendor WHERE id = ANY($1::UUID[])
\x1e12 DETAIL:  Parameters: $1 = '{{{NEW_ID}}}'
\x1e12 LOG:  execute now: SELECT 1
\x1e11 LOG:  execute __asyncpg_stmt_1__: INSERT INTO voucher VALUES ($1::UUID, $2::UUID, $3)
\x1e11 DETAIL:  Parameters: $1 = '{USER_ID}', $2 = '{NEW_ID}', $3 = '1'
\x1e13 LOG:  checkpoint starting: time
\x1e11 LOG:  statement: COMMIT;
\x1e11 LOG:  statement: BEGIN;
\x1e11 LOG:  statement: ROLLBACK;
\x1e11 LOG:  statement: BEGIN; SET CONSTRAINTS ALL IMMEDIATE
\x1e11 LOG:  statement: COMMIT
"""


def test_read_the_transactions_of_each_connection() -> None:
    first = "SELECT *\nFROM offer WHERE title = $1 AND ends_at > $2"
    insert = "INSERT INTO voucher VALUES ($1::UUID, $2::UUID, $3)"
    assert read_transactions(LOG) == [
        CapturedTransaction(
            [
                (first, ("it's\nnew, $2 = 1", None)),
                (insert, (str(USER_ID), NEW_ID, "1")),
            ],
            "COMMIT",
        ),
        CapturedTransaction(
            [("SELECT * FROM vendor WHERE id = ANY($1::UUID[])", (f"{{{NEW_ID}}}",))]
        ),
        CapturedTransaction([("SET CONSTRAINTS ALL IMMEDIATE", ())], "COMMIT"),
        CapturedTransaction([("SELECT 1", ())]),
    ]


def test_scripts_compute_the_ids_of_a_request() -> None:
    script = PgbenchScript.from_transactions("claim", read_transactions(LOG), {str(USER_ID): "U"})
    computed = "('00000010-0000-7000-8000-' || lpad(to_hex(:number::bigint), 12, '0'))"
    assert script.text == (
        "BEGIN;\n"
        "SELECT *\nFROM offer WHERE title = :claim_0 AND ends_at > NULL;\n"
        f"INSERT INTO voucher VALUES ((U)::UUID, ({computed})::UUID, :claim_1);\n"
        "COMMIT;\n"
        f"SELECT * FROM vendor WHERE id = ANY(('{{' || {computed} || '}}')::UUID[]);\n"
        "BEGIN;\nSET CONSTRAINTS ALL IMMEDIATE;\nCOMMIT;\n"
        "SELECT 1;\n"
    )
    assert script.constants == {"claim_0": "it's\nnew, $2 = 1", "claim_1": "1"}


def test_scripts_without_replacements_are_sent_as_captured() -> None:
    script = PgbenchScript.from_transactions("page", read_transactions(LOG))
    assert NEW_ID in script.constants.values()
    assert not script.numbered


async def test_capture_the_statements_of_an_operation(settings: Settings) -> None:
    async with in_process_client(settings) as client:
        data, transactions = await client.execute(LIST, {"first": 2, "after": None})
    assert data["offers"]["nodes"] == []
    captured = [one for transaction in transactions for one in transaction.statements]
    [(statement, parameters)] = [one for one in captured if "FROM offer" in one[0]]
    assert parameters
    assert f"${len(parameters)}" in statement
    assert not [text for text, _ in captured if "pg_catalog" in text]
