"""The identity of a problem: what stays the same when the same thing is said again."""

import re
from hashlib import sha256

_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/@+=-]{0,63}", re.ASCII)


def fingerprint_of(*parts: str) -> str:
    """128 bits of SHA-256, hexadecimal, over the parts; each with its length, so that no two lists of parts collide."""
    written = [part.encode("utf-8", "surrogatepass") for part in parts]
    return sha256(b"".join(len(one).to_bytes(8, "big") + one for one in written)).hexdigest()[:32]


def given_fingerprint(identity: str) -> str:
    """An identity that the sender gives, verbatim where it is short and printable, hashed where it is not."""
    return identity if _SANE.fullmatch(identity) else fingerprint_of(identity)
