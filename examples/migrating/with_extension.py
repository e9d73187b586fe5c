"""The library through the hand-written extension, which is found on sys.path."""

from track import Track

track = Track("Vienna, Prague, Berlin")
for place in ((48.2082, 16.3738), (50.0755, 14.4378), (52.52, 13.405)):
    track.add(*place)
print(track.name, len(track), round(track.length))
print([latitude for latitude, _ in track])
try:
    track.add(91, 0)
except OSError as error:
    print(error)
