"""Secrets are taken out of what is logged, and ordinary words are not."""

import time

import pytest

from workerhost.redaction import REDACTED, Redactor, is_secret_name

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Authorization: Bearer abc.def", "Authorization: [redacted]"),
        ('{"authorization": "Basic Zm9vOmJhcg=="}', '{"authorization": "[redacted]"}'),
        ("bearer abcdefghijklmnop1234, please", "bearer [redacted], please"),
        (
            "postgresql://me:p@ss@db/x and redis://:pw@cache",
            "postgresql://me:[redacted]@db/x and redis://:[redacted]@cache",
        ),
        (f"token {JWT}!", "token [redacted]!"),
        ("ghp_" + "a" * 36, "[redacted]"),
        ("xoxb-1234567890-abc", "[redacted]"),
        ("sk-proj-abcdefghijklmnop and sk_live_abcdefghijklmnop", "[redacted] and [redacted]"),
        ("AKIAABCDEFGHIJKLMNOP", "[redacted]"),
        ("-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----", "[redacted]-----END PRIVATE KEY-----"),
    ],
)
def test_secrets_of_known_shapes_are_taken_out(text: str, shown: str) -> None:
    assert Redactor().text(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "a bearer of good news",
        "http://host:80/a@b",
        "task-list sketchy eyJ gh",
        "the highest risk-taker",
        "authorization is missing",
    ],
)
def test_ordinary_texts_stay(text: str) -> None:
    assert Redactor().text(text) == text


def test_names_say_what_is_secret() -> None:
    assert all(
        map(is_secret_name, ("API_KEY", "apiKey", "key", "DB_PASSWORD", "accessToken", "APIKEY", "client_secret"))
    )
    assert not any(map(is_secret_name, ("monkey", "keyboard", "tokens", "tokenizer", "city")))


def test_a_value_of_several_lines_goes_also_where_it_is_quoted_or_printed_line_by_line() -> None:
    secret = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\n  hkiG9w0BAQEF\n}\n"
    redactor = Redactor.of_environment({"SIGNING_KEY": secret, "API_TOKEN": " tok-1 \n"})
    for shown in [secret, repr(secret), *secret.splitlines()]:
        assert "MII" not in redactor.text(shown)
        assert "hki" not in redactor.text(shown)
    assert redactor.text("{} with tok-1") == "{} with [redacted]"


def test_known_values_go_wherever_they_stand() -> None:
    redactor = Redactor.of_environment({"API_KEY": "abcd1234", "API_KEY_2": "abcd", "CITY": "Ghent", "A_TOKEN": 5})
    assert redactor.text("abcd1234abcd Ghent") == "[redacted][redacted] Ghent"
    assert redactor.fields({"a": [{"b": "x abcd"}], "password": None, "secret": {"x": 1}}) == {
        "a": [{"b": "x [redacted]"}],
        "password": None,
        "secret": "[redacted]",
    }


@pytest.mark.parametrize(
    "text", ["://" + "a:" * 7000, "bearer " * 2000, "eyJ" * 5000, "sk-" * 5000, "-----BEGIN PRIVATE KEY-----" * 500]
)
def test_no_text_takes_long(text: str) -> None:
    began = time.perf_counter()
    Redactor(["secret"]).text(text)
    assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize(
    "secrets",
    [[f"aaaaa{number:04}" for number in range(3000)], ["a" * size + "b" for size in range(4, 350)]],
    ids=["many", "long"],
)
def test_many_secrets_that_begin_alike_do_not_hold_the_host_up(secrets: list[str]) -> None:
    redactor = Redactor(secrets)
    text = "a" * 14_000 + f" {secrets[-1]} " + secrets[3]
    begin = time.perf_counter()
    assert redactor.text(text) == "a" * 14_000 + f" {REDACTED} {REDACTED}"
    assert time.perf_counter() - begin < 0.1  # a regular expression of them takes 0.3 and 3 seconds


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("she sells", "s[redacted]"),
        ("ushers", "u[redacted]"),
        ("hersheys", "[redacted]ys"),
        ("xhersx hers", "x[redacted]x [redacted]"),
        ("her", "her"),
        ("日本語の鍵です", "日本[redacted]す"),
    ],
)
def test_secrets_that_overlap_are_taken_out_together(text: str, shown: str) -> None:
    assert Redactor(["hers", "shers", "rshe", "he sells", "語の鍵で"]).text(text) == shown
