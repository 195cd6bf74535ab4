"""Faults on request: their kind, how often they happen, and for which calls."""

import asyncio
from collections.abc import Mapping
from random import Random
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Times = Annotated[int, Field(ge=0, le=100_000)]
Share = Annotated[float, Field(ge=0, le=1)]
Milliseconds = Annotated[int, Field(ge=0, le=120_000)]


class WebhookFaults(BaseModel):
    """Faults of webhooks. `held` ones wait until they are released in some order."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    drop: Times = 0
    drop_share: Share = 0
    duplicate_share: Share = 0
    delay_ms: Milliseconds = 0
    spread_ms: Milliseconds = Field(0, description="A random delay up to this, so order changes.")
    held: bool = False
    attempts: int = Field(8, ge=1, le=20)
    retry_ms: Milliseconds = Field(200, description="Pause before the second try, then doubled.")


class Faults(BaseModel):
    """Faults of the next calls that change something, and whose path begins with `path`."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    path: str = Field("/", max_length=200)
    refuse_connection: Times = Field(0, description="Close the connection, and do nothing.")
    lose: Times = Field(0, description="Do it, and close the connection without an answer.")
    lose_share: Share = 0
    fail: Times = Field(0, description="Answer 500 and do nothing. The answer is kept.")
    fail_after: Times = Field(0, description="Do it, and answer 500. The answer is kept.")
    fail_share: Share = 0
    limit: Times = Field(0, description="Answer 429.")
    delay_ms: Milliseconds = Field(0, description="Pause before each answer.")
    pending_refunds: bool = Field(False, description="Refunds wait for the control that ends them.")
    pending_funds: bool = Field(False, description="New charges are not available for payouts.")
    automatic_payouts: bool = Field(True, description="Payouts are paid without a control.")
    transfer_otp: bool = Field(False, description="Paystack asks for a password at transfers.")
    webhooks: WebhookFaults = Field(default_factory=WebhookFaults)


class Controls:
    """The faults that are switched on. Random ones repeat with the same seed."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.random = Random(0)  # noqa: S311 - faults need no secrecy

    def update(self, wanted: Mapping[str, object]) -> None:
        """Switch faults on or off. Those that are not named stay. Raises `ValidationError`."""
        current = self.faults.model_dump()
        webhooks = wanted.get("webhooks")
        merged = {**current, **wanted}
        if isinstance(webhooks, Mapping):
            merged["webhooks"] = {**current["webhooks"], **webhooks}
        self.faults = Faults.model_validate(merged)

    def reset(self, seed: int = 0) -> None:
        self.faults = Faults()
        self.random = Random(seed)  # noqa: S311 - repeats with the seed

    def takes(self, name: str, path: str) -> bool:
        """Whether a fault happens to this call. Counted ones are used up."""
        faults = self.faults
        if not path.startswith(faults.path):
            return False
        left: int = getattr(faults, name)
        if left:
            setattr(faults, name, left - 1)
            return True
        share: float = getattr(faults, f"{name}_share", 0)
        return share > 0 and self.random.random() < share

    async def pause(self) -> None:
        if self.faults.delay_ms:
            await asyncio.sleep(self.faults.delay_ms / 1000)
