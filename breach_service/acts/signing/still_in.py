"""Whether somebody who was let in still is when their act is written: the last word, in the transaction of the act.

Between the look of the guard at a credential and the turn of the writer an account can be disabled, a session or a
token ended. Whatever ends them and the act are put in an order here: what commits first counts.
"""

from datetime import datetime

from breach_service.acts.signing.signing_in import SignedIn
from breach_service.errors import NoLongerIn
from breach_service.store import people, sign_ins
from breach_service.store.database import Session


def need_still_in(session: Session, who: SignedIn, now: datetime) -> None:
    """Raise NoLongerIn unless the session or the token that let somebody in still does.

    Where it does, whoever wants to end it waits until the transaction is over.
    """
    is_in = who.session is not None and sign_ins.holds_session(session, who.session, now)
    if not is_in and not (who.token is not None and people.holds_token(session, who.token, now)):
        raise NoLongerIn
