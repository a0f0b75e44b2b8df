"""A client of Homeroom written from crates/wire/PROTOCOL.md alone, on aiortc.

    client.py LINK

joins by the link and sends silence and a green picture. On standard output it
prints one JSON object a line: every message the server says (`{"said": ...}`), four times a
second what was received from each slot (`{"slots": ...}`), and the close of the socket
(`{"closed": code}`). On standard input it takes one command a line: `drop` breaks the socket and
resumes the session on a new one, `leave` leaves and ends. The end of standard input ends it too.
"""

import asyncio
import json
import secrets
import sys
import urllib.request
from contextlib import suppress
from itertools import count
from urllib.parse import urlsplit

from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError, VideoStreamTrack
from aiortc.sdp import SessionDescription
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

SENDS = {"microphone": True, "camera": True, "screen": False}
KINDS = ["audio", "video", "video"]
NAMES = ["audio", "camera", "screen"]


def tell(event: dict) -> None:
    print(json.dumps(event), flush=True)


def ask_ticket(link: str) -> str:
    """What a press on Join does: the link's secret for a ticket, beside the ground rules of its page."""
    parts = urlsplit(link)
    path = f"{parts.scheme}://{parts.netloc}/api/v1/links/{parts.path.rsplit('/', 1)[-1]}"
    rules = post(path, {"secret": parts.fragment}).get("rules")
    asked = {"secret": parts.fragment, "attempt": secrets.token_hex(16)}
    if rules is not None:
        asked["accepts_rules"] = rules
    return post(f"{path}/tickets", asked)["ticket"]


def post(url: str, body: dict) -> dict:
    request = urllib.request.Request(
        url,
        data=json.dumps(body).encode(),
        headers={"content-type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


class Media:
    """One peer connection in the layout of the protocol: three lines out, nine lines in."""

    def __init__(self) -> None:
        self.connection = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self.frames = [{name: 0 for name in NAMES} for _ in range(3)]
        self.tasks: set[asyncio.Task] = set()
        out = [
            self.connection.addTransceiver(kind, direction="sendonly") for kind in KINDS
        ]
        out[0].sender.replaceTrack(AudioStreamTrack())
        out[1].sender.replaceTrack(VideoStreamTrack())
        self.slots = [
            [self.connection.addTransceiver(kind, direction="recvonly") for kind in KINDS]
            for _ in range(3)
        ]

    async def receive(self, slot: int, name: str, track) -> None:
        with suppress(MediaStreamError):
            while True:
                await track.recv()
                self.frames[slot][name] += 1

    async def offer(self) -> str:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def accept(self, answer: str) -> None:
        await self.connection.setRemoteDescription(
            RTCSessionDescription(sdp=answer, type="answer")
        )
        # The server's candidates stand in the first line; aiortc reads those of a bundle's last.
        first = SessionDescription.parse(answer).media[0]
        for candidate in first.ice_candidates:
            candidate.sdpMid = first.rtp.muxId
            await self.connection.addIceCandidate(candidate)
        for slot, lines in enumerate(self.slots):
            for name, line in zip(NAMES, lines, strict=True):
                task = asyncio.create_task(self.receive(slot, name, line.receiver.track))
                task.add_done_callback(lambda done: done.cancelled() or done.result())
                self.tasks.add(task)

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await self.connection.close()


class Session:
    """The session: kept over sockets, ended by the server's last word."""

    def __init__(self, link: str, media: Media) -> None:
        parts = urlsplit(link)
        scheme = "wss" if parts.scheme == "https" else "ws"
        self.address = f"{scheme}://{parts.netloc}/api/v1/socket"
        self.media = media
        self.kept: dict | None = None
        self.socket: ClientConnection | None = None
        self.is_greeted = asyncio.Event()
        self.is_over = False

    async def run(self, first: dict) -> None:
        """Says `first` on a socket; after a loss resumes on another, until the last word."""
        while not self.is_over:
            async with connect(self.address, subprotocols=["homeroom.v1"], proxy=None) as socket:
                self.socket = socket
                self.is_greeted.clear()
                await self.say(first)
                beating = asyncio.create_task(self.beat())
                try:
                    async for text in socket:
                        await self.hear(json.loads(text))
                except ConnectionClosed:
                    pass
                finally:
                    beating.cancel()
                tell({"closed": socket.close_code})
            if self.kept is None:
                return
            first = {
                "type": "resume",
                "session": self.kept["id"],
                "secret": self.kept["secret"],
                "epoch": self.kept["epoch"],
                "sends": SENDS,
            }

    async def say(self, message: dict) -> None:
        assert self.socket is not None
        await self.socket.send(json.dumps(message))

    async def hear(self, message: dict) -> None:
        tell({"said": message})
        match message["type"]:
            case "joined" | "queued":
                self.kept = message["session"]
                self.is_greeted.set()
                if message.get("answer"):
                    await self.media.accept(message["answer"])
            case "goodbye":
                self.is_over = True

    async def beat(self) -> None:
        """Pings as often as the server asked, once it has greeted this socket."""
        await self.is_greeted.wait()
        assert self.kept is not None
        for n in count(1):
            await asyncio.sleep(self.kept["heartbeat_ms"] / 1000)
            await self.say({"type": "ping", "n": n})

    async def drop(self) -> None:
        assert self.socket is not None
        self.socket.transport.abort()


async def report(media: Media) -> None:
    while True:
        tell({"slots": media.frames})
        await asyncio.sleep(0.25)


async def obey(session: Session) -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while command := (await reader.readline()).decode().strip():
        if command == "drop":
            await session.drop()
        elif command == "leave":
            await session.say({"type": "leave"})
            return


async def main(link: str) -> None:
    media = Media()
    offer = await media.offer()
    ticket = await asyncio.to_thread(ask_ticket, link)
    session = Session(link, media)
    running = asyncio.create_task(
        session.run({"type": "join", "ticket": ticket, "offer": offer, "sends": SENDS})
    )
    reporting = asyncio.create_task(report(media))
    obeying = asyncio.create_task(obey(session))
    await asyncio.wait({running, obeying}, return_when=asyncio.FIRST_COMPLETED)
    if not running.done():
        await asyncio.wait({running}, timeout=2)
    for task in (running, reporting, obeying):
        task.cancel()
    await media.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
