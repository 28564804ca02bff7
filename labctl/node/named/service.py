"""Sockets, signals and the log of the name server; what to answer is decided in ``answer``.

WHY ANSWERS ARE REMEMBERED
    An authoritative answer is a function of the query's bytes, its id aside. A mail server
    asks the same few questions all the time: they are answered from a table, which a
    reload of the zones empties.
"""

from __future__ import annotations

import contextlib
import signal
import socket
from typing import Final

import dns.name

from labctl.node.base.events import EventLoop, Timer
from labctl.node.base.log import ERROR, INFO, NOTICE, Fatal, Log
from labctl.node.base.sockets import accept, listen_inet
from labctl.node.named.answer import Zones, respond
from labctl.node.named.config import Config, ConfigError, parse
from labctl.node.named.zones import Zone, ZoneError, read_zone

MOST_REMEMBERED: Final = 4096
MOST_DATAGRAMS: Final = 64  # in one go, so that streams and signals have their turn
MOST_STREAMS: Final = 100
# RFC 7766 6.2.3: a few seconds, so that idle clients cannot hold all streams.
STREAM_PATIENCE: Final = 10.0
LARGEST_DATAGRAM: Final = 65535


class Server:
    """One name server: its zones, its sockets, its log."""

    def __init__(self, path: str, log: Log, *, port: int | None = None) -> None:
        self.path, self.log, self.port = path, log, port
        self.loop = EventLoop()
        self.zones: Zones = {}
        self.remembered: dict[tuple[bool, bytes], bytes | None] = {}
        self.streams: dict[int, Stream] = {}
        self.listeners: list[socket.socket] = []

    def start(self) -> None:
        """Read everything and open the sockets; ``Fatal`` when that cannot be done."""
        try:
            config = _read_config(self.path)
            self._load(config)
            port = config.port if self.port is None else self.port
            for address in config.listen_on:
                self._listen(address, port)
        except (ConfigError, OSError) as error:
            raise Fatal(f"{self.path}: {error}") from error
        self.loop.on_signal(signal.SIGHUP, self.reload)
        self.loop.on_signal(signal.SIGTERM, self.loop.stop)
        self.loop.on_signal(signal.SIGINT, self.loop.stop)

    def run(self) -> None:
        """Answer until a signal ends it."""
        self.log.write(NOTICE, "running")
        self.loop.run()
        self.log.write(NOTICE, "exiting")

    def reload(self) -> None:
        """Read the configuration and all zones again; what cannot be read stays as it was."""
        try:
            self._load(_read_config(self.path))
        except (ConfigError, OSError) as error:
            self.log.write(ERROR, f"reloading configuration failed: {error}")
            return
        self.log.write(INFO, "reloading configuration succeeded")

    def _load(self, config: Config) -> None:
        zones: dict[dns.name.Name, Zone] = {}
        for name, path in config.zones.items():
            zone = self._load_zone(name, path)
            if zone is not None:
                zones[zone.origin] = zone
        self.zones = zones
        self.remembered.clear()

    def _load_zone(self, name: str, path: str) -> Zone | None:
        label = f"zone {name.rstrip('.') or '.'}/IN"
        try:
            with open(path, encoding="utf-8") as file:
                zone = read_zone(file.read(), name)
        except (OSError, UnicodeDecodeError, ZoneError) as error:
            self.log.write(ERROR, f"{label}: loading from master file {path} failed: {error}")
            return self.zones.get(dns.name.from_text(name))
        self.log.write(INFO, f"{label}: loaded serial {zone.serial}")
        return zone

    def _listen(self, address: str, port: int) -> None:
        stream = listen_inet(address, port)
        datagrams = socket.socket(stream.family, socket.SOCK_DGRAM)
        self.listeners += [stream, datagrams]
        # With port 0 the kernel chooses; both kinds of socket then share its choice.
        datagrams.bind((address, stream.getsockname()[1]))
        datagrams.setblocking(False)
        self.loop.add_reader(datagrams.fileno(), lambda: self._answer_datagrams(datagrams))
        self.loop.add_reader(stream.fileno(), lambda: self._accept(stream))
        self.log.write(
            INFO, f"listening on IPv4 interface {address}#{datagrams.getsockname()[1]}"
        )

    def close(self) -> None:
        """Close all sockets."""
        for stream in list(self.streams.values()):
            stream.close()
        for listener in self.listeners:
            listener.close()
        self.loop.close()

    def _answer_datagrams(self, datagrams: socket.socket) -> None:
        for _ in range(MOST_DATAGRAMS):
            try:
                query, client = datagrams.recvfrom(LARGEST_DATAGRAM)
            except OSError:  # nothing more; or an ICMP error for an earlier answer
                return
            response = self.answer(query, stream=False)
            if response is not None:
                # A full socket buffer loses an answer; the client asks again.
                with contextlib.suppress(OSError):
                    datagrams.sendto(response, client)

    def answer(self, query: bytes, *, stream: bool) -> bytes | None:
        """Answer a query, from memory if the same one was there before."""
        key = (stream, query[2:])
        if key not in self.remembered:
            if len(self.remembered) >= MOST_REMEMBERED:
                self.remembered.clear()
            self.remembered[key] = respond(query, self.zones, stream=stream)
        response = self.remembered[key]
        return response and query[:2] + response[2:]

    def _accept(self, listener: socket.socket) -> None:
        connection = accept(listener)
        if connection is None:
            return
        if len(self.streams) >= MOST_STREAMS:
            connection.close()
            return
        stream = Stream(self, connection)
        self.streams[connection.fileno()] = stream


class Stream:
    """One TCP client: queries with a length in front (RFC 1035 4.2.2), answered in order."""

    def __init__(self, server: Server, connection: socket.socket) -> None:
        self.server, self.connection = server, connection
        self.number = connection.fileno()
        self.received = bytearray()
        self.unsent = bytearray()
        connection.setblocking(False)
        server.loop.add_reader(self.number, self._read)
        self.timer: Timer = server.loop.call_later(STREAM_PATIENCE, self.close)

    def close(self) -> None:
        """End the connection, whatever state it is in."""
        self.timer.cancel()
        self.server.loop.remove_reader(self.number)
        self.server.loop.remove_writer(self.number)
        self.server.streams.pop(self.number, None)
        self.connection.close()

    def _read(self) -> None:
        try:
            data = self.connection.recv(LARGEST_DATAGRAM)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        self.timer.cancel()
        self.timer = self.server.loop.call_later(STREAM_PATIENCE, self.close)
        self.received += data
        self._answer_queries()
        self._write()

    def _answer_queries(self) -> None:
        while len(self.received) >= 2:
            length = int.from_bytes(self.received[:2], "big")
            if len(self.received) < 2 + length:
                return
            query = bytes(self.received[2 : 2 + length])
            del self.received[: 2 + length]
            response = self.server.answer(query, stream=True)
            if response is not None:
                self.unsent += len(response).to_bytes(2, "big") + response

    def _write(self) -> None:
        try:
            sent = self.connection.send(self.unsent) if self.unsent else 0
        except BlockingIOError:
            sent = 0
        except OSError:
            self.close()
            return
        del self.unsent[:sent]
        if self.unsent:
            # While the client does not read its answers, it may not ask more.
            self.server.loop.remove_reader(self.number)
            self.server.loop.add_writer(self.number, self._resume)

    def _resume(self) -> None:
        self.server.loop.remove_writer(self.number)
        self.server.loop.add_reader(self.number, self._read)
        self._write()


def _read_config(path: str) -> Config:
    with open(path, encoding="utf-8") as file:
        return parse(file.read())
