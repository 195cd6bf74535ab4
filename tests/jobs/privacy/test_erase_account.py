"""Erasures: no trace is left, nothing of others is touched, and a restored account goes again."""

import logging
from dataclasses import replace
from datetime import timedelta
from typing import cast
from uuid import UUID

import pytest
import redis.asyncio
from sqlalchemy import text
from sqlmodel import col, select
from structlog.testing import capture_logs

from core.clock import now
from core.database import Database
from core.settings import Settings
from gateways.payments.gateway import PaymentGateway
from gateways.storage.base import StorageUnreachable
from jobs.context import WorkerContext
from jobs.privacy.erasures import Eraser
from models.audit import AuditAct, AuditEntry
from models.chat.messages import Message
from models.identity.accounts import Role, User, UserSession
from models.payments.payments import PaymentProvider
from models.personal_data import Erase
from models.privacy import AccountDeletion, DataExport, Erasure, export_key, ledger_key
from models.uploads import Upload, UploadState, stored_key
from models.vendors import MemberRole, VendorMember, VendorStatus
from services.privacy.owned_rows import of_person, quoted, rows_of, tables
from tests.client import Client
from tests.factories.chat import Chat
from tests.factories.emails import email_of, give_email
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.jobs.conftest import Defer, Work
from tests.jobs.privacy import planting
from tests.jobs.privacy.more_rows import create_checks, create_more
from tests.jobs.privacy.planting import EMAIL, WORD

# Tables of persons in which the scene has no row of the customer.
NO_ROWS = {
    "audit_entry",
    "booking_move",
    "booking_shift",
    "busy_feed",
    "erasure",
    "fraud_settings",  # of an owner or an admin
    "inbox",
    "inbox_reader",
    "participant",
    "provider_flow",
    "revocation",
    "scan",
    "visit_payment",
}


# Otherwise the account stays.
ORDERS_ENDED = text("UPDATE \"order\" SET state = 'COMPLETED', ended_at = now()")
WALLETS_SPENT = text("UPDATE ledger_account SET balance = 0")


class MethodsAtProvider:
    """A provider that is asked to remove saved methods, and customers."""

    def __init__(self) -> None:
        self.removed: list[str] = []
        self.customers: list[str] = []

    async def remove_method(self, reference: str) -> None:
        self.removed.append(reference)

    async def remove_customer(self, reference: str) -> None:
        self.customers.append(reference)


@pytest.fixture
def provider() -> MethodsAtProvider:
    return MethodsAtProvider()


@pytest.fixture
def worker_context(worker_context: WorkerContext, provider: MethodsAtProvider) -> WorkerContext:
    gateway = cast("PaymentGateway", provider)
    return replace(worker_context, payments={PaymentProvider.STRIPE: gateway})


async def due(world: World, user: User) -> None:
    """Let the fourteen days be over."""
    async with world.database.session() as session:
        rows = select(AccountDeletion).where(AccountDeletion.user_id == user.id)
        deletion = (await session.exec(rows)).first() or AccountDeletion(user_id=user.id)
    deletion.created_at, deletion.due_at = now() - timedelta(days=14), now()
    await world.save(deletion)


async def write(settings: Settings, key: str) -> None:
    path = settings.objects_folder / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"A file of {WORD}.")


async def counts(database: Database, person: UUID, *, erasable: bool = False) -> dict[str, int]:
    """Return the numbers of a person's rows by table, or of those that can be deleted."""
    found = {}
    async with database.session() as session:
        for name, declared in tables().items():
            if not declared.privacy.has_persons:
                continue
            statement = (
                f"SELECT count(*) FROM {quoted(name)} WHERE {rows_of(declared, erasable=erasable)}"
            )
            found[name] = int(await session.scalar(of_person(statement, person)) or 0)
    return {name: count for name, count in found.items() if count}


async def redis_holds(settings: Settings) -> bool:
    """Return whether a key of Redis, or its value as it is stored, has the word."""
    client = redis.asyncio.Redis.from_url(str(settings.redis_url))
    try:
        async for key in client.scan_iter(count=1000):
            if WORD.encode() in (key + (await client.dump(key) or b"")).lower():
                return True
    finally:
        await client.aclose()
    return False


