"""The page of one draft: the letter, point by point, with what is still missing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from markupsafe import Markup

from breach_service.domain.deadlines import DutyKind, Obligation
from breach_service.domain.dossier import Dossier, Filing
from breach_service.domain.drafts import Choice, Draft, Field, FieldKind, Section
from breach_service.domain.inventory import NoticeForm
from breach_service.domain.notice import Addressee, addressees_for
from breach_service.web.drawings import gauge
from breach_service.web.views.clocks import Clock, clock_of
from breach_service.web.views.deciding import ApprovalView
from breach_service.web.views.duties import MEANS
from breach_service.web.views.pieces import ContentWords, Recipient, recipient_of

ARTICLES = ("a", "b", "c", "d")
"""The points of GDPR Art. 33(3)."""


@dataclass(frozen=True)
class FieldLine:
    """One value. `key` is its HTML id, which the copy button names."""

    key: str
    label: str
    kind: FieldKind
    value: str
    choices: tuple[Choice, ...]
    remark: str
    article: str
    has_gap: bool


@dataclass(frozen=True)
class SectionPart:
    """One point of the letter."""

    number: int
    key: str
    title: str
    article: str
    gaps: int
    fields: tuple[FieldLine, ...]


@dataclass(frozen=True)
class ArticleLine:
    """A point of Art. 33(3): is it there, and what is missing in it."""

    letter: str
    state: Literal["filled", "gap", "absent"]
    gaps: tuple[str, ...]
    section: str
    """HTML id of the first section with a gap in it, or of the first that serves it."""


@dataclass(frozen=True)
class DraftPage:
    """The context variable `page` of `draft.html` and `draft_print.html`."""

    reference: str
    incident_title: str
    obligation: int
    recipient: Recipient
    duty: DutyKind
    subject: str
    language: str
    filled: int
    total: int
    gaps: int
    gauge: Markup
    sections: tuple[SectionPart, ...]
    articles: tuple[ArticleLine, ...]
    """Empty for a letter that no article of Art. 33(3) asks for."""
    clock: Clock | None
    filing: Filing | None
    print_href: str
    digest: str
    now: datetime
    approval: ApprovalView | None = None
    """Who released the text, and what can be done about it; None for paper."""
    means: tuple[str, ...] = MEANS
    contacts: tuple[Addressee, ...] = ()
    """To whom a client's notice goes, in order, the fallbacks last."""
    form: NoticeForm = NoticeForm.ANY
    """How the client's contract wants it to be given."""
    sent_to: str = ""
    heading: str = ""
    """What stands above the letter: that it belongs to an exercise."""
    owes_reasons: bool = False
    """True where it is late and nobody has given the reasons for the delay that the law asks for."""


def draft_page(
    dossier: Dossier,
    obligation: Obligation,
    draft: Draft,
    content: ContentWords,
    language: str,
    now: datetime,
    approval: ApprovalView | None = None,
) -> DraftPage:
    """One draft as it would be filed now. `language` is that of the page; the letter keeps its own."""
    names = {one.id: one.name for one in dossier.inventory.clients}
    sections = parts_of(draft)
    filing = dossier.filing_for(obligation)
    reference, client = dossier.incident.reference, dossier.client_of(obligation)
    return DraftPage(
        reference=reference,
        incident_title=dossier.incident.title,
        obligation=obligation.id,
        recipient=recipient_of(obligation, names),
        duty=obligation.duty,
        subject=draft.subject,
        heading=draft.heading,
        language=draft.language,
        filled=draft.filled,
        total=draft.total,
        gaps=len(draft.gaps),
        gauge=gauge([one.is_filled for one in draft.sections]),
        sections=sections,
        articles=_articles(draft),
        clock=clock_of(obligation, dossier.incident, names, content, language, now),
        filing=filing,
        print_href=f"/incidents/{reference}/drafts/{obligation.id}/print",
        digest=draft.digest,
        now=now,
        approval=approval,
        contacts=addressees_for(client, dossier, now) if client else (),
        form=obligation.terms.form,
        sent_to=obligation.terms.sent_to,
        owes_reasons=any(one.id == obligation.id for one in dossier.delays_to_explain(now)),
    )


def parts_of(draft: Draft) -> tuple[SectionPart, ...]:
    """The points of a letter, numbered."""
    return tuple(_part(number, one) for number, one in enumerate(draft.sections, start=1))


def _part(number: int, section: Section) -> SectionPart:
    return SectionPart(
        number=number,
        key=f"p{number}",
        title=section.title,
        article=section.article,
        gaps=len(section.gaps),
        fields=tuple(_line(f"p{number}-{index}", one) for index, one in enumerate(section.fields, start=1)),
    )


def _line(key: str, field: Field) -> FieldLine:
    return FieldLine(
        key=key,
        label=field.label,
        kind=field.kind,
        value=field.value,
        choices=field.choices,
        remark=field.remark,
        article=field.article,
        has_gap=bool(field.gaps),
    )


def _articles(draft: Draft) -> tuple[ArticleLine, ...]:
    lines = tuple(_article(letter, draft) for letter in ARTICLES)
    return () if all(one.state == "absent" for one in lines) else lines


def _article(letter: str, draft: Draft) -> ArticleLine:
    serving = [
        (f"p{number}", field)
        for number, section in enumerate(draft.sections, start=1)
        for field in section.fields
        if f"33(3)({letter})" in (field.article or section.article).replace(" ", "")
    ]
    missing = [(key, field) for key, field in serving if field.gaps]
    return ArticleLine(
        letter=letter,
        state="gap" if missing else "filled" if serving else "absent",
        gaps=tuple(gap for _, field in missing for gap in field.gaps),
        section=next((key for key, _ in missing or serving), ""),
    )
