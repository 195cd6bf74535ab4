"""Enums of the domain `searches` in the GraphQL schema."""

from engine.enums import publish
from models.searches import SearchNotices

__all__ = ["SearchNotices"]

publish(
    SearchNotices,
    "When a user is notified of new offers that match a saved search.",
    INSTANT="At once, at most about ten times a day. Further offers are in the daily message.",
    DAILY="Once a day for all saved searches, at 9 o'clock in the user's time zone.",
    OFF="Never. New offers are counted and listed.",
)
