"""Stamps of bundles: proof of when a scanner got one, and of how many vouchers it may accept.

A scan without a network has the stamp of the bundle by which it was accepted. So the server knows
the limits without storing bundles, and whatever the scanner's clock shows.
"""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from core.security.secret_keys import SecretKey, SecretPurpose
from core.security.signing_keys import SigningKeys
from models.scanners import BUNDLE_HOURS

SIGNATURE_BYTES = 16
SEPARATOR = "."


@dataclass(frozen=True)
class BundleStamp:
    """When a bundle was issued, to the second, and how many vouchers may be accepted with it."""

    issued_at: datetime
    limit: int

    @property
    def expires_at(self) -> datetime:
        return self.issued_at + timedelta(hours=BUNDLE_HOURS)


def sign_stamp(keys: SigningKeys, scanner_id: UUID, issued_at: datetime, limit: int) -> str:
    """Return the stamp of a bundle. Another scanner cannot use it."""
    content = f"{int(issued_at.timestamp())}{SEPARATOR}{limit}"
    newest = keys.sets.secrets.current(SecretPurpose.LOOKUP)
    return f"{content}{SEPARATOR}{_sign(newest, scanner_id, content)}"


def read_stamp(keys: SigningKeys, scanner_id: UUID, given: str | None) -> BundleStamp | None:
    """Return what a stamp states. None for none, a forged one, and that of another scanner."""
    content, _, signature = (given or "").rpartition(SEPARATOR)
    if not any(
        hmac.compare_digest(own.encode(), signature.encode(errors="replace"))
        for own in _signatures(keys, scanner_id, content)
    ):
        return None
    issued, limit = content.split(SEPARATOR)
    return BundleStamp(datetime.fromtimestamp(int(issued), UTC), int(limit))


def _signatures(keys: SigningKeys, scanner_id: UUID, content: str) -> Iterator[str]:
    for secret in keys.sets.secrets.live(SecretPurpose.LOOKUP):
        yield _sign(secret, scanner_id, content)


def _sign(secret: SecretKey, scanner_id: UUID, content: str) -> str:
    subject = b"bundle stamp\0" + scanner_id.bytes + content.encode(errors="replace")
    return hmac.digest(secret.key, subject, "sha256")[:SIGNATURE_BYTES].hex()
