#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# The configurations of docs/proxies.md, taken from that page and run by Debian's nginx, HAProxy and Caddy on their real ports, in a network
# of their own: page, Host, https, Secure cookies, a resumed upload (tus), the visitor's address, and what a visitor pretends to be.
set -u
cd "$(dirname "$0")/../.." || exit 1
if [ "$(id -u)" -ne 0 ]; then echo "proxies_test: skipped, it needs root (a network of its own)"; exit 0; fi
if [ "${1:-}" != --inside ]; then
    make -s release > /dev/null || exit 1
    exec unshare --net --mount --pid --fork --kill-child --mount-proc "$0" --inside
fi
bin=build/release/beffroi dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
ip link set lo up
for a in 192.0.2.1 192.0.2.7 192.0.2.8; do ip addr add $a/32 dev lo; done
failed=0
is() { if [ "$2" = "$3" ]; then echo "ok $name: $1"; else printf 'not ok %s: %s\n    got      %s\n    expected %s\n' "$name" "$1" "$2" "$3"; failed=1; tail -n 5 "$dir/$name.log" | sed 's/^/    | /'; fi; }
block() { sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/p" docs/proxies.md | sed '1d;$d'; }

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$dir/key.pem" -out "$dir/cert.pem" -days 2 -subj /CN=demarches.ville.fr -addext subjectAltName=DNS:demarches.ville.fr 2> /dev/null
mkdir "$dir/certs"
cat "$dir/cert.pem" "$dir/key.pem" > "$dir/certs/ville.pem"
chmod -R a+rX "$dir"
"$bin" demo --data "$dir/data" > "$dir/demo.log" 2>&1 || { cat "$dir/demo.log"; exit 1; }
slug=$("$bin" tenant list --data "$dir/data" | cut -f1 | head -n 1)
"$bin" tenant host "$slug" demarches.ville.fr --data "$dir/data"

# Anew for each proxy: limits are counted from nothing.
beffroi_start() {
    BEFFROI_PUBLIC_SCHEME=https BEFFROI_TRUSTED_PROXIES='127.0.0.1, ::1' BEFFROI_FILINGS_PER_MINUTE=2 "$bin" serve --data "$dir/data" --listen 127.0.0.1:8080 > /dev/null 2>> "$dir/server.log" &
    server=$!
    for _ in $(seq 200); do curl -fs -o /dev/null http://127.0.0.1:8080/healthz && break; sleep 0.05; done
}
nginx_start() {
    block nginx | sed "s,/etc/letsencrypt/live/demarches.ville.fr/fullchain.pem,$dir/cert.pem,; s,/etc/letsencrypt/live/demarches.ville.fr/privkey.pem,$dir/key.pem," > "$dir/site"
    mkdir -p "$dir/tmp"
    cat > "$dir/nginx.conf" <<N
daemon off; pid $dir/nginx.pid; error_log $dir/nginx.log;
events { }
http { access_log off; client_body_temp_path $dir/tmp; proxy_temp_path $dir/tmp; fastcgi_temp_path $dir/tmp; scgi_temp_path $dir/tmp; uwsgi_temp_path $dir/tmp; include $dir/site; }
N
    nginx -c "$dir/nginx.conf" > "$dir/nginx.log" 2>&1 &
}
haproxy_start() {
    block haproxy | sed "s,/etc/haproxy/certs/,$dir/certs/," > "$dir/haproxy.cfg"
    haproxy -db -f "$dir/haproxy.cfg" > "$dir/haproxy.log" 2>&1 &
}
caddy_start() {
    { printf '{\n\tauto_https disable_certs\n\tadmin off\n}\n'; block caddy | sed "1a\\	tls $dir/cert.pem $dir/key.pem"; } > "$dir/Caddyfile"
    HOME=$dir caddy run --config "$dir/Caddyfile" --adapter caddyfile > "$dir/caddy.log" 2>&1 &
}

# c ADDRESS CURL… — a visitor of that address, who finds the town's name at the proxy
c() { local from=$1; shift; curl -s -m 30 --interface "$from" --cacert "$dir/cert.pem" --resolve demarches.ville.fr:443:192.0.2.1 --resolve demarches.ville.fr:80:192.0.2.1 --resolve autre.ville.fr:443:192.0.2.1 "$@"; }
code() { c "$@" -o /dev/null -w '%{http_code}'; }
site=https://demarches.ville.fr
commencer=$site/demarches/ecrire-a-la-mairie/commencer

try() {
    name=$1
    beffroi_start
    "$1_start"
    proxy=$!
    for _ in $(seq 200); do [ "$(code 192.0.2.7 $site/healthz)" = 200 ] && break; sleep 0.05; done
    is "a page, in the town's name" "$(c 192.0.2.7 $site/ | grep -c '<main')" 1
    is "HTTP/2" "$(c 192.0.2.7 -o /dev/null -w '%{http_version}' $site/)" 2
    is "http is sent to https" "$(c 192.0.2.7 -o /dev/null -w '%{http_code} %{redirect_url}' http://demarches.ville.fr/demarches?q=a | sed 's/^30[18]/301/')" "301 $site/demarches?q=a"
    is "browsers are told to stay on https" "$(c 192.0.2.7 -D - -o /dev/null $site/ | grep -ci '^strict-transport-security: max-age=31536000')" 1
    c 192.0.2.7 -c "$dir/jar" -D "$dir/head" -o /dev/null -X POST -H "Origin: $site" "$commencer"
    is "a form begins, its cookies are Secure" "$(grep -ci '^set-cookie:' "$dir/head") $(grep -i '^set-cookie:' "$dir/head" | grep -vci '; secure')" "$(grep -ci '^set-cookie:' "$dir/head") 0"
    draft=$site$(tr -d '\r' < "$dir/head" | sed -n 's|^[Ll]ocation: *||p' | sed "s|^$site||; s|/[a-z]*\$||")
    is "and has an address" "$(c 192.0.2.7 -b "$dir/jar" -o /dev/null -w '%{http_code}' "$draft/remplir/1")" 200

    # 30 MB by tus, in two pieces.
    head -c 31457280 /dev/urandom > "$dir/body"
    { printf '%%PDF-1.4\n'; cat "$dir/body"; } | head -c 31457280 > "$dir/plan.pdf"
    file=$site$(c 192.0.2.7 -b "$dir/jar" -D - -o /dev/null -X POST -H "Origin: $site" -H 'Tus-Resumable: 1.0.0' -H 'Upload-Length: 31457280' -H "Upload-Metadata: filename $(printf plan.pdf | base64)" "$draft/fichiers?path=f4" |
        tr -d '\r' | sed -n 's|^[Ll]ocation: *||p' | sed "s|^$site||")
    piece() { head -c "$2" < <(tail -c +$(($1 + 1)) "$dir/plan.pdf") > "$dir/piece"; code 192.0.2.7 -b "$dir/jar" -X PATCH -H "Origin: $site" -H 'Tus-Resumable: 1.0.0' -H "Upload-Offset: $1" -H 'Content-Type: application/offset+octet-stream' -T "$dir/piece" "$file"; }
    is "an upload begins" "$(piece 0 20000000)" 204
    is "says where it is" "$(c 192.0.2.7 -b "$dir/jar" -I -H 'Tus-Resumable: 1.0.0' "$file" | tr -d '\r' | sed -n 's/^[Uu]pload-[Oo]ffset: //p')" 20000000
    is "goes on and ends" "$(piece 20000000 11457280)" 204
    is "and comes back the same" "$(c 192.0.2.7 -b "$dir/jar" "$file" | sha256sum)" "$(sha256sum < "$dir/plan.pdf")"

    is "a host that is no town's is told so" "$(code 192.0.2.7 -k https://autre.ville.fr/ | sed 's/^000$/421/')" 421
    is "the visitor's address is seen: /metrics answer this machine, not others" "$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8080/metrics) $(code 192.0.2.7 $site/metrics)" "200 404"
    is "nor one who pretends to be this machine" "$(code 192.0.2.7 $site/metrics -H 'X-Forwarded-For: 127.0.0.1')" 404
    for _ in 1 2 3 4 5 6; do last=$(code 192.0.2.7 -X POST -H "Origin: $site" "$commencer"); done
    is "limits are by visitor: one is slowed down, his neighbour is not" "$last $(code 192.0.2.8 -X POST -H "Origin: $site" "$commencer")" "429 303"
    kill -TERM $proxy $server
    wait $proxy $server 2> /dev/null
}
for one in nginx haproxy caddy; do try $one; done
exit $failed
