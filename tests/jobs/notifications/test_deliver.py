"""Mail leaves once, however often its jobs run, and only to who has not looked."""

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.settings import Settings
from gateways.errors import DeliveryError
from gateways.mail import MailSender, SmtpSender
from jobs import notifications as tasks
from jobs.retries import FOR_A_DAY
from models.notifications.deliveries import MAX_DELIVERY_ATTEMPTS, DeliveryState, SkipReason
from models.notifications.inbox import Channel, NotificationKind
from models.redemptions import Voucher, VoucherState
from services.identity.addresses.sealed_addresses import clear_email
from services.notifications import deliveries as delivery_service
from services.notifications import inbox as services
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.jobs.conftest import Defer, Work
from tests.jobs.notifications.deliveries import (
    choose,
    clean_up,
    deliveries,
    delivery,
    hurry,
    look,
    mails,
    notifications,
    redeemed,
    refuse_mail,
    waiting_jobs,
)

DELIVERS = text("SELECT status, attempts FROM procrastinate_jobs WHERE task_name LIKE '%deliver'")


def read(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), policy=policy.default)


async def test_mail_lands_in_the_outbox_once(
    world: World, api: Client, outbox: Path, work: Work, defer: Defer
) -> None:
    till = await redeemed(world, api)
    await work()
    (path,) = mails(outbox)
    message, sent = read(path), await delivery(world)
    assert message["To"] == email_of(till.customer)
    assert message["Subject"] == "Your voucher was redeemed"
    assert message["Message-ID"] == f"<{sent.id}@haat>"
    redeemed_at = (await world.first(Voucher)).redeemed_at
    assert redeemed_at is not None
    there = redeemed_at.astimezone(ZoneInfo(till.vendor.time_zone)).strftime("%Y-%m-%d %H:%M")
    body = " ".join(message.get_content().split())
    assert f"redeemed at “{till.vendor.name}” on {there}, by the clock there." in body
    assert (sent.state, sent.attempts, sent.error) == (DeliveryState.SENT, 1, None)
    assert sent.provider_id == path.name
    path.unlink()
    (notification,) = await notifications(world)
    await defer("plan_deliveries", notification_id=notification.id)
    await defer("deliver", delivery_id=sent.id)
    await work()
    assert mails(outbox) == []
    await check_invariants(world.database)


async def test_a_user_without_an_address_gets_no_mail(
    world: World, api: Client, outbox: Path, work: Work
) -> None:
    till = await redeemed(world, api)
    clear_email(till.customer)
    till.customer.password_hash = None
    await world.save(till.customer)
    await work()
    assert mails(outbox) == []
    skipped = await delivery(world)
    assert (skipped.state, skipped.skip_reason) == (DeliveryState.SKIPPED, SkipReason.NO_ADDRESS)


async def test_mail_sent_before_a_crash_bears_the_same_name_when_sent_again(
    world: World, api: Client, outbox: Path, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: object) -> None:
        raise ConnectionError("The worker died between sending and saying so.")

    await redeemed(world, api)
    with monkeypatch.context() as patched:
        patched.setattr(delivery_service, "mark_sent", crash)
        patched.setattr(tasks, "MARK_SENT_RETRY_SECONDS", (0,))
        await work()
    first = await delivery(world)
    assert first.state is DeliveryState.WAITING
    assert [path.stem for path in mails(outbox)] == [str(first.id)]
    async with world.database.session() as session:
        assert (await session.execute(DELIVERS)).all() == [("todo", 1)]
    await hurry(world)
    await work()
    assert [path.stem for path in mails(outbox)] == [str(first.id)]
    again = await delivery(world)
    assert (again.state, again.attempts) == (DeliveryState.SENT, 2)


