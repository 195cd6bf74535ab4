"""The apps that push messages reach a user in."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from engine.errors import Payload
from engine.types import Rows, column
from models.notifications import devices as rows
from models.validation import parse
from schema.notifications.enums import Platform


@strawberry.type(description="An app that push messages reach a user in. Its token stays secret.")
class Device(Rows[rows.Device], relay.Node):
    """For that user alone; gone when the session ends that registered it."""

    id: relay.NodeID[UUID]
    platform: Platform = column("What the app runs on.")
    created_at: datetime = column("When it was registered first.")
    seen_at: datetime = column("When it was registered last; apps do that at each start.")


@strawberry.input(description="The app that the caller's session is signed in on.")
class RegisterDeviceInput:
    """What `registerDevice` takes."""

    token: str = column("What FCM's SDK gave to the app; at most 4,096 characters.")
    platform: Platform = column("What the app runs on.")

    def registered(self) -> rows.DeviceRegistration:
        return parse(rows.DeviceRegistration, token=self.token, platform=self.platform)


@strawberry.input(description="Which device.")
class RemoveDeviceInput:
    """What `removeDevice` takes."""

    device_id: relay.GlobalID = column("One of the viewer's devices.")


@strawberry.type(description="The device as it is kept.")
class RegisterDevicePayload(Payload):
    """What `registerDevice` answers."""

    device: Device | None = strawberry.field(default=None, description="As it is kept.")


@strawberry.type(description="The device is forgotten.")
class RemoveDevicePayload(Payload):
    """What `removeDevice` answers."""
