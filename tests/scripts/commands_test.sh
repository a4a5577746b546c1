#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# The command line, as DESIGN §11 promises it: every command, its help, exit codes 0 (done), 1 (the work found a fault) and 2 (wrong use),
# on a directory that nobody uses and on one that a running server uses. The debug build: a leak would change an exit code.
set -u
cd "$(dirname "$0")/../.." || exit 1
if [ -z "${BEFFROI_TEST_PG:-}" ]; then exec tests/with-postgres "$0"; fi
make -s V=debug all > /dev/null || exit 1
root=$PWD bin=$PWD/build/debug/beffroi dir=$(mktemp -d) server=
trap '[ -z "$server" ] || { kill -TERM $server; wait $server; } 2> /dev/null; rm -rf "$dir"' EXIT
cd "$dir" || exit 1
postgresql=$BEFFROI_TEST_PG
unset "${!BEFFROI_@}"
export BEFFROI_SHARE=$dir                   # no data of the territory
port=$((20000 + RANDOM % 20000))

# is NAME CODE PATTERN COMMAND… — the exit code, and a line of what it said.
is() {
    local name=$1 code=$2 pattern=$3 got
    shift 3
    out=$("$@" 2>&1)
    got=$?
    if [ "$got" -eq "$code" ] && grep -qE -- "$pattern" <<< "$out"; then echo "ok $name"; else
        echo "not ok $name"
        printf '  %s\n  code %s, expected %s with %s\n' "$*" "$got" "$code" "$pattern"
        printf '%s\n' "$out" | tail -n 12 | sed 's/^/    /'
    fi
}
same() { if [ "$2" = "$3" ]; then echo "ok $1"; else printf 'not ok %s\n  got      %s\n  expected %s\n' "$1" "$2" "$3"; fi; }
b() { "$bin" "$@" --data "$data"; }
serve() {
    "$bin" serve --data "$1" --listen "127.0.0.1:$port" > out.log 2> server.log &
    server=$!
    for _ in $(seq 200); do [ -S "$1/control" ] && break; sleep 0.05; done
}
stop() { kill -TERM $server; wait $server; same "the server stops with 0" $? 0; server=; }
descriptor() { printf '{"title":"%s","number":%s,"revision":{"champDescriptors":[{"__typename":"TextChampDescriptor","id":"a","label":"%s"},{"__typename":"DropDownListChampDescriptor","id":"c","label":"Choix","required":false,"options":[]}]}%s}' "$1" "$2" "$3" "${4:-}"; }
lines() { "$bin" help | sed -n 's/^beffroi \([a-z-]*\( [a-z-]*\)\{0,1\}\)\( .*\)\{0,1\}$/\1/p'; }

# ---- help, version, wrong use
is "--help gives every command" 0 '^beffroi serve' "$bin" --help
is "help gives every command" 0 '^beffroi doctor' "$bin" help
is "--version" 0 '^beffroi [0-9]' "$bin" --version
is "version" 0 '^beffroi [0-9]' "$bin" version
is "no command" 2 '^beffroi serve' "$bin"
is "an unknown command is named" 2 'bogus' "$bin" bogus
is "half a command" 2 '^beffroi tenant add' "$bin" tenant
is "an unknown second word is named" 2 'tenant sell' "$bin" tenant sell
is "help of an unknown command" 2 'bogus' "$bin" bogus --help
is "help of a family" 0 '^beffroi import list NAME FILE' "$bin" help import
expected='serve|demo|tenant add|tenant list|tenant host|tenant backup|tenant restore|tenant export|tenant remove|account add|account role|account reset|defaults|import ds-descriptor|import kind|import list|import comarquage|import staff|export ds-descriptor|bounce|backup|restore|upgrade|rollback|keys export|keys list|keys rotate|routes|kinds|check-kind|schema|explain record|rebuild|verify-journal|doctor|check-store|rules eval|rules test|rules doc|rules check|rules replay|settings|manual|help|version'
same "the commands are those tested here" "$(lines | paste -sd '|')" "$expected"
IFS='|' read -ra commands <<< "$expected"
for c in "${commands[@]}"; do
    is "$c --help" 0 "^beffroi $c" "$bin" $c --help
    is "$c: an unknown option is named" 2 '--bogus' "$bin" $c --bogus
    [ "$c" = 'import ds-descriptor' ] || [ "$c" = 'import kind' ] || [ "$c" = 'rules test' ] || [ "$c" = 'rules eval' ] || [ "$c" = 'rules doc' ] || [ "$c" = 'rules check' ] || is "$c: too many words" 2 '^beffroi' "$bin" $c a b c
