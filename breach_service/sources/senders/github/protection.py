"""What guards a repository is lifted, or somebody is given the keys: settings that an intruder changes first.

https://docs.github.com/webhooks/webhook-events-and-payloads: branch_protection_rule, branch_protection_configuration,
repository_ruleset, security_and_analysis, deploy_key, organization. What is switched on again closes what was switched
off; all else that these events say is daily work.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from breach_service.domain.alert import Signal
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import record_at, text_at, texts_at, value_at
from breach_service.sources.senders.github.findings import Finding


def protection_of(kind: str, record: Record) -> Finding | None:
    """What an event of that kind says of the protection of a repository or organisation; None for all others."""
    reader = _READERS.get(kind)
    return None if reader is None else reader(record, text_at(record, "action"))


def _finding(record: Record, what: str, title: str, signal: Signal, *, is_open: bool = True) -> Finding:
    where = text_at(record, "repository", "full_name") or text_at(record, "organization", "login")
    return Finding(
        family="protection",
        identity=what,
        title=f"{title} ({where})" if where else title,
        signal=signal,
        state="open" if is_open else "closed",
        users=texts_at(record, "sender", "login"),
        link=text_at(record, "repository", "html_url"),
    )


def _branch_rule(record: Record, action: str) -> Finding | None:
    name = text_at(record, "rule", "name")
    title = f"Branch protection of {name or 'a branch'} was removed"
    return _finding(record, f"branch {name}", title, Signal.INTEGRITY_CHANGE) if action == "deleted" else None


def _branch_protection(record: Record, action: str) -> Finding | None:
    if action not in ("disabled", "enabled"):
        return None
    title, is_open = f"Branch protection was {action}", action == "disabled"
    return _finding(record, "branch protection", title, Signal.INTEGRITY_CHANGE, is_open=is_open)


def _ruleset(record: Record, action: str) -> Finding | None:
    name = text_at(record, "repository_ruleset", "name")
    title = f"Ruleset {name} was removed".replace("  ", " ")
    return _finding(record, f"ruleset {name}", title, Signal.INTEGRITY_CHANGE) if action == "deleted" else None


def _analysis(record: Record, _action: str) -> Finding | None:
    """Secret scanning and the like; the event says what was, the repository what is."""
    before = record_at(record, "changes", "from", "security_and_analysis")
    after = record_at(record, "repository", "security_and_analysis")
    states = {key: (text_at(before, key, "status"), text_at(after, key, "status")) for key in before}
    lifted = sorted(key.replace("_", " ") for key, pair in states.items() if pair == ("enabled", "disabled"))
    title = f"Security feature switched off: {', '.join(lifted)}"
    return _finding(record, "security and analysis", title, Signal.INTEGRITY_CHANGE) if lifted else None


def _deploy_key(record: Record, action: str) -> Finding | None:
    """A key that may write to the repository, whoever holds it."""
    if action not in ("created", "deleted") or value_at(record, "key", "read_only") is not False:
        return None
    name, is_open = text_at(record, "key", "title"), action == "created"
    title = f"Deploy key {name} with write access was {'added' if is_open else 'removed'}".replace("  ", " ")
    what = f"deploy key {text_at(record, 'key', 'id') or name}"
    return _finding(record, what, title, Signal.PRIVILEGE_CHANGE, is_open=is_open)


def _organisation(record: Record, action: str) -> Finding | None:
    """Somebody was made an owner of the organisation."""
    who = text_at(record, "membership", "user", "login")
    if action != "member_added" or text_at(record, "membership", "role") != "admin":
        return None
    found = _finding(record, f"owner {who}", f"{who or 'Somebody'} was made an owner", Signal.PRIVILEGE_CHANGE)
    return replace(found, concerned=(who,))


_READERS: Mapping[str, Callable[[Record, str], Finding | None]] = {
    "branch_protection_rule": _branch_rule,
    "branch_protection_configuration": _branch_protection,
    "repository_ruleset": _ruleset,
    "security_and_analysis": _analysis,
    "deploy_key": _deploy_key,
    "organization": _organisation,
}
