"""One row in each table of accounts."""

from datetime import timedelta
from typing import Any

from core.clock import now
from models.identity.accounts import RefreshToken, UserSession
from models.identity.admin_invitations import AdminInvitation
from models.identity.api_tokens import ApiToken
from models.identity.challenges import ChallengePurpose, FactorChallenge
from models.identity.email_changes import EmailChange
from models.identity.factors import RecoveryCode, TotpFactor
from models.identity.known_networks import KnownNetwork
from models.identity.passkeys import Passkey
from models.identity.password_resets import PasswordReset
from models.identity.phones import Phone, PhoneChallenge, PhonePurpose, WrongCodes
from models.identity.providers import ProviderFlow, ProviderPurpose, SignInProvider
from models.identity.revocations import Revocation, RevocationKind
from models.scopes import ApiScope
from tests.factories.factors import identity_of
from tests.factories.redemptions import Till
from tests.factories.world import World

ADDRESS: dict[str, Any] = {
    "email": b"sealed",
    "email_lookup": bytes(32),
    "next_email_lookup": bytes(36),
}


async def make(world: World, till: Till) -> None:
    session = UserSession(user_id=till.customer.id)
    await world.save(
        session,
        Revocation(kind=RevocationKind.SESSION, subject_id=session.id),
        RefreshToken(session_id=session.id, token_hash=b"h", expires_at=now() + timedelta(1)),
        ApiToken(
            user_id=till.customer.id,
            name="Till",
            prefix="haat_",
            token_hash=b"h",
            scopes=[ApiScope.READ],
        ),
        KnownNetwork(user_id=till.customer.id, network_hash=bytes(32)),
        PasswordReset(**ADDRESS, user_id=till.customer.id, epoch=0, token_hash=b"h"),
        EmailChange(
            user_id=till.customer.id,
            old_email=b"sealed",
            old_lookup=bytes(32),
            next_old_lookup=bytes(36),
            new_email=b"sealed",
            epoch=0,
            token_hash=b"h",
            undo_hash=b"h",
        ),
        Phone(user_id=till.customer.id, number=b"sealed", lookup=bytes(32), next_lookup=bytes(36)),
        PhoneChallenge(
            purpose=PhonePurpose.LOG_IN, number=b"sealed", lookup=bytes(32), secret_hash=b"h"
        ),
        WrongCodes(key=bytes(32), level=1, counted_at=now()),
        AdminInvitation(**ADDRESS, token_hash=b"h"),
    )
    await world.registration()
    flow = ProviderFlow(
        purpose=ProviderPurpose.LOG_IN,
        provider=SignInProvider.GOOGLE,
        redirect_url="https://haat.example/signed-in",
        code_challenge="c" * 43,
        state_hash=b"h",
        browser_hash=b"h",
        answered_at=now(),
        code_hash=b"h",
        issuer="https://provider.example",
        subject="1",
        **ADDRESS,
        email_proven=True,
        name="Asha",
    )
    await world.save(
        TotpFactor(user_id=till.customer.id, secret=b"s", confirmed_at=now()),
        TotpFactor(user_id=till.customer.id, secret=b"s"),
        RecoveryCode(user_id=till.customer.id, code_hash=bytes(32)),
        FactorChallenge(
            purpose=ChallengePurpose.SECOND_FACTOR,
            user_id=till.customer.id,
            epoch=0,
            secret_hash=bytes(32),
            flow_id=flow.id,
        ),
        flow,
        identity_of(till.customer),
        Passkey(
            user_id=till.customer.id,
            name="Phone",
            credential_id=b"id",
            public_key=b"key",
            sign_count=0,
            rp_id="localhost",
            aaguid=till.customer.id,
            backed_up=False,
        ),
    )
