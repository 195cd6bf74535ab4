"""Mutations that create credentials check that the user is there, not only an access token.

A credential outlives the access token that it was created with. If a mutation could create one
with the token alone, fifteen minutes of a stolen token would become access for good.
"""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from sqlmodel import SQLModel

import models.registry  # noqa: F401
from app import create_schema
from core.settings import HOME, Settings
from engine.limits.cost import field_metadata
from tests.test_architecture import sources

SECRETS = ("_hash", "secret", "credential_id", "public_key")
# Tables with such a column that give no access: why.
OTHERS = {
    "admin_invitation": "created by `haat admin create` alone",
    "cart": "token_hash leads to goods that anyone could choose, and to no account",
    "idempotency_key": "input_hash identifies a request",
    "known_network": "network_hash only makes the limits of log-in more generous",
    "payment": "client_secret pays for one order, by its buyer",
    "ticket_link": "shows the tickets that the mail of an order has attached",
    "sale_queue": "seed_hash lets anyone verify the draw",
    "redemption": "token_hash identifies the content of a QR code",
    "scan": "presented_hash identifies the content of a QR code",
    "scanner": "key_hash names the device of a member, who is signed in as well",
    "provider_call": "request_hash identifies a request",
    "user": "created by `verifyEmail` alone, before there is a session",
}
# Mutations that create credentials and are not fresh: why they need not be.
CHECKED = {
    "register": "keeps what the owner of the address must prove",
    "verifyEmail": "proves the address, and signs in",
    "requestPasswordReset": "keeps what the owner of the address must prove",
    "requestLoginCode": "keeps what the owner of the number must prove",
    "logInWithCode": "proves the number, and signs in",
    "undoChange": "proves the old address, whose owner gets a mail with a link for a new password",
    "logIn": "signs in with a password",
    "refreshSession": "spends a refresh token, and locks its session",
    "confirmSecondFactor": "proves the second factor of a sign-in",
    "logInWithPasskey": "signs in with a passkey",
    "startProvider": "keeps what the provider must prove",
    "logInWithProvider": "proves the account at a provider, and signs in",
    "startPasskey": "issues a challenge, which a passkey must sign",
    # A device ends with its session, whose row is locked and must be open. Apps register at
    # each start, so a password every ten minutes is out of the question.
    "registerDevice": "belongs to a session",
    "transferTicket": "the code accepts one ticket, which its holder can also show at the door",
}


def credentials() -> set[str]:
    """Return the tables that store a secret, or a session."""
    tables = SQLModel.metadata.tables.values()
    found = {
        table.name
        for table in tables
        if any(column.name.endswith(SECRETS) for column in table.columns)
    }
    return (found | {"user_session"}) - OTHERS.keys()


@cache
def functions() -> Mapping[str, list[ast.AST]]:
    """Return the functions, methods and statements of services and resolvers by name."""
    found: dict[str, list[ast.AST]] = {}
    for path in sources("services", "resolvers"):
        module = ast.parse(path.read_text())
        for node in ast.walk(module):
            if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef):
                found.setdefault(node.name, []).append(node)
        for node in module.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                found.setdefault(node.targets[0].id, []).append(node.value)
    return found


def names(node: ast.AST) -> Iterator[str]:
    """Yield the last names of what is called, of statements that are sent, and of what is passed
    to `insert`.
    """
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            match call.func, call.args:
                case ast.Attribute(value=ast.Name(id=sent)), _ if sent.isupper():
                    yield sent
                case ast.Name(id="insert"), [ast.Name(id=table)]:
                    yield table
            yield ast.unparse(call.func).rpartition(".")[2]


@cache
def called(function: str) -> frozenset[str]:
    """Return the names that the functions of a name call. Most are reached by many mutations."""
    return frozenset(name for node in functions().get(function, []) for name in names(node))


def reached(function: str) -> set[str]:
    """Return the names of all that a function calls, directly and through others."""
    seen: set[str] = set()
    waiting = [function]
    while waiting:
        new = called(waiting.pop()) - seen
        seen |= new
        waiting += new
    return seen


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def creating() -> set[str]:
    """Return the mutations that create a row of a table with credentials."""
    classes = {
        mapper.class_.__name__
        for mapper in SQLModel._sa_registry.mappers
        if mapper.class_.__tablename__ in credentials()
    }
    return {name for name in mutations() if reached(snake(name)) & classes}


@cache
def mutations() -> Mapping[str, Any]:
    root: Any = create_schema(Settings())._schema.mutation_type
    return {name: field_metadata(field) for name, field in root.fields.items()}


def test_what_creates_credentials_is_fresh_or_checks_the_session() -> None:
    fresh = {name for name, metadata in mutations().items() if metadata["fresh"]}
    assert creating() - fresh == CHECKED.keys()
    assert "createApiToken" in creating() & fresh, "the search finds something"


def test_every_table_of_credentials_is_known() -> None:
    assert credentials() == {
        "user_session",
        "refresh_token",
        "api_token",
        "device",
        "registration",
        "password_reset",
        "email_change",
        "phone_challenge",
        "totp",
        "recovery_code",
        "factor_challenge",
        "passkey",
        "provider_flow",
        "member_invitation",
        "data_export",
        "account_deletion",
        "ticket_transfer",
        "calendar_feed",
        "waiting_room_display",
    }


def test_a_fresh_mutation_opens_the_transaction_that_checks_the_session() -> None:
    for name, metadata in mutations().items():
        if metadata["fresh"]:
            (resolver,) = [
                node
                for path in (HOME / "resolvers").rglob("*.py")
                for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.AsyncFunctionDef) and node.name == snake(name)
            ]
            # A service that asks a provider in between is handed the function that opens one.
            assert any(
                isinstance(node, ast.Attribute) and node.attr == "transaction"
                for node in ast.walk(resolver)
            )


@pytest.mark.parametrize("name", ["createApiToken", "registerDevice", "logIn"])
def test_the_search_follows_services(name: str) -> None:
    assert name in creating()
