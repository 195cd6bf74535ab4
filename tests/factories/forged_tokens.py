"""Tokens as a forger makes them."""

import base64
import json


def tampered(token: str) -> str:
    """Return a token with one changed claim and its old signature."""
    header, claims, signature = token.split(".")
    changed = json.loads(_decode(claims)) | {"g": 99}
    return f"{header}.{_encode(changed)}.{signature}"


def unsigned(token: str) -> str:
    """Return a token whose header declares that it has no signature."""
    header, claims, _ = token.split(".")
    return f"{_encode(json.loads(_decode(header)) | {'alg': 'none'})}.{claims}."


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _encode(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
