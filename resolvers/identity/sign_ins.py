"""The parts of the server, and the facts of the caller, that sign-ins need."""

from engine.context import Context
from services.i18n import language_of
from services.identity.second_factor import SignIn


def sign_in_of(context: Context) -> SignIn:
    app = context.app
    return SignIn(
        transaction=context.transaction,
        sealer=app.sealer,
        keys=app.keys,
        lifetimes=app.lifetimes,
        party=app.settings.relying_party,
        address=context.address,
        locale=language_of(context.locales),
    )
