"""Validated input of services, their resources and the terms of cancelling."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, StringConstraints, field_validator, model_validator
from pydantic import Field as Range
from pydantic.alias_generators import to_camel

from models.base import MAX_LOCALES, LocaleTag
from models.bookings.setting_up.policies import (
    MAX_RESCHEDULES,
    MAX_TIER_MINUTES,
    MAX_TIERS,
    PolicyName,
)
from models.bookings.setting_up.resources import (
    MAX_LANES,
    MAX_RESOURCES,
    MAX_WEIGHT,
    ResourceKind,
    ResourceName,
)
from models.bookings.setting_up.services import (
    MAX_BUFFER,
    MAX_DURATION,
    MAX_HORIZON,
    MAX_NEEDED,
    MAX_NOTICE,
    MAX_OPEN,
    MAX_PER_DAY,
    MAX_SEATS,
    MAX_SERVICE_PRICE,
    MAX_SPECIES,
    MAX_STEP,
    MIN_DURATION,
    MIN_STEP,
    ServiceName,
    ServiceText,
    SlotAnchor,
    StaffChoice,
)
from models.catalog.products import TaxClass
from models.errors import NULL_REFUSED, InvalidInput, InvalidValue
from models.pets.pets import Species
from models.pricing.amounts import BPS

MAX_POSITION = 999
Names = Annotated[dict[LocaleTag, ServiceName], Range(min_length=1, max_length=MAX_LOCALES)]
Texts = Annotated[dict[LocaleTag, ServiceText], Range(max_length=MAX_LOCALES)]
Duration = Annotated[int, Range(ge=MIN_DURATION, le=MAX_DURATION)]
Buffer = Annotated[int, Range(ge=0, le=MAX_BUFFER)]
Price = Annotated[int, Range(ge=0, le=MAX_SERVICE_PRICE)]
Position = Annotated[int, Range(ge=0, le=MAX_POSITION)]
HsnCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,8}$")]
RefundBps = Annotated[int, Range(ge=0, le=BPS)]
TierMinutes = Annotated[int, Range(ge=0, le=MAX_TIER_MINUTES)]


class ServiceDraft(BaseModel, frozen=True):
    """All that a vendor sets of a service, but for what it needs."""

    name: Names
    description: Texts = {}
    position: Position = 0
    duration: Duration
    buffer_before: Buffer = 0
    buffer_after: Buffer = 0
    step: Annotated[int, Range(ge=MIN_STEP, le=MAX_STEP)] = 15
    anchor: SlotAnchor = SlotAnchor.OPENING
    notice: Annotated[int, Range(ge=0, le=MAX_NOTICE)] = 60
    horizon: Annotated[int, Range(ge=1, le=MAX_HORIZON)] = 90
    seats: Annotated[int, Range(ge=1, le=MAX_SEATS)] = 1
    staff_choice: StaffChoice = StaffChoice.ANY
    needs_approval: bool = False
    moves_without_approval: bool = False
    needs_pet: bool = False
    species: Annotated[list[Species], Range(max_length=MAX_SPECIES)] = []
    per_user_open: Annotated[int, Range(ge=1, le=MAX_OPEN)] = 5
    per_day: Annotated[int, Range(ge=1, le=MAX_PER_DAY)] | None = None
    price: Price
    deposit: Price = 0
    pay_at_desk: bool = False
    policy_id: UUID | None = None
    tax_class: TaxClass = TaxClass.STANDARD
    hsn_code: HsnCode | None = None

    @field_validator("species")
    @classmethod
    def without_repeats(cls, species: list[str]) -> list[str]:
        return [*dict.fromkeys(species)]

    @model_validator(mode="after")
    def ensure_consistent(self) -> Self:
        if self.deposit > self.price:
            raise InvalidInput("A deposit is at most the price.", field=["deposit"])
        if self.deposit and self.pay_at_desk:
            raise InvalidInput(
                "A service that is paid at the desk has no deposit.", field=["deposit"]
            )
        if self.species and not self.needs_pet:
            raise InvalidInput("Only a service for pets has species.", field=["species"])
        return self


def values_to_set(draft: type[BaseModel], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of an input, with defaults for null. Raises `InvalidInput` without one."""
    fields = draft.model_fields
    for name, value in given.items():
        if value is None and fields[name].is_required():
            raise InvalidInput(NULL_REFUSED, field=[to_camel(name)])
    return {
        name: fields[name].get_default() if value is None else value
        for name, value in given.items()
    }


