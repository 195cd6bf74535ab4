"""Documents of vendors' parts of orders, from the taxes with which they were placed.

Nothing is computed again from a rate: the lines of an order sum to the groups by which their taxes
were computed.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from models.base import localized
from models.identity.accounts import User
from models.invoices.content import (
    InvoiceContent,
    InvoiceGroup,
    InvoiceLine,
    InvoiceSums,
    InvoiceTax,
)
from models.invoices.invoices import Invoice
from models.invoices.series import InvoiceKind
from models.orders.lines import LineTax, OrderLine
from models.orders.orders import Order, SubOrder
from models.pricing.tax_rules import (
    INDIA,
    Jurisdiction,
    SellerKind,
    Treatment,
    gst_state,
)
from models.pricing.taxes import Rate, Rates, TaxComponent
from models.taxes.registrations import TaxRegistration
from models.taxes.supplies import Sale, SaleTaxes, tax_sale
from models.vendors import Vendor
from services.invoices.content.parties import (
    buyer_party,
    find_registrations,
    open_destination,
    open_tax_id,
    vendor_party,
)
from services.invoices.issuing import InvoiceDraft, find_issued, issue_document
from services.invoices.numbering import Issuer

OTHER_TERRITORY = "96"  # the state code of GST for places outside of India


@dataclass(frozen=True)
class SoldPart:
    """A part of an order with all that its document is made of."""

    order: Order
    suborder: SubOrder
    vendor: Vendor
    buyer: User
    lines: Sequence[OrderLine]
    taxes: Mapping[UUID, Sequence[LineTax]]
    registrations: Sequence[TaxRegistration]

    @property
    def issuer(self) -> Issuer:
        return Issuer(self.vendor.id, self.vendor.country, self.vendor.time_zone)

    def sale(self, sealer: Sealer) -> SaleTaxes:
        """Return the registration under which it was sold, and how that is treated."""
        tax_id = open_tax_id(sealer, self.order)
        sale = Sale(self.vendor, self.destination(sealer), [], tax_id)
        return tax_sale(sale, self.registrations, [], self.order.created_at)

    def destination(self, sealer: Sealer) -> Jurisdiction:
        """Return where it is delivered: at the vendor if it is picked up, or tickets alone."""
        address = open_destination(sealer, self.order)
        on_site = self.suborder.is_pickup or all(line.is_on_site for line in self.lines)
        if on_site or address is None:
            return Jurisdiction(self.vendor.country, self.vendor.subdivision)
        return address.place

    def rates_of(self, line: OrderLine) -> Rates:
        return tuple(sorted(Rate(one.component, one.rate_bps) for one in self.taxes[line.id]))

    @property
    def groups(self) -> Sequence[Rates]:
        """Return the rates of each group, in the order of the lines."""
        return list(dict.fromkeys(self.rates_of(line) for line in self.lines))


async def read_sold(session: AsyncSession, suborder_id: UUID) -> SoldPart:
    """Read a part of an order with what belongs to it."""
    suborder = await session.get_one(SubOrder, suborder_id)
    order = await session.get_one(Order, suborder.order_id)
    lines = select(OrderLine).where(OrderLine.suborder_id == suborder_id)
    found = (await session.exec(lines.order_by(col(OrderLine.position)))).all()
    taxes: defaultdict[UUID, list[LineTax]] = defaultdict(list)
    of_lines = select(LineTax).where(col(LineTax.line_id).in_([line.id for line in found]))
    for one in (await session.exec(of_lines)).all():
        taxes[one.line_id].append(one)
    return SoldPart(
        order=order,
        suborder=suborder,
        vendor=await session.get_one(Vendor, suborder.vendor_id),
        buyer=await session.get_one(User, order.user_id),
        lines=found,
        taxes=taxes,
        registrations=await find_registrations(session, suborder.vendor_id),
    )


async def issue_suborder(
    session: AsyncSession, sealer: Sealer, suborder_id: UUID, moment: datetime | None = None
) -> Invoice | None:
    """Issue the document of a confirmed part, or return the one that it has."""
    if (known := await find_issued(session, suborder_id)) is not None:
        return known
    sold = await read_sold(session, suborder_id)
    if sold.suborder.confirmed_at is None:
        return None
    return await issue_document(session, sealer, draft_of(sold, sealer), moment)


def draft_of(sold: SoldPart, sealer: Sealer) -> InvoiceDraft:
    """Return the document of a part."""
    sale = sold.sale(sealer)
    plain = content_of(sold, inclusive=sold.suborder.tax_included > 0)
    taxed = any(group.taxes for group in plain.groups)
    content = replace(
        plain,
        treatment=Treatment.TAXED if taxed and not _is_taxed(sale) else sale.treatment,
        place_of_supply=place_of_supply(sold.vendor.country, sold.destination(sealer)),
        supplied_on=sold.issuer.day(sold.suborder.confirmed_at or sold.order.created_at),
    )
    registration = sale.registration
    return InvoiceDraft(
        source_id=sold.suborder.id,
        kind=choose_kind(sold.vendor.country, registration, taxed=taxed),
        issuer=sold.issuer,
        currency=sold.order.currency,
        locale=sold.buyer.locale,
        seller=vendor_party(sold.vendor, registration, sealer),
        buyer=buyer_party(sold.buyer, sold.order, sealer),
        content=content,
        sums=InvoiceSums.of(content.groups, sold.suborder.platform_discount),
        vendor_id=sold.vendor.id,
        buyer_id=sold.buyer.id,
        order_id=sold.order.id,
        suborder_id=sold.suborder.id,
    )


def content_of(sold: SoldPart, *, inclusive: bool) -> InvoiceContent:
    """Return the lines of a part, and their groups."""
    return InvoiceContent(
        lines=[_line(sold, line) for line in sold.lines],
        groups=_groups(sold),
        treatment=Treatment.TAXED,
        inclusive=inclusive,
        order_number=sold.order.number,
        is_service=all(line.is_digital or line.is_on_site for line in sold.lines),
    )


def choose_kind(country: str, registration: TaxRegistration | None, *, taxed: bool) -> InvoiceKind:
    """Return the kind of document by the registration of the seller.

    In India, registered sellers of exempt goods give a bill of supply, too: section 31(3)(c) of the
    Central Goods and Services Tax Act, 2017.
    """
    if taxed:
        return InvoiceKind.TAX_INVOICE
    if registration is None or registration.kind is SellerKind.NONE:
        return InvoiceKind.RECEIPT
    if registration.kind is SellerKind.COMPOSITION or country == INDIA:
        return InvoiceKind.BILL_OF_SUPPLY
    return InvoiceKind.TAX_INVOICE


def place_of_supply(origin: str, destination: Jurisdiction) -> str | None:
    """Return the state with its code, as rule 46(n) of the CGST Rules requires. None elsewhere."""
    if origin != INDIA:
        return None
    if destination.country != INDIA:
        return f"{destination.country} ({OTHER_TERRITORY})"
    state = destination.subdivision or ""
    code = gst_state(state)
    return f"{state} ({code})" if code else state or None


def _is_taxed(sale: SaleTaxes) -> bool:
    return sale.treatment is not Treatment.NOT_TAXED


def _line(sold: SoldPart, line: OrderLine) -> InvoiceLine:
    locale = sold.buyer.locale
    return InvoiceLine(
        title=localized(line.title, [locale], line.locale),
        detail=line.detail(locale),
        hsn_code=line.hsn_code,
        quantity=line.quantity,
        unit=line.unit,
        discount=line.vendor_discount,
        shipping=line.shipping,
        taxable=line.taxable,
        tax=line.tax,
        gross=line.taxable + line.tax + line.rounding,
        group=sold.groups.index(sold.rates_of(line)),
    )


def _sum(taxes: Sequence[LineTax], component: TaxComponent) -> int:
    return sum(one.tax for one in taxes if one.component is component)


def _groups(sold: SoldPart) -> list[InvoiceGroup]:
    groups = []
    for rates in sold.groups:
        lines = [line for line in sold.lines if sold.rates_of(line) == rates]
        taxes = [one for line in lines for one in sold.taxes[line.id]]
        groups.append(
            InvoiceGroup(
                taxes=[
                    InvoiceTax(rate.component, rate.bps, _sum(taxes, rate.component))
                    for rate in rates
                ],
                taxable=sum(line.taxable for line in lines),
                rounding=sum(line.rounding for line in lines),
            )
        )
    return groups
