"""Scanners: the devices of a vendor that scan vouchers and tickets."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field

from models.base import Row, foreign_key, timestamp
from models.errors import Refusal
from models.events.check_in.lists import CheckInName
from models.personal_data import of_others
from models.text import one_line_constraint

MAX_SCANNERS = 200  # of a vendor, without revoked ones
MAX_CLOCK_OFFSET_MS = 7 * 24 * 3600 * 1000
CLOCK_TOLERANCE = timedelta(minutes=2)
MAX_SCAN_AGE = timedelta(days=31)  # as long as a date can be
KEY_HASH_BYTES = PUBLIC_KEY_BYTES = 32


class Scanner(Row, table=True):
    """A device of a vendor that scans vouchers and tickets. Its key is shown once, and hashed.

    Bundles for use without a network are encrypted to `public_key` (X25519).
    """

    __table_args__ = (
        one_line_constraint("name"),
        CheckConstraint(f"octet_length(key_hash) = {KEY_HASH_BYTES}", name="key_hash"),
        CheckConstraint(f"octet_length(public_key) = {PUBLIC_KEY_BYTES}", name="public_key"),
        CheckConstraint(f"abs(clock_offset_ms) <= {MAX_CLOCK_OFFSET_MS}", name="clock_offset_ms"),
        Index("scanner_vendor_id_idx", "vendor_id", "created_at", "id"),
    )
    __privacy__ = of_others(id="registered_by_id", none="name key_hash public_key clock_offset_ms")

    vendor_id: UUID = foreign_key("vendor", index=False)
    registered_by_id: UUID = foreign_key("user")
    name: CheckInName = Field(max_length=80)
    key_hash: bytes = Field(unique=True)
    public_key: bytes | None = None
    clock_offset_ms: int = Field(default=0, sa_type=BigInteger)
    seen_at: datetime | None = timestamp(default=None)
    revoked_at: datetime | None = timestamp(default=None)

    @property
    def clock_offset_seconds(self) -> float:
        return self.clock_offset_ms / 1000

    @property
    def has_public_key(self) -> bool:
        return self.public_key is not None

    def ensure_active(self) -> None:
        if self.revoked_at is not None:
            raise ScannerRevoked

    def moment_of(
        self, scanned_at: datetime, received_at: datetime, since: datetime | None = None
    ) -> tuple[datetime, bool]:
        """Return when a scan was by the server's clock, and whether the scanner's is wrong.

        A time that is more than two minutes ahead, or older than any date is long, is that of the
        reception. So is each of a clock that is too far off to be corrected: one that has begun
        again in 1970 would let former codes in, which were valid then. None is before `since`, when
        what the scan relied on was issued.
        """
        age = received_at - scanned_at - timedelta(milliseconds=self.clock_offset_ms)
        corrected = abs(self.clock_offset_ms) < MAX_CLOCK_OFFSET_MS
        if not corrected or not -CLOCK_TOLERANCE <= age <= MAX_SCAN_AGE:
            return received_at, True
        moment = received_at - max(age, timedelta())
        if since is None or moment >= since:
            return moment, False
        return min(since, received_at), since - moment > CLOCK_TOLERANCE


class ScannerRevoked(Refusal):
    message = "This scanner was revoked. Register it again."
    meaning = "The vendor revoked the scanner, so its scans are refused."
    remedy = "Remove its key and its bundle from the device, and register it again."


class ScannerLimitReached(Refusal):
    message = "A business can have at most {most} scanners. Revoke some first."
    meaning = "The vendor has the maximum number of scanners that are not revoked."
    remedy = "Let the user revoke scanners that are not used any more."
