"""Null in update inputs of events: a reset to the default, or an error without one."""

from datetime import timedelta

import pytest

from core.clock import now
from core.ids import new_id
from models.catalog.products import TaxClass
from models.events.check_in.lists import CheckInMode
from models.events.events import (
    EventVisibility,
    OrphanRule,
    ResalePolicy,
    TransferPolicy,
    WaitlistRule,
)
from models.events.questions import EventQuestion
from models.questions import QuestionKind
from tests.client import Client, gid
from tests.factories.events import tier
from tests.factories.world import World
from tests.resolvers.events.nulls import NULLS
from tests.resolvers.test_update_inputs import ensure_reset


@pytest.mark.parametrize("field", NULLS["UpdateVenueInput"])
async def test_update_venue_with_null(world: World, api: Client, field: str) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    venue = await world.venue(vendor)
    given = {"venueId": gid(venue), field: None}
    await ensure_reset(world, api.signed_in(owner), "updateVenue", given, venue, vendor)


@pytest.mark.parametrize("field", sorted(NULLS["UpdateEventInput"].keys() - {"pictures"}))
async def test_update_event_with_null(world: World, api: Client, field: str) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    ends = field == "transferHours"
    event = await world.event(
        vendor,
        category_id=(await world.category()).id,
        description={"en": "Old"},
        visibility=EventVisibility.UNLISTED,
        max_per_user=2,
        transfer=TransferPolicy.UNTIL if ends else TransferPolicy.NONE,
        transfer_hours=3 if ends else None,
        resale=ResalePolicy.FACE_VALUE,
        refund_hours=5,
        answer_until_hours=6,
        refund_bps=100,
        orphan_rule=OrphanRule.STRICT,
        waitlist=WaitlistRule.OFF,
    )
    given = {"eventId": gid(event), field: None}
    await ensure_reset(world, api.signed_in(owner), "updateEvent", given, event, vendor)


@pytest.mark.parametrize("field", NULLS["UpdateQuotaInput"])
async def test_update_quota_with_null(world: World, api: Client, field: str) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    quota = await world.quota(await world.event_date(await world.event(vendor)))
    given = {"quotaId": gid(quota), field: None}
    await ensure_reset(world, api.signed_in(owner), "updateQuota", given, quota, vendor)


@pytest.mark.parametrize("field", sorted(NULLS["UpdateTicketTypeInput"].keys() - {"tiers"}))
async def test_update_ticket_type_with_null(world: World, api: Client, field: str) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    seated = field == "categoryIds"
    event = await world.event(vendor)
    main = await world.ticket_type(event)
    kind = await world.ticket_type(
        event,
        companion_of_id=main.id,
        description={"en": "Old"},
        admits=1 if seated else 2,
        category_ids=[new_id()] if seated else [],
        min_per_order=2,
        max_per_order=20,
        needs_code=True,
        sale_starts_at=now(),
        sale_ends_at=now() + timedelta(days=1),
        tax_class=TaxClass.ZERO,
        hsn_code="9996",
    )
    given = {"ticketTypeId": gid(kind), field: None}
    await ensure_reset(world, api.signed_in(owner), "updateTicketType", given, kind, vendor)


async def test_update_ticket_type_with_null_removes_its_tiers(world: World, api: Client) -> None:
    owner = await world.user()
    event = await world.event(await world.vendor(owner))
    kind = await world.ticket_type(event, tiers=[tier("Early", 1_00, until=now())])
    given = {"ticketTypeId": gid(kind), "tiers": None}
    changed = await api.signed_in(owner).do(
        "updateTicketType", given, "ticketType { tiers { name } }"
    )
    assert changed["ticketType"] == {"tiers": []}


@pytest.mark.parametrize(
    "field", sorted(NULLS["UpdateCheckInListInput"].keys() - {"ticketTypeIds"})
)
async def test_update_check_in_list_with_null(world: World, api: Client, field: str) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    event = await world.event(vendor)
    kind = await world.ticket_type(event)
    fixed = {
        "maxEntries": {"mode": CheckInMode.TIMES, "max_entries": 3},
        "reentryMinutes": {"mode": CheckInMode.REENTRY, "reentry_minutes": 5},
    }
    door = await world.check_in_list(
        await world.event_date(event),
        type_ids=[kind.id],
        opens_at=now(),
        closes_at=now() + timedelta(days=1),
        **fixed.get(field, {"mode": CheckInMode.REENTRY}),
    )
    given = {"listId": gid(door), field: None}
    await ensure_reset(world, api.signed_in(owner), "updateCheckInList", given, door, vendor)


@pytest.mark.parametrize("field", NULLS["UpdateEventQuestionInput"])
async def test_update_event_question_with_null(world: World, api: Client, field: str) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    event = await world.event(vendor)
    question = EventQuestion(
        event_id=event.id,
        kind=QuestionKind.CHOICE,
        locale="en",
        prompt={"en": "Diet?"},
        choices=[{"key": "vegan", "name": {"en": "Vegan"}}],
        required=True,
    )
    await world.save(question)
    given = {"questionId": gid(question), field: None}
    await ensure_reset(world, api.signed_in(owner), "updateEventQuestion", given, question, vendor)
