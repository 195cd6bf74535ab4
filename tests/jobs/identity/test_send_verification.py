"""The mail of a registration, sent by a worker."""

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import text

from core.clock import now
from core.database import Database
from core.security.random_secrets import hash_secret
from gateways.errors import DeliveryError, MessageRejected
from gateways.mail import MailMessage, MailSender
from tests.factories.emails import email_of
from tests.factories.world import World
from tests.jobs.conftest import Defer, Work

JOBS = text("SELECT status, attempts FROM procrastinate_jobs")


class FailingSender:
    """Refuses every mail, and counts them."""

    def __init__(self) -> None:
        self.error: DeliveryError = DeliveryError("away")
        self.sent = 0

    async def send(self, mail: MailMessage) -> str:
        self.sent += 1
        raise self.error


def read(outbox: Path) -> list[EmailMessage]:
    return [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in sorted(outbox.glob("*.eml"))
    ]


async def test_send_verification_with_a_link_and_a_code(
    world: World, defer: Defer, work: Work, outbox: Path
) -> None:
    sign_up = await world.registration(token_hash=None, code_hash=None)
    await defer("send_verification", registration_id=sign_up.row.id)
    await work()
    (mail,) = read(outbox)
    assert mail["To"] == email_of(sign_up.row)
    body = mail.get_content()
    token = body.partition("/auth/link#")[2].split()[0]
    assert (await world.fresh(sign_up.row)).token_hash == hash_secret(token)
    assert sign_up.row.name not in body


async def test_send_verification_again_replaces_the_proofs(
    world: World, defer: Defer, work: Work, outbox: Path
) -> None:
    sign_up = await world.registration()
    for _ in range(2):
        before = await world.fresh(sign_up.row)
        await defer("send_verification", registration_id=sign_up.row.id)
        await work()
        after = await world.fresh(sign_up.row)
        assert before.token_hash != after.token_hash
        assert before.code_hash != after.code_hash
    assert len({mail["Message-ID"] for mail in read(outbox)}) == 2


async def test_send_verification_to_an_address_with_an_account(
    world: World, defer: Defer, work: Work, outbox: Path
) -> None:
    """It proves nothing, and neither does an earlier mail."""
    sign_up = await world.registration()
    user = await world.user(email=email_of(sign_up.row))
    await defer("send_verification", registration_id=sign_up.row.id)
    await work()
    (mail,) = read(outbox)
    assert (mail["To"], mail["Subject"]) == (
        email_of(user),
        "You already have an account on Haat",
    )
    assert "/auth/link" not in mail.get_content()
    row = await world.fresh(sign_up.row)
    assert (row.token_hash, row.code_hash) == (None, None)


async def test_send_verification_of_what_ended(
    world: World, defer: Defer, work: Work, outbox: Path
) -> None:
    used = await world.registration(used_at=now())
    expired = await world.registration(expires_at=now() - timedelta(seconds=1))
    for sign_up in (used, expired):
        await defer("send_verification", registration_id=sign_up.row.id)
    await world.delete(expired.row)
    await work()
    assert read(outbox) == []


@pytest.mark.parametrize("mail", [FailingSender()])
async def test_send_verification_is_retried_unless_the_address_is_refused(
    world: World, database: Database, defer: Defer, work: Work, mail: MailSender
) -> None:
    failing = cast("FailingSender", mail)
    sign_up = await world.registration()
    await defer("send_verification", registration_id=sign_up.row.id)
    await work()
    async with database.session() as session:
        assert (await session.execute(JOBS)).all() == [("todo", 1)]
    failing.error = MessageRejected("no such mailbox")
    await defer("send_verification", registration_id=sign_up.row.id)
    await work()
    assert failing.sent == 2
    async with database.session() as session:
        assert (await session.execute(JOBS)).all() == [("todo", 1)]


async def test_clean_up_deletes_expired_registrations(
    world: World, defer: Defer, work: Work
) -> None:
    expired = await world.registration(expires_at=now() - timedelta(seconds=1))
    waiting = await world.registration()
    await defer("clean_up", timestamp=0)
    await work()
    assert await world.fresh(expired.row) is None
    assert await world.fresh(waiting.row) is not None
