"""Who is asking."""

from dataclasses import dataclass
from uuid import UUID

from core.errors import NotSignedIn
from models.api_tokens import ApiScope


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
    def by_token(self) -> bool:
        """Whether a program calls, by an API token."""
        return self.scopes is not None

    @property
    def signed_in(self) -> UUID:
        """The user's id. `NotSignedIn` if the caller is nobody."""
        if self.user_id is None:
            raise NotSignedIn(self.problem or SIGN_IN)
        return self.user_id

    @property
    def user_or_nobody(self) -> UUID | None:
        """The user's id, if there is one. `NotSignedIn` for a token that is no good."""
        return self.signed_in if self.problem else self.user_id


NOBODY = Viewer()
SIGN_IN = "Sign in first: send an access token as `Authorization: Bearer …`."
