// SPDX-License-Identifier: AGPL-3.0-or-later
// What the crash loop and the faults share: a demonstration on either engine, its server, people who file, save, upload, and the
// proof that everything acknowledged is there.
import { spawn, spawnSync, execFileSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import net from 'node:net'
import { cookiesOf } from '../support/cookies.mjs'

export { cookiesOf }

const args = process.argv.slice(2)
export const opt = (name, otherwise) => { const i = args.indexOf('--' + name); return i < 0 ? otherwise : args[i + 1] }
export const beffroi = opt('beffroi'), dir = opt('dir') + '/data', slug = 'ecrire-a-la-mairie'
export const sleep = ms => new Promise(done => setTimeout(done, ms))
export const fail = m => { throw new Error(m) }
let seed = +opt('seed', '1')
export const random = () => { seed = (seed + 0x6d2b79f5) | 0; let t = Math.imul(seed ^ (seed >>> 15), 1 | seed); t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t; return ((t ^ (t >>> 14)) >>> 0) / 4294967296 }

// ---- PostgreSQL, when tests/with-postgres gives one ----
const pg = process.env.BEFFROI_TEST_PG
const store = pg ? pg.replace(/[^/]*$/, 'crash_' + randomUUID().slice(0, 8)) : ''
export const engine = pg ? 'PostgreSQL' : 'SQLite'
if (pg) execFileSync('psql', ['-qX', '-d', pg, '-c', `CREATE DATABASE ${store.replace(/.*\//, '')}`])
// stop and restart are immediate: a crash of PostgreSQL
export const pgCtl = what => new Promise((done, no) => spawn(process.env.BEFFROI_TEST_PG_CTL, [what], { stdio: 'ignore' }).once('exit', c => c ? no(new Error(`PostgreSQL ${what}: ${c}`)) : done()))

// ---- the server ----
export const env = { ...process.env, BEFFROI_STORE: store, BEFFROI_FILINGS_PER_MINUTE: '1000000', BEFFROI_UPLOAD_MOST_BYTES: '1000000', BEFFROI_LOG_LEVEL: 'error' }
export const demo = () => execFileSync(beffroi, ['demo', '--data', dir], { env, stdio: 'ignore' })
const freePort = () => new Promise(done => { const s = net.createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => done(port)) }) })
const started = []
process.on('exit', () => { for (const s of started) if (runs(s)) killAll(s, 'SIGKILL') })   // a test that fails leaves no server behind
export async function start() {
  const port = await freePort()
  const child = spawn(beffroi, ['serve', '--data', dir, '--listen', `127.0.0.1:${port}`], { env, detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  const s = { child, base: `http://127.0.0.1:${port}`, said: '' }
  started.push(s)
  child.stderr.on('data', d => { s.said = (s.said + d).slice(-4000) })
  for (let i = 0; i < 400; i++) {
    try { if ((await fetch(s.base + '/healthz')).ok) return s } catch { /* not yet */ }
    if (child.exitCode !== null) break
    await sleep(25)
  }
  throw new Error('the server does not start: ' + s.said)
}
export const runs = s => s.child.exitCode === null && !s.child.signalCode
/* The parent, the server and its helpers at once, so that no parent starts another server. */
export function killAll(s, signal) { try { process.kill(-s.child.pid, signal) } catch (e) { if (e.code !== 'ESRCH') throw e } }
export async function crash(s) {
  killAll(s, 'SIGKILL')
  if (runs(s)) await new Promise(done => s.child.once('exit', done))
  for (let i = 0; i < 200; i++) {       // the lock is held until the last of them is gone
    try { execFileSync('flock', ['-n', dir + '/lock', 'true']); return } catch { await sleep(10) }
  }
  throw new Error('somebody still holds the data directory')
}

/* The server alone: its parent, which holds the port, is there and starts another. */
const serversOf = parent => String(spawnSync('pgrep', ['-P', String(parent), '-x', 'beffroi']).stdout).trim().split('\n').map(Number)
export async function crashServer(s) {
  const [pid, ...others] = serversOf(s.child.pid)
  if (!pid || others.length) throw new Error('one server, not ' + [pid, ...others])
  process.kill(pid, 'SIGKILL')
  for (let i = 0; ; i++) {        // a kept connection, or one just taken by the dying server, is cut: asked again
    try { if ((await fetch(s.base + '/healthz')).ok && serversOf(s.child.pid)[0] !== pid) break } catch (e) { if (/ECONNREFUSED/.test(String(e.cause))) throw e }
    if (i === 400 || !runs(s)) throw new Error('no other server of the same parent: ' + s.said)
    await sleep(10)
  }
}

// ---- people: what was acknowledged, and what was not ----
export const ledger = { filed: [], pending: new Map(), drafts: [], uploads: [], papers: [], unfiled: new Set(), messages: [] }
export const acked = { filings: 0, papers: 0, saves: 0, pieces: 0, messages: 0 }
export const counted = { checks: 0 }
const check = (ok, m) => { counted.checks++; ok || fail(m) }
/* An answer that is not the one wanted; `status` tells a refusal from a lost connection. */
export class Refused extends Error { constructor(what, r, text) { super(`${what}: ${r.status} ${text.slice(0, 300)}`); Object.assign(this, { what, status: r.status, headers: r.headers, text }) } }
export async function ask(what, url, wanted, { method = 'GET', headers = {}, body } = {}) {
  const r = await fetch(url, { method, headers, body, redirect: 'manual' })
  if (r.status !== wanted) throw new Refused(what, r, await r.text())
  return r
}
export const post = (what, base, path, wanted, cookie, pairs) =>
  ask(what, base + path, wanted, { method: 'POST', headers: { Cookie: cookie, Origin: base, 'Content-Type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(pairs) })
export const drain = async r => { await r.arrayBuffer(); return r }

const answers = n => ({ answers: { f1: `Objet ${n}`, f2: 'voirie', f3: `Message ${n}`, f5: 'Marie Imagier', f6: false }, contact: { email: `p${n}@exemple.fr` } })
const fileApi = (base, key, body) => ask('filing', `${base}/api/v1/procedures/${slug}/records`, 201, { method: 'POST', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key }, body })
export async function fileOne(base, n) {
  const key = randomUUID(), body = JSON.stringify(answers(n))
  ledger.pending.set(key, body)
  const said = await (await fileApi(base, key, body)).json()
  ledger.filed.push({ ...said, n })
  ledger.pending.delete(key)
  acked.filings++
}
export async function beginDraft(base) {
  const r = await drain(await ask('begin', `${base}/demarches/${slug}/commencer`, 303, { method: 'POST' }))
  const d = { ref: r.headers.get('location').split('/')[2], cookie: cookiesOf(r), value: null, tried: [] }
  ledger.drafts.push(d)
  return d
}
export async function saveOne(base, d) {
  const value = `valeur ${Math.floor(random() * 1e9)}`
  d.tried.push(value)
  await post('save', base, `/dossiers/${d.ref}/champ`, 204, d.cookie, { path: 'f1', f1: value })
  d.value = value
  d.tried = []
  acked.saves++
}
/* Through the pages, as without JavaScript. */
export const paperPages = n => [{ f1: `Objet ${n}`, f2: 'voirie', f3: `Première ligne\r\n« ${n} » & <b>"suite"</b>` }, { f5: 'Zoé Imagier', f6: 'non' }]
export async function paperOne(base, n) {
  const d = await beginDraft(base), pages = paperPages(n)
  for (let i = 0; i < pages.length; i++) {
    await drain(await post('page', base, `/dossiers/${d.ref}/remplir/${i + 1}`, 303, d.cookie, pages[i]))
    d.value = pages[0].f1
  }
  ledger.drafts.splice(ledger.drafts.indexOf(d), 1)       // from here on it may have been filed, acknowledged or not
  ledger.unfiled.add(d)
  await deposit(base, d)
  return d
}
async function deposit(base, d) {
  await drain(await post('paper', base, `/dossiers/${d.ref}/deposer`, 303, d.cookie, {}))
  ledger.unfiled.delete(d)
  ledger.papers.push(d)
  acked.papers++
}
export async function uploadOne(base, d) {
  const bytes = Buffer.alloc(200000 + Math.floor(random() * 400000), `%PDF-1.4 ${random()}\n`)
  const r = await fetch(`${base}/dossiers/${d.ref}/fichiers?path=f4`, { method: 'POST', headers: { Cookie: d.cookie, Origin: base, 'Tus-Resumable': '1.0.0', 'Upload-Length': String(bytes.length), 'Upload-Metadata': `filename ${Buffer.from('essai.pdf').toString('base64')}` } })
  if (r.status === 422 || r.status === 429) return drain(r)             // enough files
  if (r.status !== 201) throw new Refused('upload', r, await r.text())
  const u = { d, url: new URL(r.headers.get('location'), base).pathname, bytes, offset: 0 }
  ledger.uploads.push(u)
  while (u.offset < bytes.length) await goOn(base, u)
}
export async function goOn(base, u) {
  const piece = u.bytes.subarray(u.offset, u.offset + 150000)
  const r = await drain(await ask('piece', base + u.url, 204, { method: 'PATCH', headers: { Cookie: u.d.cookie, Origin: base, 'Tus-Resumable': '1.0.0', 'Upload-Offset': String(u.offset), 'Content-Type': 'application/offset+octet-stream' }, body: piece }))
  u.offset = +r.headers.get('upload-offset')
  acked.pieces++
}
export const isCut = e => !(e instanceof Refused) && /fetch failed|terminated|socket|ECONN|aborted|other side/i.test(String(e) + String(e?.cause))

// ---- the proof ----
export const mark = () => ({ filed: ledger.filed.length, drafts: ledger.drafts.length, uploads: ledger.uploads.length, papers: ledger.papers.length, messages: ledger.messages.length })
async function verifyUpload(base, u) {
  const r = await ask('upload', base + u.url, 200, { method: 'HEAD', headers: { Cookie: u.d.cookie, 'Tus-Resumable': '1.0.0' } })
  const there = +r.headers.get('upload-offset')
  check(there >= u.offset, `upload ${u.url}: ${u.offset} bytes were acknowledged, ${there} are there`)
  u.offset = there
  while (u.offset < u.bytes.length) await goOn(base, u)
  const got = await fetch(base + u.url, { headers: { Cookie: u.d.cookie } }), back = Buffer.from(await got.arrayBuffer())
  const sum = b => createHash('sha256').update(b).digest('hex')
  if (sum(back) !== sum(u.bytes)) fail(`upload ${u.url}: other bytes came back: ${got.status}, ${back.length} for ${u.bytes.length}, first ${there} of them before: ${back.subarray(0, 200)}`)
}
export async function verify(base, from) {
  for (const f of ledger.filed.slice(from.filed)) {
    const r = await fetch(`${base}/api/v1/records/${f.reference}`, { headers: { Authorization: 'Bearer ' + f.token } })
    check(r.status === 200, `filing ${f.reference} was acknowledged and is not there: ${r.status}`)
    if ((await r.json()).answers.f1 !== `Objet ${f.n}`) fail(`filing ${f.reference} holds other answers`)
  }
  for (const d of [...ledger.unfiled]) await deposit(base, d)         // pressed again: filed now, or the receipt of what was filed
  for (const p of ledger.papers.slice(from.papers)) {
    await drain(await ask(`the receipt of ${p.ref}`, `${base}/dossiers/${p.ref}/recepisse`, 200, { headers: { Cookie: p.cookie } }))
    const page = await (await ask(`filing ${p.ref}`, `${base}/dossiers/${p.ref}`, 200, { headers: { Cookie: p.cookie } })).text()
    check(page.includes(p.value) && page.includes('Zoé Imagier'), `filing ${p.ref} holds other answers`)
  }
  for (const [key, body] of ledger.pending) {            // not acknowledged: asked again with the same key, it is filed once
    const again = async () => (await (await fileApi(base, key, body)).json()).reference
    const [a, b] = [await again(), await again()]
    check(a && a === b, `one key, two filings: ${a} ${b}`)
  }
  ledger.pending.clear()
  for (const d of ledger.drafts.slice(from.drafts)) {
    if (d.value === null) continue
    const page = await (await fetch(`${base}/dossiers/${d.ref}/remplir/1`, { headers: { Cookie: d.cookie } })).text()
    check([d.value, ...d.tried].some(v => page.includes(`value="${v}"`)), `draft ${d.ref}: "${d.value}" was saved and is not there`)
  }
  for (const u of ledger.uploads.slice(from.uploads)) await verifyUpload(base, u)
  for (const m of ledger.messages.slice(from.messages)) {
    const page = await (await ask('the dossier', `${base}/agents/dossiers/${m.ref}`, 200, { headers: { Cookie: m.cookie } })).text()
    check(page.includes(m.words), `the message "${m.words}" was sent and is not there`)
  }
}

// ---- an agent ----
export async function signIn(base, email) {
  const r = await drain(await post('sign in', base, '/compte/connexion', 303, '', { email, password: 'une image par jour' }))
  const cookie = cookiesOf(r), list = await (await ask('inbox', base + '/agents', 200, { headers: { Cookie: cookie } })).text()
  const ref = list.match(/\/agents\/dossiers\/([A-Za-z0-9-]+)/)[1]
  const page = await (await ask('dossier', `${base}/agents/dossiers/${ref}`, 200, { headers: { Cookie: cookie } })).text()
  return { cookie, ref, csrf: page.match(/name="csrf" value="([^"]+)"/)[1] }
}
export async function messageOne(base, agent, words) {
  await drain(await post('message', base, `/agents/dossiers/${agent.ref}/messages`, 303, agent.cookie, { csrf: agent.csrf, words, do: 'note' }))
  ledger.messages.push({ ref: agent.ref, cookie: agent.cookie, words })
  acked.messages++
}
const sql = q => (pg ? execFileSync('psql', ['-qXAt', '-d', store, '-c', q]) : execFileSync('sqlite3', ['-readonly', dir + '/beffroi.db', q])).toString().trim()
const impossible = [
  ['effects done twice', 'SELECT count(*) FROM (SELECT 1 FROM outbox GROUP BY tenant, cause, effect HAVING count(*) > 1) AS t'],
  ['mails of causes that do not exist', 'SELECT count(*) FROM outbox o WHERE o.record <> 0 AND NOT EXISTS (SELECT 1 FROM record r WHERE r.tenant = o.tenant AND r.id = o.record)'],
  ['filings without their receipt', "SELECT count(*) FROM record r WHERE r.channel = 'api' AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.tenant = r.tenant AND o.record = r.id)"],
  ['filings without their event', 'SELECT count(*) FROM record r WHERE NOT EXISTS (SELECT 1 FROM journal j WHERE j.tenant = r.tenant AND j.record = r.id)'],
  ['events of filings that do not exist', 'SELECT count(*) FROM journal j WHERE NOT EXISTS (SELECT 1 FROM record r WHERE r.tenant = j.tenant AND r.id = j.record)'],
  ['filings that are still drafts', 'SELECT count(*) FROM draft d WHERE EXISTS (SELECT 1 FROM record r WHERE r.tenant = d.tenant AND r.id = d.id)'],
  // The demonstration's letters are made meanwhile.
  ['letters neither made nor waiting', "SELECT count(*) FROM letter l WHERE l.file = 0 AND l.erased = 0 AND NOT EXISTS (SELECT 1 FROM job j WHERE j.tenant = l.tenant AND j.name = 'letter.make' AND j.payload = CAST(l.id AS TEXT))"],
  ['letters without their file', 'SELECT count(*) FROM letter l WHERE l.file <> 0 AND NOT EXISTS (SELECT 1 FROM file f WHERE f.tenant = l.tenant AND f.id = l.file AND f.owner = l.record AND f.sha256 = l.sha256)'],
  ['letters made twice', "SELECT count(*) FROM (SELECT tenant, field_path FROM file WHERE field_path LIKE 'letter/%' GROUP BY tenant, field_path HAVING count(*) > 1) x"],
  ['letters told before they are made', "SELECT count(*) FROM letter l JOIN outbox o ON o.tenant = l.tenant AND o.record = l.record AND o.effect = 'mail:author' AND o.created = l.at WHERE l.file = 0 AND o.run_at < 9000000000000000000"]]
export function verifyStore() {
  execFileSync(beffroi, ['verify-journal', '--data', dir], { env })
  for (const [what, q] of impossible) { const n = sql(q); check(n === '0', `${what}: ${n}`) }
}
