"""The operator of the platform as the seller of documents."""

from dataclasses import dataclass
from typing import Self

from core.settings import Settings
from models.invoices.content import InvoiceParty
from models.pricing.amounts import BPS, half_up, split
from models.pricing.tax_rules import INDIA, WITHOUT_LEGISLATURE, Jurisdiction, gst_state
from models.pricing.taxes import Rate, TaxComponent
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

    def split_tax(self, net: int, tax: int, recipient: Jurisdiction) -> list[tuple[Rate, int]]:
        """Return the components of the tax of a service. The amounts are known, the rate is not.

        The place of supply of a service is that of its recipient (IGST Act, section 12(2)). In the
        state of the operator, the two halves share the tax.
        """
        bps = half_up(half_up(tax * BPS, net), STEP) * STEP
        if self.party.country != INDIA:
            return [(Rate(TaxComponent.VAT, bps), tax)]
        own, theirs = gst_state(self.party.subdivision), gst_state(recipient.subdivision)
        if recipient.country != INDIA or own != theirs or own is None:
            return [(Rate(TaxComponent.IGST, bps), tax)]
        state = TaxComponent.UTGST if own in WITHOUT_LEGISLATURE else TaxComponent.SGST
        return [
            (Rate(component, bps // 2), half)
            for component, half in zip((TaxComponent.CGST, state), split(tax, [1, 1]), strict=True)
        ]