done
for c in 'tenant host a' 'tenant backup a' 'tenant restore' 'tenant export a' 'tenant remove' 'account add' 'account role a' 'account reset' defaults 'import ds-descriptor' 'import kind' 'import list a' 'import staff' 'export ds-descriptor' backup restore check-kind 'explain record' 'rules eval a.yaml' 'rules test' 'rules check' 'rules doc'; do
    is "$c: a missing word" 2 '^beffroi ' "$bin" $c
done
is "an option of another command" 2 '--publish' "$bin" kinds --publish
is "an option without its value" 2 '--data' "$bin" kinds --data
is "a flag with a value" 2 '--agent' "$bin" account add a@b.fr --agent=yes
is "a number that is none" 2 'x1' "$bin" export ds-descriptor x1 --data nowhere
is "a role that is none" 2 'king' "$bin" account role a@b.fr king --data nowhere

# ---- settings
is "settings" 0 '^# workers = 16' "$bin" settings
is "routes" 0 '^GET +/ ' "$bin" routes
cp "$OLDPWD/towns/demo/ecrire-a-la-mairie.kind.yaml" good.yaml
printf 'kind: x\nfields: [{id: a}]\n' > bad.yaml
is "check-kind: a good one" 0 ': [0-9]+$' "$bin" check-kind good.yaml
is "check-kind: one at fault" 1 'beffroi: ' "$bin" check-kind bad.yaml
for x in LOG_LEVEL=loud WORKERS=100000 WORKERS=0 PUBLIC_SCHEME=gopher WITH_DEMO=perhaps; do
    is "$x is refused" 2 "BEFFROI_${x%%=*}" env "BEFFROI_$x" "$bin" kinds --data nowhere
done
is "a settings file that is not there" 2 'gone.conf' env BEFFROI_CONF=gone.conf "$bin" kinds --data nowhere
printf 'workers = many\nspeed = 3\njust words\n' > bad.conf
is "every fault of a settings file has its line" 2 'bad.conf:2 speed' env BEFFROI_CONF=bad.conf "$bin" kinds --data nowhere
same "all three" "$(grep -c 'bad.conf:[123]' <<< "$out")" 3
is "help whatever the settings are worth" 0 '^beffroi serve' env BEFFROI_CONF=bad.conf "$bin" help

# ---- a directory that is not there
for c in 'tenant list' kinds schema rebuild verify-journal 'keys export' 'keys list' 'keys rotate' 'backup x.tar' 'account reset a@b.fr' check-store doctor 'explain record A' 'export ds-descriptor 1' 'import list a good.yaml' 'import ds-descriptor good.yaml' 'import kind encombrants' 'defaults good.yaml' 'tenant host a b.fr' 'account add a@b.fr'; do
    is "$c: no data directory" 1 'nowhere' "$bin" $c --data nowhere
done
same "nothing made it" "$(ls -d nowhere 2> /dev/null)" ""

