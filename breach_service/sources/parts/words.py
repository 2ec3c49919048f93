"""What an alert reports, told by the words of its name, where the sender has no classification of its own.

English and French. The first row that fits wins: attacks before the running of machines, and within each the more
telling before the general (a "backup server down" is about the backup, a "login latency" is about latency).
"""

import re
import unicodedata
from functools import lru_cache

from breach_service.domain.alert import Signal

_ROWS: tuple[tuple[Signal, str], ...] = (
    (
        Signal.EXFILTRATION,
        r"exfil\w*|dns ?(tunn?el\w*|steal\w*)|tunn?el\w* (over|through|via) dns|data theft|vol de donnees"
        r"|(large|unusual|abnormal) (upload|outbound|egress|data transfer)",
    ),
    (Signal.WEB_SHELL, r"web ?shell\w*|shell (php|jsp|aspx?)"),
    (
        Signal.LEAKED_SECRET,
        r"(leaked|exposed|hard ?coded|committed|stolen|compromised|breached)"
        r" (secret|credential|password|token|api key|key)s?"
        r"|(secret|credential|password|token|key)s? (leak\w*|expos\w*|theft|found in)|secret scanning"
        r"|fuite d identifiants",
    ),
    (
        Signal.DATA_EXPOSURE,
        r"data (leak\w*|expos\w*|breach)|fuite\w* (de )?donnees|(public|open|exposed) (bucket|database|share|index)s?"
        r"|(bucket|database|storage|index) (is )?(public|exposed|open)\w*",
    ),
    (
        Signal.SUSPICIOUS_LOGIN,
        r"fail\w*( \w+){0,6} followed by( a)? success\w*|(brute ?forc\w*|spray\w*) (succe\w+|reussi\w*)",
    ),
    (
        Signal.BRUTE_FORCE,
        r"brute ?forc\w*|force brute|bf|fail ?2 ?ban|password (spray\w*|guess\w*)|credential stuffing|crack(?!lib)\w*"
        r"|(too many|multiple|many|repeated|excessive) (failed|fail\w*|invalid|auth\w*|log ?[io]n\w*|password)\w*"
        r"|(failed|invalid) (ssh |user |web )?(log ?[io]n|auth|authentication|password|sign ?in)\w*"
        r"|(log ?[io]n|auth|authentication|password|sign ?in|credentials?) (fail\w*|error)\w*"
        r"|(invalid|incorrect|wrong|bad) (user ?name|credentials?|password|passcode)|echecs? (d )?authentification"
        r"|missed (the |a )?password|password check fail\w*",
    ),
    (
        Signal.SUSPICIOUS_LOGIN,
        r"impossible travel|(suspicious|unusual|anomalous|unexpected|risky|unknown|first time|new) (\w+ )?"
        r"(log ?[io]n|sign ?in|ssh session|authentication)(?! (parameter|field|value|page|form|method)s?)"
        r"|(log ?[io]n|sign ?in) (\w+ ){0,3}(from|with) (an? )?(new|unknown|unusual|unexpected|foreign|tor|anonymous)"
        r"|(log ?[io]n|sign ?in) (\w+ ){0,3}outside (of )?(business|working|office) hours|account takeover"
        r"|connexion (suspecte|inhabituelle|anormale)|mfa (fatigue|bypass|push)",
    ),
    (
        Signal.MALWARE,
        r"malware|malicious|malveillant\w*|ransom\w*|rancon\w*|chiffrement suspect|trojan\w*|virus|rootkit|backdoor\w*"
        r"|botnet|c2|cnc|command and control|(crypto|coin|bitcoin|monero) ?min\w*|xmrig|worm|spyware|stealer|eicar"
        r"|cobalt ?strike|mimikatz|meterpreter|beaconing|reverse ?shell|post ?exploit\w*"
        r"|(process|dll|module|thread) injection",
    ),
    (
        Signal.WEB_EXPLOIT,
        r"sql ?i|sql ?injection|injection|xss|cross site|(path|directory) traversal|[lr]fi|ssrf|xxe|csrf|log4j"
        r"|log4shell|shellshock|spring4shell|deserial\w+|rce|remote (code|command)|waf|web (application )?attack\w*"
        r"|attaque web|exploit\w*|appsec|vpatch",
    ),
    (
        Signal.PRIVILEGE_CHANGE,
        r"privileg\w*|escalat\w* to root|sudo\w*|setuid|root (access|shell|login)|elevation de droits"
        r"|(changed?|switch\w*) (uid|user ?id|to root|to superuser)|su to root|becomes? root"
        r"|(user|group) id changed|su (is |was )?executed"
        r"|(new|added|unexpected) (admin|administrator|root|superuser)\w*|admin\w* (added|granted|created|role)"
        r"|role (binding|assignment) \w+|(user|account) (added|created)",
    ),
    (Signal.VULNERABILITY, r"vulnerab\w*|cve|unpatched"),
    (
        Signal.SCAN,
        r"(port|network|host|web|ssh|vuln\w*|multi ports?) ?scan\w*|scan\w* (detected|attempt|from)|probing|recon"
        r"|reconnaissance|enumerat\w*|nmap|masscan|nikto|dirb|dirbuster|gobuster|wpscan|crawl\w*|port sweep|balayage"
        r"|connection attempt scan|access (a |to )?(forbidden|hidden|restricted) (file|director|path|page|url)\w*"
        r"|(multiple|many|repeated) (\w+ ){0,3}(4\d\d|4xx|not found|forbidden) (\w+ )?(errors?|codes?|responses?)",
    ),
    (
        Signal.INTEGRITY_CHANGE,
        r"integrit\w*|tamper\w*|deface\w*|defacement|defiguration|checksum\w*|fim|file (changed|modified)"
        r"|(audit )?logs? (cleared|deleted|wiped)|fichier modifie",
    ),
    (
        Signal.BACKUP_FAILED,
        r"backup\w*|sauvegarde\w*|restic|borg\w*|velero|barman|pg ?backrest|bacula|veeam|wal archiv\w*"
        r"|snapshots? (fail\w*|missing|too old)",
    ),
    (Signal.ANOMALY, r"intrusion\w*|attack\w*|attaque\w*|compromis\w*|suspicious|suspect\w*|phish\w*|hameconnage"),
    (
        Signal.OPERATIONS,
        r"cpu|memory|memoire|oom|disk|disque|file ?system|inodes?|latenc\w+|slow\w*|lenteur|swap|certificate|certificat"
        r"|certs?|clock|ntp|quota|lag|saturat\w*|throttl\w*|temperature|space",
    ),
    (
        # What a detector that learns says: something is new or otherwise than before, in whatever log it reads.
        Signal.ANOMALY,
        r"new (?!errors?|exceptions?)(\w+ ){1,5}in (\w+ ){0,4}(logs?|domains?|requests?|referers?|user agents?|traffic)"
        r"|new (event|message) types?|(unusual|abnormal|anomalous) (\w+ )?(frequenc\w*|numbers?|counts?) of"
        r"|(high|unusual) entropy|first time (\w+ ){0,4}seen|never seen|previously unseen",
    ),
    (
        Signal.ROUTINE,
        # What went as it should, and what was already blocked.
        r"(log ?[io]n|sign ?in|authentication|auth) (succe\w+|accepted)|accepted (password|public ?key)"
        r"|success\w* (\w+ )?(log ?[io]n|sign ?in|authentication)|session (opened|closed|started|ended)"
        r"|(clam ?(av|d)|anti ?virus|av|signatures?|definitions?) (data ?base |definitions? )?updated?"
        r"|permission checks?|active response|(host|ip|ip address|connection|sender) (un)?blocked",
    ),
    (
        Signal.OPERATIONS,
        r"(agent|server|daemon) (started|connected|disconnected|removed)|log (file )?rotated|segfault\w*"
        r"|(r?syslogd?|auditd|journald) (started|stopped|restarted|exiting)"
        r"|segmentation fault|packages? (\w+ ){0,2}(installed|removed|deleted|updated|upgraded|configured)"
        r"|exited due to|failed state",
    ),
    (
        Signal.UNAVAILABILITY,
        r"(?<!scale )(?<!scaled )(?<!slow )(?<!cool )down|absent|unreachable|unavailab\w*|indisponib\w*|injoignable"
        r"|offline|hors (ligne|service)|outage|panne|not (ready|responding|available|reporting)"
        r"|stopped (responding|reporting)|no response|crash\w*|dead|prob(e|er) fail\w*|d?dos|denial of service"
        r"|deni de service|connection refused",
    ),
    (
        Signal.BRUTE_FORCE,
        r"(log ?[io]n|sign ?in|authentication) attempts?|attempts? to log ?[io]n"
        r"|log ?[io]n (aborted|refused|denied|rejected)|aborted log ?[io]n",
    ),
    (Signal.SUSPICIOUS_LOGIN, r"log ?[io]n|sign ?in|authentication|mfa"),
    (
        Signal.OPERATIONS,
        r"load|queue|pods?|deployments?|replicas?|restart\w*|job|error rate|errors?|5xx|scrape|target|rule evaluation"
        r"|reload|node|kube\w*|etcd|prometheus|alertmanager|raid|smart|battery|ups|network|hpa"
        r"|(daemon|stateful) ?set",
    ),
)
_PATTERNS = tuple((signal, re.compile(rf"\b(?:{row})\b", re.ASCII)) for signal, row in _ROWS)

_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ACCENTS = re.compile("[\u0300-\u036f]")
_BETWEEN_WORDS = re.compile(r"[^a-z0-9]+")
_LONGEST_READ = 1000


def signal_of_words(*texts: str) -> Signal | None:
    """The signal of the first text whose words tell one; None where none does."""
    for text in texts:
        if text and (signal := _signal_of_text(text[:_LONGEST_READ])) is not None:
            return signal
    return None


# Rules have few names, and say them over and over.
@lru_cache(maxsize=2048)
def _signal_of_text(text: str) -> Signal | None:
    words = _words_of(text)
    return next((signal for signal, pattern in _PATTERNS if pattern.search(words)), None)


def _words_of(text: str) -> str:
    """Lower case, without accents, `NodeDiskFull`, `node_disk_full` and `node-disk-full` all as `node disk full`."""
    plain = text if text.isascii() else _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    return _BETWEEN_WORDS.sub(" ", _HUMPS.sub(" ", plain).lower()).strip()
