"""Suspensions and requests for admins that end by themselves, and the mails about them."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from core.clock import now
from models.identity.accounts import UserState
from models.notifications.deliveries import DeliveryState, SkipReason
from services.i18n import write_time
from services.identity.addresses.sealed_addresses import clear_email
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.world import World
from tests.jobs.conftest import Work
from tests.jobs.notifications.deliveries import delivery, redeemed
from tests.jobs.vendors.test_announce_vendor_status import read
from tests.resolvers.admins.deciding import REASON, change, suspension

DUE = text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")


async def pass_time(world: World) -> None:
    """Make all jobs due that wait for a time."""
    async with world.database.session() as session, session.begin():
        await session.execute(DUE)


async def test_a_suspension_ends_by_itself_with_mails_in_the_language_of_the_user(
    world: World, api: Client, work: Work, outbox: Path
) -> None:
    user, admin = await world.user(locale="de"), api.signed_in(await world.admin())
    until = now() + timedelta(days=7)
    given = suspension(user, until=until.isoformat())
    assert await admin.refusal_codes("suspendUser", given) == []
    await work()
    ((to, subject, body),) = read(outbox)
    assert (to, subject) == (email_of(user), "Dein Konto wurde gesperrt")
    assert f"bis zum {write_time(until, 'de')} gesperrt" in body
    assert REASON in body
    assert (await world.fresh(user)).state is UserState.SUSPENDED
    await pass_time(world)
    await work()
    assert (await world.fresh(user)).state is UserState.ACTIVE
    subjects = [subject for _, subject, _ in read(outbox)]
    assert sorted(subjects) == ["Dein Konto wurde gesperrt", "Dein Konto wurde wiederhergestellt"]


async def test_the_end_of_a_former_suspension_ends_no_later_one(
    world: World, api: Client, work: Work
) -> None:
    user, admin = await world.user(), api.signed_in(await world.admin())
    until = (now() + timedelta(days=7)).isoformat()
    assert await admin.refusal_codes("suspendUser", suspension(user, until=until)) == []
    assert await admin.refusal_codes("restoreUser", {"userId": gid(user)}) == []
    assert await admin.refusal_codes("suspendUser", suspension(user)) == []
    await pass_time(world)
    await work()
    assert (await world.fresh(user)).state is UserState.SUSPENDED


@pytest.mark.parametrize("confirmed", [False, True])
async def test_a_request_for_an_admin_expires_unless_it_is_confirmed(
    world: World, api: Client, work: Work, outbox: Path, *, confirmed: bool
) -> None:
    first, second, user = await world.admin(), await world.admin(), await world.user()
    assert await change(api.signed_in(first), "grantAdmin", user) == ("REQUESTED", [])
    await work()
    ((to, _, body),) = read(outbox)
    assert to == email_of(second)
    assert f"“{user.name}”" in body
    if confirmed:
        assert await change(api.signed_in(second), "grantAdmin", user) == ("CONFIRMED", [])
    await pass_time(world)
    await work()
    async with world.database.session() as session:
        (row,) = (await session.execute(text("SELECT state FROM admin_change"))).scalars()
    assert row == ("CONFIRMED" if confirmed else "EXPIRED")
    mailed = {to for to, subject, _ in read(outbox) if subject == "You are an admin of Haat now"}
    assert mailed == ({email_of(user)} if confirmed else set())


async def test_without_an_address_no_mail_is_sent(
    world: World, api: Client, work: Work, outbox: Path
) -> None:
    """Not even one that cannot be turned off."""
    user, admin = await world.user(), api.signed_in(await world.admin())
    clear_email(user)
    user.password_hash = None
    await world.save(user)
    assert await admin.refusal_codes("suspendUser", suspension(user)) == []
    await work()
    assert read(outbox) == []
    skipped = await delivery(world)
    assert (skipped.state, skipped.skip_reason) == (DeliveryState.SKIPPED, SkipReason.NO_ADDRESS)


async def test_a_suspended_user_gets_no_other_mails(
    world: World, api: Client, work: Work, outbox: Path
) -> None:
    """They could neither look nor turn them off."""
    till = await redeemed(world, api)
    till.customer.state = UserState.SUSPENDED
    await world.save(till.customer)
    await work()
    assert read(outbox) == []
    assert (await delivery(world)).skip_reason is SkipReason.NO_PART
