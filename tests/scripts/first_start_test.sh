#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# From an empty machine to a town's first procedure, every step counted and timed, with a mail server that answers: what it says of the test
# mail is said in plain words. In a browser: tests/browser/first-start.mjs; from a bare Debian: docs/first-hour.md.
set -u
cd "$(dirname "$0")/../.." || exit 1
make -s V=debug all > /dev/null || exit 1
bin=$PWD/build/debug/beffroi dir=$(mktemp -d) server= mailer=
trap '[ -z "$server" ] || { kill -TERM $server; wait $server; } 2> /dev/null; exec 7>&-; [ -z "$mailer" ] || wait $mailer 2> /dev/null; rm -rf "$dir"' EXIT
unset "${!BEFFROI_@}"
export BEFFROI_SHARE=$dir BEFFROI_PUBLIC_SCHEME=http
same() { if [ "$2" = "$3" ]; then echo "ok $1"; else printf 'not ok %s\n  got      %s\n  expected %s\n' "$1" "$2" "$3"; fi; }
has() { if grep -qE -- "$2" <<< "$page"; then echo "ok $1"; else printf 'not ok %s\n  no %s\n' "$1" "$2"; sed 's/<[^>]*>//g' <<< "$page" | grep -v '^ *$' | head -n 30 | sed 's/^/    /'; fi; }
until_so() { for _ in $(seq 200); do eval "$1" && return 0; sleep 0.1; done; return 1; }
mkdir "$dir/mails"
mkfifo "$dir/in"
tests/servers/start smtp "$dir/mails" < "$dir/in" > "$dir/ports" &
mailer=$!
exec 7> "$dir/in"
until_so '[ -s "$dir/ports" ]' || { echo "not ok the mail server starts"; exit 1; }
read -r clear _ < "$dir/ports"
port=$((20000 + RANDOM % 20000)) site=http://ville.test:$port
get() { page=$(curl -sS --resolve "ville.test:$port:127.0.0.1" -b "$dir/jar" -c "$dir/jar" -o - -w '\n%{http_code}' -H "Origin: $site" "$@"); code=${page##*$'\n'}; }
token() { grep -o 'name="csrf" value="[^"]*"' <<< "$page" | head -n 1 | cut -d'"' -f4; }
sign_in() {
    rm -f "$dir/jar"
    get "$site$1" > /dev/null
    get "$site$1" --data-urlencode "password=une image par jour" --data-urlencode "again=une image par jour" --data-urlencode "repeat=une image par jour"
    get "$site/compte/connexion" --data-urlencode "email=$2" --data-urlencode "password=une image par jour"
}
form=(-F "name=Ville neuve" -F "action=#7a1f5c" -F "accent=#8a6d00" -F "address=1 place de la Mairie" -F "mail=mairie@ville.test" -F "phone=0339980101" -F "hours=Le matin" -F "dpo=dpo@ville.test" -F "sender=demarches@ville.test" -F "procedure=ecrire-mairie")

started=$(date +%s)
"$bin" tenant add --insee 88160 --name 'Ville neuve' --host ville.test --admin chef@ville.test --data "$dir/data" > "$dir/out" 2> /dev/null        # step 1
link=$(grep -o '/compte/mot-de-passe/.*' "$dir/out")
BEFFROI_SMTP_URL=smtp://127.0.0.1:$clear BEFFROI_MAIL_FROM=demarches@ville.test "$bin" serve --data "$dir/data" --listen "127.0.0.1:$port" > /dev/null 2> "$dir/log" 7>&- &       # step 2
server=$!
until_so '[ -S "$dir/data/control" ]'
sign_in "$link" chef@ville.test                                                                         # steps 3 and 4
get "$site/admin/premiers-pas"                                                                          # step 5: eleven inputs
has "the first page" 'Premiers pas'
same "at most twelve inputs" "$(grep -oE '<(input|textarea|select) [^>]*' <<< "$page" | grep -v 'type="hidden"' | grep -oE ' name="[^"]*"' | sort -u | grep -vc '"q"')" 11
get "$site/admin/premiers-pas" "${form[@]}" -F "csrf=$(token)" -F do=test
has "the mail server took the test mail, and it is said" 'accepté le message pour chef@ville.test'
same "it left from the town's sender" "$(sed -n 's/.*"envelope":{"from":"\([^"]*\)".*/\1/p' "$dir/mails/1.json")" demarches@ville.test
get "$site/admin/premiers-pas" "${form[@]}" -F "csrf=$(token)" -F do=open
same "the town opens" "$code" 303
get "$site/demarches/ecrire-a-la-mairie"
same "its first procedure is live" "$code" 200
took=$(($(date +%s) - started))
same "in five minutes at most ($took s, five steps of the administrator)" "$([ $took -le 300 ] && echo yes)" yes

# Another administrator, whose address the server refuses: its words are turned into plain ones.
"$bin" account add inconnu@ville.test --surname Petit --capacity Agente --agent --data "$dir/data" > /dev/null
"$bin" account role inconnu@ville.test admin --data "$dir/data" > /dev/null
sign_in "$("$bin" account reset inconnu@ville.test --data "$dir/data")" inconnu@ville.test
get "$site/admin/premiers-pas"
get "$site/admin/premiers-pas" "${form[@]}" -F "csrf=$(token)" -F do=test
has "a refusal in plain words" 'n’est pas parti\. Cette adresse n’existe pas'
has "with the server's own" '5\.1\.1 No such user here'
kill -TERM $server && wait $server
# Nobody answers at that port any more.
exec 7>&-
wait $mailer
mailer=
BEFFROI_SMTP_URL=smtp://127.0.0.1:$clear BEFFROI_MAIL_FROM=demarches@ville.test "$bin" serve --data "$dir/data" --listen "127.0.0.1:$port" > /dev/null 2> "$dir/log" 7>&- &
server=$!
until_so '[ -S "$dir/data/control" ]'
get "$site/admin/premiers-pas"
get "$site/admin/premiers-pas" "${form[@]}" -F "csrf=$(token)" -F do=test
has "a mail server that does not answer" 'Votre serveur de courriel ne répond pas \(réglage smtp_url\)'
get "$site/admin/etat"
has "the state of the platform" 'État de la plateforme'
