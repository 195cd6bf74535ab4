"""With trusted documents set, only these run, over every transport."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from core.documents.trusted_documents import sha256
from engine.errors.codes import Fault
from tests.command_line import assert_refused, in_process
from tests.processes import free_port, running, wait_until_ready
from tests.web.conftest import TRUSTED, TRUSTED_SUBSCRIPTION, codes

HASH = sha256(TRUSTED)
APOLLO = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": HASH}}}
PREFIXED = {"persistedQuery": {"version": 1, "sha256Hash": f"sha256:{HASH}"}}
BY_HASH = [
    APOLLO,
    {"extensions": PREFIXED},
    {"extensions": PREFIXED, "query": TRUSTED},
    {"documentId": HASH},
    {"documentId": f"sha256:{HASH}"},
    APOLLO | {"query": TRUSTED},
]
STRANGE = "{ __typename }"
STRANGERS: list[dict[str, Any]] = [
    {"query": STRANGE},
    {"query": TRUSTED},
    {"documentId": sha256(STRANGE)},
    {"documentId": "Hello"},
    {
        "query": STRANGE,
        "extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256(STRANGE)}},
    },
]


@pytest.mark.parametrize("body", BY_HASH)
async def test_a_trusted_document_runs_by_its_hash(
    trusting: httpx.AsyncClient, body: dict[str, Any]
) -> None:
    posted = await trusting.post("/graphql", json=body)
    assert posted.json()["data"] == {"__typename": "Query"}
    params = {
        key: value if isinstance(value, str) else json.dumps(value) for key, value in body.items()
    }
    assert (await trusting.get("/graphql", params=params)).json() | {"extensions": {}} == {
        "data": {"__typename": "Query"},
        "extensions": {},
    }


@pytest.mark.parametrize("accept", ["*/*", "text/event-stream"])
@pytest.mark.parametrize("body", STRANGERS)
async def test_other_documents_are_rejected(
    trusting: httpx.AsyncClient, body: dict[str, Any], accept: str
) -> None:
    for _ in range(2):
        response = await trusting.post("/graphql", json=body, headers={"Accept": accept})
        assert '"data"' not in response.text
        assert '"code":"PERSISTED_QUERY_NOT_FOUND"' in response.text


async def test_another_text_with_a_trusted_hash_is_rejected(trusting: httpx.AsyncClient) -> None:
    response = await trusting.post("/graphql", json=APOLLO | {"query": STRANGE})
    assert codes(response) == [Fault.BAD_USER_INPUT]


async def test_a_stream_runs_by_hash(trusting: httpx.AsyncClient) -> None:
    body = {"documentId": sha256(TRUSTED_SUBSCRIPTION), "variables": {"id": "nonsense"}}
    response = await trusting.post("/graphql", json=body, headers={"Accept": "text/event-stream"})
    assert '"code":"BAD_USER_INPUT"' in response.text, "it was found, and refused its id"


@pytest.fixture(scope="module")
def trusting_server(serving: dict[str, str], trusted_file: Path) -> Iterator[str]:
    port = str(free_port())
    environment = serving | {"PORT": port, "TRUSTED_DOCUMENTS": str(trusted_file)}
    with running("serve", **environment):
        wait_until_ready(f"http://127.0.0.1:{port}")
        yield f"ws://127.0.0.1:{port}/graphql"


async def over_socket(url: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Return the first message of an operation over a socket."""
    async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        await socket.send('{"type": "connection_init"}')
        await socket.recv()
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        answer: dict[str, Any] = json.loads(await socket.recv())
        return answer


@pytest.mark.parametrize("payload", BY_HASH)
async def test_a_socket_runs_a_trusted_document_without_its_text(
    trusting_server: str, payload: dict[str, Any]
) -> None:
    answer = await over_socket(trusting_server, payload)
    assert answer["type"] == "next"
    assert answer["payload"]["data"] == {"__typename": "Query"}


@pytest.mark.parametrize("payload", STRANGERS)
async def test_a_socket_rejects_other_documents(
    trusting_server: str, payload: dict[str, Any]
) -> None:
    answer = await over_socket(trusting_server, payload)
    assert answer["type"] == "error"
    assert answer["payload"][0]["extensions"]["code"] == Fault.PERSISTED_QUERY_NOT_FOUND


async def test_a_socket_without_trusted_documents_accepts_any_text_and_a_known_hash(
    server: str,
) -> None:
    url = server.replace("http", "ws") + "/graphql"
    payload = APOLLO | {"query": TRUSTED}
    assert (await over_socket(url, payload))["type"] == "next"
    async with httpx.AsyncClient(base_url=server) as http:
        await http.post("/graphql", json=payload)
    assert (await over_socket(url, APOLLO))["payload"]["data"] == {"__typename": "Query"}
    unknown = await over_socket(url, {"documentId": "0" * 64})
    assert unknown["payload"][0]["extensions"]["code"] == Fault.PERSISTED_QUERY_NOT_FOUND


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read"),
        ("{", "is not JSON"),
        ("[]", "must be a JSON object"),
        (json.dumps({"0" * 64: TRUSTED}), "is not the SHA-256 of its document"),
        (json.dumps({HASH: None}), "is not the SHA-256 of its document"),
    ],
)
def test_an_invalid_file_stops_the_start_with_a_message(
    serving: dict[str, str], tmp_path: Path, content: str | None, sentence: str
) -> None:
    path = tmp_path / "documents.json"
    if content is not None:
        path.write_text(content)
    ran = in_process("serve", **serving | {"TRUSTED_DOCUMENTS": str(path)})
    assert_refused(ran, sentence)
    assert ran[1].startswith("TRUSTED_DOCUMENTS: ")
