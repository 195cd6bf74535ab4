"""The operator of the platform as the seller of documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from core.settings import Settings
from models.invoices.content import InvoiceGroup, InvoiceParty, InvoiceTax
from models.pricing.amounts import BPS, half_up
from models.pricing.tax_rules import (
    EUROPEAN_UNION,
    INDIA,
    WITHOUT_LEGISLATURE,
    Jurisdiction,
    Treatment,
    gst_state,
)
from models.pricing.taxes import Rate, Rates, TaxComponent
from services.invoices.numbering import Issuer

STEP = 50  # basis points: no rate of a tax is finer, and amounts are rounded


@dataclass(frozen=True)
class Operator:
    """The operator, as the settings name it."""

    party: InvoiceParty
    issuer: Issuer

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """Return the operator. Without a name in the settings, the platform issues nothing."""
        if not settings.platform_name:
            return None
        lines = [line.strip() for line in settings.platform_address.split(";")]
        party = InvoiceParty(
            name=settings.platform_name,
            country=settings.platform_country,
            street_lines=tuple(line for line in lines if line),
            subdivision=settings.platform_region or None,
            tax_id=settings.platform_tax_id or None,
        )
        zone = settings.platform_time_zone
        return cls(party, Issuer(None, settings.platform_country, zone))

    def group(
        self, net: int, tax: int, recipient: Jurisdiction, bps: int | None = None
    ) -> InvoiceGroup:
        """Return the group of a service, from amounts that are known.

        Components are equal: what cannot be halved is its rounding. Without `bps`, the rate is the
        one that the amounts have.
        """
        if bps is None:
            bps = half_up(half_up(tax * BPS, net), STEP) * STEP
        if not tax and not bps:
            return InvoiceGroup([], net)
        rates = self.rates(bps, recipient)
        each = tax // len(rates)
        taxes = [InvoiceTax(rate.component, rate.bps, each) for rate in rates]
        return InvoiceGroup(taxes, net, tax - each * len(taxes))

    def rates(self, bps: int, recipient: Jurisdiction) -> Rates:
        """Return the components of the tax of a service.

        The place of supply of a service is that of its recipient (IGST Act, section 12(2)). In the
        state of the operator, the two halves share the tax.
        """
        if self.party.country != INDIA:
            return (Rate(TaxComponent.VAT, bps),)
        own, theirs = gst_state(self.party.subdivision), gst_state(recipient.subdivision)
        if recipient.country != INDIA or own != theirs or own is None:
            return (Rate(TaxComponent.IGST, bps),)
        state = TaxComponent.UTGST if own in WITHOUT_LEGISLATURE else TaxComponent.SGST
        return (Rate(TaxComponent.CGST, bps // 2), Rate(state, bps // 2))

    def treat(self, groups: Sequence[InvoiceGroup], recipient: InvoiceParty) -> Treatment:
        """Return how services are treated, of which the ledger knows the taxes.

        In the European Union, a registered recipient in another country owes the tax (Article 196
        of the Directive 2006/112/EC).
        """
        if any(group.taxes for group in groups):
            return Treatment.TAXED
        if not self.party.tax_id:
            return Treatment.NOT_TAXED
        own, theirs = self.party.country, recipient.country
        if own == theirs:
            return Treatment.TAXED
        if not {own, theirs} <= EUROPEAN_UNION:
            return Treatment.EXPORT
        return Treatment.REVERSE_CHARGE if recipient.tax_id else Treatment.TAXED
