"""Loaders of people."""

from dataloaders.base import by_id, visible
from models.identity import User
from services.identity import visible_users

user_by_id = by_id(User)
visible_user = visible(User, visible_users)
