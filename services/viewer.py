"""The caller of a request, and the checks that every request may need."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, SQLColumnExpression, Uuid, bindparam

from core.errors import NotAllowed, NotSignedIn
from models.identity.api_tokens import ApiScope

# The viewer's id in statements that are written once, or null if the viewer is anonymous.
VIEWER_ID: BindParameter[UUID] = bindparam("viewer_id", type_=Uuid())
VIEWER_PARAMETERS = frozenset({"viewer_id", "viewer_session_id"})

# A user by id, or a column of user ids in a statement that checks many users at once.
UserRef = UUID | SQLColumnExpression[UUID] | None


@dataclass(frozen=True)
class Impersonator:
    """The admin who acts as the viewer, until a time."""

    admin_id: UUID
    until: datetime


@dataclass(frozen=True)
class Viewer:
    """A signed-in user, a program with a user's API token, or an anonymous client.

    A program's `session_id` is its API token's id and its `scopes` are the token's; a signed-in
    user is not limited by scopes. `problem` is why a token was refused, and `ended_session_id` the
    session of an access token whose session has ended. `enrolling` is the user of a token that only
    allows to set up a second factor: for all else, the viewer is not allowed to do anything.
    `impersonator` is the admin who uses the account of the viewer.
    """

    user_id: UUID | None = None
    session_id: UUID | None = None
    admin: bool = False
    problem: str | None = None
    scopes: frozenset[ApiScope] | None = None
    ended_session_id: UUID | None = None
    enrolling: "Viewer | None" = None
    impersonator: Impersonator | None = None

    @classmethod
    def only_enrolling(cls, user_id: UUID, session_id: UUID) -> "Viewer":
        return cls(problem=FACTOR_NEEDED, enrolling=cls(user_id, session_id))

    @cached_property
    def kind(self) -> "Viewer":
        """Return a viewer whose ids are parameters: what access queries write for all of a kind.

        Viewers are of one kind if an access query cannot distinguish them but by their ids.
        """
        impersonated = self.impersonator is not None
        return _kind(self.user_id is not None, self.admin, self.problem, self.scopes, impersonated)

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """Return the values of the parameters of `kind`."""
        return {"viewer_id": self.user_id, "viewer_session_id": self.session_id}

    @property
    def uses_api_token(self) -> bool:
        return self.scopes is not None

    def require_user(self) -> UUID:
        """Return the user's id. Raises `NotSignedIn` for an anonymous caller or a bad token.

        Raises `NotAllowed` for a user who must set up a second factor first.
        """
        if self.enrolling is not None:
            raise NotAllowed(FACTOR_NEEDED)
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
        """Return the user's id, or None if anonymous. Raises `NotSignedIn` for a bad token."""
        return self.require_user() if self.problem else self.user_id

    def missing_scope(self, *, write: bool) -> ApiScope | None:
        """Return the API token's missing scope for a read or write, if any."""
        needed = ApiScope.WRITE if write else ApiScope.READ
        return needed if self.scopes is not None and needed not in self.scopes else None


@dataclass(frozen=True)
class Freshness:
    """The requirements of a sensitive act on its session, beside a proof within ten minutes.

    An act that `enrols` is also allowed in the session of a recovery code, once. `again`: signing
    in with the second factor does not suffice. A thief of a session could otherwise add a factor
    right after the sign-in, which no new password removes. `with_admins`: an act that locks all
    admins. They are locked together with the viewer, in the order of their ids.
    """

    enrols: bool = False
    again: bool = False
    with_admins: bool = False


@lru_cache(maxsize=256)
def _kind(
    signed_in: bool,
    admin: bool,
    problem: str | None,
    scopes: frozenset[ApiScope] | None,
    impersonated: bool,
) -> Viewer:
    """Return a viewer of a kind. `problem` is a sentence of ours, of at most 200 characters."""
    user: Any = VIEWER_ID if signed_in else None
    session: Any = bindparam("viewer_session_id", type_=Uuid())
    impersonator = ANY_IMPERSONATOR if impersonated else None
    return Viewer(user, session, admin, problem, scopes, impersonator=impersonator)


ANONYMOUS = Viewer()
ANY_IMPERSONATOR = Impersonator(UUID(int=0), datetime.max.replace(tzinfo=UTC))
FACTOR_NEEDED = "For this account, a second factor is required. Set one up to continue."
SIGN_IN = "Sign in to continue."
ADMINS_ONLY = "Only admins can do this."
