"""Signatures of webhooks, as the Standard Webhooks specification defines them.

A signature covers the id, the time and the raw body. The time bounds how long a copy can be sent
again; the id is that of the copy, for those who keep ids.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable

TOLERANCE_SECONDS = 300
PREFIX = "whsec_"
MIN_SECRET_BYTES, MAX_SECRET_BYTES = 24, 64
MAX_SIGNATURES = 10  # in a header: one for each secret of the sender
VERSION = "v1"


class InvalidSignature(Exception):
    """A webhook is not signed with one of these secrets, or too old or too new."""


def read_secret(text: str) -> bytes:
    """Return the bytes of a secret. Raises `ValueError`."""
    try:
        secret = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if not MIN_SECRET_BYTES <= len(secret) <= MAX_SECRET_BYTES:
        raise ValueError("of another length")
    return secret


def sign(secret: bytes, id: str, timestamp: int, body: bytes) -> str:
    """Return the value of `webhook-signature`."""
    signed = b".".join((id.encode(), str(timestamp).encode(), body))
    digest = hmac.digest(secret, signed, hashlib.sha256)
    return f"{VERSION},{base64.b64encode(digest).decode()}"


def verify(
    secrets: Iterable[bytes], *, id: str, timestamp: str, signatures: str, body: bytes, now: float
) -> None:
    """Check the three headers of a webhook. Raises `InvalidSignature`.

    All signatures are compared in constant time with that of each secret.
    """
    if not (id and id.isascii() and timestamp.isascii() and timestamp.isdecimal()):
        raise InvalidSignature
    if len(timestamp) > len(str(int(now))) or abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        raise InvalidSignature
    given = [one.encode() for one in signatures.split(" ")[:MAX_SIGNATURES]]
    expected = [sign(secret, id, int(timestamp), body).encode() for secret in secrets]
    matches = [hmac.compare_digest(one, other) for one in given for other in expected]
    if not any(matches):
        raise InvalidSignature
