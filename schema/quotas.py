"""The error of a daily quota."""

from datetime import datetime

import strawberry

from engine.errors.conversion import UserError, error_type
from models import quotas


@error_type(quotas.DailyLimitReached)
@strawberry.type(description="The user has reached the daily quota of this action.")
class DailyLimitReached(UserError):
    reset_at: datetime = strawberry.field(
        description="The time at which the user can do it again: the next midnight in UTC."
    )
