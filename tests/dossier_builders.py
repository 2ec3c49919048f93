"""Builders of invented dossiers: an inventory with an own activity and two clients on one system, and what is known.

`a_dossier()` is a dossier in which nothing is known but the first alert; give it facts, instants and filings to change
that. Facts and signals are those of `playbooks/`, so that the words of letters are the words that people see.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from breach_service.domain.alert import AlertStatus, Entity, EntityKind, Severity, Signal
from breach_service.domain.assessment import assess, facts_from_inventory
from breach_service.domain.deadlines import DutyKind, Obligation, Obliging, Regime, obligations_for
from breach_service.domain.dossier import Dossier, Filing
from breach_service.domain.facts import WHOLE_INCIDENT, Fact, FactType, Provenance, Scope, ScopeKind
from breach_service.domain.grouping import SignalType
from breach_service.domain.incident import (
    Episode,
    Incident,
    IncidentStatus,
    Instant,
    InstantKind,
    instants_for,
    perimeters_of,
)
from breach_service.domain.inventory import Inventory
from breach_service.domain.rules import Rule
from breach_service.domain.text import Text

ROOT = Path(__file__).parents[1]
FIRST_ALERT = datetime(2026, 11, 21, 2, 12, tzinfo=UTC)
"""Saturday 21 November 2026, 03 h 12 in Paris."""
NOW = FIRST_ALERT + timedelta(hours=30)


@cache
def fact_types() -> Mapping[str, FactType]:
    """The facts of `playbooks/facts.yaml`."""
    return {name: FactType.model_validate({"id": name, **raw}) for name, raw in _yaml("facts.yaml").items()}


@cache
def signal_words() -> Mapping[Signal, Text]:
    """How letters name the signals of `playbooks/signals.yaml`."""
    types = [SignalType.model_validate({"id": name, **raw}) for name, raw in _yaml("signals.yaml").items()]
    return {one.id: one.drafts_as for one in types if one.drafts_as}


def _yaml(name: str) -> Any:
    return YAML(typ="safe").load((ROOT / "playbooks" / name).read_text(encoding="utf-8"))


def an_inventory(**changes: Any) -> Inventory:
    """An invented company: one system, an activity of its own, a hosted activity for two clients."""
    parts: dict[str, Any] = {
        "organisations": [
            {
                "id": "cordelune",
                "name": "Cordelune SAS",
                "siren": "987 654 321",
                "vat": "FR00 987654321",
                "sector": {"fr": "Information et communication", "en": "Information and communication"},
                "staff": "34 personnes",
                "address": "12 chemin des Essarts",
                "postal_code": "69760",
                "city": "Limonest",
                "representative": {"name": "Mme Hélène Orsival", "email": "direction@cordelune.example"},
                "dpo": {
                    "name": "Mme Camille Vauzelle",
                    "function": "DPO",
                    "email": "dpo@cordelune.example",
                    "phone": "04 65 71 40 12",
                },
            }
        ],
        "data_categories": [
            {"id": "identity", "name": {"fr": "nom et prénom", "en": "first and last name"}, "cnil": "civil_status"},
            {"id": "e-mail", "name": {"fr": "adresse électronique", "en": "e-mail address"}, "cnil": "contact"},
            {
                "id": "password",
                "name": {"fr": "identifiant et mot de passe", "en": "user name and password"},
                "cnil": "credentials",
            },
            {"id": "bank", "name": {"fr": "coordonnées bancaires", "en": "bank details"}, "cnil": "financial"},
        ],
        "systems": [
            {
                "id": "crm-factures",
                "name": {"fr": "serveur crm-factures", "en": "crm-factures server"},
                "activities": ["billing", "training"],
            }
        ],
        "activities": [
            {
                "id": "billing",
                "name": {"fr": "facturation des abonnements", "en": "subscription billing"},
                "our_role": "controller",
                "data": ["identity", "e-mail", "bank"],
                "persons": [{"fr": "contacts de facturation", "en": "billing contacts"}],
                "person_kinds": ["customers"],
                "number_of_persons": [1100, 1300],
                "providers": ["hosting"],
            },
            {
                "id": "training",
                "name": {"fr": "gestion des formations", "en": "training management"},
                "our_role": "processor",
                "data": ["identity", "e-mail", "password"],
                "persons": [{"fr": "stagiaires et formateurs", "en": "trainees and trainers"}],
                "person_kinds": ["users"],
                "clients": ["auvralis", "brumelac"],
            },
        ],
        "clients": [
            {
                "id": "auvralis",
                "name": "Mutuelle Auvralis",
                "contacts": [{"name": "Mme Odile Tavernier", "email": "dpo@auvralis.example"}],
                "activities": [{"activity": "training", "number_of_persons": [8900, 9300]}],
            },
            {
                "id": "brumelac",
                "name": "Brumelac Ltd",
                "language": "en",
                "country": "IE",
                "activities": [{"activity": "training", "number_of_persons": [417, 417]}],
            },
        ],
        "providers": [
            {"id": "hosting", "name": "Hébergis", "service": {"fr": "hébergement des serveurs", "en": "server hosting"}}
        ],
    }
    return Inventory.model_validate({**parts, **changes})


def the_rules() -> tuple[Rule, ...]:
    """Two plain rules: a system that holds personal data involves them; a loss is a risk at least."""
    about = {"owner": "dpo", "reviewed_on": "2026-01-02", "references": ["RGPD art. 4"]}
    examples = {"applies": [{}], "does_not_apply": [{}]}
    text = {"fr": "critère", "en": "criterion"}
    return (
        Rule.model_validate(
            {
                "id": "personal-data", "title": text, "why": text, **about, "examples": examples,
                "when": {"holds": {"fact": "system.holds_personal_data", "is": "yes"}},
                "then": {"personal_data": "yes"},
            }
        ),
        Rule.model_validate(
            {
                "id": "confidentiality-lost", "title": text, "why": text, **about, "examples": examples,
                "when": {"lost": {"fact": "loss.confidentiality", "is": "yes"}},
                "then": {"loss": "confidentiality", "at_least": "high_risk"},
            }
        ),
    )  # fmt: skip


def the_regimes() -> tuple[Regime, ...]:
    """The authority and the persons, the client (which a contract may shorten), the register."""
    text = {"fr": "régime", "en": "regime"}
    told = [("authority", "aware_at", 72), ("persons", "aware_at", None), ("client", "flaw_discovered_at", 72)]
    return tuple(
        Regime.model_validate(
            {
                "id": duty, "title": text, "why": text, "kind": "legal", "reference": "RGPD art. 33",
                "verified": {"on": "2026-11-20", "where": "EUR-Lex"}, "in_force": {"from": "2018-05-25"},
                "duty": duty, "counted_from": instant, "counted_from_words": text, "term": {"hours": hours},
                "contract_may_shorten": duty == "client",
            }
        )
        for duty, instant, hours in (*told, ("register", "aware_at", None))
    )  # fmt: skip


def an_episode(signal: Signal = Signal.WEB_SHELL, **changes: Any) -> Episode:
    """An alert as kept, with a title, a user and addresses that no letter may repeat."""
    at = changes.pop("occurred_at", FIRST_ALERT)
    episode = Episode(
        id=1,
        source="edge-probe",
        title="Webshell c99.php uploaded by jdupont from 203.0.113.9",
        signal=signal,
        severity=Severity.CRITICAL,
        vendor_severity="15",
        status=AlertStatus.FIRING,
        occurred_at=at,
        received_at=at,
        last_seen_at=at,
        count=3,
        entities=(Entity(EntityKind.SOURCE_ADDRESS, "203.0.113.9"), Entity(EntityKind.USER, "jdupont")),
        systems=("crm-factures",),
        fingerprint="f1",
        why_here="opened_incident",
    )
    return replace(episode, **changes)


def a_fact(name: str, raw: Any, scope: Scope = WHOLE_INCIDENT, provenance: Provenance = Provenance.PERSON) -> Fact:
    """A fact recorded by a person (unless said otherwise), with a name and a note that no letter may repeat."""
    value = fact_types()[name].parse(raw)
    return Fact(name, value, scope, provenance, "Rémi Carvalhal", NOW, note="vu sur le poste de jdupont", recorded=1)


def an_instant(kind: str, at: datetime, perimeter: str = "") -> Instant:
    """A recorded instant, with a reason and a name that no letter may repeat."""
    return Instant(InstantKind(kind), at, "constaté par jdupont", "Rémi Carvalhal", perimeter, 1)


def a_filing(obligation: Obligation, sent_at: datetime = NOW, means: str = "mail", receipt: str = "R-1") -> Filing:
    """A notice sent under an obligation."""
    return Filing(1, obligation.id, sent_at, "Camille Vauzelle", means, receipt, sent_at, "0" * 64)


def a_dossier(
    *,
    inventory: Inventory | None = None,
    systems: tuple[str, ...] = ("crm-factures",),
    facts: Iterable[Fact] = (),
    instants: Iterable[Instant] = (),
    episodes: Iterable[Episode] | None = None,
    filings: Iterable[Filing] = (),
    detected_at: datetime = FIRST_ALERT,
    rules: tuple[Rule, ...] | None = None,
    regimes: tuple[Regime, ...] | None = None,
) -> Dossier:
    """A dossier judged on what is given; obligations are numbered from 1 in the order of perimeters and regimes."""
    inventory = inventory or an_inventory()
    organisation = inventory.organisations[0]
    incident = Incident(
        id=1, reference="INC-2026-0007", title="Porte dérobée web : crm-factures", status=IncidentStatus.CONFIRMED,
        organisation=organisation.id, opened_at=detected_at, detected_at=detected_at,
        qualify_by=detected_at + timedelta(hours=4), group_key="system:crm-factures", last_alert_at=detected_at,
        systems=systems, signals=(Signal.WEB_SHELL,), alerts=3,
    )  # fmt: skip
    perimeters = perimeters_of(systems, inventory, organisation.id)
    said = (*facts_from_inventory(incident, perimeters, inventory, fact_types()), *facts)
    assessment = assess(perimeters, said, the_rules() if rules is None else rules, fact_types())
    recorded = tuple(instants)
    obligations = [
        obligation
        for one in assessment.perimeters
        for obligation in obligations_for(
            one,
            Obliging(tuple(the_regimes() if regimes is None else regimes)),
            instants_for(one.perimeter.key, recorded),
            detected_at,
            inventory.client(one.perimeter.client or ""),
            {name: fact.value for name, fact in one.facts.items()},
        )
    ]
    return Dossier(
        incident=incident,
        organisation=organisation,
        inventory=inventory,
        assessment=assessment,
        episodes=(an_episode(),) if episodes is None else tuple(episodes),
        instants=recorded,
        facts=said,
        obligations=tuple(replace(one, id=number) for number, one in enumerate(obligations, start=1)),
        filings=tuple(filings),
        timeline=(),
    )


def obligation_to(dossier: Dossier, recipient: str) -> Obligation:
    """The obligation of a dossier towards `cnil`, `persons` or `client:<id>`."""
    return next(one for one in dossier.obligations if one.recipient == recipient and one.duty is not DutyKind.REGISTER)


def everything_known(inventory: Inventory | None = None) -> dict[str, Any]:
    """What to give to `a_dossier` so that nothing remains open, for every perimeter."""
    inventory = inventory or an_inventory()
    whole = {
        "loss.confidentiality": "yes", "loss.integrity": "no", "loss.availability": "no",
        "incident.compromise_suspected": "yes", "incident.contained": "yes", "incident.discovery": "monitoring",
        "incident.origins": ["hacking"], "incident.cause": "external_malicious", "exposure.duration_hours": 1.5,
        "exfiltration.state": "seen", "encryption.state_of_the_art": "no", "encryption.key_compromised": "no",
        "encryption.covers_all_data": "no", "cross_border.other_member_states": "no",
        "consequences.confidentiality": ["spread", "matched"], "consequences.harms": ["loss_of_control", "fraud"],
        "severity.confidentiality": "limited",
        "measures.before": ["firewall", "logging", "backups"],
        "measures.taken": ["isolated", "access_revoked", "flaw_fixed", "complaint_filed"],
    }  # fmt: skip
    facts = [a_fact(name, raw) for name, raw in whole.items()]
    own = Scope(ScopeKind.ACTIVITY, "billing")
    parts = [(own, ["civil_status", "contact"], [], "1240", "3100")]
    parts += [
        (Scope(ScopeKind.CLIENT, f"training/{client.id}"), ["civil_status", "contact", "credentials"], [], "400", "500")
        for client in inventory.clients
    ]
    for scope, categories, special, persons, records in parts:
        facts += [
            a_fact("data.categories", categories, scope),
            a_fact("data.special_categories", special, scope),
            a_fact("persons.categories", ["users" if scope.kind is ScopeKind.CLIENT else "customers"], scope),
            a_fact("persons.number", persons, scope),
            a_fact("records.number", records, scope),
        ]
    instants = [
        an_instant("occurred_at", FIRST_ALERT - timedelta(minutes=21)),
        an_instant("attack_known_at", FIRST_ALERT + timedelta(minutes=53)),
        an_instant("flaw_discovered_at", FIRST_ALERT + timedelta(hours=7)),
        an_instant("aware_at", FIRST_ALERT + timedelta(hours=8, minutes=28)),
    ]
    return {"facts": facts, "instants": instants}
