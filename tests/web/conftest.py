"""A fabricated incident at an invented company, rich enough that every piece of every page has something to show."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from breach_service.domain.access import Act
from breach_service.domain.alert import AlertStatus, Entity, EntityKind, Severity, Signal
from breach_service.domain.assessment import Assessment, assess, facts_from_inventory
from breach_service.domain.conditions import NumberRange, Truth
from breach_service.domain.deadlines import Obligation, Obliging, Regime, due_after, obligations_for
from breach_service.domain.dossier import Dossier, Filing
from breach_service.domain.drafts import Choice, Draft, Field, FieldKind, Section, gap_in_words
from breach_service.domain.facts import Fact, FactType, Provenance, Scope, ScopeKind, values_of
from breach_service.domain.grouping import SignalType
from breach_service.domain.incident import (
    EntryKind,
    Episode,
    Incident,
    IncidentStatus,
    Instant,
    InstantKind,
    TimelineEntry,
    instants_for,
    perimeters_of,
)
from breach_service.domain.inventory import Inventory
from breach_service.domain.rules import Rule
from breach_service.rendering import Renderer
from breach_service.web.views import ContentWords

ROOT = Path(__file__).parents[2]
EVERY_ACT = frozenset(str(act) for act in Act)
NOW = datetime(2026, 11, 23, 7, 42, tzinfo=UTC)
OPENED = datetime(2026, 11, 21, 2, 12, tzinfo=UTC)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A day of November 2026 in Paris, which is one hour ahead of UTC."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=1)


INVENTORY = Inventory.model_validate(
    {
        "organisations": [
            {"id": "mirabel", "name": "Atelier Mirabel", "dpo": {"name": "Noé Varenne", "email": "dpo@mirabel.example"}}
        ],
        "data_categories": [
            {"id": "etat-civil", "name": {"fr": "état civil", "en": "civil status"}, "cnil": "civil_status"},
            {"id": "coordonnees", "name": {"fr": "coordonnées", "en": "contact details"}, "cnil": "contact"},
            {"id": "banque", "name": {"fr": "coordonnées bancaires", "en": "bank details"}, "cnil": "financial"},
            {"id": "sante", "name": {"fr": "santé", "en": "health"}, "cnil": "health", "is_special": True},
        ],
        "systems": [
            {"id": "web-02", "name": {"fr": "Portail de démarches", "en": "Citizen portal"},
             "description": {"fr": "Serveur public du portail", "en": "Public server of the portal"},
             "match": {"hosts": ["web-02*"], "networks": ["192.0.2.0/28"], "labels": {"app": "portail"}},
             "activities": ["demarches", "adherents"]},
            {"id": "crm", "name": {"fr": "Gestion commerciale", "en": "Sales system"},
             "match": {"applications": ["crm"]}, "activities": ["prospection"]},
            {"id": "usine", "name": {"fr": "Usine logicielle", "en": "Software factory"}, "is_in_production": False},
        ],
        "activities": [
            {"id": "prospection", "name": {"fr": "Prospection et facturation", "en": "Prospects and billing"},
             "our_role": "controller", "data": ["etat-civil", "coordonnees", "banque"],
             "persons": [{"fr": "prospects", "en": "prospects"}], "person_kinds": ["customers"],
             "number_of_persons": [1240, 1240]},
            {"id": "demarches", "name": {"fr": "Démarches en ligne", "en": "Online procedures"},
             "our_role": "processor", "data": ["etat-civil", "coordonnees"],
             "persons": [{"fr": "usagers", "en": "users"}], "person_kinds": ["users"], "clients": ["vernolles"]},
            {"id": "adherents", "name": {"fr": "Espace adhérent", "en": "Member area"}, "our_role": "processor",
             "data": ["etat-civil", "sante"], "persons": [{"fr": "adhérents", "en": "members"}],
             "person_kinds": ["members"]},
        ],
        "clients": [
            {"id": "vernolles", "name": "Commune de Vernolles",
             "contacts": [{"name": "Maud Sabran", "function": "DGS", "email": "dgs@vernolles.example"}],
             "activities": [{"activity": "demarches", "number_of_persons": [4812, 4812]}]},
            {"id": "belviere", "name": "Mutuelle Belvière", "our_role": "sub_processor",
             "contract": {"notice_hours": 48, "clause": "Contrat, annexe RGPD art. 6", "ends_on": "2028-12-31"},
             "activities": [{"activity": "adherents", "number_of_persons": [8900, 9300]}]},
        ],
        "providers": [
            {"id": "hebergeur", "name": "Hébergeur du Rhône", "service": {"fr": "Hébergement", "en": "Hosting"},
             "notice_hours": 24, "contact": {"name": "Centre de service", "email": "noc@hebergeur.example"}},
        ],
    }
)  # fmt: skip


def _fact(name: str, fr: str, en: str, kind: str = "yes_no", **more: object) -> FactType:
    question = {"fr": f"{fr} ?", "en": f"{en}?"}
    return FactType.model_validate(
        {"id": name, "label": {"fr": fr, "en": en}, "question": question, "type": kind, **more}
    )


_CATEGORIES = {
    "civil_status": {"fr": "état civil", "en": "civil status"},
    "contact": {"fr": "coordonnées", "en": "contact details"},
    "financial": {"fr": "informations financières", "en": "financial data"},
    "health": {"fr": "santé", "en": "health"},
}
_CAUSES = {
    "external": {"fr": "acte externe malveillant", "en": "malicious external act"},
    "internal": {"fr": "acte interne accidentel", "en": "accidental internal act"},
}
FACTS = {
    one.id: one
    for one in (
        _fact("system.holds_personal_data", "Le système contient des données personnelles",
              "The system holds personal data", scope="system"),
        _fact("system.in_production", "Système en production", "System in production", scope="system"),
        _fact("incident.compromise_suspected", "Compromission suspectée", "Compromise suspected"),
        _fact("loss.confidentiality", "Des données ont été lues ou copiées", "Data were read or copied",
              established_by=["responder", "dpo"],
              help={"fr": "Un accès possible suffit.", "en": "A possible access is enough."}),
        _fact("loss.integrity", "Des données ont été modifiées", "Data were changed"),
        _fact("loss.availability", "Des données sont indisponibles", "Data are unavailable"),
        _fact("financial.iban_complete", "IBAN complets dans l'export", "Complete IBANs in the export"),
        _fact("persons.number", "Nombre de personnes", "Number of persons", "number"),
        _fact("outage.duration", "Durée de l'indisponibilité", "Length of the outage", "duration_hours"),
        _fact("data.categories", "Catégories de données", "Categories of data", "set", choices=_CATEGORIES),
        _fact("data.special_categories", "Données sensibles", "Special categories", "set", choices=_CATEGORIES),
        _fact("persons.categories", "Catégories de personnes", "Categories of persons", "set"),
        _fact("incident.cause", "Cause de l'incident", "Cause of the incident", "choice", choices=_CAUSES),
    )
}  # fmt: skip


def _rule(name: str, fr: str, en: str, when: dict[str, object], then: dict[str, object]) -> Rule:
    return Rule.model_validate(
        {"id": name, "title": {"fr": fr, "en": en},
         "why": {"fr": "Ce que disent les lignes directrices.", "en": "What the guidelines say."},
         "references": ["EDPB 01/2021, cas 4", "RGPD art. 34(3)(a)"], "owner": "dpo", "reviewed_on": "2026-11-20",
         "when": when, "then": then, "examples": {"applies": [{}], "does_not_apply": [{}]}}
    )  # fmt: skip


RULES = (
    _rule("holds", "Le système contient des données personnelles", "The system holds personal data",
          {"contient": {"fact": "system.holds_personal_data", "is": "yes"}}, {"personal_data": "yes"}),
    _rule("read", "Données lues en clair", "Data read in clear",
          {"lues": {"fact": "loss.confidentiality", "is": "yes"},
           "compromission": {"fact": "incident.compromise_suspected", "is_not": "no"}},
          {"loss": "confidentiality", "at_least": "risk"}),
    _rule("health", "Données de santé lues", "Health data read",
          {"santé": {"fact": "data.categories", "contains": "health"},
           "lues": {"fact": "loss.confidentiality", "is": "yes"}},
          {"loss": "confidentiality", "at_least": "high_risk"}),
    _rule("iban", "Coordonnées bancaires lisibles", "Readable bank details",
          {"iban": {"fact": "financial.iban_complete", "is": "yes"},
           "banque": {"fact": "data.categories", "contains": "financial"}},
          {"loss": "confidentiality", "at_least": "high_risk"}),
    _rule("short", "Panne courte", "Short outage",
          {"durée": {"fact": "outage.duration", "less_than": 2},
           "rôle": {"fact": "perimeter.role", "any_of": ["controller", "processor", "sub_processor"]}},
          {"loss": "availability", "at_most": "unlikely", "neutralises": "all"}),
)  # fmt: skip


def _regime(name: str, fr: str, en: str, duty: str, since: tuple[str, str, str], **more: object) -> Regime:
    kind, fr_words, en_words = since
    return Regime.model_validate(
        {"id": name, "title": {"fr": fr, "en": en}, "kind": "legal", "duty": duty, "counted_from": kind,
         "why": {"fr": "Le texte le demande.", "en": "The text asks for it."},
         "reference": "RGPD art. 33", "verified": {"on": "2026-11-20", "where": "EUR-Lex"},
         "in_force": {"from": "2018-05-25"}, "counted_from_words": {"fr": fr_words, "en": en_words}, **more}
    )  # fmt: skip


_AWARE = ("aware_at", "depuis la prise de connaissance", "from awareness")
_FLAW = ("flaw_discovered_at", "depuis la découverte de la faille", "from the discovery of the flaw")
REGIMES = {
    one.id: one
    for one in (
        _regime("cnil", "Notification à la CNIL", "Notification to the CNIL", "authority", _AWARE, term={"hours": 72}),
        _regime("persons", "Information des personnes", "Information of the persons", "persons", _AWARE),
        _regime("register", "Inscription au registre", "Entry in the register", "register", _AWARE),
        _regime("client", "Avis au client", "Notice to the client", "client", _FLAW, kind="contract",
                term={"hours": 72}, contract_may_shorten=True),
    )
}  # fmt: skip

_SIGNALS = {
    Signal.WEB_SHELL: ("porte dérobée web", "web shell", 90),
    Signal.WEB_EXPLOIT: ("exploitation web", "web exploit", 70),
    Signal.EXFILTRATION: ("exfiltration", "exfiltration", 95),
    Signal.SCAN: ("balayage", "scan", 10),
}
SIGNALS = {
    signal: SignalType.model_validate(
        {"id": signal, "label": {"fr": fr, "en": en}, "means": {"fr": fr, "en": en}, "opens_incident": True,
         "weight": weight}
    )
    for signal, (fr, en, weight) in _SIGNALS.items()
}  # fmt: skip
CONTENT = ContentWords(SIGNALS, FACTS, REGIMES)


def incident(**changes: object) -> Incident:
    """The incident of the fabricated dossier, with changes."""
    known = Incident(
        id=7, reference="INC-2026-0007", title="Porte dérobée web : Portail de démarches",
        status=IncidentStatus.CONFIRMED, organisation="mirabel", opened_at=OPENED, detected_at=OPENED,
        qualify_by=OPENED + timedelta(hours=24), group_key="system:web-02", last_alert_at=at(21, 3, 52),
        systems=("web-02", "crm"), signals=(Signal.WEB_SHELL, Signal.WEB_EXPLOIT), alerts=47, opened_by="suricata",
    )  # fmt: skip
    return replace(known, **changes)  # type: ignore[arg-type]


def _episode(number: int, when: datetime, source: str, title: str, signal: Signal, count: int, why: str,
             systems: tuple[str, ...] = ("web-02",), entities: tuple[Entity, ...] = ()) -> Episode:  # fmt: skip
    return Episode(
        id=number, source=source, title=title, signal=signal, severity=Severity.HIGH, vendor_severity="1",
        status=AlertStatus.FIRING, occurred_at=when, received_at=when, last_seen_at=when, count=count,
        entities=entities, systems=systems, fingerprint=str(number), why_here=why,
    )  # fmt: skip


_ATTACKER = Entity(EntityKind.SOURCE_ADDRESS, "203.0.113.45")
EPISODES = (
    _episode(1, at(21, 2, 44), "crowdsec", "Sondage HTTP du portail", Signal.SCAN, 12, "observed_before",
             entities=(_ATTACKER,)),
    _episode(2, at(21, 3, 12), "suricata", "Envoi d'un fichier PHP par formulaire", Signal.WEB_EXPLOIT, 31,
             "opened_incident", entities=(_ATTACKER, Entity(EntityKind.URL, "/depot?piece=1"))),
    _episode(3, at(21, 3, 14), "wazuh", "Fichier exécutable créé dans le dossier public", Signal.WEB_SHELL, 1,
             "same_key", entities=(Entity(EntityKind.FILE, "/var/www/portail/up.php"),)),
    _episode(4, at(21, 3, 52), "wazuh", "Connexion du compte svc-portail", Signal.EXFILTRATION, 3, "same_alert",
             systems=("crm",), entities=(Entity(EntityKind.USER, "svc-portail"),)),
    _episode(5, at(21, 4, 2), "prometheus", "Échéance proche", Signal.SCAN, 1, "names_incident", systems=()),
)  # fmt: skip


def entry(number: int, when: datetime, kind: EntryKind, words: dict[str, str] | None, actor: str = "breach_service"
          ) -> TimelineEntry:  # fmt: skip
    """A line of the chronology, sealed."""
    return TimelineEntry(number, when, kind, actor, words, digest=f"{number:064x}"[::-1], seal=number)


def _log() -> tuple[TimelineEntry, ...]:
    yanis, noe = "Yanis Ferrachat", "Noé Varenne"
    aware = at(21, 11, 40).isoformat()
    due = {"regime": "client", "recipients": "client:vernolles client:belviere", "due_at": at(24, 9, 30).isoformat()}
    return (
        entry(1, at(21, 3, 12), EntryKind.OPENED, {"signal": "web_exploit", "source": "suricata", "systems": "web-02"}),
        entry(2, at(21, 3, 12), EntryKind.ASSESSED,
              {"personal_data": "unknown", "risk_least": "unlikely", "risk_most": "high_risk"}),
        entry(3, at(21, 3, 12), EntryKind.OBLIGATION_ARISEN, {**due, "is_provisional": "yes"}),
        entry(4, at(21, 4, 5), EntryKind.FACT_RECORDED,
              {"fact": "loss.confidentiality", "value": "yes", "scope_kind": "system", "scope_key": "web-02",
               "reason": "Journal SQL."}, yanis),
        entry(5, at(21, 4, 5), EntryKind.STATUS_CHANGED, {"from": "suspected", "to": "assessing", "reason": ""}, yanis),
        entry(6, at(21, 11, 40), EntryKind.INSTANT_RECORDED,
              {"instant": "aware_at", "at": aware, "perimeter": "", "reason": "Lecture du CRM établie."}, noe),
        entry(7, at(21, 11, 41), EntryKind.OBLIGATION_CHANGED, {**due, "is_provisional": "no"}),
        entry(8, at(22, 10, 12), EntryKind.DECIDED_NOT_REQUIRED,
              {"regime": "persons", "recipient": "persons", "reason": "Risque écarté."}, noe),
        entry(9, at(22, 17, 20), EntryKind.FILED,
              {"regime": "client", "recipient": "client:vernolles", "sent_at": at(22, 17, 20).isoformat(),
               "means": "mail", "receipt": "AR-77"}, noe),
        entry(10, at(22, 18), EntryKind.REMINDED, {"about": "due_soon", "due_at": at(23, 9, 30).isoformat()}),
        entry(11, at(22, 18, 30), EntryKind.NOTED, {"note": "Appel de la préfecture."}, yanis),
        entry(12, at(22, 18, 40), EntryKind.NOTED, None, yanis),
        entry(13, at(22, 19), EntryKind.OBLIGATION_WITHDRAWN, {"regime": "register", "recipients": "register"}),
        entry(14, at(23, 7, 58), EntryKind.FACT_RECORDED,
              {"fact": "persons.number", "value": "8900..9300", "scope_kind": "incident", "scope_key": ""}, yanis),
    )  # fmt: skip


FACTS_RECORDED = (
    Fact("incident.compromise_suspected", Truth.YES, Scope(), Provenance.ALERT, "alerts", OPENED, recorded=1),
    Fact("loss.confidentiality", Truth.YES, Scope(ScopeKind.SYSTEM, "web-02"), Provenance.PERSON, "Yanis Ferrachat",
         at(21, 4, 5), "Journal SQL", 2),
    Fact("persons.number", NumberRange(8900, 9300), Scope(ScopeKind.CLIENT, "adherents/belviere"), Provenance.PERSON,
         "Yanis Ferrachat", at(23, 7, 58), recorded=3),
)  # fmt: skip
INSTANTS = (
    Instant(InstantKind.OCCURRED_AT, at(21, 2, 51), "Premier fichier déposé", "Yanis Ferrachat", recorded=1),
    Instant(InstantKind.FLAW_DISCOVERED_AT, at(21, 9, 30), "Composant non corrigé", "Yanis Ferrachat", recorded=2),
    Instant(InstantKind.AWARE_AT, at(21, 11, 40), "Lecture du CRM établie", "Noé Varenne", recorded=3),
)


def assessed(of: Incident, facts: tuple[Fact, ...]) -> Assessment:
    """The assessment of an incident on these facts and on the inventory."""
    perimeters = perimeters_of(of.systems, INVENTORY, of.organisation)
    return assess(perimeters, (*facts_from_inventory(of, perimeters, INVENTORY, FACTS), *facts), RULES, FACTS)


def obligations(of: Incident, assessment: Assessment, instants: tuple[Instant, ...]) -> tuple[Obligation, ...]:
    """What follows from an assessment, numbered."""
    found = [
        obligation
        for one in assessment.perimeters
        for obligation in obligations_for(
            one, Obliging(tuple(REGIMES.values())), instants_for(one.perimeter.key, instants), of.detected_at,
            INVENTORY.client(one.perimeter.client or ""), values_of(one.facts),
        )
    ]  # fmt: skip
    return tuple(replace(one, id=number) for number, one in enumerate(found, start=1))


def dossier(**changes: object) -> Dossier:
    """The rich dossier: confirmed, one client informed, the other near its date, the CNIL running."""
    known = incident()
    assessment = assessed(known, FACTS_RECORDED)
    owed = [
        replace(one, fulfilled_at=at(22, 17, 20)) if one.recipient == "client:vernolles" else one
        for one in obligations(known, assessment, INSTANTS)
    ]
    sent = next(one.id for one in owed if one.fulfilled_at)
    filing = Filing(1, sent, at(22, 17, 20), "Noé Varenne", "mail", "AR-77", at(22, 17, 25), "ab" * 32)
    whole = Dossier(
        incident=known, organisation=INVENTORY.organisations[0], inventory=INVENTORY, assessment=assessment,
        episodes=EPISODES, instants=INSTANTS, facts=FACTS_RECORDED, obligations=tuple(owed), filings=(filing,),
        timeline=_log(),
    )  # fmt: skip
    return replace(whole, **changes)  # type: ignore[arg-type]


def fresh_dossier() -> Dossier:
    """The same incident a minute after its first alert: nothing recorded, everything provisional."""
    known = incident(status=IncidentStatus.SUSPECTED, alerts=1)
    assessment = assessed(known, ())
    return dossier(
        incident=known, assessment=assessment, obligations=obligations(known, assessment, ()), instants=(), facts=(),
        filings=(), timeline=_log()[:1], episodes=EPISODES[1:2],
    )  # fmt: skip


def declared_dossier() -> Dossier:
    """An incident that a person reported: no alert, no system, nothing known."""
    known = incident(
        status=IncidentStatus.ASSESSING, alerts=0, systems=(), signals=(), group_key="declared:x", has_firing=False,
        opened_by="person:Maud Sabran", title="Relevé envoyé au mauvais destinataire",
    )  # fmt: skip
    assessment = assessed(known, ())
    told = entry(1, OPENED, EntryKind.DECLARED, {"what_happened": "Un relevé est parti ailleurs.", "told_by": "client"})
    return dossier(
        incident=known, assessment=assessment, obligations=obligations(known, assessment, ()), instants=(), facts=(),
        filings=(), timeline=(told,), episodes=(),
    )  # fmt: skip


def draft(language: str = "fr") -> Draft:
    """A draft with every kind of field and two gaps."""
    hole = gap_in_words("dénomination de l’hébergeur" if language == "fr" else "name of the host", language)
    choices = (Choice("Initiale", True), Choice("Complémentaire", False))
    boxes = "\n".join(one.as_text() for one in choices)
    return Draft(
        slug="cnil", language=language, recipient="CNIL", subject="Notification INC-2026-0007",
        sections=(
            Section("type", "Type de notification", (
                Field("Type", FieldKind.CHOICE, f"{boxes}\nÀ compléter plus tard", choices),)),
            Section("organism", "Identification de l’organisme", (
                Field("Dénomination", FieldKind.LINE, "Atelier Mirabel"),
                Field("Hébergeur", FieldKind.LINE, hole, article="33(3)(b)"),)),
            Section("breach", "À propos de la violation", (
                Field("Descriptif", FieldKind.LONG, f"Un fichier déposé.\n\nIl reste {hole}.", article="33(3)(a)"),
                Field("Mesures", FieldKind.LONG, "Serveur isolé à 04 h 20.", article="33(3)(d)"),)),
        ),
    )  # fmt: skip


def due(starts_at: datetime, hours: float, **changes: object) -> Obligation:
    """An obligation to the CNIL of so many hours."""
    known = next(one for one in dossier().obligations if one.recipient == "cnil")
    terms = replace(known.terms, hours=hours)
    changed = replace(known, terms=terms, triggered_at=starts_at, due_at=due_after(starts_at, terms))
    return replace(changed, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Case:
    """Everything that a test of this folder builds on."""

    now = NOW
    content = CONTENT
    inventory = INVENTORY
    may = EVERY_ACT
    dossier = staticmethod(dossier)
    fresh_dossier = staticmethod(fresh_dossier)
    declared_dossier = staticmethod(declared_dossier)
    incident = staticmethod(incident)
    assessed = staticmethod(assessed)
    draft = staticmethod(draft)
    due = staticmethod(due)
    entry = staticmethod(entry)
    at = staticmethod(at)


@pytest.fixture(scope="session")
def case() -> Case:
    """The fabricated company and its incident."""
    return Case()


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    """The shipped templates."""
    return Renderer([ROOT / "templates"])
