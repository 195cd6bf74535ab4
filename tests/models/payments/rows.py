"""A payment with a refund of one unit, and what payment providers have of it."""

from sqlalchemy.dialects.postgresql import Range
from sqlmodel import SQLModel

from core.clock import now
from models.orders.lines import OrderLine
from models.orders.orders import Order, SubOrder
from models.payments.calls import CallPurpose, ProviderCall
from models.payments.disputes import (
    Dispute,
    DisputeBooking,
    DisputeEvidence,
    DisputeFile,
    DisputeShare,
    DisputeState,
)
from models.payments.events import WebhookEvent
from models.payments.methods import PaymentCustomer, PaymentMethod
from models.payments.payments import Payment, PaymentProvider, PaymentSplit, PaymentStatus
from models.payments.refunds import (
    Refund,
    RefundAmount,
    RefundLine,
    RefundPart,
    RefundReason,
    RefundShare,
)
from models.uploads import Upload
from tests.factories.redemptions import Till
from tests.factories.world import World


def dispute_of(payment: Payment, part: SubOrder, till: Till, upload: Upload) -> list[SQLModel]:
    """Return a dispute of a payment, with a share, evidence and a file."""
    dispute = Dispute(
        payment_id=payment.id,
        provider=PaymentProvider.STRIPE,
        reference="dp_1",
        file_reference="file_1",
        dispute_state=DisputeState.NEEDS_RESPONSE,
        reason="fraudulent",
        amount=20_00,
        currency="INR",
        due_at=now(),
    )
    evidence = DisputeEvidence(
        dispute_id=dispute.id,
        vendor_id=part.vendor_id,
        author_id=till.customer.id,
        explanation="It was delivered.",
        carrier="India Post",
        tracking_number="IN 1",
    )
    return [
        dispute,
        DisputeShare(dispute_id=dispute.id, suborder_id=part.id, amount=10_00),
        DisputeBooking(dispute_id=dispute.id, number=1, reference="txn_1", amount=-20_00, fee=15),
        evidence,
        DisputeFile(evidence_id=evidence.id, position=0, upload_id=upload.id),
    ]


async def make(world: World, till: Till) -> None:
    order = await world.first(Order)
    part, line = await world.first(SubOrder), await world.first(OrderLine)
    payment = Payment(
        order_id=order.id,
        provider=PaymentProvider.MANUAL,
        status=PaymentStatus.OPEN,
        amount=20_00,
        currency=order.currency,
        reference="BANK 1",
        captured=20_00,
        refunded=10_00,
    )
    refund = Refund(
        order_id=order.id,
        reason=RefundReason.CANCELLED,
        amount=10_00,
        granted_by_id=till.customer.id,
    )
    customer, provider = till.customer.id, PaymentProvider.STRIPE
    upload = await world.upload(till.customer)
    await world.save(
        PaymentCustomer(user_id=customer, provider=provider, reference="cus_1"),
        PaymentMethod(
            user_id=customer,
            provider=provider,
            reference="pm_1",
            customer="cus_1",
            brand="visa",
            last4="4242",
            expires_month=12,
            expires_year=2030,
        ),
        ProviderCall(
            provider=provider,
            subject_id=payment.id,
            purpose=CallPurpose.PAY,
            key=ProviderCall.key_of(payment.id, CallPurpose.PAY, 1),
            request_hash=b"",
            error="No answer",
        ),
        WebhookEvent(
            provider=provider,
            event_id="evt_1",
            kind="payment_intent.succeeded",
            about="PAYMENT",
            object_reference="pi_1",
            sent_at=now(),
        ),
        payment,
        *dispute_of(payment, part, till, upload),
        PaymentSplit(payment_id=payment.id, suborder_id=part.id, captured=20_00, refunded=10_00),
        refund,
        RefundLine(
            refund_id=refund.id,
            suborder_id=part.id,
            line_id=line.id,
            units=Range(0, 1),
            amount=10_00,
            tax=1_00,
        ),
        RefundPart(
            refund_id=refund.id,
            payment_id=payment.id,
            provider=PaymentProvider.MANUAL,
            amount=10_00,
            reference="BANK 2",
            error="declined",
        ),
        RefundAmount(
            refund_id=refund.id,
            suborder_id=part.id,
            share=RefundShare.DELIVERY,
            amount=10_00,
            tax=1_00,
        ),
    )
