"""Transfers in place: accepted once, declined, withdrawn and lapsed; former codes are refused."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, delete, select

from core.clock import now
from models.events.check_in.lists import ScanReason
from models.events.events import TransferPolicy
from models.events.ticket_types import TicketTypeKind
from models.events.tickets import Ticket, TicketTransfer, TransferState
from models.identity.accounts import User
from models.quotas import QUOTAS, DailyAct, Quota
from models.vendors import MemberRole
from services.events.transfers.messages import compose_transfer
from services.events.transfers.receiving import find_overdue, lapse_transfer
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.buying import Unheard
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.inputs import keyed
from tests.resolvers.events.tickets.test_tickets import strangers
from tests.resolvers.identity.phones.test_phone_codes import new_number

SHOWN = "transfer { id transferState toKind ticket { id } receiver { id } eventDate { id } }"
STATE = "transfer { transferState }"


class Giving:
    """A holder who gives a ticket to a friend."""

    def __init__(self, world: World, api: Client, office: BoxOffice, ticket: Ticket) -> None:
        self.world, self.api, self.office, self.ticket = world, api, office, ticket
        self.holder = api.signed_in(office.user)

    @classmethod
    async def begin(cls, world: World, api: Client, **values: Any) -> "Giving":
        office = await BoxOffice.open(world, **values)
        policies = {"transfer": TransferPolicy.FREE} | {
            name: values[name] for name in ("transfer",) if name in values
        }
        ticket = await world.ticket(office.user, office.date, office.kind, office.quota, **policies)
        return cls(world, api, office, ticket)

    def input(self, **to: str) -> dict[str, Any]:
        return keyed(ticketId=gid(self.ticket), to=to)

    async def give(self, user: User) -> str:
        given = await self.holder.do("transferTicket", self.input(userId=gid(user)), SHOWN)
        assert given["errors"] == []
        id: str = given["transfer"]["id"]
        return id

    async def mail(self, email: str) -> str:
        """Give the ticket to an address, and return the code of the mail."""
        given = await self.holder.do("transferTicket", self.input(email=email), SHOWN)
        assert given["errors"] == []
        return await self.send()

    async def send(self) -> str:
        transfer = await self.world.first(TicketTransfer)
        async with Transactions(self.world.database, Unheard()).begin() as session:
            mail = await compose_transfer(session, self.world.sealer, transfer.id)
        assert mail is not None
        return next(word for word in mail.body.replace(".", " ").split() if word.count("-") == 3)

    async def fresh(self) -> Ticket:
        ticket: Ticket = await self.world.fresh(self.ticket)
        return ticket


def accepting(**transfer: str) -> dict[str, Any]:
    return keyed(transfer=transfer)


async def test_transfers_of_a_day_are_limited(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each can send a mail to a stranger, also one that is withdrawn at once."""
    monkeypatch.setitem(QUOTAS, DailyAct.TRANSFER_TICKET, Quota("tickets given", 1, 1))
    giving = await Giving.begin(world, api)
    id = (await giving.holder.do("transferTicket", giving.input(email="a@example.com"), SHOWN))[
        "transfer"
    ]["id"]
    assert await giving.holder.refusal_codes("withdrawTransfer", {"transferId": id}) == []
    again = giving.input(email="b@example.com")
    assert await giving.holder.refusal_codes("transferTicket", again) == ["DAILY_LIMIT_REACHED"]


async def test_a_retry_shows_nothing_of_a_ticket_that_was_given_on(
    world: World, api: Client
) -> None:
    giving = await Giving.begin(world, api)
    friend, third = await world.user(), await world.user()
    client, given = api.signed_in(friend), accepting(transferId=await giving.give(friend))
    shown = "ticket { id attendee }"
    accepted = await client.do("acceptTransfer", given, shown)
    assert await client.do("acceptTransfer", given, shown) == accepted
    on = keyed(ticketId=gid(giving.ticket), to={"userId": gid(third)})
    id = (await client.do("transferTicket", on, "transfer { id }"))["transfer"]["id"]
    taker = api.signed_in(third)
    assert await taker.refusal_codes("acceptTransfer", accepting(transferId=id)) == []
    name = {"ticketId": gid(giving.ticket), "name": "Asha"}
    assert await taker.refusal_codes("nameAttendee", name) == []
    assert await client.refusal_codes("acceptTransfer", given) == ["NOT_FOUND"]


