"""Cancellation policies, and their inputs."""

from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import UNSET, relay

from dataloaders.bookings.services import visible_policy
from dataloaders.vendors import vendor_by_id
from engine.ids import id_field, id_of
from engine.types import Rows, column, field, related
from models.bookings.setting_up import policies as rows
from models.bookings.setting_up.service_drafts import PolicyDraft, values_to_set
from schema.events.inputs import IDEMPOTENCY_KEY
from schema.lazy import LazyVendor

PolicyId = Annotated[UUID, id_of("CancellationPolicy", "The policy's id.")]
SAVING = (
    "Without an id, one is created; omitted fields then have their defaults. With an id, omitted"
    " fields stay unchanged. Null resets a field to its default; one without a default can't be"
    " null."
)


@strawberry.type(description="A refund of customers who cancel in time.")
class RefundTier:
    minutes_before: int = column("The least minutes before the start.")
    refund_bps: int = column("The refunded part of the payment, in basis points.")


@strawberry.type(
    description="A vendor's terms of cancelling and moving bookings, and of not coming. Each"
    " booking keeps those of its time. Public if the vendor is APPROVED."
)
class CancellationPolicy(Rows[rows.CancellationPolicy], relay.Node, access=visible_policy):
    id: relay.NodeID[UUID]
    name: str = column("The name, unique at the vendor.")
    reschedules: int = column("The number of times that a customer can move a booking.")
    reschedule_minutes: int = column(
        "The minutes before the start until which a customer can move it."
    )
    no_show_bps: int = column(
        "The part of the price that a customer who does not come pays, in basis points, at most"
        " what was paid."
    )
    vendor: LazyVendor = related(
        vendor_by_id, by="vendor_id", description="The vendor.", public=True
    )

    @field(
        f"The refunds, the most minutes first, at most {rows.MAX_TIERS}. Later than the last"
        " one, nothing is.",
        needs=("tiers",),
        size=3,
        public=True,
    )
    def refund_tiers(root: strawberry.Parent[rows.CancellationPolicy]) -> list[RefundTier]:
        return [RefundTier(minutes_before=minutes, refund_bps=bps) for minutes, bps in root.tiers]


@strawberry.input(description="A refund of customers who cancel in time.")
class RefundTierInput:
    minutes_before: int = column(
        f"The least minutes before the start, at most {rows.MAX_TIER_MINUTES:,}."
    )
    refund_bps: int = column("The refunded part of the payment, in basis points, at most 10,000.")


@strawberry.input(description=f"A cancellation policy. {SAVING}")
class SaveCancellationPolicyInput:
    vendor_id: UUID = id_field("Vendor", "The vendor's id.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    policy_id: UUID | None = id_field(
        "CancellationPolicy",
        "The id of the policy to change. Without one, creates it.",
        default=None,
    )
    name: str | None = strawberry.field(
        default=UNSET,
        description="The name, at most 80 characters, unique at the vendor. Required for a new"
        " one.",
    )
    refund_tiers: list[RefundTierInput] | None = strawberry.field(
        default=UNSET,
        description=f"The refunds, at most {rows.MAX_TIERS}, and never more with less notice."
        " Defaults to nothing.",
    )
    reschedules: int | None = strawberry.field(
        default=UNSET,
        description="The number of times that a customer can move a booking, at most"
        f" {rows.MAX_RESCHEDULES}. Defaults to 3.",
    )
    reschedule_minutes: int | None = strawberry.field(
        default=UNSET,
        description="The minutes before the start until which a customer can move it, at most"
        f" {rows.MAX_TIER_MINUTES:,}. Defaults to 0.",
    )
    no_show_bps: int | None = strawberry.field(
        default=UNSET,
        description="The part of the price that a customer who does not come pays, in basis points."
        " Defaults to 10,000, which is all.",
    )


def policy_values(input: SaveCancellationPolicyInput) -> dict[str, Any]:
    values = set_values(PolicyDraft, input)
    if values.get("refund_tiers") is not None:
        values["refund_tiers"] = [vars(one) for one in values["refund_tiers"]]
    return values_to_set(PolicyDraft, values)


def set_values(draft: Any, input: Any) -> dict[str, Any]:
    """Return the values of a draft that an input sets, null included."""
    values = {name: getattr(input, name) for name in draft.model_fields}
    return {name: value for name, value in values.items() if value is not UNSET}
