"""A mail as a report: its words, its attachments, who it says it is from, and whether a person wrote it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.message import Message

from breach_service.domain.reports import mime
from breach_service.domain.reports.automatic import automatic_of, may_be_answered
from breach_service.domain.reports.html_text import MOST_HTML, text_of_html
from breach_service.domain.reports.mime import DEEPEST, Flaws
from breach_service.domain.reports.report import (
    Attachment,
    Flaw,
    Report,
    ReportChannel,
    digest_of,
    numbers_in,
)
from breach_service.domain.reports.reporters import Acquaintance, reporter_of

MOST_BYTES = 50 * 1024 * 1024
"""Of a mail that is read whole."""
MOST_WORDS = 100_000
"""Characters of the text of a report."""
MOST_ATTACHMENTS = 300
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,300}>")
_OWN_LOCAL = re.compile(r"[0-9a-f]{40}")
_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_SEALED = frozenset({"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"})


def report_of_mail(
    raw: bytes, received_at: datetime, *, arrived_at: datetime | None = None, known: Acquaintance | None = None,
    is_whole: bool = True,
) -> Report:  # fmt: skip
    """Read a mail. It never fails: what cannot be understood is a flaw of the report, whose digest is of `raw`.

    `received_at` is when this service took it in, `arrived_at` when it reached our mail server (INTERNALDATE), both
    aware: whoever wrote it told us then, however long it lay there. A later one than `received_at` is not believed.
    `is_whole` is False where `raw` is only the head of a mail that is too large.
    """
    known, flaws = known or Acquaintance(), Flaws()
    message = _parsed(raw, flaws)
    flaws.found |= set() if is_whole else {Flaw.TOO_LARGE}
    headers = mime.headers_of(message, flaws)
    name, address = mime.address_in(headers.get("from", []), flaws)
    automatic = automatic_of(headers, mime.type_of(message, flaws), address, known.own)
    reading = _Reading(flaws)
    reading.read(message, 0)
    subject = " ".join(headers.get("subject", [""])[0].split())[:500]
    is_answerable = automatic is None and address not in known.own and may_be_answered(headers)
    return Report(
        reporter=reporter_of(name, address, known.inventory),
        channel=ReportChannel.MAIL,
        told_at=min(arrived_at, received_at) if arrived_at is not None else received_at,
        received_at=received_at,
        digest=digest_of(raw),
        words=reading.words(),
        subject=subject,
        attachments=tuple(reading.attachments),
        written_at=mime.instant_in(headers.get("date", []), flaws),
        automatic=automatic,
        in_reply_to=_answered(headers, subject, known.own),
        message_id=next(iter(_ids(headers.get("message-id", []))), ""),
        answer_to=address if is_answerable else "",
        flaws=frozenset(flaws.found),
    )


def _parsed(raw: bytes, flaws: Flaws) -> "Message[str, str]":
    if len(raw) <= MOST_BYTES:
        return mime.parsed(raw, flaws)
    flaws.found.add(Flaw.TOO_LARGE)
    return mime.parsed(re.split(rb"\r?\n\r?\n", raw[: mime.MOST_HEAD], maxsplit=1)[0] + b"\n\n", flaws)


def _ids(values: Iterable[str]) -> list[str]:
    return [one for value in values for one in _MESSAGE_ID.findall(value)][:100]


def is_own_message_id(message_id: str, own: frozenset[str]) -> bool:
    """True for the Message-ID of a mail that we sent: 40 hex digits at a domain of ours."""
    local, _, domain = message_id.strip("<>").rpartition("@")
    return _OWN_LOCAL.fullmatch(local) is not None and domain.lower() in own


def _answered(headers: dict[str, list[str]], subject: str, own: frozenset[str]) -> tuple[str, ...]:
    """Our own Message-IDs among those that it answers, and the numbers of reports in its subject."""
    ids = _ids([*headers.get("in-reply-to", []), *headers.get("references", [])])
    ours = [one for one in ids if is_own_message_id(one, own)]
    return tuple(dict.fromkeys([*ours, *numbers_in(subject)]))


@dataclass
class _Reading:
    """What was found of the parts so far."""

    flaws: Flaws
    texts: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)

    def words(self) -> str:
        """All texts one below the other, within bounds."""
        whole = "\n\n".join(one for one in self.texts if one)
        if len(whole) > MOST_WORDS:
            self.flaws.found.add(Flaw.CUT)
        return whole[:MOST_WORDS].strip()

    def read(self, part: "Message[str, str]", depth: int) -> None:
        """Read a part and what it holds."""
        kind = mime.type_of(part, self.flaws)
        if kind in _SEALED:
            self.flaws.found.add(Flaw.ENCRYPTED)
        if depth > DEEPEST:
            self.flaws.found.add(Flaw.STRUCTURE)
        elif not part.is_multipart():
            self._leaf(part, kind)
        elif kind == "multipart/alternative":
            self._alternative(part, depth)
        elif kind == "message/rfc822":
            self._forwarded(part, depth)
        elif kind.startswith("message/"):  # what a mail server says of a mail, as it says it
            self.texts += [mime.clean(self.flaws.asking(one.as_string, "")).strip() for one in _parts(part)]
        else:
            for one in _parts(part):
                self.read(one, depth + 1)

    def _alternative(self, part: "Message[str, str]", depth: int) -> None:
        """The plain text where there is one with words, else what says the same otherwise."""
        readings = []
        for one in _parts(part):
            reading = _Reading(Flaws())
            reading.read(one, depth + 1)
            readings.append((mime.type_of(one, self.flaws) == "text/plain" and bool(reading.words()), reading))
        chosen = next((one for is_plain, one in readings if is_plain), None)
        chosen = chosen or max((one for _, one in readings), key=lambda one: len(one.words()), default=None)
        for _, read in readings:
            self._keep(read.attachments)
            is_chosen = read is chosen
            self.flaws.found |= read.flaws.found if is_chosen else read.flaws.found - {Flaw.HTML_ONLY, Flaw.CHARSET}
        if chosen is not None:
            self.texts += chosen.texts

    def _forwarded(self, part: "Message[str, str]", depth: int) -> None:
        """A mail within the mail: its head in words, its text, its attachments, and itself as a file."""
        for inner in _parts(part):
            headers = mime.headers_of(inner, self.flaws)
            head = [
                f"{name}: {headers[name.lower()][0]}" for name in ("From", "Date", "Subject") if name.lower() in headers
            ]
            self.texts.append("\n".join(["-" * 8, *head]))
            if depth < 2:  # what is further in stands in these
                title = re.sub(r"[^\w .-]+", "_", headers.get("subject", [""])[0])[:80].strip() or "message"
                content = self.flaws.asking(inner.as_bytes, b"")
                self._keep([Attachment(f"{title}.eml", "message/rfc822", content)] if content else [])
            self.read(inner, depth + 1)

    def _leaf(self, part: "Message[str, str]", kind: str) -> None:
        name = mime.name_of(part, self.flaws)
        disposition = str(part.get("content-disposition", "")).strip().lower()
        content = mime.content_of(part, self.flaws)
        is_words = kind in ("text/plain", "text/html") and not disposition.startswith("attachment") and not name
        if is_words:
            self._words(part, kind, content)
            return
        if kind in _TNEF or name.lower() == "winmail.dat":
            self.flaws.found.add(Flaw.WINMAIL)
        is_inline = disposition.startswith("inline") or (not disposition and "content-id" in part)
        if content or name:
            self._keep([Attachment(name or _unnamed(kind), kind, content, is_inline)])

    def _words(self, part: "Message[str, str]", kind: str, content: bytes) -> None:
        text = mime.text_of(content, mime.parameter_of(part, "charset", self.flaws) or "utf-8", self.flaws)
        if kind == "text/html":
            self.flaws.found |= {Flaw.HTML_ONLY} | ({Flaw.CUT} if len(text) > MOST_HTML else set())
            text = text_of_html(text)
        self.texts.append(mime.clean(text).strip())

    def _keep(self, found: Iterable[Attachment]) -> None:
        known = {(one.name, one.digest) for one in self.attachments}
        for one in found:
            if len(self.attachments) >= MOST_ATTACHMENTS:
                self.flaws.found.add(Flaw.CUT)
                return
            if (one.name, one.digest) not in known:
                self.attachments.append(replace(one, name=mime.clean(one.name)))


def _parts(part: "Message[str, str]") -> list["Message[str, str]"]:
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _unnamed(kind: str) -> str:
    main, _, sub = kind.partition("/")
    return f"{main}.{re.sub(r'[^a-z0-9]', '', sub)[:10] or 'bin'}"
