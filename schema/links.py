"""Links to files of the server."""

from datetime import datetime

import strawberry

from engine.address_scalars import URL
from engine.context import Info
from services.links import SignedLink


@strawberry.type(description="A link that works until a time, for the viewer alone.")
class ExpiringLink:
    url: URL = strawberry.field(description="The link.")
    expires_at: datetime = strawberry.field(description="The time at which it ends.")


def expiring(info: Info, path: str, link: SignedLink) -> ExpiringLink:
    url = URL(f"{info.context.app.settings.address}{link.under(path)}")
    return ExpiringLink(url=url, expires_at=link.expires_at)
