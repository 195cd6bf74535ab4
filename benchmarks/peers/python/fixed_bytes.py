"""Answers every request with the bytes of a file: the ceiling of uvicorn and of the clients."""

import os
from pathlib import Path

from starlette.types import Receive, Scope, Send

ANSWERS = {
    f"/{file.stem}": file.read_bytes() for file in Path(os.environ["ANSWERS"]).glob("*.json")
}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        return
    answer = ANSWERS.get(scope["path"], b"{}")
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(answer)).encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})