async def test_no_trace_is_left(
    world: World,
    superuser: Database,
    api: Client,
    settings: Settings,
    defer: Defer,
    work: Work,
    provider: MethodsAtProvider,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A word in every text of the person's rows is in no table, index, object, key or log."""
    caplog.set_level(logging.DEBUG)
    till = await planting.populate(world)
    user, file = till.customer, await world.upload(till.customer)
    await world.save(give_email(world.sealer, user, EMAIL))
    key = stored_key(file.id, "hash")
    file.state, file.key, file.attached_at = UploadState.READY, key, now()
    export = DataExport(user_id=user.id)
    await world.save(file, export)
    for one in (key, export_key(export.id)):
        await write(settings, one)
    await talk(world, api, user)
    await create_more(world, user)
    await create_checks(world, user)
    await work()  # the jobs of all this
    planted = await planting.plant(world.database, user.id)
    assert {("user", "name"), ("message", "text")} <= {
        (table, column) for table, columns in planted.items() for column in columns
    }
    assert await planting.tables_with_the_word(world.database) >= set(planted)
    assert await planting.files_with_the_word(superuser) >= set(planted), "a control"
    assert planting.objects_with_the_word(settings)
    before = await counts(world.database, user.id)
    owned = {name for name, one in tables().items() if one.privacy.has_persons}
    assert owned - set(before) <= NO_ROWS
    async with world.database.session() as session, session.begin():
        await session.execute(ORDERS_ENDED)
        await session.execute(WALLETS_SPENT)
    await due(world, user)
    with capture_logs() as logged:
        await defer("erase_account", user_id=user.id)
        await work()
    assert sorted(provider.removed) == ["pm_1", "pm_pack"], "two cannot have the same word"
    assert provider.customers == [planting.PLANTED[0]]
    assert await planting.tables_with_the_word(world.database) == set()
    assert await planting.files_with_the_word(superuser) == set()
    assert planting.objects_with_the_word(settings) == set()
    assert not await redis_holds(settings)
    assert WORD not in str(logged).lower()
    assert WORD not in caplog.text.lower()
    assert any(line["event"] == "account.erased" for line in logged)
    left = await counts(world.database, user.id, erasable=True)
    deleted = {n for n, one in tables().items() if one.privacy.erase is Erase.DELETE}
    assert set(left) & deleted == set()
    erased = await world.fresh(user)
    assert (erased.name, erased.email, erased.password_hash) == ("Deleted user", None, None)
    assert (settings.objects_folder / ledger_key(user.id)).exists()


async def talk(world: World, api: Client, user: User) -> None:
    """Send a message, and change it."""
    vendor, member = await world.vendor(), await world.user()
    await world.member(vendor, member, MemberRole.STAFF)
    chat = await Chat.between(world, api, user, vendor, member)
    sent = await chat.send(user, f"I am {WORD}, {EMAIL}.")
    change = {"messageId": sent["id"], "text": f"It is {WORD}."}
    assert await api.signed_in(user).refusal_codes("editMessage", change) == []


async def test_others_keep_what_they_have(
    world: World, api: Client, defer: Defer, work: Work
) -> None:
    user, other = await world.user(), await world.user()
    for one in (user, other):
        await talk(world, api, one)
        await world.voucher(await world.offer(await world.vendor()), one)
        await world.upload(one)
        await world.device(one)
    await work()  # of the messages
    before = await counts(world.database, other.id)
    row = await world.fresh(other)
    await due(world, user)
    await defer("erase_account", user_id=user.id)
    await work()
    assert await counts(world.database, other.id) == before
    assert await world.fresh(other) == row
    async with world.database.session() as session:
        texts = select(Message.text).where(Message.sender_id == other.id)
        assert (await session.exec(texts)).all() == [f"It is {WORD}."]
        gone = select(Message.text).where(Message.sender_id == user.id)
        assert (await session.exec(gone)).all() == [""]
        entry = (await session.exec(select(Erasure))).one()
    assert entry.user_id == user.id
    assert {"message", "voucher", "conversation"} <= set(entry.retained)


async def test_it_needs_a_deletion_that_is_due(world: World, defer: Defer, work: Work) -> None:
    kept, waiting = await world.user(), await world.user()
    await world.save(AccountDeletion(user_id=waiting.id))
    for one in (kept, waiting):
        await defer("erase_account", user_id=one.id)
    await work()
    for one in (kept, waiting):
        assert await world.email(one) == email_of(one)


async def test_rights_end_and_the_act_is_recorded(world: World, defer: Defer, work: Work) -> None:
    user, owner = await world.user(), await world.user()
    vendor = await world.vendor(owner)
    await world.member(vendor, user, MemberRole.OWNER)
    await due(world, user)
    await defer("erase_account", user_id=user.id)
    await work()
    async with world.database.session() as session:
        sessions = select(UserSession).where(UserSession.user_id == user.id)
        assert (await session.exec(sessions)).all() == []
        members = select(VendorMember.user_id).where(VendorMember.vendor_id == vendor.id)
        assert (await session.exec(members)).all() == [owner.id]
        acts = select(AuditEntry.act).where(AuditEntry.subject_id == user.id)
        found = (await session.exec(acts.order_by(col(AuditEntry.id)))).all()
    assert found == [AuditAct.REMOVE_MEMBER, AuditAct.ERASE_ACCOUNT]


@pytest.mark.parametrize("status", [VendorStatus.APPROVED, VendorStatus.REJECTED])
async def test_the_only_owner_at_the_end_of_the_wait(
    world: World, defer: Defer, work: Work, status: VendorStatus
) -> None:
    """They may have become the only one meanwhile: the erasure waits while the vendor is open."""
    user = await world.user()
    await world.vendor(user, status=status)
    await due(world, user)
    await defer("erase_account", user_id=user.id)
    await work()
    waits = await world.email(user) == email_of(user)
    assert waits is (status is VendorStatus.APPROVED)
    later = text("SELECT scheduled_at > now() + interval '23 hours' FROM procrastinate_jobs")
    async with world.database.session() as session:
        assert (await session.execute(later)).scalars().all() == ([True] if waits else [])


async def test_what_was_ordered_or_refunded_during_the_wait(
    world: World, defer: Defer, work: Work
) -> None:
    buyer, rich, poor = [await world.user() for _ in range(3)]
    await world.placed_order(buyer, [await world.vendor()])
    await world.fund(rich, 1)
    for user in (buyer, rich, poor):
        await due(world, user)
        await defer("erase_account", user_id=user.id)
    await work()
    erased = [(await world.fresh(user)).is_erased for user in (buyer, rich, poor)]
    assert erased == [False, False, True]


async def test_a_run_that_was_interrupted_continues(
    world: World,
    worker_context: WorkerContext,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = await world.user()
    for number in range(3):
        file = await world.upload(user, state=UploadState.READY, key=f"kept/x{number}")
        await write(settings, stored_key(file.id, "hash"))
    await due(world, user)
    objects = worker_context.objects
    remove, calls = objects.remove, 0

    async def fail_once(prefix: str, keep: str | None = None) -> None:
        nonlocal calls
        calls += 1
        if calls == 5:
            raise StorageUnreachable
        await remove(prefix, keep)

    monkeypatch.setattr(objects, "remove", fail_once)
    eraser = Eraser(worker_context.transactions.begin, objects)
    with pytest.raises(StorageUnreachable):
        await eraser.erase_due(user.id)
    assert await world.email(user) == email_of(user), "the account is erased last"
    assert await eraser.erase_due(user.id)
    assert planting.objects_with_the_word(settings) == set()
    async with world.database.session() as session:
        assert (await session.exec(select(Upload))).all() == []
        assert len((await session.exec(select(Erasure))).all()) == 1
    assert not await eraser.erase_due(user.id)


@pytest.mark.parametrize("email", [EMAIL, None])
async def test_a_restored_account_is_erased_again(
    world: World, superuser: Database, worker_context: WorkerContext, email: str | None
) -> None:
    """The restored database has no entry of the ledger: the copy in the storage has."""
    user, other = await world.user(), await world.user()
    eraser = Eraser(worker_context.transactions.begin, worker_context.objects)
    await eraser.erase(user.id, now())
    async with superuser.session() as session, session.begin():
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        await session.execute(text("DELETE FROM erasure"))
    restored = await world.fresh(user)
    restored.name, restored.is_erased = f"Zaphyra {WORD}", False
    if email is not None:
        give_email(world.sealer, restored, email)
    await world.save(restored, UserSession(id=user.id, user_id=user.id))
    await world.upload(restored, file_name=f"{WORD}.txt")
    assert await planting.tables_with_the_word(world.database) != set()
    assert await eraser.replay() == [user.id]
    assert await planting.tables_with_the_word(world.database) == set()
    assert await eraser.replay() == [], "nothing is left to do"
    assert await world.email(other) == email_of(other)


async def test_an_account_that_is_being_erased_cannot_be_signed_in_to(
    world: World, api: Client, worker_context: WorkerContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after a restore of the database, which knows of no deletion."""

    async def fail(*_: object, **__: object) -> None:
        raise StorageUnreachable

    user = await world.user()
    await world.upload(user, state=UploadState.READY, key="kept/x")
    eraser = Eraser(worker_context.transactions.begin, worker_context.objects)
    with monkeypatch.context() as patched:
        patched.setattr(worker_context.objects, "remove", fail)
        with pytest.raises(StorageUnreachable):
            await eraser.erase(user.id, now())
    given = {"email": email_of(user), "password": PASSWORD}
    assert await api.refusal_codes("logIn", given) == ["WRONG_CREDENTIALS"]
    await eraser.erase(user.id, now())
    async with world.database.session() as session:
        assert (await session.exec(select(AccountDeletion))).all() == []
        assert (await session.exec(select(UserSession))).all() == []


async def test_the_only_admin_waits(world: World, defer: Defer, work: Work) -> None:
    """They may have become the only one meanwhile."""
    admin = await world.admin()
    await due(world, admin)
    await defer("erase_account", user_id=admin.id)
    await work()
    assert await world.email(admin) == email_of(admin)
    await world.admin()
    await due(world, admin)
    await defer("erase_account", user_id=admin.id)
    await work()
    assert (await world.fresh(admin)).role is Role.USER
