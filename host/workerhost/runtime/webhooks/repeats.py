"""Which calls of a webhook are the same call again: by the ids that senders give their deliveries."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from workerhost.runtime.webhooks.mapping import CallValues
from workerhost.runtime.webhooks.signatures import Proof
from workerhost.store import Webhook
from workerhost.words import SignatureScheme

KEY_HEADER = "Idempotency-Key"
DELIVERY_HEADERS: Mapping[SignatureScheme, str] = {SignatureScheme.GITHUB: "X-GitHub-Delivery"}
"""Where senders put the ids of their deliveries."""
EVENT_KEYS: Mapping[SignatureScheme, str] = {SignatureScheme.STRIPE: "id", SignatureScheme.SLACK: "event_id"}
"""Where in their bodies the ids of events are."""


def request_id(webhook: Webhook, values: CallValues, proof: Proof) -> str | None:
    """Return what names the call, the same for each time that it is sent; None where nothing does.

    The sender's own id comes first where it is signed. Then comes `Idempotency-Key`, and at last a signature that has a
    time, which nobody makes twice: so a call that somebody has recorded and sends again does nothing.
    """
    key = _key(webhook.authentication.scheme, values) or (proof.signed_once and f"signature {proof.signed_once}")
    if key is None:
        return None
    named = json.dumps([webhook.project_id, webhook.name, key])
    return hashlib.sha256(named.encode()).hexdigest()[:32]


def _key(scheme: SignatureScheme | None, values: CallValues) -> str | None:
    if scheme is not None and scheme in EVENT_KEYS and isinstance(values.body, dict):
        event: Any = values.body.get(EVENT_KEYS[scheme])
        if isinstance(event, str) and event:
            return f"event {event}"
    if key := values.headers.get(KEY_HEADER):
        return f"key {key}"
    if scheme is not None and scheme in DELIVERY_HEADERS and (delivery := values.headers.get(DELIVERY_HEADERS[scheme])):
        return f"delivery {delivery}"
    return None
