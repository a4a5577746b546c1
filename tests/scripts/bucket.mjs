// SPDX-License-Identifier: AGPL-3.0-or-later
// See bucket_test.sh. bucket.mjs BEFFROI DIR
import { cookiesOf } from '../support/cookies.mjs';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';

const [beffroi, dir] = process.argv.slice(2), servers = new URL('../servers/start', import.meta.url).pathname;
const sleep = ms => new Promise(done => setTimeout(done, ms));
const freePort = () => new Promise(done => { const s = net.createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => done(port)); }); });
let failed = 0;
const say = (good, what) => { if (!good) failed++; console.log(`${good ? 'ok' : 'not ok'} ${what}`); };

// ---- the bucket ----
const s3Port = await freePort();
let s3;
async function bucketStart() {
    s3 = spawn(servers, ['s3', `${dir}/s3`, String(s3Port)], { stdio: ['pipe', 'pipe', 'inherit'] });
    await new Promise((done, fail) => { s3.stdout.once('data', done); s3.once('exit', () => fail(new Error('the bucket does not start'))); });
}
async function bucketStop() { const gone = new Promise(done => s3.once('exit', done)); s3.stdin.end(); await gone; }
const bucketIs = mode => writeFileSync(`${dir}/s3/s3-mode`, mode);
const below = (path, end) => existsSync(path) ? readdirSync(path, { recursive: true }).filter(f => f.endsWith(end)) : [];
const objects = prefix => below(`${dir}/s3/s3/ville/${prefix}`, '._S3rver_object');
mkdirSync(`${dir}/s3`);

// ---- nodes ----
const env = { ...process.env, BEFFROI_FILES: 's3://ville/epinal', BEFFROI_FILES_ENDPOINT: `http://127.0.0.1:${s3Port}`, BEFFROI_FILES_REGION: 'fr-par',
    BEFFROI_FILES_KEY: 'S3RVER', BEFFROI_FILES_SECRET: 'S3RVER', BEFFROI_STORE: process.env.BEFFROI_TEST_PG, BEFFROI_FILINGS_PER_MINUTE: '100000', BEFFROI_LOG_LEVEL: 'error' };
const run = (args, more) => spawnSync(beffroi, args, { env: { ...env, ...more }, encoding: 'utf8' });
const nodes = [], log = openSync(`${dir}/log`, 'a');
async function nodeStart(data, more) {
    const port = await freePort(), base = `http://127.0.0.1:${port}`;
    const child = spawn(beffroi, ['serve', '--data', data, '--listen', `127.0.0.1:${port}`], { env: { ...env, ...more }, stdio: ['ignore', 'ignore', log] });
    nodes.push(child);
    for (let i = 0; i < 400 && child.exitCode === null; i++) {
        try { if ((await fetch(`${base}/healthz`)).ok) return base; } catch { /* not yet */ }
        await sleep(25);
    }
    throw new Error('the server does not start');
}
const nodeStop = async child => { const gone = new Promise(done => child.exitCode !== null ? done() : child.once('exit', done)); child.kill('SIGTERM'); await gone; };

// ---- a citizen ----
async function begin(base) {
    const r = await fetch(`${base}/demarches/ecrire-a-la-mairie/commencer`, { method: 'POST', redirect: 'manual' });
    return { base, ref: r.headers.get('location').split('/')[2], cookie: cookiesOf(r) };
}
const tus = (d, path, method, headers, body) => fetch(d.base + path, { method, body, headers: { Cookie: d.cookie, Origin: d.base, 'Tus-Resumable': '1.0.0', ...headers } });
async function uploadStart(d, bytes) {
    const meta = `filename ${Buffer.from('essai.pdf').toString('base64')}`;
    const r = await tus(d, `/dossiers/${d.ref}/fichiers?path=f4`, 'POST', { 'Upload-Length': String(bytes.length), 'Upload-Metadata': meta });
    if (r.status !== 201) throw new Error(`upload: ${r.status} ${await r.text()}`);
    return new URL(r.headers.get('location'), d.base).pathname;
}
const piece = (d, url, bytes, from, to) => tus(d, url, 'PATCH', { 'Upload-Offset': String(from), 'Content-Type': 'application/offset+octet-stream' }, bytes.subarray(from, to));
async function upload(d, bytes) {
    const url = await uploadStart(d, bytes), r = await piece(d, url, bytes, 0, bytes.length);
    if (r.status !== 204) throw new Error(`piece: ${r.status} ${await r.text()}`);
    return url;
}
const download = async (base, d, url) => { const r = await fetch(base + url, { headers: { Cookie: d.cookie } }); return { status: r.status, bytes: Buffer.from(await r.arrayBuffer()), r }; };
const pdf = n => Buffer.alloc(n, `%PDF-1.4 ${Math.random()}\n`);
const sentence = /Les fichiers ne peuvent être ni enregistrés ni lus pour le moment/;

async function everyday(a, b) {
    const d = await begin(a), bytes = pdf(2_500_000), before = objects('epinal').length, url = await upload(d, bytes);
    say(objects('epinal').length === before + 1 && before > 0, `an upload lies in the bucket, as do the ${before} files of the demonstration`);
    say((await download(a, d, url)).bytes.equals(bytes) && (await download(b, d, url)).bytes.equals(bytes), 'what one node stored, both nodes read');
    const part = await fetch(b + url, { headers: { Cookie: d.cookie, Range: 'bytes=1048570-1048589' } });
    say(part.status === 206 && Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(1048570, 1048590)), 'a piece across two segments is read');
    const left = ['one', 'two'].flatMap(n => [...below(`${dir}/${n}/blobs`, '')].filter(f => /\.[0-9a-f]{16}$|new\/.|parts\/./.test(f)));
    say(left.length === 0, 'nothing of it stays on the disks of the nodes');
    return { d, bytes, url };
}

