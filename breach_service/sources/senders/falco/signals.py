"""What a Falco rule reports: by its name, by its MITRE tags, by its words.

Names are those of the rules that ship with Falco and its plugins (falcosecurity/rules, falcosecurity/plugins).
"""

import re
from collections.abc import Iterable

from breach_service.domain.alert import Signal
from breach_service.sources.parts.attack_techniques import signal_of_attack
from breach_service.sources.parts.words import signal_of_words

_LONGEST_NAME = 300
_QUIET = frozenset({"informational", "info", "debug"})
"""Falco's own style guide: good practice not followed, and less; audit events of every deployment are at this level."""

_BY_NAME: tuple[tuple[Signal, re.Pattern[str]], ...] = tuple(
    (signal, re.compile(pattern))
    for signal, pattern in (
        (
            Signal.MALWARE,
            r"crypto|miner|stratum|xmrig|netcat remote code|redirect std(out|in)|reverse shell|drop and execute"
            r"|fileless|kernel module|rootkit|/dev/shm|memfd",
        ),
        (
            Signal.LEAKED_SECRET,
            r"private keys? or passwords?|(aws|gcp|cloud) credentials|sensitive file|monitored file read"
            r"|private credentials|secret get|known_hosts|ssh information",
        ),
        (
            Signal.PRIVILEGE_CHANGE,
            r"sudo potential|release_agent|container escape|create privileged pod|clusterrole|cluster-admin"
            r"|role .{0,60}creat|set setuid|debugfs|create .{0,60}aws user|mfa for .{0,60}user|add.{0,60} user"
            r"|delegation of read access",
        ),
        (
            Signal.SUSPICIOUS_LOGIN,
            r"console (root )?login|without mfa|anonymous request|disallowed (k8s user|ssh)|non authorized ip",
        ),
        (
            Signal.INTEGRITY_CHANGE,
            r"clear log|shell history|write below|modify (binary|shell|container)|mkdir binary|schedule cron|symlink"
            r"|hardlink|(logging|trail|guardduty|config) (disabled|deleted|stopped)|bulk data|package management",
        ),
        (Signal.DATA_EXPOSURE, r"public access|bucket acl|made public|snapshot (attribute|shared)"),
    )
)


def signal_of_rule(rule: str, priority: str, tags: Iterable[str]) -> Signal:
    """What the rule reports; ROUTINE where Falco only informs and the rule's name says nothing worse."""
    name = rule[:_LONGEST_NAME].lower()
    if name.startswith("falco internal"):
        return Signal.OPERATIONS
    by_name = next((signal for signal, pattern in _BY_NAME if pattern.search(name)), None)
    if by_name is not None:
        return by_name
    if priority.lower() in _QUIET:
        return Signal.ROUTINE
    by_words = signal_of_words(rule)
    # Rules are about behaviour that an attacker shows: a pod or a disk in their name is where, not what.
    of_machines = by_words in (Signal.OPERATIONS, Signal.UNAVAILABILITY)
    return signal_of_attack(tags) or (by_words if by_words and not of_machines else Signal.ANOMALY)
