"""The library through ctypes. usage: with_ctypes.py LIBRARY"""

import ctypes
import os
import sys
from collections.abc import Iterator


class Point(ctypes.Structure):
    _fields_ = (("latitude", ctypes.c_double), ("longitude", ctypes.c_double))


Visitor = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Point), ctypes.c_void_p)

lib = ctypes.CDLL(sys.argv[1], use_errno=True)
lib.track_new.argtypes = (ctypes.c_char_p,)
lib.track_new.restype = ctypes.c_void_p
lib.track_free.argtypes = (ctypes.c_void_p,)
lib.track_free.restype = None
lib.track_name.argtypes = (ctypes.c_void_p,)
lib.track_name.restype = ctypes.c_char_p
lib.track_size.argtypes = (ctypes.c_void_p,)
lib.track_size.restype = ctypes.c_size_t
lib.track_add.argtypes = (ctypes.c_void_p, Point)
lib.track_length.argtypes = (ctypes.c_void_p,)
lib.track_length.restype = ctypes.c_double
lib.track_visit.argtypes = (ctypes.c_void_p, Visitor, ctypes.c_void_p)


class Track:
    def __init__(self, name: str) -> None:
        self._handle = lib.track_new(name.encode())
        if not self._handle:
            raise MemoryError

    def __del__(self) -> None:
        lib.track_free(self._handle)

    @property
    def name(self) -> str:
        return lib.track_name(self._handle).decode()

    def __len__(self) -> int:
        return lib.track_size(self._handle)

    def add(self, latitude: float, longitude: float) -> None:
        if lib.track_add(self._handle, Point(latitude, longitude)) < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    @property
    def length(self) -> float:
        return lib.track_length(self._handle)

    def __iter__(self) -> Iterator[tuple[float, float]]:
        points = []

        # An exception in here would be printed and lost.
        @Visitor
        def visit(point, user):
            points.append((point.contents.latitude, point.contents.longitude))
            return 0

        lib.track_visit(self._handle, visit, None)
        return iter(points)


track = Track("Vienna, Prague, Berlin")
for place in ((48.2082, 16.3738), (50.0755, 14.4378), (52.52, 13.405)):
    track.add(*place)
print(track.name, len(track), round(track.length))
print([latitude for latitude, _ in track])
try:
    track.add(91, 0)
except OSError as error:
    print(error)
