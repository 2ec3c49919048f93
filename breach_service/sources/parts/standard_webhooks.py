"""Standard Webhooks (https://www.standardwebhooks.com): one way to sign that several senders share.

The signed text is `<webhook-id>.<webhook-timestamp>.<body>`, the signature base64 behind `v1,`, and a secret that
begins with `whsec_` is base64 of the key. GitLab signs so where a hook has a signing token.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from breach_service.sources.signing import Signing

_MARK = b"whsec_"


def key_of_secret(_timestamp: str, secret: bytes) -> bytes:
    """The key of the HMAC: what stands in base64 behind `whsec_`, or the secret itself where it is no such text."""
    if not secret.startswith(_MARK):
        return secret
    try:
        return base64.b64decode(secret.removeprefix(_MARK), validate=True)
    except binascii.Error:
        return secret


@dataclass(frozen=True)
class StandardSigning(Signing):
    """The id of the message is signed beside its clock and its body."""

    id_header: str = "webhook-id"
    """Header of the id, lower case."""

    def fitting(self, secrets: Iterable[bytes], headers: Mapping[str, str], body: bytes) -> int | None:
        """See `Signing.fitting`."""
        parts = (headers.get(self.id_header, "").strip(), self.timestamp_of(headers))
        before = ".".join((*parts, "")).encode("utf-8", "surrogatepass")
        return super().fitting(secrets, headers, before + body)


STANDARD = StandardSigning(
    "webhook-signature",
    # Several signatures are separated by blanks; the version in front of each is no base64 and is passed over.
    is_base64=True,
    timestamp_header="webhook-timestamp",
    key=key_of_secret,
)
"""As the specification has it, version 1 (symmetric)."""
