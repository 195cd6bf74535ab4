"""A scanner of a till that works without a network."""

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from core.clock import now
from core.ids import new_id
from models.redemptions import Voucher
from services.redemptions.stamps import sign_stamp
from tests.client import Client, gid
from tests.factories.redemptions import Till

SYNCED = """redemptions {
    id outcome reason lightShown scanMode attemptedAt redeemedAt clockWrong offlineBreach
    voucher { id state }
}"""
PRIVATE = X25519PrivateKey.generate()
PUBLIC = urlsafe_b64encode(PRIVATE.public_key().public_bytes_raw()).rstrip(b"=").decode()


@dataclass(frozen=True)
class Gadget:
    """A registered scanner, which numbers its scans."""

    till: Till
    client: Client
    key: str
    id: str
    numbers: Any = field(default_factory=lambda: count(1))

    @classmethod
    async def register(cls, till: Till, api: Client) -> "Gadget":
        manager = api.signed_in(await till.manager())
        input = {"vendorId": gid(till.vendor), "name": "Till", "publicKey": PUBLIC}
        made = await manager.do("registerScanner", input, "scanner { id } key")
        return cls(till, api.signed_in(till.scanner), made["key"], made["scanner"]["id"])

    def scan(self, voucher: Voucher, minutes: float = 0, **changes: Any) -> dict[str, Any]:
        """Return a scan that was shown GREEN, some minutes ago."""
        at = now() - timedelta(minutes=minutes)
        return {
            "scanId": str(new_id()),
            "seq": next(self.numbers),
            "scannedAt": at.isoformat(),
            "token": voucher.token,
            "shown": "GREEN",
        } | changes

    def stamp(self, hours: float = 1, limit: int = 200) -> str:
        """Return the stamp of a bundle that it got some hours ago."""
        scanner_id = UUID(b64decode(self.id).decode().partition(":")[2])
        issued = now() - timedelta(hours=hours)
        return sign_stamp(self.till.world.keys, scanner_id, issued, limit)

    def input(
        self, scans: Sequence[dict[str, Any]], clock: datetime | None = None
    ) -> dict[str, Any]:
        return {
            "vendorId": gid(self.till.vendor),
            "scannerKey": self.key,
            "clock": (clock or now()).isoformat(),
            "scans": list(scans),
        }

    async def sync(self, *scans: dict[str, Any], clock: datetime | None = None) -> Any:
        answer = await self.client.do("syncRedemptions", self.input(scans, clock), SYNCED)
        assert answer["errors"] == []
        return answer["redemptions"]

    async def refusals(self, *scans: dict[str, Any]) -> list[tuple[str, list[str]]]:
        """Return the code and the path of each error of a synchronization, which stores nothing."""
        answer = await self.client.do("syncRedemptions", self.input(scans), "redemptions { id }")
        return [(one["code"], one["field"]) for one in answer["errors"]]
