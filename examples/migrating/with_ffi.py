"""The library through cffi's ABI mode: with symbridge, or by one changed import with cffi itself.

usage: with_ffi.py LIBRARY
"""

import os
import sys
from collections.abc import Iterator

from symbridge import FFI

ffi = FFI()
ffi.cdef("""
    struct track_point { double latitude, longitude; };
    typedef struct track track;
    typedef int (*track_visitor)(const struct track_point *point, void *user);
    track *track_new(const char *name);
    void track_free(track *t);
    const char *track_name(const track *t);
    size_t track_size(const track *t);
    int track_add(track *t, struct track_point point);
    double track_length(const track *t);
    int track_visit(const track *t, track_visitor visit, void *user);
""")
lib = ffi.dlopen(sys.argv[1])


class Track:
    def __init__(self, name: str) -> None:
        handle = lib.track_new(name.encode())
        if not handle:
            raise MemoryError
        self._handle = ffi.gc(handle, lib.track_free)

    @property
    def name(self) -> str:
        return ffi.string(lib.track_name(self._handle)).decode()

    def __len__(self) -> int:
        return lib.track_size(self._handle)

    def add(self, latitude: float, longitude: float) -> None:
        if lib.track_add(self._handle, (latitude, longitude)) < 0:
            raise OSError(ffi.errno, os.strerror(ffi.errno))

    @property
    def length(self) -> float:
        return lib.track_length(self._handle)

    def __iter__(self) -> Iterator[tuple[float, float]]:
        points = []

        # An exception in here would be printed and lost.
        @ffi.callback("track_visitor")
        def visit(point, user):
            points.append((point.latitude, point.longitude))
            return 0

        lib.track_visit(self._handle, visit, ffi.NULL)
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
