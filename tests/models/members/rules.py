"""The database constraints on invitations of members, with SQL that violates each of them."""

from tests.models.sql import change, copy

RULES = [
    ("member_invitation_email_check", change("member_invitation", "email = 'A@b.example'")),
    (
        "member_invitation_email_length_check",
        change("member_invitation", "email = repeat('x', 255)"),
    ),
    ("member_invitation_locale_check", change("member_invitation", "locale = repeat('x', 36)")),
    ("member_invitation_memberrole_check", change("member_invitation", "role = ''")),
    (
        "member_invitation_invitationstate_check",
        change("member_invitation", "state = '', ended_at = now()"),
    ),
    ("member_invitation_ended_at_check", change("member_invitation", "state = 'REVOKED'")),
    ("member_invitation_ended_at_check", change("member_invitation", "ended_at = now()")),
    ("member_invitation_pending_key", copy("member_invitation", token_hash="\\x01")),
    ("member_invitation_token_hash_key", copy("member_invitation", email="b@haat.example")),
]
