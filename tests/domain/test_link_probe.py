"""Hosts that no service reaches."""

import pytest

from pan123_tui.domain.link_probe import is_loopback, is_private

FILE = "https://files.example.com/a.iso"


@pytest.mark.parametrize(
    ("url", "private"),
    [
        *(("http://192.168.1.7/a", True), ("http://10.0.0.1/a", True), ("http://[::1]/a", True)),
        *(("http://169.254.169.254/a", True), ("http://nas/a", True), ("http://NAS.local/a", True)),
        *(("http://a.lan/a", True), ("http://a.internal/a", True), ("http://localhost:8/a", True)),
        *(("http://8.8.8.8/a", False), ("http://[2606:4700::1]/a", False), (FILE, False)),
    ],
)
def test_a_private_host_is_known_by_address_and_name(url: str, private: bool) -> None:
    assert is_private(url) is private


@pytest.mark.parametrize(
    ("host", "loops"),
    [("LOCALHOST", True), ("127.1.2.3", True), ("::1", True), ("128.0.0.1", False), ("a.b", False)],
)
def test_a_loopback_host_is_this_machine(host: str, loops: bool) -> None:
    assert is_loopback(host) is loops
