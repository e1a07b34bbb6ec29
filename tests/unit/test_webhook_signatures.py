"""Who may call a webhook: signatures of each scheme, and secrets in headers. The digests were made with openssl."""

import pytest

from workerhost.runtime.webhooks.headers import CallHeaders
from workerhost.runtime.webhooks.signatures import Proof, prove
from workerhost.store import WebhookAuthentication
from workerhost.words import AuthenticationKind, SignatureScheme

SECRET = "0123456789abcdef"
BODY = b'{"id":1}'
NOW = 1_700_000_000
PLAIN = "564c88996eca094e86962bc8c3ca28f6868b19f1646c542d29b5132b84f93dc3"
TIMED = "4bcaced68dfea90a68df035b89cb7fb26692d899d32a1ccb1b0616cf48e4d1ed"
SLACK = "a2e5fa53f9768b992bd05d257e8c07bab9f1a4d7f3054891efd3ba78091e8bd3"
OTHER = "76ea528f280ce954c41e46f19416b6289e71585731885952c75d9297ff8a5456"
"""Of the timed form, with another secret."""


def signed(scheme: SignatureScheme, window: int | None = None, secret: str | None = SECRET) -> WebhookAuthentication:
    return WebhookAuthentication(AuthenticationKind.HMAC, scheme, None, window, secret)


def proof(
    authentication: WebhookAuthentication, headers: dict[str, str], body: bytes = BODY, now: float = NOW
) -> Proof | None:
    return prove(authentication, CallHeaders(headers.items()), body, now)


def test_the_example_of_github_s_documentation_is_right() -> None:
    github = signed(SignatureScheme.GITHUB, secret="It's a Secret to Everybody")
    digest = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert proof(github, {"X-Hub-Signature-256": f"sha256={digest}"}, b"Hello, World!") == Proof()
    assert proof(github, {"X-Hub-Signature-256": f"sha256={digest}"}, b"Hello, World?") is None


@pytest.mark.parametrize(
    ("authentication", "headers"),
    [
        (signed(SignatureScheme.GENERIC), {"X-Signature-256": f"sha256={PLAIN}"}),
        (signed(SignatureScheme.GENERIC), {"x-signature-256": f"sha256={PLAIN.upper()}"}),
        (signed(SignatureScheme.GITHUB), {"X-Hub-Signature-256": f"sha256={PLAIN}"}),
    ],
)
def test_a_signature_of_the_body_is_right_at_any_time(
    authentication: WebhookAuthentication, headers: dict[str, str]
) -> None:
    assert proof(authentication, headers) == Proof()
    assert proof(authentication, headers, now=2 * NOW) == Proof()
    assert proof(authentication, headers, BODY + b" ") is None


@pytest.mark.parametrize(
    ("authentication", "headers", "digest"),
    [
        (
            signed(SignatureScheme.GENERIC, 300),
            {"X-Signature-256": f"sha256={TIMED}", "X-Signature-Timestamp": str(NOW)},
            TIMED,
        ),
        (signed(SignatureScheme.STRIPE, 300), {"Stripe-Signature": f"t={NOW},v1={TIMED}"}, TIMED),
        (signed(SignatureScheme.STRIPE), {"Stripe-Signature": f"t={NOW}, v1={OTHER}, v1={TIMED}, v0={PLAIN}"}, TIMED),
        (
            signed(SignatureScheme.SLACK, 300),
            {"X-Slack-Signature": f"v0={SLACK}", "X-Slack-Request-Timestamp": str(NOW)},
            SLACK,
        ),
    ],
)
def test_a_signature_with_a_time_is_right_within_its_window(
    authentication: WebhookAuthentication, headers: dict[str, str], digest: str
) -> None:
    for now in (NOW, NOW + 300, NOW - 300):
        assert proof(authentication, headers, now=now) == Proof(signed_once=digest)
    for now in (NOW + 301, NOW - 301, 0):
        assert proof(authentication, headers, now=now) is None
    assert proof(authentication, headers, BODY + b" ") is None
    later = {name: value.replace(str(NOW), str(NOW + 1)) for name, value in headers.items()}
    assert proof(authentication, later) is None


