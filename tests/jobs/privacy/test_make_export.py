"""The file of an export: all that is the user's, and nothing of others or of secrets."""

import io
import json
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

import pytest
from sqlmodel import select

from core.clock import now
from core.ids import new_id
from core.security.sealed import Sealer
from core.settings import Settings
from models.admins.impersonations import Impersonation
from models.audit import ActorKind, AuditAct, AuditEntry, AuditOutcome
from models.identity.accounts import User
from models.identity.phones import NUMBER_COLUMN, Phone
from models.personal_data import Personal, class_of
from models.privacy import DataExport, export_key
from models.uploads import UploadState, stored_key
from models.vendors import VendorStatus
from services.privacy.owned_rows import tables
from tests.client import Client
from tests.factories.emails import email_of
from tests.factories.world import World
from tests.jobs.conftest import Defer, Work
from tests.jobs.identity.test_send_verification import read
from tests.jobs.privacy.test_erase_account import talk, write


async def request(world: World, user: User) -> DataExport:
    export = DataExport(user_id=user.id)
    await world.save(export)
    return export


def archive(settings: Settings, export: DataExport) -> ZipFile:
    return ZipFile(io.BytesIO((settings.objects_folder / export_key(export.id)).read_bytes()))


def rows(file: ZipFile, domain: str, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(file.read(f"{domain}.json"))[table]
    return found


async def test_an_export_has_the_rows_and_files_of_its_user(
    world: World, api: Client, settings: Settings, defer: Defer, work: Work, outbox: Any
) -> None:
    user, other = await world.user(time_zone="Asia/Kolkata"), await world.user()
    for one in (user, other):
        await talk(world, api, one)
        await world.voucher(await world.offer(await world.vendor()), one)
    phone = Phone(user_id=user.id, number=b"", lookup=bytes(32))
    phone.number = Sealer(world.keys).seal(NUMBER_COLUMN, phone.id, b"+919820012345")
    vendor = await world.vendor(status=VendorStatus.PENDING, phone="+918026543210")
    await world.application(user, vendor)
    file = await world.upload(user, file_name="letter.txt")
    file.state, file.key = UploadState.READY, stored_key(file.id, "hash")
    await world.save(phone, file)
    await write(settings, str(file.key))
    await work()
    for path in outbox.glob("*.*"):
        path.unlink()
    export = await request(world, user)
    await defer("make_export", export_id=export.id)
    await work()
    export = await world.fresh(export)
    assert export.ready_at is not None
    found = archive(settings, export)
    assert found.testzip() is None
    assert export.size == (settings.objects_folder / export_key(export.id)).stat().st_size
    (account,) = rows(found, "identity", "user")
    assert (account["name"], account["email"]) == (user.name, email_of(user))
    assert account["time_zone"] == "Asia/Kolkata"
    (message,) = rows(found, "chat", "message")
    assert message["sender_id"] == str(user.id)
    assert len(rows(found, "chat", "message_version")) == 1
    assert rows(found, "identity", "phone")[0]["number"] == "+919820012345"
    assert rows(found, "vendors", "vendor")[0]["phone"] == "+918026543210"
    assert len(rows(found, "redemptions", "voucher")) == 1
    assert (
        found.read(f"files/{file.id}-letter.txt")
        == (settings.objects_folder / str(file.key)).read_bytes()
    )
    text = b"".join(found.read(name) for name in found.namelist()).decode()
    for secret in ("password_hash", "token_hash"):
        assert f'"{secret}":' not in text
    assert str(other.id) not in text
    assert email_of(other) not in text
    (mail,) = read(outbox)
    assert mail["To"] == email_of(user)
    assert "/auth/export#" in mail.get_content()


async def test_the_manifest_has_every_table_of_persons(
    world: World, settings: Settings, defer: Defer, work: Work
) -> None:
    export = await request(world, await world.user())
    await defer("make_export", export_id=export.id)
    await work()
    file = archive(settings, export)
    manifest = json.loads(file.read("manifest.json"))
    listed = {one["table"]: one for part in manifest["contents"] for one in part.get("tables", ())}
    assert set(listed) == {name for name, one in tables().items() if one.privacy.has_persons}
    for name, one in listed.items():
        declared = tables()[name]
        secret = {
            column.name
            for column in declared.table.columns
            if class_of(declared.privacy, column) is Personal.SECRET
        }
        assert secret <= set(one["left_out"])
        assert not secret & set(one["columns"])
        assert {*one["columns"], *one["left_out"]} == set(declared.table.columns.keys())
    assert {part["file"] for part in manifest["contents"]} | {"manifest.json"} == set(
        file.namelist()
    )


@pytest.mark.parametrize("change", ["expires_at", "downloaded_at"])
async def test_the_object_is_removed_when_it_has_ended(
    world: World, settings: Settings, defer: Defer, work: Work, change: str
) -> None:
    export = await request(world, await world.user())
    await defer("make_export", export_id=export.id)
    await defer("remove_export", export_id=export.id)
    await work()
    await defer("remove_export", export_id=export.id)
    await work()
    path = settings.objects_folder / export_key(export.id)
    assert path.exists(), "it has not ended"
    export = await world.fresh(export)
    setattr(export, change, now() - timedelta(hours=1))
    await world.save(export)
    await defer("remove_export", export_id=export.id)
    await defer("make_export", export_id=export.id)
    await work()
    assert not path.exists()


async def test_an_export_whose_user_is_erased_meanwhile_is_not_kept(
    world: World, settings: Settings, defer: Defer, work: Work
) -> None:
    export = await request(world, await world.user())
    async with world.database.session() as session, session.begin():
        await session.delete((await session.exec(select(DataExport))).one())
    await defer("make_export", export_id=export.id)
    await work()
    assert not (settings.objects_folder / export_key(export.id)).exists()


async def test_an_export_does_not_name_an_admin_who_used_the_account(
    world: World, settings: Settings, defer: Defer, work: Work
) -> None:
    """Nor the network of the admin. The impersonation itself is in it."""
    user, admin = await world.user(), await world.admin()
    shared: dict[str, Any] = {
        "act": AuditAct.UPDATE_VENDOR,
        "outcome": AuditOutcome.DONE,
        "actor_kind": ActorKind.USER,
        "actor_id": user.id,
    }
    until = now() + timedelta(minutes=5)
    await world.save(
        AuditEntry(network="192.0.2.0/24", **shared),
        AuditEntry(network="198.51.100.0/24", impersonator_id=admin.id, **shared),
        Impersonation(
            user_id=user.id,
            admin_id=admin.id,
            session_id=new_id(),
            admin_session_id=new_id(),
            reason="They asked for help.",
            until=until,
        ),
    )
    export = await request(world, user)
    await defer("make_export", export_id=export.id)
    await work()
    found = archive(settings, export)
    assert [one["network"] for one in rows(found, "audit", "audit_entry")] == ["192.0.2.0/24"]
    (used,) = rows(found, "admins", "impersonation")
    assert used["reason"] == "They asked for help."
    assert "admin_id" not in used
