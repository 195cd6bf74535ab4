"""Countries whose numbers enter hardly any codes are paused, and admins get a notification."""

from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from core.clock import now
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from models.identity.accounts import Role
from models.identity.sms_shares import (
    MIN_MESSAGES,
    PERIOD_MINUTES,
    SHARE_MINUTES,
    SmsCount,
    SmsPause,
)
from models.notifications.inbox import Notification, NotificationKind
from services.identity.notifications import KINDS
from services.identity.phones.sms_shares import pause_countries
from tests.client import Client
from tests.factories.world import World
from tests.resolvers.identity.phones.test_phone_codes import (
    ask,
    code_of,
    log_in,
    new_number,
    own,
    read,
)

PERCENT = 20


@pytest.fixture
def sealer(keys: SigningKeys) -> Sealer:
    return Sealer(keys)


async def counted(
    world: World, confirmed: int, sent: int = MIN_MESSAGES, minutes: int = 30
) -> None:
    period = now() - timedelta(minutes=minutes)
    await world.save(SmsCount(country="IN", period=period, sent=sent, confirmed=confirmed))


async def pauses(world: World, percent: int = PERCENT) -> int:
    """Look for countries to pause. Return the number of pauses."""
    async with world.database.session() as session, session.begin():
        await pause_countries(session, percent)
    async with world.database.session() as session:
        return len((await session.exec(select(SmsPause))).all())


async def test_codes_are_counted_by_country(world: World, api: Client, sealer: Sealer) -> None:
    number = new_number()
    await own(world, sealer, number)
    first = await ask(api, "requestLoginCode", number)
    code = await code_of(world, sealer)
    await ask(api, "requestLoginCode", new_number())
    await read(world, sealer)
    assert await log_in(api, first, code) == []
    async with world.database.session() as session:
        found = (await session.exec(select(SmsCount))).all()
    assert {one.country for one in found} == {"IN"}
    assert sum(one.sent for one in found) == 2
    assert sum(one.confirmed for one in found) == 1


async def test_while_paused_only_owners_get_codes(
    world: World, api: Client, sealer: Sealer
) -> None:
    number, user = new_number(), await world.user()
    await own(world, sealer, number)
    await counted(world, confirmed=PERCENT * MIN_MESSAGES // 100 - 1)
    assert await pauses(world) == 1
    assert await pauses(world) == 1, "once"
    await ask(api, "requestLoginCode", new_number())
    assert await read(world, sealer) is None
    await ask(api, "requestLoginCode", number)
    message = await read(world, sealer)
    assert message is not None
    assert message.to == number
    new = {"phone": new_number()}
    assert await api.signed_in(user).refusal_codes("changePhone", new) == ["NUMBER_NOT_SERVED"]
    await ask(api, "requestLoginCode", "+4915123456789")
    message = await read(world, sealer)
    assert message is not None, "another country"
    async with world.database.session() as session, session.begin():
        await session.exec(update(SmsPause).values(created_at=now() - timedelta(2), until=now()))
    await ask(api, "requestLoginCode", new_number())
    assert await read(world, sealer) is not None, "after the pause"


@pytest.mark.parametrize(
    ("confirmed", "sent", "minutes", "percent"),
    [
        (PERCENT * MIN_MESSAGES // 100, MIN_MESSAGES, 30, PERCENT),
        (0, MIN_MESSAGES - 1, 30, PERCENT),
        (0, MIN_MESSAGES, PERIOD_MINUTES, PERCENT),
        (0, MIN_MESSAGES, SHARE_MINUTES + 3 * PERIOD_MINUTES, PERCENT),
        (0, MIN_MESSAGES, 30, 0),
    ],
    ids=["enough entered", "few sent", "still valid", "long ago", "turned off"],
)
async def test_countries_that_go_on(
    world: World, confirmed: int, sent: int, minutes: int, percent: int
) -> None:
    await counted(world, confirmed, sent, minutes)
    assert await pauses(world, percent) == 0


async def test_admins_are_notified(world: World) -> None:
    admin, _ = await world.user(role=Role.ADMIN, locale="de"), await world.user()
    await counted(world, confirmed=0)
    await pauses(world)
    async with world.database.session() as session:
        rows = select(Notification).where(col(Notification.kind) == NotificationKind.SMS_PAUSED)
        (notification,) = (await session.exec(rows)).all()
        kind = next(one for one in KINDS if one.kind is NotificationKind.SMS_PAUSED)
        said = await kind.compose(session, notification, admin)
    assert notification.user_id == admin.id
    assert said.mail_body.startswith(
        "Von 50 Codes, die innerhalb einer Stunde an Telefonnummern in"
    )
