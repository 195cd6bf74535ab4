"""Alerts: a user waits for a variant and is notified once, when it is back in stock."""

from uuid import UUID

import pytest
from sqlmodel import select

from models.catalog.products import ProductState
from models.stock.alerts import StockAlert
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.stock.test_stock import Store

ALERTS = "{ stockAlerts { nodes { id awaitedByMe } } }"


async def test_request_and_cancel_an_alert(world: World, api: Client) -> None:
    store = await Store(world, api).open(on_hand=0)
    client = api.signed_in(await world.user())
    given = {"variantId": gid(store.variant)}
    for _ in range(2):
        payload = await client.do("requestStockAlert", given, "variant { id awaitedByMe }")
        assert payload["variant"] == {"id": gid(store.variant), "awaitedByMe": True}
    assert (await client.ask(ALERTS))["stockAlerts"]["nodes"] == [payload["variant"]]
    other = api.signed_in(await world.user())
    assert (await other.ask(ALERTS))["stockAlerts"]["nodes"] == []
    assert await other.refusal_codes("cancelStockAlert", given) == []
    assert len((await client.ask(ALERTS))["stockAlerts"]["nodes"]) == 1
    assert await client.refusal_codes("cancelStockAlert", given) == []
    assert (await client.ask(ALERTS))["stockAlerts"]["nodes"] == []


async def test_alerts_that_are_not_listed_make_room(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They stay as long as there is room: what is hidden may be published again."""
    monkeypatch.setattr("services.stock.alerts.MAX_ALERTS", 2)
    user = await world.user()
    client, stranger = api.signed_in(user), await world.user()
    hidden = await world.product(await world.vendor(), on_hand=0, state=ProductState.HIDDEN)
    (unseen,) = await world.variants(hidden)
    kept = [StockAlert(user_id=one.id, variant_id=unseen.id) for one in (user, stranger)]
    await world.save(*kept)
    stores = [await Store(world, api).open(on_hand=0) for _ in range(3)]
    given = [{"variantId": gid(store.variant)} for store in stores]
    assert await client.refusal_codes("requestStockAlert", given[0]) == []
    assert len(await alerts(world)) == 3
    assert await client.refusal_codes("requestStockAlert", given[1]) == []
    assert await alerts(world) == {
        (stranger.id, unseen.id),
        *((user.id, store.variant.id) for store in stores[:2]),
    }
    refused = await client.refusal_codes("requestStockAlert", given[2])
    assert refused == ["STOCK_ALERT_LIMIT_REACHED"]


async def alerts(world: World) -> set[tuple[UUID, UUID]]:
    async with world.database.session() as session:
        rows = select(StockAlert.user_id, StockAlert.variant_id)
        return {(user_id, variant_id) for user_id, variant_id in await session.exec(rows)}


async def test_alerts_are_refused(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.stock.alerts.MAX_ALERTS", 1)
    user = await world.user()
    client, given = api.signed_in(user), {"variantId": ""}
    stocked = await Store(world, api).open()
    hidden = await world.product(stocked.vendor, on_hand=0, state=ProductState.HIDDEN)
    (unseen,) = await world.variants(hidden)
    empty = await Store(world, api).open(on_hand=0)
    other = await Store(world, api).open(on_hand=0)
    await world.save(StockAlert(user_id=user.id, variant_id=other.variant.id))
    for variant, code in (
        (stocked.variant, "VARIANT_IN_STOCK"),
        (unseen, "NOT_FOUND"),
        (empty.variant, "STOCK_ALERT_LIMIT_REACHED"),
    ):
        given["variantId"] = gid(variant)
        assert await client.refusal_codes("requestStockAlert", given) == [code]
        assert await api.mutation_failed("requestStockAlert", given) == ["UNAUTHENTICATED"]
    assert await api.mutation_failed("cancelStockAlert", given) == ["UNAUTHENTICATED"]
    assert await api.failed(ALERTS) == ["UNAUTHENTICATED"]
