// SPDX-License-Identifier: AGPL-3.0-or-later
// A receiver of webhooks, by http and https. It checks signatures with the library of Standard Webhooks.
//   /ok 200 · /redirect 302 to /ok · /busy 503 with Retry-After · /gone 410 · /limit 429 · /slow never answers · /long answers without end
// Each call becomes DIR/hook-N.json; DIR/connections counts who connected at all.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { Webhook } from 'standardwebhooks';

const dir = process.argv[2];
// The secret the receiver was given: DIR/secret when it is there.
const key = () => new Webhook(existsSync(`${dir}/secret`) ? readFileSync(`${dir}/secret`, 'utf8').trim() : Buffer.from('un secret partagé').toString('base64'));
let received = 0, connections = 0;

function answer(request, response, body) {
    let verified = true;
    try { key().verify(body, request.headers); } catch { verified = false; }
    writeFileSync(`${dir}/hook-${++received}.json`, JSON.stringify({ path: request.url, method: request.method, verified, body: body.toString(), headers: request.headers }));
    const at = request.url.split('?')[0];
    if (at === '/ok') response.end('merci');
    else if (at === '/redirect') response.writeHead(302, { Location: '/ok' }).end();
    else if (at === '/busy') response.writeHead(503, { 'Retry-After': '120' }).end('later\r\nplease \x01');
    else if (at === '/gone') response.writeHead(410).end('gone');
    else if (at === '/limit') response.writeHead(429).end();
    else if (at === '/long') {
        const more = () => { while (response.write('x'.repeat(65536))); };
        response.on('drain', more).on('error', () => {});
        more();
    } else if (at !== '/slow') response.writeHead(404).end();
}

function serve(request, response) {
    const chunks = [];
    request.on('data', c => chunks.push(c)).on('end', () => answer(request, response, Buffer.concat(chunks)));
}

const servers = [http.createServer(serve),
    https.createServer({ key: readFileSync(`${dir}/key.pem`), cert: readFileSync(`${dir}/cert.pem`) }, serve)];
writeFileSync(`${dir}/connections`, '0');
const ports = await Promise.all(servers.map(s => new Promise(done => {
    s.on('connection', () => writeFileSync(`${dir}/connections`, String(++connections)));
    const l = s.listen(0, '127.0.0.1', () => done(l.address().port));
})));
console.log(ports.join(' '));
process.stdin.on('end', () => process.exit(0)).resume();
