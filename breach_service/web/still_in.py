"""Whoever was let in with the head of a request must still be in when its body is there.

A body can take as long as its sender likes: somebody who is shut out meanwhile could otherwise begin a request, wait,
and act after their account has ended. The last word is that of `need_still_in`, in the transaction of the act.
"""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from breach_service.errors import NoLongerIn


def while_still_in(receive: Receive, is_still_in: Callable[[], bool]) -> Receive:
    """Hand on the body of a request; the last part only if the credential still opens. HTTPException 401 otherwise."""

    async def receiving() -> Message:
        message = await receive()
        is_whole = message["type"] == "http.request" and not message.get("more_body", False)
        if is_whole and not await run_in_threadpool(is_still_in):
            raise HTTPException(401, str(NoLongerIn()))
        return message

    return receiving
