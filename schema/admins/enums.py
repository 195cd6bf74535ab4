"""Enums of the domain `admins` in the GraphQL schema."""

from engine.enums import publish
from models.admins.changes import AdminAct, AdminChangeState

__all__ = ["AdminAct", "AdminChangeState"]

publish(
    AdminAct,
    "A change of a user's rights.",
    GRANT="The user becomes an admin.",
    REVOKE="The admin becomes a user.",
)

publish(
    AdminChangeState,
    "The state of a change of admins.",
    REQUESTED="It waits for a second admin.",
    CONFIRMED="A second admin has confirmed it, so it was made.",
    WITHDRAWN="An admin has withdrawn it.",
    EXPIRED="No second admin has confirmed it within 24 hours.",
)