# ---- a town
data=$dir/town
is "tenant add: no host" 2 '--host' b tenant add --insee 88160
is "tenant add: neither code nor name" 2 '--insee' b tenant add --host a.fr
for host in 'BAD HOST' http://z/ z.fr:80 -z.fr z..fr z.fr/ épinal.fr ''; do is "host '$host'" 1 'host: ' b tenant add --insee 88160 --host "$host"; done
for slug in 'A B/..' a_b -a ''; do is "slug '$slug'" 1 'slug: ' b tenant add --insee 88160 --host z.fr --slug "$slug"; done
is "a code that is none" 1 'insee: ' b tenant add --insee 8816 --host z.fr
is "a mail that is none" 1 'admin: ' b tenant add --insee 88160 --host z.fr --admin nobody
same "none of these made a directory" "$(ls -d "$data" 2> /dev/null)" ""
is "tenant add --insee --host --admin" 0 'https?://demarches.ville.fr/compte/mot-de-passe/' b tenant add --insee 88160 --host Demarches.Ville.fr --admin chef@ville.fr
is "tenant list" 0 '^demarches-ville-fr	Commune 88160	1$' b tenant list
is "its administrator is there" 0 '/compte/mot-de-passe/' b account reset chef@ville.fr
is "tenant host" 0 '' b tenant host demarches-ville-fr www.ville.fr
is "tenant host: one that is taken" 1 'host: ' b tenant host demarches-ville-fr www.ville.fr
is "tenant host: a bad one" 1 'host: ' b tenant host demarches-ville-fr http://z/
is "tenant host: an unknown town" 2 'demarches-ville-fr' b tenant host other x.fr
is "tenant add: a slug that is taken" 1 'slug: ' b tenant add --insee 88160 --host b.fr --slug demarches-ville-fr
is "tenant add: a host that is taken" 1 'host: ' b tenant add --insee 88160 --host www.ville.fr
same "what is refused leaves nothing" "$(b tenant list | wc -l)" 1
printf '[{"code":"88160","nom":"Épinal","population":32000,"siren":"218801603"},{"code":"88161","nom":"Escles"}]' > communes.json
is "tenant add: a code the list does not hold" 1 'insee: ' b tenant add --insee 88999 --host b.fr --communes communes.json

# The same on PostgreSQL, where a failed statement loses its transaction.
p() { "$bin" "$@" --data "$dir/pg" --store "$postgresql"; }
is "postgresql: a refused town" 1 'admin: ' p tenant add --insee 88160 --host a.fr --admin nobody
is "postgresql: a town" 0 '^a-fr a.fr' p tenant add --insee 88160 --host a.fr --admin chef@ville.fr
is "postgresql: a host that is taken" 1 'host: ' p tenant add --insee 88160 --host a.fr --slug other
is "postgresql: a slug that is taken" 1 'slug: ' p tenant add --insee 88160 --host b.fr --slug a-fr
same "postgresql: one town" "$(p tenant list)" "a-fr	Commune 88160	1"
same "postgresql: nothing else of a refused one" "$(psql -qAt "$postgresql" -c 'SELECT (SELECT count(*) FROM host), (SELECT count(*) FROM body), (SELECT count(*) FROM account)')" '1|1|1'
is "postgresql: doctor" 0 'en ordre' p doctor

