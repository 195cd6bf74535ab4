"""Enums of the domain `gifts` in the GraphQL schema."""

from engine.enums import publish
from models.gifts import GiftState

__all__ = ["GiftState"]

publish(
    GiftState,
    "The state of a gift of a voucher.",
    OFFERED="The receiver can accept it.",
    ACCEPTED="The receiver has the voucher.",
    DECLINED="The receiver declined it.",
    WITHDRAWN="The giver withdrew it.",
    LAPSED="It was not accepted in time.",
)
