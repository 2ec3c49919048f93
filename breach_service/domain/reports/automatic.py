"""Mail that no person wrote: automatic answers, bounces, mass mail, and our own coming back.

Such a mail is never answered (RFC 3834, 2) and opens nothing by itself; it stands in the queue, where a person looks.
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

LOOP_HEADER = "X-Breach-Service"
"""Stands in every mail that we send, with the domain that it is sent from."""
Headers = Mapping[str, Sequence[str]]
"""Values by name in lower case, decoded and bounded."""


class Automatic(StrEnum):
    """Why a mail is taken to be automatic."""

    LOOP = "loop"
    """One of our own mails came back."""
    DELIVERY_STATUS = "delivery_status"
    """What a mail server says of a mail: RFC 3464, 8098, or nothing but an empty return path."""
    AUTO_REPLY = "auto_reply"
    """An absence or another automatic answer."""
    AUTO_GENERATED = "auto_generated"
    MASS = "mass"
    """A list or a mass mailing; one of a client or a provider may all the same be how they tell us."""
    SPAM = "spam"
    """The mail server in front of us says so."""


MAY_TELL = frozenset({Automatic.AUTO_GENERATED, Automatic.MASS})
"""How a provider or a client may announce a breach to all its customers at once."""
_REPLY_HEADERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-vacation")
_LIST_HEADERS = ("list-id", "list-unsubscribe", "list-post", "x-mailing-list", "feedback-id")
_DAEMONS = re.compile(r"(mailer-daemon|maildaemon|mail-daemon|postmaster|bounces?([-+=].*)?)$", re.IGNORECASE)
_AWAY = re.compile(
    r"(r[ée]ponse automatique|auto(matic)?[ -]?reply|out of (the )?office|absence du bureau|message d.absence|"
    r"automatische antwort|abwesenheit|respuesta autom[áa]tica)\b",
    re.IGNORECASE,
)
_UNDELIVERED = re.compile(
    r"(undeliver(ed|able)|delivery (status notification|failure|has failed)|mail delivery (failed|system)|"
    r"returned mail|[ée]chec de (la )?(remise|distribution)|non remis)\b",
    re.IGNORECASE,
)


def automatic_of(headers: Headers, media_type: str, sender: str, own: frozenset[str]) -> Automatic | None:
    """Why a mail is automatic; None where a person seems to have written it.

    `sender` is the address of its From, `own` are our own addresses and the domain of our mails, all in lower case.
    """
    if (sender and sender in own) or any(one.strip().lower() in own for one in headers.get(LOOP_HEADER.lower(), ())):
        return Automatic.LOOP
    if any(_is_yes(one) for one in headers.get("x-spam-flag", ())):
        return Automatic.SPAM
    if media_type == "multipart/report" or _is_from_daemon(headers, sender):
        return Automatic.DELIVERY_STATUS
    submitted = _first_word(headers, "auto-submitted")
    precedence = _first_word(headers, "precedence")
    if submitted in ("auto-replied", "auto-notified") or precedence == "auto_reply" or _is_away(headers):
        return Automatic.AUTO_REPLY
    if submitted not in ("", "no"):
        return Automatic.AUTO_GENERATED
    if precedence in ("bulk", "list", "junk") or any(one in headers for one in _LIST_HEADERS):
        return Automatic.MASS
    return None


def may_be_answered(headers: Headers) -> bool:
    """False where the sender asks that nothing automatic answers (Exchange: X-Auto-Response-Suppress)."""
    words = " ".join(headers.get("x-auto-response-suppress", ())).lower()
    return not any(one in words for one in ("all", "autoreply", "oof"))


def _is_from_daemon(headers: Headers, sender: str) -> bool:
    has_no_way_back = any(one.strip() == "<>" for one in headers.get("return-path", ()))
    is_daemon = _DAEMONS.match(sender.partition("@")[0]) is not None
    subject = " ".join(headers.get("subject", ()))
    if "x-failed-recipients" in headers:
        return True
    if has_no_way_back:  # an absence may have none either, and says so
        return not _is_away(headers) and _first_word(headers, "auto-submitted") != "auto-replied"
    return is_daemon and (not sender.lower().startswith("postmaster") or _UNDELIVERED.match(subject) is not None)


def _is_away(headers: Headers) -> bool:
    has_header = any(
        name in headers and not all(value.strip().lower() in ("no", "none") for value in headers[name])
        for name in _REPLY_HEADERS
    )
    return has_header or any(_AWAY.match(one.strip()) for one in headers.get("subject", ()))


def _first_word(headers: Headers, name: str) -> str:
    values = headers.get(name, ())
    words = re.split(r"[\s;(]", values[0].strip().lower(), maxsplit=1) if values else [""]
    return words[0]


def _is_yes(value: str) -> bool:
    return value.strip().lower() in ("yes", "true", "1")
