"""The library through its description. usage: with_symbridge.py LIBRARY"""

import sys
from pathlib import Path

import symbridge

m = symbridge.load(sys.argv[1], file=Path(__file__).with_name("track.bridge"))

track = m.Track("Vienna, Prague, Berlin")
for place in ((48.2082, 16.3738), (50.0755, 14.4378), (52.52, 13.405)):
    track.add(m.Point(*place))
print(track.name, len(track), round(track.length))
latitudes = []
track.visit(lambda point: latitudes.append(point.latitude) or 0)
print(latitudes)
try:
    track.add(m.Point(91, 0))
except OSError as error:
    print(error)

# What the other ways lose: an exception ends the visit, and arrives.
try:
    track.visit(lambda point: 1 // 0)
except ZeroDivisionError as error:
    print("visit:", error, file=sys.stderr)
