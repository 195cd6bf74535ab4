"""The caller of a request, and the two checks that every request may need.

A root field or mutation that exists for admins only calls `require_admin`: FORBIDDEN for every
other user. A row that exists but is not the viewer's is `NotFound`, as if it did not exist.
"""

from dataclasses import dataclass
from uuid import UUID

from core.errors import NotAllowed, NotSignedIn
from models.identity.api_tokens import ApiScope


@dataclass(frozen=True)
class Viewer:
    """A caller: a signed-in user, a program with a user's API token, or an anonymous client.

    For a program, `session_id` is the id of its API token and `scopes` are the token's; a
    signed-in user has no scopes and no limits by them. `problem` is why a token was refused.
    """

    user_id: UUID | None = None
    session_id: UUID | None = None
    admin: bool = False
    problem: str | None = None
    scopes: frozenset[ApiScope] | None = None

    @property
    def uses_api_token(self) -> bool:
        """Whether the caller is a program with an API token."""
        return self.scopes is not None

    def require_user(self) -> UUID:
        """Return the user's id. Raises `NotSignedIn` for an anonymous caller or a bad token."""
        if self.user_id is None:
            raise NotSignedIn(self.problem or SIGN_IN)
        return self.user_id

    def require_admin(self) -> UUID:
        """Return the admin's id. Raises `NotSignedIn`, and `NotAllowed` for every other user."""
        user_id = self.require_user()
        if not self.admin:
            raise NotAllowed(ADMINS_ONLY)
        return user_id

    @property
    def optional_user_id(self) -> UUID | None:
        """The user's id, or None for an anonymous caller. Raises `NotSignedIn` for a bad token."""
        return self.require_user() if self.problem else self.user_id

    def missing_scope(self, *, write: bool) -> ApiScope | None:
        """Return the scope that the API token lacks for a read or a write, if it lacks it."""
        needed = ApiScope.WRITE if write else ApiScope.READ
        return needed if self.scopes is not None and needed not in self.scopes else None


ANONYMOUS = Viewer()
SIGN_IN = "You are not signed in. Send an access token as `Authorization: Bearer …`."
ADMINS_ONLY = "Only admins can do this."
