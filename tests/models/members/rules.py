"""The database constraints on invitations of members, with SQL that violates each of them."""

from tests.models.sql import OTHER_LOOKUP, OTHER_NEXT_LOOKUP, change, copy, lookups

RULES = [
    *lookups("member_invitation"),
    ("member_invitation_locale_check", change("member_invitation", "locale = repeat('x', 36)")),
    ("member_invitation_memberrole_check", change("member_invitation", "role = ''")),
    (
        "member_invitation_invitationstate_check",
        change("member_invitation", "state = '', ended_at = now()"),
    ),
    ("member_invitation_ended_at_check", change("member_invitation", "state = 'REVOKED'")),
    ("member_invitation_ended_at_check", change("member_invitation", "ended_at = now()")),
    (
        "member_invitation_pending_key",
        copy("member_invitation", token_hash="\\x01", next_email_lookup=OTHER_NEXT_LOOKUP),
    ),
    (
        "member_invitation_next_pending_key",
        copy("member_invitation", token_hash="\\x01", email_lookup=OTHER_LOOKUP),
    ),
    (
        "member_invitation_token_hash_key",
        copy("member_invitation", email_lookup=OTHER_LOOKUP, next_email_lookup=OTHER_NEXT_LOOKUP),
    ),
]
