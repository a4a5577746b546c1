// SPDX-License-Identifier: AGPL-3.0-or-later
// See tests/crash/faults. People keep filing, saving, sending files and writing messages while the store fails under them; nothing is
// ever restarted but PostgreSQL. Each sentence that is printed is one test; ends with "N passed, N failed".
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { acked, ask, beginDraft, crash, demo, dir, drain, engine, fail, fileOne, isCut, ledger, mark, messageOne, opt, paperOne, pgCtl, post, random, Refused, runs, saveOne, signIn, sleep, slug, start, uploadOne, verify, verifyStore } from './town.mjs'

let passed = 0, failed = 0
async function test(name, fn) {
  try { await fn(); passed++; console.log('ok ' + name) } catch (e) { failed++; console.log(`not ok ${name}\n${String(e.stack || e).slice(0, 1500)}`) }
}

// ---- the load ----
/* Outcomes since the last look: what was acknowledged, what was refused and how, connections that were cut. */
let outcomes
const outcomesNew = () => { outcomes = { good: {}, refused: [], cut: [], wrong: [] } }
async function once(what, fn) {
  try {
    await fn()
    outcomes.good[what] = (outcomes.good[what] || 0) + 1
    return true
  } catch (e) {
    if (e instanceof Refused) outcomes.refused.push(e)
    else (isCut(e) ? outcomes.cut : outcomes.wrong).push(e)
    return false
  }
}
function load(base, agent) {
  let going = true, n = (ledger.filed.length + ledger.papers.length) * 10
  const person = async () => {
    for (let d = null; going;) {
      const dice = random()
      let fine
      if (!d || dice < 0.05) fine = await once('begin', async () => { d = await beginDraft(base) })
      else if (dice < 0.25) fine = await once('filing', () => fileOne(base, n++))
      else if (dice < 0.4) fine = await once('paper', () => paperOne(base, n++))
      else if (dice < 0.7) fine = await once('save', () => saveOne(base, d))
      else if (dice < 0.85) fine = await once('upload', () => uploadOne(base, d))
      else fine = await once('message', () => messageOne(base, agent, `Note ${n++}`))
      if (!fine) await sleep(40)
    }
  }
  const all = Promise.all(Array.from({ length: 6 }, person))
  return async () => { going = false; await all }
}
const until = async (what, ms, fn) => { for (const end = performance.now() + ms; ;) { if (await fn()) return; if (performance.now() > end) fail('waited in vain: ' + what); await sleep(100) } }

