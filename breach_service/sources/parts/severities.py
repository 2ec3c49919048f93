"""The words that senders have for severity; an unknown word stays unknown, it never becomes low."""

from collections.abc import Mapping

from breach_service.domain.alert import Severity

SEVERITY_WORDS: Mapping[str, Severity] = {
    word: severity
    for severity, words in (
        (Severity.INFO, "info information informational informative none notice debug ok audit lowest p5 sev4"),
        (Severity.LOW, "low minor faible mineur mineure p4 sev3"),
        (Severity.MEDIUM, "medium moderate average warning warn avertissement moyen moyenne p3 sev2"),
        (Severity.HIGH, "high major error err severe important élevé élevée haute majeur majeure p2 sev1"),
        (Severity.CRITICAL, "critical crit fatal emergency emerg alert disaster blocker highest page critique p1 sev0"),
    )
    for word in words.split()
}
"""Words of Alertmanager labels, syslog, GitHub, PagerDuty and Azure, and the French ones; in lower case."""


def severity_of_word(word: str) -> Severity:
    """The severity that a sender's word means, UNKNOWN where nobody can tell."""
    return SEVERITY_WORDS.get(word.strip().lower(), Severity.UNKNOWN)
