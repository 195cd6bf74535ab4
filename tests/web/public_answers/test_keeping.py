"""Which answers are kept, and until when."""

from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from redis.asyncio import Redis

from core.clock import now
from core.settings import Settings
from models.offers.offers import OfferState
from models.vendors import MemberRole, VendorStatus
from tests.apps import endpoint_of
from tests.client import Client, gid
from tests.factories.world import World
from tests.web.public_answers.conftest import Results, named

OFFER = "offer(id: $id) { id title vendor { name } category { name } pictures { url } }"


async def ask_often(client: Client, query: str, times: int = 4, **variables: Any) -> Any:
    """Ask several times: the first takes the full stack, the third's answer is kept."""
    for _ in range(times - 1):
        await client.send(query, **variables)
    return await client.ask(query, **variables)


async def test_an_answer_is_kept_once_it_was_asked_for_twice(
    world: World, visitor: Client, results: Results, statements: list[Any]
) -> None:
    vendor = await world.vendor()
    await world.offer(vendor)
    query = named("offers { nodes { id title vendor { name } } totalCount }")
    first = await visitor.send(query)  # by the full stack
    sent, found = [], []
    for _ in range(4):
        statements.clear()
        found.append(await visitor.send(query))
        sent.append(len(statements))
    assert sent[0] == sent[1] > 0 == sent[2] == sent[3]
    assert results.take() == {"made": 2, "hit": 2}
    assert all(one["data"] == first["data"] for one in found)
    prices = {one["extensions"]["cost"]["requested"] for one in (first, *found)}
    assert len(prices) == 1, "a hit costs as much as an execution"
    assert all(list(one) == ["data", "extensions"] for one in found)


