"""A chain of certificates like that of Apple: a root, an authority, and one for passes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from core.clock import now

PASS_TYPE, TEAM = "pass.example.haat.tickets", "A1B2C3D4E5"


@dataclass(frozen=True)
class PassIssuer:
    """The PEM of the certificates, and the key of that for passes."""

    root: bytes
    authority: bytes
    certificate: bytes
    key: bytes

    @classmethod
    def make(cls, ends_at: datetime | None = None) -> "PassIssuer":
        keys = [rsa.generate_private_key(65537, 2048) for _ in range(3)]
        root, authority = _name("Root"), _name("Authority")
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.USER_ID, PASS_TYPE),
                x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, TEAM),
                x509.NameAttribute(NameOID.COMMON_NAME, f"Pass Type ID: {PASS_TYPE}"),
            ]
        )
        certificates = [
            _sign(root, keys[0], root, keys[0], authority=True),
            _sign(authority, keys[1], root, keys[0], authority=True),
            _sign(subject, keys[2], authority, keys[1], ends_at=ends_at),
        ]
        key = keys[2].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        top, middle, own = (one.public_bytes(Encoding.PEM) for one in certificates)
        return cls(top, middle, own, key)

    def save(self, path: Path) -> Path:
        """Write the file of the setting."""
        path.write_bytes(self.certificate + self.key + self.authority)
        return path


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _sign(
    subject: x509.Name,
    key: rsa.RSAPrivateKey,
    issuer: x509.Name,
    issuer_key: rsa.RSAPrivateKey,
    *,
    authority: bool = False,
    ends_at: datetime | None = None,
) -> x509.Certificate:
    begin = now() - timedelta(days=2)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(ends_at or now() + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if not authority:
        made = made.add_extension(usage, critical=False)
    return made.sign(issuer_key, SHA256())
