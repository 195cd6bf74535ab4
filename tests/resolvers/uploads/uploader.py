"""Files sent as clients send them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from strawberry.relay import from_base64

from models.identity.accounts import User
from tests.client import Client

ANNOUNCED = "upload { id state fileName contentType size url } url method headers { name value }"
FINISHED = "upload { id state rejectionReason fileName contentType size width height url }"
SEEN = "query ($id: ID!) { node(id: $id) { ... on Upload { state rejectionReason fileName url } } }"


@dataclass(frozen=True)
class Uploader:
    """Announces, sends, finishes and fetches files."""

    client: Client

    def of(self, user: User) -> "Uploader":
        return Uploader(self.client.signed_in(user))

    async def announce(self, file: bytes = b"?", **values: Any) -> dict[str, Any]:
        """Return the payload of `createUpload`, by default for a text of this length."""
        input = {"fileName": "notes.txt", "contentType": "text/plain", "size": len(file)} | values
        return await self.client.do("createUpload", input, f"{ANNOUNCED} expiresAt")

    async def send(
        self, announced: Mapping[str, Any], file: bytes, **changed: str
    ) -> httpx.Response:
        """Send the request of the payload, with some headers `changed`."""
        headers = {one["name"]: one["value"] for one in announced["headers"]} | changed
        return await self.client.http.request(
            announced["method"], announced["url"], content=file, headers=headers
        )

    async def finish(self, announced: Mapping[str, Any]) -> dict[str, Any]:
        given = {"uploadId": announced["upload"]["id"]}
        return await self.client.do("finishUpload", given, FINISHED)

    async def upload(self, file: bytes, **values: Any) -> dict[str, Any]:
        """All three, and what the last one answers."""
        announced = await self.announce(file, **values)
        sent = await self.send(announced, file)
        assert sent.status_code == 200, sent.text
        return await self.finish(announced)

    async def fetch(self, url: str, **headers: str) -> httpx.Response:
        return await self.client.http.get(url, headers=headers)

    async def see(self, id: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = (await self.client.ask(SEEN, id=id))["node"]
        return found


def row_id(announced: Mapping[str, Any]) -> UUID:
    return UUID(from_base64(announced["upload"]["id"])[1])


def codes(payload: Mapping[str, Any]) -> list[str]:
    return [error["code"] for error in payload["errors"]]
