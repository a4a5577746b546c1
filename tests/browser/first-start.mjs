// SPDX-License-Identifier: AGPL-3.0-or-later
// A town's first hour in a browser: the link, the password, one page of at most twelve inputs, the town is open; then its staff and its state.
// At 360 and 1280 pixels, without and with script.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import { judged, open, output, page, run, test, until } from './lib/browser.mjs'

// A machine of its own: a second town would change what other tests of the demonstration may say.
const data = fs.mkdtempSync(os.tmpdir() + '/first-') + '/data'
const port = await new Promise((done) => { const s = net.createServer().listen(0, '127.0.0.1', () => { const p = s.address().port; s.close(() => done(p)) }) })
const base = `http://ville.localhost:${port}`
const beffroi = (...args) => spawnSync(process.env.BEFFROI_BIN, [...args, '--data', data], { encoding: 'utf8' })
let server
const browser = await open()
const submit = async (p, button) => (await Promise.all([p.waitForNavigation(), button.click()]))[0]
const narrow = { viewport: { width: 360, height: 740 } }, wide = { viewport: { width: 1280, height: 900 } }
const fits = (p) => p.evaluate(() => document.documentElement.scrollWidth <= innerWidth)
let state

async function signed(options) { return page(browser, { storageState: state, bypassCSP: true, ...options }) }

test('a town is added; its administrator chooses a password by the link, once', async () => {
  const added = beffroi('tenant', 'add', '--insee', '88160', '--host', 'ville.localhost', '--admin', 'chef@ville.localhost', ...(fs.existsSync('build/territory') ? [] : ['--name', 'Épinal']))
  assert.equal(added.status, 0, added.stderr)
  server = spawn(process.env.BEFFROI_BIN, ['serve', '--data', data, '--listen', `127.0.0.1:${port}`], { stdio: 'ignore' })
  await until(() => fetch(`http://127.0.0.1:${port}/healthz`).then((r) => r.ok, () => false))
  const link = added.stdout.match(/\/compte\/mot-de-passe\/\S+/)[0]
  const p = await page(browser, narrow)
  await p.goto(base + link)
  for (const i of await p.locator('main input[type=password]').all()) await i.fill('une image par jour')
  await submit(p, p.locator('main button[type=submit]').first())
  assert.equal((await p.goto(base + link)).status() >= 200, true)
  await p.goto(base + '/compte/connexion')
  await p.fill('input[type=email]', 'chef@ville.localhost')
  await p.fill('input[type=password]', 'une image par jour')
  await submit(p, p.locator('main form button[type=submit]').first())
  await p.goto(base + '/admin')
  assert.match(await p.textContent('main'), /Votre ville n’est pas encore ouverte/)
  assert.ok(await fits(p))
  await p.screenshot({ path: `${output}/first-admin-360.png`, fullPage: true })
  state = await p.context().storageState()
})

test('the page has at most twelve inputs, is fit for all, and shows colours before they are kept', async () => {
  const p = await signed(wide)
  await p.goto(base + '/admin/premiers-pas')
  assert.equal(await p.inputValue('[name=name]'), 'Épinal')
  const names = await p.$$eval('main :is(input, textarea, select):not([type=hidden])', (all) => [...new Set(all.map((i) => i.name))])
  assert.ok(names.length <= 12, names.join(' '))
  assert.equal(names.length, 11)
  assert.deepEqual(await judged(p), [])
  await p.screenshot({ path: `${output}/first-1280.png`, fullPage: true })
  const set = (name, value) => p.$eval(`[name=${name}]`, (i, v) => { i.value = v; i.dispatchEvent(new Event('input', { bubbles: true })) }, value)
  await set('action', '#ffdd00')
  assert.match(await p.textContent('#couleurs'), /trop pâle/)
  await set('action', '#7a1f5c')
  assert.match(await p.textContent('#couleurs'), /se lisent bien/)
  assert.equal(await p.$eval('#couleurs .button', (b) => getComputedStyle(b).backgroundColor), 'rgb(122, 31, 92)')
  assert.deepEqual(p.faults, [])
  const q = await signed({ ...narrow, javaScriptEnabled: false, bypassCSP: false })
  await q.goto(base + '/admin/premiers-pas')
  assert.ok(await fits(q))
  await q.screenshot({ path: `${output}/first-360.png`, fullPage: true })
  const night = await signed({ ...wide, colorScheme: 'dark' })
  await night.goto(base + '/admin/premiers-pas')
  assert.deepEqual(await judged(night), [])
  await night.screenshot({ path: `${output}/first-dark.png`, fullPage: true })
})

