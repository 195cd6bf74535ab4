"""Google, by OpenID Connect.

Authlib makes the requests, but does not verify the ID token: it trusts the algorithms that the
provider lists, `none` included, and it neither requires a token nor looks at `email_verified`.
Source: https://developers.google.com/identity/openid-connect/openid-connect
"""

from typing import Any

from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from core.security.id_tokens import IdTokenInvalid, read_id_token
from gateways.sign_in.base import ProviderClient, ProviderExchange, ProviderFailed, ProviderProfile
from gateways.sign_in.documents import RemoteDocument
from gateways.sign_in.http import MALFORMED, ProviderHttp

DISCOVERY = "/.well-known/openid-configuration"
SCOPE = "openid email profile"
OWN_DOMAIN = "gmail.com"


class GoogleSignIn:
    """Google at `url`, its issuer."""

    def __init__(self, client: ProviderClient, url: str) -> None:
        self._client_id = client.id
        self._issuer = url.rstrip("/")
        self._http = ProviderHttp("google", client)
        self._discovery = RemoteDocument(self._fetch_discovery)
        self._keys = RemoteDocument(self._fetch_keys)

    async def authorization_url(self, exchange: ProviderExchange) -> str:
        """Return the page of consent. Users with several accounts choose one each time."""
        endpoint = await self._endpoint("authorization_endpoint")
        asked = {"nonce": exchange.nonce, "scope": SCOPE, "prompt": "select_account"}
        return self._http.consent_url(endpoint, exchange, **asked)

    async def fetch_profile(self, exchange: ProviderExchange, code: str) -> ProviderProfile:
        endpoint = await self._endpoint("token_endpoint")
        tokens = await self._http.exchange(endpoint, exchange, code)
        id_token = tokens.get("id_token")
        if not isinstance(id_token, str):
            raise ProviderFailed("returned no ID token")
        return self._profile(await self._verify(id_token, exchange.nonce))

    async def check(self) -> None:
        """Try the id and the secret: with the right ones, only the code is refused."""
        await self._keys.get()
        try:
            await self._http.fetch_token(
                await self._endpoint("token_endpoint"), "authorization_code", code="haat-check"
            )
        except ProviderFailed as error:
            if error.code != "invalid_grant":
                raise

    async def close(self) -> None:
        await self._http.close()

    async def _verify(self, id_token: str, nonce: str) -> dict[str, Any]:
        """Return the claims. Keys rotate, so an unknown one is looked for once more."""
        expected = {"issuer": self._issuer, "client_id": self._client_id, "nonce": nonce}
        try:
            try:
                return read_id_token(id_token, _key_set(await self._keys.get()), **expected)
            except InvalidKeyIdError:
                return read_id_token(id_token, _key_set(await self._keys.replace()), **expected)
        except (IdTokenInvalid, JoseError) as error:
            raise ProviderFailed(f"returned an ID token that is not valid: {error}") from error

    def _profile(self, claims: dict[str, Any]) -> ProviderProfile:
        """Return the user. Google decides who has an address of Gmail or of a Workspace domain.

        Of others it states only that it verified them once: the mailbox may be another person's by
        now. Source: https://developers.google.com/identity/gsi/web/guides/verify-google-id-token
        """
        email, hosted = claims.get("email"), claims.get("hd")
        address = email if isinstance(email, str) else None
        domain = (address or "").rpartition("@")[2].lower()
        is_own = domain == OWN_DOMAIN or (isinstance(hosted, str) and domain == hosted.lower())
        name = claims.get("name")
        return ProviderProfile(
            issuer=self._issuer,
            subject=claims["sub"],
            email=address,
            email_proven=bool(domain) and is_own and claims.get("email_verified") is True,
            name=name if isinstance(name, str) else None,
        )

    async def _endpoint(self, name: str) -> str:
        return str((await self._discovery.get())[name])

    async def _fetch_discovery(self) -> dict[str, Any]:
        found = await self._http.get_json(f"{self._issuer}{DISCOVERY}")
        if found.get("issuer") != self._issuer:
            raise ProviderFailed("published the discovery document of another issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not str(found.get(name)).startswith(("https://", "http://")):
                raise ProviderFailed(f"published no {name}")
        return found

    async def _fetch_keys(self) -> dict[str, Any]:
        found = await self._http.get_json(await self._endpoint("jwks_uri"))
        _key_set(found)
        return found


def _key_set(found: dict[str, Any]) -> KeySet:
    try:
        return KeySet.import_key_set({"keys": found["keys"]})
    except (JoseError, *MALFORMED) as error:
        raise ProviderFailed("published keys that cannot be read") from error
