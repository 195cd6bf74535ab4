"""A fraud case with a note, which reviewers of the vendor and admins see."""

from sqlmodel import SQLModel

from core.clock import now
from models.fraud.cases import CaseEffect, FraudCase, FraudCaseNote
from tests.resolvers.scene import ADMIN, OWNER, Scene

SEEN_BY = {"FraudCase": {OWNER, ADMIN}, "FraudCaseNote": {OWNER, ADMIN}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    attempt = await scene.world.redemption(scene.vendor, scene.voucher)
    case = FraudCase(
        redemption_id=attempt.id,
        vendor_id=scene.vendor.id,
        user_id=scene.customer.id,
        score=80,
        effect=CaseEffect.NONE,
        review_until=now(),
    )
    note = FraudCaseNote(case_id=case.id, author_id=scene.owner.id, text="Called the customer.")
    await scene.world.save(case, note)
    return {"FraudCase": case, "FraudCaseNote": note}
