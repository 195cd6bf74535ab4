"""Validated input of redemptions and of their corrections."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, StringConstraints, field_validator
from pydantic import Field as Range

from core.security.codes import SEPARATORS, strip_noise
from models.errors import InvalidValue
from models.offers.rules import MAX_AMOUNT
from models.redemptions import DeviceId, ReasonText
from models.redemptions.bills import BillReference

MAX_CODE_LENGTH = 100
MAX_ACCURACY = 1_000_000  # metres
ACCURATE_M = 500.0  # below which a location is compared with others


def _not_blank(code: str) -> str:
    """Refuse a code of nothing but noise: an empty form is no attempt to redeem a voucher."""
    if not strip_noise(code, SEPARATORS):
        raise InvalidValue("Must not be empty.")
    return code


class GeoPoint(BaseModel, frozen=True):
    """A location in degrees north and east (WGS 84), and its accuracy in metres if it is known."""

    latitude: Annotated[float, Range(ge=-90, le=90)]
    longitude: Annotated[float, Range(ge=-180, le=180)]
    accuracy: Annotated[float, Range(ge=0, le=MAX_ACCURACY)] | None = None

    @property
    def is_accurate(self) -> bool:
        return self.accuracy is not None and self.accuracy < ACCURATE_M


ScannedToken = Annotated[
    str,
    StringConstraints(max_length=2_000),
    AfterValidator(strip_noise),
    StringConstraints(min_length=1),
]
TypedCode = Annotated[
    str, StringConstraints(max_length=MAX_CODE_LENGTH), AfterValidator(_not_blank)
]


class PresentedAmount(BaseModel, frozen=True):
    """An amount in minor units of a currency, which must be the vendor's."""

    amount_minor: Annotated[int, Range(ge=1, le=MAX_AMOUNT)]
    currency: str


class PresentedBill(BaseModel, frozen=True):
    """A bill by the till's reference, with its total before discounts, including tax."""

    reference: BillReference
    amount: PresentedAmount


class RedemptionRequest(BaseModel, frozen=True):
    """Validated input of a redemption: the QR code's token, or the typed code."""

    token: ScannedToken | None = None
    code: TypedCode | None = None
    location: GeoPoint | None = None
    device_id: DeviceId | None = None
    scan_id: UUID | None = None
    bill: PresentedBill | None = None
    amount: PresentedAmount | None = None

    @field_validator("device_id")
    @classmethod
    def omit_empty_device_id(cls, device_id: str | None) -> str | None:
        return device_id or None


class CorrectionDraft(BaseModel, frozen=True):
    """Validated reason of a reversal or of new codes."""

    reason: ReasonText
