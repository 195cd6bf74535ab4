"""License keys: a pool of a variant, of which each unit that is sold gets one."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text

from models.base import Row, foreign_key, optional_foreign_key, timestamp
from models.errors import Refusal
from models.personal_data import retain_rows
from models.sealed_columns import check_lookup, sealed
from models.text import Identifier

LICENSE_KEY = "LICENSE_KEY"  # the kind of keyed hashes
KEY_COLUMN = "license_key.key"
MAX_KEY_LENGTH = 200
MAX_IMPORTED_KEYS = 500  # at a time
MAX_REMOVED_KEYS = 100  # at a time
MAX_KEYS = 100_000  # of a variant
KeyText = Annotated[str, Identifier(MAX_KEY_LENGTH)]


class LicenseKeyState(StrEnum):
    FREE = "FREE"
    SOLD = "SOLD"
    REVOKED = "REVOKED"


class LicenseKey(Row, table=True):
    """A key. `unit_number` is that of the unit of the line which it was handed out for.

    The pool is the stock of the variant: a unit on hand is a key that is free, so stock keeps more
    units from being sold than there are keys.
    """

    __tablename__ = "license_key"
    __table_args__ = (
        CheckConstraint(
            "num_nonnulls(line_id, suborder_id, user_id, unit_number, sold_at) IN (0, 5)",
            name="sold",
        ),
        CheckConstraint("unit_number >= 0", name="unit_number"),
        CheckConstraint("revoked_at IS NULL OR line_id IS NOT NULL", name="revoked"),
        *check_lookup("key_lookup"),
        UniqueConstraint("vendor_id", "key_lookup"),
        UniqueConstraint("vendor_id", "next_key_lookup"),
        UniqueConstraint("line_id", "unit_number"),
        Index("license_key_variant_id_idx", "variant_id", "created_at", "id"),
        Index("license_key_free_idx", "variant_id", "id", postgresql_where=text("line_id IS NULL")),
        Index("license_key_suborder_id_idx", "suborder_id"),
        Index("license_key_user_id_idx", "user_id"),
        Index("license_key_sold_at_idx", "sold_at"),
    )
    __privacy__ = retain_rows(
        personal="key", secrets="key_lookup next_key_lookup", none="unit_number"
    )

    variant_id: UUID = foreign_key("variant", index=False)
    vendor_id: UUID = foreign_key("vendor", index=False)
    key: bytes = sealed(lookup="key_lookup", kind=f"'{LICENSE_KEY}'")
    key_lookup: bytes
    next_key_lookup: bytes | None = None
    line_id: UUID | None = optional_foreign_key("order_line", index=False)
    suborder_id: UUID | None = optional_foreign_key("suborder", index=False)
    user_id: UUID | None = optional_foreign_key("user", index=False)
    unit_number: int | None = None
    sold_at: datetime | None = timestamp(default=None)
    revoked_at: datetime | None = timestamp(default=None)

    @property
    def state(self) -> LicenseKeyState:
        if self.line_id is None:
            return LicenseKeyState.FREE
        return LicenseKeyState.SOLD if self.revoked_at is None else LicenseKeyState.REVOKED


class KeyImport(BaseModel, frozen=True):
    """Validated list of keys."""

    keys: Annotated[Sequence[KeyText], Range(min_length=1, max_length=MAX_IMPORTED_KEYS)]


class KeyRemoval(BaseModel, frozen=True):
    """Validated list of keys to remove."""

    key_ids: Annotated[list[UUID], Range(min_length=1, max_length=MAX_REMOVED_KEYS)]


class LicenseKeyTaken(Refusal):
    message = "One of these keys was imported before. Remove those that you have already."
    meaning = "A license key of the vendor is the same, also one that was sold."
    remedy = "Let the user correct the list. Nothing of it was imported."
    constraint = (
        "license_key_vendor_id_key_lookup_key",
        "license_key_vendor_id_next_key_lookup_key",
    )


class LicenseKeyInUse(Refusal):
    message = "Some of these keys are sold or reserved. Reload the list."
    meaning = "A key is not free, or orders have reserved so many that these are needed."
    remedy = "Refetch the keys. Nothing was removed."


class LicenseKeyLimitReached(Refusal):
    message = "A variant can have at most {most} license keys."
    meaning = "The variant has the maximum number of license keys, with those that were sold."
    remedy = "Let the user add another variant."


class StockFollowsKeys(Refusal):
    message = "The stock of this variant follows its license keys. Import or remove keys instead."
    meaning = "Stock of a variant with license keys cannot be received, counted or written off."
    remedy = "Offer `importLicenseKeys` and `removeLicenseKeys`."
