"""Agendas, boards of arrivals, figures of utilisation, and waiting rooms."""

from datetime import date, timedelta
from typing import Annotated, Any, cast
from uuid import UUID

import strawberry

from core.clock import now
from core.errors import BadInput
from core.keyset import Listing
from core.wall import wall
from engine.connections import Connection, connection
from engine.context import Info
from engine.ids import id_of, optional_id_of, optional_ids_of
from engine.mutation import mutation
from engine.types import field
from models.audit import AuditAct
from models.bookings.visits import displays as rows
from models.errors import InvalidInput, NotFound
from models.validation import parse
from schema.bookings.agenda import Agenda, ArrivalBoard, Utilisation
from schema.bookings.visits.waiting_room import (
    CreateDisplayPayload,
    WaitingRoom,
    WaitingRoomDisplay,
)
from services.bookings.agenda import displays
from services.bookings.agenda.access import MAX_AGENDA_RESOURCES, find_agenda_vendor, find_lanes
from services.bookings.agenda.arrivals import read_arrivals
from services.bookings.agenda.days import AgendaSpan
from services.bookings.agenda.reading import read_agenda
from services.bookings.agenda.utilisation import MAX_UTILISATION_DAYS, read_utilisation
from services.bookings.agenda.waiting_room import read_waiting_room
from services.journal.topics import agenda_topic

FAR_DAYS = 366 * 5
STAFF = " Requires the vendor's STAFF role or higher."
VendorId = Annotated[UUID, id_of("Vendor", "The vendor's id.")]
DisplayId = Annotated[UUID, id_of("WaitingRoomDisplay", "The display's id.")]
ResourceIds = Annotated[
    list[UUID] | None,
    optional_ids_of(
        "Resource",
        f"The resources, at most {MAX_AGENDA_RESOURCES}. Defaults to the first"
        f" {MAX_AGENDA_RESOURCES} that are ACTIVE.",
    ),
]
UsedIds = Annotated[
    list[UUID] | None,
    optional_ids_of("Resource", "Returns visits that use one of these. Defaults to all."),
]
Day = Annotated[
    date | None,
    strawberry.argument(description="The first day. Defaults to today at the vendor's place."),
]
FromDay = Annotated[date, strawberry.argument(description="The first day.")]
UntilDay = Annotated[
    date,
    strawberry.argument(description=f"The last day. At most {MAX_UTILISATION_DAYS} days in all."),
]
Span = Annotated[AgendaSpan, strawberry.argument(description="How many days it has.")]
OwnVendor = Annotated[
    UUID | None, optional_id_of("Vendor", "A vendor whose bookings the viewer sees.")
]
DisplayKey = Annotated[
    str | None, strawberry.argument(description="The key of a display, for callers without one.")
]
DisplayName = Annotated[
    str, strawberry.argument(description="The name, such as of the room, 1 to 80 characters.")
]


