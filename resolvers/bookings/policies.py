"""Cancellation policies, written by members of their vendor."""

from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from core.keyset import Listing
from engine.connections import Connection, connection
from engine.context import Info
from engine.ids import id_of
from engine.mutation import mutation
from models.bookings.setting_up import policies as rows
from models.errors import KEYED, InvalidInput, NotFound
from schema.bookings.setting_up.policies import (
    CancellationPolicy,
    PolicyId,
    SaveCancellationPolicyInput,
    policy_values,
)
from services.bookings.setting_up import policies
from services.bookings.setting_up.listing import list_policies

VendorId = Annotated[UUID, id_of("Vendor", "The vendor's id.")]
DeletedId = Annotated[relay.GlobalID, "The id of the removed policy."]


@strawberry.type
class PolicyQuery:
    @connection(Connection[CancellationPolicy], "The cancellation policies of a vendor by name.")
    def cancellation_policies(self, info: Info, vendor_id: VendorId) -> Listing[Any]:
        return list_policies(info.context.viewer, vendor_id)


@strawberry.type
class PolicyMutation:
    @mutation(
        cancellation_policy=CancellationPolicy,
        while_impersonating=True,
        raises=(InvalidInput, NotFound, rows.PolicyLimitReached, rows.PolicyNameTaken, *KEYED),
    )
    async def save_cancellation_policy(
        self, info: Info, input: SaveCancellationPolicyInput
    ) -> rows.CancellationPolicy:
        """Create a cancellation policy, or change one. Bookings keep the terms of their time.
        Requires the vendor's MANAGER or OWNER role.
        """
        values = policy_values(input)
        async with info.context.transaction() as session:
            return await policies.save_cancellation_policy(
                session,
                info.context.viewer,
                vendor_id=input.vendor_id,
                policy_id=input.policy_id,
                values=values,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        deleted_id=DeletedId,
        while_impersonating=True,
        raises=(NotFound, rows.PolicyInUse),
        repeatable="refuses a removed policy",
    )
    async def remove_cancellation_policy(self, info: Info, policy_id: PolicyId) -> relay.GlobalID:
        """Remove a cancellation policy that no service has. Bookings keep its terms."""
        async with info.context.transaction() as session:
            await policies.remove_cancellation_policy(
                session, info.context.viewer, policy_id=policy_id
            )
        return relay.GlobalID("CancellationPolicy", str(policy_id))
