"""Files of evidence: the bank gets them as one document, or at least the answer."""

from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any

import pikepdf
from PIL import Image

from core.clock import now
from core.ids import new_id
from core.media.file_types import JPEG, PDF, PNG, TEXT
from models.identity.accounts import User
from models.payments.disputes import MAX_DISPUTE_BYTES, DisputeState
from models.uploads import Upload, UploadPurpose, UploadState, stored_key
from models.vendors import MemberRole
from services.disputes.deadlines import follow_deadlines
from tests.client import Client, gid
from tests.factories.paying import PayingShop
from tests.factories.vendors import new_member
from tests.jobs.payments.disputes.disputing import Disputed
from tests.jobs.payments.disputes.test_disputes import set_due


def picture(kind: str = "PNG") -> bytes:
    content = BytesIO()
    Image.new("RGB", (300, 200), "teal").save(content, kind)
    return content.getvalue()


def document(pages: int) -> bytes:
    content = BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page()
        pdf.save(content)
    return content.getvalue()


class Seller:
    """A member of a vendor who answers with files."""

    def __init__(self, sale: Disputed, user: User) -> None:
        self.sale, self.user = sale, user
        self.client: Client = sale.shop.api.signed_in(user)

    @classmethod
    async def of(cls, sale: Disputed, place: int = 0) -> "Seller":
        vendor = sale.stalls[place].vendor
        return cls(sale, await new_member(sale.shop.world, vendor, MemberRole.STAFF))

    async def upload(self, content: bytes, type: str, **values: Any) -> Upload:
        """Return a file that was uploaded and accepted."""
        id = new_id()
        key = stored_key(id, sha256(content).hexdigest())
        await self.sale.shop.worker.objects.write(key, content, type)
        given = {
            "id": id,
            "purpose": UploadPurpose.DOCUMENT,
            "state": UploadState.READY,
            "content_type": type,
            "size": len(content),
            "key": key,
            "expires_at": now() + timedelta(hours=1),
        }
        return await self.sale.shop.world.upload(self.user, **{**given, **values})

    async def answer(self, *files: Upload) -> list[str]:
        given = self.sale.answer(await self.sale.row(), uploadIds=[gid(one) for one in files])
        return await self.client.refusal_codes("answerDispute", given)


async def test_the_files_of_all_vendors_are_one_document_at_the_bank(shop: PayingShop) -> None:
    sale = await Disputed.make(shop)
    await sale.dispute()
    first, second = await Seller.of(sale, 0), await Seller.of(sale, 1)
    files = [await first.upload(picture(), PNG), await first.upload(document(2), PDF)]
    assert await first.answer(*files) == []
    await shop.work()
    assert not shop.stand_in.objects("file")  # the other vendor can still answer
    assert await second.answer(await second.upload(picture("JPEG"), JPEG)) == []
    await shop.work()
    sent = sale.at_bank()
    file = shop.stand_in.objects("file")[sent["evidence"]["uncategorized_file"]]
    assert (file["type"], file["purpose"]) == ("pdf", "dispute_evidence")
    assert sent["evidence"]["uncategorized_text"]
    assert sent["evidence_details"]["submission_count"] == 1
    assert (await sale.row()).answered_at


async def test_banks_take_pictures_and_pdf_up_to_a_size(shop: PayingShop) -> None:
    sale = await Disputed.make(shop, vendors=1)
    await sale.dispute()
    seller = await Seller.of(sale)
    text = await seller.upload(b"It was delivered.", TEXT)
    public = await seller.upload(picture(), PNG, purpose=UploadPurpose.PICTURE)
    large = await seller.upload(picture(), PNG, size=MAX_DISPUTE_BYTES + 1)
    for refused in (text, public, large):
        assert await seller.answer(refused) == ["INVALID_INPUT"]
        assert (await shop.world.fresh(refused)).attached_at is None
    stranger = await Seller.of(await Disputed.make(shop, vendors=1))
    foreign = await stranger.upload(picture(), PNG)
    given = sale.answer(await sale.row(), uploadIds=[gid(foreign)])
    assert await seller.client.refusal_codes("answerDispute", given) == ["NOT_FOUND"]
    assert (await sale.row()).sending_at is None


