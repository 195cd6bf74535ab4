"""Imports every module with tables and refusals, for code that needs all of them."""

from models import idempotency, journal, redemptions, uploads, vendors
from models.chat import canned_replies, contacts, conversations, hours, messages, reports
from models.identity import accounts, api_tokens
from models.notifications import deliveries, devices, inbox, preferences
from models.offers import offers

__all__ = [
    "accounts",
    "api_tokens",
    "canned_replies",
    "contacts",
    "conversations",
    "deliveries",
    "devices",
    "hours",
    "idempotency",
    "inbox",
    "journal",
    "messages",
    "offers",
    "preferences",
    "redemptions",
    "reports",
    "uploads",
    "vendors",
]
