"""A line to PostgreSQL that swallows what is sent, as a broken network does: nothing comes back, not even a reset."""

from __future__ import annotations

import ctypes
import socket
import struct
import threading
from contextlib import suppress

ATTACH_FILTER, DETACH_FILTER = 26, 27


class BlackHole:
    """A proxy in front of a port. While it swallows, the kernel drops every packet that arrives at its sockets."""

    def __init__(self, port: int) -> None:
        self._behind, self._holes, self._swallows = port, list[socket.socket](), False
        self._door = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._let_in, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._door.getsockname()[1])

    def swallow(self) -> None:
        self._swallows = True
        for one in (self._door, *self._holes):
            _drop_all(one)

    def mend(self) -> None:
        """New lines work again; the old ones are gone, as after a router came back."""
        self._swallows = False
        self._door.setsockopt(socket.SOL_SOCKET, DETACH_FILTER, 0)
        for one in self._holes:
            _hang_up(one)
        self._holes.clear()

    def _let_in(self) -> None:
        while True:
            near, _from = self._door.accept()
            try:
                far = socket.create_connection(("127.0.0.1", self._behind))
            except OSError:
                near.close()
                continue
            self._holes.append(near)
            if self._swallows:  # it came through just before
                _drop_all(near)
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(one, other), daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while part := one.recv(65536):
                if not self._swallows:
                    other.sendall(part)
        _hang_up(other)


def _hang_up(one: socket.socket) -> None:
    """Also under a thread that waits for it."""
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


def _drop_all(one: socket.socket) -> None:
    """A packet filter of one instruction, `return 0`; needs no rights, unlike a firewall's."""
    program = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))
    told = struct.pack("HxxxxxxP", 1, ctypes.addressof(program))
    with suppress(OSError):  # closed meanwhile
        one.setsockopt(socket.SOL_SOCKET, ATTACH_FILTER, told)
