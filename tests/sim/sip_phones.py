"""Just enough SIP over UDP to ring a real Asterisk while a transcript is recorded.

No RTP, no retransmission, no authentication: the loopback loses nothing and the lab trusts
its addresses. One ``SipHost`` is one address with any number of users on it (RFC 3261, and
RFC 3515 for REFER).
"""

from __future__ import annotations

import asyncio
import itertools
import re
import socket
import struct
from dataclasses import dataclass, field

_MEDIA_PORT = 40000
_NUMBERS = itertools.count(1)
_SDP = "\r\n".join(  # noqa: FLY002
    (
        "v=0", "o=- 1 1 IN IP4 {ip}", "s=-", "c=IN IP4 {ip}", "t=0 0", "m=audio {port} RTP/AVP 8 101",
        "a=rtpmap:8 PCMA/8000", "a=rtpmap:101 telephone-event/8000", "a=sendrecv", "",
    )
)  # fmt: skip


@dataclass
class Phone:
    """What a called user does: ring, then after a while answer, refuse or nothing."""

    ring_ms: int | None = 20
    status: int | None = 200
    after_ms: int = 300
    bye_ms: int | None = None


@dataclass
class Dialog:
    """One call as this end sees it."""

    host: SipHost
    call_id: str
    local: str
    remote: str
    target: str
    user: str
    invite: dict[str, str] = field(default_factory=dict)
    media: tuple[str, int] = ("", 0)
    cseq: int = 1
    answered: bool = False
    ended: bool = False
    timers: list[asyncio.TimerHandle] = field(default_factory=list)

    def request(self, method: str, *extra: str) -> None:
        """Send a request inside the dialog."""
        self.cseq += 1
        self.host.send(_request(self, method, self.cseq, extra))

    def bye(self) -> None:
        """Hang up an answered call."""
        if not self.ended:
            self.ended = True
            self.request("BYE")

    def refer(self, to: str, replaces: Dialog | None = None) -> None:
        """Transfer the other end: blind, or attended with the call that is replaced."""
        uri = f"sip:{to}@127.0.0.1"
        if replaces:
            tags = [re.search(r"tag=([^;>]+)", value) for value in (replaces.remote, replaces.local)]
            to_tag, from_tag = (tag[1] if tag else "" for tag in tags)
            uri += f"?Replaces={replaces.call_id}%3Bto-tag%3D{to_tag}%3Bfrom-tag%3D{from_tag}"
        self.request("REFER", f"Refer-To: <{uri}>", f"Referred-By: <sip:{self.user}@{self.host.ip}>")


