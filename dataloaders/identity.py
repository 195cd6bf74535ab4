"""Loaders of people."""

from dataloaders.base import visible
from models.identity import User
from services.identity import visible_users

visible_user = visible(User, visible_users)
