"""How personal data are written: patterns of what may be such a value, and what only looks like one.

A pattern never decides by itself; it is bounded, so that no text makes it slow, and it knows what stands around a
value: a number within a word, a path, a MAC address or a longer row of numbers is none. What must not stand before is
looked at after the first character: a pattern that begins with a character is found much faster.
"""

import re

_SPACE = r"[ \u00a0\u202f]"
_GAP = r"[ .\-\u00a0\u202f]"

EMAIL = re.compile(
    r"(?<![\w.+-])(?P<local>[\w+-](?:[\w.+-]{0,62}[\w+-])?)(?:@|%40)"
    r"(?P<domain>(?:[\w-]{1,63}\.){1,6}[^\W\d_]{2,24})(?![\w@-])"
)
"""`%40` as well: logs of web servers quote addresses as they stood in a query."""

_GROUPS_OF_IBAN = r"(?:[ \-\u00a0\u202f]?[A-Z0-9]){11,30}"
IBAN = re.compile(
    rf"[A-Zf](?<![A-Za-z0-9].)(?:(?<![a-z])[A-Z][0-9]{{2}}{_GROUPS_OF_IBAN}|(?<=f)r[0-9]{{2}}[0-9a-z]{{23}})"
)
"""It may run on into the words behind: `IBAN_LENGTHS` says where it ends."""
IBAN_LENGTHS = {
    "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24,
    "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21,
    "LT": 20, "LU": 20, "LV": 21, "MA": 28, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24,
    "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TN": 24, "TR": 26, "VA": 22,
}  # fmt: skip
"""Characters of an IBAN by country: the SEPA area and the neighbours of France (SWIFT, IBAN registry)."""

NIR = re.compile(
    rf"[1-478](?<![\w+].)(?<![0-9][.,-].)(?P<gap>{_GAP}?)[0-9]{{2}}(?P=gap)(?:0[1-9]|1[0-2]|[2-9][0-9])(?P=gap)"
    rf"(?:[0-9]{{2}}|2[ABab])(?P=gap)[0-9]{{3}}(?P=gap)[0-9]{{3}}(?:{_SPACE}?[/-]?{_SPACE}?|{_GAP})[0-9]{{2}}"
    r"(?!\w)(?![.-]\w)(?!,[0-9])"
)
"""Sex, year, month (20 to 99 where it is not known), département (2A and 2B in Corsica), town, order, key."""

_REST_OF_FOUR = (
    r"(?<=4)[0-9]{3}|(?<=5)[1-5][0-9]{2}|(?<=2)(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)"
    r"|(?<=6)(?:011|4[4-9][0-9]|[25][0-9]{2})|(?<=3)5(?:2[89]|[3-8][0-9])"
)
CARD = re.compile(
    rf"[2-6](?<![\w+].)(?<![0-9][.,-].)(?:(?:{_REST_OF_FOUR})(?P<gap>[ \-\u00a0\u202f]?)[0-9]{{4}}(?P=gap)[0-9]{{4}}"
    r"(?P=gap)[0-9]{4}|(?<=3)[47][0-9]{2}(?P<amex>[ \-\u00a0\u202f]?)[0-9]{6}(?P=amex)[0-9]{5})"
    r"(?!\w)(?![.-]\w)(?!,[0-9])"
)
"""Visa, Mastercard, Discover, JCB and UnionPay with 16 digits, American Express with 15, in their usual groups."""

PHONE = re.compile(
    r"[+%0](?<![\w+/-].)(?<![0-9][.,:].)(?<![0-9A-Fa-f]{2}:.)(?:"
    r"(?P<home>(?<=0)[1-79](?:(?P<gap>[ .\-/\u00a0\u202f])[0-9]{2}(?:(?P=gap)[0-9]{2}){3}(?!(?P=gap)[0-9]{2}(?![0-9]))"
    r"|[0-9]{8}))"
    r"|(?P<abroad>(?:(?<=\+)|(?<=%)2[Bb]|(?<=0)0)[1-9](?:[ .\-/()\u00a0\u202f]{0,3}[0-9]){7,13}))"
    r"(?!\w)(?![.:/-]\w)(?!,[0-9])"
)
"""Numbers that begin with 08 belong to services, not to persons."""

