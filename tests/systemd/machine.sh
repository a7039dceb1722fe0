# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Sourced by tests that need a whole machine: real systemd in a container on an
# overlay of this one, with postern installed, and a sink on 127.0.0.1:2500
# that takes what it relays. `prepare`, if the test has it, changes $world/root
# before it boots.
world=
leader=
nspawn=

why_not() {
	[ "$(id -u)" -eq 0 ] || { echo "only root can boot a container"; return; }
	for tool in systemd-nspawn nsenter smtp-sink ip; do
		command -v $tool >/dev/null || { echo "no $tool here"; return; }
	done
	[ "$BUILD" = "$PWD/build" ] || { echo "installs what build/ holds"; return; }
	[ -w /dev/shm ] || { echo "no /dev/shm here"; return; }
}

# Runs a command inside, as root unless it changes.
inside() { timeout 60 nsenter -t "$leader" -m -p -n -u -i "$@"; }

within() { # SECONDS COMMAND...
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

is_up() {
	leader=$(pgrep -P "$nspawn" | head -n 1)
	[ -n "$leader" ] && inside systemctl is-system-running 2>/dev/null |
		grep -qE '^(running|degraded)$'
}

mount_root() {
	mkdir -p "$world"/{upper,work,root} &&
		mount -t overlay overlay -o \
			"lowerdir=/,upperdir=$world/upper,workdir=$world/work" "$world/root"
}

settings() {
	local control=$world/root/etc/postern
	mkdir -p "$control"
	echo relay.example >"$control/me"
	echo ':[127.0.0.1]:2500' >"$control/smtproutes"
	rm -f "$world/root/etc/machine-id"
	systemd-id128 new >"$world/root/etc/machine-id"
}

boot() {
	SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn -D "$world/root" \
		--register=no --keep-unit --private-network --console=pipe --tmpfs="$PWD:mode=755" \
		/lib/systemd/systemd --unit=basic.target >"$world/console" 2>&1 </dev/null &
	nspawn=$!
	within 60 is_up && return
	tail -n 20 "$world/console"
	return 1
}

sink() {
	inside ip link set lo up
	inside mkdir -m 777 /tmp/sink
	inside sh -c 'cd /tmp/sink && exec smtp-sink -u nobody -d mail. 127.0.0.1:2500 100' \
		>"$world/sink.log" 2>&1 &
	within 20 inside bash -c 'exec 3<>/dev/tcp/127.0.0.1/2500' 2>/dev/null
}

reason=
oneTimeSetUp() {
	reason=$(why_not)
	[ -n "$reason" ] && return
	world=$(mktemp -d /dev/shm/postern-boot.XXXXXX)
	mount_root 2>"$world/error" || {
		reason="no overlay of / on /dev/shm: $(cat "$world/error")"
		return
	}
	make -s install DESTDIR="$world/root" >/dev/null || fail "make install"
	settings
	! declare -F prepare >/dev/null || prepare
	boot >"$world/why" || {
		reason="systemd-nspawn does not boot here: $(tail -n 3 "$world/why" | tr '\n' ' ')"
		return
	}
	sink
}

oneTimeTearDown() {
	[ -n "$world" ] || return 0
	[ -n "$leader" ] && kill -KILL "$leader" 2>/dev/null
	[ -n "$nspawn" ] && within 10 gone "$nspawn"
	[ -n "$nspawn" ] && kill -KILL "$nspawn" 2>/dev/null
	wait 2>/dev/null
	within 10 umount "$world/root" 2>/dev/null
	rm -rf --one-file-system "$world"
	world=
}
gone() { ! kill -0 "$1" 2>/dev/null; }

skipped() {
	[ -n "$reason" ] && echo "SKIP: $reason"
}

mode_of() { inside stat -c '%A %U %G' "$1"; }
sunk() { inside sh -c "grep -l 'Subject: $1' /tmp/sink/mail.*" >/dev/null 2>&1; }
in_journal() { inside journalctl -q --no-pager -o cat | grep -q -- "$1"; }
journal() { inside journalctl -q --no-pager -n 40; }

trap 'oneTimeTearDown; exit 1' INT TERM
