#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Mails that do not arrive, with a real mail server: refused at once, and sent back later through `beffroi bounce`, the server running. The
# address they come back to holds the number of the mail (VERP).
set -u
cd "$(dirname "$0")/../.." || exit 1
make -s V=debug all > /dev/null || exit 1
bin=$PWD/build/debug/beffroi dir=$(mktemp -d) server= mailer=
trap '[ -z "$server" ] || { kill -TERM $server; wait $server; } 2> /dev/null; exec 7>&-; [ -z "$mailer" ] || wait $mailer 2> /dev/null; rm -rf "$dir"' EXIT
unset "${!BEFFROI_@}"
export BEFFROI_SHARE=$dir
same() { if [ "$2" = "$3" ]; then echo "ok $1"; else printf 'not ok %s\n  got      %s\n  expected %s\n' "$1" "$2" "$3"; fi; }
until_so() { for _ in $(seq 200); do eval "$1" && return 0; sleep 0.1; done; return 1; }
mkdir "$dir/mails"
mkfifo "$dir/in"
tests/servers/start smtp "$dir/mails" < "$dir/in" > "$dir/ports" &
mailer=$!
exec 7> "$dir/in"
until_so '[ -s "$dir/ports" ]' || { echo "not ok the mail server starts"; exit 1; }
read -r clear _ < "$dir/ports"
port=$((20000 + RANDOM % 20000))
"$bin" tenant add --insee 88160 --host ville.test --admin chef@ville.test --data "$dir/data" > /dev/null 2>&1
db() { sqlite3 "$dir/data/beffroi.db" "$1"; }
BEFFROI_SMTP_URL=smtp://127.0.0.1:$clear BEFFROI_MAIL_FROM=demarches@ville.test BEFFROI_BOUNCE_ADDRESS=retours@ville.test "$bin" serve --data "$dir/data" --listen "127.0.0.1:$port" > /dev/null 2> "$dir/log" 7>&- &
server=$!
until_so '[ -S "$dir/data/control" ]'
printf 'courriel;nom;qualité\ninconnu@ailleurs.test;Petit;Agente\nzoe@ailleurs.test;Roy;Agent\n' > "$dir/staff.csv"
same "import staff, while it is served" "$("$bin" import staff "$dir/staff.csv" --data "$dir/data" | sort)" $'new\tinconnu@ailleurs.test\nnew\tzoe@ailleurs.test'
until_so '[ "$(db "SELECT count(*) FROM outbox WHERE sent > 0 OR failed > 0")" = 2 ]'
same "one left, one was refused, with the words of the server" "$(db "SELECT recipient, failed > 0, error FROM outbox ORDER BY recipient")" $'inconnu@ailleurs.test|1|550 5.1.1 No such user here: déménagé\nzoe@ailleurs.test|0|'
same "the address that is refused is marked" "$(db "SELECT address, is_final FROM mail_return")" 'inconnu@ailleurs.test|1'
envelope=$(sed -n 's/.*"envelope":{"from":"\([^"]*\)".*/\1/p' "$dir"/mails/1.json)
number=$(sed -n 's/.*"messageId":"<\([0-9A-Z]*\)@ville.test>".*/\1/p' "$dir"/mails/1.json)
same "it comes back to an address that holds its number" "$envelope" "retours+$number@ville.test"
notice() {
    printf 'Delivered-To: %s\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; zoe@ailleurs.test\r\nAction: failed\r\nStatus: 5.2.1\r\n--b--\r\n' "$1"
}
notice "$envelope" | "$bin" bounce --data "$dir/data"
same "a notice is taken" $? 0
until_so '[ "$(db "SELECT count(*) FROM mail_return")" = 2 ]'
same "and read within seconds" "$(db "SELECT address, status, is_final FROM mail_return WHERE status <> ''")" 'zoe@ailleurs.test|5.2.1|1'
until_so '[ -z "$(ls "$dir/data/bounces/new")" ]'
same "then it is gone" "$(ls "$dir/data/bounces/cur" | wc -l)" 0
notice retours+0AMHGP8Q4MKVZ@ville.test | "$bin" bounce --data "$dir/data"
head -c 3000000 /dev/urandom | "$bin" bounce --data "$dir/data"
until_so '[ "$(ls "$dir/data/bounces/cur" | wc -l)" = 2 ]'
same "what is no mail of ours is kept apart, and marks nobody" "$(ls "$dir/data/bounces/cur" | wc -l) $(db "SELECT count(*) FROM mail_return")" '2 2'
same "and no longer than what is read" "$(find "$dir/data/bounces" -size +1025k | wc -l)" 0
"$bin" bounce --data "$dir/no/such/place" < /dev/null 2> /dev/null
same "where it cannot be kept, the mail server is told" $? 1
