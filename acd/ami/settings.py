"""What one link to one Asterisk must be told: address, account and its bounds in time and number."""

from __future__ import annotations

import ssl

import msgspec

from acd.core.ids import NodeId
from acd.rules.settings import NodeSettings, Settings

__all__ = ["AmiSettings", "ami_settings"]


class AmiSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One node of ``config/acd.yaml``. The defaults are those of docs/architecture.md."""

    id: NodeId
    host: str
    username: str
    secret: str
    port: int = 5038
    tls: bool = False
    tls_ca: str = ""
    """File with the authority that signed Asterisk's certificate; empty = the system's."""
    tls_server_name: str = ""
    """Name the certificate must carry; empty = ``host``."""
    connect_s: float = 5.0
    action_s: float = 5.0
    """An action without an answer after this is unknown."""
    list_s: float = 15.0
    """The same for an action that is answered with a list."""
    ping_s: float = 3.0
    misses_max: int = 2
    """So many pings unanswered and the connection is cut."""
    inbox_max: int = 20_000
    """More messages than this not yet handled: the connection is cut and the node looked at anew."""
    backoff_s: float = 0.25
    backoff_s_max: float = 5.0
    logins_refused_max: int = 5
    """Asterisk refused our account this often in a row: stop, and say so."""
    login_backoff_s: float = 1.0
    login_backoff_s_max: float = 30.0
    steady_s: float = 10.0
    """A connection that lived this long starts the back-off anew."""
    booted_s: float = 5.0
    """Wait at most this long for Asterisk to say it is fully booted."""
    lease_s: int = 5
    lease_renew_s: float = 1.0
    lease_stop_s: int = 30
    """A planned stop extends the lease by this, so that a restart keeps the callers."""
    net_per_s: float = 200.0
    """Changes of the safety net's membership per second, at most."""

    def __repr__(self) -> str:
        """Everything but the secret."""
        return f"AmiSettings({self.id} {self.username}@{self.host}:{self.port} tls={self.tls})"

    def ssl_context(self) -> ssl.SSLContext | None:
        """The context for TLS with the certificate checked, None for plain TCP (loopback only)."""
        return ssl.create_default_context(cafile=self.tls_ca or None) if self.tls else None


def ami_settings(node: NodeSettings, settings: Settings) -> AmiSettings:
    """What one link must be told, from the process settings."""
    tls, timings = node.tls, settings.timings
    return AmiSettings(
        id=node.node_id,
        host=node.host,
        port=node.port,
        username=node.username,
        secret=node.secret.get_secret_value(),
        tls=tls is not None,
        tls_ca=str(tls.ca_file) if tls and tls.ca_file else "",
        tls_server_name=(tls.server_name or "") if tls else "",
        action_s=timings.action_s,
        ping_s=timings.ping_s,
        lease_s=round(timings.lease_s),
        lease_renew_s=timings.renew_s,
    )
