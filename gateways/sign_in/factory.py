"""Creates the providers that the settings name."""

import warnings
from collections.abc import Mapping

from core.settings import Settings
from gateways.sign_in.base import ProviderClient, SignInGateway
from models.identity.providers import SignInProvider


def create_sign_in(settings: Settings) -> Mapping[SignInProvider, SignInGateway]:
    """Return the providers. Authlib is imported only if there are some."""
    google = ProviderClient(settings.google_client_id, settings.google_client_secret)
    facebook = ProviderClient(settings.facebook_client_id, settings.facebook_client_secret)
    if not (google.id or facebook.id):
        return {}
    with warnings.catch_warnings():
        from authlib.deprecate import AuthlibDeprecationWarning  # noqa: PLC0415 - the library takes long to load

        # Its next major release needs httpx2 instead of httpx.
        warnings.simplefilter("ignore", AuthlibDeprecationWarning)
        from gateways.sign_in.facebook import FacebookSignIn  # noqa: PLC0415 - as above
        from gateways.sign_in.google import GoogleSignIn  # noqa: PLC0415 - as above
    created: dict[SignInProvider, SignInGateway] = {}
    if google.id:
        created[SignInProvider.GOOGLE] = GoogleSignIn(google, settings.google_url)
    if facebook.id:
        created[SignInProvider.FACEBOOK] = FacebookSignIn(
            facebook, settings.facebook_url, settings.facebook_graph_url
        )
    return created
