"""The content of a voucher's QR code, and the vendor's setting of rotating codes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from core.security.rotating_codes import matching_steps, split_scanned
from core.security.signing_keys import BadSignature, SigningKeys, TokenExpired, WrongType
from models.fraud.settings import RotationMode
from models.redemptions import RedemptionReason
from services.fraud.facts import SETTINGS
from services.redemptions.rotation import CodeVerdict, judge_code


@dataclass(frozen=True)
class ScannedVoucher:
    """The content of a QR code, or the reason for which it is refused. `rotating` is its code."""

    voucher_id: UUID | None = None
    generation: int | None = None
    rotating: str | None = None
    reason: RedemptionReason | None = None

    def judge_code(
        self, keys: SigningKeys, mode: RotationMode, at: datetime, last_step: int | None = None
    ) -> CodeVerdict:
        """Return the verdict on the rotating code as of a time."""
        steps = None
        rotates = mode is not RotationMode.OFF and self.rotating is not None
        if rotates and self.voucher_id is not None and self.generation is not None:
            steps = matching_steps(keys, self.voucher_id, self.generation, self.rotating or "", at)
        return judge_code(mode, steps, last_step)


def read_scanned(keys: SigningKeys, scanned: str) -> ScannedVoucher:
    token, rotating = split_scanned(scanned)
    try:
        return ScannedVoucher(*keys.read_voucher(token), rotating)
    except WrongType:
        return ScannedVoucher(reason=RedemptionReason.WRONG_TYPE)
    except (BadSignature, TokenExpired):
        return ScannedVoucher(reason=RedemptionReason.BAD_SIGNATURE)


async def find_rotation(connection: asyncpg.Connection, vendor_id: UUID) -> RotationMode:
    """Return the setting of a vendor, of the platform, or OFF."""
    settings = await SETTINGS.fetch_one(connection, vendor_id=vendor_id)
    return settings.rotation if settings else RotationMode.OFF