# commands PHASE — every command that works on a store, and its faults.
descriptor Permis 70 Nom > permis.json
descriptor Permis 71 Nom > permis71.json
descriptor Vélo null Nom > velo.json
descriptor Vélo null Nom ',"id":"other"' > velo-other.json
descriptor Permis 70 Prénom > permis-changed.json
echo null > null.json
printf '{"service":{"name":"A","postal_address":"1 rue B","mail":"a@b.fr","phone":"03"},"silence":{"means":"acceptance","after":"2 months","article":"CRPA L231-1"},"appeal":{"text":"Deux mois"},"legal_basis":"CGCT","personal_data":{"purpose":"P","retention":"R"}}' > defaults.json
printf 'id,label\nlamp,Lampe du %s\n' first second > list.csv
printf 'id,label\na,A\na,B\n' > twice.csv
mkdir demarches-ville-fr                          # a word that is no file stays a word
commands() {
    is "$1: account add" 0 '' b account add "agent-$1@ville.fr" --agent --forename Ada --tenant demarches-ville-fr
    is "$1: account add, again" 1 'email' b account add "agent-$1@ville.fr"
    is "$1: account role" 0 '' b account role "agent-$1@ville.fr" agent
    is "$1: account role, an unknown role" 2 'king' b account role "agent-$1@ville.fr" king
    is "$1: account role, an unknown account" 1 'nobody@ville.fr: Aucun compte' b account role nobody@ville.fr agent
    is "$1: account reset" 0 '^/compte/mot-de-passe/' b account reset "agent-$1@ville.fr"
    is "$1: account reset, an unknown account" 1 'nobody@ville.fr: Aucun compte' b account reset nobody@ville.fr
    is "$1: an unknown town" 2 'demarches-ville-fr' b kinds --tenant nowhere
    is "$1: a body that is none" 2 '99999.*88160' b import ds-descriptor permis.json --body 99999
    is "$1: defaults, a body that is none" 2 '99999' b defaults defaults.json --body 99999
    is "$1: defaults, a file that is none" 1 'null.json' b defaults null.json
    is "$1: import, a file that is none" 1 'null.json: [A-Z]' b import ds-descriptor null.json
    is "$1: import, a file that is not there" 1 'gone.json: [A-Z]' b import ds-descriptor gone.json
    is "$1: import kind, neither a file nor a name: the names are told" 1 'encombrants' b import kind gone
    is "$1: import kind, a file at fault" 1 'null.json: [A-Z]' b import kind null.json
    is "$1: kinds" 0 '' b kinds
    is "$1: tenant list" 0 'demarches-ville-fr' b tenant list
    is "$1: schema" 0 'CREATE TABLE' b schema
    is "$1: rebuild" 0 '' b rebuild
    is "$1: verify-journal" 0 'sealed' b verify-journal
    is "$1: keys export" 0 '.' b keys export
    is "$1: keys rotate" 0 '' b keys rotate
    is "$1: keys list" 0 '[0-9]' b keys list
    is "$1: backup" 0 '' b backup "$1.tar"
    is "$1: the backup is where it was asked for" 0 '' test -s "$dir/$1.tar"
    is "$1: backup, a file that is there" 1 '' b backup "$1.tar"
    is "$1: tenant backup" 0 '' b tenant backup demarches-ville-fr "$1-one.tar"
    is "$1: tenant backup, a file that is there" 1 '' b tenant backup demarches-ville-fr "$1-one.tar"
    is "$1: tenant backup, an unknown town" 1 'nowhere: ' b tenant backup nowhere two.tar
    is "$1: tenant restore over a town that is there" 1 '--replace' b tenant restore "$1-one.tar"
    is "$1: tenant restore, a host that is none" 1 'host: ' b tenant restore "$1-one.tar" --replace --host http://z/
    is "$1: tenant restore --replace" 0 '^demarches-ville-fr$' b tenant restore "$1-one.tar" --replace
    is "$1: tenant restore, another file" 1 'beffroi: ' b tenant restore "$1.tar" --replace
    is "$1: tenant restore, a file that is not there" 1 'beffroi: ' b tenant restore gone.tar
    is "$1: tenant export" 0 '' b tenant export www.ville.fr "$1.zip"
    is "$1: the export is where it was asked for" 0 '^PK' head -c 2 "$dir/$1.zip"
    is "$1: tenant export, a file that is there" 1 'beffroi: ' b tenant export www.ville.fr "$1.zip"
    is "$1: tenant remove, not said twice" 2 '--yes-remove' b tenant remove demarches-ville-fr
    is "$1: tenant remove, another said" 2 '--yes-remove' b tenant remove demarches-ville-fr --yes-remove demarches
    is "$1: tenant remove, an unknown town" 1 'nowhere: ' b tenant remove nowhere --yes-remove nowhere
    is "$1: restore over a directory that is used" 1 'beffroi: ' b restore "$1.tar"
    is "$1: demo over a directory that is used" 1 'beffroi: ' b demo
    is "$1: explain, an unknown record" 1 'beffroi: ' b explain record AAAA-BBBB
    is "$1: export, an unknown number" 1 'beffroi: ' b export ds-descriptor 99
    is "$1: import list, a line at fault" 1 'twice.csv: l. 3' b import list streets twice.csv
    is "$1: import list, a bad name" 1 'beffroi: ' b import list 'My List' list.csv
    is "$1: check-store" 0 '' b check-store
    is "$1: doctor, mails to files are a remark" 0 'smtp_url' b doctor
    is "$1: doctor, the settings of who asks" 1 'BEFFROI_LOG_LEVEL' env BEFFROI_LOG_LEVEL=loud BEFFROI_WORKERS=100000 BEFFROI_PUBLIC_SCHEME=gopher "$bin" doctor --data "$data"
    same "$1: doctor, all of them" "$(grep -c '^- ' <<< "$out")" 3
    is "$1: doctor, a missing settings file" 1 'gone.conf' env BEFFROI_CONF=gone.conf "$bin" doctor --data "$data"
    is "$1: doctor, what a value is worth" 1 'key.pem' env BEFFROI_TLS_CERT=key.pem BEFFROI_TLS_KEY=key.pem BEFFROI_LISTEN=nine BEFFROI_SMTP_URL=mail BEFFROI_TRUSTED_PROXIES='::1, near' "$bin" doctor --data "$data"
    same "$1: doctor, each has its line" "$(grep -cE 'listen|smtp_url|near' <<< "$out")" 3
}
commands idle

