"""Devices that receive push notifications."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.notifications import visible_device
from engine.ids import id_of
from engine.types import Rows, column
from models.notifications import devices as rows
from schema.notifications.enums import Platform

DeviceId = Annotated[UUID, id_of("Device", "The id of one of the viewer's devices.")]
DeviceToken = Annotated[
    str,
    strawberry.argument(
        description="The registration token from the FCM SDK, at most 4,096 characters."
    ),
]
OnPlatform = Annotated[Platform, strawberry.argument(description="The app's platform.")]


@strawberry.type(
    description="An app that receives push notifications, until its session ends. Visible to the"
    " user and admins, without its token."
)
class Device(Rows[rows.Device], relay.Node, access=visible_device):
    id: relay.NodeID[UUID]
    platform: Platform = column("The app's platform.")
    created_at: datetime = column("The time of the first registration.")
    seen_at: datetime = column("The time of the last registration. Apps register at each start.")
