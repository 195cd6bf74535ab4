"""Facebook, by OAuth and its Graph API.

Facebook does not state whether it verified an address, so none counts as proven.
Source: https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow
"""

import hashlib
import hmac
import re
from typing import Any

from gateways.sign_in.base import ProviderClient, ProviderExchange, ProviderFailed, ProviderProfile
from gateways.sign_in.http import ProviderHttp

VERSION = "v23.0"
SCOPE = "public_profile,email"  # Facebook separates by commas
FIELDS = "id,name,email"
SUBJECT = re.compile(r"[0-9]{1,255}")


class FacebookSignIn:
    """Facebook with its dialog at `url`, and its Graph API at `graph_url`."""

    def __init__(self, client: ProviderClient, url: str, graph_url: str) -> None:
        self._secret = client.secret.encode()
        self._issuer = url.rstrip("/")
        self._graph = f"{graph_url.rstrip('/')}/{VERSION}"
        self._token_endpoint = f"{self._graph}/oauth/access_token"
        self._http = ProviderHttp("facebook", client)

    async def authorization_url(self, exchange: ProviderExchange) -> str:
        endpoint = f"{self._issuer}/{VERSION}/dialog/oauth"
        return self._http.consent_url(endpoint, exchange, scope=SCOPE)

    async def fetch_profile(self, exchange: ProviderExchange, code: str) -> ProviderProfile:
        tokens = await self._http.exchange(self._token_endpoint, exchange, code)
        token = tokens.get("access_token")
        if not isinstance(token, str):
            raise ProviderFailed("returned no access token")
        headers = {"Authorization": f"Bearer {token}"}
        asked = {"fields": FIELDS, "appsecret_proof": self._proof(token)}
        found = await self._http.get_json(f"{self._graph}/me", params=asked, headers=headers)
        return self._profile(found)

    async def check(self) -> None:
        await self._http.fetch_token(self._token_endpoint, "client_credentials")

    async def close(self) -> None:
        await self._http.close()

    def _proof(self, token: str) -> str:
        """Prove that the server has the secret, so that a stolen token is of no use elsewhere.

        Source: https://developers.facebook.com/docs/graph-api/securing-requests
        """
        return hmac.new(self._secret, token.encode(), hashlib.sha256).hexdigest()

    def _profile(self, found: dict[str, Any]) -> ProviderProfile:
        """Return the user. An id is that of the user in this app."""
        subject, email, name = (found.get(key) for key in ("id", "email", "name"))
        if not isinstance(subject, str) or not SUBJECT.fullmatch(subject):
            raise ProviderFailed("returned a user without an id")
        return ProviderProfile(
            issuer=self._issuer,
            subject=subject,
            email=email if isinstance(email, str) else None,
            email_proven=False,
            name=name if isinstance(name, str) else None,
        )
