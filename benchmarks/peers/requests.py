"""The requests of a workload, encoded before the clock starts."""

from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.load.http_request import encode_request
from benchmarks.peers.contenders import DOCUMENTS, LIST, TYPENAME, Contender
from benchmarks.workloads import OperationCall

DISTINCT_DOCUMENTS = 2_000
# In every answer without errors, and in no other: `offers` cannot be null.
EXPECTED = {TYPENAME: b'"__typename"'}
EXPECTED_IN_PAGES = b'"endCursor"'


def distinct_document(document: str, number: int) -> str:
    """Return the list's document with an operation name and an alias of its own."""
    named = document.replace("List(", f"List{number}(", 1)
    return named.replace("title", f"title{number}: title", 1)


def calls(
    contender: Contender, workload: str, cursors: Sequence[str | None]
) -> list[OperationCall]:
    """Return the workload's different operations, without callers."""
    if workload == TYPENAME:
        return [OperationCall(contender.documents[TYPENAME], {})]
    pages: list[dict[str, Any]] = [{"after": cursor} for cursor in cursors]
    if workload == DOCUMENTS:
        list_document = contender.documents[LIST]
        return [
            OperationCall(distinct_document(list_document, number), pages[number % len(pages)])
            for number in range(DISTINCT_DOCUMENTS)
        ]
    return [OperationCall(contender.documents[workload], page) for page in pages]


def encode_requests(
    contender: Contender,
    workload: str,
    port: int,
    cursors: Sequence[str | None],
    tokens: Sequence[str],
) -> list[bytes]:
    """Return the requests. A server that signs users in gets each operation from every user.

    With many documents, it gets each from one user, and the users in turn.
    """
    path = contender.path.format(workload=workload)
    operations = calls(contender, workload, cursors)
    callers: Sequence[str | None] = tokens if contender.signed_in else [None]
    count = len(operations) if workload == DOCUMENTS else len(operations) * len(callers)
    return [
        encode_request(port, operation, token, path)
        for operation, token in _in_turn(operations, callers, count)
    ]


def _in_turn(
    operations: Sequence[OperationCall], callers: Sequence[str | None], count: int
) -> Iterator[tuple[OperationCall, str | None]]:
    for number in range(count):
        yield operations[number % len(operations)], callers[number % len(callers)]
