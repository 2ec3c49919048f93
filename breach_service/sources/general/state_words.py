"""The words that senders have for the state of a problem, English and French, and for a mere test."""

import re
import unicodedata
from collections.abc import Iterable

from breach_service.domain.alert import AlertStatus
from breach_service.sources.general.key_names import listed

_FIRING, _RESOLVED = AlertStatus.FIRING, AlertStatus.RESOLVED

_RESOLVED_WORDS = frozenset(
    listed(
        "resolved resolve resolu resolue recovered recovery recover closed close clos close cloture cloturee"
        " ferme fermee ok okay up cleared clear fixed solved normal inactive healthy dismissed remediated"
        " mitigated ended retabli retablie termine terminee archived restored retour operational rectified"
        " completed done unban unbanned unblocked"
    )
)
_SUCCESS_WORDS = frozenset(listed("success succeeded successful passed completed complete finished reussi reussie"))
"""Of a job these say that it is well; of a log-in they say that somebody is in."""
_GOOD_WORDS = frozenset(
    listed("success succeeded successful successfully completed finished reussi reussie terminee ok")
)
_BAD_WORDS = frozenset(
    listed(
        "fail failed failure error errors warning warnings unsuccessful unsuccessfully not no missing aborted partial"
        " partially echec erreur erreurs avertissement incomplete without never incomplet late overdue stale"
    )
)
_FIRING_WORDS = frozenset(
    listed(
        "firing fire fired open opened ouvert ouverte reopened triggered trigger alerting alert alerted"
        " active activated new nouveau nouvelle problem down critical warning error failed failure failing"
        " fail degraded unhealthy created create started start detected raised raise acknowledged ack pending"
        " investigating identified inprogress unresolved confirmed high medium low outage nodata breached"
        " violated escalated en_cours unknown major minor partial offline unreachable missing"
    )
)
_STRONG_RESOLVED = frozenset(
    listed(
        "resolved resolve recovered recovery closed close cleared clear fixed solved dismissed ended"
        " mitigated resolu retabli up unban unbanned unblocked"
    )
)
"""Those that say it in whatever key they stand."""
_SUBJECTS = frozenset(
    listed(
        "alert alerts alerte incident issue problem event case ticket monitor check finding detection"
        " vulnerability violation anomaly threat host service status state notification alarm uptime rule"
        " webhook jira policy type action item error site check uptime group outage"
    )
)
_NEGATIONS = frozenset(listed("not un non no never isn pas reopened reopen unresolved cannot"))
_NOTICES = frozenset(["notification", "critical", "warning"])
"""Behind the name of an event these say nothing."""
_TEST_WORDS = frozenset(["test", "ping"])
_MOST_WORDS_OF_STATE = 4

_BETWEEN = re.compile(r"[^a-z0-9]+")
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ACCENTS = re.compile("[\u0300-\u036f]")

