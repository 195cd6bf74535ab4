"""Mail leaves once, however often its job runs."""

from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from core.settings import Settings
from models.notifications import Notification
from services import notifications
from tests.client import Client
from tests.factories.till import Till
from tests.factories.world import World
from tests.jobs.conftest import Defer, Work

JOBS = text("SELECT status, attempts FROM procrastinate_jobs WHERE task_name LIKE '%mail%'")


@pytest.fixture
def outbox(settings: Settings) -> Path:
    for path in settings.outbox.glob("*.eml"):
        path.unlink()
    return settings.outbox


def mails(outbox: Path) -> list[Path]:
    return list(outbox.glob("*.eml"))


async def told(world: World) -> Notification:
    async with world.database.session() as session:
        return (await session.exec(select(Notification))).one()


async def redeemed(world: World, api: Client, title: str = "Chai") -> Till:
    till = await Till.open(world, title={"en": title})
    await till.redeem(api, token=(await till.voucher()).token)
    return till


async def test_mail_lands_in_the_outbox_once(
    world: World, api: Client, outbox: Path, work: Work, defer: Defer
) -> None:
    till = await redeemed(world, api)
    await work()
    (path,) = mails(outbox)
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert message["To"] == till.customer.email
    assert message["Subject"] == f"Redeemed at {till.vendor.name}: Chai"
    assert message["Message-ID"] == f"<{(await told(world)).id}@haat>"
    assert "was redeemed" in message.get_content()
    path.unlink()
    await defer("mail_notification", notification_id=(await told(world)).id)
    await work()
    assert mails(outbox) == []


async def test_mail_sent_before_a_crash_bears_the_same_name_when_sent_again(
    world: World, api: Client, outbox: Path, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: object) -> None:
        raise ConnectionError("The worker died between sending and saying so.")

    await redeemed(world, api)
    with monkeypatch.context() as patched:
        patched.setattr(notifications, "mark_mailed", crash)
        await work()
    assert (await told(world)).mailed_at is None
    async with world.database.session() as session, session.begin():
        assert (await session.execute(JOBS)).all() == [("todo", 1)]
        await session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now()"))
    await work()
    assert [path.stem for path in mails(outbox)] == [str((await told(world)).id)]
    assert (await told(world)).mailed_at is not None


async def test_mail_with_a_title_of_two_lines_leaves_too(
    world: World, api: Client, outbox: Path, work: Work
) -> None:
    await redeemed(world, api, title="Chai\r\nBcc: everybody@haat.example")
    await work()
    (path,) = mails(outbox)
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert message["Subject"].endswith("Chai Bcc: everybody@haat.example")
    assert message["Bcc"] is None


async def test_mail_of_a_refused_scan_is_none(
    world: World, api: Client, outbox: Path, work: Work
) -> None:
    till = await Till.open(world)
    await till.redeem(api, token="garbage")
    await work()
    assert mails(outbox) == []
