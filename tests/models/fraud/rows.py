"""A decided case with its label and note, settings, and a link between accounts."""

from core.clock import now
from models.fraud.cases import CaseDecision, CaseLabel, FraudCaseNote
from models.fraud.links import IdentityLink, LinkKind
from models.fraud.rules import Factor
from tests.factories.fraud import score_with, stored_case
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    await score_with(world, till.vendor, 40)
    decided = await stored_case(
        till,
        state="RESOLVED",
        decision=CaseDecision.REJECTED,
        decided_at=now(),
        decided_by_id=till.scanner.id,
    )
    moment = now()
    await world.save(
        FraudCaseNote(case_id=decided.id, author_id=till.scanner.id, text="A note"),
        CaseLabel(case_id=decided.id, factor=Factor.QUICK, confirmed=True),
        IdentityLink(
            kind=LinkKind.DEVICE,
            hash=bytes(32),
            user_id=till.customer.id,
            first_at=moment,
            last_at=moment,
        ),
    )
