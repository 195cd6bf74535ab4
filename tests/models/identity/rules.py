"""The database constraints on accounts, sessions, tokens and invitations."""

from tests.models.sql import change, copy, one_line

RULES = [
    ("user_role_check", change("user", "role = 'KING'")),
    ("user_session_idle_until_check", change("user_session", "idle_until = ends_at + '1 s'")),
    ("user_session_confirmed_check", change("user_session", "confirmed = 1")),
    ("user_session_confirmed_check", change("user_session", "confirmed = -1")),
    ("user_session_successor_salt_check", change("user_session", "successor_salt = '1'")),
    ("revocation_revocationkind_check", change("revocation", "kind = 'VENDOR'")),
    ("api_token_name_check", change("api_token", "name = ''")),
    ("api_token_name_check", change("api_token", "name = repeat('x', 81)")),
    ("api_token_scopes_check", change("api_token", "scopes = '{}'")),
    ("api_token_scopes_check", change("api_token", "scopes = '{READ,ADMIN}'")),
    ("api_token_scopes_check", change("api_token", "scopes = '{READ,WRITE,READ}'")),
    ("api_token_expires_at_check", change("api_token", "expires_at = created_at")),
    ("registration_email_check", change("registration", "email = 'A@b.example'")),
    ("registration_email_length_check", change("registration", "email = repeat('x', 255)")),
    ("registration_name_check", change("registration", "name = ''")),
    ("registration_name_check", change("registration", "name = repeat('x', 81)")),
    ("registration_name_line_check", change("registration", "name = E'a\\nb'")),
    ("registration_locale_check", change("registration", "locale = repeat('x', 36)")),
    ("registration_tries_check", change("registration", "tries = -1")),
    ("registration_tries_check", change("registration", "tries = 6")),
    (
        "registration_used_at_check",
        change("registration", "used_at = expires_at + interval '1 second'"),
    ),
    ("registration_proofs_check", change("registration", "token_hash = NULL")),
    ("registration_proofs_check", change("registration", "code_hash = NULL")),
    ("registration_secret_hash_key", copy("registration", token_hash="\\x01")),
    ("registration_token_hash_key", copy("registration", secret_hash="\\x01")),
    ("admin_invitation_email_check", change("admin_invitation", "email = 'A@b.example'")),
    ("admin_invitation_email_length_check", change("admin_invitation", "email = repeat('x', 255)")),
    (
        "admin_invitation_used_at_check",
        change("admin_invitation", "used_at = expires_at + interval '1 second'"),
    ),
    ("admin_invitation_email_key", copy("admin_invitation", token_hash="\\x01")),
    ("admin_invitation_token_hash_key", copy("admin_invitation", email="b@haat.example")),
    ("known_network_network_hash_check", change("known_network", "network_hash = '1'")),
    ("user_email_key", change("user", "email = CASE WHEN id = id THEN 'A@b.example' END")),
    ("refresh_token_token_hash_key", copy("refresh_token")),
    ("api_token_token_hash_key", copy("api_token")),
    *one_line("user", "name"),
    # `api_token_name_check` refuses an empty name first.
    *one_line("api_token", "name")[:-1],
]