_SHORT_STATE = (
    r"(?:resolved|recovered|recovery|closed|cleared|fixed|solved|ok|up|back to normal|normal|r[ée]solue?|r[ée]tablie?"
    r"|cl[oô]s|termin[ée]e?)"
)
_OPEN_STATE = (
    r"(?:firing|triggered|re-triggered|alerting|alert|alerte|alarm|problem|probl[èe]me|open|opened|new|down|warning|warn"
    r"|critical|no data|acknowledged|updated?|renotify)"
)
_BRACKETED = r"^[^\w\[(]*[\[(]\s*{state}\b[^\])]{{0,20}}[\])]\s*[:\-–—]?\s*"
_PREFIXED = r"^\W*{state}\s*(?:in [\d dhms]{{1,24}})?(?::\s*\d+\s*)?[:|–—-]\s+"
_RESOLVED_TITLE = re.compile(
    f"{_BRACKETED.format(state=_SHORT_STATE)}|{_PREFIXED.format(state=_SHORT_STATE)}"
    r"|\b(?:is|are|has been|have been|was|est|a [ée]t[ée]) (?:now )?(?:resolved|recovered|closed|cleared|back up"
    r"|up again|back to normal|back online|r[ée]solue?|r[ée]tablie?|de nouveau disponible)\b"
    r"|\bretour [àa] la normale\b|\b(?:resolved|recovered|r[ée]solue?|r[ée]tablie?)\W*$|^\W*(?:resolved|recovered)\b",
    re.IGNORECASE,
)
_STATE_OF_TITLE = re.compile(
    "|".join(form.format(state=state) for form in (_BRACKETED, _PREFIXED) for state in (_SHORT_STATE, _OPEN_STATE)),
    re.IGNORECASE,
)
_TEST_TITLE = re.compile(
    r"^\W*(?:test\W*[\])]|this is (?:just |only )?(?:a|an) (?:[\w-]+ )?test\b"
    r"|this alert was sent by \w+ for demonstration"
    r"|ceci est (?:un|une) (?:\w+ )?(?:de )?test\b|notification test message\b"
    r"|(?:test|sample|dummy|example)[ _-]?(?:alert|alerte|notification|message|event|incident|webhook|payload|ping)"
    r"\s*(?:$|\W*[:.!,(–—]|(?:from|for|sent|of|by|de|du|d’|d')\b)"
    r"|(?:alerte|notification|message|[ée]v[ée]nement) de test\b"
    r"|[\w .-]{0,30}\b(?:webhook|notification|connection|integration) test(?: run)?\W*$|test\W*$|_testevent_$)",
    re.IGNORECASE,
)
_TITLE_READ = 200


def state_in_status(text: str) -> AlertStatus | None:
    """The state that the value of a status says, None where it says none."""
    words = _words(text)
    if not words or len(words) > _MOST_WORDS_OF_STATE:
        return None
    if _is_negated(words):
        return _FIRING
    if words[-1] in _TEST_WORDS:
        return AlertStatus.TEST
    if any(word in _RESOLVED_WORDS and word not in _SUCCESS_WORDS for word in words):
        return _RESOLVED
    return _FIRING if any(word in _FIRING_WORDS for word in words) else None


def is_success(text: str) -> bool:
    """True if a status says that a job went well."""
    words = _words(text)
    return (
        0 < len(words) <= _MOST_WORDS_OF_STATE
        and not _is_negated(words)
        and any(one in _SUCCESS_WORDS for one in words)
    )


def is_good_news(title: str) -> bool:
    """True if the title of a job says that it went well."""
    found = _words(title)
    return any(word in _GOOD_WORDS for word in found) and not any(word in _BAD_WORDS for word in found)


def state_in_event(text: str) -> AlertStatus | None:
    """The state that the name of an event says (`incident.resolved`, `ALERT_RECOVERY`), None for most of them."""
    words = _words(text)
    if len(words) > 1 and words[-1] in _NOTICES:
        words.pop()
    if not words or len(words) > _MOST_WORDS_OF_STATE or _is_negated(words):
        return None
    if words[-1] in _TEST_WORDS or words[0] in _TEST_WORDS:
        return AlertStatus.TEST
    others, said = (words[1:], words[0]) if words[0] in _STRONG_RESOLVED else (words[:-1], words[-1])
    if said in _STRONG_RESOLVED and all(word in _SUBJECTS for word in others):
        return _RESOLVED
    return _FIRING if words[-1] in ("triggered", "firing", "opened", "open", "created", "alerting", "down") else None


def state_in_title(title: str) -> AlertStatus | None:
    """RESOLVED where a title says so (`[Recovered] …`, `… is back to normal`), None for every other."""
    return _RESOLVED if _RESOLVED_TITLE.search(title[:_TITLE_READ]) else None


def without_state(title: str) -> str:
    """A title without the state in front of it: the same for a problem and its end."""
    bare = _STATE_OF_TITLE.sub("", title, count=1).strip()
    return bare or title


def is_test_title(title: str) -> bool:
    """True for `Test notification`, `This is a test…`, `Message de test` and their like; not for a test server."""
    return bool(_TEST_TITLE.search(title[:_TITLE_READ]))


def _words(text: str) -> list[str]:
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", _HUMPS.sub(" ", text[:_TITLE_READ])))
    return [word for word in _BETWEEN.split(plain.lower()) if word]


def _is_negated(words: Iterable[str]) -> bool:
    return any(word in _NEGATIONS for word in words)
