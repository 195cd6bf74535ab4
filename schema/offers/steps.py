"""What each simple step of an offer takes and answers: which offer, and the offer as it is then."""

import strawberry
from strawberry import relay

from engine.errors import Payload
from engine.types import column
from schema.offers.types import Offer


@strawberry.input
class OneOffer:
    """What each of them takes; no type of the schema itself."""

    offer_id: relay.GlobalID = column("Which offer.")


@strawberry.type
class ChangedOffer(Payload):
    """What each of them answers; no type of the schema itself."""

    offer: Offer | None = strawberry.field(default=None, description="The offer as it is now.")


@strawberry.input(description="Which offer to open for claims.")
class PublishOfferInput(OneOffer):
    """What `publishOffer` takes."""


@strawberry.type(description="The offer, open for claims.")
class PublishOfferPayload(ChangedOffer):
    """What `publishOffer` answers."""


@strawberry.input(description="Which offer to close for claims for now.")
class PauseOfferInput(OneOffer):
    """What `pauseOffer` takes."""


@strawberry.type(description="The offer, closed for claims.")
class PauseOfferPayload(ChangedOffer):
    """What `pauseOffer` answers."""


@strawberry.input(description="Which offer to put away for good.")
class ArchiveOfferInput(OneOffer):
    """What `archiveOffer` takes."""


@strawberry.type(description="The offer, put away.")
class ArchiveOfferPayload(ChangedOffer):
    """What `archiveOffer` answers."""


@strawberry.input(description="Which offer to like.")
class LikeOfferInput(OneOffer):
    """What `likeOffer` takes."""


@strawberry.type(description="The offer, liked.")
class LikeOfferPayload(ChangedOffer):
    """What `likeOffer` answers."""


@strawberry.input(description="Which offer to like no longer.")
class UnlikeOfferInput(OneOffer):
    """What `unlikeOffer` takes."""


@strawberry.type(description="The offer, no longer liked.")
class UnlikeOfferPayload(ChangedOffer):
    """What `unlikeOffer` answers."""
