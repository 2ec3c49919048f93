"""The envelope of Amazon SNS: what it signs, which hosts are its own, and what stands inside.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html and
sns-message-and-json-formats.html in the same guide.
"""

import base64
import binascii
import re
from urllib.parse import parse_qs, urlsplit

from breach_service.errors import UnreadablePayload
from breach_service.sources.certificates import KeySigned
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import text_at, value_at

NOTIFICATION = "Notification"
SUBSCRIPTION = "SubscriptionConfirmation"
CANCELLATION = "UnsubscribeConfirmation"

_SIGNED_OF_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_SIGNED_OF_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
# The host that the vendor's own validators accept; another bucket or a look-alike would let anybody sign.
_HOST = re.compile(r"sns\.[a-z0-9-]{3,40}\.amazonaws\.com(?:\.cn)?", re.ASCII)
_VISIBLE = re.compile(r"[!-~]{1,2048}", re.ASCII)


def is_envelope(record: Record) -> bool:
    """True if the object is an envelope of SNS."""
    kind = value_at(record, "Type")
    return kind in (NOTIFICATION, SUBSCRIPTION, CANCELLATION) and "TopicArn" in record and "MessageId" in record


def signed_part_of(envelope: Record) -> KeySigned:
    """What must be checked of an envelope. Raises UnreadablePayload where it is not signed as SNS signs."""
    version = text_at(envelope, "SignatureVersion")
    if version not in ("1", "2"):
        raise UnreadablePayload(
            'Found an SNS message whose "SignatureVersion" is neither 1 nor 2; expected one of them.'
        )
    return KeySigned(
        key_url=_certificate_address(envelope),
        message=string_to_sign(envelope).encode("utf-8", "surrogatepass"),
        signature=_signature_of(envelope),
        is_sha1=version == "1",
    )


def string_to_sign(envelope: Record) -> str:
    """The signed fields in the order of their names, each name and each value on a line; absent ones are left out."""
    is_notification = value_at(envelope, "Type") == NOTIFICATION
    names = _SIGNED_OF_NOTIFICATION if is_notification else _SIGNED_OF_CONFIRMATION
    pairs = ((name, value_at(envelope, name)) for name in names)
    return "".join(f"{name}\n{value}\n" for name, value in pairs if isinstance(value, str))


def confirmation_address(envelope: Record) -> str | None:
    """Where a subscription is confirmed; None for every other message, and for every address that is not of SNS."""
    if value_at(envelope, "Type") != SUBSCRIPTION:
        return None
    address = text_at(envelope, "SubscribeURL")
    query = parse_qs(urlsplit(address).query) if _is_own(address) else {}
    is_meant = query.get("Action") == ["ConfirmSubscription"]
    return address if is_meant and query.get("TopicArn") == [text_at(envelope, "TopicArn")] else None


def _certificate_address(envelope: Record) -> str:
    address = text_at(envelope, "SigningCertURL") or text_at(envelope, "SigningCertUrl")
    if not _is_own(address) or not urlsplit(address).path.endswith(".pem"):
        sentence = (
            "an SNS message whose certificate is not on a host of SNS; expected https://sns.<region>.amazonaws.com"
        )
        raise UnreadablePayload(f"Found {sentence}.")
    return address


def _signature_of(envelope: Record) -> bytes:
    try:
        signature = base64.b64decode(text_at(envelope, "Signature"), validate=True)
    except (binascii.Error, ValueError):
        signature = b""
    if not signature:
        raise UnreadablePayload('Found an SNS message without a "Signature" in Base64; expected every message signed.')
    return signature


def _is_own(address: str) -> bool:
    """True for https addresses of SNS, with neither a user nor a port."""
    if not _VISIBLE.fullmatch(address):
        return False
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme == "https" and port is None and _HOST.fullmatch(parts.netloc) is not None
