"""Loaders of slots."""

from collections.abc import Sequence

from engine.loaders import Loader, in_session, visible
from models.bookings.resources import Resource
from models.bookings.services import Service
from services.bookings.access import managed_services
from services.bookings.slots.staff import find_staff

managed_service = visible(Service, managed_services)
_nobody: Sequence[Resource] = ()
staff_of_slot = Loader(in_session(find_staff), _nobody)
