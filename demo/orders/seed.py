"""Seeds orders of the demo customer, of the café and in each country.

An order that waits for its payment would expire within minutes, so there is none.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.codes import SYMBOLS
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from demo.carts import find_sold
from demo.dataset import Dataset, DemoAddress, DemoOrder
from demo.downloads.downloads import find_digital
from demo.downloads.license_keys import add_license_keys
from demo.identity.accounts import ADMIN, CUSTOMER
from demo.orders.deductions import find_rates
from demo.orders.history import History
from demo.orders.quotes import quote_goods
from demo.payments.cards import CARD, CLOSED, DISPUTED, CardTerminal
from demo.rng import SeededRandom
from demo.vendors.cafe import CAFE
from models.addresses import PostalAddress
from models.catalog.variants import Variant
from models.checkouts import CHECKOUT_TIME, Checkout, CheckoutState
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.orders.orders import HOLD_MINUTES, ORDER_NUMBER_LENGTH
from models.orders.states import OrderState
from models.payments.payments import PaymentProvider
from models.payments.refunds import RefundPart
from models.payments.ways import PaymentWay
from services.checkouts.quote import Quote
from services.ledger.posting import post_entries
from services.orders.placing.building import build_order
from services.orders.placing.confirming import post_money
from services.orders.refunds.amounts import Granted
from services.orders.refunds.postings import post_grant

SEED = 560095
HOURS_TO_PAY = 0.2
DAYS_OF_FILES = 0.2
TRIES = 12  # until there are goods that are delivered to a buyer
MANUAL = PaymentWay(provider=PaymentProvider.MANUAL)


def _expire(history: History) -> None:
    history.wait(HOLD_MINUTES / 60)
    history.end_unpaid(OrderState.EXPIRED)


def _cancel(history: History) -> None:
    history.wait(0.1)
    history.end_unpaid(OrderState.CANCELLED, "Ordered by mistake")


def _confirm(history: History) -> None:
    history.wait(HOURS_TO_PAY)
    history.pay()


def _reject(history: History) -> None:
    _confirm(history)
    history.wait(3)
    history.reject(history.parts[0], "The last one broke in the kiln")


def _prepare(history: History) -> None:
    _confirm(history)
    history.wait(2)
    for part in history.parts:
        history.accept(part)


def _ship_some(history: History) -> None:
    _prepare(history)
    history.wait(5)
    history.ship(history.parts[0], most=1)


def _ship(history: History) -> None:
    _prepare(history)
    history.wait(20)
    for part in history.parts:
        history.ship(part)


def _deliver(history: History) -> None:
    _ship(history)
    history.wait(30)
    for part in history.parts:
        history.deliver(part)


def _release(history: History) -> None:
    _deliver(history)
    history.wait(24 * 14)
    for part in history.parts:
        history.release(part)


def _ask_to_return(history: History) -> None:
    _deliver(history)
    history.wait(8)
    history.ask_to_return(history.parts[0], "It is smaller than I thought")


def _return(history: History) -> None:
    _deliver(history)
    history.wait(8)
    request = history.ask_to_return(history.parts[0], "It arrived with a crack")
    history.wait(70)
    history.take_back(history.parts[0], request)


Fate = Callable[[History], None]
# Each with its age in days. The oldest come first, so that movements of stock are in their order.
FATES: Sequence[tuple[Fate, float]] = (
    (_release, 19),
    (_return, 14),
    (_cancel, 12),
    (_expire, 9),
    (_deliver, 6),
    (_ask_to_return, 5),
    (_reject, 4),
    (_ship, 3),
    (_ship_some, 2),
    (_prepare, 1),
    (_confirm, 0.3),
)
QUANTITIES: Mapping[Fate, int] = {_ship_some: 2}


def seed_orders(dataset: Dataset, keys: SigningKeys, terminal: CardTerminal | None) -> None:
    """Add orders with all of their rows. Their postings follow when the rows are stored."""
    rng, sealer = SeededRandom(SEED), Sealer(keys)
    cafe = next(one.row for one in dataset.vendors if one.row.name == CAFE["name"])
    customer = dataset.user_of(CUSTOMER).id
    addresses = [one for one in dataset.addresses if one.row.is_default]
    own = next(one for one in addresses if one.row.user_id == customer)
    countries = sorted({one.row.country for one in addresses})
    for fate, days in FATES:
        _add_order(rng, dataset, sealer, own, fate, days, [cafe.id])
        for country in countries:
            others = [one for one in addresses if one.row.country == country and one is not own]
            vendors = [cafe.id] if country == cafe.country else []
            buyer = rng.choice(others)
            _add_order(rng, dataset, sealer, buyer, fate, days + 0.02, vendors)
    _add_files(rng, dataset, sealer, own)
    if terminal is not None:
        _add_card_orders(rng, dataset, sealer, own, [cafe.id], terminal)


def _add_card_orders(
    rng: SeededRandom,
    dataset: Dataset,
    sealer: Sealer,
    buyer: DemoAddress,
    vendor_ids: Sequence[UUID],
    terminal: CardTerminal,
) -> None:
    """Add an order that is disputed, and one whose refund the bank sends back."""

    def charge(history: History, card: str) -> None:
        history.wait(HOURS_TO_PAY)
        order, (payment,) = history.demo.rows.order, history.demo.rows.payments
        text = f"Order {order.number}"
        history.pay(terminal.pay(payment.id, payment.amount, payment.currency, card, text))

    def dispute(history: History) -> None:
        charge(history, DISPUTED)

    def refuse(history: History) -> None:
        charge(history, CLOSED)
        history.wait(2)
        history.reject(history.parts[0], "It was sold at the counter")

    for fate, days in ((dispute, 1.5), (refuse, 0.8)):
        _add_order(rng, dataset, sealer, buyer, fate, days, vendor_ids, CARD)


def _add_files(rng: SeededRandom, dataset: Dataset, sealer: Sealer, buyer: DemoAddress) -> None:
    """Add an order of files, which the customer can download, with a license key."""
    placed = dataset.now - timedelta(days=DAYS_OF_FILES)
    address = PostalAddress(buyer.draft.country, buyer.draft.details())
    seller = next(one.row for one in dataset.vendors if one.row.country == buyer.draft.country)
    variant = find_digital(dataset, seller.currency)
    pool = add_license_keys(rng, dataset, sealer, variant)
    quote = quote_goods(dataset, [(variant, 1)], address, placed)
    if quote is not None:
        history = place_order(rng, dataset, sealer, buyer, address, quote, placed)
        _confirm(history)
        history.hand_over(history.parts[0], pool)


async def post_orders(session: AsyncSession, dataset: Dataset) -> None:
    """Post the money of orders and refunds, as their services do."""
    for demo in dataset.orders:
        if demo.confirmed is not None:
            await post_money(session, demo.rows, demo.confirmed)
        for one in demo.refunds:
            granted = Granted(one.lines, extras=[], repaid={}, lowered=frozenset())
            await post_grant(session, demo.rows.order, one.row, granted, demo.rows.suborders)
            if one.way.settled_at is not None:
                await _post_transfer(session, demo.rows.order.currency, one.way)


async def _post_transfer(session: AsyncSession, currency: str, way: RefundPart) -> None:
    due, bank = (Account(kind, currency) for kind in (AccountKind.REFUND_DUE, AccountKind.BANK))
    legs = [Leg(due, bank, way.amount, way.refund_id)]
    await post_entries(session, Posting(PostingKind.REFUND, way.id), legs)


def _add_order(
    rng: SeededRandom,
    dataset: Dataset,
    sealer: Sealer,
    buyer: DemoAddress,
    fate: Fate,
    days: float,
    vendor_ids: Sequence[UUID],
    way: PaymentWay = MANUAL,
) -> None:
    """Add an order of goods of these vendors and of another one, as far as they are in stock."""
    placed = dataset.now - timedelta(days=days)
    address = PostalAddress(buyer.draft.country, buyer.draft.details())
    quantity = QUANTITIES.get(fate, 1)
    quote = None
    for _ in range(TRIES):
        wanted = _choose(rng, dataset, buyer.draft.country, vendor_ids, quantity)
        quote = quote or quote_goods(dataset, wanted, address, placed)
    if quote is not None:
        fate(place_order(rng, dataset, sealer, buyer, address, quote, placed, way))


def _choose(
    rng: SeededRandom,
    dataset: Dataset,
    country: str,
    vendor_ids: Sequence[UUID],
    quantity: int,
) -> Sequence[tuple[Variant, int]]:
    """Return a variant of each vendor, and one of any vendor of the country."""
    stock = {one.variant_id: one.available for one in dataset.stock}
    sold = [one for one in find_sold(dataset, country) if stock[one.id] > quantity]
    chosen = [rng.choice([one for one in sold if one.vendor_id == id]) for id in vendor_ids]
    chosen.append(rng.choice([one for one in sold if one.vendor_id not in vendor_ids]))
    return [(variant, quantity) for variant in chosen]


def place_order(
    rng: SeededRandom,
    dataset: Dataset,
    sealer: Sealer,
    buyer: DemoAddress,
    address: PostalAddress,
    quote: Quote,
    placed: datetime,
    way: PaymentWay = MANUAL,
) -> History:
    checkout = Checkout(
        id=rng.uuid7_at(placed),
        created_at=placed,
        user_id=buyer.row.user_id,
        currency=quote.currency,
        expires_at=placed + CHECKOUT_TIME,
    )
    checkout.seal_addresses(sealer, address, None, None)
    rates = {group.vendor.id: find_rates(dataset, group.vendor, placed) for group in quote.groups}
    new = build_order(checkout, quote, sealer, way, placed, rates)
    new.rows.order.number = "".join(rng.choices(SYMBOLS, k=ORDER_NUMBER_LENGTH))
    checkout.end()
    checkout.state = CheckoutState.ORDERED
    demo = DemoOrder(new.rows)
    dataset.orders.append(demo)
    dataset.order_rows += [
        checkout, new.rows.order, *new.rows.suborders, *new.rows.lines, *new.taxes,
        *new.discounts,
    ]  # fmt: skip
    history = History(rng, dataset, demo, placed, dataset.user_of(ADMIN).id)
    history.place()
    return history
