"""The uploader of a picture hears when its sizes are made."""

from models.pictures import PictureSizes
from services.journal.topics import user_topic
from services.pictures import sizes
from tests.client import gid
from tests.factories.world import World
from tests.subscriptions.conftest import Shop

CHANGES = """subscription ($after: String) {
  pictureChanges(after: $after) { cursor upload { id picture { state } } }
}"""


async def test_the_uploader_hears_of_sizes_and_others_do_not(shop: Shop, world: World) -> None:
    users = (shop.owner, shop.customer)
    places = [await shop.cursor(user_topic(user.id)) for user in users]
    uploads = [await world.picture(user) for user in users]
    await world.save(*(PictureSizes(upload_id=upload.id) for upload in uploads))
    for upload in uploads:
        async with shop.entries() as session:
            await sizes.record_sizes(session, upload.id, None)
    url = str(shop.api.http.base_url.join("/graphql"))
    for user, place, upload in zip(users, places, uploads, strict=True):
        asked = {"query": CHANGES, "variables": {"after": place}, "tokens": [shop.token(user)]}
        follower = await shop.start(url=url, transport="sse", **asked)
        (change,) = await follower.received(1)
        assert change["upload"] == {"id": gid(upload), "picture": {"state": "FAILED"}}
        assert len(follower.changes) == 1