class SipHost(asyncio.DatagramProtocol):
    """One address: answers for every user on it, and may call."""

    def __init__(self, ip: str, asterisk: tuple[str, int]) -> None:
        self.ip = ip
        self.asterisk = asterisk
        self.phones: dict[str, Phone] = {}
        self.dialogs: dict[str, Dialog] = {}
        self.port = 0
        self.transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def open(cls, ip: str, port: int, asterisk: tuple[str, int]) -> SipHost:
        """Bind and listen."""
        loop = asyncio.get_running_loop()
        transport, host = await loop.create_datagram_endpoint(
            lambda: cls(ip, asterisk), local_addr=(ip, port)
        )
        host.transport, host.port = transport, transport.get_extra_info("sockname")[1]
        return host

    def send(self, text: str) -> None:
        """Send one message to Asterisk."""
        if self.transport:
            self.transport.sendto(text.encode(), self.asterisk)

    def call(self, user: str, to: str) -> Dialog:
        """Invite ``to`` as ``user``."""
        call_id = f"acd-{next(_NUMBERS)}-{id(self):x}"
        dialog = Dialog(
            self,
            call_id,
            local=f"<sip:{user}@{self.ip}>;tag=l{next(_NUMBERS)}",
            remote=f"<sip:{to}@127.0.0.1>",
            target=f"sip:{to}@127.0.0.1:{self.asterisk[1]}",
            user=user,
        )
        self.dialogs[call_id] = dialog
        self.send(
            _request(
                dialog,
                "INVITE",
                1,
                ("Content-Type: application/sdp",),
                _SDP.format(ip=self.ip, port=_MEDIA_PORT),
            )
        )
        return dialog

    def cancel(self, dialog: Dialog) -> None:
        """Give up a call that was not answered."""
        self.send(_request(dialog, "CANCEL", 1, ()))

    def press(self, dialog: Dialog, digit: str) -> None:
        """Press a key in an answered call: RFC 4733 events from our media port."""
        event, marker = "0123456789*#".index(digit), 0x80
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as media:
            media.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            media.bind((self.ip, _MEDIA_PORT))
            for number, (end, duration) in enumerate(((0, 160), (0, 800), (0x80, 960), (0x80, 960)), 1):
                head = struct.pack("!BBHII", 0x80, 101 | marker, number, 160, 7)
                media.sendto(head + struct.pack("!BBH", event, end | 10, duration), dialog.media)
                marker = 0

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        """Take one message."""
        head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        headers: dict[str, str] = {}
        for line in lines:
            key, _, value = line.partition(":")
            key, value = key.strip().lower(), value.strip()
            headers[key] = f"{headers[key]}\r\nVia: {value}" if key in headers else value
        if first.startswith("SIP/2.0"):
            self._answered(int(first.split()[1]), headers, body)
        else:
            self._requested(*first.split()[:2], headers, body)

    def _answered(self, status: int, headers: dict[str, str], body: str) -> None:
        dialog = self.dialogs.get(headers["call-id"])
        if dialog is None or not headers["cseq"].endswith("INVITE"):
            return
        if status >= 200:
            dialog.remote = headers["to"]
            contact = re.search(r"<([^>]+)>", headers.get("contact", ""))
            dialog.target = contact[1] if contact and status < 300 else dialog.target
            dialog.answered = status < 300
            media = re.search(r"m=audio (\d+)", body)
            dialog.media = (self.asterisk[0], int(media[1]) if media else 0)
            self.send(_request(dialog, "ACK", 1, ()))

    def _requested(self, method: str, uri: str, headers: dict[str, str], body: str) -> None:
        if method == "ACK":
            return
        dialog = self.dialogs.get(headers["call-id"])
        if method == "INVITE" and dialog is None:
            self._invited(uri, headers, body)
            return
        if method == "INVITE" and dialog:
            self.reply(headers, 200, dialog.local, sdp=True)
            return
        self.reply(headers, 200, dialog.local if dialog else headers["to"])
        if dialog and method in {"BYE", "CANCEL"}:
            dialog.ended = True
            for timer in dialog.timers:
                timer.cancel()
            if method == "CANCEL" and not dialog.answered:
                self.reply(dialog.invite, 487, dialog.local)

    def _invited(self, uri: str, headers: dict[str, str], body: str) -> None:
        user = re.search(r"sip:([^@]+)@", uri)
        name = user[1] if user else "-"
        contact = re.search(r"<([^>]+)>", headers["contact"])
        dialog = Dialog(
            self, headers["call-id"], local=f"{headers['to']};tag=r{next(_NUMBERS)}", remote=headers["from"],
            target=contact[1] if contact else "", user=name, invite=headers,
        )  # fmt: skip
        media = re.search(r"m=audio (\d+)", body)
        dialog.media = (self.asterisk[0], int(media[1]) if media else 0)
        phone = self.phones.get(name, Phone())
        if phone.ring_ms is None and phone.status is None:
            return
        self.dialogs[dialog.call_id] = dialog
        later = asyncio.get_running_loop().call_later
        if phone.ring_ms is not None:
            dialog.timers.append(later(phone.ring_ms / 1000, self.reply, headers, 180, dialog.local))
        if phone.status is not None:
            dialog.timers.append(later(phone.after_ms / 1000, self._decide, dialog, phone))

    def _decide(self, dialog: Dialog, phone: Phone) -> None:
        status = phone.status or 200
        self.reply(dialog.invite, status, dialog.local, sdp=status == 200)
        if status == 200:
            dialog.answered = True
            if phone.bye_ms is not None:
                asyncio.get_running_loop().call_later(phone.bye_ms / 1000, dialog.bye)

    def reply(self, to: dict[str, str], status: int, local: str, sdp: bool = False) -> None:
        """Answer one request."""
        body = _SDP.format(ip=self.ip, port=_MEDIA_PORT) if sdp else ""
        lines = [
            f"SIP/2.0 {status} X", f"Via: {to['via']}", f"From: {to['from']}", f"To: {local}",
            f"Call-ID: {to['call-id']}", f"CSeq: {to['cseq']}", f"Contact: <sip:x@{self.ip}:{self.port}>",
        ]  # fmt: skip
        if status == 302:
            lines[-1] = "Contact: <sip:a0004@127.0.0.1>"
        if sdp:
            lines.append("Content-Type: application/sdp")
        lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join(lines) + "\r\n\r\n" + body)


def _request(dialog: Dialog, method: str, cseq: int, extra: tuple[str, ...], body: str = "") -> str:
    host = dialog.host
    branch = f"z9hG4bK{dialog.call_id}{cseq}{method if method == 'ACK' and dialog.answered else ''}"
    lines = [
        f"{method} {dialog.target} SIP/2.0",
        f"Via: SIP/2.0/UDP {host.ip}:{host.port};branch={branch};rport",
        f"From: {dialog.local}", f"To: {dialog.remote}", f"Call-ID: {dialog.call_id}",
        f"CSeq: {cseq} {method}", f"Contact: <sip:{dialog.user}@{host.ip}:{host.port}>",
        "Max-Forwards: 70", *extra, f"Content-Length: {len(body)}",
    ]  # fmt: skip
    return "\r\n".join(lines) + "\r\n\r\n" + body
