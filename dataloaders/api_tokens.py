"""Loaders of tokens for programs."""

from dataloaders.base import visible
from models.api_tokens import ApiToken
from services.api_tokens import visible_api_tokens

visible_api_token = visible(ApiToken, visible_api_tokens)
