"""Two users accept one ticket at once: one gets it."""

import asyncio
from uuid import UUID

import pytest
from sqlmodel import delete
from sqlmodel.ext.asyncio.session import AsyncSession

from models.events.tickets import Ticket, TicketTransfer
from services.events.transfers import receiving
from tests.client import Client
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.meeting import Meeting
from tests.resolvers.events.tickets.test_transfers import Giving, accepting


async def race(giving: Giving) -> list[list[str]]:
    """Let two users accept one code at once, and return the refusals of each."""
    code = await giving.mail("friend@example.com")
    users = [await giving.world.user() for _ in range(2)]
    clients = [giving.api.signed_in(user) for user in users]
    answers = await asyncio.gather(
        *(one.refusal_codes("acceptTransfer", accepting(code=code)) for one in clients)
    )
    return sorted(answers, key=len)


async def test_of_two_who_accept_at_once_one_does(world: World, api: Client) -> None:
    for _ in range(3):
        giving = await Giving.begin(world, api)
        won, lost = await race(giving)
        assert won == []
        assert lost in (["TRANSFER_STATE"], ["NOT_FOUND"])
        assert (await giving.fresh()).generation == 2
        async with world.database.session() as session, session.begin():
            await session.exec(delete(TicketTransfer))
    await check_invariants(world.database)


async def test_without_the_lock_both_accept(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: each reads the ticket and the transfer before the other has changed them."""
    meeting = Meeting()

    async def read_ticket(session: AsyncSession, ticket_id: UUID) -> Ticket:
        return await session.get_one(Ticket, ticket_id)

    async def read_transfer(session: AsyncSession, transfer_id: UUID) -> TicketTransfer:
        transfer = await session.get_one(TicketTransfer, transfer_id)
        await meeting.arrive()
        return transfer

    async def tell_nobody(session: AsyncSession, transfer: TicketTransfer) -> None:
        """Two notices of one transfer would be refused by their own constraint."""

    monkeypatch.setattr(receiving, "_tell_giver", tell_nobody)
    monkeypatch.setattr(receiving, "lock_ticket", read_ticket)
    monkeypatch.setattr(receiving, "lock_transfer", read_transfer)
    assert await race(await Giving.begin(world, api)) == [[], []]
