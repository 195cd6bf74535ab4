"""Root fields of rates of taxes and registrations of vendors."""

from typing import Annotated, Any

import strawberry
from strawberry import relay

from core.keyset import Listing
from engine.connections import Connection, connection
from engine.context import Info
from engine.mutation import mutation
from engine.scalars import CurrencyCode
from engine.types import field
from models import vendors as vendor_rows
from models.audit import AuditAct
from models.errors import InvalidInput, NotFound
from models.taxes import rates as rows
from models.taxes.numbers import TaxIdInvalid
from schema.ledger.inputs import Period
from schema.links import ExpiringLink, expiring
from schema.taxes.inputs import (
    SetTaxRateInput,
    SetTaxRegistrationInput,
    TaxRateId,
    TaxRateWhere,
    TaxRegistrationId,
    tax_rate_filter,
)
from schema.taxes.types import TaxRate
from schema.vendors.types import Vendor
from services.taxes import rates, registrations
from services.taxes.links import MAX_DAYS, PATH, WithheldLink

Currency = Annotated[CurrencyCode, strawberry.argument(description="The currency.")]
Where = Annotated[TaxRateWhere | None, strawberry.argument(description="Filters the list.")]


@strawberry.type
class TaxQuery:
    @connection(
        Connection[TaxRate],
        "Rates of taxes, those that begin last first. For signed-in users.",
    )
    def tax_rates(self, info: Info, where: Where = None) -> Listing[Any]:
        return rates.list_tax_rates(info.context.viewer, tax_rate_filter(where))

    @field(
        "A link to the taxes in a currency that were kept from vendors (TCS and TDS), and went back"
        " to them, as CSV by vendor. The days are those of the platform's time zone, at most"
        f" {MAX_DAYS}. Visible to admins.",
        cost=1,
    )
    def withheld_taxes_csv(self, info: Info, currency: Currency, period: Period) -> ExpiringLink:
        info.context.viewer.require_admin()
        days = period.days()
        days.ensure_at_most(MAX_DAYS)
        link = WithheldLink(info.context.viewer.require_user(), currency, days)
        return expiring(info, PATH, link.sign(info.context.app.keys))


@strawberry.type
class TaxMutation:
    @mutation(
        for_admins=True,
        tax_rate=TaxRate,
        audit=AuditAct.SET_TAX_RATE,
        raises=(InvalidInput, rows.TaxRateOverlaps),
        repeatable="sets values",
    )
    async def set_tax_rate(self, info: Info, input: SetTaxRateInput) -> rows.TaxRate:
        """Set a rate from a day on, until the next one that is planned. The current one ends the
        day before. Orders keep the rate at which they were placed. Only admins can do this.
        """
        draft = input.draft()
        async with info.context.transaction() as session:
            return await rates.set_tax_rate(session, info.context.viewer, draft)

    @mutation(
        for_admins=True,
        tax_rate_id=relay.GlobalID,
        audit=AuditAct.END_TAX_RATE,
        raises=(NotFound, rows.TaxRateOverlaps),
        repeatable="sets a state",
    )
    async def end_tax_rate(self, info: Info, tax_rate_id: TaxRateId) -> relay.GlobalID:
        """End a rate with this day. One that began today or begins later is deleted, and the one
        that it follows goes on. Goods without a rate cannot be ordered. Only admins can do this.
        """
        async with info.context.transaction() as session:
            await rates.end_tax_rate(session, info.context.viewer, tax_rate_id=tax_rate_id)
        return relay.GlobalID("TaxRate", str(tax_rate_id))

    @mutation(
        vendor=Vendor,
        personal=True,
        fresh=True,
        audit=AuditAct.SET_TAX_REGISTRATION,
        raises=(InvalidInput, NotFound, TaxIdInvalid),
        repeatable="sets values",
    )
    async def set_tax_registration(
        self, info: Info, input: SetTaxRegistrationInput
    ) -> vendor_rows.Vendor:
        """Set the registration of a vendor for a tax, by which its sales are taxed from then on.
        Requires its MANAGER or OWNER role.
        """
        draft = input.draft()
        async with info.context.transaction() as session:
            return await registrations.set_tax_registration(
                session,
                info.context.viewer,
                info.context.app.sealer,
                vendor_id=input.vendor_id,
                draft=draft,
            )

    @mutation(
        vendor=Vendor,
        personal=True,
        fresh=True,
        audit=AuditAct.REMOVE_TAX_REGISTRATION,
        raises=(NotFound,),
        repeatable="a second one finds no registration",
    )
    async def remove_tax_registration(
        self, info: Info, tax_registration_id: TaxRegistrationId
    ) -> vendor_rows.Vendor:
        """Remove a registration of a vendor. Orders keep the taxes with which they were placed.
        Requires its MANAGER or OWNER role.
        """
        async with info.context.transaction() as session:
            return await registrations.remove_tax_registration(
                session, info.context.viewer, tax_registration_id=tax_registration_id
            )
