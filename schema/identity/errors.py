"""Errors of accounts that carry data."""

import strawberry

from engine.errors.conversion import UserError, error_type
from models import errors
from models.identity import factors, passwords, registrations
from schema.identity.enums import PasswordWeakness, SignInMethod


@error_type(passwords.PasswordWeak)
@strawberry.type(description="A new password is easy to guess.")
class PasswordWeak(UserError):
    reason: PasswordWeakness = strawberry.field(description="Why it is easy to guess.")


@error_type(registrations.CodeWrong)
@strawberry.type(description="The code that verifies an email address is wrong.")
class CodeWrong(UserError):
    left: int = strawberry.field(description="The number of codes that can still be tried.")


@error_type(factors.FactorWrong)
@strawberry.type(description="The proof of a second factor is wrong, or was used already.")
class FactorWrong(UserError):
    left: int | None = strawberry.field(
        description="The number of tries that are left in this sign-in. Null if it has no limit."
    )


@error_type(errors.StepUpRequired)
@strawberry.type(description="The user must prove again who they are.")
class StepUpRequired(UserError):
    methods: list[SignInMethod] = strawberry.field(
        description="The methods for `reauthenticate`, of which one is needed.",
        metadata={"size": len(SignInMethod)},
    )
