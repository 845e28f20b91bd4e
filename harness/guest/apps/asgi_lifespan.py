"""The lifespan of the application asgi_report: how it starts and stops is chosen by the environment variable ASGI_LIFESPAN.

"" is an ordinary one; "slow" takes a second to start, and "slow-end" to stop; "fails" and "end-fails" say that they have
failed; "raises" raises for the scope, "raises-later" for the message lifespan.startup.
"""
import asyncio
import os

import life

HOW = os.environ.get("ASGI_LIFESPAN", "")
EVENTS = []  # what happened until now


def happened(text):
    """Keep it for the requests, and log it."""
    EVENTS.append(text)
    life.log("lifespan: " + text)


async def serve(scope, receive, send):
    """Start, and stop."""
    if HOW == "raises":
        raise RuntimeError("no lifespan on purpose")
    message = await receive()
    if HOW == "raises-later":
        raise RuntimeError("no startup on purpose")
    happened(message["type"] + " received")
    if HOW == "fails":
        await send({"type": "lifespan.startup.failed", "message": "cannot start on purpose"})
        return
    if HOW == "slow":
        await asyncio.sleep(1)
    if scope.get("state") is not None:
        scope["state"].update(number=1, list=[])
    happened("startup completes")
    await send({"type": "lifespan.startup.complete"})
    message = await receive()
    happened(message["type"] + " received")
    if HOW == "end-fails":
        await send({"type": "lifespan.shutdown.failed", "message": "cannot stop on purpose"})
        return
    if HOW == "slow-end":
        await asyncio.sleep(1)
    happened("shutdown completes")
    await send({"type": "lifespan.shutdown.complete"})
