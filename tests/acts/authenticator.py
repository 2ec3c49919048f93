"""An authenticator in software: makes and uses passkeys as a security key would, and as a hostile one would not."""

import hashlib
import json
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url

USER_PRESENT, USER_VERIFIED, HAS_CREDENTIAL = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One device with one passkey; `counts` is False for the many that always say 0."""

    origin: str
    host: str
    counts: bool = True
    verifies: bool = True
    count: int = 0
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
        """The answer to `navigator.credentials.create`; `changes` of what it says of itself make it hostile."""
        numbers = self.key.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        attested = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + public
        said = self._client_data("webauthn.create", options, changes)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._said(HAS_CREDENTIAL) + attested})
        return self._answer({"attestationObject": bytes_to_base64url(attestation), "clientDataJSON": _text(said)})

    def use(self, options: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
        """The answer to `navigator.credentials.get`."""
        said, authenticator_data = self._client_data("webauthn.get", options, changes), self._said(0)
        signed = authenticator_data + hashlib.sha256(said).digest()
        signature = changes.get("signed_by", self.key).sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "authenticatorData": bytes_to_base64url(authenticator_data), "clientDataJSON": _text(said),
                "signature": bytes_to_base64url(signature), "userHandle": None,
            }
        )  # fmt: skip

    def _said(self, flags: int) -> bytes:
        self.count += 1 if self.counts else 0
        flags |= USER_PRESENT | (USER_VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _client_data(self, kind: str, options: Mapping[str, Any], changes: Mapping[str, Any]) -> bytes:
        origin, challenge = changes.get("origin", self.origin), changes.get("challenge", options["challenge"])
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()

    def _answer(self, response: Mapping[str, Any]) -> dict[str, Any]:
        number = bytes_to_base64url(self.credential_id)
        return {
            "id": number, "rawId": number, "type": "public-key", "clientExtensionResults": {},
            "authenticatorAttachment": "platform", "response": dict(response),
        }  # fmt: skip


def _text(data: bytes) -> str:
    return bytes_to_base64url(data)
