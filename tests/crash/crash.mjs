// SPDX-License-Identifier: AGPL-3.0-or-later
// See tests/crash/run. Prints what it did each ten rounds and ends with "N passed, N failed": a round is one test.
import { spawn, spawnSync, execFileSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import net from 'node:net'

const args = process.argv.slice(2)
const opt = (name, otherwise) => { const i = args.indexOf('--' + name); return i < 0 ? otherwise : args[i + 1] }
const beffroi = opt('beffroi'), dir = opt('dir') + '/data', times = +opt('times', '10')
let seed = +opt('seed', '1')
const random = () => { seed = (seed + 0x6d2b79f5) | 0; let t = Math.imul(seed ^ (seed >>> 15), 1 | seed); t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t; return ((t ^ (t >>> 14)) >>> 0) / 4294967296 }
const sleep = ms => new Promise(done => setTimeout(done, ms))
const slug = 'ecrire-a-la-mairie'
console.log(`seed ${seed}`)

execFileSync(beffroi, ['demo', '--data', dir], { stdio: 'ignore' })
const env = { ...process.env, BEFFROI_FILINGS_PER_MINUTE: '1000000', BEFFROI_LOG_LEVEL: 'error' }

const freePort = () => new Promise(done => { const s = net.createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => done(port)) }) })
async function start() {
  const port = await freePort()
  const child = spawn(beffroi, ['serve', '--data', dir, '--listen', `127.0.0.1:${port}`], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', d => { said = (said + d).slice(-2000) })
  const base = `http://127.0.0.1:${port}`
  for (let i = 0; i < 400; i++) {
    try { if ((await fetch(base + '/healthz')).ok) return { child, base } } catch { /* not yet */ }
    if (child.exitCode !== null) break
    await sleep(25)
  }
  throw new Error('the server does not start: ' + said)
}
// The server alone: its parent, which holds the port, is there and starts another.
const serverOf = parent => String(spawnSync('pgrep', ['-P', String(parent), '-x', 'beffroi']).stdout).trim().split('\n').map(Number)
async function crashServer(s) {
  const [pid, ...others] = serverOf(s.child.pid)
  if (!pid || others.length) throw new Error('one server, not ' + [pid, ...others])
  process.kill(pid, 'SIGKILL')
  for (let i = 0; ; i++) {        // a kept connection, or one just taken by the dying server, is cut: asked again
    try { if ((await fetch(s.base + '/healthz')).ok && serverOf(s.child.pid)[0] !== pid) break } catch (e) { if (/ECONNREFUSED/.test(String(e.cause))) throw e }
    if (i === 400 || s.child.exitCode !== null) throw new Error('no other server of the same parent')
    await sleep(10)
  }
}
// Everything: the parent dies, and takes all with it.
async function crash(s) {
  s.child.kill('SIGKILL')
  await new Promise(done => s.child.exitCode !== null || s.child.signalCode ? done() : s.child.once('exit', done))
  // the processes it started die with it; the lock is theirs until then
  for (let i = 0; i < 200; i++) {
    try { execFileSync('flock', ['-n', dir + '/lock', 'true']); return } catch { await sleep(10) }
  }
  throw new Error('somebody still holds the data directory')
}

// ---- what was acknowledged, over all rounds ----
const filed = [], pending = new Map(), drafts = [], uploads = []
let checks = 0
const acked = { filings: 0, saves: 0, pieces: 0 }

const answers = n => ({ answers: { f1: `Objet ${n}`, f2: 'voirie', f3: `Message ${n}`, f5: 'Marie Imagier', f6: false }, contact: { email: `p${n}@exemple.fr` } })
async function fileOne(base, n) {
  const key = randomUUID(), body = JSON.stringify(answers(n))
  pending.set(key, body)
  const r = await fetch(`${base}/api/v1/procedures/${slug}/records`, { method: 'POST', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key }, body })
  const said = await r.json()
  if (r.status !== 201) throw new Error('filing: ' + r.status + ' ' + JSON.stringify(said))
  filed.push({ ...said, n })
  pending.delete(key)
  acked.filings++
}
const cookiesOf = r => r.headers.getSetCookie().map(c => c.split(';')[0]).join('; ')
async function beginDraft(base) {
  const r = await fetch(`${base}/demarches/${slug}/commencer`, { method: 'POST', redirect: 'manual' })
  if (r.status !== 303) throw new Error('begin: ' + r.status)
  const d = { ref: r.headers.get('location').split('/')[2], cookie: cookiesOf(r), value: null, trying: null }
  drafts.push(d)
  return d
}
async function saveOne(base, d) {
  const value = `valeur ${Math.floor(random() * 1e9)}`
  d.trying = value
  const r = await fetch(`${base}/dossiers/${d.ref}/champ`, { method: 'POST', headers: { Cookie: d.cookie, Origin: base, 'Content-Type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ path: 'f1', f1: value }) })
  if (r.status !== 204) throw new Error('save: ' + r.status + ' ' + await r.text())
  d.value = value
  d.trying = null
  acked.saves++
}
async function uploadOne(base, d) {
  const bytes = Buffer.alloc(200000 + Math.floor(random() * 400000), `%PDF-1.4 ${random()}\n`)
  const meta = `filename ${Buffer.from('essai.pdf').toString('base64')}`
  const r = await fetch(`${base}/dossiers/${d.ref}/fichiers?path=f4`, { method: 'POST', headers: { Cookie: d.cookie, Origin: base, 'Tus-Resumable': '1.0.0', 'Upload-Length': String(bytes.length), 'Upload-Metadata': meta } })
  if (r.status === 422) return
  if (r.status !== 201) throw new Error('upload: ' + r.status + ' ' + await r.text())
  const u = { d, url: new URL(r.headers.get('location'), base).pathname, bytes, offset: 0 }
  uploads.push(u)
  while (u.offset < bytes.length) await goOn(base, u)
}
async function goOn(base, u) {
  const piece = u.bytes.subarray(u.offset, u.offset + 150000)
  const r = await fetch(base + u.url, { method: 'PATCH', headers: { Cookie: u.d.cookie, Origin: base, 'Tus-Resumable': '1.0.0', 'Upload-Offset': String(u.offset), 'Content-Type': 'application/offset+octet-stream' }, body: piece })
  if (r.status !== 204) throw new Error('piece: ' + r.status + ' ' + await r.text())
  u.offset = +r.headers.get('upload-offset')
  acked.pieces++
}

async function load(base, going) {
  let n = filed.length * 10
  const one = async () => {
    const d = await beginDraft(base)
    while (going.on) {
      const dice = random()
      if (dice < 0.5) await fileOne(base, n++)
      else if (dice < 0.9) await saveOne(base, d)
      else await uploadOne(base, d)
    }
  }
  await Promise.allSettled(Array.from({ length: 8 }, one)).then(all => {
    for (const r of all) if (r.status === 'rejected' && going.kept && /ECONNREFUSED/.test(String(r.reason?.cause))) fail('a connection was refused: ' + r.reason.cause)
    for (const r of all) if (r.status === 'rejected' && !/fetch failed|terminated|socket|ECONN|aborted|other side/i.test(String(r.reason) + String(r.reason?.cause))) throw r.reason
  })
}

const fail = m => { throw new Error(m) }
async function verify(base, from) {
  for (const f of filed.slice(from.filed)) {
    const r = await fetch(`${base}/api/v1/records/${f.reference}`, { headers: { Authorization: 'Bearer ' + f.token } })
    checks++
    if (r.status !== 200) fail(`filing ${f.reference} was acknowledged and is not there: ${r.status}`)
    if ((await r.json()).answers.f1 !== `Objet ${f.n}`) fail(`filing ${f.reference} holds other answers`)
  }
  for (const [key, body] of pending) {            // not acknowledged: asked again with the same key, it is filed once
    const again = async () => (await (await fetch(`${base}/api/v1/procedures/${slug}/records`, { method: 'POST', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key }, body })).json()).reference
    const [a, b] = [await again(), await again()]
    checks++
    if (!a || a !== b) fail(`one key, two filings: ${a} ${b}`)
  }
  pending.clear()
  for (const d of drafts.slice(from.drafts)) {
    if (d.value === null) continue
    const page = await (await fetch(`${base}/dossiers/${d.ref}/remplir/1`, { headers: { Cookie: d.cookie } })).text()
    checks++
    if (!page.includes(`value="${d.value}"`) && !(d.trying && page.includes(`value="${d.trying}"`))) fail(`draft ${d.ref}: "${d.value}" was saved and is not there`)
  }
  for (const u of uploads.slice(from.uploads)) {
    const r = await fetch(base + u.url, { method: 'HEAD', headers: { Cookie: u.d.cookie, 'Tus-Resumable': '1.0.0' } })
    checks++
    if (!r.ok) fail(`upload ${u.url}: ${r.status}`)
    const there = +r.headers.get('upload-offset')
    if (there < u.offset) fail(`upload ${u.url}: ${u.offset} bytes were acknowledged, ${there} are there`)
    u.offset = there
    while (u.offset < u.bytes.length) await goOn(base, u)
    const got = await fetch(base + u.url, { headers: { Cookie: u.d.cookie } }), back = Buffer.from(await got.arrayBuffer())
    const sum = b => createHash('sha256').update(b).digest('hex')
    if (sum(back) !== sum(u.bytes)) fail(`upload ${u.url}: other bytes came back: ${got.status}, ${back.length} for ${u.bytes.length}, first ${there} of them before the crash: ${back.subarray(0, 200)}`)
  }
}
function verifyStore() {
  execFileSync(beffroi, ['verify-journal', '--data', dir], { env })
  const sql = q => execFileSync('sqlite3', ['-readonly', dir + '/beffroi.db', q]).toString().trim()
  const zero = (what, q) => { checks++; const n = sql(q); if (n !== '0') fail(`${what}: ${n}`) }
  zero('effects done twice', 'SELECT count(*) FROM (SELECT 1 FROM outbox GROUP BY tenant, cause, effect HAVING count(*) > 1)')
  zero('mails of causes that do not exist', "SELECT count(*) FROM outbox o WHERE o.record <> 0 AND NOT EXISTS (SELECT 1 FROM record r WHERE r.tenant = o.tenant AND r.id = o.record)")
  zero('filings without their receipt', "SELECT count(*) FROM record r WHERE r.channel = 'api' AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.tenant = r.tenant AND o.record = r.id)")
  zero('filings without their event', "SELECT count(*) FROM record r WHERE NOT EXISTS (SELECT 1 FROM journal j WHERE j.tenant = r.tenant AND j.record = r.id)")
  zero('events of filings that do not exist', 'SELECT count(*) FROM journal j WHERE NOT EXISTS (SELECT 1 FROM record r WHERE r.tenant = j.tenant AND r.id = j.record)')
}

let passed = 0, failed = 0
const deaths = { server: 0, all: 0 }
for (let i = 0; i < times; i++) {
  const from = { filed: filed.length, drafts: drafts.length, uploads: uploads.length }
  let s, again
  try {
    s = await start()
    const ms = 150 + random() * 900
    const going = { on: true, kept: random() < 0.5 }
    const loading = load(s.base, going)
    loading.catch(() => {})       // looked at below, once the server is gone
    await sleep(ms)
    await (going.kept ? crashServer(s) : crash(s))
    going.on = false
    await loading
    deaths[going.kept ? 'server' : 'all']++
    again = going.kept ? s : await start()
    await verify(again.base, from)
    verifyStore()
    passed++
  } catch (e) {
    failed++
    console.log(`round ${i}: ${e.stack}`)
    if (failed > 3) break
  } finally {
    for (const x of [s, again]) if (x && x.child.exitCode === null && !x.child.signalCode) await crash(x)
  }
  if (i % 10 === 9) console.log(`${i + 1} crashes: ${acked.filings} filings, ${acked.saves} saves, ${acked.pieces} pieces acknowledged; ${checks} checks`)
}
console.log(`crashes ${passed + failed} (${deaths.all} of all processes, ${deaths.server} of the server only), acknowledged: ${acked.filings} filings, ${acked.saves} field saves, ${acked.pieces} upload pieces; ${checks} checks`)
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed ? 1 : 0)
