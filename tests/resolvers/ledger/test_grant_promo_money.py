"""Promotional money: granted by two admins, spent before other money, and never by others."""

from datetime import timedelta
from typing import Any

from sqlmodel import select

from core.clock import now
from models.identity.accounts import User
from models.ledger.promo_money import PromoMoney
from models.vendors import Vendor
from tests.client import Client, gid
from tests.factories.base import NUMBERS
from tests.factories.packs import PRICE, buying
from tests.factories.world import World
from tests.invariants import check_invariants


def granting(owner: User | Vendor, **changes: Any) -> dict[str, Any]:
    return {
        "owner": {"vendorId" if isinstance(owner, Vendor) else "userId": gid(owner)},
        "amountMinor": 60_00,
        "currency": "INR",
        "validDays": 30,
        "reason": "Welcome",
        "idempotencyKey": f"promo-{next(NUMBERS)}",
    } | changes


async def test_it_is_in_the_wallet_once_another_admin_approves(world: World, api: Client) -> None:
    first, second = [api.signed_in(await world.admin()) for _ in range(2)]
    owner = await world.user()
    vendor = await world.vendor(owner)
    given = granting(vendor)
    granted = await first.do("grantPromoMoney", given, "adjustment { id state }")
    assert await first.do("grantPromoMoney", given, "adjustment { id state }") == granted
    other = given | {"amountMinor": 1}
    assert await first.refusal_codes("grantPromoMoney", other) == ["IDEMPOTENCY_KEY_REUSED"]
    approve = {"adjustmentId": granted["adjustment"]["id"]}
    codes = await first.refusal_codes("approveLedgerAdjustment", approve)
    assert codes == ["SECOND_ADMIN_NEEDED"]
    assert await world.wallet(vendor) == (0, 0, 0)
    assert await second.refusal_codes("approveLedgerAdjustment", approve) == []
    assert await world.wallet(vendor) == (0, 60_00, 0)
    async with world.database.session() as session:
        one = (await session.exec(select(PromoMoney))).one()
    assert timedelta(days=29) < one.ends_at - now() <= timedelta(days=30)
    await world.fund(vendor, PRICE)
    bought = buying(vendor, await world.pack(), provider="WALLET")
    assert await api.signed_in(owner).refusal_codes("buyPack", bought) == []
    assert await world.wallet(vendor) == (60_00, 0, 0)
    await check_invariants(world.database)


async def test_only_admins_grant_it_and_not_to_themselves(world: World, api: Client) -> None:
    user, admin = await world.user(), await world.admin()
    given = granting(user)
    assert await api.mutation_failed("grantPromoMoney", given) == ["UNAUTHENTICATED"]
    assert await api.signed_in(user).mutation_failed("grantPromoMoney", given) == ["FORBIDDEN"]
    client = api.signed_in(admin)
    assert await client.refusal_codes("grantPromoMoney", granting(admin)) == ["OWN_WALLET"]
    for wrong in ({"validDays": 0}, {"amountMinor": 0}, {"reason": " "}):
        codes = await client.refusal_codes("grantPromoMoney", granting(user, **wrong))
        assert codes == ["INVALID_INPUT"]
    assert await world.wallet(user) == (0, 0, 0)
