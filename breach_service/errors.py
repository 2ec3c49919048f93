"""What can go wrong, said so that a person knows what to do next.

The docstring of each class is its default message; nobody parses messages: callers look at the class
and, where there is one, at `reason`.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Self


def N_(sentence: str) -> str:
    """Mark a sentence that pages say in the reader's language (`_(…)` where it is shown); programs read it as it is."""
    return sentence


class Code(str):
    """A word of a closed list as programs write it, such as `told_at`: pages say it with the words of `WORDS`."""

    __slots__ = ()


class Sentence(str):
    """An English sentence with named values, `%(name)s`; pages say it in the reader's language.

    Values that are sentences, codes or members of an enumeration are translated too; a list is said one by one.
    """

    words: str
    values: Mapping[str, object]

    def __new__(cls, words: str, /, **values: object) -> Self:
        """The sentence in English, with its values filled in, is what the string itself is."""
        made = super().__new__(cls, words % {name: _plain(one) for name, one in values.items()} if values else words)
        made.words, made.values = words, values
        return made

    def said(self, gettext: Callable[[str], str]) -> str:
        """The sentence in the language of `gettext`."""
        words = gettext(self.words)
        return words % {name: _said(one, gettext) for name, one in self.values.items()} if self.values else words


class Sentences(Sentence):
    """Several sentences, one a line."""

    sentences: tuple[str, ...]

    def __new__(cls, *sentences: str) -> Self:
        """The lines in English are what the string itself is; those that are no `Sentence` stay as they are."""
        made = super().__new__(cls, "\n".join(sentences))
        made.sentences = sentences
        return made

    def said(self, gettext: Callable[[str], str]) -> str:
        """Each line in the language of `gettext`."""
        return "\n".join(one.said(gettext) if isinstance(one, Sentence) else one for one in self.sentences)


