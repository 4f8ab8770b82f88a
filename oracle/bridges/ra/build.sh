#!/bin/sh
# Builds the bridge into the directory that is named, from Debian's packages of Erlang and RabbitMQ, which
# apt-get downloads and checks: they are unpacked here and nothing is installed, so that no root is needed.
set -eu
RA_VERSION=2.2.0
out=$1

give_up() {
	echo "$1, expected ra $RA_VERSION: rabbitmq-server and erlang-base of Debian 12" >&2
	exit 1
}

command -v apt-get >/dev/null || give_up "found no apt-get"
apt-get download -qq erlang-base rabbitmq-server >apt.log 2>&1 ||
	give_up "found none for apt-get to download"
for package in ./*.deb; do dpkg-deb -x "$package" unpacked; done
library=$(echo unpacked/usr/lib/rabbitmq/lib/*/plugins/ra-"$RA_VERSION"/ebin)
[ -d "$library" ] || give_up "found no ra-$RA_VERSION in them"
lib=unpacked/usr/lib/erlang

# What runs: the emulator, kernel and stdlib, ra, and in place of its disk the modules of src/.
mkdir -p "$out/erlang/lib" "$out/ra" "$out/bridge"
cp -r "$lib"/erts-* "$lib/releases" "$lib/bin" "$out/erlang/"
cp -r "$lib"/lib/kernel-* "$lib"/lib/stdlib-* "$out/erlang/lib/"
cp "$library"/* "$out/ra/"
for server in 1 2 3 4 5 6 7 8 9; do mkdir -p "$out/data/nonode@nohost/S$server/snapshots"; done
cat >"$out/ra-bridge" <<'END'
#!/bin/sh
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
export ROOTDIR="$here/erlang" EMU=beam PROGNAME=erl ERL_CRASH_DUMP_BYTES=0
BINDIR=$(echo "$ROOTDIR"/erts-*/bin)
export BINDIR
unset ERL_FLAGS ERL_AFLAGS ERL_ZFLAGS ERL_LIBS ERL_COMPILER_OPTIONS
cd "$here/data"
exec "$BINDIR/erlexec" -noinput -boot no_dot_erlang +S 1:1 +sbwt none -kernel logger_level none \
	-pa "$here/ra" "$here/bridge" -s bridge_main
END
chmod +x "$out/ra-bridge"

# The compiler runs from where the package was unpacked.
ROOTDIR=$PWD/$lib EMU=beam PROGNAME=erl BINDIR=$(echo "$PWD/$lib"/erts-*/bin)
export ROOTDIR EMU PROGNAME BINDIR
"$BINDIR/erlexec" -noshell -boot no_dot_erlang -eval '
	Compiled = [compile:file(F, [{outdir, hd(init:get_plain_arguments())}, report, warnings_as_errors, debug_info])
		|| F <- filelib:wildcard("src/*.erl")],
	halt(length([bad || error <- Compiled])).' -extra "$out/bridge"
