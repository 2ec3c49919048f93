"""MikroTik RouterOS writes its topics before the message: `system,error,critical login failure for user admin …`.

Log, in the RouterOS documentation on help.mikrotik.com: the topics of severity are critical, error, warning, info and
debug.
"""

import re
from dataclasses import replace

from breach_service.sources.lines.syslog import SyslogLine

_TOPICS = re.compile(r"((?:!?[a-z][a-z0-9-]{1,19},){1,5}[a-z][a-z0-9-]{1,19}) (?=\S)", re.ASCII)
_SEVERITIES = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}


def without_topics(line: SyslogLine) -> SyslogLine:
    """The line with its topics taken as severity and program; any other line as it is."""
    found = _TOPICS.match(line.message)
    topics = found[1].split(",") if found else []
    told = [_SEVERITIES[one] for one in topics if one in _SEVERITIES]
    if found is None or not told:
        return line
    return replace(line, message=line.message[found.end() :], severity=min(told), program=line.program or topics[0])