class NeedDraft(BaseModel, frozen=True):
    """A number of resources of a kind that are used at once."""

    kind: ResourceKind
    count: Annotated[int, Range(ge=1, le=MAX_NEEDED)] = 1


class ProviderDraft(BaseModel, frozen=True):
    """A resource that does a service, with a time and a price of its own."""

    resource_id: UUID
    duration: Duration | None = None
    price: Price | None = None
    currency: str | None = None


class ServiceParts(BaseModel, frozen=True):
    """The needs and the providers of a service, where None keeps those that it has.

    `currencies` are those of the amounts of its other values, by their names.
    """

    currencies: dict[str, str] = {}
    needs: Annotated[list[NeedDraft], Range(max_length=len(ResourceKind))] | None = None
    providers: Annotated[list[ProviderDraft], Range(max_length=MAX_RESOURCES)] | None = None

    @field_validator("needs")
    @classmethod
    def ensure_kinds_once(cls, needs: list[NeedDraft] | None) -> list[NeedDraft] | None:
        if needs and len({one.kind for one in needs}) < len(needs):
            raise InvalidValue("Enter each kind only once.")
        return needs

    @field_validator("providers")
    @classmethod
    def ensure_providers_once(
        cls, providers: list[ProviderDraft] | None
    ) -> list[ProviderDraft] | None:
        if providers and len({one.resource_id for one in providers}) < len(providers):
            raise InvalidValue("Choose each entry only once.")
        return providers


class ResourceDraft(BaseModel, frozen=True):
    """All that a vendor sets of a resource, but for its services."""

    kind: ResourceKind
    name: ResourceName
    position: Position = 0
    lanes: Annotated[int, Range(ge=1, le=MAX_LANES)] = 1
    member_id: UUID | None = None
    time_zone: str
    weight: Annotated[int, Range(ge=0, le=MAX_WEIGHT)] = 100

    @model_validator(mode="after")
    def ensure_staff_has_agenda(self) -> Self:
        if self.member_id is not None and self.kind is not ResourceKind.STAFF:
            raise InvalidInput("Only staff can be a member.", field=["memberId"])
        return self


class RefundTierDraft(BaseModel, frozen=True):
    """The refund of a customer who cancels at least so many minutes before the start."""

    minutes_before: TierMinutes
    refund_bps: RefundBps


class PolicyDraft(BaseModel, frozen=True):
    """All that a vendor sets of the terms of cancelling."""

    name: PolicyName
    refund_tiers: Annotated[list[RefundTierDraft], Range(max_length=MAX_TIERS)] = []
    reschedules: Annotated[int, Range(ge=0, le=MAX_RESCHEDULES)] = 3
    reschedule_minutes: TierMinutes = 0
    no_show_bps: RefundBps = BPS

    @field_validator("refund_tiers")
    @classmethod
    def ensure_falling(cls, tiers: list[RefundTierDraft]) -> list[RefundTierDraft]:
        """Sort tiers by time. Less notice never refunds more."""
        by_time = sorted(tiers, key=lambda one: -one.minutes_before)
        for earlier, later in pairwise(by_time):
            if earlier.minutes_before == later.minutes_before:
                raise InvalidValue("Enter each time before the start only once.")
            if earlier.refund_bps < later.refund_bps:
                raise InvalidValue("Customers who cancel later cannot get more back.")
        return by_time

    def columns(self) -> dict[str, Any]:
        tiers = [[one.minutes_before, one.refund_bps] for one in self.refund_tiers]
        return self.model_dump(exclude={"refund_tiers"}) | {"tiers": tiers}
