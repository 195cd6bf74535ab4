"""Vendors with a subscription to a pack, and the time that goes by."""

from datetime import timedelta
from typing import Any

from sqlmodel import col, select, update

from models.identity.accounts import User
from models.notifications.inbox import Notification
from models.packs.grants import PackGrant
from models.packs.packs import Pack
from models.packs.subscriptions import PackPeriod, PackSubscription
from models.purchases import Purchase, PurchaseState
from models.vendors import Vendor
from services.packs import granting, renewing
from services.purchases import ending
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.packs import PRICE, buying
from tests.factories.world import World

FIELDS = """packSubscription {
    id subscriptionState endsWithPeriod nextPrice { amountMinor } pack { id } nextPack { id }
    periods { periodKind purchase { purchaseState total { amountMinor } } }
}"""
DAY = timedelta(days=1)


class Renewal:
    """A vendor with a subscription that its wallet pays, or a saved method of its owner."""

    def __init__(self, world: World, api: Client, transactions: Transactions) -> None:
        self.world, self.begin = world, transactions.begin
        self.api = api
        self.owner: User
        self.vendor: Vendor
        self.pack: Pack

    async def open(self, *, money: int = 10 * PRICE, net: int = PRICE) -> "Renewal":
        self.owner = await self.world.user()
        self.vendor = await self.world.vendor(self.owner)
        self.pack = await self.world.pack(net=net)
        await self.world.fund(self.vendor, money)
        payload = await self.client.do("subscribeToPack", self.input(), FIELDS)
        assert payload["errors"] == []
        return self

    @property
    def client(self) -> Client:
        return self.api.signed_in(self.owner)

    def input(self, **changes: Any) -> dict[str, Any]:
        return buying(self.vendor, self.pack, **changes)

    async def subscription(self) -> PackSubscription:
        rows = select(PackSubscription).where(PackSubscription.vendor_id == self.vendor.id)
        async with self.world.database.session() as session:
            return (await session.exec(rows)).one()

    async def do(self, name: str, **changes: Any) -> Any:
        given = {"packSubscriptionId": gid(await self.subscription())} | changes
        payload = await self.client.do(name, given, FIELDS)
        assert payload["errors"] == []
        return payload["packSubscription"]

    async def change(self, pack: Pack, key: str = "change") -> Any:
        return await self.do("changePackSubscription", packId=gid(pack), idempotencyKey=key)

    async def pass_time(self, time: timedelta) -> None:
        """Move all that belongs to the subscription into the past."""
        one = await self.subscription()
        columns = {
            PackSubscription: ("renews_at", "retry_at", "announced_at"),
            PackPeriod: ("starts_at", "ends_at"),
            PackGrant: ("starts_at", "ends_at"),
            Purchase: ("hold_until",),
        }
        of = {
            PackSubscription: col(PackSubscription.id) == one.id,
            PackPeriod: col(PackPeriod.pack_subscription_id) == one.id,
            PackGrant: col(PackGrant.vendor_id) == self.vendor.id,
            Purchase: col(Purchase.owner_id) == self.vendor.id,
        }
        async with self.world.database.session() as session, session.begin():
            for table, names in columns.items():
                values = {name: getattr(table, name) - time for name in names}
                await session.exec(update(table).where(of[table]).values(**values))

    async def run(self) -> None:
        """Run what the jobs run."""
        await granting.end_due_grants(self.begin)
        for step in (renewing.announce_due, renewing.renew_due, renewing.retry_due):
            assert not await step(self.begin)
        await ending.expire_overdue(self.begin)

    async def states(self) -> list[PurchaseState]:
        return [one.state for one in await self.world.purchases(self.vendor)]

    async def notices(self) -> list[str]:
        rows = select(Notification.kind).where(Notification.user_id == self.owner.id)
        async with self.world.database.session() as session:
            return list((await session.exec(rows.order_by(col(Notification.created_at)))).all())
