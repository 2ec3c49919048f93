"""Looking for secrets where none may be: in every form in which one could have been written down."""

import base64
import html
import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

SHORTEST = 8
"""Characters below which something is found by chance; a code of six digits is looked for among texts only."""


def forms_of(secret: str) -> Iterator[tuple[str, bytes]]:
    """A secret as it could stand somewhere, with the name of the form."""
    raw = secret.encode()
    yield "plain", raw
    yield "hex", raw.hex().encode()
    yield "HEX", raw.hex().upper().encode()
    yield "url", quote(secret, safe="").encode()
    yield "url of a form", quote_plus(secret).encode()
    yield "html", html.escape(secret).encode()
    yield "json", json.dumps(secret)[1:-1].encode()
    yield "utf-16", secret.encode("utf-16-le")
    for offset in range(3):  # wherever it stands in what was encoded
        whole = b"\0" * offset + raw
        skipped, kept = -(-offset * 8 // 6), len(whole) * 8 // 6
        for name, encode in (("base64", base64.b64encode), ("base64 for addresses", base64.urlsafe_b64encode)):
            yield f"{name} at {offset}", encode(whole)[skipped:kept]


def found_in(data: bytes, secrets: dict[str, str], shown: Iterable[str] = ()) -> list[str]:
    """Which secrets stand in some bytes, and in which form; those that may be `shown` there are passed over."""
    allowed = frozenset(shown)
    return [
        f"{name} ({form})"
        for name, secret in secrets.items()
        if name not in allowed
        for form, looked_for in forms_of(secret)
        if len(looked_for) >= SHORTEST and looked_for in data
    ]


def columns_of(database: Path) -> Iterator[tuple[str, bytes]]:
    """Every value of every table of a SQLite database, one column at a time."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
            for column in columns:
                query = f'SELECT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL'  # our own names
                values = connection.execute(query)
                yield f"{table}.{column}", b"\n".join(_bytes(value) for (value,) in values)
    finally:
        connection.close()


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
