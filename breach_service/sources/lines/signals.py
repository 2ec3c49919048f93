"""What lines of firewalls and of system logs report, by their words, in English and French.

A line that a firewall wrote while doing its work is routine; what its intrusion prevention, its antivirus and its own
system say, and what log-in programs refuse, says more.
"""

import re
from functools import lru_cache

from breach_service.domain.alert import Severity, Signal
from breach_service.sources.parts.words import signal_of_words

_FAILED_LOG_IN = re.compile(
    r"(?:log ?[io]n|logon|authenti\w+|auth|password|sign-?in|su|session opening|pam)\b[^.;]{0,60}?"
    r"\b(?:fail\w*|denied|rejected|refus\w*|invalid|incorrect|unsuccessful|échou\w*|échec)"
    r"|\b(?:fail\w*|invalid|incorrect|bad|wrong|rejected|refused|unsuccessful|échec\w*|mauvais)\b[^.;]{0,40}?"
    r"\b(?:log ?[io]n|logon|authenti\w*|auth|password|credentials?|sign-?in|connexion|mot de passe)\b"
    r"|\binvalid user\b|\bpossible break-?in attempt",
    re.IGNORECASE,
)
_LOCKED = re.compile(r"\b(?:user|account|login|compte)\b[^.;]{0,40}\b(?:locked|disabled|verrouillé)", re.IGNORECASE)
_ALL_WELL = re.compile(
    r"\b(?:success\w*|succeeded|completed|finished|passed|restored|recovered|up[ -]to[ -]date|updated?|réussie?s?"
    r"|terminée?s?|no (?:threats?|virus\w*|errors?|problems?)|clean|is up|changed state to up|healthy)\b",
    re.IGNORECASE,
)
_WENT_WRONG = re.compile(
    r"\b(?:fail\w*|errors?|denied|unable|cannot|not|échec\w*|échou\w*|with warnings?|partial\w*)\b", re.I
)
_NOT_DONE = re.compile(
    r"\b(?:fail\w*|errors?|warnings?|missing|not|unable|cannot|abort\w*|incomplete|cancel\w*|échec\w*|échou\w*)\b", re.I
)
_LOGGED_IN = re.compile(r"\blogged (?:in|on)\b|\blog-?in succe", re.I)
_NEW_ACCOUNT = re.compile(
    r"\b(?:add(?:ed)?|created?|new) (?:\w+ ){0,2}(?:user|account|administrator|group member|safe owner)\b", re.I
)
_CLEAN = re.compile(
    r"\b(?:no (?:threats?|virus\w*|malware|errors?)|0 (?:infected|threats?)|clean|scan (?:was )?(?:completed|finished)"
    r"|aucune? (?:menace|virus))\b",
    re.I,
)
_UPKEEP = re.compile(r"\b(?:signatures?|databases?|definitions?|licen[cs]e\w*|updat\w+|base de|mise à jour)\b", re.I)
_LINK = re.compile(
    r"\b(?:link|interface|port|tunnel|peer|line protocol|phase ?[12]|ipsec|ike|vpn|neighbou?r|bgp|ospf|lien)\b", re.I
)
_SUSPICIOUS = re.compile(r"suspicious|unusual|impossible|anomal|takeover|suspect|inhabituel|unknown device", re.I)
_EXPLOIT = re.compile(
    r"overflow|code[ ._-]?execution|command[ ._-]?(?:execution|injection)|traversal|injection|disclosure|corruption"
    r"|bypass|deseriali[sz]|upload|inclusion|use[ ._-]after|log4j|shellshock|struts|\bxss\b|cross[ ._-]site|exploit"
    r"|cve[-_]\d|privilege|escalation|file[ ._-]access|débordement|exécution de",
    re.IGNORECASE,
)
_BRUTE = re.compile(
    r"brute|password[ ._-]?(?:guess|spray)|login[ ._-]?attempt|credential[ ._-]stuffing|force brute", re.I
)
_FLOOD = re.compile(r"flood|d?dos\b|denial[ ._-]of[ ._-]service|déni de service|amplification|syn[ ._-]attack", re.I)
_SCAN = re.compile(
    r"scan\b|scan(?:ning|ner|s)\b|[ ._-]scan|sweep|\bprob(?:e|ing)\b|reconnaissance|balayage|enumeration", re.I
)
_MALWARE = re.compile(
    r"virus|malware|trojan|worm\b|botnet|backdoor|spyware|ransom|c&c|command[ ._-]and[ ._-]control|coin[ ._-]?min"
    r"|cryptomin|phish|rootkit|cobalt|meterpreter|\brat\b|eicar|stealer|cheval de troie|rançon|malveillant",
    re.IGNORECASE,
)
_WEB_SHELL = re.compile(r"web[ ._-]?shell", re.I)
_EXFILTRATION = re.compile(r"exfiltrat|dns[ ._-]?tunnel|data[ ._-]?(?:leak|loss|theft)", re.I)
_OF_ATTACKS = (
    (Signal.WEB_SHELL, _WEB_SHELL),
    (Signal.EXFILTRATION, _EXFILTRATION),
    (Signal.BRUTE_FORCE, _BRUTE),
    (Signal.SCAN, _SCAN),
    (Signal.UNAVAILABILITY, _FLOOD),
    (Signal.MALWARE, _MALWARE),
    (Signal.WEB_EXPLOIT, _EXPLOIT),
)
SECURITY = frozenset(
    {
        Signal.EXFILTRATION,
        Signal.WEB_SHELL,
        Signal.LEAKED_SECRET,
        Signal.DATA_EXPOSURE,
        Signal.BRUTE_FORCE,
        Signal.MALWARE,
        Signal.WEB_EXPLOIT,
        Signal.PRIVILEGE_CHANGE,
        Signal.SCAN,
        Signal.INTEGRITY_CHANGE,
        Signal.VULNERABILITY,
        Signal.SUSPICIOUS_LOGIN,
        Signal.ANOMALY,
    }
)
_LONGEST_READ = 1000
_GRAVE = 3
"""Syslog severities up to `err` are about something that went wrong."""


