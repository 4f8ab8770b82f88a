#!/bin/sh
# Builds the bridge into the directory that is named. libraft is the system's, if pkg-config finds
# it; else Debian's package is unpacked here, and linked from its archive, so that no root is needed.
set -eu
out=$1
wanted=$(sed -n 's/^#define LIBRAFT_VERSION "\(.*\)"$/\1/p' version.h)
found=$(pkg-config --modversion raft 2>/dev/null || true)

give_up() {
	echo "$1, expected libraft $wanted: libraft-dev of Debian 12, or where pkg-config finds it" >&2
	exit 1
}

if [ "$found" = "$wanted" ]; then
	flags="$(pkg-config --cflags --libs raft) -Wl,-rpath,$(pkg-config --variable=libdir raft)"
else
	here="found libraft ${found:-nowhere}"
	command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || give_up "$here, and no apt-get"
	apt-get download -qq libraft-dev >apt.log 2>&1 || give_up "$here, and none for apt-get to download"
	dpkg-deb -x libraft-dev_*.deb library
	found=$(sed -n 's/^Version: *//p' library/usr/lib/*/pkgconfig/raft.pc)
	[ "$found" = "$wanted" ] || give_up "found libraft $found for apt-get to download"
	flags="-Ilibrary/usr/include $(echo library/usr/lib/*/libraft.a)"
fi
# shellcheck disable=SC2086
gcc -std=c11 -D_POSIX_C_SOURCE=200809L -O2 -g -Wall -Wextra -Werror -o "$out/libraft-bridge" ./*.c $flags
