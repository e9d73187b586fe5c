#!/bin/sh
# exports.sh LIBRARY INCLUDE: the library offers what its headers declare, no more and no less.
set -eu

library=$1
include=$2

declared=$(sed -nE 's/^(extern )?CORE_API [^(;]*(core_[a-z0-9_]+)[(;].*/\2/p' "$include"/core/*.h |
    sort)
offered=$(nm -D --defined-only "$library" | sed -E 's/^.* //; s/@.*//' | grep -v '^_' | sort)

echo 1..1
if test -n "$declared" && test "$declared" = "$offered"; then
    echo 'ok 1 - the library offers what its headers declare'
else
    echo "# declared:" $declared
    echo "# offered:" $offered
    echo 'not ok 1 - the library offers what its headers declare'
    exit 1
fi
