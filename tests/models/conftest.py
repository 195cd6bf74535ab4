"""A row in every table, and SQL that goes past the code."""

from datetime import time, timedelta

import pytest

from core.clock import now
from models.audit import AuditAct
from models.identity.accounts import RefreshToken, UserSession
from models.identity.admin_invitations import AdminInvitation
from models.identity.api_tokens import ApiScope, ApiToken
from models.identity.known_networks import KnownNetwork
from models.identity.revocations import Revocation, RevocationKind
from models.notifications.deliveries import Delivery
from models.notifications.inbox import Channel, NotificationKind
from models.notifications.preferences import NotificationPreference, QuietHours
from models.pictures import OfferPicture, VendorImage, VendorImageKind
from models.quotas import DailyAct, DailyUse
from models.redemptions import RedemptionOutcome, RedemptionReason, VoucherState
from models.uploads import UploadQuota
from services.audit.entries import build_entry
from services.viewer import ANONYMOUS
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.models.chat.rows import conversation_rows


@pytest.fixture(scope="module")
async def peopled(module_world: World) -> World:
    """One row in each table that has rules, and two where one must differ from another."""
    world = module_world
    till, moment = await Till.open(world, claimed=1), now()
    session = UserSession(user_id=till.customer.id)
    voucher = await till.voucher(state=VoucherState.REDEEMED, redeemed_at=moment)
    await world.redemption(
        till.vendor,
        voucher,
        outcome=RedemptionOutcome.APPROVED,
        reason=RedemptionReason.APPROVED,
        created_at=moment,
        latitude=12.9,
        longitude=77.5,
    )
    await world.like(till.offer, till.customer)
    await world.upload(till.customer)
    await world.save(
        VendorImage(
            vendor_id=till.vendor.id,
            kind=VendorImageKind.LOGO,
            upload_id=(await world.picture(till.customer)).id,
        ),
        OfferPicture(offer_id=till.offer.id, upload_id=(await world.picture(till.customer)).id),
    )
    await world.category(parent=await world.category())
    kind = NotificationKind.VOUCHER_REDEEMED
    await world.save(
        session,
        Revocation(kind=RevocationKind.SESSION, subject_id=session.id),
        RefreshToken(session_id=session.id, token_hash=b"h", expires_at=now() + timedelta(1)),
        ApiToken(
            user_id=till.customer.id,
            name="Till",
            prefix="haat_",
            token_hash=b"h",
            scopes=[ApiScope.READ],
        ),
        UploadQuota(user_id=till.customer.id, day=moment.date(), bytes=1),
        *conversation_rows(till),
        KnownNetwork(user_id=till.customer.id, network_hash=bytes(32)),
        DailyUse(user_id=till.customer.id, act=DailyAct.REPORT, day=moment.date()),
    )
    await world.registration()
    await world.save(AdminInvitation(email="new@haat.example", token_hash=b"h"))
    await world.save(build_entry(ANONYMOUS, AuditAct.LOG_OUT))
    device = await world.device(till.customer)
    notification = await world.notification(till.customer)
    channel = Channel.PUSH
    await world.save(
        Delivery(notification_id=notification.id, channel=channel, device_id=device.id),
        NotificationPreference(user_id=till.customer.id, kind=kind, channel=channel, allowed=False),
        QuietHours(user_id=till.customer.id, starts_at=time(22), ends_at=time(7), time_zone="UTC"),
    )
    return world
