"""Mail to an address that the mail server cannot take."""

from collections.abc import Iterator

import pytest

from gateways.mail import MailSender, SmtpSender
from models.notifications.deliveries import DeliveryState
from services.identity.addresses.sealed_addresses import seal_email
from tests.client import Client
from tests.factories.world import World
from tests.jobs.conftest import Work
from tests.jobs.notifications.deliveries import delivery, redeemed, waiting_jobs
from tests.postbox import Postbox


@pytest.fixture
def mail() -> Iterator[MailSender]:
    with Postbox().open() as address:
        yield SmtpSender(f"smtp://{address}", "haat@haat.example")


async def test_mail_that_the_server_cannot_take_is_a_dead_letter_at_once(
    world: World, api: Client, work: Work
) -> None:
    """Such an account is older than the rule for addresses."""
    till = await redeemed(world, api)
    async with world.database.session() as session, session.begin():
        session.add(till.customer)
        seal_email(world.sealer, till.customer, "आशा@haat.example")
    await work()
    given_up = await delivery(world)
    assert (given_up.state, given_up.attempts) == (DeliveryState.FAILED, 1)
    assert "SMTPUTF8" in (given_up.error or "")
    assert await waiting_jobs(world) == 0
