"""The mails about passwords and sessions, sent by a worker."""

from pathlib import Path

from core.clock import now
from models.identity.password_resets import PasswordReset
from services.i18n import write_time
from services.identity.security_notices import TEXTS, SecurityNotice
from tests.factories.emails import email_of, give_email
from tests.factories.world import World
from tests.jobs.conftest import Defer, Work
from tests.jobs.identity.test_send_verification import read


async def test_send_password_reset_with_a_link(
    world: World, defer: Defer, work: Work, outbox: Path
) -> None:
    user = await world.user()
    known, unknown = (
        give_email(world.sealer, PasswordReset(), email)
        for email in (email_of(user), "nobody@haat.example")
    )
    await world.save(known, unknown)
    for reset in (known, unknown):
        await defer("send_password_reset", reset_id=reset.id)
    await work()
    (mail,) = read(outbox)
    assert mail["To"] == email_of(user)
    assert "/auth/password#" in mail.get_content()


async def test_a_notice_is_sent_in_the_language_of_the_user(
    world: World, defer: Defer, work: Work, outbox: Path
) -> None:
    user = await world.user(locale="de")
    moment = now()
    for notice in SecurityNotice:
        await defer(
            "send_security_notice", user_id=user.id, notice=notice, at_time=moment.isoformat()
        )
    await work()
    mails = read(outbox)
    assert {mail["To"] for mail in mails} == {email_of(user)}
    assert len({mail["Subject"] for mail in mails}) == len(TEXTS)
    for mail in mails:
        assert write_time(moment, "de") in mail.get_content()
        assert "Haat" in mail.get_content()
        assert "your account" not in mail.get_content()