async def test_a_change_drops_the_answers_of_all_processes(
    world: World, visitor: Client, elsewhere: Client, results: Results
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    offer = await world.offer(vendor, title={"en": "Old title"})
    query = named(OFFER, "($id: ID!)")
    for client in (visitor, elsewhere):
        await ask_often(client, query, id=gid(offer))
    results.take()
    assert (await elsewhere.ask(query, id=gid(offer)))["offer"]["title"] == "Old title"
    assert results.take() == {"hit": 1}
    texts = [{"locale": "en", "text": "New title"}]
    change = {"offerId": gid(offer), "title": texts}
    assert not (await visitor.signed_in(owner).do("updateOffer", change))["errors"]
    for client in (visitor, elsewhere):
        await _until_new(client, query, gid(offer))


async def test_a_suspension_drops_the_answers_of_all_processes(
    world: World, visitor: Client, elsewhere: Client, results: Results
) -> None:
    vendor, admin = await world.vendor(), visitor.signed_in(await world.admin())
    offer = await world.offer(vendor)
    query = named("offer(id: $id) { title } offers { nodes { id } }", "($id: ID!)")
    for client in (visitor, elsewhere):
        assert (await ask_often(client, query, id=gid(offer)))["offer"] is not None
    given = {"vendorId": gid(vendor), "reason": "Complaints."}
    assert await admin.refusal_codes("suspendVendor", given) == []
    for client in (visitor, elsewhere):
        while (found := await client.ask(query, id=gid(offer)))["offer"] is not None:
            pass  # until the signal has arrived, which is sent after the response
        assert found == {"offer": None, "offers": {"nodes": []}}


async def _until_new(client: Client, query: str, id: str) -> None:
    """Wait for the signal, which is sent after the response. Without it, this takes a minute."""
    while (await client.ask(query, id=id))["offer"]["title"] == "Old title":
        pass


@pytest.mark.parametrize("away", ["suspended vendor", "ended offer", "paused offer"])
async def test_what_is_hidden_without_a_signal_is_gone_within_the_time(
    world: World,
    visitor: Client,
    keeping: Any,
    settings: Settings,
    away: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vendor = await world.vendor()
    offer = await world.offer(vendor)
    query = named("offer(id: $id) { title } offers { nodes { id } }", "($id: ID!)")
    await ask_often(visitor, query, id=gid(offer))
    if away == "suspended vendor":
        vendor.status = VendorStatus.SUSPENDED
        await world.save(vendor)
    else:
        offer.ends_at = now() - timedelta(hours=1) if away == "ended offer" else offer.ends_at
        offer.state = OfferState.PAUSED if away == "paused offer" else offer.state
        await world.save(offer)
    assert (await visitor.ask(query, id=gid(offer)))["offer"] is not None, "it was kept"
    await _let_time_pass(settings, monkeypatch)
    found = await visitor.ask(query, id=gid(offer))
    assert found == {"offer": None, "offers": {"nodes": []}}


async def _let_time_pass(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let 60 seconds pass for the process, and for Redis, which must have an end for each key."""
    monkeypatch.setattr("core.answers.memory.monotonic", lambda: monotonic() + 60)
    redis = Redis.from_url(settings.redis)
    async for key in redis.scan_iter("haat:answer:*"):
        if b":version:" not in key:
            assert 0 < await redis.pttl(key) <= 60_000
            await redis.delete(key)
    await redis.aclose()


async def test_counters_are_kept_for_a_second(world: World, visitor: Client, keeping: Any) -> None:
    offer = await world.offer(await world.vendor())
    cache = endpoint_of(keeping).app.document_cache
    for field, seconds in (("title", 60), ("claimed", 1), ("remaining", 1), ("likeCount", 1)):
        query = named(f"offer(id: $id) {{ {field} }}", "($id: ID!)")
        await visitor.ask(query, id=gid(offer))
        (operation,) = _operations(visitor, keeping, cache.find_valid(query))
        assert operation.query({}, []).seconds == seconds, field


def _operations(visitor: Client, keeping: Any, parsed: Any) -> Any:
    endpoint = endpoint_of(keeping)
    schema: Any = endpoint.schema
    node = parsed.document.definitions[0]
    return [parsed.public(schema._schema, node, endpoint.app.public_answers.seconds)]


NOT_KEPT = {
    "of the viewer": "offers { nodes { id likedByMe } }",
    "viewer": "viewer { id } offers { nodes { id } }",
    "of the clock": "vendors { nodes { id answersNow } }",
    "with an error": 'offer(id: "nonsense") { id }',
    "with half of the data": 'offers { nodes { id } } offer(id: "VmVuZG9yOjE=") { id }',
    "that reads the viewer by an argument": (
        'offers(search: "offer", where: {states: [PUBLISHED]}) { nodes { id } }'
    ),
    "of any node": 'node(id: "T2ZmZXI6MDE5YWQwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAw") { id }',
    "introspection": "__schema { queryType { name } }",
}


@pytest.mark.parametrize("selection", NOT_KEPT.values(), ids=list(NOT_KEPT))
async def test_other_answers_are_not_kept(
    world: World, visitor: Client, results: Results, selection: str
) -> None:
    await world.offer(await world.vendor())
    query = named(selection)
    for _ in range(5):
        await visitor.send(query)
    assert results.take().keys() <= {"made"}


async def test_a_signed_in_caller_gets_no_kept_answer(
    world: World, visitor: Client, results: Results
) -> None:
    """Members see drafts and paused offers of their vendor by the same query."""
    owner = await world.user()
    vendor = await world.vendor()
    await world.member(vendor, owner, MemberRole.OWNER)
    paused = await world.offer(vendor, state=OfferState.PAUSED)
    query = named("offer(id: $id) { title }", "($id: ID!)")
    member = visitor.signed_in(owner)
    for _ in range(4):
        assert (await visitor.ask(query, id=gid(paused)))["offer"] is None
        assert (await member.ask(query, id=gid(paused)))["offer"] is not None
    wrong = visitor.bearing("nonsense")
    results.take()
    for _ in range(4):
        await wrong.send(query, id=gid(paused))
        await member.send(query, id=gid(paused))
    assert results.take() == {}