_WAY = (
    "rue|avenue|av|boulevard|bd|bld|place|pl|chemin|ch|impasse|imp|all[ée]es?|quai|cours|route|rte|square|sq|passage|"
    "faubourg|fbg|r[ée]sidence|lotissement|villa|sentier|voie|esplanade|promenade|rond-point|hameau|cit[ée]|traverse|"
    "mont[ée]e|venelle|ruelle|chauss[ée]e|parvis|clos|domaine|quartier|mail"
)
POSTAL_ADDRESS = re.compile(
    rf"[0-9](?<![\w.,:/-].)[0-9]{{0,3}}(?:{_SPACE}?(?:bis|ter|quater|[A-D]))?,?\s{{1,3}}(?:{_WAY})\b\.?\s"
    r"[^\n]{2,70}?(?:\s{0,3}[,;–-])?\s{1,3}(?:F-)?(?:0[1-9]|[1-8][0-9]|9[0-578])[0-9]{3}\s{1,3}[^\W\d_][\w'’-]+",
    re.IGNORECASE,
)
"""Number, kind of way, name, post code, town. Without post code and town too many sentences look like one."""

_MACHINE = re.compile(
    r"abuse|adm|admin|administrateur|administrator|alertes?|alerts?|alerting|api|apache|app|backup|bot|bounces?|ci|"
    r"comptabilite|contact|cron|daemon|deploy|dev|dns|docker|dpo|dpd|donotreply|facturation|git|gitlab|hello|hg|"
    r"hostmaster|hotline|infos?|jenkins|legal|mailer|mailerdaemon|marketing|monitoring|mysql|nagios|nepasrepondre|"
    r"newsletter|nginx|nobody|noc|noreply|notifications?|notify|ops|oracle|postgres|postmaster|presse|prometheus|rgpd|"
    r"root|rssi|sales|security|services?|soc|ssh|sshd|support|svn|svc|system|systeme|tech|test|ubuntu|vagrant|"
    r"webmaster|wwwdata|zabbix|.*noreply|(?:noreply|donotreply|nepasrepondre|bounce|mailerdaemon|notification|alert).*"
)
"""Addresses of functions, without their separators and digits."""
_MADE_UP = re.compile(r"[0-9]{11}|[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}|(?<![^.+_-])[0-9A-Fa-f]{16}|[=]")
"""Within the identity of a message (RFC 5322, Message-ID) or a token, not in a name."""
_NO_DOMAIN = re.compile(
    r"automount|conf|css|csv|device|gif|gz|jpeg|jpg|js|json|log|mount|path|pdf|php|png|scope|service|slice|socket|svg|"
    r"swap|target|timer|ts|txt|webp|xml|yaml|yml|zip"
)
"""Endings of files (`logo@2x.png`) and of systemd units (`user@1000.service`)."""
_ALGORITHMS = frozenset({"openssh.com", "libssh.org", "lysator.liu.se", "ssh.com", "putty.projects.tartarus.org"})
"""Who names SSH algorithms after itself (RFC 4251, section 6): `umac-64-etm@openssh.com`."""
_NOT_BEFORE = re.compile(r"(?:://[^\s/?#@]{0,200}|[+][\w.+-]{0,64}=)$")
"""A log-in within an address of the web; the address of a recipient within that of a returned message (VERP)."""


def is_person(match: re.Match[str]) -> bool:
    """True if a candidate of `EMAIL` may be the address of a person: no function, no file, no algorithm, no log-in."""
    local, domain = match["local"].lower().partition("+")[0], match["domain"].lower()
    bare = re.sub(r"[\W\d_]+", "", local)
    if _MACHINE.fullmatch(bare) or _MADE_UP.search(match["local"]):
        return False
    if domain in _ALGORITHMS or _NO_DOMAIN.fullmatch(domain.rpartition(".")[2]):
        return False
    return not _NOT_BEFORE.search(match.string, max(0, match.start() - 220), match.start())


_NUMBERED = re.compile(
    r"(?<![^\W_])(?:commande|order|facture|invoice|r[ée]f(?:[ée]rence)?|dossier|ticket|serial|s[ée]rie|sn|id|uid|pid|"
    r"session|lot|colis|suivi|tracking|siret|siren|contrat|code|ean|imei|build|offset|inode|trace|span|request|seq|"
    r"transaction|job|size|bytes|octets)[\W_]{0,4}(?:(?:n[°o]|number|num[ée]ro|no|id|code)[\W_]{0,3})?$",
    re.IGNORECASE,
)


def is_numbered(match: re.Match[str]) -> bool:
    """True for bare digits behind a word that says what they number: an order, a parcel, a process."""
    return match[0].isdigit() and bool(_NUMBERED.search(match.string, max(0, match.start() - 32), match.start()))
