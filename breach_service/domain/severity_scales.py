"""The scales of the ENISA severity method (2013), each level with its points and its words.

SE = DPC × EI + CB. The levels restate ENISA, "Recommendations for a methodology of the assessment of severity of
personal data breaches".
"""

from enum import StrEnum

from breach_service.domain.text import Text


class DataKind(StrEnum):
    """The four categories of data; credentials take the category of what they open."""

    SIMPLE = "simple"
    """Identity, contact, education, family, work."""
    BEHAVIOURAL = "behavioural"
    """Location, traffic, preferences, habits."""
    FINANCIAL = "financial"
    """Income, transactions, statements, cards, invoices, social benefits."""
    SENSITIVE = "sensitive"
    """Health, political opinions, sex life and the like."""


class Adjustment(StrEnum):
    """What raises or lowers the score of a category, judged on the data, their volume, the controller, the persons."""

    PROFILE_POSSIBLE = "profile_possible"
    SENSITIVE_GUESSES = "sensitive_guesses"
    CRITICAL_FOR_PERSONS = "critical_for_persons"
    DAILY_LIFE_PROFILE = "daily_life_profile"
    SENSITIVE_PROFILE = "sensitive_profile"
    FRAUD_OR_DETAILED_PROFILE = "fraud_or_detailed_profile"
    NO_REAL_INSIGHT = "no_real_insight"
    NO_SIGNIFICANT_INSIGHT = "no_significant_insight"
    GENERAL_ASSUMPTIONS = "general_assumptions"
    SENSITIVE_ASSUMPTIONS = "sensitive_assumptions"


class Ease(StrEnum):
    """EI: how easily the persons are identified by who has got the data."""

    NEGLIGIBLE = "negligible"
    LIMITED = "limited"
    SIGNIFICANT = "significant"
    MAXIMUM = "maximum"


class Confidentiality(StrEnum):
    """CB: who may have got the data."""

    NOT_LOST = "confidentiality_not_lost"
    NO_SIGN_OF_MISUSE = "no_sign_of_misuse"
    KNOWN_RECIPIENTS = "known_recipients"
    UNKNOWN_RECIPIENTS = "unknown_recipients"


class Integrity(StrEnum):
    """CB: what was done to the data."""

    NOT_LOST = "integrity_not_lost"
    RESTORED_BEFORE_USE = "restored_before_use"
    RECOVERABLE = "altered_recoverable"
    NOT_RECOVERABLE = "altered_not_recoverable"


class Availability(StrEnum):
    """CB: what it takes to have the data again."""

    NOT_LOST = "availability_not_lost"
    EASILY_RECOVERED = "easily_recovered"
    TEMPORARY = "temporarily_unavailable"
    FULL = "lost_for_good"


class Intent(StrEnum):
    """CB: a wish to harm behind the breach."""

    NOT_MALICIOUS = "not_malicious"
    MALICIOUS = "malicious"


class Part(StrEnum):
    """What a point counts towards: the DPC (base and adjustments), EI, or one of the circumstances (CB)."""

    DATA = "data"
    ADJUSTMENT = "adjustment"
    POSSIBLE_ADJUSTMENT = "possible_adjustment"
    EASE = "ease"
    CONFIDENTIALITY = "confidentiality"
    INTEGRITY = "integrity"
    AVAILABILITY = "availability"
    INTENT = "intent"


UNKNOWN, STATED = "unknown", "stated"
"""Reasons beside the levels: nothing is known yet; a person scored it."""

Level = Ease | Confidentiality | Integrity | Availability | Intent

DPC_BASE = {DataKind.SIMPLE: 1, DataKind.BEHAVIOURAL: 2, DataKind.FINANCIAL: 3, DataKind.SENSITIVE: 4}

