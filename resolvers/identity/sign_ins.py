"""The parts of the server, and the facts of the caller, that sign-ins need."""

from engine.context import Context
from schema.identity.inputs import LogInPayload
from schema.identity.types import SecondFactor, Session, User
from services.identity.factors.factors import SecondFactor as SecondFactorStep
from services.identity.sessions.sessions import Tokens
from services.identity.sign_ins.sign_ins import SignIn


def sign_in_of(context: Context) -> SignIn:
    app = context.app
    return SignIn(
        transaction=context.transaction,
        sealer=app.sealer,
        keys=app.keys,
        lifetimes=app.lifetimes,
        party=app.settings.relying_party,
        limits=app.factor_limits,
        address=context.address,
        allowance=context.redis_allowance,
    )


def first_step_payload(context: Context, step: Tokens | SecondFactorStep) -> LogInPayload:
    """Return the session, or the second factor that is still needed, without the viewer."""
    if isinstance(step, SecondFactorStep):
        return LogInPayload(second_factor=SecondFactor(**vars(step)))
    context.signed_in_user_id = step.user.id
    return LogInPayload(session=Session.from_tokens(step), viewer=User.wrap(step.user))