// ---- pages ----
const plain = z => z.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;|&#34;/g, '"').replace(/&#39;|&#x27;/g, "'").replace(/&amp;/g, '&')
/* The form of an error page, as a browser would send it. */
function formOf(html) {
  const m = html.match(/<form class="form" method="post" action="([^"]+)"( enctype="multipart\/form-data")?>([\s\S]*?)<\/form>/) || fail('the page has no form to send again: ' + html.slice(0, 3000))
  const words = [...m[3].matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(i => [plain(i[1]), plain(i[2])])
  return { action: plain(m[1]), multipart: !!m[2], words, files: [...m[3].matchAll(/<input type="file"[^>]*name="([^"]*)"/g)].map(i => plain(i[1])), button: /<button type="submit">Réessayer<\/button>/.test(m[3]) }
}
const said = [/disque du service est plein|disque du service ne répond pas|ne peut rien enregistrer|base de données du service ne répond pas|très demandé/]
function isClear(e, words) {
  const text = plain(e.text)
  if (![503, 507].includes(e.status)) fail(`${e.what}: ${e.status} ${text.slice(0, 500)}`)
  if (!(+e.headers.get('retry-after') > 0)) fail(`${e.what}: no Retry-After`)
  for (const w of [...said, ...words]) if (!w.test(text)) fail(`${e.what}: the answer does not say ${w}: ${text.replace(/[\s\S]*<main/, '<main').slice(0, 1500)}`)
}
const refusal = async fn => { try { await fn() } catch (e) { if (e instanceof Refused) return e; throw e } return null }
/* Tries until it is refused: on a full disk a small write may still find room. */
async function refused(fn) {
  let e = null
  await until('a refusal', 20000, async () => (e = await refusal(fn)))
  return e
}

const long = 'a'.repeat(90000)
const page1 = n => ({ f1: `Objet gardé ${n}`, f2: 'voirie', f3: `Un « mot » & <b>gras</b>\r\nsur deux lignes`, do: 'next' })
/* A page of a form with a file before its words, as a browser sends it: more than one piece of the body. */
function multipart(base, d, words, file) {
  const data = new FormData()
  if (file) data.append('f4', new Blob(['%PDF-1.4\n' + file]), 'plan.pdf')
  for (const [k, v] of words) data.append(k, v)
  return ask('page', `${base}/dossiers/${d.ref}/remplir/1`, 303, { method: 'POST', headers: { Cookie: d.cookie, Origin: base }, body: data })
}

// ---- one fault ----
/* readable: pages that only read are answered meanwhile. */
async function fault(name, { begin, end, readable }) {
  const from = mark(), say = what => `${name}: ${what}`
  const s = await start(), agent = await signIn(s.base, 'accueil@exemple.fr'), keep = await beginDraft(s.base), paper = await paperOne(s.base, 900000 + passed)
  await saveOne(s.base, keep)
  const report = (await (await fetch(s.base + '/signaler')).text()).match(/href="\/signaler\/([A-Z0-9-]+)"/)[1]
  const held = await beginDraft(s.base), started = await beginDraft(s.base), pid = s.child.pid
  held.value = null
  outcomesNew()
  const stop = load(s.base, agent)
  await sleep(1500)
  const before = outcomes
  outcomesNew()
  await begin()
  let pages, message, step
  await test(say('what cannot be kept is refused'), () => until('refusals of each kind', 30000, () => ['filing', 'save', 'begin', 'message'].every(w => outcomes.refused.some(e => e.what === w)) && outcomes.refused.some(e => ['upload', 'piece'].includes(e.what))))
  await test(say(readable ? 'pages that only read are answered' : 'pages that cannot be read say so'), async () => {
    const reads = [['/', ''], [`/demarches/${slug}`, ''], ['/recherche?q=mairie', ''], ['/signaler', ''], [`/signaler/${report}`, ''], [`/dossiers/${keep.ref}/remplir/1`, keep.cookie], [`/dossiers/${paper.ref}`, paper.cookie], ['/agents', agent.cookie], [`/agents/dossiers/${agent.ref}`, agent.cookie]]
    for (let i = 0; i < 3; i++)
      for (const [path, cookie] of reads) {
        const e = await refusal(async () => drain(await ask(path, s.base + path, 200, { headers: { Cookie: cookie } })))
        if (e && readable) throw e
        if (e) isClear(e, [/est gardé/, /Réessayez dans une minute/, /<a class="button" href="[^"]+">Réessayer/])
      }
  })
  await test(say('a page of a form comes back with its words, and asks for its files again'), async () => {
    const words = Object.entries(page1(1))
    const e = await refused(() => multipart(s.base, held, words, long))
    isClear(e, [/Cette page le garde/, /Réessayer/, /choisissez-les de nouveau/, /plan\.pdf/])
    step = formOf(e.text)
    if (JSON.stringify(step.words) !== JSON.stringify(words)) fail('other words came back: ' + JSON.stringify(step.words).slice(0, 600))
    if (!step.multipart || step.files.join() !== 'f4' || !step.button) fail('the form cannot be sent again: ' + JSON.stringify(step))
  })
  await test(say('a form without files too, and the start of a dossier'), async () => {
    const e = await refused(() => post('page', s.base, `/dossiers/${started.ref}/remplir/1`, 303, started.cookie, page1(2)))
    isClear(e, [/Cette page le garde/])
    pages = formOf(e.text)
    if (JSON.stringify(pages.words) !== JSON.stringify(Object.entries(page1(2))) || pages.multipart) fail('other words came back: ' + JSON.stringify(pages))
    formOf((await refused(() => ask('begin', `${s.base}/demarches/${slug}/commencer`, 303, { method: 'POST' }))).text)
  })
  await test(say("an agent's message too"), async () => {
    const e = await refused(() => post('message', s.base, `/agents/dossiers/${agent.ref}/messages`, 303, agent.cookie, { csrf: agent.csrf, words: 'Une note\r\nà ne pas perdre', do: 'note' }))
    isClear(e, [/Cette page le garde/])
    message = formOf(e.text)
    if (!message.words.some(w => w[1] === 'Une note\r\nà ne pas perdre') || !message.words.some(w => w[0] === 'csrf')) fail('other words came back: ' + JSON.stringify(message))
  })
  await test(say('a password is not given back'), async () => {
    const e = await refusal(() => post('sign up', s.base, '/compte/inscription', 303, '', { email: `x${passed}@exemple.fr`, forename: 'Zoé', surname: 'Imagier', password: 'un secret bien long' }))
    if (e && e.status !== 422) { isClear(e, [/Revenez à la page précédente/]); if (e.text.includes('un secret')) fail('the password is in the page') }
  })
  await sleep(2000)
  const during = outcomes
  outcomesNew()
  await end()
  await test(say('service resumes by itself'), async () => {
    await until('each kind of work', 15000, () => ['begin', 'filing', 'paper', 'save', 'upload', 'message'].every(w => outcomes.good[w]))
    if (!runs(s) || s.child.pid !== pid) fail('the server ended')
  })
  await sleep(500)
  await stop()
  await test(say('each refusal is 503 or 507, says why and when to come back; no connection is cut'), () => {
    for (const o of [before, during, outcomes]) {
      for (const e of o.refused) isClear(e, [])
      for (const e of [...o.cut, ...o.wrong]) throw e
    }
    if (before.refused.length) throw before.refused[0]
  })
  await test(say('« Réessayer » sends what was kept'), async () => {
    await drain(await multipart(s.base, held, step.words, long))
    await drain(await post('again', s.base, pages.action, 303, started.cookie, pages.words))
    for (const [d, n] of [[held, 1], [started, 2]]) {
      const back = plain(await (await ask('draft', `${s.base}/dossiers/${d.ref}/remplir/1`, 200, { headers: { Cookie: d.cookie } })).text())
      if (!back.includes(`value="Objet gardé ${n}"`) || !back.includes('Un « mot » & <b>gras</b>\nsur deux lignes') || (n === 1 && !back.includes('plan.pdf'))) fail('the draft holds other words: ' + back.slice(0, 3000))
    }
    await drain(await post('message again', s.base, message.action, 303, agent.cookie, message.words))
    const back = await (await ask('dossier', `${s.base}/agents/dossiers/${agent.ref}`, 200, { headers: { Cookie: agent.cookie } })).text()
    if (!back.includes('à ne pas perdre')) fail('the message is not in the dossier')
  })
  await test(say('everything acknowledged is there, once; the journal verifies'), async () => { await verify(s.base, from); verifyStore() })
  const kinds = o => Object.entries(o.refused.reduce((n, e) => ({ ...n, [`${e.what} ${e.status}`]: (n[`${e.what} ${e.status}`] || 0) + 1 }), {})).map(([k, v]) => `${k}: ${v}`).join(', ')
  console.log(`   meanwhile ${Object.values(during.good).reduce((a, b) => a + b, 0)} acknowledged, refused: ${kinds(during)}`)
  if (runs(s)) await crash(s)
}

/* Nothing fails here but the request: its words come back all the same. */
async function tooMuch() {
  const s = await start(), d = await beginDraft(s.base), paper = await paperOne(s.base, 800000)
  await test('a file that is too large: the words beside it come back, and it may be left out', async () => {
    const words = Object.entries(page1(3)), e = await refusal(() => multipart(s.base, d, words, 'b'.repeat(1100000)))
    if (e?.status !== 413) fail('it was taken: ' + e)
    const f = formOf(e.text)
    if (JSON.stringify(f.words) !== JSON.stringify(words) || !/plan\.pdf/.test(e.text) || !/plus léger/.test(e.text)) fail('not given back: ' + e.text)
    await drain(await multipart(s.base, d, f.words))
  })
  await test('too many messages: the words of the last one come back', async () => {
    const send = () => post('message', s.base, `/dossiers/${paper.ref}/messages`, 303, paper.cookie, { words: 'Un mot & deux' })
    const e = await refused(send)
    if (e.status !== 429 || !(+e.headers.get('retry-after') > 0)) fail('another refusal: ' + e)
    if (formOf(e.text).words[0][1] !== 'Un mot & deux') fail('not given back: ' + e.text)
  })
  await crash(s)
}

// ---- the faults ----
const disk = opt('dir'), ballast = disk + '/ballast'
/* To the last block, and again, since what is deleted meanwhile gives some back. */
function fill() {
  const block = Buffer.alloc(65536), fd = fs.openSync(ballast, 'a')
  for (let n = block.length; n >= 512;) try { fs.writeSync(fd, block, 0, n) } catch (e) { if (e.code !== 'ENOSPC') throw e; n >>= 1 }
  fs.closeSync(fd)
}
let filling
const fullDisk = {
  readable: true,
  begin: async () => { fill(); filling = setInterval(fill, 200) },
  end: async () => { clearInterval(filling); fs.unlinkSync(ballast) },
}
/* What stops root too, on files that are open: the immutable flag. */
const stuck = on => execFileSync('chattr', [on ? '+i' : '-i', ...['', '-wal'].map(x => `${dir}/beffroi.db${x}`)])
function canStick() {
  const file = disk + '/stuck', fd = fs.openSync(file, 'w')
  try {
    execFileSync('chattr', ['+i', file], { stdio: 'ignore' })
    fs.writeSync(fd, 'x')
    return false            // a tmpfs takes the flag and writes on
  } catch (e) { return e.code === 'EPERM' && e.syscall === 'write' } finally {
    fs.closeSync(fd)
    try { execFileSync('chattr', ['-i', file], { stdio: 'ignore' }) } catch { /* it never had it */ }
    fs.rmSync(file)
  }
}
const readOnly = { readable: true, begin: async () => stuck(true), end: async () => stuck(false) }
/* As after an error of the disk: the kernel makes the whole of it read-only. Nothing resumes on it; it is mounted again. */
async function brokenDisk(image) {
  const from = mark(), s = await start(), agent = await signIn(s.base, 'accueil@exemple.fr')
  outcomesNew()
  const stop = load(s.base, agent)
  await sleep(1500)
  execFileSync('mount', ['-o', 'remount,abort', disk])
  await sleep(1500)
  await stop()
  await test('broken disk: pages are read, what cannot be kept is refused with its reason', async () => {
    for (const path of ['/', `/demarches/${slug}`, '/recherche?q=mairie']) await drain(await ask(path, s.base + path, 200))
    await drain(await ask('dossier', `${s.base}/agents/dossiers/${agent.ref}`, 200, { headers: { Cookie: agent.cookie } }))
    if (!outcomes.refused.length) fail('nothing was refused')
    for (const e of outcomes.refused) isClear(e, [])
    for (const e of [...outcomes.cut, ...outcomes.wrong]) throw e
  })
  await crash(s)
  execFileSync('umount', [disk])
  execFileSync('mount', ['-o', 'loop', image, disk])
  const again = await start()
  await test('broken disk: mounted again, everything acknowledged is there', async () => { await verify(again.base, from); verifyStore() })
  await crash(again)
}
const databaseAway = { readable: false, begin: () => pgCtl('stop'), end: () => pgCtl('start') }

demo()
if (engine === 'SQLite') {
  await tooMuch()
  await fault('full disk', fullDisk)
  if (canStick()) await fault('read-only database', readOnly)
  else console.log('-- this disk writes to immutable files: the read-only database is not tried')
  if (opt('image')) await brokenDisk(opt('image'))
} else await fault('PostgreSQL stopped', databaseAway)
console.log(`${engine}, acknowledged: ${acked.filings} filings by API, ${acked.papers} by pages, ${acked.saves} field saves, ${acked.pieces} upload pieces, ${acked.messages} messages`)
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed ? 1 : 0)
