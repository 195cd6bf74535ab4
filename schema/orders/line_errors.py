"""Errors of units of lines that carry data."""

import strawberry

from engine.errors.conversion import UserError, error_type
from models.orders import lines


@error_type(lines.TooManyUnits)
@strawberry.type(description="More units of a line were chosen than are left for this.")
class TooManyUnits(UserError):
    line_id: strawberry.ID = strawberry.field(description="The line's id.")
    available: int = strawberry.field(description="The units that can be chosen.")