DPC_ADJUSTMENTS: dict[DataKind, dict[Adjustment, int]] = {
    DataKind.SIMPLE: {
        Adjustment.PROFILE_POSSIBLE: 1,
        Adjustment.SENSITIVE_GUESSES: 2,
        Adjustment.CRITICAL_FOR_PERSONS: 3,
    },
    DataKind.BEHAVIOURAL: {
        Adjustment.NO_REAL_INSIGHT: -1,
        Adjustment.DAILY_LIFE_PROFILE: 1,
        Adjustment.SENSITIVE_PROFILE: 2,
    },
    DataKind.FINANCIAL: {
        Adjustment.NO_REAL_INSIGHT: -2,
        Adjustment.NO_SIGNIFICANT_INSIGHT: -1,
        Adjustment.FRAUD_OR_DETAILED_PROFILE: 1,
    },
    DataKind.SENSITIVE: {
        Adjustment.NO_REAL_INSIGHT: -3,
        Adjustment.GENERAL_ASSUMPTIONS: -2,
        Adjustment.SENSITIVE_ASSUMPTIONS: -1,
    },
}
"""Points added to the base of a category; those that are not listed for it do not apply to it."""

POINTS: dict[Level, float] = {
    Ease.NEGLIGIBLE: 0.25,
    Ease.LIMITED: 0.5,
    Ease.SIGNIFICANT: 0.75,
    Ease.MAXIMUM: 1.0,
    Confidentiality.NOT_LOST: 0.0,
    Confidentiality.NO_SIGN_OF_MISUSE: 0.0,
    Confidentiality.KNOWN_RECIPIENTS: 0.25,
    Confidentiality.UNKNOWN_RECIPIENTS: 0.5,
    Integrity.NOT_LOST: 0.0,
    Integrity.RESTORED_BEFORE_USE: 0.0,
    Integrity.RECOVERABLE: 0.25,
    Integrity.NOT_RECOVERABLE: 0.5,
    Availability.NOT_LOST: 0.0,
    Availability.EASILY_RECOVERED: 0.0,
    Availability.TEMPORARY: 0.25,
    Availability.FULL: 0.5,
    Intent.NOT_MALICIOUS: 0.0,
    Intent.MALICIOUS: 0.5,
}
"""EI multiplies, the others are added up."""

