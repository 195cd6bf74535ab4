"""The kinds of links that prove who the caller is."""

from enum import StrEnum


class AuthLinkPurpose(StrEnum):
    """The mutation that a link is made for."""

    VERIFY_EMAIL = "VERIFY_EMAIL"
    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105 - no secret
    CHANGE_EMAIL = "CHANGE_EMAIL"
    UNDO_CHANGE = "UNDO_CHANGE"
    ACCEPT_ADMIN = "ACCEPT_ADMIN"
    ACCEPT_INVITATION = "ACCEPT_INVITATION"
    DOWNLOAD_DATA = "DOWNLOAD_DATA"
    CANCEL_DELETION = "CANCEL_DELETION"
