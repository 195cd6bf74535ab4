"""Suspensions of users, changes of admins, and impersonations."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.admins import visible_admin_change, visible_impersonation
from dataloaders.identity import user_by_id
from engine.types import Rows, column, related
from models.admins import changes, impersonations, suspensions
from schema.admins.enums import AdminAct, AdminChangeState
from schema.lazy import LazyUser


@strawberry.type(description="A time during which a user cannot sign in. Visible to admins.")
class UserSuspension(Rows[suspensions.UserSuspension]):
    reason: str = column("The reason, which the user has got by mail.")
    since: datetime = column("The time at which it began.", of="created_at")
    until: datetime | None = column(
        "The time at which it ends by itself. Null if it lasts until an admin ends it."
    )
    admin: LazyUser = related(
        user_by_id, by="admin_id", description="The admin who suspended the user."
    )


@strawberry.type(
    description="A change of a user's rights, which one admin requests and another one confirms"
    " within 24 hours. Visible to admins."
)
class AdminChange(Rows[changes.AdminChange], relay.Node, access=visible_admin_change):
    id: relay.NodeID[UUID]
    request: AdminAct = column("The change that was requested.", of="act")
    state: AdminChangeState = column("Its state.")
    user: LazyUser = related(user_by_id, by="user_id", description="The user whose rights change.")
    requester: LazyUser = related(
        user_by_id, by="requester_id", description="The admin who requested it."
    )
    decider: LazyUser | None = related(
        user_by_id,
        by="decider_id",
        description="The admin who confirmed or withdrew it. Null while it is open, or if it has"
        " expired.",
    )
    created_at: datetime = column("The time of the request.")
    expires_at: datetime = column("The time until which it can be confirmed.")
    ended_at: datetime | None = column("The time at which it was decided, or expired.")


@strawberry.type(
    description="The use of a user's account by an admin, who reads what the user sees. Visible to"
    " admins."
)
class Impersonation(Rows[impersonations.Impersonation], relay.Node, access=visible_impersonation):
    id: relay.NodeID[UUID]
    user: LazyUser = related(user_by_id, by="user_id", description="The user whose account it is.")
    admin: LazyUser = related(
        user_by_id, by="admin_id", description="The admin who uses the account."
    )
    reason: str = column("The reason, which the user reads in a mail at the end.")
    since: datetime = column("The time at which it began.", of="created_at")
    until: datetime = column("The time at which it ends by itself.")
    ended_at: datetime | None = column("The time at which it ended. Null until then.")
