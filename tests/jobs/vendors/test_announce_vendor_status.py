"""The status of a vendor reaches the holders of its vouchers, and its mails the owners."""

from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from models.redemptions import VoucherState
from models.vendors import MemberRole
from services.redemptions import redemptions
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.jobs.conftest import Work
from tests.jobs.notifications.deliveries import mails
from tests.resolvers.applications.applying import DECISIONS, Applicant

REASON = "Customers did not get what they had paid for."


async def test_holders_of_valid_vouchers_are_informed(
    world: World, api: Client, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redemptions, "BATCH_SIZE", 2)
    till, admin = await Till.open(world, claimed=5), api.signed_in(await world.admin())
    holders = [await world.user() for _ in range(5)]
    for user in holders:
        await world.voucher(till.offer, user)
    await till.voucher(state=VoucherState.EXPIRED)
    given: dict[str, Any] = {"vendorId": gid(till.vendor), "reason": REASON}
    assert await admin.refusal_codes("suspendVendor", given) == []
    await work()
    informed = [topic for topic, _, kind in await world.journal() if kind == "voucher.vendor"]
    assert informed == sorted(f"user:{user.id}" for user in holders)


def read(outbox: Path) -> list[tuple[str, str, str]]:
    """Return the recipient, subject and text of each mail."""
    found = []
    for path in mails(outbox):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        body = mail.get_body()
        assert body is not None
        found.append((str(mail["To"]), str(mail["Subject"]), body.get_content()))
    return found


async def test_owners_get_a_mail_in_their_language(
    world: World, api: Client, work: Work, outbox: Path
) -> None:
    till, admin = await Till.open(world), api.signed_in(await world.admin())
    owner = await world.user(locale="de")
    await world.member(till.vendor, owner, MemberRole.OWNER)
    given = {"vendorId": gid(till.vendor), "reason": REASON}
    assert await admin.refusal_codes("suspendVendor", given) == []
    await work()
    ((to, subject, text),) = read(outbox)
    assert (to, subject) == (email_of(owner), "Dein Geschäft wurde gesperrt")
    assert f"„{till.vendor.name}“" in text or f"“{till.vendor.name}”" in text
    assert REASON in text


@pytest.mark.parametrize("name", DECISIONS)
async def test_applicants_get_a_mail_of_the_decision(
    world: World, api: Client, work: Work, outbox: Path, name: str
) -> None:
    """Also if they have read the notification, as its mail cannot be turned off."""
    applicant = await Applicant.enter(world, api)
    application = await applicant.apply()
    await applicant.decide(name, application)
    asked = "{ viewer { notifications { nodes { id } } } }"
    first = (await applicant.client.ask(asked))["viewer"]["notifications"]["nodes"][0]
    read_it = {"upTo": first["id"]}
    assert await applicant.client.refusal_codes("markNotificationsRead", read_it) == []
    await work()
    ((to, _, text),) = read(outbox)
    assert to == email_of(applicant.user)
    assert "“Corner Café”" in text
    assert ("The licence has expired." in text) is (name != "approveVendor")
