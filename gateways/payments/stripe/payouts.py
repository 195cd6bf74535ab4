"""Payouts to vendors: a transfer to the vendor's account, then a payout from there to its bank.

Both have our id in their metadata, and the payout has the id of its transfer, which is the
reference that the services keep: it stands in the books of the platform too.
"""

import stripe
from stripe import RequestOptions

from gateways.payments.gateway import MoneyStatus, NewPayout, ProviderPayout
from gateways.payments.stripe import objects
from gateways.payments.stripe.units import to_stripe

PAGE = 100


class StripePayouts:
    """Calls about payouts. The caller classifies the errors of the SDK."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._stripe = client

    async def pay_out(self, wanted: NewPayout, key: str) -> ProviderPayout:
        """Transfer the money once, whatever the key, and pay it out. Refusals give it back."""
        transfer = await self._find_transfer(wanted)
        if transfer is None:
            transfer = await self._stripe.v1.transfers.create_async(
                {
                    "amount": to_stripe(wanted.amount, wanted.currency),
                    "currency": wanted.currency.lower(),
                    "description": wanted.description,
                    "destination": wanted.account,
                    "metadata": {objects.PAYOUT_ID: str(wanted.payout_id)},
                    "transfer_group": str(wanted.payout_id),
                },
                {"idempotency_key": key},
            )
        try:
            payout = await self._pay_out(transfer, wanted, f"{key}-bank")
        except stripe.InvalidRequestError:
            await self._reverse(transfer)
            raise
        return objects.payout(transfer, payout)

    async def find(self, reference: str) -> ProviderPayout:
        """Return a payout. The money of one that failed is taken from the vendor's account."""
        transfer = await self._stripe.v1.transfers.retrieve_async(reference)
        payout = await self._find_payout(transfer)
        found = objects.payout(transfer, payout)
        if found.status is MoneyStatus.FAILED and not transfer.reversed:
            await self._reverse(transfer)
        return found

    async def search(self, wanted: NewPayout) -> ProviderPayout | None:
        """Return the payout of one of our ids. A transfer alone is none: paying out goes on."""
        transfer = await self._find_transfer(wanted)
        payout = await self._find_payout(transfer) if transfer else None
        return objects.payout(transfer, payout) if transfer and payout else None

    async def _pay_out(
        self, transfer: stripe.Transfer, wanted: NewPayout, key: str
    ) -> stripe.Payout:
        options: RequestOptions = {"stripe_account": wanted.account, "idempotency_key": key}
        if found := await self._find_payout(transfer):
            return found
        return await self._stripe.v1.payouts.create_async(
            {
                "amount": transfer.amount,
                "currency": transfer.currency,
                "description": wanted.description,
                "metadata": {
                    objects.PAYOUT_ID: str(wanted.payout_id),
                    objects.TRANSFER: transfer.id,
                },
            },
            options,
        )

    async def _reverse(self, transfer: stripe.Transfer) -> None:
        """Take all of a transfer back, once."""
        await self._stripe.v1.transfers.reversals.create_async(
            transfer.id, options={"idempotency_key": f"{transfer.id}-back"}
        )

    async def _find_transfer(self, wanted: NewPayout) -> stripe.Transfer | None:
        page = await self._stripe.v1.transfers.list_async(
            {"transfer_group": str(wanted.payout_id), "limit": PAGE}
        )
        return next((one for one in page.data if not one.reversed), None)

    async def _find_payout(self, transfer: stripe.Transfer) -> stripe.Payout | None:
        """Look through the payouts of the vendor's account since the transfer."""
        account = transfer.destination
        page = await self._stripe.v1.payouts.list_async(
            {"created": {"gte": transfer.created}, "limit": PAGE},
            {"stripe_account": objects.id_of(account)},
        )
        async for one in page.auto_paging_iter():
            metadata = one.metadata
            if metadata and objects.TRANSFER in metadata and metadata.transfer == transfer.id:
                return one
        return None
