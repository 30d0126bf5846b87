"""Where a command asks, and as whom."""

from __future__ import annotations

import socket

import pytest

from acd.cli.place import local_settings, place_of_settings, place_of_url, reach, token
from acd.errors import AcdError, ConfigError
from tests.cli.centre import RULES

SETTINGS = f"""
nodes: [{{id: n1, host: 127.0.0.1, secret_env: AMI}}]
rules: {RULES}
api:
  address: 0.0.0.0
  port: 8088
  socket: acd.sock
  tokens: [{{name: ops, role: admin, token_env: TOKEN}}]
store: {{file: acd.sqlite, hash_key_env: KEY}}
"""
ENV = {"AMI": "secret", "TOKEN": "t" * 20, "KEY": "k" * 20}


@pytest.fixture
def config(tmp_path):
    """Settings that name a socket, a port, a token and a store."""
    file = tmp_path / "acd.yaml"
    file.write_text(SETTINGS)
    return file


def test_the_socket_comes_first_and_needs_no_token(config):
    """If it is there; a plain file of its name is none."""
    path = config.parent / "acd.sock"
    path.touch()
    assert reach(config, "", "", ENV).socket == ""
    path.unlink()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        place = reach(config, "", "", {})
    assert (place.socket, place.token, place.name) == (str(path), "", str(path))


def test_then_the_address_of_the_settings_with_their_first_token(config):
    """Which is not the address that is listened on, if that means every address."""
    place = reach(config, "", "", ENV)
    assert (place.host, place.port, place.tls, place.token) == ("127.0.0.1", 8088, False, "t" * 20)
    assert place.name == "http://127.0.0.1:8088"


def test_a_chosen_token_needs_no_secret_of_the_settings(config):
    """Not that of Asterisk either."""
    assert reach(config, "", "MINE", {"MINE": "m" * 20}).token == "m" * 20
    assert reach(config, "", "", {"ACD_TOKEN": "a" * 20}).token == "a" * 20


def test_tls_of_the_settings(config):
    """Its authority comes from the environment."""
    config.write_text(
        SETTINGS.replace("port: 8088", "port: 8088\n  tls: {cert_file: c.pem, key_file: k.pem}").replace(
            "0.0.0.0", '"::"'
        )
    )
    place = reach(config, "", "", {"ACD_TOKEN": "a" * 20, "ACD_CA_FILE": "/ca.pem"})
    assert (place.name, place.tls, place.ca_file) == ("https://[::1]:8088", True, "/ca.pem")


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "path"),
    [
        ("http://acd.example:8088/", "acd.example", 8088, False, ""),
        ("https://acd.example", "acd.example", 443, True, ""),
        ("http://[::1]:8088", "::1", 8088, False, ""),
        ("unix:/run/acd/api", "", 0, False, "/run/acd/api"),
        ("unix:///run/acd/api", "", 0, False, "/run/acd/api"),
    ],
)
def test_a_url(url, host, port, tls, path):
    """Of an address or of a socket."""
    place = place_of_url(url, "t")
    assert (place.host, place.port, place.tls, place.socket) == (host, port, tls, path)


@pytest.mark.parametrize(
    "url", ["nonsense", "ftp://x", "http://", "http://x:y", "http://x/api/v1", "http://x:99999"]
)
def test_what_is_no_url(url):
    """A sentence that shows the forms there are."""
    with pytest.raises(AcdError, match="an address is http://host:port"):
        place_of_url(url, "t")


def test_a_token_from_a_file(tmp_path):
    """As systemd and Docker hand over secrets."""
    file = tmp_path / "token"
    file.write_text("secret-of-a-file\n")
    assert token({"ACD_TOKEN_FILE": str(file)}) == "secret-of-a-file"
    assert token({"ACD_TOKEN_FILE": str(file), "ACD_TOKEN": "nearer"}) == "nearer"
    assert token({}) == ""
    file.write_text("\n")
    with pytest.raises(ConfigError, match="is empty"):
        token({"ACD_TOKEN_FILE": str(file)})
    with pytest.raises(ConfigError, match="cannot be read"):
        token({"ACD_TOKEN_FILE": str(tmp_path / "none")})


def test_a_port_that_is_chosen_at_each_start(config):
    """Nobody can know it; the sentence says what to give."""
    config.write_text(SETTINGS.replace("port: 8088", "port: 0"))
    with pytest.raises(ConfigError, match="give --url"):
        place_of_settings(local_settings(config, {}))


def test_settings_that_name_no_token(config):
    """Nobody may ask over TCP."""
    lines = SETTINGS.splitlines()
    config.write_text("\n".join(line for line in lines if "tokens" not in line))
    with pytest.raises(ConfigError, match="name no token"):
        reach(config, "", "", ENV)


def test_mistakes_of_what_is_read_are_told_with_their_place(config):
    """A section nobody asks for here may be wrong; ours may not."""
    config.write_text(SETTINGS.replace("id: n1", "id: 3"))
    assert local_settings(config, {}).api.port == 8088
    config.write_text(SETTINGS.replace("port: 8088", "port: many"))
    with pytest.raises(ConfigError, match=r"acd\.yaml:6:9: 'port' must be a whole number"):
        local_settings(config, {})
