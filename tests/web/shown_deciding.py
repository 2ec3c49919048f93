"""The pages about deciding with something in every place, for the tests of pages as HTML."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

from breach_service.acts.decisions.deciding import Standing
from breach_service.acts.decisions.glass import Reachable
from breach_service.acts.decisions.mandates import Cover
from breach_service.domain.access import DECISIONS, BrokenGlass, Ground, GroundKind, Mandate, MandateKind
from breach_service.domain.basis import DUTIES, Basis, duty_key
from breach_service.domain.deciding import (
    BREACH,
    NO,
    YES,
    Position,
    PositionKind,
    aware_at_of,
    notify_of,
    text_of,
)
from breach_service.domain.facts import values_of
from breach_service.domain.precedents import Precedent, like_cases
from breach_service.web import views
from breach_service.web.views.deciding import allowed_here, approval_view, deciding_view
from breach_service.web.views.duty_decisions import decide_page
from breach_service.web.views.glasses import break_page, glasses_page
from breach_service.web.views.mandates import MANDATE_FIELDS, mandates_page
from breach_service.web.views.precedents import all_cases

DAY = timedelta(days=1)
OPINION_FIELDS = ("is_breach", "obligation", "notify", "aware_at", "reason")


def deciding(case: Any, language: str, text: str = "Maud Keller") -> Iterator[tuple[str, Any]]:
    """The incident with opinions, decisions and a broken glass; drafts approved and not; glasses, mandates, opinion."""
    now, content = case.now, case.content
    known = case.dossier()
    cnil = next(one for one in known.obligations if one.recipient == "cnil")
    open_letters = [one for one in known.letters if one.fulfilled_at is None]
    draft = case.draft(language)
    dossier = replace(known, positions=tuple(positions(case, open_letters[0].id, draft.digest, text)))
    drafts = {one.id: draft for one in dossier.letters}
    for ground in GroundKind:
        for is_open in (True, False):
            standing = Standing(
                dict.fromkeys(DECISIONS, Ground(ground, 3)), tuple(mandates(case, text)), (glass(case, text, is_open),)
            )
            view = deciding_view(dossier, standing, 7 if is_open else 8, case.may | MAY, now)
            yield "incident.html", views.incident_page(
                dossier, content, drafts, language, now, case.may, deciding=view
            )  # fmt: skip
            opinion = {
                "reference": known.incident.reference, "title": text, "deciding": view, "error": text, "now": now,
                "typed": dict.fromkeys(OPINION_FIELDS, text),
            }  # fmt: skip
            yield "opinion.html", opinion
            for shown in (draft, replace(draft, subject=text)):
                may = allowed_here(case.may | MAY, standing, 8, now)
                approval = approval_view(dossier, open_letters[0].id, shown, draft, may, case.may)
                yield "draft.html", views.draft_page(
                    dossier, open_letters[0], shown, content, language, now, approval
                )  # fmt: skip
    yield from duties(case, dossier, language, text)
    bare = approval_view(known, cnil.id, draft, replace(draft, language="en"), case.may | MAY, case.may | MAY)
    yield "draft.html", views.draft_page(known, cnil, draft, content, language, now, bare)
    yield "register.html", views.register_page([dossier], content, language, now)
    yield from glasses(case, text)
    yield from mandate_pages(case, text)


def duties(case: Any, dossier: Any, language: str, text: str) -> Iterator[tuple[str, Any]]:
    """Each duty with a decision on other facts and rules, like cases of every kind, and a form that comes back."""
    precedents = [a_precedent(text, outcome) for outcome in ("required", "not_required")]
    old = Basis(
        "0" * 64, 0, "1" * 64, 0, "yes", "risk", "risk", {duty_key("own", one): "not_required" for one in DUTIES}
    )
    bases = {one.id: old for one in dossier.positions}
    for typed in (None, {"act": "decide", "perimeter": "own", "duty": "authority", "outcome": "no", "reason": text}):
        yield "decide.html", decide_page(
            dossier, bases, case.content, language, case.now, case.may | MAY,
            lambda one, duty: like_cases(values_of(one.facts), precedents, duty), version=("2" * 64, 1),
            error=text if typed else "", typed=typed,
        )  # fmt: skip
    yield "precedents.html", {"cases": all_cases(precedents, case.content, language), "now": case.now}
    yield "precedents.html", {"cases": (), "now": case.now}


def a_precedent(text: str, outcome: str) -> Precedent:
    """A case that weighs something of each type of fact."""
    words, example = {"fr": text, "en": text}, {"loss.confidentiality": "yes"}
    return Precedent.model_validate(
        {
            "id": f"case-{outcome}", "title": words, "authority": "CNIL", "decided_on": "2024-01-02", "why": words,
            "reference": {"title": text, "url": "https://authority.example/case"},
            "when": {"some": {"any": {
                "lost": {"fact": "loss.confidentiality", "is": "yes"},
                "not": {"fact": "loss.confidentiality", "is": "no"},
            }}},
            "weighed": {
                "truth": {"fact": "system.holds_personal_data", "is": "yes"},
                "number": {"fact": "persons.number", "at_most": 1},
                "more": {"fact": "persons.number", "at_least": 1},
                "words": {"fact": "data.categories", "none_of": ["health"]},
                "unknown": {"fact": "recipients.kind", "any_of": ["trusted", "identified"]},
            },
            "outcome": {"authority": outcome, "persons": outcome, "clients": outcome},
            "examples": {"alike": [example], "unlike": [example]},
        }
    )  # fmt: skip


MAY = frozenset(
    {"give_opinion", "qualify", "approve_draft", "record_filing", "break_glass", "review_glass", "decide_not_required"}
)


def positions(case: Any, number: int, digest: str, text: str) -> Iterator[Position]:
    """What was advised and decided, with a divergence on each question."""
    aware = (case.now - DAY).isoformat()
    said = [
        (PositionKind.OPINION, BREACH, NO), (PositionKind.DECISION, BREACH, YES),
        (PositionKind.OPINION, aware_at_of(), aware), (PositionKind.DECISION, aware_at_of(), case.now.isoformat()),
        (PositionKind.OPINION, notify_of(number), NO), (PositionKind.DECISION, text_of(number), digest),
        (PositionKind.OPINION, notify_of(99), NO),
    ]  # fmt: skip
    for one, (kind, subject, value) in enumerate(said, 1):
        ground = GroundKind.DELEGATION if kind is PositionKind.DECISION else None
        yield Position(one, kind, subject, value, text, text, case.now, 7, ground, 3 if ground else None)


def glass(case: Any, text: str, is_open: bool = True) -> BrokenGlass:
    """Broken an hour ago; open, or reviewed."""
    found = BrokenGlass(5, 1, 8, text, case.now - DAY / 24, text, case.now + DAY / 2, tried=text)
    return found if is_open else replace(found, id=6, reviewed_at=case.now, reviewed_by=text, review=text)


def mandates(case: Any, text: str) -> Iterator[Mandate]:
    """Of each kind: in force, to come, over, revoked."""
    spans = [(-DAY, None), (DAY, 2 * DAY), (-2 * DAY, -DAY), (-DAY, DAY)]
    for number, ((begins, ends), kind) in enumerate(product(spans, MandateKind), 1):
        yield Mandate(
            number, 7, text, kind, text if number % 2 else "", DECISIONS if number % 3 else frozenset(), text, text,
            case.now + begins, case.now + ends if ends is not None else None, case.now if number > 6 else None,
        )  # fmt: skip


def glasses(case: Any, text: str) -> Iterator[tuple[str, Any]]:
    """The form that breaks one, and the page of all."""
    held = tuple(mandates(case, text))
    for reach in (Reachable(held[:2], held[2:4]), Reachable((), ())):
        levels = [(level, text) for level in ("first", "second", "dpo", "deputy")]
        yield "glass.html", break_page("INC-2026-0001", text, reach, 12.0, case.now, levels, text, text, text)
    some = [(glass(case, text), "INC-2026-0001"), (glass(case, text, is_open=False), "INC-2026-0002")]
    for found in (some, []):
        for person in (7, 8):
            yield "glasses.html", glasses_page(found, person, MAY, case.now, text, 5, text)


def mandate_pages(case: Any, text: str) -> Iterator[tuple[str, Any]]:
    """The mandates, with what is not covered, to each who may record some and to who may not."""
    organisation = case.inventory.organisations[0]
    covers = [Cover(organisation, (case.now.date(),), tuple(sorted(DECISIONS))), Cover(organisation, (), ())]
    typed = dict.fromkeys(MANDATE_FIELDS, text)
    for role, may in (("admin", {"record_mandate"}), ("decider", {"record_mandate"}), ("viewer", set())):
        yield "mandates.html", mandates_page(
            mandates(case, text), covers, [(text, text)], case.inventory, frozenset(may), role, case.now, typed,
            ["qualify"], text,
        )  # fmt: skip
    yield "mandates.html", mandates_page((), (), (), case.inventory, frozenset({"record_mandate"}), "admin", case.now)
