"""Errors of fraud cases that carry data."""

from datetime import datetime

import strawberry

from engine.errors.conversion import UserError, error_type
from models.fraud import cases


@error_type(cases.CaseTaken)
@strawberry.type(description="Another reviewer has the case.")
class CaseTaken(UserError):
    until: datetime = strawberry.field(description="The end of their lease.")


ERRORS = (CaseTaken,)
