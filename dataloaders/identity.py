"""Loaders of people."""

from engine.loaders import by_id, visible
from models.identity.accounts import User
from services.identity.accounts import visible_users

user_by_id = by_id(User)
visible_user = visible(User, visible_users)
