"""What a caller can get wrong, before any rule of the business is asked."""

from typing import ClassVar


class UserMessage(Exception):
    """Something to tell the caller: a template in English, and values for the names in it.

    Both are kept apart, for another language has a template of its own; `str` is English.
    """

    message: ClassVar[str] = ""

    def __init__(self, template: str = "", /, **values: object) -> None:
        self.template = template or self.message
        self.values = values
        super().__init__(self.template.format(**values) if values else self.template)


class BadInput(UserMessage):
    """The request itself is malformed: a bad id, a bad cursor, a page out of range."""


class CursorExpired(UserMessage):
    """The changes after this cursor are gone; fetch the state anew and follow from there."""


class NotSignedIn(UserMessage):
    """The caller must sign in first, or again."""


class NotAllowed(UserMessage):
    """The caller is known and this is not theirs; existence is not admitted."""


class TooManyRequests(UserMessage):
    """The caller must wait."""

    message = "Too many attempts. Try again in {seconds} seconds."

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds=seconds)
        self.seconds = seconds