is "import: a draft" 0 '^new	70	permis	2$' b import ds-descriptor permis.json
is "import: what remains to be filled" 0 'postal' b import ds-descriptor permis-changed.json
is "import --publish: what is missing is a fault" 1 'permis.json' b import ds-descriptor permis.json --publish
is "import: the same draft" 0 '^same	70' b import ds-descriptor permis.json
is "defaults" 0 '' b defaults defaults.json --body 88160
is "import --publish of the same draft publishes it, an empty choice that is not required included" 0 '^same	70' b import ds-descriptor permis.json --publish
is "it is published" 0 '^70	published	permis' b kinds
is "import --publish again: nothing" 0 '^same	70' b import ds-descriptor permis.json --publish
is "import: another of the same title" 0 '^new	71	permis-71' b import ds-descriptor permis71.json
is "import: one without a number" 0 '^new	72	velo' b import ds-descriptor velo.json
is "import: it again" 0 '^same	72	velo' b import ds-descriptor velo.json
is "import: another without a number, by its own id" 0 '^new	73	velo-2' b import ds-descriptor velo-other.json
is "import: it again" 0 '^same	73	velo-2' b import ds-descriptor velo-other.json
is "import kind: by name, a draft" 0 '^new	74	faire-enlever-des-encombrants	encombrants$' b import kind encombrants
is "import kind: again" 0 '^same	74' b import kind encombrants
sed 's/Faire enlever des encombrants/Enlever des encombrants/' "$root/towns/library/encombrants.kind.yaml" > mine.kind.yaml
is "import kind: a file of the same name is a revision, published" 0 '^revision	74' b import kind mine.kind.yaml --publish
is "import kind: it is published" 0 '^74	published	.*	Enlever des encombrants' b kinds
is "export" 0 '"Permis"' b export ds-descriptor 70
sed 's/required":false/required":true/; s/"number":70/"number":76/; s/Permis/Obligatoire/' permis.json > required.json
is "import --publish: an empty choice that is required" 1 'Choix' b import ds-descriptor required.json --publish