async function dead(a, kept) {
    const d = await begin(a), bytes = pdf(1_300_000), url = await uploadStart(d, bytes);
    await bucketStop();
    const first = await piece(d, url, bytes, 0, 700_000), last = await piece(d, url, bytes, 700_000, bytes.length);
    say(first.status === 204 && last.status === 503 && sentence.test(await last.text()), 'without the bucket pieces are taken, and the end says 503 in plain words');
    const page = await fetch(`${a}/dossiers/${d.ref}/remplir/1`, { headers: { Cookie: d.cookie } }), home = await fetch(`${a}/`);
    const saved = await fetch(`${a}/dossiers/${d.ref}/champ`, { method: 'POST', headers: { Cookie: d.cookie, Origin: a, 'Content-Type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ path: 'f1', f1: 'Objet' }) });
    say(page.status === 200 && home.status === 200 && saved.status === 204, 'pages are served and words are saved meanwhile');
    const form = new FormData();
    form.set('f4', new Blob([bytes], { type: 'application/pdf' }), 'essai.pdf');
    const whole = await fetch(`${a}/dossiers/${d.ref}/remplir/1`, { method: 'POST', headers: { Cookie: d.cookie, Origin: a }, body: form });
    say(whole.status === 503 && sentence.test(await whole.text()), 'a form that brings a file says so too');
    const read = await download(a, kept.d, kept.url);
    say(read.status === 503 && sentence.test(read.bytes.toString()), 'and so does a file that is asked for');
    const doctor = run(['doctor', '--data', `${dir}/one`]);
    say(doctor.status === 1 && /Les fichiers \(files\) ne répondent pas\s:\s\w/.test(doctor.stdout) && /smtp_url/.test(doctor.stdout), 'doctor says that the bucket does not answer');
    await bucketStart();
    const again = await tus(d, url, 'HEAD', {});
    say(again.status === 200 && again.headers.get('upload-offset') === String(bytes.length), 'when it is back, the upload ends where it stood, with nothing sent again');
    say((await download(a, d, url)).bytes.equals(bytes) && (await download(a, kept.d, kept.url)).bytes.equals(kept.bytes), 'and everything is read');
}

async function hanging(a, kept) {
    bucketIs('hang');
    const readers = Array.from({ length: 24 }, () => download(a, kept.d, kept.url)), times = [];
    await sleep(200);
    for (let i = 0; i < 12; i++) {
        const began = performance.now(), r = await fetch(`${a}/demarches?essai=${i}`, { headers: { Cookie: kept.d.cookie } });
        times.push(r.status === 200 ? performance.now() - began : Infinity);
        await sleep(300);
    }
    times.sort((x, y) => x - y);
    say(times[11] < 2000 && times[6] < 500, `while it hangs, pages take ${times[6].toFixed(0)} ms, ${times[11].toFixed(0)} at most`);
    const all = await Promise.all(readers);
    say(all.every(x => x.status === 503), 'and those who wait for a file are told');
    bucketIs('ok');
    const read = await download(a, kept.d, kept.url);
    say(read.status === 200 && read.bytes.equals(kept.bytes), 'then it is read at once');
}

async function restored(kept) {
    const file = `${dir}/town.tar`, backup = run(['backup', file, '--data', `${dir}/one`]), keys = run(['keys', 'export', '--data', `${dir}/one`]);
    const names = execFileSync('tar', ['-tf', file], { encoding: 'utf8' }).split('\n').filter(n => /^blobs\/\d+\/..\//.test(n));
    say(backup.status === 0 && names.length === objects('epinal').length, `a backup holds the ${names.length} files of the bucket`);
    for (const n of nodes.splice(0)) await nodeStop(n);
    execFileSync('psql', ['-qX', process.env.BEFFROI_TEST_PG, '-c', 'DROP SCHEMA public CASCADE; CREATE SCHEMA public'], { stdio: 'ignore' });
    mkdirSync(`${dir}/three`);
    const elsewhere = { BEFFROI_FILES: 's3://ville/ailleurs/encore' }, back = run(['restore', file, '--data', `${dir}/three`], elsewhere);
    writeFileSync(`${dir}/three/keys`, keys.stdout, { mode: 0o600 });
    say(back.status === 0 && objects('ailleurs/encore').length === names.length, 'restored, they are in the other bucket');
    const c = await nodeStart(`${dir}/three`, elsewhere);
    say((await download(c, kept.d, kept.url)).bytes.equals(kept.bytes), 'and are read there');
}

try {
    await bucketStart();
    const demo = run(['demo', '--data', `${dir}/one`]);
    if (demo.status !== 0) throw new Error(`demo: ${demo.stderr}`);
    const stranger = run(['serve', '--data', `${dir}/other`, '--listen', '127.0.0.1:1']);
    say(stranger.status !== 0 && /trousseau/.test(stranger.stderr) && !existsSync(`${dir}/other/keys`), 'a node without the keys does not start, and makes none');
    mkdirSync(`${dir}/two`);
    cpSync(`${dir}/one/keys`, `${dir}/two/keys`);
    const a = await nodeStart(`${dir}/one`), b = await nodeStart(`${dir}/two`);
    const kept = await everyday(a, b);
    await dead(a, kept);
    await hanging(a, kept);
    await restored(kept);
} catch (e) {
    say(false, `${e.stack}\n${readFileSync(`${dir}/log`, 'utf8').slice(-2000)}`);
} finally {
    for (const n of nodes) await nodeStop(n);
    if (s3 && s3.exitCode === null) await bucketStop();
}
process.exit(failed ? 1 : 0);