@pytest.mark.parametrize(
    ("scheme", "headers"),
    [
        (SignatureScheme.GENERIC, {}),
        (SignatureScheme.GENERIC, {"X-Signature-256": PLAIN}),
        (SignatureScheme.GENERIC, {"X-Signature-256": f"sha1={PLAIN}"}),
        (SignatureScheme.GENERIC, {"X-Signature-256": "sha256="}),
        (SignatureScheme.GENERIC, {"X-Signature-256": "sha256=\xff\ud800"}),
        (SignatureScheme.GENERIC, {"X-Hub-Signature-256": f"sha256={PLAIN}"}),
        (SignatureScheme.GITHUB, {"X-Signature-256": f"sha256={PLAIN}"}),
        (SignatureScheme.STRIPE, {}),
        (SignatureScheme.STRIPE, {"Stripe-Signature": f"v1={TIMED}"}),
        (SignatureScheme.STRIPE, {"Stripe-Signature": f"t={NOW}"}),
        (SignatureScheme.STRIPE, {"Stripe-Signature": f"t={NOW},v0={TIMED}"}),
        (SignatureScheme.STRIPE, {"Stripe-Signature": f"t={NOW},v1={OTHER}"}),
        (SignatureScheme.STRIPE, {"Stripe-Signature": f"t={NOW},t={NOW},v1={TIMED}"}),
        (SignatureScheme.STRIPE, {"Stripe-Signature": f"t=now,v1={TIMED}"}),
        (SignatureScheme.STRIPE, {"Stripe-Signature": f"t={NOW}" + f",v1={OTHER}" * 10 + f",v1={TIMED}"}),
        (SignatureScheme.SLACK, {"X-Slack-Signature": f"v0={SLACK}"}),
        (SignatureScheme.SLACK, {"X-Slack-Signature": f"v0={SLACK}", "X-Slack-Request-Timestamp": f" {NOW}"}),
        (SignatureScheme.SLACK, {"X-Slack-Signature": f"v0={SLACK}", "X-Slack-Request-Timestamp": "9" * 5000}),
    ],
)
def test_what_is_not_signed_so_is_not_admitted(scheme: SignatureScheme, headers: dict[str, str]) -> None:
    assert proof(signed(scheme), headers) is None


def test_a_window_asks_the_generic_scheme_for_a_time_that_is_signed() -> None:
    timed = signed(SignatureScheme.GENERIC, 300)
    assert proof(timed, {"X-Signature-256": f"sha256={PLAIN}"}) is None
    assert proof(timed, {"X-Signature-256": f"sha256={PLAIN}", "X-Signature-Timestamp": str(NOW)}) is None


def test_a_secret_stands_in_its_header() -> None:
    known = WebhookAuthentication(AuthenticationKind.HEADER, header="X-Token", secret=SECRET)
    assert proof(known, {"x-token": SECRET}) == Proof()
    for headers in (
        {},
        {"X-Token": ""},
        {"X-Token": SECRET + "0"},
        {"X-Webhook-Secret": SECRET},
        {"X-Token": "\ud800"},
    ):
        assert proof(known, headers) is None


def test_without_a_secret_nobody_is_admitted_unless_everybody_is() -> None:
    assert proof(signed(SignatureScheme.GENERIC, secret=None), {"X-Signature-256": f"sha256={PLAIN}"}) is None
    assert proof(WebhookAuthentication(AuthenticationKind.HEADER), {"X-Webhook-Secret": ""}) is None
    assert proof(WebhookAuthentication(AuthenticationKind.NONE), {}) == Proof()


def test_a_secret_does_not_show_where_its_webhook_is_printed() -> None:
    assert SECRET not in repr(signed(SignatureScheme.GENERIC))
