"""The facts that a quote is made of, read in as many statements for any number of lines."""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import String, Uuid, bindparam
from sqlmodel import col, select

from core.security.sealed import Sealer
from core.statements.selected import columns_of
from core.statements.statement import Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.addresses import PostalAddress
from models.carts import CartLine
from models.catalog.variants import Variant
from models.checkouts import Checkout, CheckoutProblem, ProblemCode
from models.errors import Refusal
from models.ledger.accounts import Account, AccountKind
from models.orders.lines import LineKind
from models.promos.codes import PromoCode
from models.shipping.rates import RateKind
from models.shipping.zones import ShippingRate
from models.taxes.supplies import SaleTaxes
from models.vendors import Vendor
from services.checkouts.taxes import find_taxes
from services.ledger.balances import read_balance
from services.orders.kinds import Priced, Sellable, Wanted
from services.orders.rules import RULES
from services.promos.uses import find_entered
from services.shipping.options import Destination, destination_of, find_rates
from services.viewer import Viewer

LINES = Statement(
    select(col(CartLine.variant_id), col(CartLine.quantity), col(CartLine.seen_price))
    .join(Variant, col(Variant.id) == col(CartLine.variant_id))
    .where(
        CartLine.cart_id == bindparam("cart_id", type_=Uuid()),
        Variant.currency == bindparam("currency", type_=String()),
    )
    .order_by(col(CartLine.created_at), col(CartLine.id))
)
VENDORS = Statement(select(*columns_of(Vendor)).where(any_of(col(Vendor.id))), Vendor)

Entered = tuple[PromoCode, Refusal | None]


@dataclass(frozen=True)
class Facts:
    """The facts that are known of a checkout now.

    `address` is where everything goes, `rates` those of each vendor's zone of it. `chosen` has the
    id of a rate by each vendor's, and so have `taxes` what they are by. `codes` are those entered,
    each with what is wrong with it. `wallet` is to be taken from a wallet that has the `balance`.
    """

    currency: str
    sellable: Sequence[Sellable]
    problems: Sequence[CheckoutProblem]
    vendors: Mapping[UUID, Vendor]
    address: PostalAddress | None
    rates: Mapping[UUID, Sequence[ShippingRate]]
    chosen: Mapping[UUID, UUID]
    codes: Sequence[Entered]
    taxes: Mapping[UUID, SaleTaxes]
    wallet: int = 0
    balance: int = 0

    @property
    def needs_address(self) -> bool:
        """Return whether an address is required: tickets and bookings are not delivered."""
        return needs_address(self.sellable)

    @property
    def destination(self) -> Destination | None:
        if self.address is None:
            return None
        return destination_of(self.address.country, self.address.details)


async def read_facts(unit: UnitOfWork, viewer: Viewer, sealer: Sealer, checkout: Checkout) -> Facts:
    """Read what the quote of a checkout is made of."""
    wanted = await read_wanted(unit, checkout)
    priced = await price_lines(unit, viewer, wanted, checkout.currency)
    vendors = await _read_vendors(unit, priced.sellable)
    is_delivered = any(one.weight_g is not None for one in priced.sellable)
    address = _choose_address(checkout, sealer, is_delivered=is_delivered)
    chosen = {UUID(key): UUID(value) for key, value in checkout.deliveries.items()}
    rates: Mapping[UUID, Sequence[ShippingRate]] = {}
    if address is not None and is_delivered:
        destination = destination_of(address.country, address.details)
        rates = await find_rates(unit, list(vendors), destination)
    codes: Sequence[Entered] = ()
    if checkout.promo_code_ids:
        codes = await find_entered(unit, checkout.promo_code_ids, checkout.user_id)
    taxes: Mapping[UUID, SaleTaxes] = {}
    if address is not None or not needs_address(priced.sellable):
        taxes = await find_taxes(
            unit,
            vendors,
            priced.sellable,
            address,
            picked_up=_picked_up(rates, chosen),
            buyer_tax_id=checkout.open_buyer_tax_id(sealer),
        )
    return Facts(
        currency=checkout.currency,
        sellable=priced.sellable,
        problems=priced.problems,
        vendors=vendors,
        address=address,
        rates=rates,
        chosen=chosen,
        codes=codes,
        taxes=taxes,
        wallet=checkout.wallet,
        balance=await _read_wallet(unit, checkout) if checkout.wallet else 0,
    )


def needs_address(sellable: Sequence[Sellable]) -> bool:
    return not sellable or not all(one.is_on_site for one in sellable)


async def _read_vendors(unit: UnitOfWork, sellable: Sequence[Sellable]) -> Mapping[UUID, Vendor]:
    """Return the vendors of lines, in the order of their first lines."""
    vendor_ids = list(dict.fromkeys(one.line.vendor_id for one in sellable))
    found = await VENDORS.fetch(await connection_of(unit), keys=vendor_ids)
    by_id = {vendor.id: vendor for vendor in found}
    return {id: by_id[id] for id in vendor_ids}


def _picked_up(
    rates: Mapping[UUID, Sequence[ShippingRate]], chosen: Mapping[UUID, UUID]
) -> Set[UUID]:
    """Return the vendors whose goods the buyer collects, at the vendors' own places."""
    return {
        vendor_id
        for vendor_id, of_vendor in rates.items()
        for rate in of_vendor
        if rate.id == chosen.get(vendor_id) and rate.kind is RateKind.PICKUP
    }


async def _read_wallet(unit: UnitOfWork, checkout: Checkout) -> int:
    """Return what the user can spend, promotional money too.

    Money that the user's own unpaid orders hold is free for the user: the next order takes it.
    """
    kinds = (AccountKind.WALLET, AccountKind.WALLET_PROMO, AccountKind.WALLET_HELD)
    accounts = [Account(kind, checkout.currency, checkout.user_id) for kind in kinds]
    return sum([await read_balance(unit, account) for account in accounts])


async def read_wanted(unit: UnitOfWork, checkout: Checkout) -> Mapping[LineKind, Sequence[Wanted]]:
    """Return what a checkout is for: the cart's goods in its currency, and its other items."""
    lines = await LINES.fetch(
        await connection_of(unit), cart_id=checkout.cart_id, currency=checkout.currency
    )
    wanted: dict[LineKind, list[Wanted]] = defaultdict(list)
    wanted[LineKind.GOODS] = [
        Wanted(row["variant_id"], row["quantity"], row["seen_price"]) for row in lines
    ]
    for item in checkout.items:
        wanted[LineKind(item["kind"])].append(Wanted(UUID(item["id"]), item["quantity"]))
    return wanted


async def price_lines(
    unit: UnitOfWork, viewer: Viewer, wanted: Mapping[LineKind, Sequence[Wanted]], currency: str
) -> Priced:
    """Price the lines of each kind by its rules. An order has one currency."""
    priced = [await RULES[kind].price(unit, viewer, of_kind) for kind, of_kind in wanted.items()]
    sellable = [one for each in priced for one in each.sellable]
    problems = [one for each in priced for one in each.problems]
    foreign = [
        CheckoutProblem(ProblemCode.CURRENCY_MISMATCH, one.variant_id, one.line.vendor_id)
        for one in sellable
        if one.currency != currency
    ]
    return Priced([one for one in sellable if one.currency == currency], [*problems, *foreign])


def _choose_address(
    checkout: Checkout, sealer: Sealer, *, is_delivered: bool
) -> PostalAddress | None:
    """Return where everything goes. What is not delivered goes to who is billed."""
    ship_to = checkout.open_address(sealer, "ship_to")
    if ship_to is not None or is_delivered:
        return ship_to
    return checkout.open_address(sealer, "bill_to")
