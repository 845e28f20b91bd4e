"""The route contract "asgi": an ASGI application that reports what it was given, and misbehaves by path.

What a handler finds out only while it runs is kept as a note under its path: ``/note/PATH`` waits for it.
``app`` is for version 3 of the interface, ``app2`` for version 2.
"""
import asyncio
import json

import asgi_lifespan
import life
from asgi_messages import ANSWERS, BODY, PART, START, UNFINISHED, WRONG, start

NOTES = {}
TIMES, EVERY = 100, 0.03  # what a stream sends, in all 3 seconds: long enough for any server to notice that the client has gone


async def app(scope, receive, send):
    """Serve the lifespan, a WebSocket, or one request."""
    if scope["type"] == "lifespan":
        await asgi_lifespan.serve(scope, receive, send)
    elif scope["type"] == "websocket":
        await websocket(scope, receive, send)
    else:
        parts = scope["path"].split("/")
        handler = HANDLERS.get(parts[1], not_found)
        await handler(scope, receive, send, "/".join(parts[2:]))


def app2(scope):
    """Version 2 calls twice: with the scope, and with the two channels."""
    async def serve(receive, send):
        await app(scope, receive, send)
    return serve


def note(name, text):
    """Keep what a handler has found out."""
    NOTES[name] = text
    life.log(f"{name}: {text}")


async def answer(send, said, status=200):
    """A whole answer: a text, or anything else as JSON."""
    data = (said if isinstance(said, str) else json.dumps(said, sort_keys=True)).encode("ascii")
    await send(start((b"content-type", b"text/plain"), (b"content-length", str(len(data)).encode()), status=status))
    await send(dict(BODY, body=data))


async def not_found(scope, receive, send, rest):
    """No such page."""
    await answer(send, "not found", 404)


async def probe(scope, receive, send, rest):
    """A sign of life."""
    await answer(send, "probe")


async def told(scope, receive, send, rest):
    """The note of that name, as soon as there is one."""
    for _ in range(200):
        if rest in NOTES:
            break
        await asyncio.sleep(0.02)
    await answer(send, {"note": NOTES.get(rest)})


def text(given):
    """Bytes as the characters of the same numbers; anything else as it is."""
    return given.decode("latin-1") if isinstance(given, bytes) else given


def kinds(things):
    """Their types, in words."""
    return " ".join(type(thing).__name__ for thing in things)


async def report(scope, receive, send, rest):
    """The scope: values, their types, and the header fields by name."""
    plain = ("method", "path", "raw_path", "query_string", "root_path", "http_version", "scheme", "asgi")
    found = {key: text(scope[key]) for key in plain if key in scope}
    found["types"] = {key: type(given).__name__ for key, given in scope.items()}
    for key in ("client", "server"):
        if scope.get(key) is not None:
            found[key] = "{} {}".format(*scope[key])
            found["types"][key] = kinds(scope[key])
    pairs = [tuple(pair) for pair in scope["headers"]]
    found["header_types"] = sorted({kinds(pair) for pair in pairs})
    found["lower_case"] = all(name == name.lower() for name, _ in pairs)
    found["values"] = {}
    for name, field in pairs:
        found["values"].setdefault(text(name).lower(), []).append(text(field))
    found["extensions"] = sorted(scope.get("extensions") or ())
    found["used_before"] = "asgi_report.used" in scope
    scope["asgi_report.used"] = True
    await answer(send, found)


async def no_websocket(scope, receive, send, rest):
    """What a server without WebSockets makes of a handshake."""
    await answer(send, "no WebSocket")


async def value(scope, receive, send, rest):
    """One value of the scope."""
    await answer(send, scope.get(rest))


async def whole_body(receive):
    """The messages of a request up to the last of its body, or to the disconnect."""
    messages = []
    while not messages or messages[-1].get("more_body", False):
        messages.append(await receive())
    return messages


