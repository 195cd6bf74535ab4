"""Chat, claims, uploads and registration of the guide for Flutter, against a server."""

import uuid

import httpx

from tests.client import gid
from tests.factories.redemptions import Till
from tests.flutter.app import App
from tests.flutter.guide import document


async def test_a_chat_is_loaded_followed_and_answered(phone: App, scanner: App, till: Till) -> None:
    started = await phone.mutate("StartConversation", vendorId=gid(till.vendor))
    assert started["errors"] == []
    about = {"conversationId": started["conversation"]["id"]}
    page = (await phone.query("Thread", **about))["messages"]
    async with phone.socket() as socket:
        await socket.acknowledged()
        typing = await socket.subscribe("Typing", **about)
        assert (await socket.change(typing))["users"] == []
        changes = await socket.subscribe("ThreadChanges", **about, after=page["changesAfter"])
        draft = about | {"clientMessageId": str(uuid.uuid4()), "text": "Is it open?"}
        first, again = [await phone.mutate("SendMessage", **draft) for _ in range(2)]
        assert first["message"]["id"] == again["message"]["id"]
        sent = await socket.change(changes)
        assert sent["__typename"] == "MessageSent"
        assert sent["message"]["clientMessageId"] == draft["clientMessageId"]
        reused = await phone.mutate("SendMessage", **draft | {"text": "Another"})
        assert [one["code"] for one in reused["errors"]] == ["MESSAGE_ID_REUSED"]
        assert (await phone.mutate("SetTyping", **about, typing=True))["errors"] == []
        (writer,) = (await socket.change(typing))["users"]
        assert writer["id"] == gid(till.customer)
        presence = await socket.subscribe("Presence", userIds=[gid(till.customer)])
        assert (await socket.change(presence))["online"] is True
    older = await phone.query("Thread", **about, before=page["pageInfo"]["startCursor"])
    assert older["messages"]["pageInfo"]["hasPreviousPage"] is False
    read = await phone.mutate("MarkRead", **about, sequence=1)
    assert read["conversation"]["unreadMessages"] == 0


async def test_a_claim_and_a_scan_repeated_with_their_key_return_the_first_result(
    phone: App, scanner: App, till: Till
) -> None:
    scan = till.scan(code=(await till.voucher(claim_number=2)).code)
    claim = {"offerId": gid(till.offer), "idempotencyKey": str(uuid.uuid4())}
    first, again = [await phone.mutate("ClaimOffer", **claim) for _ in range(2)]
    assert first["voucher"] == again["voucher"]
    outcomes = [(await scanner.mutate("RedeemVoucher", **scan))["outcome"] for _ in range(2)]
    assert outcomes == ["APPROVED", "APPROVED"]


async def test_an_upload_is_created_sent_and_finished(phone: App) -> None:
    content = b"An invoice.\n"
    created = await phone.mutate(
        "CreateUpload", fileName="a.txt", contentType="text/plain", size=len(content)
    )
    assert created["errors"] == []
    early = await phone.mutate("FinishUpload", uploadId=created["upload"]["id"])
    assert [one["code"] for one in early["errors"]] == ["UPLOAD_NOT_RECEIVED"]
    headers = {one["name"]: one["value"] for one in created["headers"]}
    async with httpx.AsyncClient() as http:
        put = [
            await http.request(created["method"], created["url"], content=content, headers=headers)
            for _ in range(2)
        ]
        other = created["url"].replace("link=", "link=x")
        put.append(await http.put(other, content=content, headers=headers))
    assert [one.status_code for one in put] == [200, 409, 403]
    for _ in range(2):
        finished = await phone.mutate("FinishUpload", uploadId=created["upload"]["id"])
        assert (finished["upload"]["state"], finished["errors"]) == ("READY", [])


async def test_the_link_of_a_mail_signs_in_with_the_stored_secret_only(app: App) -> None:
    one, other = await app.world.registration(), await app.world.registration()
    phone, computer = app.another(), app.another()
    with_secret = await phone.mutate("VerifyEmail", token=one.token, registrationSecret=one.secret)
    assert with_secret["errors"] == []
    phone.tokens = with_secret["session"]
    assert (await phone.query("Viewer"))["name"] == one.row.name
    without = await computer.mutate("VerifyEmail", token=other.token)
    assert [error["code"] for error in without["errors"]] == ["PASSWORD_NEEDED"]
    password = "another horse battery staple"
    later = await computer.mutate("VerifyEmail", token=other.token, password=password)
    assert later["errors"] == []


async def test_only_the_documents_of_the_guide_run(phone: App) -> None:
    """A text that differs in `__typename` has another hash."""
    phone.documents = phone.documents | {"Viewer": document("Viewer", typename=False)}
    answer = await phone.send("Viewer")
    assert answer["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    async with phone.socket() as socket:
        await socket.acknowledged()
        phone.documents["Typing"] = document("Typing", typename=False)
        id = await socket.subscribe("Typing", conversationId="")
        assert await socket.refusal(id) == "PERSISTED_QUERY_NOT_FOUND"
