"""Messages in logs of real servers on Python 2.7 to 3.13, whose tracebacks are shortened to the frames that matter."""

import pytest

from harness.language.text_matching import CUT
from harness.report.messages import UNENDED, messages, said, without_times

CHERRYPY_27 = """\
[29/Nov/2026:16:07:26] ENGINE Bus STARTING
CherryPy Checker:
The Application mounted at '' has an empty config.

[29/Nov/2026:16:07:27] ENGINE Error in 'start' listener <bound method Server.start of <Server object at 0x7f8af3e0e250>>
Traceback (most recent call last):
  File "/lib/python2.7/site-packages/cherrypy/process/wspbus.py", line 230, in publish
    output.append(listener(*args, **kwargs))
  File "/lib/python2.7/site-packages/portend.py", line 119, in free
    raise Timeout("Port {port} not free on {host}.".format(**locals()))
Timeout: Port 8080 not free on 127.93.160.46.

[29/Nov/2026:16:07:27] ENGINE Shutting down due to error in start listener:
Traceback (most recent call last):
  File "/lib/python2.7/site-packages/cherrypy/process/wspbus.py", line 268, in start
    self.publish('start')
ChannelFailures: Timeout('Port 8080 not free on 127.93.160.46.',)

[29/Nov/2026:16:07:27] ENGINE Bus STOPPING
"""
CHERRYPY_313 = """\
[29/Nov/2026:16:07:41] ENGINE Error in 'start' listener <bound method Server.start of <Server object at 0x7f6621c3c6e0>>
Traceback (most recent call last):
  File "/lib/python3.13/site-packages/cherrypy/_cpserver.py", line 191, in start
    super(Server, self).start()
    ~~~~~~~~~~~~~~~~~~~~~~~~~^^
  File "/lib/python3.13/site-packages/portend.py", line 126, in free
    raise Timeout(
        "Port {port} not free on {host}.".format(**locals())
    ) from None
portend.Timeout: Port 8080 not free on 127.24.205.190.
"""
AIOHTTP_36 = """\
serving
unhandled exception during asyncio.run() shutdown
task: <Task finished coro=<_run_app() done, defined at /lib/python3.6/site-packages/aiohttp/web.py:289> exception=OSError(98, "error while attempting to bind on address ('127.77.84.118', 8080): address already in use")>
Traceback (most recent call last):
  File "/lib/python3.6/asyncio/base_events.py", line 1073, in create_server
    sock.bind(sa)
OSError: [Errno 98] Address already in use

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/lib/python3.6/site-packages/aiohttp/web.py", line 516, in run_app
    loop.run_until_complete(main_task)
  File "/lib/python3.6/asyncio/base_events.py", line 1077, in create_server
    % (sa, err.strerror.lower()))
OSError: [Errno 98] error while attempting to bind on address ('127.77.84.118', 8080): address already in use
"""
TORNADO_313 = """\
Exception in callback functools.partial(<bound method IOLoop._discard_future_result of <AsyncIOMainLoop object at 0x7f38e5925e80>>, <Task finished name='Task-4' exception=RuntimeError('boom on purpose')>)
Traceback (most recent call last):
  File "/lib/python3.13/site-packages/tornado/wsgi.py", line 154, in handle_request
    app_response = await loop.run_in_executor(
                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ...<4 lines>...
    )
    ^
  File "life.py", line 49, in boom
    raise RuntimeError("boom on purpose")
RuntimeError: boom on purpose
"""
GUNICORN_313 = """\
[2026-11-29 16:03:58 +0000] [5111] [INFO] Starting gunicorn 27.0.1
[2026-11-29 16:03:58 +0000] [5111] [ERROR] Connection in use: ('127.56.61.217', 8080)
[2026-11-29 16:03:58 +0000] [5111] [ERROR] connection to ('127.56.61.217', 8080) failed: [Errno 98] Address already in use
"""
DAPHNE_36 = """\
/lib/python3.6/site-packages/OpenSSL/_util.py:6: CryptographyDeprecationWarning: Python 3.6 is no longer supported.
  from cryptography.hazmat.bindings.openssl.binding import Binding
2026-11-29 15:59:24,866 INFO     Starting server at tcp:port=8080:interface=127.249.85.69
2026-11-29 15:59:24,867 CRITICAL Listen failure: Couldn't listen on 127.249.85.69:8080: [Errno 98] Address already in use.
"""
GROUP_313 = """\
  + Exception Group Traceback (most recent call last):
  |   File "/lib/python3.13/asyncio/runners.py", line 194, in run
  |     return runner.run(main)
  |            ~~~~~~~~~~^^^^^^
  |   File "/lib/python3.13/asyncio/taskgroups.py", line 154, in __aexit__
  |     raise me from None
  | ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "serve.py", line 2, in bind
    |     async def bind(n): raise OSError(98, "Address already in use")
    |                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    | OSError: [Errno 98] Address already in use
    +---------------- 2 ----------------
    | Exception Group Traceback (most recent call last):
    |   File "serve.py", line 7, in nested
    |     async with asyncio.TaskGroup() as group:
    |                ~~~~~~~~~~~~~~~~~^^
    | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
    +-+---------------- 1 ----------------
      | Traceback (most recent call last):
      |   File "serve.py", line 12, in bind
      |     raise OSError(13, "Permission denied")
      | PermissionError: [Errno 13] Permission denied
      +------------------------------------
bye
"""
HELD = "/not free|in use|No socket could/"


