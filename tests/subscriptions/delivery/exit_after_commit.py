"""Redeems a voucher in a process that exits after the commit, before it publishes."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import models.registry  # noqa: F401 - rows refer to tables that a till knows nothing of
from core.database import Database
from core.redis.pubsub import PubSub
from core.redis.timeouts import RedisAllowance
from core.security.key_file import NOT_ENCRYPTED
from core.security.signing_keys import SigningKeys
from models.redemptions.requests import RedemptionRequest
from services.fraud.assessing import RiskCheck
from services.fraud.counters import FraudCounters
from services.redemptions.redeem import redeem_voucher
from services.transaction import Transactions
from services.viewer import Viewer


class ExitingPubSub(PubSub):
    def publish(self, grown: Mapping[str, int]) -> None:
        assert grown
        os._exit(9)


async def redeem(database_url: str, keys: str, vendor_id: str, user_id: str, token: str) -> None:
    transactions = Transactions(Database(database_url), ExitingPubSub("redis://127.0.0.1:1"))
    async with transactions.begin_prepared() as unit:
        await redeem_voucher(
            unit,
            Viewer(UUID(user_id)),
            SigningKeys.load(Path(keys), NOT_ENCRYPTED),
            vendor_id=UUID(vendor_id),
            presented=RedemptionRequest(token=token),
            risk=RiskCheck(FraudCounters("redis://127.0.0.1:1"), RedisAllowance()),
            idempotency_key="the last",
        )


if __name__ == "__main__":
    asyncio.run(redeem(*sys.argv[1:]))
