"""Seeds the pictures of the demo accounts."""

from demo.dataset import Dataset
from demo.identity.accounts import ACCOUNTS
from demo.pictures import draw_logo
from demo.rng import SeededRandom
from demo.vendors.profiles import add_file
from models.pictures import Avatar


def seed_avatars(rng: SeededRandom, dataset: Dataset) -> None:
    """Give each demo account a picture with the initials of its name."""
    addresses = {account.email for account in ACCOUNTS}
    for user in dataset.users:
        if dataset.emails[user.id] in addresses:
            sign = draw_logo(user.name)
            upload = add_file(rng, dataset, user.id, user.created_at, "me.png", sign)
            dataset.avatars.append(Avatar(user_id=user.id, upload_id=upload.id))
