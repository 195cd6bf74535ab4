"""Pictures and files in a conversation: sent once, seen by who takes part, until deleted."""

from typing import Any

from models.identity.accounts import User
from models.uploads import UploadState
from tests.client import Client, gid
from tests.factories import files
from tests.factories.chat import Chat
from tests.factories.world import World
from tests.resolvers.uploads.uploader import Uploader

MESSAGES = """query ($id: ID!) { conversation(id: $id) { messages(last: 5) { nodes {
  id kind text upload { id fileName contentType width height url }
} } } }"""
EVIDENCE = """{ reports(first: 5) { nodes {
  upload { fileName } message { text upload { id } } versions { text }
} } }"""


async def last_messages(client: Client, chat: Chat, user: User) -> list[dict[str, Any]]:
    answer = await client.signed_in(user).ask(MESSAGES, id=chat.id)
    nodes: list[dict[str, Any]] = answer["conversation"]["messages"]["nodes"]
    return nodes


async def test_send_message_with_a_picture_that_the_other_side_sees(
    world: World, uploader: Uploader
) -> None:
    chat = await Chat.open(world, uploader.client)
    picture = files.picture("PNG", (40, 30))
    sent = await uploader.of(chat.customer).upload(
        picture, fileName="menu.png", contentType="image/png"
    )
    await chat.send(chat.customer, "Is this still right?", uploadId=sent["upload"]["id"])
    (message,) = await last_messages(uploader.client, chat, chat.member)
    assert (message["kind"], message["text"]) == ("IMAGE", "Is this still right?")
    seen = message["upload"]
    assert (seen["fileName"], seen["contentType"]) == ("menu.png", "image/png")
    assert (seen["width"], seen["height"]) == (40, 30)
    assert (await uploader.fetch(seen["url"])).content == picture
    again = await uploader.of(chat.member).see(seen["id"])
    assert again
    assert (await uploader.fetch(again["url"])).content == picture
    assert await uploader.of(await world.user()).see(seen["id"]) is None
    assert await uploader.of(await world.admin()).see(seen["id"]) is None
    deleted = {"messageId": message["id"]}
    assert (
        await uploader.client.signed_in(chat.customer).refusal_codes("deleteMessage", deleted) == []
    )
    assert await uploader.of(chat.member).see(seen["id"]) is None


async def test_send_message_with_a_file_and_no_words(world: World, uploader: Uploader) -> None:
    chat = await Chat.open(world, uploader.client)
    sent = await uploader.of(chat.member).upload(b"2 x coffee")
    await chat.send(chat.member, "", uploadId=sent["upload"]["id"])
    (message,) = await last_messages(uploader.client, chat, chat.customer)
    assert (message["kind"], message["upload"]["fileName"]) == ("FILE", "notes.txt")


async def test_send_message_twice_with_one_file_is_sending_it_once(
    world: World, api: Client
) -> None:
    chat = await Chat.open(world, api)
    upload = gid(await world.upload(chat.customer, state=UploadState.READY, key="kept/1"))
    first = await chat.send(chat.customer, "", uploadId=upload, clientMessageId="a")
    again = await chat.send(chat.customer, "", uploadId=upload, clientMessageId="a")
    assert again == first
    other = chat.draft("", uploadId=upload, clientMessageId="b")
    refused = await api.signed_in(chat.customer).refusal_codes("sendMessage", other)
    assert refused == ["INVALID_INPUT"]


async def test_send_message_with_a_foreign_or_unfinished_upload(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    members = await world.upload(chat.member, state=UploadState.READY, key="kept/1")
    awaited = await world.upload(chat.customer)
    ready = await world.upload(chat.customer, state=UploadState.READY, key="kept/2")
    offer = await world.offer(chat.vendor)
    for given, code in (
        ({"uploadId": gid(members)}, "NOT_FOUND"),
        ({"uploadId": gid(awaited)}, "INVALID_INPUT"),
        ({"uploadId": gid(ready), "offerId": gid(offer)}, "INVALID_INPUT"),
    ):
        draft = chat.draft("Look", **given)
        assert await api.signed_in(chat.customer).refusal_codes("sendMessage", draft) == [code]
    assert await chat.messages() == []
    assert (await world.fresh(ready)).attached_at is None


async def test_a_deleted_message_shows_its_file_to_admins_alone(world: World, api: Client) -> None:
    chat, admin = await Chat.open(world, api), await world.admin()
    upload = await world.upload(chat.customer, state=UploadState.READY, key="kept/1")
    message = await chat.send(chat.customer, "Rude words", uploadId=gid(upload))
    report = {"messageId": message["id"], "reason": "ABUSE"}
    asked = "report { upload { id } versions { text } }"
    payload = await api.signed_in(chat.member).do("reportMessage", report, asked)
    assert payload["report"] == {"upload": None, "versions": []}
    deleted = {"messageId": message["id"]}
    assert await api.signed_in(chat.customer).refusal_codes("deleteMessage", deleted) == []
    (left,) = await last_messages(api, chat, chat.member)
    assert (left["text"], left["upload"]) == ("", None)
    (kept,) = (await api.signed_in(admin).ask(EVIDENCE))["reports"]["nodes"]
    assert kept == {
        "upload": {"fileName": "notes.txt"},
        "message": {"text": "", "upload": None},
        "versions": [{"text": "Rude words"}],
    }
