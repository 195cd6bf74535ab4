"""Impersonations end in time, and their users get a mail."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from models.admins.impersonations import Impersonation
from services.i18n import write_time
from tests.client import Client
from tests.factories.emails import email_of
from tests.factories.world import World
from tests.jobs.admins.test_suspensions import pass_time
from tests.jobs.conftest import Work
from tests.jobs.vendors.test_announce_vendor_status import read
from tests.resolvers.admins.deciding import impersonate

# As if it had begun half an hour before.
LONG_AGO = text(
    "UPDATE impersonation SET created_at = created_at - interval '30 min',"
    " until = until - interval '30 min'"
)


@pytest.mark.parametrize("early", [False, True])
async def test_the_user_gets_one_mail_at_the_end(
    world: World, api: Client, work: Work, outbox: Path, *, early: bool
) -> None:
    user = await world.user(locale="de")
    codes, client = await impersonate(api.signed_in(await world.admin()), user, minutes=15)
    assert codes == []
    await work()
    assert read(outbox) == [], "none while it lasts"
    if early:
        assert await client.refusal_codes("endImpersonation", {}) == []
        await work()
    else:
        async with world.database.session() as session, session.begin():
            await session.execute(LONG_AGO)
    await pass_time(world)
    await work()
    ((to, subject, body),) = read(outbox)
    assert (to, subject) == (email_of(user), "Unser Support hat dein Konto benutzt")
    assert "They asked for help." in body
    async with world.database.session() as session:
        one = (await session.exec(select(Impersonation))).one()
    assert one.ended_at is not None
    end = one.ended_at if early else one.until
    assert f"bis zum {write_time(end, 'de')} " in body
    assert one.until - one.created_at == timedelta(minutes=15)
    assert await client.failed("{ viewer { id } }") == ["UNAUTHENTICATED"]
