"""Row 50: a secret is masked in every shape that libraries print it in."""

import base64
import json
from urllib.parse import quote, quote_plus

import pytest

from tradeassist_desktop.logs import SecretMask

TOKEN = 'tok/en+"with=odd\\letters~0123456789'
SHAPES = {
    "as it is": TOKEN,
    "URL-encoded": quote(TOKEN, safe=""),
    "URL-encoded in lower case": quote(TOKEN, safe="").lower(),
    "as a form": quote_plus(TOKEN),
    "in JSON": json.dumps(TOKEN),
    "in JSON with escaped slashes": json.dumps(TOKEN).replace("/", "\\/"),
    "as Python shows it": repr(TOKEN),
    "in base64": base64.b64encode(TOKEN.encode()).decode(),
    "in base64 after a user": base64.b64encode(f"u:{TOKEN}".encode()).decode(),
    "in base64 after another user": base64.b64encode(f"me:{TOKEN}x".encode()).decode(),
    "in base64 for URLs": base64.urlsafe_b64encode(TOKEN.encode()).decode(),
}


def longest_shared(text: str, secret: str) -> int:
    """The length of the longest piece of ``secret`` in ``text``, the slow way."""
    return max(
        end - start
        for start in range(len(secret))
        for end in range(start, len(secret) + 1)
        if secret[start:end] in text
    )


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_row_50_a_secret_is_masked_in_every_shape(shape: str) -> None:
    mask = SecretMask()
    mask.learn([TOKEN])

    masked = mask(f"refused ({shape}) by the server")

    assert longest_shared(masked, shape) < 12
    assert masked.startswith("refused (")
    assert masked.endswith(") by the server")


@pytest.mark.parametrize("start", range(0, len(TOKEN) - 12, 3))
@pytest.mark.parametrize("before", range(7))
def test_row_50_twelve_letters_of_a_token_in_a_row_are_masked_wherever_they_stand(
    start: int, before: int
) -> None:
    mask = SecretMask()
    mask.learn([TOKEN])

    masked = mask("-" * before + TOKEN[start : start + 12] + "-")

    assert masked == "-" * before + "•••-"


def test_eleven_letters_are_not_enough_to_tell_a_secret_from_words() -> None:
    mask = SecretMask()
    mask.learn([TOKEN])

    assert mask(TOKEN[:11]) == TOKEN[:11]


def test_of_an_address_what_follows_the_host_is_masked_and_the_host_is_told() -> None:
    mask = SecretMask()
    mask.learn(["https://hooks.example.com:8443/services/T0/B0/lets-everyone-in"])

    masked = mask(
        "POST https://hooks.example.com:8443/services/T0/B0/lets-everyone-in: hooks.example.com is gone"
    )

    assert masked == "POST https://hooks.example.com:8443/•••: hooks.example.com is gone"


def test_of_a_mail_address_the_domain_alone_is_told() -> None:
    mask = SecretMask()
    mask.learn(["desk.of.a.trader@mail.example-broker.com"])

    masked = mask("desk.of.a.trader@mail.example-broker.com: smtp.mail.example-broker.com refuses")

    assert masked == "•••: smtp.mail.example-broker.com refuses"


def test_of_header_lines_the_values_are_masked_and_the_names_told() -> None:
    mask = SecretMask()
    mask.learn(["Authorization: Custom key-of-the-desk\nX-Route: abc"])

    assert mask("Authorization was key-of-the-desk") == "Authorization was •••"


def test_a_passphrase_is_masked_and_its_words_are_not() -> None:
    mask = SecretMask()
    mask.learn(["correct horse battery staple"])

    assert mask("correct horse battery staple") == "•••"
    assert mask("the battery staple") == "the battery staple"


@pytest.mark.parametrize(
    "text",
    [
        "xoxb-123456789012-abcdefghijkl",
        "xoxe.xoxp-1-Mi0yLTEyMzQ1Njc4OTA",
        "ya29.a0AfH6SMBabcdefgh",
        "https://hooks.slack.com/services/T1/B1/abcdefgh",
        "smtp://user:hunter22@mail.example.com",
        '{"refresh_token":"abcdefgh"}',
        '{"client_secret": "abcdefgh"}',
        "-----BEGIN PRIVATE KEY-----\nMIIEabcdefgh\n-----END PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEabcdefgh",
    ],
)
def test_row_50_what_looks_like_a_secret_is_masked_though_nobody_has_told_it(text: str) -> None:
    masked = SecretMask()(text)

    assert "•••" in masked
    assert all(piece not in masked for piece in ("abcdefgh", "hunter22", "Mi0yLTEyMzQ"))