# ---- in use
serve "$data"
is "serve: a directory in use" 1 'beffroi: ' b serve
commands served
is "served: import" 0 '^revision	70' b import ds-descriptor permis-changed.json
is "served: import --publish" 0 '^same	70' b import ds-descriptor permis-changed.json --publish
is "served: it is published" 0 '^70	published' b kinds
printf 'id,label\nlamp,Lampe du coin\n' > list.csv
page() { curl -s -H 'Host: www.ville.fr' "http://127.0.0.1:$port/signaler"; }
is "the shipped list" 0 'Éclairage public' page
is "served: import list" 0 '^new	report-categories	1$' b import list report-categories list.csv --title Sujets
is "served: import list, the same" 0 '^same	report-categories	1$' b import list report-categories list.csv
is "the field that names the list offers what was brought in" 0 'Lampe du coin' page
printf 'id,label\nlamp,Lampe\n' > list.csv
is "served: import list, a revision" 0 '^revision	report-categories	1$' b import list report-categories list.csv
seq 50000 | sed 's/.*/s&,Rue &/; 1i id,label' > streets.csv
is "served: 50,000 entries" 0 '^new	streets	50000$' b import list streets streets.csv
echo s50001,Rue >> streets.csv
is "served: one more is refused" 1 'streets.csv: ' b import list streets streets.csv
is "served: tenant add" 0 '^two-fr two.fr' b tenant add --insee 88160 --host two.fr --communes communes.json --admin chef@ville.fr
is "its name is the commune's" 0 '^two-fr	Épinal	1$' b tenant list
is "served: several towns, none chosen" 2 'demarches-ville-fr, two-fr' b kinds
is "served: one chosen" 0 '' b kinds --tenant two-fr

is "served: tenant remove" 0 '' b tenant remove two-fr --yes-remove two-fr
same "served: it is gone, the other is there" "$(b tenant list | cut -f1)" demarches-ville-fr
is "served: its host is free again" 0 '^two-fr two.fr' b tenant add --insee 88160 --host two.fr --communes communes.json --admin chef@ville.fr

# Words beyond what one read holds, and beyond what is allowed.
files=$(for i in $(seq 1 9000); do echo "f$i"; done)
is "nine thousand words all reach the server" 1 'f9000: ' b import ds-descriptor --tenant two-fr $files
same "each has its answer" "$(grep -c '^beffroi: ' <<< "$out")" 9000
deep=$dir/$(printf 'd%.0s' $(seq 250))/$(printf 'e%.0s' $(seq 250))
mkdir -p "$deep"
cd "$deep" || exit 1
is "beyond the maximum: an error" 1 'trop longue' b import ds-descriptor --tenant two-fr $files
cd "$dir" || exit 1
same "and nothing was begun" "$(grep -c '^beffroi: ' <<< "$out")" 1
is "the server refuses too much from whoever it comes" 0 'trop longue' perl -MIO::Socket::UNIX -e '
    my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die; print $s "x" x 5_000_000; $s->shutdown(1); local $/; $_ = <$s>; tr{\0}{}d; print' "$data/control"
stop

# ---- not in use again
is "restore" 0 '' "$bin" restore served.tar --data again
same "what was kept is back" "$("$bin" tenant list --data again)" "demarches-ville-fr	Commune 88160	1"
is "several towns, none chosen" 2 'demarches-ville-fr, two-fr' b account add x@y.fr
is "import list" 0 '^new	schools	1$' b import list schools list.csv --tenant two-fr
rm "$data"/beffroi.db
mkdir "$data"/beffroi.db
is "check-store: a store that does not open" 1 'beffroi: ' b check-store
is "doctor says so too" 1 'beffroi: ' b doctor

# ---- the demonstration
data=$dir/demo
is "demo" 0 'exemple.fr' b demo
is "demo, twice" 1 'beffroi: ' b demo
is "its doctor finds no fault" 0 'en ordre' b doctor
ref=$(sqlite3 "$data/beffroi.db" "SELECT reference FROM record WHERE kind <> 'report' LIMIT 1")
is "explain record" 0 '.' b explain record "$ref"
is "it has one town: none needs be chosen" 0 '^101	published	ecrire-a-la-mairie' b kinds
serve "$data"
is "served: explain record" 0 '.' b explain record "$ref"
is "served: its doctor finds no fault" 0 'en ordre' b doctor
stop
