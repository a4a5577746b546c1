// SPDX-License-Identifier: AGPL-3.0-or-later
// A manager adds a ready procedure without script, reads the draft, publishes it; a citizen then meets it, in English too.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { town } from './lib/town.mjs'
import { judged, open, output, page, run, test } from './lib/browser.mjs'

const browser = await open()
const own = await town({ 'gestion@exemple.fr': 'manager', 'voirie@exemple.fr': 'agent' }), base = own.base
const submit = async (p, button) => (await Promise.all([p.waitForNavigation(), button.click()]))[0]

async function signed(mail, options) {
  const p = await page(browser, options)
  await p.goto(base + '/compte/connexion')
  await p.fill('input[type=email]', mail)
  await p.fill('input[type=password]', 'une image par jour')
  await submit(p, p.locator('main form button[type=submit]').first())
  return p
}
const line = (p, title) => p.locator('main .list > li', { hasText: title })
const title = 'Ouvrir une buvette pour une fête'

test('a manager adds a procedure of the library, without script, and publishes it', async () => {
  const p = await signed('gestion@exemple.fr', { javaScriptEnabled: false, viewport: { width: 360, height: 740 } })
  await p.goto(base + '/admin/demarches')
  await p.click('text=Choisir une démarche prête à l’emploi')
  assert.equal(await p.locator('main .list > li').count(), 32)
  assert.equal(await p.locator('main .list > li button').count(), 32)
  assert.ok(await p.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is wider than the screen')
  assert.equal((await submit(p, line(p, title).locator('button'))).status(), 200)
  assert.match(await p.textContent('body'), /«\sOuvrir une buvette pour une fête\s» est dans vos démarches, en brouillon/)
  assert.match(await line(p, title).textContent(), /déjà dans vos démarches/)
  assert.equal(await p.locator('main .list > li button').count(), 31)
  await p.screenshot({ path: `${output}/library-360.png`, fullPage: true })
  await line(p, title).locator('a').click()
  assert.match(await p.textContent('main'), /brouillon/i)
  assert.equal((await p.goto(base + '/demarches/ouvrir-une-buvette-pour-une-fete')).status(), 404)
  await p.goBack()
  // Its French is changed in one place: everything else keeps its English.
  await p.fill('[name=duration]', 'Cinq minutes')
  await submit(p, p.locator('button[value=texts]'))
  await submit(p, p.locator('button[value=publish]'))
  assert.match(await p.textContent('main'), /publiée?/i)
})

test('a citizen reads it, in French and in English', async () => {
  const p = await page(browser, { viewport: { width: 360, height: 740 }, bypassCSP: true })
  await p.goto(base + '/demarches/ouvrir-une-buvette-pour-une-fete')
  assert.match(await p.textContent('main'), /Combien ça coûte\s*Gratuit/)
  assert.match(await p.textContent('main'), /L231-4\)/)
  assert.match(await p.textContent('main'), /Cinq minutes/)
  assert.deepEqual(await judged(p), [])
  await p.screenshot({ path: `${output}/library-procedure-360.png`, fullPage: true })
  const q = await page(browser, { locale: 'en-GB', viewport: { width: 1280, height: 900 } })
  await q.goto(base + '/demarches/ouvrir-une-buvette-pour-une-fete')
  const text = await q.textContent('main')
  assert.match(text, /What it costs\s*Free/)
  assert.match(text, /The number of permits already had this year/)
  assert.match(text, /To handle your request and keep the yearly count of permits/)
  await q.screenshot({ path: `${output}/library-procedure-en.png`, fullPage: true })
})

test('the page is fit for all, and closed to who may not change procedures', async () => {
  const p = await signed('gestion@exemple.fr', { viewport: { width: 1280, height: 900 }, bypassCSP: true })
  await p.goto(base + '/admin/demarches/bibliotheque')
  assert.deepEqual(await judged(p), [])
  await line(p, title).locator('summary').click()
  assert.match(await p.locator('main details[open]').textContent(), /R3335-16/)
  assert.deepEqual(await judged(p), [])
  await p.screenshot({ path: `${output}/library-1280.png`, fullPage: true })
  const q = await signed('voirie@exemple.fr')
  assert.ok((await q.goto(base + '/admin/demarches/bibliotheque')).status() >= 403)
})

// The yearly quota: the fifth permit may be asked for, not the sixth.
test('the quota of five a year is a rule of the form', async () => {
  const schema = (await (await fetch(base + '/api/v1/procedures/ouvrir-une-buvette-pour-une-fete')).json()).schema
  const answers = { f1: 'Fête de la rue', f2: 'Place des Vosges', f3: '2026-12-12T18:00', f4: '2026-12-12T23:00', f5: 'association', f6: 'Les Amis', f11: 'Zoé Petit', f12: '+33612345678', f13: true }
  assert.equal(schema.properties.f8.maximum, 4)
  const send = async (f8) => (await fetch(base + '/api/v1/procedures/ouvrir-une-buvette-pour-une-fete/records', {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ answers: { ...answers, f8 } }) })).status
  assert.equal(await send(4), 201)
  assert.equal(await send(5), 422)
})

test('every page of every ready form is fit for a telephone', async () => {
  const names = readdirSync(new URL('../../towns/library', import.meta.url)).map((f) => f.replace('.kind.yaml', ''))
  const r = spawnSync(process.env.BEFFROI_BIN, ['import', 'kind', ...names, '--publish', '--data', own.data], { encoding: 'utf8' })
  assert.equal(r.status, 0, r.stderr)
  const slugs = []
  for (const slug of r.stdout.split('\n').filter(Boolean).map((l) => l.split('\t')[2]))
    if ((await (await fetch(`${base}/api/v1/procedures/${slug}`)).json()).type === 'here') slugs.push(slug)
  const wrong = []
  let pages = 0
  for (const slug of slugs) {
    const p = await page(browser, { bypassCSP: true })
    await p.goto(`${base}/demarches/${slug}`)
    await submit(p, p.locator('form[action$=commencer] button'))
    const at = p.url().replace('/debut', '/remplir/')
    for (let n = 1; (await p.goto(at + n)).status() === 200; n++, pages++) {
      wrong.push(...(await judged(p)).map((w) => `${slug} ${n}: ${w}`))
      if (await p.evaluate(() => document.documentElement.scrollWidth > innerWidth)) wrong.push(`${slug} ${n}: wider than the screen`)
      wrong.push(...p.faults.splice(0))
      if (n > 6) wrong.push(`${slug}: more than six pages`)
    }
    p.faults.splice(0)
    await p.context().close()
  }
  assert.equal(slugs.length, 14)
  assert.ok(pages >= 30, `${pages} pages`)
  assert.deepEqual(wrong, [])
})

await run()
await own.stop()
await browser.close()
