// SPDX-License-Identifier: AGPL-3.0-or-later
// A letter from the inbox to whoever verifies it: decided and sent in four clicks, read as a page and as PDF, compared with and without
// script, withdrawn, replaced.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { judged, open, output, page, run, test, until } from './lib/browser.mjs'

const base = process.env.BEFFROI_URL
const browser = await open()
const shot = (p, name) => p.screenshot({ path: `${output}/letter-${name}.png`, fullPage: true })
const clicks = { n: 0 }
const click = async (p, what) => { clicks.n++; await (typeof what === 'string' ? p.locator(what).first() : what).click() }
const fits = (p) => p.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1)
const bytes = async (p, url) => Buffer.from(await (await p.context().request.get(url)).body())
const pdf = (name, b) => { const path = `${output}/${name}.pdf`; fs.writeFileSync(path, b); return path }
const text = (path) => execFileSync('pdftotext', ['-layout', path, '-']).toString()

async function agent(options = {}) {
  const p = await page(browser, { viewport: { width: 1280, height: 900 }, bypassCSP: true, ...options })
  await p.goto(base + '/compte/connexion')
  await p.fill('#email', 'admin@exemple.fr'); await p.fill('#password', 'une image par jour'); await p.click('main form button[type=submit]')
  return p
}

let letter, dossier, code, file, altered
test('from the inbox to the letter sent: at most four clicks', async () => {
  const p = await agent()
  await p.goto(base + '/agents?kind=d102&state=received')
  await click(p, 'tbody a')
  dossier = p.url().split('?')[0]
  const refuse = p.locator('details', { has: p.locator('summary', { hasText: /^Refuser$/ }) })
  await click(p, refuse.locator('summary'))
  await p.fill('#refuse-reason_in_law', 'Article L2122-1 du code général de la propriété des personnes publiques')
  await p.fill('#refuse-reason_in_fact', 'La rue est la seule entrée des secours ce jour-là.')
  await click(p, refuse.locator('button[type=submit]'))
  await p.waitForURL(/fait=1/)
  assert.ok(clicks.n <= 4, `${clicks.n} clicks`)
  console.log(`inbox → decided, letter sent: ${clicks.n} clicks`)
  letter = await p.locator('.letters a').first().getAttribute('href')
  code = letter.split('/').pop()
  assert.match(code, /^([0-9A-Z]{4}-){6}[0-9A-Z]{4}$/)
  assert.deepEqual(await judged(p), [])
  await shot(p, 'dossier-1280')
  await p.context().close()
})

test('the PDF is made within seconds, and says what the page says', async () => {
  const p = await agent()
  await until(async () => { await p.goto(base + letter); return await p.locator('a.button', { hasText: 'PDF' }).count() }, 15000)
  const said = (await p.textContent('.sheet')).replace(/\s+/g, ' ')
  assert.match(said, /Objet : /)
  assert.match(said, /Décision de refus/)
  assert.match(said, /seule entrée des secours/)
  assert.match(said, /Voies et délais de recours/)
  const answer = await p.context().request.get(base + letter + '/pdf')
  assert.equal(answer.headers()['content-type'], 'application/pdf')
  file = await bytes(p, base + letter + '/pdf')
  const path = pdf('letter', file), words = text(path).replace(/\s+/g, ' ')
  for (const w of ['seule entrée des secours', 'L2122-1', 'Page 1 sur', code]) assert.ok(words.includes(w), w)
  const info = execFileSync('pdfinfo', [path]).toString()
  assert.match(info, /Tagged:\s+yes/)
  execFileSync('pdftoppm', ['-r', '60', '-png', path, `${output}/letter-pdf`])
  altered = Buffer.from(file); altered[Math.floor(file.length / 2)] ^= 1
  pdf('letter-altered', altered)
  assert.deepEqual(await judged(p), [])
  await shot(p, 'page-1280')
  await p.setViewportSize({ width: 360, height: 740 })
  assert.ok(await fits(p))
  await shot(p, 'page-360')
  await p.emulateMedia({ media: 'print' })
  await shot(p, 'page-print')
  await p.context().close()
})

