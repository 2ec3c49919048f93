"""A real IMAP server on this machine, over a real socket: as much of RFC 3501 as a reader of a mailbox needs.

It refuses, ends connections and forgets what it can do as it is told to.
"""

import base64
import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

USER, PASSWORD = "signalement@us.example", "mot de passe à nous"
ARRIVED = "21-Nov-2026 10:05:00 +0100"


@dataclass
class Lying:
    """One mail in a folder."""

    uid: int
    raw: bytes
    flags: set[str] = field(default_factory=set)
    arrived: str = ARRIVED


@dataclass
class ImapServer:
    """Folders, and what happened."""

    port: int = 0
    folders: dict[str, list[Lying]] = field(default_factory=lambda: {"INBOX": [], "Taken": []})
    can_move: bool = True
    drops_before: set[str] = field(default_factory=set)
    """Commands at which it ends the connection, each once: FETCH, STORE."""
    refuses: set[str] = field(default_factory=set)
    """Commands that it answers with NO."""
    said_sizes: dict[int, int] = field(default_factory=dict)
    """What it says of the size of a mail instead of the truth, by uid."""
    said: list[str] = field(default_factory=list)
    """Every command."""
    tls: ssl.SSLContext | None = None
    waits: threading.Event = field(default_factory=threading.Event)
    """Never set: to wait on for a moment."""

    def put(self, *mails: bytes) -> None:
        """Deliver mails."""
        for raw in mails:
            self.folders["INBOX"].append(Lying(1 + sum(map(len, self.folders.values())), raw))

    def unseen(self) -> list[int]:
        """The uids of what nobody has seen."""
        return [one.uid for one in self.folders["INBOX"] if "\\SEEN" not in one.flags]


class _Talk(socketserver.StreamRequestHandler):
    server: "_Listening"

    def setup(self) -> None:
        self.imap = self.server.imap
        if self.imap.tls is not None:
            self.request = self.imap.tls.wrap_socket(self.request, server_side=True, do_handshake_on_connect=False)
            try:
                self.request.do_handshake()
            except OSError:
                self.request.close()
                raise
        super().setup()
        self.folder, self.is_in = "", False

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def handle(self) -> None:
        self._say(f"* OK [CAPABILITY {self._capabilities(is_in=False)}] ready")
        while line := self.rfile.readline():
            tag, _, rest = line.decode().strip().partition(" ")
            word, _, arguments = rest.partition(" ")
            if word.upper() == "UID":
                word, _, arguments = arguments.partition(" ")
            word = word.upper()
            self.imap.said.append(f"{word} {arguments}".strip())
            if word in self.imap.drops_before:
                self.imap.drops_before.remove(word)
                return
            if word in self.imap.refuses:
                self._say(f"{tag} NO not now")
            elif getattr(self, f"_{word.lower()}")(tag, arguments) is False:
                return

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def _capabilities(self, *, is_in: bool) -> str:
        return "IMAP4rev1 AUTH=PLAIN" + (" MOVE" if is_in and self.imap.can_move else "")

    def _capability(self, tag: str, _arguments: str) -> None:
        self._say(f"* CAPABILITY {self._capabilities(is_in=self.is_in)}")
        self._say(f"{tag} OK done")

    def _authenticate(self, tag: str, _arguments: str) -> None:
        self._say("+ ")
        _, user, password = base64.b64decode(self.rfile.readline()).decode().split("\0")
        self.is_in = (user, password) == (USER, PASSWORD)
        self._say(f"{tag} OK done" if self.is_in else f"{tag} NO wrong")

    def _select(self, tag: str, arguments: str) -> None:
        name = arguments.strip('"')
        if name not in self.imap.folders:
            self._say(f"{tag} NO no such folder")
            return
        self.folder = name
        self._say(f"* {len(self.imap.folders[name])} EXISTS")
        self._say(f"{tag} OK [READ-WRITE]")

    def _search(self, tag: str, _arguments: str) -> None:
        self._say("* SEARCH " + " ".join(map(str, self.imap.unseen())))
        self._say(f"{tag} OK done")

    def _named(self, arguments: str) -> tuple[int, Lying | None]:
        uid = int(arguments.split()[0])
        found = [(place, one) for place, one in enumerate(self.imap.folders[self.folder], 1) if one.uid == uid]
        return found[0] if found else (0, None)

    def _fetch(self, tag: str, arguments: str) -> None:
        place, one = self._named(arguments)
        if one is not None and "RFC822.SIZE" in arguments:
            size = self.imap.said_sizes.get(one.uid, len(one.raw))
            self._say(f'* {place} FETCH (UID {one.uid} RFC822.SIZE {size} INTERNALDATE "{one.arrived}")')
        elif one is not None:
            head = re.split(rb"\r?\n\r?\n", one.raw, maxsplit=1)[0] + b"\r\n\r\n"
            raw = head if "HEADER" in arguments else one.raw
            self._say(f"* {place} FETCH (UID {one.uid} BODY[] {{{len(raw)}}}")
            self.wfile.write(raw + b")\r\n")
        self._say(f"{tag} OK done")

    def _store(self, tag: str, arguments: str) -> None:
        _, one = self._named(arguments)
        if one is not None:
            one.flags |= {word.upper() for word in re.findall(r"\\\w+", arguments)}
        self._say(f"{tag} OK done")

    def _move(self, tag: str, arguments: str) -> None:
        _, one = self._named(arguments)
        if one is not None:
            self.imap.folders[self.folder].remove(one)
            self.imap.folders[arguments.split(maxsplit=1)[1].strip('"')].append(one)
        self._say(f"{tag} OK done")

    def _noop(self, tag: str, _arguments: str) -> None:
        self._say(f"{tag} OK done")

    def _logout(self, tag: str, _arguments: str) -> bool:
        self._say("* BYE")
        self._say(f"{tag} OK done")
        return False


class _Listening(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    imap: ImapServer

    def handle_error(self, _request: Any, _address: Any) -> None:
        """A client that trusts us not ends the handshake."""


@contextmanager
def imap_server(certificate: Path | None = None, key: Path | None = None) -> Iterator[ImapServer]:
    """A server on a free port of loopback; in TLS where a certificate is given."""
    found = ImapServer()
    if certificate is not None:
        found.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        found.tls.load_cert_chain(certificate, key)
    with _Listening(("127.0.0.1", 0), _Talk) as listening:
        listening.imap, found.port = found, listening.server_address[1]
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield found
        listening.shutdown()
        thread.join()
