"""The pages on which people without an account report an incident, and see that somebody looks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from breach_service.domain.reports import QUESTIONS, QuestionKind
from breach_service.errors import N_
from breach_service.notify.chat import AskedField, AskedForm

State = Literal["ask", "wait", "closed", "done"]
REPORT = (*(one.id for one in QUESTIONS), "name", "contact", "points_at_staff", "key")
"""The fields of the form."""


@dataclass(frozen=True)
class AskedQuestion:
    """One question in the reader's language, with what was typed."""

    id: str
    kind: str
    words: str
    hint: str
    is_required: bool
    typed: str


@dataclass(frozen=True)
class ReportPage:
    """The context variable `page` of `report.html`; its form posts the names of `REPORT` to `path`."""

    state: State
    path: str = ""
    key: str = ""
    """Makes a form that is sent twice one report."""
    number: str = ""
    status: str = ""
    """Address under which whoever reported sees that somebody looks; empty where it was shown before."""
    questions: tuple[AskedQuestion, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)
    error: str = ""


def report_form(
    path: str, key: str, language: str, typed: Mapping[str, str] | None = None, error: str = ""
) -> ReportPage:  # fmt: skip
    """The form, empty or as it was typed with the sentence of what was wrong."""
    held = {name: (typed or {}).get(name, "") for name in REPORT}
    return ReportPage("ask", path, key, questions=asked_questions(language, held), typed=held, error=error)


@dataclass(frozen=True)
class StatusPage:
    """The context variable `page` of `report_status.html`; its form posts `what`, `name` and `key` to `path`."""

    state: Literal["received", "looked_at", "closed"]
    number: str = ""
    told_at: datetime | None = None
    path: str = ""
    key: str = ""
    added: str = ""
    """Number of what was added just now."""
    error: str = ""


def asked_questions(language: str, typed: Mapping[str, str]) -> tuple[AskedQuestion, ...]:
    """The five questions in the reader's language, with what was typed under the id of each."""
    return tuple(
        AskedQuestion(
            one.id, str(one.kind), one.words.in_language(language), one.hint.in_language(language), one.is_required,
            typed.get(one.id, ""),
        )
        for one in QUESTIONS
    )  # fmt: skip


# ── The same questions where people chat

CHAT_FORM = "report"
CHAT_WORDS = {
    "title": N_("Report an incident"), "send": N_("Send"), "cancel": N_("Cancel"), "close": N_("Close"),
    "yes": N_("Yes"), "no": N_("No"), "unknown": N_("I do not know"),
    "intro": N_("Five questions, one of which must be answered. A mistake is no fault here: what counts is that you "
                "say it soon."),
    "contact": N_("How to reach you (optional)"),
    "contact_hint": N_("A telephone number or an address. Without it you are asked in Slack."),
    "staff": N_("May one of our own people be behind it?"), "staff_tick": N_("Yes, or it cannot be excluded"),
    "staff_hint": N_("only a few named people will read your report"),
    "thanks": N_("Thank you: your report is in. Its number is:"),
    "next": N_("Note the number and give it when you add something. Somebody looks at your report now; delete nothing "
               "and switch nothing off before you are asked to."),
    "follow": N_("Under this link you see that somebody looks, and can add something:"),
    "wait": N_("Very many reports come from here just now: try again in a few minutes, or tell your security team in "
               "person."),
    "not_opened": N_("The form could not be opened: give the command again, or tell your security team in person. Do "
                     "not wait."),
}  # fmt: skip
"""The words of the form by what they are for; Slack gives a title, a button and an option little room."""
_CHAT_KINDS = {QuestionKind.WORDS: "words", QuestionKind.INSTANT: "instant", QuestionKind.TRUTH: "choice"}


def chat_words(gettext: Callable[[str], str]) -> dict[str, str]:
    """The words of the form in a language."""
    return {name: gettext(words) for name, words in CHAT_WORDS.items()}


def chat_form(language: str, gettext: Callable[[str], str]) -> AskedForm:
    """The five questions, how to reach whoever reports, and whether one of our own people may be behind it."""
    said = chat_words(gettext)
    truths = tuple((one, said[one]) for one in ("yes", "no", "unknown"))
    questions = tuple(
        AskedField(
            one.id, _CHAT_KINDS[one.kind], one.words.in_language(language), one.hint.in_language(language),
            one.is_required, truths if one.kind is QuestionKind.TRUTH else (),
        )
        for one in QUESTIONS
    )  # fmt: skip
    reach = AskedField("contact", "line", said["contact"], said["contact_hint"])
    staff = AskedField(
        "points_at_staff", "tick", said["staff"], said["staff_hint"], False, (("yes", said["staff_tick"]),)
    )
    return AskedForm(CHAT_FORM, said["title"], said["send"], said["cancel"], said["intro"], (*questions, reach, staff))


def chat_thanks(number: str, link: str, gettext: Callable[[str], str]) -> tuple[str, str, tuple[str, ...]]:
    """Title, button and lines of what is shown once a report is in; `link` may be empty."""
    said = chat_words(gettext)
    lines = (f"{said['thanks']} {number}", said["next"], f"{said['follow']} {link}" if link else "")
    return said["title"], said["close"], lines
