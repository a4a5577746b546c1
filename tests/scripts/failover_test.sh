#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A leader and a synchronous standby; the leader dies under load and the standby is promoted. By a DSN of two hosts the store must go
# on by itself and have lost nothing that it acknowledged. (What Patroni does, without Patroni.)
set -u
cd "$(dirname "$0")/../.."
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -x "$bin/initdb" ] || { echo "no PostgreSQL server here: not run"; exit 0; }
make -s V=debug build/debug/bench/failover > /dev/null || exit 1
client=$PWD/build/debug/bench/failover
dir=$(mktemp -d /tmp/beffroi-failover.XXXXXX)
as=()
if [ "$(id -u)" -eq 0 ]; then
    chown postgres "$dir"
    as=(runuser -u postgres --)
fi
stop() { [ ! -s "$dir/$1/postmaster.pid" ] || kill -QUIT "$(head -n 1 "$dir/$1/postmaster.pid")" 2> /dev/null; }
trap 'stop a; stop b; sleep 0.5; rm -rf "$dir"' EXIT
free_port() { while :; do p=$((20000 + (RANDOM * 32768 + RANDOM) % 40000)); (exec 3<> "/dev/tcp/127.0.0.1/$p") 2> /dev/null || { echo "$p"; return; }; done; }
a=$(free_port) b=$(free_port)
cd "$dir"
start() { "${as[@]}" "$bin/pg_ctl" -D "$dir/$1" -l "$dir/$1.log" -w -t 60 -o "-p $2 -c synchronous_standby_names='$3'" start > /dev/null; }
"${as[@]}" "$bin/initdb" -D "$dir/a" -U beffroi --auth=trust -E UTF8 --locale=C.UTF-8 > init.log 2>&1 || { cat init.log; exit 1; }
"${as[@]}" tee -a "$dir/a/postgresql.conf" > /dev/null << CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 100
CONF
start a "$a" '' &&
    "${as[@]}" "$bin/pg_basebackup" -h 127.0.0.1 -p "$a" -U beffroi -D "$dir/b" -R -X stream > /dev/null && start b "$b" '' || { cat ./*.log; exit 1; }
# From here on the leader acknowledges nothing that the standby does not have.
psql -qX -h 127.0.0.1 -p "$a" -U beffroi postgres -c "ALTER SYSTEM RESET ALL" > /dev/null
"${as[@]}" "$bin/pg_ctl" -D "$dir/a" -m fast -w stop > /dev/null && start a "$a" '*' || { cat ./*.log; exit 1; }
for _ in $(seq 100); do
    [ "$(psql -qXAt -h 127.0.0.1 -p "$a" -U beffroi postgres -c "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")" = 1 ] && break
    sleep 0.1
done

"$client" "postgresql://beffroi@127.0.0.1:$a,127.0.0.1:$b/postgres" 12 > client.out 2> client.err &
pid=$!
for _ in $(seq 200); do grep -q ready client.out && break; sleep 0.1; done
sleep 2
kill -QUIT "$(head -n 1 a/postmaster.pid)" # no shutdown, no last words to the standby
"${as[@]}" "$bin/pg_ctl" -D "$dir/b" -w promote > /dev/null
wait "$pid"
rc=$?
cat client.out
[ $rc -eq 0 ] || tail -n 5 client.err
lost=$(sed -n 's/.* lost \([0-9-]*\) .*/\1/p' client.out) pause=$(sed -n 's/.*pause \([0-9]*\)\..*/\1/p' client.out)
[ "${lost:-1}" = 0 ] && echo "ok no acknowledged row was lost" || { echo "not ok no acknowledged row was lost"; exit 1; }
[ "${pause:-99}" -lt 8 ] && echo "ok service went on by itself" || { echo "not ok service went on by itself"; exit 1; }
