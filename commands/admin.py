"""`haat admin`: the admins of the platform."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer

from commands.console import console, results, stop
from commands.database import run_in_transaction
from commands.start import read_sealer
from core.security.sealed import SealBroken, Sealer
from core.settings import Settings, read_settings
from core.text.email_addresses import normalize_email
from models.identity.accounts import User
from models.identity.admin_invitations import LastAdmin
from services.identity import admin_invitations
from services.identity.addresses.sealed_addresses import find_email
from services.identity.admin_invitations import ADMIN_LINK_PATH

Email = Annotated[str, typer.Argument(help="The email address of the account.")]
Account = Annotated[str, typer.Argument(help="The email address or the id of the account.")]

main = typer.Typer(no_args_is_help=True, help="Create, list and remove admins.")


@main.command()
def create(email: Email) -> None:
    """Print a link at PUBLIC_URL that makes an admin of an address, once, within an hour.

    On its page the person gives the password of the account, or chooses one for a new account. A
    second call for an address replaces the first link.
    """
    settings, address = read_settings(), _normal(email)
    if made := run_in_transaction(
        settings,
        lambda session: admin_invitations.invite_admin(session, read_sealer(settings), address),
    ):
        token, end = made
        console.print(f"Open this link before {end:%H:%M} UTC, to become an admin:")
        typer.echo(f"{settings.address}{ADMIN_LINK_PATH}#{token}")
    else:
        console.print(f"{address} is an admin already.")


@main.command("list")
def list_() -> None:
    """Print the email address, the name and the id of each admin."""
    settings = read_settings(Settings.for_tools)
    admins = run_in_transaction(settings, admin_invitations.list_admins)
    if admins:
        for line in _lines(read_sealer(settings), admins):
            typer.echo(line)
    else:
        console.print("There are no admins. Create one with `haat admin create EMAIL`.")


@main.command()
def remove(account: Account) -> None:
    """Take the rights of an admin away, within seconds. The account stays. So does the last admin.

    A link for the address ends too. An admin without an address has an id, see `haat admin list`.
    """
    settings, address = read_settings(Settings.for_tools), _id_of(account) or _normal(account)
    try:
        removed = run_in_transaction(
            settings,
            lambda session: admin_invitations.remove_admin(session, read_sealer(settings), address),
        )
    except LastAdmin:
        stop(f"{address} is the last admin. Create another one first, with `haat admin create`.")
    if removed.link:
        results.print(f"The link for {address} has ended.")
    if removed.admin:
        results.print(f"{address} is no admin any more.")
    elif not removed.link:
        stop(f"{address} is no admin. See `haat admin list`.")


def _lines(sealer: Sealer, admins: Sequence[User]) -> list[str]:
    """Return a line for each admin, sorted. Exits with status 2 if the keys are others."""
    try:
        return sorted(f"{find_email(sealer, one) or '-'}\t{one.name}\t{one.id}" for one in admins)
    except SealBroken as error:
        stop(f"KEYS_FILE is not the file of the servers. {error}", error)


def _id_of(account: str) -> UUID | None:
    try:
        return UUID(account)
    except ValueError:
        return None


def _normal(email: str) -> str:
    normal = normalize_email(email)
    if normal is None:
        stop(f"{email[:100]} is no email address. Give one such as asha@example.com.")
    return normal
