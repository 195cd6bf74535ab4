"""Rows of a person in tables in which the scene of erasures has none."""

from sqlmodel import select

from core.clock import now
from models.chat.messages import Message
from models.chat.reports import MessageReport, ReportReason
from models.fraud.cases import FraudCaseNote
from models.idempotency import IdempotencyKey
from models.identity.accounts import User
from models.identity.admin_invitations import AdminInvitation
from models.identity.password_resets import PasswordReset
from models.identity.phones import PhoneChallenge, PhonePurpose
from models.scanners import CodesEnded, VoucherRevocation
from models.vendors import MemberRole
from models.vendors.hours import VendorDay
from models.vendors.slugs import VendorSlug
from tests.factories.emails import give_email
from tests.factories.fraud import stored_case
from tests.factories.members import invitation
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.jobs.privacy.planting import EMAIL, WORD


async def create_more(world: World, user: User) -> None:
    """Create rows of tables in which the scene has only those of others, or of their addresses."""
    owner, vendor = await world.user(), await world.vendor()
    await world.member(vendor, owner, MemberRole.OWNER)
    await world.member(vendor, user, MemberRole.MANAGER)
    await invitation(world, await world.vendor(owner), owner, EMAIL, MemberRole.STAFF)
    await world.registration(email=EMAIL, name=f"Zaphyra {WORD}")
    applying = await world.vendor()  # which no admin has approved
    await world.application(user, applying)
    await world.tax_registration(applying, number=WORD)
    await world.save(
        VendorSlug(slug=WORD, vendor_id=applying.id),
        VendorDay(vendor_id=applying.id, day=now().date(), name=WORD),
    )
    async with world.database.session() as session:
        message = (await session.exec(select(Message).where(Message.sender_id == user.id))).first()
    assert message is not None
    await world.save(
        give_email(world.sealer, AdminInvitation(token_hash=b"another"), EMAIL),
        give_email(world.sealer, PasswordReset(), EMAIL),
        IdempotencyKey(user_id=user.id, operation="claimOffer", key=WORD, input_hash=b"h"),
        PhoneChallenge(
            purpose=PhonePurpose.CHANGE_PHONE,
            user_id=user.id,
            epoch=0,
            number=b"sealed",
            lookup=bytes(32),
            secret_hash=b"another",
        ),
        MessageReport(
            message_id=message.id,
            conversation_id=message.conversation_id,
            reporter_id=user.id,
            reason=ReportReason.OTHER,
            note=WORD,
        ),
    )


async def create_checks(world: World, user: User) -> None:
    """Create a case of fraud, a gift, and the end of the codes of the user's vouchers."""
    till, reviewer = await Till.open(world), await world.user()
    case = await stored_case(till, holder=user)
    await world.voucher_gift(await world.voucher(till.offer, user, claim_number=2))
    ended = await world.voucher(till.offer, user, claim_number=3, generation=2)
    await world.save(
        FraudCaseNote(case_id=case.id, author_id=reviewer.id, text=f"Zaphyra {WORD}"),
        VoucherRevocation(
            vendor_id=till.vendor.id,
            voucher_id=ended.id,
            kind=CodesEnded.REISSUED,
            generation=2,
            by_id=user.id,
            reason=WORD,
        ),
    )