@strawberry.type
class AgendaQuery:
    @field(f"Returns the agenda of a vendor.{STAFF}", cost=50, size=200)
    async def agenda(
        self,
        info: Info,
        vendor_id: VendorId,
        resource_ids: ResourceIds = None,
        day: Day = None,
        span: Span = AgendaSpan.DAY,
    ) -> Agenda:
        _ensure_few(resource_ids)
        async with info.context.read_session() as session:
            vendor = await find_agenda_vendor(session, info.context.viewer, vendor_id)
            first = day or wall(now(), vendor.time_zone).date()
            _ensure_near(first)
            cursor = await info.context.cursor(agenda_topic(vendor.id))  # before the state
            lanes = await find_lanes(session, vendor, resource_ids)
            found = await read_agenda(session, vendor, lanes, first, span.days)
        return Agenda(cursor=cursor, **vars(found))

    @field(f"Returns the visits of a day, by default of today.{STAFF}", cost=20, size=100)
    async def arrivals(
        self, info: Info, vendor_id: VendorId, day: Day = None, resource_ids: UsedIds = None
    ) -> ArrivalBoard:
        _ensure_few(resource_ids)
        if day is not None:
            _ensure_near(day)
        async with info.context.read_session() as session:
            vendor = await find_agenda_vendor(session, info.context.viewer, vendor_id)
            cursor = await info.context.cursor(agenda_topic(vendor.id))  # before the state
            found = await read_arrivals(session, vendor, day, resource_ids)
        return ArrivalBoard.of(cursor, found)

    @field(
        f"Returns how much of the time of resources is booked.{STAFF}",
        cost=50,
        size=MAX_AGENDA_RESOURCES,
    )
    async def utilisation(
        self,
        info: Info,
        vendor_id: VendorId,
        from_day: FromDay,
        until_day: UntilDay,
        resource_ids: ResourceIds = None,
    ) -> list[Utilisation]:
        _ensure_few(resource_ids)
        _ensure_near(from_day)
        if not 0 <= (until_day - from_day).days < MAX_UTILISATION_DAYS:
            raise BadInput("Choose one to {most} days.", most=MAX_UTILISATION_DAYS)
        async with info.context.read_session() as session:
            vendor = await find_agenda_vendor(session, info.context.viewer, vendor_id)
            lanes = await find_lanes(session, vendor, resource_ids)
            found: Any = await read_utilisation(session, vendor, lanes, from_day, until_day)
        return list(found)

    @field(
        "Returns the waiting room of a vendor, for a display with its key, or for members with the"
        " STAFF role or higher. It names no customer.",
        cost=20,
    )
    async def waiting_room(
        self, info: Info, vendor_id: OwnVendor = None, display_key: DisplayKey = None
    ) -> WaitingRoom:
        async with info.context.read_session() as session:
            if vendor_id is not None and display_key is None:
                vendor = await find_agenda_vendor(session, info.context.viewer, vendor_id)
            elif display_key is not None and vendor_id is None:
                vendor = await displays.find_display_vendor(session, display_key)
            else:
                raise BadInput("Give either a vendor or the key of a display.")
            found = await read_waiting_room(session, info.context.app.sealer, vendor)
        return cast("WaitingRoom", found)

    @connection(
        Connection[WaitingRoomDisplay],
        f"The displays of a vendor that are not revoked, newest first.{STAFF}",
    )
    def waiting_room_displays(self, info: Info, vendor_id: VendorId) -> Listing[Any]:
        return displays.list_displays(info.context.viewer, vendor_id)


@strawberry.type
class AgendaMutation:
    @mutation(
        personal=True,
        fresh=True,
        audit=AuditAct.CREATE_DISPLAY,
        raises=(InvalidInput, NotFound, rows.DisplayLimitReached),
        repeatable="its key is not stored, so a repetition could not return it",
    )
    async def create_display(
        self, info: Info, vendor_id: VendorId, name: DisplayName
    ) -> CreateDisplayPayload:
        """Create a key with which a screen shows the waiting room of a vendor, and nothing else.
        Requires the vendor's STAFF role or higher.
        """
        draft = parse(rows.DisplayDraft, name=name)
        async with info.context.transaction() as session:
            display, key = await displays.create_display(
                session, info.context.viewer, draft, vendor_id=vendor_id
            )
        return CreateDisplayPayload(display=WaitingRoomDisplay.wrap(display), key=key)

    @mutation(
        display=WaitingRoomDisplay,
        audit=AuditAct.REVOKE_DISPLAY,
        raises=(NotFound,),
        repeatable="sets a state",
    )
    async def revoke_display(self, info: Info, display_id: DisplayId) -> rows.WaitingRoomDisplay:
        """End a display: its key shows nothing any more. Requires the vendor's STAFF role or
        higher.
        """
        async with info.context.transaction() as session:
            return await displays.revoke_display(
                session, info.context.viewer, display_id=display_id
            )


def _ensure_few(resource_ids: list[UUID] | None) -> None:
    if resource_ids is not None and len(resource_ids) > MAX_AGENDA_RESOURCES:
        raise BadInput("Choose at most {most}.", most=MAX_AGENDA_RESOURCES)


def _ensure_near(day: date) -> None:
    if abs(day - now().date()) > timedelta(days=FAR_DAYS):
        raise BadInput("Choose a day of the next or the last five years.")
