"""The picture of a user: set, replaced and removed by the user, and seen with the name."""

from typing import Any

from core.clock import now
from models.identity.accounts import User
from models.pictures import Avatar, PictureSizes
from models.uploads import Upload, UploadState
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.counting import statements

AVATAR = "viewer { avatar { uploadId url state alt } }"
SEEN = "query ($id: ID!) { node(id: $id) { ... on User { name avatar { uploadId } } } }"
MEMBERS = """query ($id: ID!) { vendor(id: $id) { members { nodes {
  user { name avatar { url } } } } } }"""


async def set_avatar(client: Client, upload: Upload | None) -> Any:
    input = {"avatarUploadId": gid(upload) if upload else None}
    return await client.do("updateProfile", input, AVATAR)


async def refusal(client: Client, upload: Upload) -> tuple[str, list[str] | None]:
    (error,) = (await set_avatar(client, upload))["errors"]
    return error["code"], error["field"]


async def test_an_avatar_is_set_replaced_and_removed(world: World, api: Client) -> None:
    user = await world.user()
    client = api.signed_in(user)
    first, second = await world.picture(user), await world.picture(user)
    for upload in (first, first, second):
        payload = await set_avatar(client, upload)
        assert payload["errors"] == []
        shown = payload["viewer"]["avatar"]
        assert (shown["uploadId"], shown["state"], shown["alt"]) == (gid(upload), "PENDING", "")
    released, kept = await world.fresh(first), await world.fresh(second)
    assert (released.attached_at, released.expired, kept.expired) == (None, True, False)
    unchanged = await client.do("updateProfile", {"name": "Momo"}, AVATAR)
    assert unchanged["viewer"]["avatar"]["uploadId"] == gid(second)
    for _ in range(2):
        payload = await set_avatar(client, None)
        assert (payload["errors"], payload["viewer"]) == ([], {"avatar": None})
    assert (await world.fresh(second)).expired


async def test_uploads_that_cannot_be_an_avatar(world: World, api: Client) -> None:
    user = await world.user()
    client, missing = api.signed_in(user), ("NOT_FOUND", ["avatarUploadId"])
    assert await refusal(client, await world.picture(await world.user())) == missing
    assert await refusal(client, await world.picture(user, expires_at=now())) == missing
    invalid = ("INVALID_INPUT", ["avatarUploadId"])
    for upload in (
        await world.upload(user, state=UploadState.READY, key="kept/1"),
        await world.picture(user, attached_at=now()),
        await world.picture(user, state=UploadState.PENDING, key=None),
    ):
        assert await refusal(client, upload) == invalid
    input = {"avatarUploadId": gid(await world.picture(user))}
    assert await api.mutation_failed("updateProfile", input) == ["UNAUTHENTICATED"]


async def with_avatar(world: World) -> tuple[User, Upload]:
    user = await world.user()
    upload = await world.picture(user, attached_at=now())
    await world.save(
        Avatar(user_id=user.id, upload_id=upload.id), PictureSizes(upload_id=upload.id)
    )
    return user, upload


async def test_an_avatar_is_seen_with_the_name(world: World, api: Client) -> None:
    user, upload = await with_avatar(world)
    vendor = await world.vendor(user)
    colleague = await new_member(world, vendor, MemberRole.STAFF)
    for viewer in (user, colleague, await world.admin()):
        seen = (await api.signed_in(viewer).ask(SEEN, id=gid(user)))["node"]
        assert seen == {"name": user.name, "avatar": {"uploadId": gid(upload)}}
    for client in (api, api.signed_in(await world.user())):
        assert (await client.ask(SEEN, id=gid(user)))["node"] is None


async def test_statements_of_avatars_do_not_grow(world: World, api: Client) -> None:
    owner, _ = await with_avatar(world)
    vendor = await world.vendor(owner)
    client, found = api.signed_in(owner), []
    for _ in range(2):
        found.append(len(await statements(client, MEMBERS, id=gid(vendor))))
        for _ in range(4):
            other, _upload = await with_avatar(world)
            await world.member(vendor, other, MemberRole.STAFF)
    assert found[0] == found[1]
