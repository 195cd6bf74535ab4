"""Parameters whose values are found when a statement is sent."""

from datetime import datetime

from sqlalchemy import BindParameter, DateTime, bindparam

from core.clock import now


def current_time() -> BindParameter[datetime]:
    """Return the time at which a statement is sent, by the clock of this process."""
    return bindparam("current_time", callable_=now, type_=DateTime(timezone=True))