async def body(scope, receive, send, rest):
    """The body, and how it came; then whether another message comes at once."""
    messages = await whole_body(receive)
    pieces = [message.get("body", b"") for message in messages]
    found = {"types": sorted({message["type"] for message in messages}), "body": text(b"".join(pieces)[:1000]),
             "length": sum(map(len, pieces)), "events": len(messages), "bodies": sorted(set(map(kinds, zip(pieces))))}
    further = asyncio.ensure_future(receive())
    done, _ = await asyncio.wait([further], timeout=0.2)
    found["then"] = further.result()["type"] if done else "waits"
    await answer(send, found)
    further.cancel()


async def gone(scope, receive, send, rest):
    """What receive() says of a client that goes while it waits for its answer."""
    await whole_body(receive)
    note("gone", (await receive())["type"])


async def after(scope, receive, send, rest):
    """What receive() says once the answer is sent."""
    await whole_body(receive)
    await answer(send, "hello")
    note("after", (await receive())["type"])


async def stream(scope, receive, send, rest):
    """Send for 3 seconds, or until send() raises; ``watched`` asks receive() meanwhile, ``unwatched`` lets the error out."""
    watching = asyncio.ensure_future(disconnected(receive)) if rest == "watched" else None
    said, version = "nothing raised", scope["asgi"].get("spec_version", "2.0")
    try:
        await send(START)
        for _ in range(TIMES):
            if watching and watching.done():
                return
            await send(dict(PART, body=b"x" * 1000))
            await asyncio.sleep(EVERY)
        await send(BODY)
    except Exception as error:
        said = "OSError" if isinstance(error, OSError) else type(error).__name__
        if rest == "unwatched":
            raise
    finally:
        if watching is None:
            note("stream/" + rest, f"{said}, spec_version {version}")
        else:
            await asyncio.wait([watching], timeout=1)
            note("stream/" + rest, "disconnect seen" if watching.done() else "no disconnect seen")
            watching.cancel()


async def disconnected(receive):
    """Wait until the client has gone."""
    while (await receive())["type"] == "http.request":
        pass


async def wrong(scope, receive, send, rest):
    """Send something wrong, note whether send() raised, and try to go on with what would have been right."""
    before, last = WRONG[rest]
    for message in before:
        await send(message)
    try:
        await send(last)
        note("wrong/" + rest, "accepted")
    except Exception as error:
        note("wrong/" + rest, f"raised {type(error).__name__}")
    try:
        for message in [BODY] if before else ANSWERS["plain"]:
            await send(message)
    except Exception as error:
        life.log(f"no answer after that: {type(error).__name__}")


async def table(scope, receive, send, rest):
    """An answer of the table."""
    for message in ANSWERS[rest]:
        await send(message)


async def beyond(scope, receive, send, rest):
    """Messages behind the end of an answer."""
    await answer(send, "hello")
    try:
        await send(BODY)
        await send(START)
    except Exception as error:
        note("beyond", f"raised {type(error).__name__}")
    else:
        note("beyond", "ignored")


async def unfinished(scope, receive, send, rest):
    """An answer that the application does not finish."""
    messages, raises = UNFINISHED[rest]
    for message in messages:
        await send(message)
    await asyncio.sleep(0.05)
    if raises:
        raise RuntimeError("unfinished on purpose")


async def slow(scope, receive, send, rest):
    """An answer after a second."""
    life.log("slow handler begins")
    await asyncio.sleep(1)
    life.log("slow handler ends")
    await answer(send, "slow done")


async def state(scope, receive, send, rest):
    """What the request finds in its state, and then changes in it."""
    its = scope.get("state")
    found = {"supported": its is not None, "events": asgi_lifespan.EVENTS}
    if its:
        found.update(number=its["number"], seen=len(its["list"]))
        its["number"] += 1
        its["list"].append("a request")
    await answer(send, found)


async def websocket(scope, receive, send):
    """Close before, or after accepting."""
    await receive()
    if scope["path"] != "/ws/refused":
        await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 4000} if scope["path"] == "/ws/code" else {"type": "websocket.close"})


HANDLERS = {
    "probe": probe, "note": told, "scope": report, "value": value, "body": body, "gone": gone, "after": after, "stream": stream,
    "wrong": wrong, "answer": table, "beyond": beyond, "unfinished": unfinished, "slow": slow, "state": state,
    "ws": no_websocket,
}
