// SPDX-License-Identifier: AGPL-3.0-or-later
// When a question is asked, as a manager builds it: with menus by keyboard, with and without script, as text; and the form that obeys.
import assert from 'node:assert/strict'
import { judged, open, output, page, run, test, until } from './lib/browser.mjs'

const base = process.env.BEFFROI_URL
const browser = await open()
const at = base + '/admin/demarches/d102/questions/f4/condition'
const submit = async (p, button) => (await Promise.all([p.waitForNavigation(), button.click()]))[0]
const wide = { viewport: { width: 1280, height: 900 }, bypassCSP: true }
const narrow = (p) => p.evaluate(() => document.documentElement.scrollWidth <= innerWidth)
const said = async (p, at) => (await p.textContent(at)).replace(/[\u00a0\u202f]/g, ' ')
const focused = (p) => p.evaluate(() => document.activeElement && document.activeElement.id)
const value = (p, id) => p.locator(`[id="${id}"]`).inputValue()

async function signed(options) {
  const p = await page(browser, options)
  await p.goto(base + '/compte/connexion')
  await p.fill('input[type=email]', 'gestion@exemple.fr')
  await p.fill('input[type=password]', 'une image par jour')
  await submit(p, p.locator('main form button[type=submit]').first())
  return p
}
async function tabTo(p, found) {
  for (let i = 0; i < 80; i++) {
    if (await p.evaluate(found)) return
    await p.keyboard.press('Tab')
  }
  throw new Error('no Tab leads to ' + found)
}
const onId = (id) => `document.activeElement.id === ${JSON.stringify(id)}`
const onButton = (words) => `document.activeElement.tagName === 'BUTTON' && document.activeElement.innerText.replace(/\\s+/g, ' ').includes(${JSON.stringify(words)})`
// A choice typed by its first letters; the row is made anew, and the same select has the focus again.
async function choose(p, id, letters, next) {
  await tabTo(p, onId(id))
  await p.keyboard.type(letters)
  await until(() => p.locator(`[id="${next}"]`).count())
  await until(async () => (await focused(p)) === id)
}

test('a nested condition is built by keyboard alone, and read back', async () => {
  const p = await signed(wide)
  await p.goto(at)
  assert.match(await said(p, 'h1'), /Quand poser « Combien de jours/)
  await choose(p, 'w.0.s', 'Pourquoi', 'w.0.o')
  await choose(p, 'w.0.o', 'est', 'w.0.v')
  await tabTo(p, onId('w.0.v'))
  await p.keyboard.type('Des tr')
  assert.equal(await value(p, 'w.0.v'), 'travaux')
  await tabTo(p, onButton('Ajouter un groupe'))
  await p.keyboard.press('Enter')
  await until(async () => (await focused(p)) === 'w.1.g')                 // the new group has the focus
  assert.equal(await value(p, 'w.1.g'), 'any')
  await choose(p, 'w.1.0.s', 'Premier', 'w.1.0.o')
  await choose(p, 'w.1.0.o', 'est après', 'w.1.0.v')
  await tabTo(p, onId('w.1.0.v'))
  await p.keyboard.type('12122026')
  await tabTo(p, onButton('Ajouter une condition dans le groupe 2'))
  await p.keyboard.press('Enter')
  await until(async () => (await focused(p)) === 'w.1.1.s')
  await choose(p, 'w.1.1.s', 'Premier', 'w.1.1.o')
  await p.keyboard.press('Tab')
  await p.keyboard.type("n'est pas donnée")
  await until(async () => /n’a pas de réponse/.test(await said(p, 'main')))
  assert.match(await said(p, '.condition-words'), /toutes ces conditions sont remplies.*« Pourquoi occuper la rue \? » est « .*ravaux.*au moins une de ces conditions/s)
  assert.deepEqual(await judged(p), [])
  await p.screenshot({ path: `${output}/conditions.png`, fullPage: true })
  await tabTo(p, onButton('Enregistrer'))
  await Promise.all([p.waitForNavigation(), p.keyboard.press('Enter')])
  assert.match(await p.textContent('body'), /La condition est enregistrée/)
  assert.equal(await value(p, 'w.1.0.v'), '2026-12-12')
  assert.equal(await value(p, 'w.1.1.o'), 'unknown')
  assert.deepEqual(p.faults, [])
  await p.goto(base + '/admin/demarches/d102/questions/f4')
  assert.match(await said(p, 'main'), /Posée seulement si toutes ces conditions/)
  assert.deepEqual(await judged(p), [])
  await p.screenshot({ path: `${output}/conditions-question.png`, fullPage: true })
})

