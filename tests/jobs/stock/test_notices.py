"""Notices of stock: to members if it is low, and to users if it is back."""

from collections import Counter
from uuid import UUID

import pytest
from sqlmodel import select

from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.stock.alerts import StockAlert
from models.vendors import MemberRole
from services.stock import notices
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.jobs.conftest import Work
from tests.resolvers.stock.test_stock import Store


async def notified(world: World, kind: NotificationKind) -> Counter[UUID]:
    """Return how many notifications of a kind each user has."""
    rows = select(Notification.user_id).where(Notification.kind == kind)
    async with world.database.session() as session:
        return Counter((await session.exec(rows)).all())


async def wait_for(world: World, store: Store, count: int) -> list[User]:
    users = [await world.user() for _ in range(count)]
    await world.save(*(StockAlert(user_id=user.id, variant_id=store.variant.id) for user in users))
    return users


async def test_users_are_notified_once_when_a_variant_is_back(
    world: World, api: Client, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "BATCH_SIZE", 2)
    store = await Store(world, api).open(on_hand=0)
    users = await wait_for(world, store, 5)
    await store.receive(3)
    await store.receive(3, "second")
    await work()
    assert await notified(world, NotificationKind.BACK_IN_STOCK) == {user.id: 1 for user in users}
    seen = await api.signed_in(users[0]).ask(
        "{ viewer { notifications { nodes { kind subject { ... on Variant { sku } } } } } }"
    )
    assert seen["viewer"]["notifications"]["nodes"] == [
        {"kind": "BACK_IN_STOCK", "subject": {"sku": store.variant.sku}}
    ]
    await store.do("writeOffStock", quantity=6)
    again = await wait_for(world, store, 1)
    await world.save(StockAlert(user_id=users[0].id, variant_id=store.variant.id))
    await store.receive(1, "third")
    await work()
    counts = await notified(world, NotificationKind.BACK_IN_STOCK)
    assert counts == {user.id: 1 for user in [*users, *again]} | {users[0].id: 2}


async def test_users_go_on_waiting_for_what_was_sold_out_again(
    world: World, api: Client, transactions: Transactions
) -> None:
    store = await Store(world, api).open(on_hand=0)
    (user,) = await wait_for(world, store, 1)
    async with transactions.begin() as session:
        assert await notices.notify_of_stock(session, store.variant.id) is False
    assert await notified(world, NotificationKind.BACK_IN_STOCK) == {}
    async with world.database.session() as session:
        assert await session.get(StockAlert, (user.id, store.variant.id))


async def test_members_are_notified_each_time_stock_falls_to_the_number(
    world: World, api: Client, work: Work
) -> None:
    store = await Store(world, api).open()
    await new_member(world, store.vendor, MemberRole.SCANNER)
    kind = NotificationKind.LOW_STOCK
    low = {"variantId": gid(store.variant), "lowAt": 3}
    assert await store.client.refusal_codes("setLowStock", low) == []
    await store.do("writeOffStock", quantity=6)
    await work()
    assert await notified(world, kind) == {}
    await store.do("writeOffStock", "second", quantity=2)
    await store.do("writeOffStock", "third", quantity=1)
    await work()
    counts = await notified(world, kind)
    assert len(counts) == 2, "the owner and the member of the staff"
    assert set(counts.values()) == {1}
    await store.receive(9)
    await store.do("writeOffStock", "fourth", quantity=8)
    await work()
    assert set((await notified(world, kind)).values()) == {2}
    await store.client.do("setLowStock", low | {"lowAt": None})
    await store.client.do("setLowStock", low)
    await work()
    assert set((await notified(world, kind)).values()) == {3}


async def test_a_job_that_runs_again_notifies_members_once(
    world: World, api: Client, transactions: Transactions
) -> None:
    store = await Store(world, api).open(on_hand=2)
    low = {"variantId": gid(store.variant), "lowAt": 3}
    assert await store.client.refusal_codes("setLowStock", low) == []
    stock = await world.stock(store.variant)
    for number in (1, 1, 2):
        async with transactions.begin() as session:
            await notices.notify_of_low_stock(session, stock.id, number)
    assert set((await notified(world, NotificationKind.LOW_STOCK)).values()) == {1}
