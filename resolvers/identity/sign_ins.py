"""The parts of the server, and the facts of the caller, that sign-ins need."""

from typing import Any

from engine.context import Context
from schema.identity.inputs import LogInPayload
from schema.identity.types import SecondFactor, Session, User
from services.identity.factors.factors import SecondFactor as SecondFactorStep
from services.identity.sessions.sessions import AuthenticatedUser, Tokens
from services.identity.sign_ins.sign_ins import SignIn


def caller_of(context: Context) -> dict[str, Any]:
    """Return what the limits of passwords and codes need to know of the caller."""
    return {
        "address": context.address,
        "allowance": context.redis_allowance,
        "is_gone": context.is_gone,
    }


async def authenticate(context: Context, email: str, password: str) -> AuthenticatedUser:
    """Compare the password, unless too many attempts have failed."""
    return await context.app.log_in.authenticate(email, password, **caller_of(context))


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
