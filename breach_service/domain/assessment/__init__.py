"""What an incident means for each controller: personal data or not, risk, duties, and what is not known yet."""

from breach_service.domain.assessment.conflicts import NO_CONFLICT, Conflict, conflicts_in
from breach_service.domain.assessment.contradictions import Contradiction, contradictions_in
from breach_service.domain.assessment.digest import facts_digest
from breach_service.domain.assessment.duties import (
    PERSONS_EVENTS,
    STRICTNESS,
    Duties,
    Duty,
    DutyReason,
    Postponement,
    Ruling,
    Rulings,
    duty_from,
)
from breach_service.domain.assessment.effects import (
    NONE_OF_THEM,
    Answer,
    Change,
    Effect,
    WeighedQuestion,
    effects_of,
    weighed_questions,
)
from breach_service.domain.assessment.incident import Assessment, OpenQuestion, assess, open_questions_of
from breach_service.domain.assessment.inventory_facts import facts_from_inventory
from breach_service.domain.assessment.perimeters import PerimeterAssessment, assess_perimeter
from breach_service.domain.assessment.places import COMPROMISE, Place, loss_from, personal_data_from
from breach_service.domain.assessment.reason_words import REASON_WORDS
from breach_service.domain.assessment.reasons import ExplainedDuty, explained_duties
from breach_service.domain.assessment.severity import severity_in, severity_over
from breach_service.domain.assessment.turns import (
    Turn,
    WhatChanged,
    change_from_words,
    ours_among,
    ours_in,
    what_changed,
    words_of_change,
)

__all__ = [
    "COMPROMISE",
    "NONE_OF_THEM",
    "NO_CONFLICT",
    "PERSONS_EVENTS",
    "REASON_WORDS",
    "STRICTNESS",
    "Answer",
    "Assessment",
    "Change",
    "Conflict",
    "Contradiction",
    "Duties",
    "Duty",
    "DutyReason",
    "Effect",
    "ExplainedDuty",
    "OpenQuestion",
    "PerimeterAssessment",
    "Place",
    "Postponement",
    "Ruling",
    "Rulings",
    "Turn",
    "WeighedQuestion",
    "WhatChanged",
    "assess",
    "assess_perimeter",
    "change_from_words",
    "conflicts_in",
    "contradictions_in",
    "duty_from",
    "effects_of",
    "explained_duties",
    "facts_digest",
    "facts_from_inventory",
    "loss_from",
    "open_questions_of",
    "ours_among",
    "ours_in",
    "personal_data_from",
    "severity_in",
    "severity_over",
    "weighed_questions",
    "what_changed",
    "words_of_change",
]
