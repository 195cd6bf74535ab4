"""The certificate that signs passes for Apple Wallet, with its key and those that vouch for it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs7 import (
    PKCS7Options,
    PKCS7SignatureBuilder,
)
from cryptography.x509.oid import NameOID

PRIVATE_KEY = re.compile(
    rb"-----BEGIN ([A-Z ]*)PRIVATE KEY-----.+?-----END \1PRIVATE KEY-----", re.DOTALL
)
OPTIONS = [PKCS7Options.DetachedSignature, PKCS7Options.Binary]


@dataclass(frozen=True)
class PassCertificates:
    """A certificate for passes. `pass_type` and `team` are what Apple has put into its subject."""

    certificate: x509.Certificate
    key: RSAPrivateKey | EllipticCurvePrivateKey = field(repr=False)
    others: Sequence[x509.Certificate]
    pass_type: str
    team: str

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a PEM file. The ValueError for a bad file contains none of its values."""
        try:
            pem = path.read_bytes()
        except OSError as error:
            raise ValueError(f"{path} is not a readable file.") from error
        try:
            found = x509.load_pem_x509_certificates(pem)
            block = PRIVATE_KEY.search(pem)
            key = load_pem_private_key(block.group(), None) if block else None
        except (ValueError, TypeError):  # a key with a password is a TypeError
            raise ValueError(f"{path} is not a PEM file without a password.") from None
        if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
            raise ValueError(f"{path} has no private key.")
        own = next((one for one in found if one.public_key() == key.public_key()), None)
        if own is None:
            raise ValueError(f"{path} has no certificate of its private key.")
        pass_type = _subject(own, NameOID.USER_ID)
        team = _subject(own, NameOID.ORGANIZATIONAL_UNIT_NAME)
        if not (pass_type and team):
            raise ValueError(f"{path} is not a certificate for passes.")
        others = [one for one in found if one != own]
        if not any(one.subject == own.issuer for one in others):
            raise ValueError(f"{path} lacks the certificate that issued that for passes.")
        return cls(own, key, others, pass_type, team)

    @property
    def ends_at(self) -> datetime:
        return self.certificate.not_valid_after_utc

    def sign(self, content: bytes) -> bytes:
        """Return the detached signature of a content as PKCS #7, with the time of now."""
        signed = PKCS7SignatureBuilder().set_data(content)
        signed = signed.add_signer(self.certificate, self.key, SHA256())
        for one in self.others:
            signed = signed.add_certificate(one)
        return signed.sign(Encoding.DER, OPTIONS)


def _subject(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    found = certificate.subject.get_attributes_for_oid(oid)
    return str(found[0].value) if found else ""
