"""The caller of a request, and the checks that every request may need."""

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, SQLColumnExpression, Uuid, bindparam

from core.errors import NotAllowed, NotSignedIn
from models.scopes import ApiScope

# The viewer's id in statements that are written once, or null if the viewer is anonymous.
VIEWER_ID: BindParameter[UUID] = bindparam("viewer_id", type_=Uuid())
# The vendor that the viewer acts for, and the viewer's id if they act for any: the memberships that
# count. The vendor is null for viewers who act for all of theirs.
VIEWER_VENDOR_ID: BindParameter[UUID] = bindparam("viewer_vendor_id", type_=Uuid())
VIEWER_MEMBER_ID: BindParameter[UUID] = bindparam("viewer_member_id", type_=Uuid())
VIEWER_PARAMETERS = frozenset(
    {"viewer_id", "viewer_session_id", "viewer_vendor_id", "viewer_member_id"}
)

# A user by id, or a column of user ids in a statement that checks many users at once.
UserRef = UUID | SQLColumnExpression[UUID] | None


@dataclass(frozen=True)
class Staff:
    """A member of vendors who acts for one of them, or for all if that is null."""

    user: UserRef
    vendor: UUID | SQLColumnExpression[UUID]


# The memberships that count: all of a user, that of one vendor, or none.
StaffRef = UserRef | Staff
VIEWER_STAFF = Staff(VIEWER_MEMBER_ID, VIEWER_VENDOR_ID)


@dataclass(frozen=True)
class Acting:
    """The role of a browser session: for a vendor, or as a customer or an admin, for none.

    `until` is when it ends, in seconds since 1970.
    """

    vendor_id: UUID | None = None
    until: float | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Viewer:
    """A signed-in user, a program with a user's API token, or an anonymous client.

    A program's `session_id` is its API token's id and its `scopes` are the token's; a signed-in
    user is not limited by scopes. `problem` is why a token was refused, and `ended_session_id` the
    session of an access token whose session has ended. `enrolling` is the user of a token that only
    allows to set up a second factor: for all else, the viewer is not allowed to do anything.
    In browser mode, `acting` is the role, which limits the memberships that count; with a token, it
    is None, and all count.
    """

    user_id: UUID | None = None
    session_id: UUID | None = None
    admin: bool = False
    problem: str | None = None
    scopes: frozenset[ApiScope] | None = None
    ended_session_id: UUID | None = None
    enrolling: "Viewer | None" = None
    acting: Acting | None = None

    @classmethod
    def only_enrolling(
        cls, user_id: UUID, session_id: UUID, acting: Acting | None = None
    ) -> "Viewer":
        enrolling = cls(user_id, session_id, acting=acting)
        return cls(problem=FACTOR_NEEDED, enrolling=enrolling)

    @cached_property
    def kind(self) -> "Viewer":
        """Return a viewer whose ids are parameters: what access queries write for all of a kind.

        Viewers are of one kind if an access query cannot distinguish them but by their ids.
        """
        acts = None if self.acting is None else self.acting.vendor_id is not None
        return _kind(self.user_id is not None, self.admin, self.problem, self.uses_api_token, acts)

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """Return the values of the parameters of `kind`."""
        vendor_id = self.acting.vendor_id if self.acting else None
        return {
            "viewer_id": self.user_id,
            "viewer_session_id": self.session_id,
            "viewer_vendor_id": vendor_id,
            "viewer_member_id": self.user_id if self.acting is None or vendor_id else None,
        }

    @property
    def staff(self) -> StaffRef:
        """Return whose memberships count, for the predicates of `services/vendors/access.py`."""
        if self.acting is None:
            return self.user_id
        vendor_id = self.acting.vendor_id
        return None if vendor_id is None else Staff(self.user_id, vendor_id)

    def acts_at(self, vendor_id: UUID) -> bool:
        """Return whether a membership of the viewer at the vendor counts."""
        return self.acting is None or self.acting.vendor_id == vendor_id

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


@dataclass(frozen=True)
class Freshness:
    """The requirements of a sensitive act on its session, beside a proof within ten minutes.

    An act that `enrols` is also allowed in the session of a recovery code, once. `again`: signing
    in with the second factor does not suffice. A thief of a session could otherwise add a factor
    right after the sign-in, which no new password removes.
    """

    enrols: bool = False
    again: bool = False


@lru_cache(maxsize=256)
def _kind(
    signed_in: bool,
    admin: bool,
    problem: str | None,
    uses_api_token: bool,
    acts_for_vendor: bool | None,
) -> Viewer:
    """Return a viewer of a kind. `problem` is a sentence of ours, of at most 200 characters.

    Scopes are checked before rows are read, so programs are of one kind, whatever theirs are.
    """
    user: Any = VIEWER_ID if signed_in else None
    session: Any = bindparam("viewer_session_id", type_=Uuid())
    scopes = frozenset[ApiScope]() if uses_api_token else None
    vendor: Any = VIEWER_VENDOR_ID if acts_for_vendor else None
    acting = None if acts_for_vendor is None else Acting(vendor)
    return Viewer(user, session, admin, problem, scopes, acting=acting)


ANONYMOUS = Viewer()
FACTOR_NEEDED = "For this account, a second factor is required. Set one up to continue."
SIGN_IN = "Sign in to continue."
ADMINS_ONLY = "Only admins can do this."