async def test_mail_is_sent_once_though_the_database_was_away_when_it_had_left(
    world: World,
    api: Client,
    outbox: Path,
    work: Work,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mark_sent = delivery_service.mark_sent

    async def cut_off(session: AsyncSession, *_: object) -> None:
        monkeypatch.setattr(delivery_service, "mark_sent", mark_sent)
        await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    await redeemed(world, api)
    monkeypatch.setattr(delivery_service, "mark_sent", cut_off)
    await work()
    sent = await delivery(world)
    assert (sent.state, sent.attempts) == (DeliveryState.SENT, 1)
    assert len(mails(outbox)) == 1
    assert await waiting_jobs(world) == 0


async def test_mail_leased_by_another_worker_waits_for_a_minute(
    world: World, api: Client, outbox: Path, work: Work, defer: Defer
) -> None:
    await redeemed(world, api)
    (notification,) = await notifications(world)
    async with world.database.session() as session, session.begin():
        await delivery_service.plan_deliveries(session, notification.id, {Channel.MAIL})
    taken = await delivery(world)
    async with world.database.session() as session, session.begin():
        assert await delivery_service.lease(session, world.sealer, taken.id)
    await work()
    assert mails(outbox) == []
    await hurry(world)
    await work()
    assert len(mails(outbox)) == 1


async def test_mail_that_failed_late_leaves_a_later_attempt_alone(
    world: World, api: Client, outbox: Path, transactions: Transactions, work: Work
) -> None:
    """A worker reports a failure more than a minute after its lease ended."""
    await redeemed(world, api)
    (notification,) = await notifications(world)
    async with transactions.begin() as session:
        await delivery_service.plan_deliveries(session, notification.id, {Channel.MAIL})
    attempts = []
    for _ in range(2):
        await hurry(world)
        async with transactions.begin() as session:
            attempts.append(
                await delivery_service.lease(session, world.sealer, (await delivery(world)).id)
            )
    first, second = attempts
    assert first
    assert second
    before = await delivery(world)
    async with transactions.begin() as session:
        await delivery_service.mark_not_sent(session, first, DeliveryError("Too late"))
    assert await delivery(world) == before
    async with transactions.begin() as session:
        await delivery_service.mark_sent(session, second, "taken")
        await delivery_service.mark_not_sent(session, second, DeliveryError("Again"))
    assert (await delivery(world)).state is DeliveryState.SENT


async def test_mail_waits_for_its_time(
    world: World, outbox: Path, work: Work, transactions: Transactions
) -> None:
    after = Settings().notify_after
    assert after == timedelta(seconds=30)
    user = await world.user()
    offer = await world.offer(await world.vendor())
    voucher = await world.voucher(
        offer, user, state=VoucherState.REDEEMED, redeemed_at=offer.starts_at
    )
    async with transactions.begin() as session:
        kind = NotificationKind.VOUCHER_REDEEMED
        await services.notify(session, user.id, kind, voucher.id, deliver_after=after)
    await work()
    assert mails(outbox) == []
    async with world.database.session() as session:
        left = await session.scalar(text("SELECT scheduled_at - now() FROM procrastinate_jobs"))
    assert timedelta() < left <= after
    await hurry(world)
    await work()
    assert len(mails(outbox)) == 1


async def test_mail_is_not_planned_for_read_notifications(
    world: World, api: Client, outbox: Path, work: Work
) -> None:
    till = await redeemed(world, api)
    await look(world, api, till)
    await work()
    assert mails(outbox) == []
    assert await deliveries(world) == []


async def test_mail_is_not_planned_against_preferences(
    world: World, api: Client, outbox: Path, work: Work
) -> None:
    till = await redeemed(world, api)
    await refuse_mail(world, till)
    await work()
    assert mails(outbox) == []
    assert await deliveries(world) == []


async def test_mail_of_a_refused_scan_is_none(
    world: World, api: Client, outbox: Path, work: Work
) -> None:
    till = await Till.open(world)
    await till.redeem(api, token="garbage")
    await work()
    assert mails(outbox) == []


async def test_mail_with_a_title_of_two_lines_leaves_too(
    world: World, api: Client, outbox: Path, work: Work
) -> None:
    await redeemed(world, api, title="Chai\r\nBcc: everybody at haat")
    await work()
    (path,) = mails(outbox)
    assert "for “Chai Bcc: everybody at haat” was" in " ".join(read(path).get_content().split())
    assert read(path)["Bcc"] is None


async def test_mail_whose_job_failed_is_a_dead_letter(
    world: World,
    api: Client,
    outbox: Path,
    work: Work,
    transactions: Transactions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Within the hour, and once an admin has put it on its way again it stays there."""

    async def broken(*_: object) -> None:
        raise LookupError("An error of ours.")

    await redeemed(world, api)
    with monkeypatch.context() as patched:
        patched.setattr(delivery_service, "lease", broken)
        for _ in range(1 + (FOR_A_DAY.max_attempts or 0)):
            await work()
            await hurry(world)
    async with world.database.session() as session:
        assert [status for status, _ in await session.execute(DELIVERS)] == ["failed"]
    await clean_up(transactions)
    given_up = await delivery(world)
    assert (given_up.state, given_up.attempts) == (DeliveryState.FAILED, 0)
    assert given_up.error
    admin = api.signed_in(await world.admin())
    assert await admin.refusal_codes("retryDeadLetter", {"deliveryId": gid(given_up)}) == []
    await clean_up(transactions)
    assert (await delivery(world)).state is DeliveryState.WAITING
    await work()
    assert (await delivery(world)).state is DeliveryState.SENT
    assert len(mails(outbox)) == 1


class TestWithoutAMailServer:
    """Each try fails, and each pause is longer than the one before."""

    @pytest.fixture
    def mail(self) -> MailSender:
        return SmtpSender("smtp://127.0.0.1:1", "haat@haat.example")

    async def test_mail_is_tried_again_and_then_given_up(
        self, world: World, api: Client, work: Work
    ) -> None:
        await redeemed(world, api)
        for attempt in range(1, MAX_DELIVERY_ATTEMPTS):
            await work()
            tried = await delivery(world)
            assert (tried.state, tried.attempts) == (DeliveryState.WAITING, attempt)
            assert tried.error == "SMTPConnectError"
            pause = (tried.due_at - now()).total_seconds()
            assert 10 * 3 ** (attempt - 1) - 5 < pause < 10 * 3 ** (attempt - 1) * 1.25
            await hurry(world)
        await work()
        given_up = await delivery(world)
        assert (given_up.state, given_up.attempts) == (DeliveryState.FAILED, MAX_DELIVERY_ATTEMPTS)
        assert await waiting_jobs(world) == 0

    async def test_mail_that_is_tried_again_is_not_hurried_by_lifting_quiet_hours(
        self, world: World, api: Client, work: Work
    ) -> None:
        till = await redeemed(world, api)
        await work()
        tried = await delivery(world)
        await world.quiet_now(till.customer)
        await choose(api, till, None)
        await work()
        assert (await delivery(world)).due_at == tried.due_at

    async def test_mail_whose_last_attempt_was_lost_fails(
        self, world: World, api: Client, work: Work, defer: Defer
    ) -> None:
        await redeemed(world, api)
        await work()
        async with world.database.session() as session, session.begin():
            await session.execute(text("UPDATE delivery SET attempts = 8, error = NULL"))
        await hurry(world)
        await work()
        given_up = await delivery(world)
        assert given_up.state is DeliveryState.FAILED
        assert given_up.error