test('the form obeys as one answers', async () => {
  const p = await signed(wide)
  await p.goto(base + '/admin/demarches/d102/apercu')
  const shown = () => p.locator('#a-f4').isVisible()
  const motif = async (v) => { const r = p.locator(`input[name="f1"][value="${v}"]`); if (await r.count()) await r.check(); else await p.selectOption('[name="f1"]', v) }
  const day = async (d, m, y) => { for (const [k, v] of [['d', d], ['m', m], ['y', y]]) await p.fill(`[name="f3.${k}"]`, v) }
  assert.equal(await shown(), false)
  await motif('travaux')
  assert.equal(await shown(), true)                                          // no date given yet
  await day('12', '12', '2026')
  assert.equal(await shown(), false)
  await day('13', '12', '2026')
  assert.equal(await shown(), true)
  await motif('demenagement')
  assert.equal(await shown(), false)
  assert.deepEqual(p.faults, [])
})

test('as text: a fault has its line, more than menus say stays a text, and menus come back', async () => {
  const p = await signed(wide)
  await p.goto(at)
  await p.click('text=Écrire en texte')
  await until(() => p.locator('[id="w.text"]').count())
  assert.equal(await focused(p), 'w.text')
  const text = await value(p, 'w.text')
  assert.match(text, /^toutes ces conditions:\n {2}- motif = 'travaux'\n {2}- une de ces conditions:\n/)
  await p.fill('[id="w.text"]', text + '  - inconnu = oui\n')
  await submit(p, p.locator('button:has-text("Enregistrer"):visible').last())
  assert.match(await said(p, '.error'), /Ligne 6/)
  assert.match(await value(p, 'w.text'), /inconnu = oui/)
  assert.deepEqual(await judged(p), [])
  await p.screenshot({ path: `${output}/conditions-text.png`, fullPage: true })
  await p.fill('[id="w.text"]', 'début + 1 > 3')
  await p.click('text=Revenir aux menus')
  await until(async () => /ne savent pas dire/.test(await said(p, 'main')))
  assert.equal(await value(p, 'w.text'), 'début + 1 > 3')
  await p.fill('[id="w.text"]', text)
  await p.click('text=Revenir aux menus')
  await until(() => p.locator('[id="w.1.1.o"]').count())
  assert.equal(await value(p, 'w.1.0.v'), '2026-12-12')
})

test('without script, at 360 px: the same buttons, nothing lost, nothing overflows', async () => {
  const p = await signed({ javaScriptEnabled: false, viewport: { width: 360, height: 740 } })
  await p.goto(base + '/admin/demarches/d102/questions/f6/condition')
  assert.equal(await value(p, 'w.0.v'), 'travaux')                           // as the demonstration has it
  await submit(p, p.locator('[id="w.row"]'))
  assert.equal(await value(p, 'w.0.v'), 'travaux')
  await p.selectOption('[id="w.1.s"]', 'adresse')
  await submit(p, p.locator('[id="w.1.again"]'))
  await p.selectOption('[id="w.1.o"]', 'dep')
  await submit(p, p.locator('[id="w.1.again"]'))
  const refused = await submit(p, p.locator('button:has-text("Enregistrer"):visible').last())
  assert.equal(refused.status(), 422)
  assert.ok(await p.locator('a[href="#w.1.v"]').count())
  await p.selectOption('[id="w.1.v"]', '88')
  await submit(p, p.locator('button:has-text("Ajouter un groupe")').first())
  assert.ok(await narrow(p))
  await p.screenshot({ path: `${output}/conditions-360.png`, fullPage: true })
  await p.selectOption('[id="w.2.0.s"]', 'durée')
  await submit(p, p.locator('[id="w.2.0.again"]'))
  await p.selectOption('[id="w.2.0.o"]', '>=?')
  await submit(p, p.locator('[id="w.2.0.again"]'))
  assert.deepEqual(await p.locator('[id="w.2.0.v"] option').allInnerTexts(), ['Choisir', 'Nombre de places de stationnement'])
  await p.selectOption('[id="w.2.0.v"]', 'places')
  const done = await submit(p, p.locator('button:has-text("Enregistrer"):visible').last())
  assert.equal(done.status(), 200)
  const text = await said(p, 'main')
  assert.match(text, /est dans le département « Vosges »/)
  assert.match(text, /« Combien de jours \? » est au moins « Nombre de places/)
  assert.ok(await narrow(p))
  await p.screenshot({ path: `${output}/conditions-360-whole.png`, fullPage: true })
})

test('in dark, and gone again with the draft', async () => {
  const p = await signed({ ...wide, colorScheme: 'dark' })
  await p.goto(at)
  assert.deepEqual(await judged(p), [])
  await p.screenshot({ path: `${output}/conditions-dark.png`, fullPage: true })
  await p.goto(base + '/admin/demarches/d102/abandonner')
  await submit(p, p.locator('main form button[type=submit]').first())
  await p.goto(at)
  assert.equal(await value(p, 'w.0.s'), '')
})

await run()
await browser.close()
