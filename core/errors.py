"""What a caller can get wrong, before any rule of the business is asked."""


class BadInput(Exception):
    """The request itself is malformed: a bad id, a bad cursor, a page out of range."""


class CursorExpired(Exception):
    """The changes after this cursor are gone; fetch the state anew and follow from there."""


class NotSignedIn(Exception):
    """The caller must sign in first, or again."""


class NotAllowed(Exception):
    """The caller is known and this is not theirs; existence is not admitted."""


class TooManyRequests(Exception):
    """The caller must wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many attempts. Try again in {seconds} seconds.")
        self.seconds = seconds
