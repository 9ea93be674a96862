"""Bytes that a plugin writes or reads through callbacks."""

from __future__ import annotations

import ctypes

from . import abi


class Collector:
    """An sm_writer that keeps what is written."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        # ctypes does not keep callbacks alive: the attribute does, for as long as this object is used.
        self._callback = abi.WRITE(self._write)
        self.struct = abi.Writer(None, self._callback)

    def _write(self, _context: int | None, address: int | None, count: int) -> int:
        if count and not address:
            return 3
        try:
            self._bytes += ctypes.string_at(address or 0, count) if count else b""
        except MemoryError:
            return 8
        return 0

    @property
    def bytes(self) -> bytes:
        return bytes(self._bytes)


class Source:
    """An sm_reader over bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._offset = 0
        self._callback = abi.READ(self._read)
        self.struct = abi.Reader(None, self._callback)

    def _read(self, _context: int | None, address: int | None, count: int) -> int:
        if not address:
            return -1
        piece = self._data[self._offset : self._offset + count]
        ctypes.memmove(address, piece, len(piece))
        self._offset += len(piece)
        return len(piece)
