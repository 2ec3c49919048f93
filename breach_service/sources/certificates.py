"""Signatures checked with a public key of the sender: the key is fetched and kept elsewhere, the check is pure."""

from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm

from breach_service.errors import WrongCredential

WRONG_SIGNATURE = "wrong_signature"


@dataclass(frozen=True)
class KeySigned:
    """What must be checked of one delivery, with the certificate at `key_url`."""

    key_url: str
    """Address of the certificate, PEM; its host was checked by the module of the sender, https only."""
    message: bytes
    signature: bytes
    is_sha1: bool = False
    """True for the old version of the signature."""


def is_certificate(data: bytes) -> bool:
    """True if the data are a certificate (PEM): an address may answer with a page of errors as well."""
    try:
        x509.load_pem_x509_certificate(data)
    except ValueError:
        return False
    return True


def check(signed: KeySigned, certificate: bytes) -> None:
    """Return if the signature is of the holder of the certificate (PEM, RSA, PKCS #1 v1.5).

    Raises WrongCredential if it is not, or if the certificate cannot be used.
    """
    algorithm: HashAlgorithm = SHA1() if signed.is_sha1 else SHA256()  # noqa: S303  # the sender's choice
    try:
        key = x509.load_pem_x509_certificate(certificate).public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise WrongCredential(WRONG_SIGNATURE, "The certificate of the sender holds no RSA key.")
        key.verify(signed.signature, signed.message, padding.PKCS1v15(), algorithm)
    except (InvalidSignature, ValueError) as error:
        sentence = "The signature does not fit the message: somebody else sent it, or a relay rewrote it."
        raise WrongCredential(WRONG_SIGNATURE, sentence) from error
