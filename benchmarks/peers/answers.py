"""Compares the servers' answers, because only equal answers can be compared in speed."""

import base64
import binascii
import json
import urllib.request
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks.load.results import BenchmarkError
from benchmarks.peers.contenders import LIST, TYPENAME, Contender
from benchmarks.peers.processes import PinnedServer
from benchmarks.peers.requests import calls
from benchmarks.workloads import OperationCall

PAGES = 10
TIMEOUT_SECONDS = 20
TIMES = {"startsAt", "endsAt"}


def walk_pages(server: PinnedServer, token: str) -> list[str | None]:
    """Return the cursors of the first pages. The first is None."""
    cursors: list[str | None] = [None]
    document = server.contender.documents[LIST]
    while len(cursors) < PAGES:
        call = OperationCall(document, {"after": cursors[-1]})
        data = json.loads(ask(server, LIST, call, token))["data"]
        cursors.append(data["offers"]["pageInfo"]["endCursor"])
    return cursors


def read_answers(
    server: PinnedServer, workload: str, cursors: Sequence[str | None], token: str
) -> list[Any]:
    """Return the comparable data of all pages, or of the first of many documents."""
    operations = calls(server.contender, workload, cursors)[: len(cursors)]
    return [comparable(json.loads(ask(server, workload, call, token))) for call in operations]


def write_fixed_answers(
    server: PinnedServer, folder: Path, cursors: Sequence[str | None], token: str
) -> None:
    """Write the server's first answers to files, for the server of fixed bytes."""
    folder.mkdir()
    for workload in (LIST, TYPENAME):
        call = calls(server.contender, workload, cursors)[0]
        (folder / f"{workload}.json").write_bytes(ask(server, workload, call, token))


def ask(server: PinnedServer, workload: str, call: OperationCall, token: str) -> bytes:
    """Return the body of the answer, which must be a good one."""
    contender = server.contender
    headers = {"Content-Type": "application/json"}
    if contender.signed_in:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}{contender.path.format(workload=workload)}",
        json.dumps({"query": call.document, "variables": call.variables}).encode(),
        headers,
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310
            body: bytes = response.read()
    except urllib.error.HTTPError as error:
        raise BenchmarkError(f"{contender.key}, {workload}: {error.read()[:400]!r}") from error
    if "errors" in json.loads(body):
        raise BenchmarkError(f"{contender.key}, {workload}: {body[:400]!r}")
    return body


def comparable(answer: Any) -> Any:
    """Return the data in a form that servers share.

    Ids are UUIDs, times are in milliseconds, as JavaScript has them, and cursors are left out.
    """
    return _comparable("data", answer["data"])


def _comparable(name: str, value: Any) -> Any:
    match value:
        case dict():
            return {
                key: _comparable(key, item) for key, item in value.items() if key != "endCursor"
            }
        case list():
            return [_comparable(name, item) for item in value]
        case str() if name == "id":
            return _uuid(value)
        case str() if name in TIMES:
            return round(datetime.fromisoformat(value).timestamp() * 1000)
    return value


def _uuid(id: str) -> UUID:
    """Return the UUID of a plain id, or of Haat's global one."""
    try:
        return UUID(base64.b64decode(id, validate=True).decode().partition(":")[2])
    except (binascii.Error, ValueError):
        return UUID(id)


def ensure_same(
    contender: Contender, workload: str, expected: Sequence[Any], given: Sequence[Any]
) -> None:
    """Raise `BenchmarkError` with the first difference."""
    if difference := find_difference("data", list(expected), list(given)):
        raise BenchmarkError(
            f"{contender.title} answers {workload} differently, so it is not measured. {difference}"
        )


def find_difference(path: str, expected: Any, given: Any) -> str | None:
    match expected, given:
        case dict(), dict() if expected.keys() == given.keys():
            pairs = [(f"{path}.{key}", expected[key], given[key]) for key in expected]
        case list(), list() if len(expected) == len(given):
            pairs = [
                (f"{path}[{place}]", *both)
                for place, both in enumerate(zip(expected, given, strict=True))
            ]
        case _:
            return None if expected == given else f"{path}: {expected!r:.200}, not {given!r:.200}"
    return next(filter(None, (find_difference(*pair) for pair in pairs)), None)