const choose = (p, name) => p.setInputFiles('#fichier', `${output}/${name}.pdf`)
test('verified in the browser: the file does not leave', async () => {
  const p = await page(browser, { bypassCSP: true })
  const sent = []
  p.on('request', (r) => r.method() === 'POST' && sent.push(r.url()))
  await p.goto(base + '/v')
  await p.fill('#code', code.toLowerCase().replace(/-/g, ' '))
  await p.click('main form button')
  assert.equal(p.url(), `${base}/v/${code}`)
  assert.match(await p.textContent('main'), /authentique, toujours valable/)
  for (const w of ['Référence du dossier', 'Objet', 'Refus', 'Envoyé par']) assert.match(await p.textContent('main'), new RegExp(w))
  assert.doesNotMatch(await p.textContent('main'), /seule entrée|@/)
  await choose(p, 'letter')
  await p.waitForSelector('[data-result=same]:not([hidden])')
  await shot(p, 'verify-same-360')
  assert.ok(await fits(p))
  assert.deepEqual(await judged(p), [])
  await choose(p, 'letter-altered')
  await p.waitForSelector('[data-result=altered]:not([hidden])')
  assert.equal(await p.isVisible('[data-result=same]'), false)
  assert.deepEqual(sent, [])
  assert.deepEqual(p.faults, [])
  await p.setViewportSize({ width: 1280, height: 900 })
  await shot(p, 'verify-altered-1280')
  await p.emulateMedia({ colorScheme: 'dark' })
  await shot(p, 'verify-dark')
  await p.context().close()
})

test('verified without script: by a file that is not kept', async () => {
  for (const p of [await page(browser, { javaScriptEnabled: false }), await agent({ javaScriptEnabled: false })]) {
    await p.goto(`${base}/v/${code}`)
    await choose(p, 'letter'); await p.click('form[enctype] button')
    assert.match(await p.textContent('main'), /Ce fichier est authentique/)
    assert.equal(await p.isVisible('[data-result=altered]'), false)
    await choose(p, 'letter-altered'); await p.click('form[enctype] button')
    assert.equal(await p.isVisible('[data-result=same]'), false)
    assert.equal(await p.isVisible('[data-result=altered]'), true)
    await shot(p, 'verify-noscript-360')
    const empty = await p.context().request.post(`${base}/v/${code}/fichier`, { multipart: { autre: 'x' } })
    assert.equal(empty.status(), 422)
    await p.context().close()
  }
})

test('a code that is none, and one of no letter', async () => {
  const p = await page(browser, { bypassCSP: true })
  await p.goto(base + '/v')
  await shot(p, 'verify-360')
  await p.fill('#code', code.slice(0, -1) + (code.endsWith('7') ? 'K' : '7')); await p.click('main form button')
  assert.match(await p.textContent('main'), /un signe est faux/)
  assert.deepEqual(await judged(p), [])
  assert.equal(await p.inputValue('#code'), code.slice(0, -1) + (code.endsWith('7') ? 'K' : '7'))
  assert.equal((await p.goto(base + '/v/0000-0000')).status(), 422)
  await p.context().close()
})

test('replaced: the old one says so, the new one is written from the same answers', async () => {
  const p = await agent()
  await p.goto(base + letter)
  await p.locator('summary', { hasText: 'Remplacer' }).click()
  await p.click('form[action$=remplacer] button[type=submit]')
  assert.match(await p.textContent('.faults, .notice, main'), /Dites pourquoi/)
  assert.match(await p.inputValue('#ask-reason_in_fact'), /seule entrée/)
  await p.fill('#reason', 'Une date était fausse.')
  await p.fill('#ask-reason_in_fact', 'La rue est la seule entrée des secours le 28 novembre.')
  await shot(p, 'replace-1280')
  await p.click('form[action$=remplacer] button[type=submit]')
  assert.match(await p.textContent('main'), /Le nouveau courrier est écrit/)
  assert.match(await p.textContent('.sheet'), /le 28 novembre/)
  const next = new URL(p.url()).pathname
  assert.notEqual(next, letter)
  await p.goto(base + letter)
  assert.match(await p.textContent('main'), /Remplacé/)
  assert.equal(await p.locator('form[action$=retirer]').count(), 0)
  await p.goto(dossier)
  assert.match(await p.textContent('main'), /Courrier remplacé/)
  const q = await page(browser, { javaScriptEnabled: false })
  await q.goto(`${base}/v/${code}`)
  assert.match(await q.textContent('main'), /a été remplacé le/)
  await choose(q, 'letter'); await q.click('form[enctype] button')
  assert.match(await q.textContent('main'), /un autre courrier le remplace/)
  await shot(q, 'verify-replaced-360')
  // The new one is withdrawn.
  await p.goto(base + next)
  await p.locator('summary', { hasText: 'Retirer' }).click()
  await p.fill('#why', 'Le dossier est rouvert.')
  await p.click('form[action$=retirer] button[type=submit]')
  assert.match(await p.textContent('main'), /Le courrier est retiré/)
  await q.goto(`${base}/v/${next.split('/').pop()}`)
  assert.match(await q.textContent('main'), /a été retiré le/)
  assert.doesNotMatch(await q.textContent('main'), /rouvert/)
  await shot(q, 'verify-withdrawn-360')
  await p.context().close(); await q.context().close()
})

await run()
await browser.close()