test('without script: what lacks is said at its field, a mail is tried, the town opens', async () => {
  const p = await signed({ ...narrow, javaScriptEnabled: false, bypassCSP: false })
  await p.goto(base + '/admin/premiers-pas')
  await p.fill('[name=hours]', 'Du lundi au vendredi, 9 h à 17 h')
  assert.equal((await submit(p, p.locator('button[value=open]'))).status(), 422)
  assert.match(await p.textContent('main'), /4 réponses sont à corriger/)
  assert.equal(await p.inputValue('[name=hours]'), 'Du lundi au vendredi, 9 h à 17 h')
  await p.screenshot({ path: `${output}/first-faults-360.png`, fullPage: true })
  await p.fill('[name=address]', '9 rue du Général-Leclerc\n88000 Épinal')
  await p.fill('[name=mail]', 'mairie@ville.example')
  await p.fill('[name=phone]', '03 39 98 01 01')
  await p.fill('[name=dpo]', 'dpo@ville.example')
  await p.fill('[name=sender]', 'demarches@ville.example')
  await submit(p, p.locator('button[value=test]'))
  assert.match(await p.textContent('#essai'), /Aucun serveur de courriel n’est réglé/)
  const mails = fs.readdirSync(data + '/mail').map((f) => fs.readFileSync(`${data}/mail/${f}`, 'utf8'))
  assert.ok(mails.some((m) => /demarches@ville\.example/.test(m) && /chef@ville\.localhost/.test(m)), 'the test mail was written')
  await p.setInputFiles('[name=logo]', { name: 'logo.png', mimeType: 'image/png', buffer: Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64') })
  await submit(p, p.locator('button[value=open]'))
  assert.equal(new URL(p.url()).pathname, '/admin/premiers-pas/ouverte')
  assert.match(await p.textContent('main'), /2 démarches sont en ligne/)
  assert.ok(await fits(p))
  await p.screenshot({ path: `${output}/first-open-360.png`, fullPage: true })
  await p.goto(base + '/demarches/ecrire-a-la-mairie')
  assert.match(await p.textContent('body'), /03 39 98 01 01/)
  await p.goto(base + '/admin')
  assert.doesNotMatch(await p.textContent('main'), /pas encore ouverte/)
})

test('the pages after: open, staff, mails, state; fit for all', async () => {
  const p = await signed(wide)
  await p.goto(base + '/admin/premiers-pas/ouverte')
  assert.deepEqual(await judged(p), [])
  await p.screenshot({ path: `${output}/first-open-1280.png`, fullPage: true })
  await p.goto(base + '/admin/comptes/importer')
  assert.deepEqual(await judged(p), [])
  await p.setInputFiles('[name=fichier]', { name: 'a.csv', mimeType: 'text/csv', buffer: Buffer.from('courriel;nom;qualité;rôle\nana;Petit;Agente;roi\n') })
  assert.equal((await submit(p, p.locator('main button[type=submit]').first())).status(), 422)
  assert.match(await p.textContent('main'), /Ligne 2/)
  await p.screenshot({ path: `${output}/staff-faults-1280.png`, fullPage: true })
  await p.setInputFiles('[name=fichier]', { name: 'a.csv', mimeType: 'text/csv', buffer: Buffer.from('Courriel;Prénom;Nom;Qualité;Service;Équipes;Rôle\nana@ville.example;Ana;Petit;Officière d’état civil;État civil;État civil|Accueil;agent\nleo@ville.example;Léo;Roy;Directeur général;Direction;;administration\n') })
  await submit(p, p.locator('main form[enctype] button[type=submit]'))
  assert.deepEqual(await judged(p), [])
  await p.screenshot({ path: `${output}/staff-preview-1280.png`, fullPage: true })
  await submit(p, p.locator('text=Importer et inviter'))
  assert.match(await p.textContent('body'), /Comptes créés et invités.*2/)
  const q = await signed(narrow)
  for (const [path, name] of [['/admin/etat', 'state'], ['/admin/courriels', 'mails'], ['/admin/comptes/importer', 'staff'], ['/admin/comptes', 'accounts'], ['/admin/premiers-pas/ouverte', 'first-open']]) {
    await q.goto(base + path)
    assert.deepEqual(await judged(q), [], path)
    assert.ok(await fits(q), path)
    await q.screenshot({ path: `${output}/${name}-360.png`, fullPage: true })
  }
  await p.goto(base + '/admin/etat')
  assert.match(await p.textContent('main'), /SPF/)
  await p.screenshot({ path: `${output}/state-1280.png`, fullPage: true })
  const en = await signed({ ...wide, locale: 'en-GB' })
  await en.goto(base + '/admin/etat')
  assert.match(await en.textContent('main'), /State of the platform/)
})

test('a mail that came back is seen by the agent who opens the dossier', async () => {
  const p = await page(browser, { ...wide, bypassCSP: true })
  await p.goto(process.env.BEFFROI_URL + '/compte/connexion')
  await p.fill('input[type=email]', 'admin@exemple.fr')
  await p.fill('input[type=password]', 'une image par jour')
  await submit(p, p.locator('main form button[type=submit]').first())
  await p.goto(process.env.BEFFROI_URL + '/admin/courriels')
  assert.match(await p.textContent('main'), /Courriels revenus/)
  assert.deepEqual(await judged(p), [])
  await p.screenshot({ path: `${output}/mails-1280.png`, fullPage: true })
  await Promise.all([p.waitForNavigation(), p.locator('main a', { hasText: 'Dossier' }).first().click()])
  assert.match(await p.textContent('main'), /n’arrivent pas/)
  await p.screenshot({ path: `${output}/dossier-mail-back-1280.png`, fullPage: true })
})

await run()
await browser.close()
if (server) await new Promise((done) => { server.on('exit', done); server.kill('SIGTERM') })
fs.rmSync(data, { recursive: true, force: true })
