"""The rules of new passwords."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from core.errors import UserMessage
from core.security.password_strength import PasswordWeakness
from core.security.passwords import (
    MAX_PASSWORD_LENGTH,
    MIN_PASSWORD_LENGTH,
    normalize_password,
)
from models.errors import Refusal

MESSAGES = {
    PasswordWeakness.COMMON: UserMessage(
        "This is one of the most common passwords. Choose another, such as four unrelated words."
    ),
    PasswordWeakness.PERSONAL: UserMessage(
        "This password is too similar to your name or email address. Choose another, such as four"
        " unrelated words."
    ),
    PasswordWeakness.GUESSABLE: UserMessage(
        "This password is easy to guess. Choose a longer one, such as four unrelated words."
    ),
}

# Lengths follow NIST SP 800-63B. The normal form can be longer or shorter than what was typed.
NewPassword = Annotated[
    str,
    StringConstraints(max_length=4 * MAX_PASSWORD_LENGTH),
    AfterValidator(normalize_password),
    StringConstraints(min_length=MIN_PASSWORD_LENGTH, max_length=MAX_PASSWORD_LENGTH),
]


class PasswordWeak(Refusal):
    """A new password is easy to guess, for a `reason`."""

    message = "This password is easy to guess. Choose a longer one, such as four unrelated words."
    meaning = "The password is easy to guess, for the `reason` in the error."
    remedy = "Show `message` next to the password, so that the user can choose another."

    def __init__(self, reason: PasswordWeakness) -> None:
        super().__init__(MESSAGES[reason].template, field=["password"])
        self.reason = reason