def texts(log):
    return [one.text for one in messages(log.splitlines())]


@pytest.mark.parametrize(("log", "expected"), [
    (CHERRYPY_27, ["[29/Nov/2026:16:07:26] ENGINE Bus STARTING", "CherryPy Checker:", "The Application mounted at '' has an empty config.",
                   "[29/Nov/2026:16:07:27] ENGINE Error in 'start' listener <bound method Server.start of <Server object at 0x7f8af3e0e250>>",
                   "Timeout: Port 8080 not free on 127.93.160.46.",
                   "[29/Nov/2026:16:07:27] ENGINE Shutting down due to error in start listener:",
                   "ChannelFailures: Timeout('Port 8080 not free on 127.93.160.46.',)", "[29/Nov/2026:16:07:27] ENGINE Bus STOPPING"]),
    (CHERRYPY_313, [CHERRYPY_313.split("\n")[0], "portend.Timeout: Port 8080 not free on 127.24.205.190."]),
    (TORNADO_313, [TORNADO_313.split("\n")[0], "RuntimeError: boom on purpose"]),
    (AIOHTTP_36, [*AIOHTTP_36.split("\n")[:3], "OSError: [Errno 98] Address already in use", AIOHTTP_36.split("\n")[-2]]),
    (DAPHNE_36, [line for line in DAPHNE_36.splitlines() if not line.startswith("  ")]),
    (GROUP_313, ["ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)", "OSError: [Errno 98] Address already in use",
                 "ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)", "PermissionError: [Errno 13] Permission denied", "bye"]),
    ("two\n  indented lines\n    | of a table\n", ["two", "  indented lines", "    | of a table"]),
    ("", []),
])
def test_messages_are_what_a_person_was_meant_to_read(log, expected):
    assert texts(log) == expected


@pytest.mark.parametrize("log", [CHERRYPY_27, CHERRYPY_313, AIOHTTP_36, TORNADO_313, GROUP_313])
def test_a_traceback_that_is_cut_shows_no_source(log):
    lines = log.splitlines()
    whole = set(texts(log))
    for start in range(len(lines)):
        for end in range(start + 1, len(lines) + 1):
            shown = {text.strip() for text in texts("\n".join(lines[start:end]))} - {text.strip() for text in whole} - {UNENDED}
            if any("File " in line for line in lines[start:end]):  # else nothing tells a source line from an indented message
                assert not [text for text in shown if "File " in text or "Traceback" in text or "~~" in text], (start, end)


def test_a_traceback_whose_end_is_cut_says_so():
    log = CHERRYPY_313[: CHERRYPY_313.index("portend.Timeout")]
    assert texts(log)[-1] == UNENDED
    assert said("/not free/", log) == UNENDED


