"""Errors of accounts that carry data."""

import strawberry

from engine.errors import UserError, error_type
from models.identity import passwords, registrations
from schema.identity.enums import PasswordWeakness


@error_type(passwords.PasswordWeak)
@strawberry.type(description="A new password is easy to guess.")
class PasswordWeak(UserError):
    reason: PasswordWeakness = strawberry.field(description="Why it is easy to guess.")


@error_type(registrations.CodeWrong)
@strawberry.type(description="The code that verifies an email address is wrong.")
class CodeWrong(UserError):
    left: int = strawberry.field(description="The number of codes that can still be tried.")
