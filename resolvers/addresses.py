"""Root fields of address books."""

from typing import Annotated, Any

import strawberry
from strawberry import relay

from core.keyset import Listing
from engine.connections import Connection, connection
from engine.context import Info
from engine.mutation import mutation
from models import addresses as rows
from models.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidInput, NotFound
from schema.addresses.inputs import CreateAddressInput, UpdateAddressInput
from schema.addresses.types import AddressId, SavedAddress
from services import addresses

DeletedId = Annotated[relay.GlobalID, "The id of the deleted address."]


@strawberry.type
class AddressQuery:
    @connection(
        Connection[SavedAddress], "The viewer's address book, newest first: at most 20 addresses."
    )
    def addresses(self, info: Info) -> Listing[Any]:
        return addresses.list_addresses(info.context.viewer)


@strawberry.type
class AddressMutation:
    @mutation(
        address=SavedAddress,
        personal=True,
        raises=(
            InvalidInput,
            NotFound,
            rows.AddressLimitReached,
            IdempotencyKeyReused,
            IdempotencyInProgress,
        ),
    )
    async def create_address(self, info: Info, input: CreateAddressInput) -> rows.SavedAddress:
        """Save an address in the viewer's address book, which has at most 20. It is checked by the
        rules of its country.
        """
        draft = input.draft()
        async with info.context.transaction() as session:
            return await addresses.create_address(
                session,
                info.context.viewer,
                info.context.app.sealer,
                draft,
                is_default=input.is_default,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        address=SavedAddress,
        personal=True,
        raises=(InvalidInput, NotFound),
        repeatable="sets values",
    )
    async def update_address(self, info: Info, input: UpdateAddressInput) -> rows.SavedAddress:
        """Change an address in the viewer's address book. Orders keep the address that they had."""
        async with info.context.transaction() as session:
            return await addresses.update_address(
                session,
                info.context.viewer,
                info.context.app.sealer,
                address_id=input.address_id,
                given=input.given(),
            )

    @mutation(address=SavedAddress, personal=True, raises=(NotFound,), repeatable="sets a state")
    async def set_default_address(self, info: Info, address_id: AddressId) -> rows.SavedAddress:
        """Make an address the viewer's default."""
        async with info.context.transaction() as session:
            return await addresses.set_default_address(
                session, info.context.viewer, address_id=address_id
            )

    @mutation(
        deleted_id=DeletedId,
        personal=True,
        raises=(NotFound,),
        repeatable="refuses a deleted address",
    )
    async def delete_address(self, info: Info, address_id: AddressId) -> relay.GlobalID:
        """Delete an address. If it was the default, the newest of the others becomes it. Orders
        keep the address that they had.
        """
        async with info.context.transaction() as session:
            await addresses.delete_address(session, info.context.viewer, address_id=address_id)
        return relay.GlobalID("SavedAddress", str(address_id))