def test_a_traceback_whose_beginning_is_cut_keeps_its_last_line():
    log = CHERRYPY_313[CHERRYPY_313.index('  File "/lib/python3.13/site-packages/portend') :]
    assert texts(log) == ["portend.Timeout: Port 8080 not free on 127.24.205.190."]


@pytest.mark.parametrize(("pattern", "log", "expected"), [
    (HELD, CHERRYPY_27, "Timeout: Port 8080 not free on 127.93.160.46."),
    (HELD, CHERRYPY_313, "portend.Timeout: Port 8080 not free on 127.24.205.190."),
    (HELD, AIOHTTP_36, "OSError: [Errno 98] error while attempting to bind on address ('127.77.84.118', 8080): address already in use"),
    ("/boom on purpose/", TORNADO_313, "RuntimeError: boom on purpose"),
    (HELD, GUNICORN_313, "[2026-11-29 16:03:58 +0000] [5111] [ERROR] Connection in use: ('127.56.61.217', 8080)"),
    (HELD, GROUP_313, "OSError: [Errno 98] Address already in use"),
    ("/Bus STOPPING$/", CHERRYPY_27, "[29/Nov/2026:16:07:27] ENGINE Bus STOPPING"),
    ("/^Traceback/", CHERRYPY_313, "portend.Timeout: Port 8080 not free on 127.24.205.190."),
    ("/^Traceback/", GUNICORN_313, None),
    ("/free/", "", None),
])
def test_what_a_server_said_is_a_message(pattern, log, expected):
    assert said(pattern, log) == expected


def test_a_log_of_which_the_rest_was_not_kept_is_not_judged():
    assert said(HELD, GUNICORN_313 + CUT).endswith("Connection in use: ('127.56.61.217', 8080)")
    assert "were kept" in said("/nothing like it/", GUNICORN_313 + CUT)


def test_a_pattern_that_takes_too_long_is_reported():
    assert "took more than" in said("/^(a|aa|aaa)+$/", "a" * 200 + "b")


@pytest.mark.parametrize(("one", "other", "shown"), [
    ("[29/Nov/2026:16:07:26] ENGINE Bus STARTING", "[30/Nov/2026:01:02:03] ENGINE Bus STARTING", "ENGINE Bus STARTING"),
    ("[2026-11-29 16:03:58 +0000] [5111] [ERROR] Connection in use", "[2026-11-29 16:03:59 +0000] [7] [ERROR] Connection in use", "Connection in use"),
    ("2026-11-29 15:59:24,867 CRITICAL Listen failure", "2026-11-29 15:59:25,001 CRITICAL Listen failure", "Listen failure"),
    ("ERROR:    [Errno 98] in use", "[2026-11-29 16:03:58 +0000] [5111] [ERROR] [Errno 98] in use", "[Errno 98] in use"),
    ("[E 261129 13:01:15 web:1871] Uncaught exception", "[E 261130 14:02:16 web:17] Uncaught exception", "Uncaught exception"),
    ("ERROR:waitress:Exception while serving /", "ERROR:waitress.queue:Exception while serving /", "Exception while serving /"),
    ("[INFO] Starting granian (main PID: 7808)", "[INFO] Starting granian (main PID: 9)", "Starting granian (main PID: PID)"),
    ("Nov 29 13:01:15 Worker failed to boot.", "Nov  3 03:01:15 Worker failed to boot.", "Worker failed to boot."),
    ("in /work/a-3.6/lib/python3.6/site-packages/web.py:289", "in /work/a-3.13/lib/python3.13/site-packages/web.py:12", "in web.py"),
])
def test_times_pids_and_prefixes_make_no_difference(one, other, shown):
    assert without_times(one) == without_times(other) == shown


@pytest.mark.parametrize("text", ["[Errno 98] Address already in use", "OSError: Port 8080 not free on '127.0.0.1'", "GET /a/b/c", "ERROR"])
def test_a_message_of_its_own_stays(text):
    assert without_times(text) == text