REASON_WORDS: dict[str, Text] = {
    DataKind.SIMPLE: Text(fr="données simples", en="simple data"),
    DataKind.BEHAVIOURAL: Text(fr="données de comportement", en="behavioural data"),
    DataKind.FINANCIAL: Text(fr="données financières", en="financial data"),
    DataKind.SENSITIVE: Text(fr="données sensibles", en="sensitive data"),
    Adjustment.PROFILE_POSSIBLE: Text(
        fr="leur volume ou le responsable permettent un profil, ou de deviner la situation sociale ou financière",
        en="their volume or the controller allow some profiling, or guesses on social or financial status",
    ),
    Adjustment.SENSITIVE_GUESSES: Text(
        fr="elles laissent deviner la santé, la vie sexuelle, les opinions politiques ou les convictions religieuses",
        en="they allow guesses on health, sexual preferences, political or religious beliefs",
    ),
    Adjustment.CRITICAL_FOR_PERSONS: Text(
        fr="la situation des personnes (mineurs, personnes vulnérables) met en jeu leur sécurité ou leur santé",
        en="who the persons are (minors, vulnerable persons) puts their safety or health at stake",
    ),
    Adjustment.DAILY_LIFE_PROFILE: Text(
        fr="leur volume ou le responsable dessinent la vie quotidienne des personnes",
        en="their volume or the controller give a profile of the persons’ daily life",
    ),
    Adjustment.SENSITIVE_PROFILE: Text(
        fr="elles permettent un profil fondé sur des données sensibles",
        en="they allow a profile based on sensitive data",
    ),
    Adjustment.FRAUD_OR_DETAILED_PROFILE: Text(
        fr="elles sont assez complètes pour une fraude ou un profil social et financier détaillé",
        en="they are full enough for fraud or a detailed social and financial profile",
    ),
    Adjustment.NO_REAL_INSIGHT: Text(
        fr="elles n’apprennent rien de réel sur les personnes, ou sont fausses ou déjà publiques",
        en="they give no real insight into the persons, or are known to be wrong or already public",
    ),
    Adjustment.NO_SIGNIFICANT_INSIGHT: Text(
        fr="elles n’apprennent rien d’important sur la situation financière des personnes",
        en="they give no significant insight into the persons’ finances",
    ),
    Adjustment.GENERAL_ASSUMPTIONS: Text(
        fr="elles ne permettent que des suppositions générales",
        en="they lead to general assumptions only",
    ),
    Adjustment.SENSITIVE_ASSUMPTIONS: Text(
        fr="elles ne permettent que des suppositions sur des informations sensibles",
        en="they lead to assumptions on sensitive information only",
    ),
    Ease.NEGLIGIBLE: Text(
        fr="identification presque impossible (nom très répandu, numéro sans le fichier qui le relie)",
        en="identification hardly possible (a very common name, a number without the file behind it)",
    ),
    Ease.LIMITED: Text(
        fr="identification possible mais difficile (nom peu répandu, téléphone hors annuaire)",
        en="identification possible but difficult (an uncommon name, an unlisted phone number)",
    ),
    Ease.SIGNIFICANT: Text(
        fr="identification possible avec un peu de recherche (nom rare dans une petite ville, photo nette)",
        en="identification possible with some research (a rare name in a small town, a clear picture)",
    ),
    Ease.MAXIMUM: Text(
        fr="identification immédiate (nom complet avec date de naissance et adresse électronique)",
        en="identification at once (full name with date of birth and e-mail address)",
    ),
    Confidentiality.NOT_LOST: Text(fr="intacte", en="intact"),
    Confidentiality.NO_SIGN_OF_MISUSE: Text(
        fr="données exposées, sans signe d’usage illicite", en="data exposed, no sign of unlawful use"
    ),
    Confidentiality.KNOWN_RECIPIENTS: Text(
        fr="données parvenues à des destinataires connus", en="data reached known recipients"
    ),
    Confidentiality.UNKNOWN_RECIPIENTS: Text(
        fr="données parvenues à un nombre inconnu de destinataires", en="data reached an unknown number of recipients"
    ),
    Integrity.NOT_LOST: Text(fr="intacte", en="intact"),
    Integrity.RESTORED_BEFORE_USE: Text(
        fr="données altérées, rétablies avant tout usage", en="data altered, restored before any use"
    ),
    Integrity.RECOVERABLE: Text(
        fr="données altérées et peut-être utilisées, récupérables", en="data altered and possibly used, recoverable"
    ),
    Integrity.NOT_RECOVERABLE: Text(
        fr="données altérées et peut-être utilisées, irrécupérables",
        en="data altered and possibly used, not recoverable",
    ),
    Availability.NOT_LOST: Text(fr="intacte", en="intact"),
    Availability.EASILY_RECOVERED: Text(
        fr="données indisponibles, retrouvées sans difficulté", en="data unavailable, easily recovered"
    ),
    Availability.TEMPORARY: Text(
        fr="données indisponibles un temps, retrouvées avec du travail ou une nouvelle saisie",
        en="data unavailable for a time, recovered with some work or by entering them again",
    ),
    Availability.FULL: Text(
        fr="données perdues, que la personne ne peut fournir de nouveau",
        en="data lost that the person cannot supply again",
    ),
    Intent.NOT_MALICIOUS: Text(fr="sans malveillance", en="not malicious"),
    Intent.MALICIOUS: Text(fr="malveillance", en="malicious"),
    UNKNOWN: Text(fr="pas encore établi", en="not known yet"),
    STATED: Text(fr="noté par une personne", en="scored by a person"),
}
"""Every reason of a point, as a piece of a sentence."""

PART_WORDS: dict[Part, Text] = {
    Part.DATA: Text(fr="Contexte du traitement (DPC)", en="Processing context (DPC)"),
    Part.ADJUSTMENT: Text(fr="Ajustement du contexte", en="Adjustment of the context"),
    Part.POSSIBLE_ADJUSTMENT: Text(fr="Ajustement à établir", en="Adjustment not known yet"),
    Part.EASE: Text(fr="Facilité d’identification (EI)", en="Ease of identification (EI)"),
    Part.CONFIDENTIALITY: Text(fr="Circonstances (CB), confidentialité", en="Circumstances (CB), confidentiality"),
    Part.INTEGRITY: Text(fr="Circonstances (CB), intégrité", en="Circumstances (CB), integrity"),
    Part.AVAILABILITY: Text(fr="Circonstances (CB), disponibilité", en="Circumstances (CB), availability"),
    Part.INTENT: Text(fr="Circonstances (CB), intention", en="Circumstances (CB), intent"),
}
