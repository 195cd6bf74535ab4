"""Loaders of files that are sold, of rights to them, and of license keys."""

from typing import Any

from sqlalchemy import select
from sqlmodel import col

from core.statements.selected import AnySelect, Selected, columns_of
from core.statements.statement import any_of
from engine.loaders import by_id, children, grouped, visible
from models.downloads.assets import AssetState, DigitalAsset
from models.downloads.grants import Download, DownloadGrant
from models.downloads.keys import LicenseKey
from services.downloads.access import (
    visible_assets,
    visible_downloads,
    visible_grants,
    visible_keys,
)
from services.viewer import Viewer


def _files(viewer: Viewer, selected: Selected | None) -> AnySelect:
    """Select the files of variants that the viewer can see, in their order."""
    columns = columns_of(DigitalAsset, selected, "variant_id")
    seen: Any = visible_assets(viewer).with_only_columns(col(DigitalAsset.id))
    files = select(*columns).where(
        any_of(col(DigitalAsset.variant_id)),
        col(DigitalAsset.state) != AssetState.REMOVED,
        col(DigitalAsset.id).in_(seen),
    )
    return files.order_by(col(DigitalAsset.position), col(DigitalAsset.id))


def _grants(viewer: Viewer, selected: Selected | None) -> AnySelect:
    """Select the rights of lines that the viewer can see, in their order."""
    columns = columns_of(DownloadGrant, selected, "line_id")
    seen: Any = visible_grants(viewer).with_only_columns(col(DownloadGrant.id))
    grants = select(*columns).where(
        any_of(col(DownloadGrant.line_id)), col(DownloadGrant.id).in_(seen)
    )
    return grants.order_by(col(DownloadGrant.created_at), col(DownloadGrant.id))


asset_by_id = by_id(DigitalAsset)
visible_asset = visible(DigitalAsset, visible_assets)
visible_grant = visible(DownloadGrant, visible_grants)
visible_attempt = visible(Download, visible_downloads)
visible_key = visible(LicenseKey, visible_keys)
files_of_variant = grouped(DigitalAsset, "variant_id", _files)
grants_of_line = grouped(DownloadGrant, "line_id", _grants)
keys_of_line = children(LicenseKey, "line_id", visible_keys)
