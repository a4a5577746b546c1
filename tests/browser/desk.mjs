// SPDX-License-Identifier: AGPL-3.0-or-later
// The desk and its administration as people see them: at desk width, at 360 px, without JavaScript; axe on each page.
import assert from 'node:assert/strict'
import { open, page, judged, output, test, run } from './lib/browser.mjs'

const PASSWORD = 'une image par jour'
async function agent(browser, base, mail, options = {}) {
  const p = await page(browser, { viewport: { width: 1280, height: 900 }, ...options })
  await p.goto(base + '/compte/connexion')
  await p.fill('#email', mail); await p.fill('#password', PASSWORD); await p.click('main form button[type=submit]')
  return p
}
const shot = (p, name) => p.screenshot({ path: `${output}/desk-${name}.png`, fullPage: true })

test('each page of the desk and of its administration, at both widths', async (browser, base) => {
  const a = await agent(browser, base, 'admin@exemple.fr', { bypassCSP: true })
  await a.goto(base + '/admin/equipes')
  const team = await a.locator('main .list a').first().getAttribute('href')
  await a.goto(base + '/admin/collectivites')
  const body = await a.locator('main .list a').first().getAttribute('href')
  const editor = '/admin/demarches/d102'
  await a.goto(base + editor)
  const question = await a.locator('ol.questions li:not(.page-break) a').nth(2).getAttribute('href')
  const pages = { inbox: '/agents', late: '/agents?whose=mine&late=on', search: '/agents?q=rue', counter: '/agents/guichet', team, body, bodies: '/admin/collectivites', settings: '/admin/reglages',
    accounts: '/admin/comptes', editor, question, preview: editor + '/apercu' }
  for (const [name, path] of Object.entries(pages))
    for (const width of [1280, 360]) {
      await a.setViewportSize({ width, height: 800 })
      const r = await a.goto(base + path)
      assert.equal(r.status(), 200, path)
      await shot(a, `${name}-${width}`)
      assert.deepEqual(await judged(a), [], `${path} at ${width}`)
      assert.ok(await a.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth + 1), `${path} goes sideways at ${width}`)
    }
  await a.context().close()
})

test('a condition is written without script, from plain forms, and said in words', async (browser, base) => {
  const a = await agent(browser, base, 'gestion@exemple.fr', { javaScriptEnabled: false, viewport: { width: 360, height: 740 } })
  await a.goto(base + '/admin/demarches')
  await a.fill('#title', 'Essai de condition ' + Date.now()); await a.click('main form button[type=submit]')
  const where = a.url()
  const add = async (label, type) => { await a.locator('form', { has: a.locator('[name=type]') }).locator('[name=label]').fill(label); await a.selectOption('[name=type]', type); await a.click('button[value=add]') }
  await add('Avez-vous un chien ?', 'yesno'); await add('Son nom', 'text')
  await a.locator('ol.questions li', { hasText: 'Son nom' }).getByRole('link', { name: 'Modifier' }).click()
  await a.locator('main a[href$="/condition"]').click()
  if (!await a.locator('[id="w.0.s"]').count()) await a.locator('[id="w.row"]').click()
  await a.selectOption('[id="w.0.s"]', { label: 'Avez-vous un chien ?' }); await a.locator('[id="w.0.again"]').click()
  await a.selectOption('[id="w.0.o"]', { index: 1 })                            // est « oui »
  await shot(a, 'condition')
  await a.locator('button:has-text("Enregistrer"):visible').last().click()
  await a.goto(where)
  const said = (await a.locator('ol.questions li', { hasText: 'Son nom' }).textContent()).replace(/\s+/g, ' ')
  assert.ok(/si « Avez-vous un chien \? » est « oui »/.test(said), said)
  await shot(a, 'editor-condition')
  // A line of what remains leads to its input.
  await a.locator('.notice a', { hasText: 'Qui lit' }).click()
  assert.ok(a.url().endsWith('#recipients'))
  // Removing asks first.
  await a.locator('ol.questions li', { hasText: 'Son nom' }).locator('button[value=remove]').click()
  await shot(a, 'remove')
  await a.click('button[value=remove]')
  assert.equal(await a.locator('ol.questions li', { hasText: 'Son nom' }).count(), 0)
  await a.context().close()
})

test('the printed dossier has no acts and no message box', async (browser, base) => {
  const a = await agent(browser, base, 'admin@exemple.fr')
  await a.locator('tbody a').first().click()
  await a.emulateMedia({ media: 'print' })
  await shot(a, 'printed')
  assert.equal(await a.locator('#acts').isVisible().catch(() => false), false)
  assert.equal(await a.locator('[name=words]').isVisible(), false)
  await a.context().close()
})

test('the inbox is filtered without a word to search, with scripts and without', async (browser, base) => {
  for (const javaScriptEnabled of [true, false]) {
    const a = await agent(browser, base, 'admin@exemple.fr', { javaScriptEnabled })
    await a.goto(base + '/agents')
    await a.selectOption('#whose', 'mine')
    await a.click('form.filters button[type=submit]')
    await a.waitForURL(/whose=mine/)
    await a.context().close()
  }
})

const browser = await open()
await run(browser, process.env.BEFFROI_URL)
await browser.close()
