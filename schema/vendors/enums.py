"""Enums of the domain `vendors` in the GraphQL schema."""

from engine.enums import publish
from models.vendors import MemberRole, VendorStatus
from services.vendors.queries import VendorOrder

__all__ = ["MemberRole", "VendorOrder", "VendorStatus"]

publish(
    MemberRole,
    "The role of a member of a vendor, from the most to the least rights.",
    OWNER="Can do everything. A vendor has at least one.",
    MANAGER="Can change offers, the profile and the members up to this role, and do everything that"
    " staff can.",
    STAFF="Can answer the chats, see the members and statistics, and redeem vouchers.",
    SCANNER="Can redeem vouchers, and see the redemptions.",
)

publish(
    VendorStatus,
    "The approval status of a vendor.",
    PENDING="Waiting for a decision of an admin.",
    APPROVED="Visible to everyone and can sell.",
    SUSPENDED="Approval was withdrawn for now. It cannot sell.",
    REJECTED="Approval was denied, or the application was withdrawn.",
)

publish(
    VendorOrder,
    "The order of a list of vendors.",
    NAME="By name, ascending.",
    NEWEST="By the time of joining, newest first.",
    DISTANCE="The nearest first. Requires `near`.",
)
