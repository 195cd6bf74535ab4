"""Sale queues: run by members, joined and passed through by users, also as the wrong user."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import select

from core.clock import now
from core.security.signing_keys import SigningKeys
from models.events.selling.sale_queue import (
    QueueEntryState,
    SaleQueue,
    SaleQueueEntry,
    SaleQueueState,
)
from models.identity.accounts import User
from models.vendors import MemberRole
from services.events.sale_queue.serving import find_due_queues, serve_queue
from tests.client import Client, gid
from tests.factories.vendors import outsider
from tests.factories.world import World
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.inputs import hold_input, keyed

QUEUE = """saleQueue {
  id state seed seedHash serving waiting pace paused drawnCount drawnAt event { id }
}"""
ENTRY = "entry { state number ahead drawKey turnEndsAt saleQueue { id } }"
ADMISSION = "admission { token expiresAt entry { state number } }"
SEEN = "query ($id: ID!) { saleQueue(eventId: $id) { id state seed seedHash serving } }"
OWN = "query ($id: ID!) { saleQueueEntry(eventId: $id) { state number ahead drawKey } }"
DRAW = "query ($id: ID!, $n: Int!) { saleQueueDraw(eventId: $id, firstNumber: $n, count: 1000) }"


def queue_input(office: BoxOffice, **changes: Any) -> dict[str, Any]:
    times = {
        "prequeueAt": (now() + timedelta(minutes=5)).isoformat(),
        "opensAt": (now() + timedelta(hours=1)).isoformat(),
    }
    return keyed(eventId=gid(office.event), **times) | changes


async def serve(world: World, queue: SaleQueue) -> SaleQueue:
    async with world.database.session() as session, session.begin():
        await serve_queue(session, queue.id)
    fresh: SaleQueue = await world.fresh(queue)
    return fresh


async def join(world: World, queue: SaleQueue, users: Sequence[User]) -> None:
    await world.save(*(SaleQueueEntry(queue_id=queue.id, user_id=user.id) for user in users))


async def open_now(world: World, queue: SaleQueue) -> SaleQueue:
    """Draw, and let a minute pass."""
    queue.opens_at = now() - timedelta(minutes=1)
    await world.save(queue)
    drawn = await serve(world, queue)
    drawn.served_at = now() - timedelta(minutes=1)
    await world.save(drawn)
    return await serve(world, drawn)


async def entry_of(world: World, queue: SaleQueue, user: User) -> SaleQueueEntry:
    async with world.database.session() as session:
        return await session.get_one(SaleQueueEntry, (queue.id, user.id))


async def test_members_run_a_queue(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    owner = await world.user()
    await world.member(office.vendor, owner, MemberRole.MANAGER)
    client, input = api.signed_in(owner), queue_input(office)
    created = await client.do("createSaleQueue", input, QUEUE)
    assert created["errors"] == []
    shown = created["saleQueue"]
    assert (shown["state"], shown["seed"], shown["drawnAt"]) == ("OFF", None, None)
    assert await client.do("createSaleQueue", input, QUEUE) == created
    assert await client.refusal_codes("createSaleQueue", input | keyed()) == ["SALE_QUEUE_EXISTS"]
    id = {"saleQueueId": shown["id"]}
    assert await client.refusal_codes("pauseSaleQueue", id) == ["SALE_QUEUE_STATE"]
    opened = (await client.do("openSaleQueue", id, QUEUE))["saleQueue"]
    assert (opened["state"], opened["paused"]) == ("OPEN", False)
    assert sha256(bytes.fromhex(opened["seed"])).hexdigest() == shown["seedHash"]
    for _ in range(2):
        assert (await client.do("pauseSaleQueue", id, QUEUE))["saleQueue"]["paused"]
    assert not (await client.do("openSaleQueue", id, QUEUE))["saleQueue"]["paused"]
    for _ in range(2):
        assert (await client.do("endSaleQueue", id, QUEUE))["saleQueue"]["state"] == "ENDED"
    for name in ("openSaleQueue", "pauseSaleQueue"):
        assert await client.refusal_codes(name, id) == ["SALE_QUEUE_STATE"]


@pytest.mark.parametrize(
    "changes",
    [
        {"perMinute": 0},
        {"mostActive": 100_001},
        {"admissionMinutes": 61},
        {"opensAt": "2020-01-01T00:00:00Z"},
        {"prequeueAt": "2099-01-01T00:00:00Z"},
    ],
)
async def test_create_refuses_wrong_values(
    world: World, api: Client, changes: dict[str, Any]
) -> None:
    office = await BoxOffice.open(world)
    owner = await world.user()
    await world.member(office.vendor, owner, MemberRole.MANAGER)
    refused = await api.signed_in(owner).refusal_codes(
        "createSaleQueue", queue_input(office, **changes)
    )
    assert refused == ["INVALID_INPUT"]


@pytest.mark.parametrize("kind", ["a stranger", "STAFF", "SCANNER", "another vendor's owner"])
async def test_outsiders_run_no_queue(world: World, api: Client, kind: str) -> None:
    office = await BoxOffice.open(world)
    queue = await world.sale_queue(office.event)
    client = api.signed_in(await outsider(world, office.vendor, kind))
    refused = {"NOT_FOUND", "NOT_ALLOWED", "FORBIDDEN"}
    codes = await client.refusal_codes("createSaleQueue", queue_input(office))
    assert len(codes) == 1
    for name in ("openSaleQueue", "pauseSaleQueue", "endSaleQueue"):
        input = {"saleQueueId": gid(queue)}
        assert set(await client.refusal_codes(name, input)) <= refused
        assert await api.mutation_failed(name, input) == ["UNAUTHENTICATED"]
    fresh = await world.fresh(queue)
    assert (fresh.state, fresh.paused_at) == (SaleQueueState.PREQUEUE, None)


async def test_a_user_passes_through_the_queue(
    world: World, api: Client, keys: SigningKeys
) -> None:
    office = await BoxOffice.open(world)
    queue = await world.sale_queue(office.event)
    client, event = api.signed_in(office.user), {"eventId": gid(office.event)}
    wanted = hold_input(office.date, (office.kind, 1))
    assert await client.refusal_codes("holdTickets", wanted) == ["QUEUE_REQUIRED"]
    assert await client.refusal_codes("enterSale", event) == ["NOT_FOUND"]
    joined = (await client.do("joinSaleQueue", event, ENTRY))["entry"]
    assert joined == {
        "state": "WAITING",
        "number": None,
        "ahead": None,
        "drawKey": None,
        "turnEndsAt": None,
        "saleQueue": {"id": gid(queue)},
    }
    assert await client.refusal_codes("enterSale", event) == ["NOT_YOUR_TURN"]
    queue = await open_now(world, queue)
    assert (queue.state, queue.serving) == (SaleQueueState.OPEN, 1)
    own = (await client.ask(OWN, id=gid(office.event)))["saleQueueEntry"]
    key = sha256(queue.seed + office.user.id.bytes).hexdigest()
    assert own == {"state": "WAITING", "number": 1, "ahead": 0, "drawKey": key}
    entered = await client.do("enterSale", event, ADMISSION)
    assert entered["errors"] == []
    again = await client.do("enterSale", event, ADMISSION)
    assert again["admission"]["expiresAt"] == entered["admission"]["expiresAt"]
    token = entered["admission"]["token"]
    assert keys.read_admission(token) == (office.user.id, office.event.id)
    other = api.signed_in(await world.user())
    for wrong in (token + "x", "none"):
        codes = await client.refusal_codes("holdTickets", wanted | keyed(admission=wrong))
        assert codes == ["ADMISSION_ENDED"]
    stolen = wanted | keyed(admission=token)
    assert await other.refusal_codes("holdTickets", stolen) == ["ADMISSION_ENDED"]
    held = await client.do("holdTickets", wanted | {"admission": token}, "hold { id }")
    assert held["errors"] == []
    await client.do("releaseHold", {"holdId": held["hold"]["id"]})
    await serve(world, queue)
    entry = await entry_of(world, queue, office.user)
    assert entry.state is QueueEntryState.DONE, "its place is free"
    second = wanted | keyed(admission=token)
    assert await client.refusal_codes("holdTickets", second) == ["ADMISSION_ENDED"]
    assert await client.refusal_codes("enterSale", event) == ["ADMISSION_ENDED"]
    joined = (await client.do("joinSaleQueue", event, ENTRY))["entry"]
    assert (joined["state"], joined["number"]) == ("WAITING", None)
    await serve(world, queue)
    assert (await entry_of(world, queue, office.user)).number == 2, "at the end"


async def test_the_queue_is_open_to_users_alone_and_in_its_time(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    event = {"eventId": gid(office.event)}
    client = api.signed_in(office.user)
    assert await client.refusal_codes("joinSaleQueue", event) == ["NOT_FOUND"]
    later = now() + timedelta(minutes=30)
    queue = await world.sale_queue(office.event, state=SaleQueueState.OFF, prequeue_at=later)
    assert await client.refusal_codes("joinSaleQueue", event) == ["SALE_QUEUE_STATE"]
    for name in ("joinSaleQueue", "enterSale"):
        assert await api.mutation_failed(name, event) == ["UNAUTHENTICATED"]
    shown = (await api.ask(SEEN, id=gid(office.event)))["saleQueue"]
    assert (shown["id"], shown["seed"]) == (gid(queue), None)
    assert shown["seedHash"] == queue.seed_hash.hex()
    assert (await api.ask(DRAW, id=gid(office.event), n=1))["saleQueueDraw"] == []
    wanted = hold_input(office.date, (office.kind, 1))
    assert await client.refusal_codes("holdTickets", wanted) == [], "it has not begun"
    queue.state, queue.drawn_at = SaleQueueState.ENDED, now()
    await world.save(queue)
    for name in ("joinSaleQueue", "enterSale"):
        assert await client.refusal_codes(name, event) == ["SALE_QUEUE_STATE"]


async def test_a_draft_shows_no_queue(world: World, api: Client) -> None:
    office = await BoxOffice.open(world, state="DRAFT")
    await world.sale_queue(office.event)
    client, id = api.signed_in(office.user), gid(office.event)
    assert (await client.ask(SEEN, id=id))["saleQueue"] is None
    assert await client.refusal_codes("joinSaleQueue", {"eventId": id}) == ["NOT_FOUND"]


async def test_who_is_called_and_does_not_come_frees_the_place(world: World) -> None:
    office = await BoxOffice.open(world)
    queue = await world.sale_queue(office.event, most_active=2)
    users = [await world.user() for _ in range(5)]
    await join(world, queue, users)
    queue = await open_now(world, queue)
    assert queue.serving == 2, "no more than can be active"
    queue.served_at = now() - timedelta(minutes=1)
    await world.save(queue)
    queue = await serve(world, queue)
    assert queue.serving == 2
    async with world.database.session() as session, session.begin():
        idle = "UPDATE sale_queue_entry SET seen_at = seen_at - interval '5 minutes'"
        await session.execute(text(f"{idle} WHERE number = 1"))
    queue.served_at = now() - timedelta(minutes=1)
    await world.save(queue)
    assert (await serve(world, queue)).serving == 3
    async with world.database.session() as session:
        rows = select(SaleQueueEntry).order_by("number")
        states = [one.state for one in (await session.exec(rows)).all()]
    assert states == ["LAPSED", "WAITING", "WAITING", "WAITING", "WAITING"]


async def test_a_paused_queue_calls_nobody_and_due_ones_are_found(world: World) -> None:
    office = await BoxOffice.open(world)
    queue = await world.sale_queue(office.event)
    await join(world, queue, [office.user])
    async with world.database.session() as session:
        assert await find_due_queues(session) == []
    queue.opens_at = now() - timedelta(minutes=1)
    await world.save(queue)
    async with world.database.session() as session:
        assert await find_due_queues(session) == [queue.id]
    queue = await serve(world, queue)
    queue.paused_at, queue.served_at = now(), now() - timedelta(minutes=1)
    await world.save(queue)
    assert (await serve(world, queue)).serving == 0


async def test_anybody_can_check_a_draw_of_ten_thousand(world: World, api: Client) -> None:
    """Read the public keys, and compare them with the seed, its hash and an own number."""
    office = await BoxOffice.open(world)
    queue = await world.sale_queue(office.event)
    users = [User(name=f"User {number}", password_hash=None) for number in range(9_999)]
    await world.save(*users)
    await join(world, queue, users)
    await join(world, queue, [office.user])
    queue.opens_at = now()
    await world.save(queue)
    await serve(world, queue)
    client, id = api.signed_in(office.user), gid(office.event)
    shown = (await client.ask(SEEN, id=id))["saleQueue"]
    seed = bytes.fromhex(shown["seed"])
    assert sha256(seed).hexdigest() == shown["seedHash"]
    keys: list[str] = []
    while more := (await client.ask(DRAW, id=id, n=len(keys) + 1))["saleQueueDraw"]:
        keys += more
    assert len(set(keys)) == 10_000
    assert keys == sorted(keys)
    own = (await client.ask(OWN, id=id))["saleQueueEntry"]
    mine = sha256(seed + UUID(str(office.user.id)).bytes).hexdigest()
    assert keys[own["number"] - 1] == own["drawKey"] == mine
