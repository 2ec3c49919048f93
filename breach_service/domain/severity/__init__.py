"""How severe a breach is for the persons: the ENISA method (2013) as a pure function, and the CNIL's four levels.

SE = DPC × EI + CB: data processing context × ease of identification + circumstances of the breach. Every input may be
unknown or an interval; the score is then the interval from the least to the most that is still reachable.

The score never closes a question by itself. It is a documented aid for the person who decides, and never the gate
to telling the authority or the persons:

- The law asks for risk, which is likelihood and severity together (GDPR recitals 75 and 76). The score knows no
  likelihood, and the number of persons only as a flag.
- Regulators have set scores aside. The CNIL held that Canal+, which relied on the method, had to notify
  (SAN-2023-015); the UODO did so against ENEA with a score below 2, and found a high risk where ERGO Hestia had a low
  score and Bank Millennium a medium one.
- The usual faults lie in the inputs: data or identification scored too low, points taken off because few persons are
  touched, a recipient's word taken for a deletion. No formula can see them.

So a low score lowers no duty: written rules and a person's decision do, with their reasons.
"""

from breach_service.domain.severity.facts import (
    severity_input,
)
from breach_service.domain.severity.input import (
    DPC_BOUNDS,
    Bounds,
    DataContext,
    SeverityInput,
    levels_within,
)
from breach_service.domain.severity.levels import (
    BAND_STARTS,
    BAND_WORDS,
    CNIL_LEVELS,
    CNIL_WORDS,
    FLAG_WORDS,
    Band,
    CnilLevel,
    Flag,
    band_of,
)
from breach_service.domain.severity.method import (
    MANY_PERSONS,
    Point,
    SeverityInterval,
    dpc_of,
    severity_of,
)

__all__ = [
    "BAND_STARTS",
    "BAND_WORDS",
    "CNIL_LEVELS",
    "CNIL_WORDS",
    "DPC_BOUNDS",
    "FLAG_WORDS",
    "MANY_PERSONS",
    "Band",
    "Bounds",
    "CnilLevel",
    "DataContext",
    "Flag",
    "Point",
    "SeverityInput",
    "SeverityInterval",
    "band_of",
    "dpc_of",
    "levels_within",
    "severity_input",
    "severity_of",
]
