"""Validated input of promo codes."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AliasPath,
    AwareDatetime,
    BaseModel,
    StringConstraints,
    model_validator,
)
from pydantic import Field as Range

from models.errors import InvalidInput
from models.pricing.amounts import BPS
from models.pricing.discounts import PromoKind
from models.promos.codes import MAX_AMOUNT, MAX_CAPACITY, MAX_IN_SCOPE, MAX_PER_USER

LATEST = datetime.fromisoformat("2100-01-01T00:00:00Z")

PromoCodeText = Annotated[
    str,
    StringConstraints(max_length=80),
    AfterValidator(lambda code: code.strip().upper()),
    StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9-]{1,30}[A-Z0-9]$"),
]
Amount = Annotated[int, Range(ge=0, le=MAX_AMOUNT)]
Capacity = Annotated[int, Range(ge=1, le=MAX_CAPACITY)]
PerUser = Annotated[int, Range(ge=1, le=MAX_PER_USER)]
Ids = Annotated[list[UUID], Range(max_length=MAX_IN_SCOPE)]


def ensure_window(valid_from: datetime, valid_until: datetime | None) -> None:
    """Raise `InvalidInput` unless a code ends after it starts, before the year 2100."""
    if valid_until is not None and valid_until <= valid_from:
        raise InvalidInput("A code must end after it starts.", field=["validUntil"])
    if max(valid_from, valid_until or valid_from) >= LATEST:
        raise InvalidInput("A code must start and end before the year 2100.", field=["validUntil"])


class PromoCodeDraft(BaseModel, frozen=True):
    """A new code, with one of the three kinds of discount: without a number, free delivery."""

    code: PromoCodeText
    percent_bps: Annotated[int, Range(ge=1, le=BPS)] | None = Range(
        default=None, validation_alias=AliasPath("discount", "percent_bps")
    )
    amount_minor: Annotated[int, Range(ge=1, le=MAX_AMOUNT)] | None = Range(
        default=None, validation_alias=AliasPath("discount", "amount_minor")
    )
    minimum_minor: Amount = 0
    max_discount_minor: Annotated[int, Range(ge=1, le=MAX_AMOUNT)] | None = None
    capacity: Capacity | None = None
    per_user: PerUser = 1
    combines: bool = False
    category_ids: Ids = []
    vendor_ids: Ids = []
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None

    @model_validator(mode="after")
    def ensure_no_limit_of_an_amount(self) -> Self:
        if self.amount_minor is not None and self.max_discount_minor is not None:
            raise InvalidInput(
                "An amount is its own limit. Leave the highest discount empty.",
                field=["maxDiscountMinor"],
            )
        return self

    @property
    def kind(self) -> PromoKind:
        if self.percent_bps is not None:
            return PromoKind.PERCENT
        return PromoKind.AMOUNT if self.amount_minor is not None else PromoKind.FREE_DELIVERY

    def columns(self, moment: datetime) -> dict[str, Any]:
        """Return the values of the columns. A code without a start begins at the moment."""
        valid_from = self.valid_from or moment
        ensure_window(valid_from, self.valid_until)
        return {
            "code": self.code,
            "kind": self.kind,
            "value": self.percent_bps or self.amount_minor or 0,
            "minimum": self.minimum_minor,
            "max_discount": self.max_discount_minor,
            "capacity": self.capacity,
            "per_user": self.per_user,
            "combines": self.combines,
            "category_ids": sorted(set(self.category_ids)),
            "vendor_ids": sorted(set(self.vendor_ids)),
            "valid_from": valid_from,
            "valid_until": self.valid_until,
        }


class PromoCodePatch(BaseModel):
    """Values of a code that a request sets. None resets one to the default of a new code.

    The discount and its scope never change.
    """

    capacity: Capacity | None = None
    per_user: PerUser | None = None
    combines: bool | None = None
    minimum_minor: Amount | None = None
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None

    def columns(self, moment: datetime) -> dict[str, Any]:
        """Return the values of the columns to set."""
        defaults = {"per_user": 1, "combines": False, "minimum_minor": 0, "valid_from": moment}
        given = self.model_dump(exclude_unset=True)
        values = {
            name: defaults.get(name) if value is None else value for name, value in given.items()
        }
        if "minimum_minor" in values:
            values["minimum"] = values.pop("minimum_minor")
        return values
