"""What came back from a statistical service: the data, or what to do instead.

Every way in which a service fails arrives in some disguise: Eurostat says "too big" as HTTP 413 and "later" as HTTP 200
with a ``warning``, or as XML with the number of a request to poll; the World Bank answers errors with HTTP 200; all of
them send HTML pages when they are down, and ec.europa.eu redirects to sorry.ec.europa.eu.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urljoin, urlsplit

from smstock.web.retry import retry_after

if TYPE_CHECKING:
    from smstock.official.fetch.download import Form
    from smstock.web.client import Reply

Kind = Literal["data", "nothing", "elsewhere", "later", "too big", "passing", "refused"]

ASYNCHRONOUS: Final = "https://ec.europa.eu/eurostat/api/dissemination/1.0/async/"
"""Where Eurostat keeps the requests that it answers later (user guide "Asynchronous API")."""

_SORRY = "sorry.ec.europa.eu"
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({0, 408, 425, 429})
_REQUEST = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_STATUS = re.compile(rb"\b(SUBMITTED|PROCESSING|AVAILABLE|EXPIRED|UNKNOWN_REQUEST)\b")
_TOO_BIG = b"EXTRACTION_TOO_BIG"
_LATER = b"ASYNCHRONOUS_RESPONSE"
_SHOWN = 200


@dataclass(frozen=True)
class Verdict:
    """What an answer means.

    Parameters
    ----------
    kind
        The data; nothing, since there are no such figures; look elsewhere; ask again later; divide the request; a fault
        that passes; a refusal that stands.
    message
        What the service answers, in a few words.
    url
        What to ask next; empty: the same again.
    seconds
        Pause that the service asked for; None if it did not.
    """

    kind: Kind
    message: str = ""
    url: str = ""
    seconds: float | None = None


def verdict(reply: Reply, url: str, form: Form) -> Verdict:
    """Return what the answer to a URL means, given the form that good data have.

    Examples
    --------
    >>> from smstock.web.client import Reply
    >>> verdict(Reply(200, (), b'{"warning": {"status": 413, "label": "ASYNCHRONOUS_RESPONSE"}}'), "", "json").kind
    'later'
    >>> verdict(Reply(413, (), b"<faultstring>EXTRACTION_TOO_BIG: estimated 420709314 rows"), "", "json").kind
    'too big'
    >>> verdict(Reply(200, (), b'[{"message":[{"id":"120","value":"The indicator was not found"}]}]'), "", "json")
    Verdict(kind='refused', message='The indicator was not found', url='', seconds=None)
    """
    if reply.status in _REDIRECTS:
        return _moved(reply, url)
    start = reply.body[:4000].lstrip()
    if (fault := _fault(reply, start)) is not None:
        return fault
    return _markup(start, url) if start[:1] == b"<" else _content(reply, form)


def _fault(reply: Reply, start: bytes) -> Verdict | None:
    """Return what an answer means that its status or its first words tell to hold no data; None if they do not."""
    if _LATER in start:
        return Verdict("later", "the answer is being prepared")
    if reply.cut or reply.status == 413 or _TOO_BIG in start:
        return Verdict("too big", _words(start))
    if reply.status in _PASSING or reply.status >= 500 or b"exceeded the number of requests" in start:
        return Verdict("passing", _status_and_words(reply), seconds=retry_after(reply.headers))
    if reply.status == 404 and (b"No results" in start or b"NoRecordsFound" in start or b"NoResultsFound" in start):
        return Verdict("nothing", _words(start))
    if reply.status != 200:
        return Verdict("refused", _status_and_words(reply))
    return None


def _moved(reply: Reply, url: str) -> Verdict:
    try:
        target = urljoin(url, dict(reply.headers).get("location", ""))
        host = urlsplit(target).hostname
    except ValueError:
        return Verdict("passing", f"HTTP {reply.status} to an address that is none")
    if host == _SORRY:
        return Verdict("passing", f"the service is down, it redirects to {_SORRY}")
    return Verdict("elsewhere", f"HTTP {reply.status}", target)


def _markup(start: bytes, url: str) -> Verdict:
    """Return what XML or HTML in place of data means."""
    number, status = _REQUEST.search(start), _STATUS.search(start)
    if status is not None and (number is not None or url.startswith(ASYNCHRONOUS)):
        request = number[0].decode() if number else url.rpartition("/")[2]
        if status[1] == b"AVAILABLE":
            return Verdict("elsewhere", "ready", f"{ASYNCHRONOUS}data/{request}?format=SDMX-CSV&compressed=true")
        if status[1] in {b"SUBMITTED", b"PROCESSING"}:
            return Verdict("later", "the answer is being prepared", f"{ASYNCHRONOUS}status/{request}")
        return Verdict("passing", "the prepared answer has expired")
    return Verdict("passing", f"a page instead of data: {_words(start)}")


def _content(reply: Reply, form: Form) -> Verdict:
    """Return whether a body is data of the form that was asked for."""
    if form == "json":
        return _json(reply.body)
    body = reply.body.lstrip()
    if form == "workbook":
        good = body.startswith(_ZIP)
    else:
        good = body.startswith(_GZIP) or (b"," in body.split(b"\n", 1)[0] and body[:1] not in (b"{", b"["))
    # a download that was cut off looks like this, too
    return Verdict("data") if good else Verdict("passing", f"no {form}: {_words(body[:4000])}")


def _json(body: bytes) -> Verdict:
    try:
        content: Any = json.loads(body)
    except (ValueError, RecursionError):
        return Verdict("passing", f"no readable JSON: {_words(body[:4000])}")
    outer: Any = content[0] if isinstance(content, list) and content else content
    entries = outer if isinstance(outer, dict) else {}
    if error := entries.get("message") or entries.get("error"):
        return Verdict("refused", _message(error))
    warning = entries.get("warning")
    if isinstance(warning, dict) and warning.get("status") == 413:
        return Verdict("later", "the answer is being prepared")
    if entries.get("value", "absent") in ({}, []):
        return Verdict("nothing", "no figures")
    return Verdict("data")


def _message(errors: Any) -> str:
    """Return what a list of errors says first."""
    error = errors[0] if isinstance(errors, list) and errors else errors
    message = (error.get("value") or error.get("label") or error.get("key")) if isinstance(error, dict) else error
    return str(message)[:_SHOWN]


def _status_and_words(reply: Reply) -> str:
    words = _words(reply.body[:4000])
    return f"HTTP {reply.status}: {words}" if reply.status else words


def _words(body: bytes) -> str:
    """Return the text of a body without its markup, cut short."""
    text = re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", body.decode(errors="replace"), flags=re.DOTALL)
    return " ".join(text.split())[:_SHOWN] or "nothing else"
