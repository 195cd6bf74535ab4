"""Calls as bytes, made before the clock runs."""

import orjson

from benchmarks.loads import Call


def request(port: int, call: Call, token: str | None) -> bytes:
    """One HTTP/1.1 request. It accepts no compression, so neither side spends time on it."""
    body = orjson.dumps({"query": call.document, "variables": call.variables})
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{authorization}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
