"""Orders that are not paid expire, and those that are paid are announced, each once."""

from collections import Counter
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, select, update

from models.notifications.inbox import Notification, NotificationKind
from models.orders.states import OrderState
from models.stock.levels import Stock
from models.vendors import MemberRole
from services.orders.placing import expiry
from services.orders.placing.announcing import announce_order, announce_part
from services.transaction import Transactions
from tests.client import Client
from tests.factories.buying import PRICE, Buyer, Stall
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.jobs.conftest import Work

DUE = text(
    "UPDATE procrastinate_jobs SET scheduled_at = now()"
    " WHERE status = 'todo' AND task_name LIKE '%expire_order'"
)


async def notified(world: World, kind: NotificationKind) -> Counter[UUID]:
    """Return how many notifications of a kind each user has."""
    rows = select(Notification.user_id).where(Notification.kind == kind)
    async with world.database.session() as session:
        return Counter((await session.exec(rows)).all())


async def placed(world: World, api: Client, shop: Stall) -> Buyer:
    buyer = await (await Buyer.create(world, api)).fill(shop.variant)
    assert (await buyer.place())["errors"] == []
    return buyer


async def test_an_order_expires_by_its_job(world: World, api: Client, work: Work) -> None:
    shop = await Stall.open(world)
    buyer = await placed(world, api, shop)
    await work()
    assert (await buyer.order()).state is OrderState.PENDING
    await buyer.end_hold()
    async with world.database.session() as session, session.begin():
        await session.execute(DUE)
    await work()
    order = await buyer.order()
    assert order.state is OrderState.EXPIRED
    assert order.ended_at is not None
    assert (await world.stock(shop.variant)).reserved == 0
    assert await notified(world, NotificationKind.ORDER_EXPIRED) == {buyer.user.id: 1}
    await check_invariants(world.database)


async def test_a_job_that_comes_too_early_or_twice_changes_nothing(
    world: World, api: Client, transactions: Transactions
) -> None:
    buyer = await placed(world, api, await Stall.open(world))
    order = await buyer.order()
    assert not await expiry.expire_order(transactions.begin, order.id)
    await buyer.end_hold()
    assert await expiry.expire_order(transactions.begin, order.id)
    assert not await expiry.expire_order(transactions.begin, order.id)


async def test_the_sweep_finds_orders_whose_jobs_were_lost(
    world: World, api: Client, transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiry, "BATCH_SIZE", 2)
    shop = await Stall.open(world)
    buyers = [await placed(world, api, shop) for _ in range(4)]
    for buyer in buyers[:3]:
        await buyer.end_hold()
    assert await expiry.expire_overdue(transactions.begin)
    assert not await expiry.expire_overdue(transactions.begin)
    states = [(await buyer.order()).state for buyer in buyers]
    assert states == [OrderState.EXPIRED] * 3 + [OrderState.PENDING]
    assert (await world.stock(shop.variant)).reserved == 1
    await check_invariants(world.database)


async def test_an_order_that_cannot_expire_does_not_keep_others_from_it(
    world: World, api: Client, transactions: Transactions
) -> None:
    """Its units were released without it: the guard of the stock refuses to release them again."""
    broken, shop = await Stall.open(world), await Stall.open(world, on_hand=1)
    stuck, buyer = await placed(world, api, broken), await placed(world, api, shop)
    await stuck.end_hold()
    await buyer.end_hold()
    drift = update(Stock).where(col(Stock.variant_id) == broken.variant.id).values(reserved=0)
    async with world.database.session() as session, session.begin():
        await session.exec(drift)
    assert not await expiry.expire_overdue(transactions.begin)
    assert (await stuck.order()).state is OrderState.PENDING
    assert (await buyer.order()).state is OrderState.EXPIRED


async def test_a_confirmed_order_is_announced_once(
    world: World, api: Client, work: Work, transactions: Transactions
) -> None:
    shops = [await Stall.open(world), await Stall.open(world)]
    staff = await new_member(world, shops[0].vendor, MemberRole.STAFF)
    await new_member(world, shops[0].vendor, MemberRole.SCANNER)
    buyer = await Buyer.create(world, api)
    await world.fund(buyer.user, 2 * PRICE)
    await buyer.fill(*(shop.variant for shop in shops), wallet=2 * PRICE)
    assert (await buyer.place(2 * PRICE))["errors"] == []
    await work()
    assert await notified(world, NotificationKind.ORDER_CONFIRMED) == {buyer.user.id: 1}
    members = await notified(world, NotificationKind.ORDER_RECEIVED)
    assert members == {staff.id: 1}
    async with transactions.begin() as session:
        parts = await announce_order(session, (await buyer.order()).id)
    for part in parts:
        async with transactions.begin() as session:
            await announce_part(session, part)
    assert await notified(world, NotificationKind.ORDER_RECEIVED) == members
    seen = await api.signed_in(staff).ask(
        "{ viewer { notifications { nodes { kind subject { ... on SubOrder { number } } } } } }"
    )
    number = (await buyer.order()).number
    assert seen["viewer"]["notifications"]["nodes"] == [
        {"kind": "ORDER_RECEIVED", "subject": {"number": number}}
    ]
