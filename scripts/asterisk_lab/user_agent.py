"""A small SIP phone on asyncio, for what SIPp cannot do and for many different phones in one process.

It trusts loopback: no retransmission, duplicates are answered again. It speaks what a desk phone
speaks to Asterisk: INVITE in both directions, hold, REFER with and without Replaces, REGISTER with
digest, and keys as telephone events.

    async with UserAgent(lab, "a0002", port=6002) as phone:
        call = await phone.ringing()
        call.answer()
        other = await phone.invite("a0003")
        await call.refer("a0003", replaces=other)
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import re
import secrets
import time
from collections.abc import Mapping
from typing import Self
from urllib.parse import quote

from asterisk_lab.errors import LabError
from asterisk_lab.lab import Lab

Address = tuple[str, int]
ANSWER_S_MAX = 10.0


class Packet:
    """One SIP message: first line, headers (long names, last one wins but Via kept whole), body."""

    def __init__(self, data: bytes) -> None:
        self.at = time.time()
        head, _, self.body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        self.first, *lines = head.split("\r\n")
        self.vias = [line for line in lines if line.lower().startswith("via:")]
        self.headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
        self.code = int(self.first.split()[1]) if self.first.startswith("SIP/") else 0
        self.method = self.headers.get("cseq", " ").split()[-1] if self.code else self.first.split()[0]

    def __getitem__(self, name: str) -> str:
        return self.headers.get(name, "")


class Call:
    """One dialog of a phone. ``sent`` and ``got`` hold times (epoch seconds) by method or code."""

    def __init__(self, phone: UserAgent, call_id: str, local: str, remote: str, target: str) -> None:
        self.phone, self.call_id, self.local, self.remote, self.target = phone, call_id, local, remote, target
        self.invite: Packet | None = None
        self.final = 0
        self.got: dict[str, float] = {}
        self.sent: dict[str, float] = {}
        self.notified: list[str] = []
        """First lines of the NOTIFY bodies of a transfer, such as ``SIP/2.0 200 OK``."""
        self.answered = asyncio.Event()
        self.ended = asyncio.Event()
        self.cancelled = False
        self.media: Address | None = None
        self._sequence = itertools.count(1)
        self._answers: asyncio.Queue[Packet] = asyncio.Queue()
        self._version = 1
        self._packets = itertools.count(secrets.randbits(14))

    # ---- as the called one

    def ring(self) -> None:
        """Send 180."""
        self._reply(180, "Ringing")

    def answer(self) -> None:
        """Send 200 with media (unless the caller has gone)."""
        if not self.final:
            self._reply(200, "OK", self.phone.sdp(self._version))

    def refuse(self, code: int, contact: str = "") -> None:
        """End the ring with this code."""
        self._reply(code, "Refused", extra={"Contact": f"<{contact}>"} if contact else {})
        self.ended.set()

    def _reply(self, code: int, reason: str, body: str = "", extra: Mapping[str, str] | None = None) -> None:
        assert self.invite is not None
        self.final = code if code >= 200 else 0
        self.sent[str(code)] = time.time()
        self.phone.reply(self.invite, code, reason, self.local, body, extra or {})

    # ---- as either

    async def bye(self) -> None:
        """Hang up (a caller's ring that was not answered: CANCEL)."""
        if self.ended.is_set():
            return
        if self.answered.is_set():
            await self.request("BYE")
            self.ended.set()
        else:
            self.phone.cancel(self)

    async def hold(self, on: bool) -> None:
        """Put the other side on hold, or take it back."""
        self._version += 1
        await self.request("INVITE", self.phone.sdp(self._version, "sendonly" if on else "sendrecv"))

    async def refer(self, to: str, replaces: Call | None = None) -> int:
        """Transfer: blind, or attended when another call of this phone is to be replaced.

        Returns:
            The answer's code: 202 taken up. What comes of it is in ``notified``: 404 where nobody
            may be sent to.
        """
        uri = f"sip:{to}@{self.phone.lab.sip_ip}:{self.phone.lab.sip_port}"
        if replaces:
            tags = [re.search(r"tag=([^;>]+)", side) for side in (replaces.remote, replaces.local)]
            theirs, ours = (found[1] if found else "" for found in tags)
            uri += "?Replaces=" + quote(f"{replaces.call_id};to-tag={theirs};from-tag={ours}", safe="")
        headers = {"Refer-To": f"<{uri}>", "Referred-By": self.local.partition(";")[0]}
        return (await self.request("REFER", extra=headers)).code

    async def request(self, method: str, body: str = "", extra: Mapping[str, str] | None = None) -> Packet:
        """Send a request in this dialog and return its final answer."""
        number = next(self._sequence)
        self.sent[method] = time.time()
        self.phone.send(method, self.target, self, f"{number} {method}", body, extra or {})
        packet = await asyncio.wait_for(self._answers.get(), ANSWER_S_MAX)
        if method == "INVITE" and packet.code < 300:
            self.phone.send("ACK", self.target, self, f"{number} ACK")
        return packet

    def press(self, digit: str) -> None:
        """Send one key as a telephone event (RFC 4733): start, then the end three times."""
        if self.media is None:
            raise LabError(f"{self.phone.name} cannot press a key: the call has no media yet.")
        event = "0123456789*#".index(digit)
        start = int(time.monotonic() * 8_000) & 0xFFFFFFFF  # a key behind another: later by clock and count
        for n, (flags, duration) in enumerate(((10, 160), (10, 320), (0x8A, 800), (0x8A, 800), (0x8A, 800))):
            number = next(self._packets) & 0xFFFF
            head = bytes([0x80, 101 | (0x80 if n == 0 else 0)]) + number.to_bytes(2, "big")
            body = start.to_bytes(4, "big") + b"acdl" + bytes([event, flags]) + duration.to_bytes(2, "big")
            self.phone.send_media(head + body, self.media)

    def take(self, packet: Packet) -> None:
        """Take in what the other side sent for this dialog."""
        self.got.setdefault(str(packet.code or packet.method), packet.at)
        if packet.body and (found := re.search(r"c=IN IP4 (\S+).*?m=audio (\d+)", packet.body, re.DOTALL)):
            self.media = (found[1], int(found[2]))
        if 100 < packet.code < 300 and self.invite is None:
            self.remote = packet["to"]  # with its tag: a transfer may name a call that still rings
        if packet.code >= 200:
            self._answers.put_nowait(packet)
        elif packet.method == "ACK":
            self.answered.set() if self.final == 200 else self.ended.set()
        elif packet.method in {"BYE", "CANCEL", "NOTIFY"}:
            self.phone.reply(packet, 200, "OK", self.local)
            if packet.method == "BYE":
                self.ended.set()
            elif packet.method == "NOTIFY":
                self.notified.append(packet.body.strip())
                done = packet.body.startswith("SIP/2.0 2")
                if (
                    done and not self.ended.is_set()
                ):  # we leave, as phones do; a refused transfer is a talk still
                    self.phone.send("BYE", self.target, self, f"{next(self._sequence)} BYE")
                    self.ended.set()
            elif not self.final:
                self.cancelled = True
                self._reply(487, "Request Terminated")
                self.ended.set()


class UserAgent(asyncio.DatagramProtocol):
    """One phone with one name on one UDP port. ``auto`` answers every call by itself."""

    def __init__(
        self, lab: Lab, name: str, port: int = 0, *, ip: str = "", secret: str = "", auto: bool = False
    ) -> None:
        self.lab, self.name, self.secret, self.auto = lab, name, secret, auto
        self.ip = ip or lab.agent_ip
        self.port = lab.settings.port(port) if port else 0
        self.calls: dict[str, Call] = {}
        self._new: asyncio.Queue[Call] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._signal, _ = await loop.create_datagram_endpoint(lambda: self, (self.ip, self.port))
        self._media, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, (self.ip, 0))
        self.port = self._signal.get_extra_info("sockname")[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        for call in self.calls.values():
            if call.answered.is_set() and not call.ended.is_set():
                self.send("BYE", call.target, call, "90 BYE")
        self._signal.close()
        self._media.close()

    async def ringing(self, limit_s: float = 5.0) -> Call:
        """Return the next call that reaches this phone (180 has been sent)."""
        return await asyncio.wait_for(self._new.get(), limit_s)

    async def invite(self, number: str, display: str = "", headers: Mapping[str, str] | None = None) -> Call:
        """Call a number; return the call when it is answered or refused (see ``final``)."""
        call = self.begin(number, display, headers=headers)
        packet = await asyncio.wait_for(call._answers.get(), 60)  # noqa: SLF001
        if packet.code == 401:
            call = self.begin(number, display, packet, headers)
            packet = await asyncio.wait_for(call._answers.get(), 60)  # noqa: SLF001
        call.final, call.remote = packet.code, packet["to"]
        if packet.code < 300:
            call.target = packet["contact"].strip("<>")
            call.answered.set()
        else:
            call.ended.set()
        self.send("ACK", call.target, call, f"{packet['cseq'].split()[0]} ACK")
        return call

    def begin(
        self,
        number: str,
        display: str = "",
        challenge: Packet | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Call:
        """Send an INVITE and return at once."""
        uri = f"sip:{number}@{self.lab.sip_ip}:{self.lab.sip_port}"
        local = f"{display}<sip:{self.name}@{self.ip}:{self.port}>;tag={secrets.randbits(48):x}"
        call = Call(self, f"{secrets.randbits(64):x}@{self.ip}", local, f"<{uri}>", uri)
        self.calls[call.call_id] = call
        call.sent["INVITE"] = time.time()
        extra = dict(headers or {})
        if challenge:
            extra["Authorization"] = self._digest("INVITE", uri, challenge)
        self.send("INVITE", uri, call, f"{next(call._sequence)} INVITE", self.sdp(1), extra)  # noqa: SLF001
        return call

    def cancel(self, call: Call) -> None:
        """Take back an INVITE of ours that was not answered."""
        call.sent["CANCEL"] = time.time()
        self.send("CANCEL", call.target, call, "1 CANCEL")

    async def register(self, expires_s: int = 300) -> None:
        """Register this phone with digest; 0 s takes it away.

        Raises:
            LabError: Asterisk refused.
        """
        uri = f"sip:{self.lab.sip_ip}:{self.lab.sip_port}"
        who = f"<sip:{self.name}@{self.lab.sip_ip}>"
        call = Call(self, f"{secrets.randbits(64):x}@{self.ip}", f"{who};tag=r", who, uri)
        self.calls[call.call_id] = call
        extra = {"Expires": str(expires_s)}
        packet = await call.request("REGISTER", extra=extra)
        if packet.code == 401:
            extra["Authorization"] = self._digest("REGISTER", uri, packet)
            packet = await call.request("REGISTER", extra=extra)
        del self.calls[call.call_id]
        if packet.code != 200:
            raise LabError(f"Asterisk refused to register {self.name}: {packet.first}")

    # ---- on the wire

    def datagram_received(self, data: bytes, addr: Address) -> None:  # noqa: ARG002 - asyncio names it
        """Hand each message to its dialog; a new INVITE makes one."""
        if len(data) < 20:
            return
        packet = Packet(data)
        call = self.calls.get(packet["call-id"])
        if call is None and packet.method == "INVITE" and not packet.code:
            local = f"{packet['to']};tag={secrets.randbits(48):x}"
            call = Call(self, packet["call-id"], local, packet["from"], packet["contact"].strip("<>"))
            call.invite = packet
            self.calls[call.call_id] = call
            call.take(packet)
            self.arrived(call)
        elif call is not None and packet.method == "INVITE" and not packet.code:
            self.reply(packet, 200, "OK", call.local, self.sdp(9))
        elif call is not None:
            call.take(packet)
        elif not packet.code and packet.method != "ACK":
            self.reply(packet, 481, "No Such Call", packet["to"])

    def arrived(self, call: Call) -> None:
        """Let a new call ring; a phone of another kind does otherwise."""
        call.ring()
        if self.auto:
            call.answer()
        self._new.put_nowait(call)

    def send(
        self,
        method: str,
        uri: str,
        call: Call,
        cseq: str,
        body: str = "",
        extra: Mapping[str, str] | None = None,
    ) -> None:
        """Send one request of a dialog."""
        branch = f"z9hG4bK{call.call_id.partition('@')[0]}{cseq.partition(' ')[0]}"
        if method == "ACK" and call.final < 300:
            branch += "a"
        lines = {
            "Via": f"SIP/2.0/UDP {self.ip}:{self.port};branch={branch}",
            "From": call.local, "To": call.remote, "Call-ID": call.call_id, "CSeq": cseq,
            "Contact": f"<sip:{self.name}@{self.ip}:{self.port}>", "Max-Forwards": "70", **(extra or {}),
        }  # fmt: skip
        self._write(f"{method} {uri} SIP/2.0", lines, body)

    def reply(
        self,
        packet: Packet,
        code: int,
        reason: str,
        to: str,
        body: str = "",
        extra: Mapping[str, str] | None = None,
    ) -> None:
        """Answer one request."""
        lines = {
            "From": packet["from"], "To": to, "Call-ID": packet["call-id"], "CSeq": packet["cseq"],
            "Contact": f"<sip:{self.name}@{self.ip}:{self.port}>", **(extra or {}),
        }  # fmt: skip
        self._write("\r\n".join([f"SIP/2.0 {code} {reason}", *packet.vias]), lines, body)

    def _write(self, first: str, headers: Mapping[str, str], body: str) -> None:
        lines = [first, *(f"{name}: {value}" for name, value in headers.items())]
        if body:
            lines.append("Content-Type: application/sdp")
        lines += [f"Content-Length: {len(body)}", "", body]
        data = "\r\n".join(lines).encode("utf-8", "surrogateescape")
        self._signal.sendto(data, (self.lab.sip_ip, self.lab.sip_port))

    def send_media(self, data: bytes, to: Address) -> None:
        """Send one RTP packet from this phone's media port."""
        self._media.sendto(data, to)

    def sdp(self, version: int, direction: str = "sendrecv") -> str:
        """Describe this phone's media: A-law and telephone events."""
        port = self._media.get_extra_info("sockname")[1]
        return (
            f"v=0\r\no=- 1 {version} IN IP4 {self.ip}\r\ns=-\r\nc=IN IP4 {self.ip}\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\n"
            f"a=rtpmap:101 telephone-event/8000\r\na={direction}\r\n"
        )

    def _digest(self, method: str, uri: str, challenge: Packet) -> str:
        given = dict(re.findall(r'(\w+)="?([^",]+)', challenge["www-authenticate"]))
        one, two = _md5(f"{self.name}:{given['realm']}:{self.secret}"), _md5(f"{method}:{uri}")
        answer = _md5(f"{one}:{given['nonce']}:00000001:acdlab:auth:{two}")
        words = {
            "username": self.name,
            "realm": given["realm"],
            "nonce": given["nonce"],
            "uri": uri,
            "response": answer,
        }
        text = ", ".join(f'{key}="{value}"' for key, value in words.items())
        opaque = f', opaque="{given["opaque"]}"' if "opaque" in given else ""
        return f'Digest {text}{opaque}, algorithm=MD5, qop=auth, nc=00000001, cnonce="acdlab"'


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
