// SPDX-License-Identifier: AGPL-3.0-or-later
// A bucket "ville": s3rver keeps the objects in DIR/s3/ville/KEY._S3rver_object; in front of it stands a door that does what s3rver leaves
// out: it checks signatures with the library aws4 and the body against x-amz-content-sha256. Key S3RVER, secret S3RVER.
// DIR/s3-mode, read at each request, says how it is: "ok", or nothing · "busy" 503 · "busy-once" 503, then ok · "hang" no answer ·
// "dead" the connection is cut · "cut" half of an answer · "endless" the name of a list's next page is 5,000 bytes long. DIR/s3-requests has one line for each request: METHOD PATH STATUS.
// A third argument is the port of the door; else any.
import crypto from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import aws4 from 'aws4';
import S3rver from 's3rver';

const dir = process.argv[2], port = Number(process.argv[3] ?? 0);
// s3rver seals its continuation tokens by DES, which OpenSSL 3 no longer has: triple DES with one key is the same.
for (const name of ['createCipheriv', 'createDecipheriv']) {
    const plain = crypto[name];
    crypto[name] = (kind, key, iv) => kind === 'des' ? plain('des-ede3-cbc', Buffer.concat([key, key, key]), iv) : plain(kind, key, iv);
}
mkdirSync(`${dir}/s3`, { recursive: true });
const store = await new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory: `${dir}/s3`, configureBuckets: [{ name: 'ville' }] }).run();

function signature_is_good(request) {
    const given = request.headers.authorization ?? '', names = /SignedHeaders=([^,]+)/.exec(given)?.[1].split(';') ?? [];
    const region = /Credential=S3RVER\/\d{8}\/([^/]+)\/s3\/aws4_request/.exec(given)?.[1];
    if (!region || !names.includes('host') || !names.includes('x-amz-date') || !names.includes('x-amz-content-sha256')) return false;
    const headers = Object.fromEntries(names.map(n => [n, request.headers[n]]));
    const again = aws4.sign({ service: 's3', region, method: request.method, path: request.url, headers, host: request.headers.host, extraHeadersToIgnore: {} },
        { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }).headers.Authorization;
    return /Signature=(\w+)/.exec(again)[1] === /Signature=(\w+)/.exec(given)?.[1] && /SignedHeaders=([^,]+)/.exec(again)[1] === names.join(';');
}

const refuse = (response, status, code) => response.writeHead(status, { 'Content-Type': 'application/xml' }).end(`<Error><Code>${code}</Code></Error>`);

function pass_on(request, response, body, mode) {
    const on = http.request({ host: '127.0.0.1', port: store.port, method: request.method, path: request.url, headers: request.headers }, from => {
        const chunks = [];
        from.on('data', c => chunks.push(c)).on('end', () => {
            const all = Buffer.concat(chunks);
            if (mode === 'endless') {
                note(request, from.statusCode);
                return response.writeHead(200, { 'Content-Type': 'application/xml' }).end(String(all)
                    .replace(/<NextContinuationToken>[^<]*/, `<NextContinuationToken>${'t'.repeat(5000)}`));
            }
            note(request, from.statusCode);
            response.writeHead(from.statusCode, from.headers);
            if (mode !== 'cut') return response.end(all);
            response.write(all.subarray(0, all.length / 2), () => setTimeout(() => response.destroy(), 50));
        });
    });
    on.on('error', () => response.destroy());
    on.end(body);
}

function note(request, status) { appendFileSync(`${dir}/s3-requests`, `${request.method} ${request.url} ${status}\n`); }

function answer(request, response, body) {
    const mode = existsSync(`${dir}/s3-mode`) ? readFileSync(`${dir}/s3-mode`, 'utf8').trim() : 'ok';
    const hash = crypto.createHash('sha256').update(body).digest('hex');
    const say = (status, code) => { note(request, status); refuse(response, status, code); };
    if (mode === 'dead') { note(request, 0); request.socket.destroy(); }
    else if (mode === 'hang') note(request, 0);
    else if (mode === 'busy') say(503, 'SlowDown');
    else if (mode === 'busy-once') { writeFileSync(`${dir}/s3-mode`, 'ok'); say(503, 'SlowDown'); }
    else if (!signature_is_good(request)) say(403, 'SignatureDoesNotMatch');
    else if (request.headers['x-amz-content-sha256'] !== hash) say(400, 'XAmzContentSHA256Mismatch');
    else pass_on(request, response, body, mode);
}

const door = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', c => chunks.push(c)).on('end', () => answer(request, response, Buffer.concat(chunks)));
});
writeFileSync(`${dir}/s3-requests`, '');
door.listen(port, '127.0.0.1', () => console.log(door.address().port));
process.stdin.on('end', () => process.exit(0)).resume();
