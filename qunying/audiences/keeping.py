"""What is dear to work out and asked for on every page, remembered in the process under a key that goes stale
by itself."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Found = TypeVar("Found")
Key = tuple[object, ...]


class Shelf(Generic[Found]):
    """The latest `most` results. The key must name everything the result depends on: the brand (by its own random key,
    since numbers of brands come again when a database is rolled back), the position of the
    log, the version of the columns, the communities and the days."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[Key, Found] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key, work: Callable[[], Found]) -> Found:
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        found = work()
        with self._lock:
            self._held[key] = found
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        return found

    def clear(self) -> None:
        """Forget all; tests that roll a database back need it."""
        with self._lock:
            self._held.clear()
