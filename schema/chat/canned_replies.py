"""Texts that a vendor's members send often."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from core.errors import BadInput
from core.text.search_text import folded
from dataloaders.chat import visible_canned_reply
from dataloaders.vendors import vendor_by_id
from engine.types import Rows, column, related
from models.chat import canned_replies as rows
from schema.lazy import LazyVendor


@strawberry.type(description="A text that a vendor sends often. Visible to its members and admins.")
class CannedReply(Rows[rows.CannedReply], relay.Node, access=visible_canned_reply):
    id: relay.NodeID[UUID]
    title: str = column("The title to find the reply by.")
    text: str = column("The text to send.")
    created_at: datetime = column("The time at which the reply was first saved.")
    vendor: LazyVendor = related(vendor_by_id, by="vendor_id", description="The vendor.")


def with_title_prefix(
    replies: Sequence[rows.CannedReply], prefix: str | None
) -> Sequence[rows.CannedReply]:
    """Return the replies whose title starts with `prefix`, whatever its case and accents.

    Raises `BadInput` for a prefix that is longer than a title can be.
    """
    if prefix is None:
        return replies
    if len(prefix) > rows.MAX_TITLE_LENGTH:
        raise BadInput(
            "Must have at most {max_length} characters.", max_length=rows.MAX_TITLE_LENGTH
        )
    sought = folded(prefix)
    if prefix.strip() and not sought:
        return []
    return [reply for reply in replies if folded(reply.title).startswith(sought)]
