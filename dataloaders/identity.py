"""Loaders of users, their sessions and API tokens."""

from engine.loaders import by_id, visible
from models.identity.accounts import User, UserSession
from models.identity.api_tokens import ApiToken
from services.identity.api_tokens import visible_api_tokens
from services.identity.session_list import visible_sessions
from services.identity.visibility import visible_users

user_by_id = by_id(User)
visible_user = visible(User, visible_users)
visible_session = visible(UserSession, visible_sessions)
visible_api_token = visible(ApiToken, visible_api_tokens)
