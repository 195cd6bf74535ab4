"""Loaders of suspensions of users and changes of admins."""

from sqlmodel import col

from core.statements.selected import select_columns
from core.statements.statement import Statement, any_of
from engine.loaders import one_each, visible
from models.admins.changes import AdminChange
from models.admins.impersonations import Impersonation
from models.admins.suspensions import UserSuspension
from services.admins.changes import visible_admin_changes
from services.admins.impersonations import visible_impersonations

_OPEN_SUSPENSIONS = select_columns(UserSuspension).where(
    col(UserSuspension.ended_at).is_(None), any_of(col(UserSuspension.user_id))
)

suspension_of_user = one_each(Statement(_OPEN_SUSPENSIONS, UserSuspension), "user_id")
visible_impersonation = visible(Impersonation, visible_impersonations)
visible_admin_change = visible(AdminChange, visible_admin_changes)
