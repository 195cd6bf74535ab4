"""Loaders of promo codes and of the numbers of their uses."""

from sqlalchemy import BigInteger, cast, select
from sqlmodel import col, distinct, func

from core.statements.selected import AnySelect, Match
from engine.loaders import valued, visible
from models.promos.codes import PromoCode, PromoUse
from services.promos.access import visible_promo_codes


def _users(matches: Match) -> AnySelect:
    code_id = col(PromoUse.promo_code_id)
    users = func.count(distinct(col(PromoUse.user_id)))
    return select(code_id, users).where(matches(code_id)).group_by(code_id)


def _discounted(matches: Match) -> AnySelect:
    code_id = col(PromoUse.promo_code_id)
    amount = cast(func.sum(PromoUse.amount), BigInteger)
    return select(code_id, amount).where(matches(code_id)).group_by(code_id)


visible_promo_code = visible(PromoCode, visible_promo_codes)
users_of_code = valued(_users, 0)
discounted_by_code = valued(_discounted, 0)