async def test_a_user_accepts_a_ticket_in_place(world: World, api: Client) -> None:
    giving = await Giving.begin(world, api)
    office, friend = giving.office, await world.user()
    client = api.signed_in(friend)
    old = world.keys.sign_ticket(giving.ticket.id, office.date.id, 1)
    id = await giving.give(friend)
    seen = await client.ask(f"{{ ticketTransfers {{ nodes {{ ...T }} }} }} {FRAGMENT}")
    (shown,) = seen["ticketTransfers"]["nodes"]
    assert shown == {"id": id, "ticket": None, "eventDate": {"id": gid(office.date)}}
    input = accepting(transferId=id)
    fields = "ticket { id generation code attendee }"
    accepted = await client.do("acceptTransfer", input, fields)
    assert accepted["ticket"]["generation"] == 2
    assert await client.do("acceptTransfer", input, fields) == accepted
    ticket = await giving.fresh()
    assert (ticket.holder_id, ticket.buyer_id) == (friend.id, office.user.id)
    assert (ticket.code != giving.ticket.code, ticket.attendee) == (True, None)
    assert (await office.taken(), await office.counted(office.user)) == (1, 1)
    claims = world.keys.read_ticket(old)
    door = await world.check_in_list(office.date)
    refused = door.refuses(ticket, TicketTypeKind.ADMISSION, claims.generation, now())
    assert refused is ScanReason.OLD_GENERATION
    assert (await giving.holder.ask("{ tickets { nodes { id } } }"))["tickets"]["nodes"] == []
    again = accepting(transferId=id)
    assert await client.refusal_codes("acceptTransfer", again) == ["TRANSFER_STATE"]
    await check_invariants(world.database)


FRAGMENT = "fragment T on TicketTransfer { id ticket { id } eventDate { id } }"


async def test_a_code_of_a_mail_is_accepted_once(world: World, api: Client) -> None:
    giving = await Giving.begin(world, api)
    former = await giving.mail("friend@example.com")
    code = await giving.send()
    friend = api.signed_in(await world.user())
    refused = await friend.refusal_codes("acceptTransfer", accepting(code=former))
    assert refused == ["NOT_FOUND"], "a later mail replaces the code"
    assert await giving.holder.refusal_codes("acceptTransfer", accepting(code=code)) == [
        "INVALID_INPUT"
    ]
    typed = accepting(code=code.lower().replace("-", " "))
    assert await friend.refusal_codes("acceptTransfer", typed) == []
    transfer = await world.first(TicketTransfer)
    assert (transfer.state, transfer.address) == (TransferState.ACCEPTED, None)
    other = api.signed_in(await world.user())
    assert await other.refusal_codes("acceptTransfer", accepting(code=code)) == ["NOT_FOUND"]


async def test_a_code_of_a_text_message_is_accepted(world: World, api: Client) -> None:
    giving = await Giving.begin(world, api)
    number, input = new_number(), giving.input(phone=" none ")
    assert await giving.holder.refusal_codes("transferTicket", input) == ["INVALID_INPUT"]
    abroad = giving.input(phone="+33612345678")
    assert await giving.holder.refusal_codes("transferTicket", abroad) == ["NUMBER_NOT_SERVED"]
    input = giving.input(phone=number)
    shown = "transfer { id toKind receiver { id } }"
    given = await giving.holder.do("transferTicket", input, shown)
    assert (given["transfer"]["toKind"], given["transfer"]["receiver"]) == ("PHONE", None)
    assert await giving.holder.do("transferTicket", input, shown) == given, "charged once"
    code = await giving.send()
    withdrawn = {"transferId": given["transfer"]["id"]}
    assert await giving.holder.refusal_codes("withdrawTransfer", withdrawn) == []
    query = "mutation ($i: TransferTicketInput!) { transferTicket(input: $i) { transfer { id } } }"
    assert await giving.holder.failed(query, i=giving.input(phone=number)) == ["RATE_LIMITED"]
    friend = api.signed_in(await world.user())
    assert await friend.refusal_codes("acceptTransfer", accepting(code=code)) == ["NOT_FOUND"]
    async with world.database.session() as session, session.begin():
        await session.exec(delete(TicketTransfer))
    other = giving.input(phone=new_number())
    assert await giving.holder.refusal_codes("transferTicket", other) == []
    code = await giving.send()
    assert await friend.refusal_codes("acceptTransfer", accepting(code=code)) == []


