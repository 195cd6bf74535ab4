"""Loaders of packs, and of what vendors have of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from core.statements.selected import AnySelect, Selected, columns_of
from core.statements.statement import any_of
from engine.loaders import Loader, by_id, grouped, in_session, visible
from models.packs.grants import PackGrant, QuotaUse
from models.packs.packs import Pack, PackPrice
from models.packs.subscriptions import PackPeriod, PackSubscription
from services.packs.access import (
    visible_grants,
    visible_packs,
    visible_subscriptions,
    visible_uses,
)
from services.packs.balance import QuotaBalance, find_quotas
from services.viewer import Viewer


def _prices(_: object, selected: Selected | None) -> AnySelect:
    rows = select(*columns_of(PackPrice, selected, "pack_id"))
    return rows.where(any_of(col(PackPrice.pack_id))).order_by(col(PackPrice.currency))


def _periods(_: object, selected: Selected | None) -> AnySelect:
    rows = select(*columns_of(PackPeriod, selected, "pack_subscription_id"))
    of_keys = any_of(col(PackPeriod.pack_subscription_id))
    return rows.where(of_keys).order_by(col(PackPeriod.starts_at).desc())


def _grants(viewer: Viewer, selected: Selected | None) -> AnySelect:
    seen: Any = visible_grants(viewer).with_only_columns(col(PackGrant.id))
    rows = select(*columns_of(PackGrant, selected, "purchase_id"))
    return rows.where(any_of(col(PackGrant.purchase_id)), col(PackGrant.id).in_(seen))


pack_by_id = by_id(Pack)
quotas_of_vendor: Loader[UUID, Sequence[QuotaBalance]] = Loader(in_session(find_quotas), ())
visible_pack = visible(Pack, visible_packs)
visible_pack_grant = visible(PackGrant, visible_grants)
grants_of_purchase = grouped(PackGrant, "purchase_id", _grants)
visible_quota_use = visible(QuotaUse, visible_uses)
visible_pack_subscription = visible(PackSubscription, visible_subscriptions)
prices_of_pack = grouped(PackPrice, "pack_id", _prices)
periods_of_subscription = grouped(PackPeriod, "pack_subscription_id", _periods)
