"""Who is asking."""

from dataclasses import dataclass
from uuid import UUID

from core.errors import NotSignedIn
from models.identity.api_tokens import ApiScope


@dataclass(frozen=True)
class Viewer:
    """A caller: a user under a session or an API token, or nobody.

    `session_id` is the token's for a program, whose `scopes` it has; a person has none and
    may do all. `problem` is what was wrong with the token.
    """

    user_id: UUID | None = None
    session_id: UUID | None = None
    admin: bool = False
    problem: str | None = None
    scopes: frozenset[ApiScope] | None = None

    @property
    def uses_api_token(self) -> bool:
        """Whether a program calls, by an API token."""
        return self.scopes is not None

    def require_user(self) -> UUID:
        """Return the user's id. Raises `NotSignedIn` for an anonymous caller or a bad token."""
        if self.user_id is None:
            raise NotSignedIn(self.problem or SIGN_IN)
        return self.user_id

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