async def test_an_answer_that_was_lost_is_sent_with_its_file_once_more(shop: PayingShop) -> None:
    """The upload is repeated, which leaves a file that nothing names; the answer counts once."""
    sale = await Disputed.make(shop, vendors=1)
    await sale.dispute()
    seller = await Seller.of(sale)
    shop.stand_in.control(path="/v1/files", lose=3, webhooks={"drop": 100})
    before = len(shop.stand_in.objects("file"))
    assert await seller.answer(await seller.upload(picture(), PNG)) == []
    await shop.work()
    assert (await sale.row()).waits_for_file
    for _ in range(3):
        await shop.run_all()
    assert len(shop.stand_in.objects("file")) > before
    assert sale.at_bank()["evidence"]["uncategorized_file"] == (await sale.row()).file_reference
    assert sale.at_bank()["evidence_details"]["submission_count"] == 1


async def test_a_missing_file_does_not_keep_the_answer(shop: PayingShop) -> None:
    sale = await Disputed.make(shop, vendors=1)
    await sale.dispute()
    seller = await Seller.of(sale)
    file = await seller.upload(picture(), PNG)
    await shop.worker.objects.remove(file.key or "")
    assert await seller.answer(file) == []
    await shop.work()
    assert sale.at_bank()["evidence"] == {"uncategorized_text": "It was delivered."}
    assert (await sale.row()).answered_at


async def test_shortly_before_the_deadline_an_answer_goes_without_its_files(
    shop: PayingShop,
) -> None:
    sale = await Disputed.make(shop, vendors=1)
    await sale.dispute()
    seller = await Seller.of(sale)
    shop.stand_in.control(path="/v1/files", refuse_connection=100)
    assert await seller.answer(await seller.upload(picture(), PNG)) == []
    await shop.work()
    await set_due(sale, 5)
    await follow_deadlines(shop.worker.transactions.begin)
    await shop.work()
    assert (await sale.row()).answered_at is None
    await set_due(sale, 1)
    for _ in range(2):
        await follow_deadlines(shop.worker.transactions.begin)
    await shop.work()
    assert sale.at_bank()["evidence"] == {"uncategorized_text": "It was delivered."}
    assert (await sale.row()).answered_at


async def test_a_bank_that_takes_the_money_after_an_inquiry_is_answered_again(
    shop: PayingShop,
) -> None:
    sale = await Disputed.make(shop, vendors=1)
    seller = await Seller.of(sale)
    await sale.dispute(inquiry=True)
    assert await seller.answer() == []
    await shop.work()
    await shop.webhooks()
    assert (await sale.row()).answered_at
    assert await seller.answer() == ["DISPUTE_CLOSED"]
    asked = await sale.end("escalate_dispute")
    assert (asked.dispute_state, asked.answered_at) == (DisputeState.NEEDS_RESPONSE, None)
    assert asked.was_warning
    kinds = "{ viewer { notifications { nodes { kind } } } }"
    assert str(await seller.client.ask(kinds)).count("DISPUTE_OPENED") == 2
    await shop.webhooks()  # a second time
    assert (await sale.row()).asked_again_at == asked.asked_again_at
    assert await seller.answer(await seller.upload(picture(), PNG)) == []
    await shop.work()
    sent = sale.at_bank()
    assert (sent["status"], sent["evidence_details"]["submission_count"]) == ("under_review", 2)
    assert sent["evidence"]["uncategorized_file"]


async def test_an_inquiry_that_is_closed_moves_no_money(shop: PayingShop) -> None:
    sale = await Disputed.make(shop, vendors=1)
    before = await sale.balances()
    await sale.dispute(inquiry=True)
    closed = await sale.end("win_dispute")
    assert sale.at_bank()["status"] == "warning_closed"
    assert (closed.dispute_state, closed.taken_at) == (DisputeState.WON, None)
    assert (await sale.balances(), await sale.disputed()) == (before, (0, [0]))
