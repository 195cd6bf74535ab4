"""Loaders of services, their resources and schedules."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from core.statements.selected import AnySelect, Selected, columns_of
from core.statements.statement import any_of
from engine.loaders import Loader, by_id, children, grouped, in_session, visible
from engine.reads.source import ReadSource
from engine.reads.statements import ViewerStatement
from models.bookings.claims import TimeBlock
from models.bookings.setting_up.policies import CancellationPolicy
from models.bookings.setting_up.resources import Resource
from models.bookings.setting_up.schedules import Closure, DayOverride, Schedule
from models.bookings.setting_up.services import (
    Service,
    ServiceNeed,
    ServiceProvider,
    ServiceResource,
)
from services.bookings.access import (
    bookable_services,
    managed_services,
    visible_blocks,
    visible_closures,
    visible_overrides,
    visible_policies,
    visible_resources,
    visible_schedules,
    visible_services,
)
from services.bookings.setting_up.providers import providers_by_service, select_providers
from services.bookings.slots.staff import find_staff
from services.viewer import Viewer


def _needs(_: object, selected: Selected | None) -> AnySelect:
    columns = columns_of(ServiceNeed, selected, "service_id")
    of_services = any_of(col(ServiceNeed.service_id))
    return select(*columns).where(of_services).order_by(col(ServiceNeed.kind))


def _schedules(viewer: Viewer, selected: Selected | None) -> AnySelect:
    seen = visible_schedules(viewer).with_only_columns(col(Schedule.id))
    columns = columns_of(Schedule, selected, "resource_id")
    ours = any_of(col(Schedule.resource_id)), col(Schedule.id).in_(seen)
    return select(*columns).where(*ours).order_by(col(Schedule.from_day))


PROVIDERS = ViewerStatement(select_providers, ServiceResource)


async def _providers(
    source: ReadSource, service_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[ServiceProvider]]:
    found = await source.fetch(PROVIDERS.of(source.viewer, None), keys=service_ids)
    return providers_by_service(found)


service_by_id = by_id(Service)
visible_service = visible(Service, visible_services)
managed_service = visible(Service, managed_services)
needs_of_service = grouped(ServiceNeed, "service_id", _needs)
_no_providers: Sequence[ServiceProvider] = []
providers_of_service = Loader(_providers, _no_providers)
resource_by_id = by_id(Resource)
visible_resource = visible(Resource, visible_resources)
visible_schedule = visible(Schedule, visible_schedules)
schedules_of_resource = grouped(Schedule, "resource_id", _schedules)
visible_override = visible(DayOverride, visible_overrides)
closure_by_id = by_id(Closure)
visible_closure = visible(Closure, visible_closures)
visible_block = visible(TimeBlock, visible_blocks)
policy_by_id = by_id(CancellationPolicy)
visible_policy = visible(CancellationPolicy, visible_policies)
_nobody: Sequence[Resource] = ()
staff_of_slot = Loader(in_session(find_staff), _nobody)
bookable_services_of_vendor = children(Service, "vendor_id", lambda _: bookable_services())
