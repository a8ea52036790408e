"""Settings of channels: what they may look like."""

from email.headerregistry import Address

import pytest

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.setting import checked, from_text
from tradeassist_desktop.domain.settings import setting


@pytest.mark.parametrize(
    "text", ["desk@example.com", "a.b+alerts@mail.example.co.uk", "o'neil{x}@example.com", "desk@localhost"]
)
def test_an_address_of_e_mail_is_taken_and_a_header_can_hold_it(text: str) -> None:
    assert from_text(setting("smtp.from"), text) == text
    assert Address(addr_spec=text).addr_spec == text


@pytest.mark.parametrize(
    "text",
    [
        "desk", "@example.com", "desk@", "a..b@example.com", ".a@example.com", "a@example..com",
        "a@example.com.", "Desk <desk@example.com>", "a@b@example.com", "a b@example.com",
        "a@example.com\r\nBcc: x@y.z", "ä@example.com", "a@" + "b" * 300,
    ],
)  # fmt: skip
def test_what_is_no_address_of_e_mail_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="expected an e-mail address such as"):
        from_text(setting("smtp.from"), text)


def test_one_bad_address_refuses_the_list() -> None:
    with pytest.raises(BadInput, match="found ''"):
        checked(setting("smtp.to"), ["a@example.com", ""])


@pytest.mark.parametrize("key", ["smtp.host", "smtp.from", "smtp.to", "webhook.allow_private"])
def test_what_was_set_can_be_emptied_again(key: str) -> None:
    assert not from_text(setting(key), "")


@pytest.mark.parametrize("text", ["smtp.example.com", "127.0.0.1", "::1", "fe80::1"])
def test_a_mail_server_is_a_name_or_an_address(text: str) -> None:
    assert from_text(setting("smtp.host"), text) == text


@pytest.mark.parametrize("text", ["smtp.example.com:587", "smtp://x", "a b", "x\ny", "x/y"])
def test_what_is_no_mail_server_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="expected the name of a computer"):
        from_text(setting("smtp.host"), text)


@pytest.mark.parametrize(
    "text", ["192.168.1.20", "ftp://192.168.1.20", "http://192.168.1.20/api", "http://a@b"]
)
def test_leave_for_a_private_address_is_given_to_an_origin(text: str) -> None:
    with pytest.raises(BadInput, match="expected an address without a path"):
        from_text(setting("webhook.allow_private"), text)
