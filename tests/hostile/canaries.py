"""A town in which everybody has something that must not get about."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass

from strawberry.relay import to_base64

from core import qr
from core.clock import now
from models.identity.accounts import User
from models.notifications.deliveries import Delivery, DeliveryState
from models.notifications.inbox import Channel
from models.offers.offers import OfferState
from models.redemptions import Voucher
from models.vendors import VendorStatus
from tests.client import gid
from tests.factories.desk import canned
from tests.factories.world import HASHED, World
from tests.hostile.talks import talk

ROLES = ["nobody", "the customer", "the owner", "the admin"]


@dataclass(frozen=True)
class Town:
    """Who asks in each role, what they must not and what they may be told, and ids to ask by."""

    people: dict[str, User | None]
    secrets: dict[str, set[str]]
    known: dict[str, set[str]]
    ids: list[str]

    def ensure_kept(self, role: str, answer: object) -> None:
        """An AssertionError names a secret of others that the answer has in it."""
        texts = list(strings(answer))
        told = {secret for secret in self.secrets[role] if any(secret in text for text in texts)}
        assert not told, f"{role} was told {told}"


def strings(answer: object) -> Iterator[str]:
    """Every string of an answer."""
    if isinstance(answer, str):
        yield answer
    elif isinstance(answer, dict | list):
        for part in answer.values() if isinstance(answer, dict) else answer:
            yield from strings(part)


async def plant(world: World) -> Town:
    """A vendor and its rival, one more that is not approved yet, a customer and a stranger."""
    people = {
        name: await person(world, name) for name in ("customer", "owner", "rival", "stranger")
    }
    admin = await world.admin()
    vendor = await world.vendor(people["owner"], name="Corner Shop")
    rival = await world.vendor(people["rival"], name="Rival Shop")
    pending = await world.vendor(
        people["rival"], name="Canary of the pending", status=VendorStatus.PENDING
    )
    category = to_base64("Category", vendor.category_id)
    offer, other = await world.offer(vendor), await world.offer(rival)
    drafted = OfferState.DRAFT
    draft = await world.offer(vendor, state=drafted, title={"en": "Canary of the draft"})
    planned = await world.offer(rival, state=drafted, title={"en": "Canary of the plan"})
    unseen = await world.offer(pending, title={"en": "Canary of the unseen"})
    mine = await world.voucher(offer, people["customer"])
    theirs = await world.voucher(offer, people["stranger"])
    elsewhere = await world.voucher(other, people["stranger"])
    tried = await world.redemption(vendor, mine, device_id="till of the corner")
    scanned = await world.redemption(vendor, theirs, device_id="canary of the corner's till")
    watched = await world.redemption(rival, elsewhere, device_id="canary of the rival's till")

    kept = await world.upload(people["customer"], file_name="canary of the customer.txt")
    sent = await world.upload(people["stranger"], file_name="canary of the stranger.txt")
    (reply,) = await canned(world, vendor, "Canary of the shop's reply")
    (answer,) = await canned(world, rival, "Canary of the rival's reply")

    phone = await world.device(people["stranger"], "canary-of-the-phone")
    program, _ = await world.api_token(people["stranger"], name="Canary of the program")
    told = await world.notification(people["customer"], subject_id=mine.id)
    letter = Delivery(
        notification_id=told.id,
        channel=Channel.MAIL,
        state=DeliveryState.FAILED,
        completed_at=now(),
        error="Canary of the letter",
    )
    await world.save(letter)

    said = ("Canary of a question", "Canary of an answer")
    quarrel = ("Canary of a quarrel", "Canary of a threat")
    unsaid = "Canary of the first words"
    ours = await talk(world, people["customer"], vendor, people["owner"], *said, unsaid)
    others_talk = await talk(world, people["stranger"], rival, people["rival"], *quarrel, unsaid)

    private = {HASHED, sent.file_name, phone.token} | printed(theirs) | printed(elsewhere)
    plans = {"Canary of the plan", "Canary of the unseen", "Canary of the pending"}
    of_the_rival = plans | {"canary of the rival's till", answer.text}
    of_the_shop = {"Canary of the draft", "canary of the corner's till", reply.text}
    stranger, customer, owner = (account(people[one]) for one in ("stranger", "customer", "owner"))
    private |= {*quarrel, unsaid}
    stranger |= {program.name, program.prefix}
    others = private | of_the_rival | stranger | {str(letter.error)}
    rows = [*people.values(), admin, vendor, rival, pending, offer, other, draft, planned, unseen]
    rows += [reply, answer, phone, program, told, letter, *ours, *others_talk]
    met = {people["customer"].name, people["owner"].name, *said}
    belongings = printed(mine) | {kept.file_name}
    return Town(
        people={
            "nobody": None,
            "the customer": people["customer"],
            "the owner": people["owner"],
            "the admin": admin,
        },
        secrets={
            "nobody": others | of_the_shop | customer | owner | belongings | met,
            "the customer": others | of_the_shop | owner - met,
            "the owner": others | customer - met | belongings,
            "the admin": private | belongings | set(said),
        },
        known={
            "nobody": {"Corner Shop", "Rival Shop"},
            "the customer": customer | belongings | met | {"till of the corner"},
            "the owner": owner | of_the_shop | met | {"till of the corner"},
            "the admin": stranger | customer | owner | of_the_shop | of_the_rival,
        },
        ids=[
            category,
            *map(gid, [*rows, mine, theirs, elsewhere, tried, scanned, watched, kept, sent]),
        ],
    )


async def person(world: World, name: str) -> User:
    return await world.user(name=f"Canary {name}", email=f"canary.{name}@haat.example")


def account(user: User) -> set[str]:
    return {user.name, user.email}


def printed(voucher: Voucher) -> set[str]:
    """Whatever lets somebody else use it."""
    png = base64.b64encode(qr.png(voucher.token)).decode()
    return {voucher.code, voucher.token, qr.svg(voucher.token), png}
