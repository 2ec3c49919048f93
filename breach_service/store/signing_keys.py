"""Certificates of senders, once fetched."""

from datetime import datetime

from sqlmodel import Session

from breach_service.store.tables import SigningKeyRow


def certificate_of(session: Session, url: str) -> bytes | None:
    """The certificate that was fetched from an address, PEM; None where it never was."""
    row = session.get(SigningKeyRow, url)
    return row.certificate if row else None


def keep(session: Session, url: str, certificate: bytes, now: datetime) -> None:
    """Keep a certificate."""
    session.merge(SigningKeyRow(url=url, certificate=certificate, fetched_at=now))
