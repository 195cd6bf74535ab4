"""Schedules, other days, closures and blocked times, written by members of their vendor."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from core.keyset import Listing
from engine.connections import Connection, connection
from engine.context import Info
from engine.ids import id_of
from engine.mutation import mutation
from engine.types import field
from models.bookings import claims
from models.bookings.setting_up import resources
from models.bookings.setting_up import schedules as rows
from models.errors import KEYED, InvalidInput, NotFound
from schema.bookings.setting_up.resources import Resource
from schema.bookings.setting_up.schedules import (
    BlockTimeInput,
    CloseDaysInput,
    Closure,
    ClosureId,
    HolidayProposal,
    SaveScheduleInput,
    Schedule,
    ScheduleId,
    SetDayOverrideInput,
    TimeBlock,
    TimeBlockId,
)
from services.bookings.setting_up import blocks, closures, schedules

MAX_PROPOSALS = 60
VendorId = Annotated[UUID, id_of("Vendor", "The vendor's id.")]
DeletedId = Annotated[relay.GlobalID, "The id of what was removed."]
FromDay = Annotated[
    date | None,
    strawberry.argument(description="Returns those that are not over then. Defaults to today."),
]


@strawberry.type
class ScheduleQuery:
    @connection(
        Connection[Closure],
        "The days on which a vendor takes no bookings, the earliest first.",
    )
    def closures(self, info: Info, vendor_id: VendorId, from_day: FromDay = None) -> Listing[Any]:
        return closures.list_closures(info.context.viewer, vendor_id, from_day)

    @field(
        "The public holidays of the next year where a vendor is, at most"
        f" {MAX_PROPOSALS}. The vendor is open on them unless it closes with `closeDays`. Requires"
        " the vendor's STAFF role or higher.",
        cost=20,
        size=MAX_PROPOSALS,
    )
    async def holiday_proposals(self, info: Info, vendor_id: VendorId) -> list[HolidayProposal]:
        language = next(iter(info.context.locales), "en")
        async with info.context.read_session() as session:
            found = await closures.propose_holidays(
                session, info.context.viewer, vendor_id, language
            )
        proposals: Any = found[:MAX_PROPOSALS]
        return list(proposals)


@strawberry.type
class ScheduleMutation:
    @mutation(
        schedule=Schedule,
        while_impersonating=True,
        raises=(InvalidInput, NotFound, rows.ScheduleOverlaps, rows.ScheduleLimitReached, *KEYED),
    )
    async def save_schedule(self, info: Info, input: SaveScheduleInput) -> rows.Schedule:
        """Add the weekly times of a resource between two days, or replace them. Bookings outside
        of them stay. Requires the vendor's MANAGER or OWNER role.
        """
        draft = input.draft()
        async with info.context.transaction() as session:
            return await schedules.save_schedule(
                session,
                info.context.viewer,
                resource_id=input.resource_id,
                schedule_id=input.schedule_id,
                draft=draft,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        deleted_id=DeletedId,
        while_impersonating=True,
        raises=(NotFound,),
        repeatable="refuses a removed schedule",
    )
    async def remove_schedule(self, info: Info, schedule_id: ScheduleId) -> relay.GlobalID:
        """Remove a schedule. Bookings on its days stay."""
        async with info.context.transaction() as session:
            await schedules.remove_schedule(session, info.context.viewer, schedule_id=schedule_id)
        return relay.GlobalID("Schedule", str(schedule_id))

    @mutation(
        resource=Resource,
        while_impersonating=True,
        raises=(InvalidInput, NotFound, rows.DayOverrideLimitReached),
        repeatable="sets the times of a day",
    )
    async def set_day_override(self, info: Info, input: SetDayOverrideInput) -> resources.Resource:
        """Set other times of a resource on one day, or none, or return to its schedule. Bookings
        outside of them stay. Requires the vendor's MANAGER or OWNER role.
        """
        draft = input.draft()
        async with info.context.transaction() as session:
            if draft is None:
                return await schedules.reset_day(
                    session, info.context.viewer, resource_id=input.resource_id, day=input.day
                )
            return await schedules.set_day_override(
                session, info.context.viewer, resource_id=input.resource_id, draft=draft
            )

    @mutation(
        closure=Closure,
        while_impersonating=True,
        raises=(InvalidInput, NotFound, rows.ClosureLimitReached, *KEYED),
    )
    async def close_days(self, info: Info, input: CloseDaysInput) -> rows.Closure:
        """Take no bookings on some days. Those on them stay. Requires the vendor's MANAGER or OWNER
        role.
        """
        draft = input.draft()
        async with info.context.transaction() as session:
            return await closures.close_days(
                session,
                info.context.viewer,
                vendor_id=input.vendor_id,
                draft=draft,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        deleted_id=DeletedId,
        while_impersonating=True,
        raises=(NotFound,),
        repeatable="refuses a removed closure",
    )
    async def reopen_days(self, info: Info, closure_id: ClosureId) -> relay.GlobalID:
        """Remove a closure, so that its days can be booked again."""
        async with info.context.transaction() as session:
            await closures.reopen_days(session, info.context.viewer, closure_id=closure_id)
        return relay.GlobalID("Closure", str(closure_id))

    @mutation(
        time_block=TimeBlock,
        while_impersonating=True,
        raises=(InvalidInput, NotFound, claims.BlockLimitReached, *KEYED),
    )
    async def block_time(self, info: Info, input: BlockTimeInput) -> claims.TimeBlock:
        """Block a time of a resource, such as a leave. Bookings in its way keep their times: the
        payload shows them. Requires the vendor's STAFF role or higher.
        """
        draft = input.draft()
        async with info.context.transaction() as session:
            return await blocks.block_time(
                session,
                info.context.viewer,
                resource_id=input.resource_id,
                draft=draft,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        deleted_id=DeletedId,
        while_impersonating=True,
        raises=(NotFound,),
        repeatable="refuses a removed block",
    )
    async def unblock_time(self, info: Info, block_id: TimeBlockId) -> relay.GlobalID:
        """Remove a block, so that its time can be booked again."""
        async with info.context.transaction() as session:
            await blocks.unblock_time(session, info.context.viewer, block_id=block_id)
        return relay.GlobalID("TimeBlock", str(block_id))
