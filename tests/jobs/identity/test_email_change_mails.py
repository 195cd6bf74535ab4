"""The mails to the new and the old address, sent by a worker."""

from datetime import timedelta
from pathlib import Path

from core.clock import now
from models.identity.email_changes import EmailChange
from services.identity.addresses.changed_addresses import seal_new_email, seal_old_email
from tests.factories.emails import email_of
from tests.factories.world import World
from tests.jobs.conftest import Defer, Work
from tests.jobs.identity.test_send_verification import read


async def test_the_mails_of_a_change(world: World, defer: Defer, work: Work, outbox: Path) -> None:
    user = await world.user()
    change = EmailChange(user_id=user.id, epoch=0)
    seal_old_email(world.sealer, change, email_of(user))
    seal_new_email(world.sealer, change, "new@haat.example")
    await world.save(change)
    await defer("send_email_change", change_id=change.id)
    await defer("send_email_changed", change_id=change.id)  # not applied yet
    await work()
    (mail,) = read(outbox)
    assert mail["To"] == "new@haat.example"
    assert "/auth/email#" in mail.get_content()
    change = await world.fresh(change)
    change.used_at, change.undo_until = now(), now() + timedelta(hours=72)
    await world.save(change)
    await defer("send_email_changed", change_id=change.id)
    await defer("send_email_change", change_id=change.id)  # applied already
    await work()
    (_, mail) = read(outbox)
    assert mail["To"] == email_of(user)
    assert "/auth/undo#" in mail.get_content()