async def test_transfers_are_declined_withdrawn_and_lapse(world: World, api: Client) -> None:
    giving = await Giving.begin(world, api)
    user = await world.user()
    friend = api.signed_in(user)
    declined = await giving.give(user)
    busy = await giving.holder.refusal_codes("transferTicket", giving.input(userId=gid(user)))
    assert busy == ["TRANSFER_STATE"]
    for _ in range(2):
        answer = await friend.do("declineTransfer", {"transfer": {"transferId": declined}}, STATE)
        assert answer["transfer"] == {"transferState": "DECLINED"}
    withdrawn = await giving.give(user)
    for _ in range(2):
        answer = await giving.holder.do("withdrawTransfer", {"transferId": withdrawn}, STATE)
        assert answer["transfer"] == {"transferState": "WITHDRAWN"}
    assert await friend.refusal_codes("acceptTransfer", accepting(transferId=withdrawn)) == [
        "TRANSFER_STATE"
    ]
    await giving.give(user)
    rows = select(TicketTransfer).order_by(col(TicketTransfer.id).desc())
    async with world.database.session() as session, session.begin():
        last = (await session.exec(rows)).first()
        assert last is not None
        last.expires_at = now() - timedelta(seconds=1)
    for _ in range(2):
        async with Transactions(world.database, Unheard()).begin() as session:
            for id in [*await find_overdue(session), last.id]:
                await lapse_transfer(session, id)
    assert (await world.fresh(last)).state is TransferState.LAPSED
    assert (await giving.fresh()).holder_id == giving.office.user.id
    await check_invariants(world.database)


async def test_a_cancelled_ticket_withdraws_its_transfer(world: World, api: Client) -> None:
    giving = await Giving.begin(world, api)
    code = await giving.mail("friend@example.com")
    input = keyed(ticketId=gid(giving.ticket))
    assert await giving.holder.refusal_codes("cancelTicket", input) == []
    transfer = await world.first(TicketTransfer)
    assert (transfer.state, transfer.address) == (TransferState.WITHDRAWN, None)
    friend = api.signed_in(await world.user())
    assert await friend.refusal_codes("acceptTransfer", accepting(code=code)) == ["NOT_FOUND"]


async def test_transfers_as_others(world: World, api: Client) -> None:
    giving = await Giving.begin(world, api)
    friend = await world.user()
    member = await world.user()
    await world.member(giving.office.vendor, member, MemberRole.OWNER)
    others = [*await strangers(giving.office), member]
    input = giving.input(userId=gid(friend))
    assert await api.mutation_failed("transferTicket", input) == ["UNAUTHENTICATED"]
    for user in others:
        assert await api.signed_in(user).refusal_codes("transferTicket", input) == ["NOT_FOUND"]
    own = giving.input(userId=gid(giving.office.user))
    assert await giving.holder.refusal_codes("transferTicket", own) == ["INVALID_INPUT"]
    bad = giving.input(email="nobody")
    assert await giving.holder.refusal_codes("transferTicket", bad) == ["INVALID_INPUT"]
    id = await giving.give(friend)
    calls = {
        "acceptTransfer": accepting(transferId=id),
        "declineTransfer": {"transfer": {"transferId": id}},
        "withdrawTransfer": {"transferId": id},
    }
    node = "query ($id: ID!) { node(id: $id) { id } }"
    for name, given in calls.items():
        assert await api.mutation_failed(name, given) == ["UNAUTHENTICATED"]
        for user in others:
            client = api.signed_in(user)
            assert await client.refusal_codes(name, given) == ["NOT_FOUND"]
            assert (await client.ask(node, id=id))["node"] is None
    wrong = api.signed_in(friend)
    assert await wrong.refusal_codes("withdrawTransfer", {"transferId": id}) == ["NOT_FOUND"]
    declined = {"transfer": {"transferId": id}}
    assert await giving.holder.refusal_codes("declineTransfer", declined) == ["NOT_FOUND"]


async def test_an_anonymous_caller_sees_no_transfer_to_an_address(
    world: World, api: Client
) -> None:
    giving = await Giving.begin(world, api)
    await giving.mail("friend@example.com")
    transfer = await world.first(TicketTransfer)
    assert (await api.ask("query ($id: ID!) { node(id: $id) { id } }", id=gid(transfer))) == {
        "node": None
    }


@pytest.mark.parametrize(
    "values",
    [
        {"transfer": TransferPolicy.NONE},
        {"transfer": TransferPolicy.UNTIL, "transfer_until": now() - timedelta(hours=1)},
    ],
)
async def test_the_policy_of_the_sale_can_refuse_transfers(
    world: World, api: Client, values: dict[str, Any]
) -> None:
    giving = await Giving.begin(world, api)
    ticket = await giving.fresh()
    for name, value in values.items():
        setattr(ticket, name, value)
    await world.save(ticket)
    input = giving.input(userId=gid(await world.user()))
    assert await giving.holder.refusal_codes("transferTicket", input) == ["TRANSFER_REFUSED"]
