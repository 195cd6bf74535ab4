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
        lifetimes=context.lifetimes,
        party=app.settings.relying_party,
        limits=app.factor_limits,
        address=context.address,
        allowance=context.redis_allowance,
    )


async def first_step_payload(context: Context, step: Tokens | SecondFactorStep) -> LogInPayload:
    """Return the session, or the second factor that is still needed, without the viewer."""
    if isinstance(step, SecondFactorStep):
        return LogInPayload(second_factor=SecondFactor(**vars(step)))
    return LogInPayload(session=await session_payload(context, step), viewer=User.wrap(step.user))


async def session_payload(context: Context, tokens: Tokens) -> Session | None:
    """Return the tokens of a user who has signed in, or set the cookie in browser mode."""
    context.signed_in_user_id = tokens.user.id
    if tokens.cookie is None:
        return Session.from_tokens(tokens)
    await context.keep_cookie(tokens.cookie)
    return None