def _plain(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value


def _said(value: object, gettext: Callable[[str], str]) -> object:
    if isinstance(value, list | tuple):
        return ", ".join(str(_said(one, gettext)) for one in value)
    if isinstance(value, Sentence):
        return value.said(gettext)
    return gettext(WORDS.get(str(value), str(value))) if isinstance(value, Code | StrEnum) else value


WORDS: Mapping[str, str] = {
    "viewer": N_("viewer"),
    "responder": N_("responder"),
    "dpo": N_("dpo"),
    "decider": N_("decider"),
    "admin": N_("administrator"),
    "auditor": N_("auditor"),
    "inspector": N_("inspector"),
    "source": N_("sender"),
    "suspected": N_("suspected"),
    "assessing": N_("being assessed"),
    "confirmed": N_("confirmed"),
    "dismissed": N_("dismissed"),
    "closed": N_("closed"),
    "merged": N_("merged into another incident"),
    "told_at": N_("the instant at which you were told"),
    "occurred_at": N_("the instant at which it happened"),
    "aware_at": N_("the instant of becoming aware"),
    "flaw_discovered_at": N_("the instant at which the flaw was discovered"),
    "attack_known_at": N_("the instant at which the attack was known"),
    "sent_at": N_("the instant of sending"),
    "detected_at": N_("the instant of detection"),
    "received_at": N_("the instant of receipt"),
    "answered_at": N_("the instant of the answer"),
    "classified_at": N_("the instant of classification"),
    "corrected_at": N_("the instant of the corrective measure"),
    "fulfilled_at": N_("the instant of fulfilment"),
    "declined": N_("declined"),
    "withdrawn": N_("withdrawn"),
    "lapsed": N_("lapsed"),
    "done_at": N_("the instant at which it was done"),
    "due_at": N_("the instant by which it is due"),
    "candidate": N_("the moment that you choose"),
    "collected_at": N_("the instant of collection"),
    "at": N_("the instant"),
    "starts_at": N_("the beginning"),
    "from_at": N_("the beginning"),
    "ends_at": N_("the end"),
    "to_at": N_("the end"),
    "until": N_("the end"),
    "send_alerts": N_("send alerts"),
    "look": N_("see incidents"),
    "look_around": N_("see the inventory, the senders and the rota"),
    "look_at_raw": N_("see raw bodies"),
    "look_at_audit": N_("see who read what"),
    "declare": N_("declare an incident"),
    "look_at_reports": N_("read reports"),
    "sort_reports": N_("sort reports"),
    "record_fact": N_("record a fact"),
    "add_systems": N_("add systems"),
    "record_awareness": N_("record when we became aware"),
    "give_opinion": N_("give an opinion"),
    "answer_call": N_("answer a call"),
    "work_playbook": N_("work on the plan of an incident"),
    "qualify": N_("qualify the incident"),
    "merge": N_("merge incidents"),
    "close": N_("close an incident"),
    "manage_measures": N_("plan measures and say what came of them"),
    "keep_evidence": N_("write down evidence"),
    "read_evidence": N_("take out the content of evidence"),
    "review_incident": N_("review an incident"),
    "approve_draft": N_("approve a notice"),
    "record_filing": N_("record a filing"),
    "decide_not_required": N_("decide that a notice is not required"),
    "replay": N_("play a request again"),
    "silence": N_("silence alerts"),
    "try_grouping": N_("try rules of grouping"),
    "restrict": N_("restrict an incident"),
    "name_substitute": N_("name a substitute"),
    "consult": N_("write to counsel"),
    "break_glass": N_("break the glass"),
    "review_glass": N_("review a broken glass"),
    "manage_rota": N_("manage the rota"),
    "lead": N_("say who leads an incident"),
    "run_drill": N_("begin and stop an exercise"),
    "mute_reminders": N_("mute the reminders of an incident"),
    "keep_own_account": N_("keep one's own account"),
    "manage_sources": N_("manage the senders"),
    "manage_people": N_("manage accounts"),
    "record_mandate": N_("record a mandate"),
    "manage_inventory": N_("manage the inventory"),
    "activate_content": N_("put content in force"),
    "operate": N_("operate the machine"),
    "breach_handled": N_("breach handled"),
    "named": N_("named"),
    "concerned": N_("concerned"),
    "counsel": N_("counsel"),
    "false_alarm": N_("false alarm"),
    "expected_activity": N_("expected activity"),
    "duplicate": N_("duplicate"),
    "test": N_("test or exercise"),
    "no_personal_data": N_("real incident, no personal data"),
    "leads": N_("an incident that is led"),
    "notice": N_("a notice that is owed"),
    "decision": N_("an incident to qualify"),
    "draft": N_("a draft to release"),
    "letter": N_("a notice whose receipt is to be recorded"),
    "opinion": N_("an opinion to give"),
    "review": N_("a review to do"),
    "mandate": N_("a mandate"),
    "rota": N_("turns on the rota"),
    "stands_in": N_("a person whose substitute they are"),
    "administrator": N_("administrator"),
    "system": N_("system"),
    "incident": N_("incident"),
    "activity": N_("processing activity"),
    "client": N_("client"),
}
"""Codes of closed lists, in words that can stand inside a sentence."""


def sentence_of(error: Exception) -> str:
    """What an error of Python was raised with, as a `Sentence` where it is one."""
    return error.args[0] if error.args and isinstance(error.args[0], Sentence) else str(error)


class BreachServiceError(Exception):
    """Something went wrong in breach_service."""

    def __init__(self, message: str | None = None, /, **values: object) -> None:
        given = message or (self.__doc__ or "").strip()
        self.sentence = given if isinstance(given, Sentence) else Sentence(given, **values)
        super().__init__(str(self.sentence))

    def said(self, gettext: Callable[[str], str]) -> str:
        """The sentence in the language of `gettext`, for pages; `str` is English, for programs."""
        return self.sentence.said(gettext)


class ContentError(BreachServiceError):
    """The files in playbooks/ or templates/ have faults: run `breach-service check` for the list."""


class UnreadablePayload(BreachServiceError):
    """The body is not an alert of this kind: it is kept in quarantine, `breach-service quarantine list` shows it."""


class WrongCredential(BreachServiceError):
    """The request carries no valid credential for this source."""

    def __init__(self, reason: str, message: str | None = None) -> None:
        self.reason = reason
        super().__init__(message)


class NotFound(BreachServiceError):
    """There is no such thing here."""


class NotSeen(NotFound):
    """There is no such thing for whoever asks: said in the same words as of what does not exist at all."""

    def __init__(self, message: str, incident_id: int, /, **values: object) -> None:
        self.incident_id = incident_id
        """Of the incident that is there, for the audit trail."""
        super().__init__(message, **values)


class NotAudited(BreachServiceError):
    """Every reading of this is written down first, and that cannot be done now: nothing is shown; try again soon."""


class NotAllowed(BreachServiceError):
    """Your role does not allow this act: ask an administrator, or a person who holds the role."""


class NoLongerIn(BreachServiceError):
    """your session or your token has ended: nothing was recorded"""


class InvalidCommand(BreachServiceError):
    """The act cannot be done as asked."""


class BacklogFull(BreachServiceError):
    """More alerts are waiting than this service may hold: send again later."""


class ConfigurationError(BreachServiceError):
    """A setting is missing or wrong."""


DEFAULTS = (
    N_("There is no such thing here."),
    N_("Every reading of this is written down first, and that cannot be done now: nothing is shown; try again soon."),
    N_("Your role does not allow this act: ask an administrator, or a person who holds the role."),
    N_("your session or your token has ended: nothing was recorded"),
    N_("The act cannot be done as asked."),
    N_("More alerts are waiting than this service may hold: send again later."),
)
"""The default messages that a person may read on a page, marked for the catalogue."""
