"""Makes the certificates beside it: a test authority, a signer, an expired one, a stranger.

Nobody trusts them; their keys are public on purpose. Run again only to replace all of them (the
samples in cap_samples/signed must then be signed again).
"""

from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

HERE = Path(__file__).parent


def name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "ewsim test only"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def certificate(subject, key, issuer, issuer_key, years, *, authority):
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(years[0], 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(years[1], 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
        .add_extension(
            x509.KeyUsage(
                digital_signature=not authority,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=authority,
                crl_sign=authority,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectAlternativeName([x509.RFC822Name("warnings@example.org")]), critical=False)
    )
    return builder.sign(issuer_key, hashes.SHA256())


def write(stem, key, made):
    (HERE / f"{stem}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (HERE / f"{stem}.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def main() -> None:
    root_key = rsa.generate_private_key(65537, 2048)
    root = name("ewsim test authority")
    write("ca", root_key, certificate(root, root_key, root, root_key, (2000, 2200), authority=True))
    keys = {
        "signer": (rsa.generate_private_key(65537, 2048), (2000, 2200)),
        "signer_ec": (ec.generate_private_key(ec.SECP256R1()), (2000, 2200)),
        "expired": (rsa.generate_private_key(65537, 2048), (2000, 2001)),
    }
    for stem, (key, years) in keys.items():
        subject = name(f"ewsim test {stem}")
        write(stem, key, certificate(subject, key, root, root_key, years, authority=False))
    key = rsa.generate_private_key(65537, 2048)
    subject = name("ewsim test stranger")
    write("stranger", key, certificate(subject, key, subject, key, (2000, 2200), authority=False))


if __name__ == "__main__":
    main()
