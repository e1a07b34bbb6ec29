"""How callers of a webhook show who they are: by a signature over what they send, or by a secret in a header.

Every comparison takes the same time wherever the two texts differ.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from workerhost.store import WebhookAuthentication
from workerhost.words import AuthenticationKind, SignatureScheme

SECRET_HEADER = "X-Webhook-Secret"  # noqa: S105  the name of a header
"""Where the secret stands, unless the webhook names another header."""

REPLAY_WINDOW_SECONDS = 300
"""How old a signature may be that has a time, unless the webhook says otherwise; what Stripe and Slack recommend."""

TIMED = (SignatureScheme.STRIPE, SignatureScheme.SLACK)
"""Schemes whose signatures always have a time."""

MOST_SIGNATURES = 10
"""Signatures that one call may have, as while Stripe changes from one secret to another."""

_TIME = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True)
class Proof:
    """That a call comes from who may call."""

    signed_once: str | None = None
    """Names what was signed, where a time is part of that: a second call of this name is the first one again."""


@dataclass(frozen=True)
class _Signed:
    """What a call claims to have signed.

    Attributes:
        signatures: in hex digits; one that fits is enough.
        time: seconds since 1970, as it was signed; None where no time is signed.
        before_body: what was signed ahead of the body.
    """

    signatures: tuple[str, ...]
    time: str | None = None
    before_body: str = ""


def prove(authentication: WebhookAuthentication, headers: Mapping[str, str], body: bytes, now: float) -> Proof | None:
    """Return the proof that a call comes from who may call, or None where it does not show that.

    Args:
        authentication: how the webhook knows its callers.
        headers: of the call, found in any case.
        body: of the call, as it was sent.
        now: seconds since 1970.
    """
    if authentication.kind == AuthenticationKind.NONE:
        return Proof()
    if authentication.secret is None:
        return None
    secret = authentication.secret.encode()
    if authentication.kind == AuthenticationKind.HEADER:
        given = headers.get(authentication.header or SECRET_HEADER, "")
        return Proof() if hmac.compare_digest(given.encode("utf-8", "replace"), secret) else None
    signed = _signed(authentication, headers)
    if signed is None or not _is_timely(signed, authentication.replay_window_seconds, now):
        return None
    made = hmac.new(secret, signed.before_body.encode(), sha256)
    made.update(body)
    expected = made.hexdigest().encode()
    fits = [hmac.compare_digest(expected, each.lower().encode("utf-8", "replace")) for each in signed.signatures]
    if not any(fits):
        return None
    return Proof(signed_once=None if signed.time is None else expected.decode())


def _signed(authentication: WebhookAuthentication, headers: Mapping[str, str]) -> _Signed | None:
    """Return what the headers say, or None where they lack something."""
    if authentication.scheme == SignatureScheme.GITHUB:
        return _after(headers.get("X-Hub-Signature-256"), "sha256=")
    if authentication.scheme == SignatureScheme.STRIPE:
        return _stripe(headers.get("Stripe-Signature", ""))
    if authentication.scheme == SignatureScheme.SLACK:
        time = headers.get("X-Slack-Request-Timestamp", "")
        return _after(headers.get("X-Slack-Signature"), "v0=", time, f"v0:{time}:")
    if authentication.replay_window_seconds is None:
        return _after(headers.get("X-Signature-256"), "sha256=")
    time = headers.get("X-Signature-Timestamp", "")
    return _after(headers.get("X-Signature-256"), "sha256=", time, f"{time}.")


def _after(header: str | None, prefix: str, time: str | None = None, before_body: str = "") -> _Signed | None:
    if header is None or not header.startswith(prefix):
        return None
    return _Signed((header.removeprefix(prefix),), time, before_body)


def _stripe(header: str) -> _Signed | None:
    """Read `t=<time>,v1=<signature>,v1=…`; other versions are passed over, as Stripe asks for."""
    parts = [part.strip().partition("=") for part in header.split(",")]
    times = [value for key, _, value in parts if key == "t"]
    signatures = tuple(value for key, _, value in parts if key == "v1")
    if len(times) != 1 or not 0 < len(signatures) <= MOST_SIGNATURES:
        return None
    return _Signed(signatures, times[0], f"{times[0]}.")


def _is_timely(signed: _Signed, window: int | None, now: float) -> bool:
    if signed.time is None:
        return True
    seconds = REPLAY_WINDOW_SECONDS if window is None else window
    return _TIME.fullmatch(signed.time) is not None and abs(now - int(signed.time)) <= seconds
