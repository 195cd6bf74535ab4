"""Loaders of tokens for programs."""

from engine.loaders import visible
from models.identity.api_tokens import ApiToken
from services.identity.api_tokens import visible_api_tokens

visible_api_token = visible(ApiToken, visible_api_tokens)