def is_failed_log_in(text: str) -> bool:
    """True if the line says that somebody was refused, or was locked out after too many refusals."""
    read = text[:_LONGEST_READ]
    return bool(_FAILED_LOG_IN.search(read) or _LOCKED.search(read))


@lru_cache(maxsize=8192)
def signal_of_attack(*texts: str) -> Signal:
    """What an intrusion prevention reports, by the name of its signature and its category; ANOMALY where none tells."""
    for text in texts:
        read = text[:_LONGEST_READ]
        for signal, pattern in _OF_ATTACKS:
            if pattern.search(read):
                return signal
    found = signal_of_words(*texts)
    return found if found in SECURITY and found is not None else Signal.ANOMALY


@lru_cache(maxsize=8192)
def signal_of_message(text: str, severity: int | None = None) -> Signal:
    """What a message of a machine about itself reports; `severity` is that of syslog, 0 the worst.

    OPERATIONS where it says nothing but is marked as an error, ROUTINE where it says nothing at all.
    """
    read = text[:_LONGEST_READ]
    if is_failed_log_in(read):
        return Signal.BRUTE_FORCE
    quiet = Signal.OPERATIONS if severity is not None and severity <= _GRAVE else Signal.ROUTINE
    found = signal_of_words(read)
    if found is None:
        return Signal.OPERATIONS if _LOGGED_IN.search(read) else quiet
    all_well = bool(_ALL_WELL.search(read)) and not _WENT_WRONG.search(read)
    if found is Signal.SUSPICIOUS_LOGIN and not _SUSPICIOUS.search(read):
        return Signal.OPERATIONS
    if found is Signal.UNAVAILABILITY and _LINK.search(read):
        return Signal.OPERATIONS
    if found in (Signal.MALWARE, Signal.VULNERABILITY, Signal.WEB_EXPLOIT, Signal.SCAN, Signal.ANOMALY):
        return quiet if _CLEAN.search(read) or _UPKEEP.search(read) else found
    if found is Signal.BACKUP_FAILED and not _NOT_DONE.search(read):
        return Signal.ROUTINE
    if found in (Signal.BACKUP_FAILED, Signal.UNAVAILABILITY, Signal.OPERATIONS):
        return Signal.ROUTINE if all_well else found
    return found


def signal_of_event(text: str, severity: Severity) -> Signal:
    """What a product reports that sends its own events; where its words do not tell, by how grave it says it is."""
    if "malop" in text[:_LONGEST_READ].lower():
        return Signal.MALWARE
    if _NEW_ACCOUNT.search(text[:_LONGEST_READ]):
        return Signal.PRIVILEGE_CHANGE
    found = signal_of_message(text)
    if found is not Signal.ROUTINE or _ALL_WELL.search(text[:_LONGEST_READ]):
        return found
    return Signal.ANOMALY if severity in (Severity.HIGH, Severity.CRITICAL) else Signal.ROUTINE
