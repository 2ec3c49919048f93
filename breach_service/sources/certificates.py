"""Signatures checked with a certificate of the sender (RSA, PKCS #1 v1.5)."""

from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm

from breach_service.errors import WrongCredential
from breach_service.sources.proofs import Proof

WRONG_SIGNATURE = "wrong_signature"


@dataclass(frozen=True)
class KeySigned(Proof):
    """A signature that the holder of the certificate (PEM) at `key_url` made."""

    key_url: str
    message: bytes
    signature: bytes
    is_sha1: bool = False
    """True for the old version of the signature."""

    def is_key(self, data: bytes) -> bool:
        """See `Proof.is_key`."""
        try:
            x509.load_pem_x509_certificate(data)
        except ValueError:
            return False
        return True

    def is_held_by(self, key: bytes) -> bool:
        """See `Proof.is_held_by`. A certificate has an address of its own, so it is always the one."""
        del key
        return True

    def check(self, key: bytes) -> None:
        """See `Proof.check`."""
        algorithm: HashAlgorithm = SHA1() if self.is_sha1 else SHA256()  # noqa: S303  # the sender's choice
        try:
            public = x509.load_pem_x509_certificate(key).public_key()
            if not isinstance(public, rsa.RSAPublicKey):
                raise WrongCredential(WRONG_SIGNATURE, "The certificate of the sender holds no RSA key.")
            public.verify(self.signature, self.message, padding.PKCS1v15(), algorithm)
        except (InvalidSignature, ValueError) as error:
            sentence = "The signature does not fit the message: somebody else sent it, or a relay rewrote it."
            raise WrongCredential(WRONG_SIGNATURE, sentence) from error
