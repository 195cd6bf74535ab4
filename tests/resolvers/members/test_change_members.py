"""Roles that are changed, members who are removed, and members who leave."""

from sqlmodel import select

from core.clock import now
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.packs.packs import QuotaUnit
from models.packs.subscriptions import PackSubscription
from models.payments.methods import PaymentMethod
from models.payments.payments import PaymentProvider
from models.vendors import MemberRole, Vendor, VendorMember
from tests.client import Client, gid
from tests.factories.chat import Chat
from tests.factories.vendors import new_member
from tests.factories.world import World

OWNER, MANAGER, STAFF, SCANNER = MemberRole


async def shop(world: World) -> tuple[User, Vendor, VendorMember]:
    """Return an owner, the vendor, and the owner's membership."""
    owner, vendor = await world.user(), await world.vendor()
    return owner, vendor, await world.member(vendor, owner, OWNER)


def change(member: VendorMember, role: MemberRole) -> dict[str, str]:
    return {"memberId": gid(member, "Member"), "role": role}


async def notices(world: World, user: User) -> list[tuple[NotificationKind, int]]:
    async with world.database.session() as session:
        rows = select(Notification).where(Notification.user_id == user.id)
        found = await session.exec(rows.order_by(Notification.id))  # type: ignore[arg-type]
        return [(one.kind, one.up_to_sequence) for one in found]


async def test_change_member_role_and_remove_member(world: World, api: Client) -> None:
    owner, vendor, _ = await shop(world)
    user = await world.user()
    member = await world.member(vendor, user, STAFF)
    client = api.signed_in(owner)
    for role in (MANAGER, MANAGER, OWNER, SCANNER):
        payload = await client.do("changeMemberRole", change(member, role), "member { role }")
        assert payload == {"member": {"role": role}, "errors": []}
    given = {"memberId": gid(member, "Member")}
    assert await client.refusal_codes("removeMember", given) == []
    assert await client.refusal_codes("removeMember", given) == ["NOT_FOUND"]
    assert await world.fresh(member) is None
    changed = NotificationKind.MEMBER_ROLE_CHANGED
    assert await notices(world, user) == [
        *((changed, number) for number in (1, 2, 3)),
        (NotificationKind.MEMBER_REMOVED, 1),
    ]
    assert await notices(world, owner) == []


async def test_change_members_up_to_the_own_role(world: World, api: Client) -> None:
    _, vendor, boss = await shop(world)
    manager = await new_member(world, vendor, MANAGER)
    colleague = await world.member(vendor, await world.user(), MANAGER)
    client = api.signed_in(manager)
    for name, given in (
        ("changeMemberRole", change(boss, STAFF)),
        ("changeMemberRole", change(colleague, OWNER)),
        ("removeMember", {"memberId": gid(boss, "Member")}),
    ):
        assert await client.refusal_codes(name, given) == ["ROLE_ABOVE_OWN"]
    assert await client.refusal_codes("changeMemberRole", change(colleague, SCANNER)) == []


async def test_the_last_owner_stays(world: World, api: Client) -> None:
    owner, vendor, boss = await shop(world)
    await new_member(world, vendor, MANAGER)
    client = api.signed_in(owner)
    leaving = {"vendorId": gid(vendor)}
    for name, given in (
        ("changeMemberRole", change(boss, MANAGER)),
        ("removeMember", {"memberId": gid(boss, "Member")}),
        ("leaveVendor", leaving),
    ):
        assert await client.refusal_codes(name, given) == ["LAST_OWNER"]
    await new_member(world, vendor, OWNER)
    assert await client.refusal_codes("leaveVendor", leaving) == []
    assert await client.refusal_codes("leaveVendor", leaving) == ["NOT_FOUND"]
    assert await api.mutation_failed("leaveVendor", leaving) == ["UNAUTHENTICATED"]


async def test_leave_vendor_as_the_lowest_role_and_as_others(world: World, api: Client) -> None:
    _, vendor, _ = await shop(world)
    scanner = await new_member(world, vendor, SCANNER)
    given = {"vendorId": gid(vendor)}
    rival, _, _ = await shop(world)
    for other in (rival, await world.user(), await world.admin()):
        assert await api.signed_in(other).refusal_codes("leaveVendor", given) == ["NOT_FOUND"]
    assert await api.signed_in(scanner).refusal_codes("leaveVendor", given) == []


async def test_a_member_who_loses_the_chat_has_no_conversation_any_more(
    world: World, api: Client
) -> None:
    chat = await Chat.open(world, api)
    owner = await new_member(world, chat.vendor, OWNER)
    client = api.signed_in(owner)
    for role in (SCANNER, None):
        user = await world.user()
        member = await world.member(chat.vendor, user, STAFF)
        given = {"conversationId": chat.id, "memberId": gid(user)}
        assert await client.refusal_codes("assignConversation", given) == []
        if role:
            assert await client.refusal_codes("changeMemberRole", change(member, role)) == []
        else:
            removed = {"memberId": gid(member, "Member")}
            assert await client.refusal_codes("removeMember", removed) == []
        assert (await chat.row()).assignee_id is None


async def test_an_api_token_loses_a_vendor_with_its_user(world: World, api: Client) -> None:
    owner, vendor, _ = await shop(world)
    manager = await world.user()
    member = await world.member(vendor, manager, MANAGER)
    _, secret = await world.api_token(manager)
    program = api.bearing(secret)
    given = {"vendorId": gid(vendor), "website": "https://tea.example"}
    assert await program.refusal_codes("updateVendor", given) == []
    client = api.signed_in(owner)
    assert await client.refusal_codes("changeMemberRole", change(member, STAFF)) == []
    assert await program.refusal_codes("updateVendor", given) == ["NOT_FOUND"]


async def test_the_card_of_a_former_member_pays_no_packs(world: World, api: Client) -> None:
    owner, vendor, _ = await shop(world)
    pack = await world.pack()
    paying = {}
    for name in ("demoted", "removed", "stays"):
        shop_of_member = vendor if name != "stays" else await world.vendor()
        member = await world.member(shop_of_member, await world.user(), MANAGER)
        card = PaymentMethod(
            user_id=member.user_id,
            provider=PaymentProvider.STRIPE,
            reference=f"pm_{name}",
            customer=f"cus_{name}",
            brand="visa",
            last4="4242",
        )
        await world.save(card)
        paying[name] = (
            member,
            PackSubscription(
                vendor_id=member.vendor_id,
                user_id=member.user_id,
                pack_id=pack.id,
                unit=QuotaUnit.OFFER if name != "removed" else QuotaUnit.MESSAGE,
                period_days=pack.period_days,
                currency=vendor.currency,
                net=1_00,
                provider=PaymentProvider.STRIPE,
                method_id=card.id,
                renews_at=now(),
            ),
        )
    await world.save(*(one for _, one in paying.values()))
    client = api.signed_in(owner)
    demoted, removed = paying["demoted"][0], paying["removed"][0]
    assert await client.refusal_codes("changeMemberRole", change(demoted, STAFF)) == []
    assert await client.refusal_codes("removeMember", {"memberId": gid(removed, "Member")}) == []
    fresh = {name: await world.fresh(one) for name, (_, one) in paying.items()}
    ways = {name: one.provider for name, one in fresh.items()}
    assert ways == {"demoted": "WALLET", "removed": "WALLET", "stays": "STRIPE"}
    own = {name: one.user_id == owner.id for name, one in fresh.items()}
    assert own == {"demoted": True, "removed": True, "stays": False}
