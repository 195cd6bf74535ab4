"""Codes that change every 30 seconds, beside the signed token of a QR code.

A copy of the screen has the token and one code, and the code is used once. As in RFC 6238, a code
is an HMAC of the time step; its key is derived, so that none is stored.
"""

import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from core.security.secret_keys import SecretKey, SecretPurpose
from core.security.signing_keys import SigningKeys

STEP_SECONDS = 30
MAX_STEPS_OFF = 1  # before and after that of the time: clocks differ
CODE_BYTES = 4
SEPARATOR = "~"  # which no signed token contains


class ScannedCode(NamedTuple):
    """The content of a QR code: its signed token, and its rotating code if it has one."""

    token: str
    rotating: str | None


def split_scanned(scanned: str) -> ScannedCode:
    token, separator, code = scanned.partition(SEPARATOR)
    return ScannedCode(token, code if separator else None)


def rotating_key(keys: SigningKeys, voucher_id: UUID, generation: int) -> bytes:
    """Return the key of a voucher's rotating codes, 32 bytes. Raises `SecretKeyMissing`."""
    newest = keys.sets.secrets.current(SecretPurpose.LOOKUP)
    return _derive(newest, voucher_id, generation)


def rotating_code(key: bytes, at: datetime) -> str:
    """Return the code of a time, 8 hexadecimal digits."""
    return _code(key, _step(at))


def next_change(at: datetime) -> datetime:
    """Return the time at which the code of a time is followed by another."""
    return datetime.fromtimestamp((_step(at) + 1) * STEP_SECONDS, UTC)


def matching_steps(
    keys: SigningKeys, voucher_id: UUID, generation: int, code: str, at: datetime
) -> list[int]:
    """Return the steps around a time that have this code, in ascending order.

    Two steps can have the same code. All are returned, so that a code is not taken for the used one
    of an earlier step. After a rotation of keys, codes of the former ones are accepted, too.
    """
    step, given = _step(at), code.lower().encode(errors="replace")
    near = range(step - MAX_STEPS_OFF, step + MAX_STEPS_OFF + 1)
    live = [*_derived(keys, voucher_id, generation)]
    return [
        one
        for one in near
        if any(hmac.compare_digest(_code(key, one).encode(), given) for key in live)
    ]


def _derived(keys: SigningKeys, voucher_id: UUID, generation: int) -> Iterator[bytes]:
    for secret in keys.sets.secrets.live(SecretPurpose.LOOKUP):
        yield _derive(secret, voucher_id, generation)


def _derive(secret: SecretKey, voucher_id: UUID, generation: int) -> bytes:
    subject = b"rotating code\0" + voucher_id.bytes + generation.to_bytes(4)
    return hmac.digest(secret.key, subject, "sha256")


def _step(at: datetime) -> int:
    return int(at.timestamp()) // STEP_SECONDS


def _code(key: bytes, step: int) -> str:
    return hmac.digest(key, step.to_bytes(8), "sha256")[:CODE_BYTES].hex()
