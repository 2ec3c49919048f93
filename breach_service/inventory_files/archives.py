"""The parts of a zipped spreadsheet, unpacked no further than a register can reach."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from breach_service.inventory_files.faults import Unreadable
from breach_service.inventory_files.limits import MOST_BYTES, MOST_UNPACKED
from breach_service.inventory_files.words import FaultKind

_AT_ONCE = 65_536
_MOST_PARTS = 5_000
_IS_ENCRYPTED = 0x1
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The first bytes of an XLS, and of an XLSX behind a password."""


class Archive:
    """A zip in memory; what all reads of it unpack together is bounded. Raises Unreadable for what is no zip."""

    def __init__(self, raw: bytes) -> None:
        if len(raw) > MOST_BYTES:
            raise Unreadable(FaultKind.TOO_LARGE)
        if not raw:
            raise Unreadable(FaultKind.EMPTY_FILE)
        if raw.startswith(_OLE):
            raise Unreadable(FaultKind.OLD_EXCEL)
        if not raw.startswith(b"PK"):
            raise Unreadable(FaultKind.NOT_A_SPREADSHEET)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(raw))
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise Unreadable(FaultKind.BROKEN, "zip") from error
        if len(self._zip.namelist()) > _MOST_PARTS:
            raise Unreadable(FaultKind.TOO_LARGE)
        self.names = frozenset(self._zip.namelist())
        self._left = MOST_UNPACKED

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of one part, piece by piece. Raises Unreadable where it is absent, broken or beyond the bound."""
        try:
            info = self._zip.getinfo(name)
            if info.flag_bits & _IS_ENCRYPTED:
                raise Unreadable(FaultKind.ENCRYPTED)
            with self._zip.open(info) as part:
                yield from self._bounded(part)
        except KeyError as error:
            raise Unreadable(FaultKind.BROKEN, name) from error
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise Unreadable(FaultKind.BROKEN, name) from error

    def _bounded(self, part: IO[bytes]) -> Iterator[bytes]:
        while chunk := part.read(_AT_ONCE):
            self._left -= len(chunk)
            if self._left < 0:
                raise Unreadable(FaultKind.TOO_LARGE)
            yield chunk
