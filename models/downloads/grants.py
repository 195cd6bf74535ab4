"""Rights of buyers to download the files that they have bought, and each use of them."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Range
from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from core.clock import now
from core.web.user_agents import MAX_DEVICE_LENGTH
from models.base import Row, enum_column, foreign_key, timestamp
from models.downloads.assets import MAX_DOWNLOADS, DigitalAsset
from models.errors import Refusal
from models.personal_data import delete_rows

MAX_GRANTED = 100_000  # 999 units with the most downloads of each
MAX_PLACE_LENGTH = 64
ATTEMPT_DAYS = 180


class DownloadState(StrEnum):
    """The state of a right for its buyer. The last of these that applies counts."""

    READY = "READY"
    PREPARING = "PREPARING"
    USED_UP = "USED_UP"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


class DownloadOutcome(StrEnum):
    SERVED = "SERVED"
    USED_UP = "USED_UP"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


class DownloadGrant(Row, table=True):
    """The right to download one file of one line. `used` are the links that were used, of `most`.

    A marked file has a copy for each right: `copy_version` is the version of the file that it was
    made of. If the mark cannot be made, the file itself is served: `is_copied` is False.
    """

    __tablename__ = "download_grant"
    __table_args__ = (
        CheckConstraint("used BETWEEN 0 AND most", name="used"),
        CheckConstraint(f"most BETWEEN 1 AND {MAX_GRANTED}", name="most"),
        CheckConstraint("copy_version >= 1", name="copy_version"),
        CheckConstraint("NOT is_copied OR copy_version IS NOT NULL", name="is_copied"),
        UniqueConstraint("line_id", "asset_id"),
        Index("download_grant_user_id_idx", "user_id", "created_at", "id"),
        Index("download_grant_suborder_id_idx", "suborder_id"),
        Index("download_grant_asset_id_idx", "asset_id"),
    )
    __privacy__ = delete_rows(none="most used copy_version")

    line_id: UUID = foreign_key("order_line", index=False)
    suborder_id: UUID = foreign_key("suborder", index=False)
    asset_id: UUID = foreign_key("digital_asset", index=False)
    user_id: UUID = foreign_key("user", index=False)
    most: int
    used: int = 0
    expires_at: datetime | None = timestamp(default=None)
    revoked_at: datetime | None = timestamp(default=None)
    copy_version: int | None = None
    is_copied: bool = False
    copy_asked_at: datetime | None = timestamp(default=None)

    @property
    def left(self) -> int:
        return self.most - self.used

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= now()

    def is_prepared(self, asset: DigitalAsset) -> bool:
        """Return whether the copy for the buyer is made of the present file."""
        return not asset.is_marked or self.copy_version == asset.version

    def key_of(self, asset: DigitalAsset) -> str:
        """Return the key of the object that is served."""
        if asset.is_marked and self.is_copied:
            return copy_key(self.id, asset.version)
        return asset.object_key

    def state_of(self, asset: DigitalAsset) -> DownloadState:
        if self.revoked_at is not None:
            return DownloadState.REVOKED
        if self.is_expired:
            return DownloadState.EXPIRED
        if not self.left:
            return DownloadState.USED_UP
        prepared = self.is_prepared(asset)
        return DownloadState.READY if prepared else DownloadState.PREPARING

    def ensure_usable(self) -> None:
        """Raise the refusal for which no link can be made."""
        if self.revoked_at is not None:
            raise DownloadRevoked
        if self.is_expired:
            raise DownloadExpired
        if not self.left:
            raise DownloadLimitReached(most=self.most)

    def give(self, more: int, asset: DigitalAsset) -> None:
        """Allow more downloads, also of a right that was revoked or is over."""
        self.most = min(self.most + more, MAX_GRANTED)
        self.revoked_at = None
        if self.is_expired:
            self.expires_at = asset_end(asset)


def asset_end(asset: DigitalAsset) -> datetime | None:
    """Return the time until which a right that begins now lasts."""
    return None if asset.valid_days is None else now() + timedelta(days=asset.valid_days)


class Download(Row, table=True):
    """A use of a link, whatever came of it: one row for all requests of one link.

    `jti` is the id of the link. `place` is the caller's /24 network, or /48 of IPv6: enough to see
    that a file is passed on, and too little to find a person.
    """

    __tablename__ = "download"
    __table_args__ = (
        CheckConstraint("requests >= 1", name="requests"),
        UniqueConstraint("grant_id", "jti"),
        Index("download_grant_id_idx", "grant_id", "created_at", "id"),
        Index("download_created_at_idx", "created_at"),
    )
    __privacy__ = delete_rows(of="grant_id", personal="place device", none="jti requests")

    grant_id: UUID = foreign_key("download_grant", index=False)
    jti: UUID
    outcome: DownloadOutcome = enum_column(DownloadOutcome)
    place: str | None = Field(default=None, max_length=MAX_PLACE_LENGTH)
    device: str | None = Field(default=None, max_length=MAX_DEVICE_LENGTH)
    requests: int = Field(default=1, sa_type=BigInteger)
    last_at: datetime = timestamp(default_factory=now)


class MoreDownloads(BaseModel, frozen=True):
    """Validated number of downloads to add to a right."""

    downloads: Annotated[int, Range(ge=1, le=MAX_DOWNLOADS)]


def copies_prefix(grant_id: UUID) -> str:
    """Return the prefix of the keys of a buyer's copies."""
    return f"copies/{grant_id}-"


def copy_key(grant_id: UUID, version: int) -> str:
    return f"{copies_prefix(grant_id)}{version}"


class DownloadLimitReached(Refusal):
    code = "DOWNLOAD_LIMIT"
    message = "You have downloaded this file {most} times, as often as you can. Ask the seller."
    meaning = "The grant has no downloads left."
    remedy = "Offer a message to the vendor, who can allow more with `resetDownloads`."


class DownloadExpired(Refusal):
    message = "The time to download this file is over. Ask the seller."
    meaning = "The grant has expired: its `downloadableUntil` has passed."
    remedy = "Offer a message to the vendor, who can allow more with `resetDownloads`."


class DownloadRevoked(Refusal):
    message = "This file was refunded or taken back, so you cannot download it any more."
    meaning = "The grant was revoked: its line was refunded in full, or the vendor revoked it."
    remedy = "Refetch the grant, and hide the download."


class DownloadPreparing(Refusal):
    message = "Your copy of this file is being made. Try again in a moment."
    meaning = "The copy with the buyer's watermark is not ready yet."
    remedy = "Wait for `orderChanges`, or try again after some seconds."
