"""Wallets as their users see them, and those of vendors as their members do."""

import pytest
from sqlalchemy import text

from core.database import Database
from core.ids import new_id
from models.identity.accounts import User
from models.members import Permission, may
from models.scopes import ApiScope
from models.vendors import MemberRole
from services.ledger.wallets import hold_wallet
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.counting import captured, plans

FIELDS = """
    currency balance { amountMinor } promo { amountMinor } held { amountMinor decimal }
    entries(first: 10) {
        changesAfter totalCount pageInfo { hasNextPage }
        nodes { id kind source target aboutId money { amountMinor currency } }
    }
"""
WALLET = f"query ($currency: CurrencyCode!) {{ wallet(currency: $currency) {{ {FIELDS} }} }}"
OF_VENDOR = f"query ($id: ID!) {{ vendor(id: $id) {{ wallet {{ {FIELDS} }} }} }}"


async def spend(world: World, user: User, amount: int) -> str:
    """Hold money for an order, and return the order's id."""
    order_id = new_id()
    async with world.database.session() as session, session.begin():
        await hold_wallet(
            session, user_id=user.id, currency="INR", order_id=order_id, amount=amount
        )
    return str(order_id)


async def test_a_wallet_with_its_entries(world: World, api: Client) -> None:
    user = await world.user()
    await world.fund(user, 100_00, promo=20_00)
    await spend(world, user, 30_00)
    wallet = (await api.signed_in(user).ask(WALLET, currency="INR"))["wallet"]
    assert wallet["balance"] == {"amountMinor": 90_00}
    assert wallet["promo"] == {"amountMinor": 0}
    assert wallet["held"] == {"amountMinor": 30_00, "decimal": "30.00"}
    nodes = wallet["entries"]["nodes"]
    assert wallet["entries"]["totalCount"] == 4
    assert sorted((one["kind"], one["source"], one["target"]) for one in nodes[:2]) == [
        ("HOLD", "BALANCE", "HELD"),
        ("HOLD", "PROMO", "HELD"),
    ]
    assert [(one["kind"], one["source"], one["target"]) for one in nodes[2:]] == [
        ("ADJUST", None, "PROMO"),
        ("ADJUST", None, "BALANCE"),
    ]
    assert nodes[3]["money"] == {"amountMinor": 100_00, "currency": "INR"}


async def test_a_wallet_is_empty_at_first_and_of_one_currency(world: World, api: Client) -> None:
    user, other = await world.user(), await world.user()
    await world.fund(user, 100_00)
    for client, currency in ((api.signed_in(other), "INR"), (api.signed_in(user), "EUR")):
        wallet = (await client.ask(WALLET, currency=currency))["wallet"]
        assert (wallet["currency"], wallet["balance"]["amountMinor"]) == (currency, 0)
        assert wallet["entries"]["nodes"] == []
    assert await api.failed(WALLET, currency="INR") == ["UNAUTHENTICATED"]


async def test_entries_are_paged_in_one_order(world: World, api: Client) -> None:
    user = await world.user()
    await world.fund(user, 100_00)
    for _ in range(5):
        await spend(world, user, 1_00)
    query = """query ($after: String) {
      wallet(currency: "INR") { entries(first: 2, after: $after) {
        nodes { id } pageInfo { endCursor hasNextPage }
      } }
    }"""
    found: list[str] = []
    after: str | None = None
    while True:
        page = (await api.signed_in(user).ask(query, after=after))["wallet"]["entries"]
        found += [one["id"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(found) == len(set(found)) == 6


@pytest.mark.parametrize("role", MemberRole)
async def test_owners_and_managers_see_the_wallet_of_their_vendor(
    world: World, api: Client, role: MemberRole
) -> None:
    vendor = await world.vendor()
    await world.fund(vendor, 5_00)
    client = api.signed_in(await new_member(world, vendor, role))
    if may(role, Permission.SEE_WALLET):
        wallet = (await client.ask(OF_VENDOR, id=gid(vendor)))["vendor"]["wallet"]
        assert wallet["balance"] == {"amountMinor": 5_00}
        (entry,) = wallet["entries"]["nodes"]
        node = "query ($id: ID!) { node(id: $id) { id } }"
        assert (await client.ask(node, id=entry["id"]))["node"] == {"id": entry["id"]}
    else:
        assert await client.failed(OF_VENDOR, id=gid(vendor)) == ["FORBIDDEN"]


async def test_others_do_not_see_the_wallet_of_a_vendor(world: World, api: Client) -> None:
    vendor, other = await world.vendor(), await world.user()
    await world.vendor(other)
    await world.fund(vendor, 5_00)
    assert await api.failed(OF_VENDOR, id=gid(vendor)) == ["UNAUTHENTICATED"]
    for user in (other, await world.user()):
        assert await api.signed_in(user).failed(OF_VENDOR, id=gid(vendor)) == ["FORBIDDEN"]
    admin = api.signed_in(await world.admin())
    found = (await admin.ask(OF_VENDOR, id=gid(vendor)))["vendor"]["wallet"]
    assert found["balance"]["amountMinor"] == 5_00


async def test_api_tokens_have_no_access(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    scopes = [one for one in ApiScope if one not in {ApiScope.READ, ApiScope.WRITE}]
    _, secret = await world.api_token(owner, *scopes)
    client = api.bearing(secret)
    assert await client.failed(WALLET, currency="INR") == ["FORBIDDEN"]
    assert await client.failed(OF_VENDOR, id=gid(vendor)) == ["FORBIDDEN"]
    assert await client.failed('{ trialBalance(currency: "INR") { currency } }') == ["FORBIDDEN"]


async def test_a_page_takes_as_many_statements_for_twenty_entries_as_for_one(
    world: World, api: Client
) -> None:
    user = await world.user()
    await world.fund(user, 100_00)
    client, numbers = api.signed_in(user), []
    for _ in range(2):
        with captured() as sent:
            await client.ask(WALLET, currency="INR")
        numbers.append(len(sent))
        for _ in range(19):
            await spend(world, user, 1_00)
    assert numbers[0] == numbers[1]


VENDORS = text(
    """
    INSERT INTO ledger_account (id, created_at, kind, owner_id, currency, guarded, balance)
    SELECT gen_random_uuid(), now(), 'V_PENDING', gen_random_uuid(), 'INR', false, 0
    FROM generate_series(1, 200)
    """
)
ENTRIES = text(
    """
    INSERT INTO ledger_entry (id, created_at, posting, leg, debit_id, credit_id, currency, amount)
    SELECT gen_random_uuid(), now(), 'pay\\:' || number || '-' || vendor.id, 0,
        CASE number % 2 WHEN 0 THEN vendor.id ELSE bank.id END,
        CASE number % 2 WHEN 0 THEN bank.id ELSE vendor.id END, 'INR', 1
    FROM generate_series(1, 150) AS number, ledger_account AS bank, ledger_account AS vendor
    WHERE bank.kind = 'BANK' AND vendor.kind = 'V_PENDING'
    """
)


async def test_entries_are_found_by_the_accounts_of_the_wallet(
    world: World, api: Client, superuser: Database
) -> None:
    user = await world.user()
    await world.fund(user, 100_00)
    async with superuser.engine.begin() as connection:
        await connection.execute(VENDORS)
        await connection.execute(ENTRIES)
        await connection.execute(text("ANALYZE ledger_entry, ledger_account"))
    plan = await plans(world.database, api.signed_in(user), WALLET, currency="INR")
    assert "Seq Scan on ledger_entry" not in plan
    for side in ("debit", "credit"):
        assert f"ledger_entry_{side}_page_idx" in plan
