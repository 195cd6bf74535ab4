"""Browser mode: the cookie of a request in place of a token."""

from dataclasses import dataclass

from core.errors import CsrfTokenWrong, MalformedRequest
from core.security.browser_cookie import csrf_token, is_token_of


@dataclass
class BrowserMode:
    """The cookie of a request, as its response will leave it. It is None without a session.

    `sent_token` is the token that the page sent, and `slot` the end of the cookie's name. A socket
    or an open stream cannot change the cookie: it has no headers of a response to come.
    """

    cookie: str | None
    sent_token: str | None
    can_change: bool
    slot: str = ""
    changed: bool = False

    @property
    def csrf_token(self) -> str | None:
        return csrf_token(self.cookie) if self.cookie else None

    @property
    def is_proven(self) -> bool:
        """Whether the page knows the token of the cookie, if there is one."""
        return self.cookie is None or is_token_of(self.sent_token or "", self.cookie)

    def permits(self, *, is_mutation: bool) -> bool:
        """Return whether the page may run an operation. A query may come without a token.

        With one, it is meant for the session of this token: another tab may have signed in as
        another user meanwhile.
        """
        is_bare_query = not is_mutation and self.sent_token is None
        return is_bare_query or self.is_proven

    def ensure_proven(self) -> None:
        """Raise `CsrfTokenWrong` unless the page knows the token of the cookie."""
        if not self.is_proven:
            raise CsrfTokenWrong

    def ensure_can_change(self) -> None:
        """Raise `MalformedRequest` if the response cannot change the cookie."""
        if not self.can_change:
            raise MalformedRequest("This changes the cookie, so send it with POST, for JSON.")

    def keep(self, cookie: str | None) -> None:
        """Have the browser keep another cookie, or none."""
        self.cookie, self.changed = cookie, True
