"""Encodes requests before the measurement starts."""

import orjson

from benchmarks.workloads import OperationCall


def encode_request(
    port: int, call: OperationCall, token: str | None, path: str = "/graphql"
) -> bytes:
    """Return a request without compression, which would cost both sides time."""
    body = orjson.dumps({"query": call.document, "variables": call.variables})
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{authorization}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
