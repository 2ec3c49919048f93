"""Mails that a mail service hands on over HTTP, as it does so: the mail itself, or its parts in JSON.

| service | what it posts |
|---|---|
| any that can (Cloudflare, Postfix with curl, ForwardEmail) | the mail itself (`message/rfc822`) |
| Postmark (postmarkapp.com/developer/webhooks/inbound-webhook) | JSON; with `RawEmail` where that is switched on |
| Amazon SES through SNS (docs.aws.amazon.com/ses, receiving-email-action-sns) | JSON in JSON; `content` is the mail |
| Mailgun (`…/mime` routes), SendGrid (“post the raw, full MIME message”) | a form with `body-mime` or `email` |
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.generator import BytesGenerator
from email.mime.application import MIMEApplication
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from io import BytesIO

RAW_FIELDS = ("body-mime", "email", "RawEmail", "raw", "content")
"""Fields, of a form or of JSON, that hold the mail itself."""
_OURS = frozenset({"mime-version", "content-type", "content-transfer-encoding", "content-disposition", "content-id"})
"""Headers that belong to how a mail is built: they are made anew where it is put together again."""
_MOST_HEADERS = 500
_MOST_FILES = 300


@dataclass(frozen=True)
class Posted:
    """A mail that was handed on."""

    raw: bytes
    """The mail; put together again where only its parts came."""
    arrived_at: datetime | None = None
    """When the mail service got it, aware; None where it does not say."""


@dataclass(frozen=True)
class Subscription:
    """Amazon SNS asks whether its messages are wanted: whoever set it up opens the address."""

    url: str


def posted_form(fields: Mapping[str, str | bytes]) -> Posted | None:
    """The mail of a form; None where it holds none."""
    for name in RAW_FIELDS:
        value = fields.get(name, "")
        if value:
            return Posted(value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape"))
    return None


def posted_json(body: bytes) -> Posted | Subscription | None:
    """The mail of a JSON body; None where none can be found in it."""
    found = _object(body)
    if found is None:
        return None
    kind = found.get("Type")
    if kind in ("SubscriptionConfirmation", "UnsubscribeConfirmation"):
        return Subscription(_text(found, "SubscribeURL")[:2000])
    if kind == "Notification":
        found = _object(_text(found, "Message").encode("utf-8", "replace")) or {}
    raw = next((value for name in RAW_FIELDS if (value := _text(found, name))), "")
    if raw:
        return Posted(_raw(raw), _arrived(found))
    is_postmark = any(name in found for name in ("TextBody", "HtmlBody")) or "FromFull" in found
    return Posted(_built(found), _arrived(found)) if is_postmark else None


def _object(body: bytes) -> dict[str, object] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _raw(text: str) -> bytes:
    """A mail in JSON, as it is or in base64: no mail begins with a line that is base64 alone."""
    head = text.lstrip()[:200].split("\n", 1)[0]
    if ":" not in head and " " not in head.strip():
        try:
            return base64.b64decode(text, validate=False)
        except (binascii.Error, ValueError):
            pass
    return text.encode("utf-8", "surrogateescape" if _is_escaped(text) else "replace")


def _is_escaped(text: str) -> bool:
    return any("\udc80" <= one <= "\udcff" for one in text) and not any(
        "\ud800" <= one < "\udc80" or "\udcff" < one <= "\udfff" for one in text
    )


def _text(found: Mapping[str, object], name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""


def _arrived(found: Mapping[str, object]) -> datetime | None:
    """When SES got it; others do not say, and the Date of a mail is what its writer says."""
    mail = found.get("mail")
    text = _text(mail, "timestamp") if isinstance(mail, dict) else ""
    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def _built(found: Mapping[str, object]) -> bytes:
    """The parts of Postmark as a mail again; the report keeps what was posted as its original."""
    whole = MIMEMultipart("mixed")
    given = {name.lower() for name, _ in _headers(found)}
    for name, value in _headers(found):
        if name.lower() not in _OURS:
            whole[name] = _line(value)
    for name in ("From", "To", "Cc", "Subject", "Date"):
        if name.lower() not in given and _text(found, name):
            whole[name] = _line(_text(found, name))
    text, html = _text(found, "TextBody"), _text(found, "HtmlBody")
    body = MIMEMultipart("alternative")
    if text:
        body.attach(MIMEText(text.encode("utf-8", "replace").decode(), "plain", "utf-8"))
    if html:
        body.attach(MIMEText(html.encode("utf-8", "replace").decode(), "html", "utf-8"))
    whole.attach(body)
    for one in _files(found):
        whole.attach(one)
    written = BytesIO()
    BytesGenerator(written, mangle_from_=False).flatten(whole)
    return written.getvalue()


def _headers(found: Mapping[str, object]) -> list[tuple[str, str]]:
    listed = found.get("Headers")
    pairs = listed if isinstance(listed, list) else []
    named = [
        (_text(one, "Name").strip(), _text(one, "Value")) for one in pairs[:_MOST_HEADERS] if isinstance(one, dict)
    ]
    return [(name, value) for name, value in named if name.isascii() and name.replace("-", "").isalnum()]


def _files(found: Mapping[str, object]) -> list[MIMEBase]:
    listed = found.get("Attachments")
    files = listed if isinstance(listed, list) else []
    made: list[MIMEBase] = []
    for one in files[:_MOST_FILES]:
        if not isinstance(one, dict):
            continue
        try:
            content = base64.b64decode(_text(one, "Content"), validate=False)
        except (binascii.Error, ValueError):
            content = _text(one, "Content").encode("utf-8", "replace")
        part = MIMEApplication(content)
        kind = _line(_text(one, "ContentType")).partition(";")[0].strip().lower()
        if kind.isascii() and kind.count("/") == 1 and not kind.startswith(("multipart/", "message/")):
            part.replace_header("Content-Type", kind)
        inline = bool(_text(one, "ContentID"))
        part.add_header(
            "Content-Disposition",
            "inline" if inline else "attachment",
            filename=("utf-8", "", _line(_text(one, "Name"))),
        )
        made.append(part)
    return made


def _line(text: str) -> str:
    """One line without what would begin another header."""
    return " ".join(text.encode("utf-8", "replace").decode().split())[:4000]
