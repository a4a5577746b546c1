// SPDX-License-Identifier: AGPL-3.0-or-later
// Rules as a manager writes them: checked as they are typed, with the line of each fault; refused, then accepted; tried; without script too.
import assert from 'node:assert/strict'
import { judged, open, output, page, run, test, until } from './lib/browser.mjs'

const base = process.env.BEFFROI_URL
const browser = await open()
const at = base + '/admin/demarches/terrasse/regles'
const submit = async (p, button) => (await Promise.all([p.waitForNavigation(), button.click()]))[0]
const wide = { viewport: { width: 1280, height: 900 }, bypassCSP: true }
const small = { viewport: { width: 360, height: 740 }, bypassCSP: true }
const narrow = (p) => p.evaluate(() => document.documentElement.scrollWidth <= innerWidth)
const said = async (p, at) => (await p.textContent(at)).replace(/[\u00a0\u202f]/g, ' ')
const save = (p) => submit(p, p.locator('button[value=save]').first())

async function signed(options) {
  const p = await page(browser, options)
  await p.goto(base + '/compte/connexion')
  await p.fill('input[type=email]', 'gestion@exemple.fr')
  await p.fill('input[type=password]', 'une image par jour')
  await submit(p, p.locator('main form button[type=submit]').first())
  return p
}
const wrong = '# voté le 22 juin\nredevance:\n  titre: Redevance\n  somme:\n    - 12 €\n    - 3 mois\n'

test('a fault appears at its line as one types, and leads there', async () => {
  const p = await signed(wide)
  await p.goto(base + '/admin/demarches/terrasse')
  await submit(p, p.locator('text=Règles de cette démarche'))
  assert.match(await said(p, '#constats'), /Rien à corriger/)
  await p.locator('#rules').click()
  await p.keyboard.type('# voté le 22 juin\nredevance:\n  valeur: surfaces * 2 €')
  await until(async () => (await p.locator('#constats .fault').count()) === 1)
  assert.match(await said(p, '#constats'), /À corriger.*Ligne 3, « redevance »/s)
  assert.equal(await p.evaluate(() => document.activeElement.id), 'rules')              // whoever types goes on
  assert.deepEqual(await judged(p), [])
  await p.screenshot({ path: `${output}/rules-editor-fault.png`, fullPage: true })
  await p.click('#constats .fault a')
  assert.equal(await p.evaluate(() => { const a = document.activeElement; return a.value.slice(a.selectionStart, a.selectionEnd) }), '  valeur: surfaces * 2 €')
  // What cannot be read is not kept; nothing typed is lost.
  await save(p)
  assert.match(await said(p, '.faults'), /Rien n’est enregistré/)
  assert.match(await p.inputValue('#rules'), /surfaces \* 2 €/)
  await p.fill('#rules', wrong)
  await until(async () => /Ligne 4/.test(await said(p, '#constats')))
  await save(p)
  assert.match(await said(p, 'main'), /enregistrées dans le brouillon/)
  assert.equal((await p.inputValue('#rules')), wrong)
  assert.deepEqual(p.faults.filter((f) => !/422/.test(f)), [])
})

test('publishing waits for the rule, and leads to it', async () => {
  const p = await signed(wide)
  await p.goto(base + '/admin/demarches/terrasse')
  assert.match(await said(p, 'main'), /Corrigez une règle\. Ligne 4, « redevance »/)
  assert.equal(await p.locator('button[value=publish]').count(), 0)
  await submit(p, p.locator('text=Corrigez une règle'))
  assert.match(p.url(), /regles#constats$/)
  await p.fill('#rules', wrong.replace('3 mois', '3 €'))
  await until(async () => (await p.locator('#constats .fault').count()) === 0)
  assert.match(await said(p, '#constats'), /À vérifier/)                                // nobody reads it yet: published all the same
  await save(p)
})

test('who may file, which team, what part each rule has', async () => {
  const p = await signed(wide)
  await p.goto(at)
  await p.locator('summary:has-text("Ajouter une condition")').click()
  await p.selectOption('[id="m0.0.s"]', { index: 1 })
  await until(() => p.locator('[id="m0.0.o"]').count())
  await p.selectOption('[id="m0.0.o"]', 'known')
  await p.fill('[id="message.0"]', 'Dites pourquoi.')
  await p.locator('summary:has-text("Ajouter une équipe")').click()
  await p.click('button[value="t0 text"]')
  await until(() => p.locator('[id="t0.text"]').count())
  await p.fill('[id="t0.text"]', 'redevance > 10 €')
  await p.selectOption('[id="team.0"]', { index: 1 })
  await save(p)
  const uses = await said(p, 'table')
  assert.match(uses, /Dites pourquoi/)
  assert.match(uses, /redevance > 10 €/)
  assert.match(await said(p, '#constats'), /Rien à corriger/)
  await p.selectOption('[id="role.route/0"]', 'decision')
  await save(p)
  assert.equal(await p.inputValue('[id="role.route/0"]'), 'decision')
  assert.deepEqual(await judged(p), [])
  await p.screenshot({ path: `${output}/rules-editor.png`, fullPage: true })
  await p.emulateMedia({ colorScheme: 'dark' })
  assert.deepEqual(await judged(p), [])
  await p.screenshot({ path: `${output}/rules-editor-dark.png`, fullPage: true })
  await p.goto(base + '/admin/demarches/terrasse')
  await submit(p, p.locator('button[value=publish]'))
  assert.match(await said(p, 'main'), /publiée?/i)
})

test('a step waits for a condition, set with menus', async () => {
  const p = await signed(small)
  await p.goto(at)
  await p.selectOption('#step_new', { label: 'Accepter' })
  await submit(p, p.locator('button[value="step add"]'))
  assert.match(await said(p, '#step-accept summary'), /Accepter \(par un agent\)/)
  await p.selectOption('[id="step-accept.0.s"]', { index: 1 })
  await until(() => p.locator('[id="step-accept.0.o"]').count())
  await p.selectOption('[id="step-accept.0.o"]', 'known')
  await save(p)
  assert.match(await said(p, '#step-accept'), /En clair/)
  assert.match(await said(p, 'table'), /Étape possible si : Accepter/)
  assert.equal(await p.locator('#step_new option:has-text("Accepter")').count(), 0)
  assert.deepEqual(await judged(p), [])
  assert.ok(await narrow(p))
  await p.locator('#etapes').scrollIntoViewIfNeeded()
  await p.screenshot({ path: `${output}/rules-editor-steps-360.png`, fullPage: true })
  // Emptied, it is as before.
  await p.click('button[value="step-accept remove step-accept.0"]')
  await until(async () => (await p.locator('[id="step-accept.0.o"]').count()) === 0)
  await save(p)
  assert.equal(await p.locator('#step-accept').count(), 0)
})

test('a computed value is written on its question, and checked there', async () => {
  const p = await signed(wide)
  await p.goto(base + '/admin/demarches/terrasse')
  await p.fill('#label', 'Redevance')
  await p.selectOption('#type', 'decimal')
  await submit(p, p.locator('button[value=add]'))
  await submit(p, p.locator('li:has-text("Redevance") a:has-text("Modifier")').last())
  await p.check('#money')
  await p.locator('#computed').click()
  await p.keyboard.type('redevances')
  await until(async () => /redevances/.test(await said(p, '#a-checks')))
  await p.screenshot({ path: `${output}/rules-editor-question.png`, fullPage: true })
  assert.deepEqual(await judged(p), [])
  await p.fill('#computed', 'redevance * 2')
  await submit(p, p.locator('button[value=save]'))
  assert.match(p.url(), /fait=1/)
  await p.goto(at)
  assert.match(await said(p, 'table'), /Montant calculé : Redevance.*redevance \* 2/s)
  assert.equal(await p.locator('tr:has-text("Montant calculé") select').inputValue(), '')
  assert.match(await said(p, 'tr:has-text("Montant calculé") option[selected]'), /décision \(déduit\)/)
})

test('without script, at 360 px: checked by a button, tried, and explained', async () => {
  const p = await signed({ ...small, javaScriptEnabled: false })
  await p.goto(at)
  assert.ok(await narrow(p))
  await p.fill('#rules', 'redevance: 3 € + 2 mois\n')
  await submit(p, p.locator('button[value=check]'))
  assert.match(await said(p, '#constats'), /Ligne 1/)
  assert.equal(await p.inputValue('#rules'), 'redevance: 3 € + 2 mois\n')
  await p.fill('#rules', 'redevance:\n  titre: Redevance\n  valeur: 12 € + 3 €\n')
  await p.selectOption('#asked', 'redevance')
  await submit(p, p.locator('button[value=try]'))
  assert.match(await said(p, '#resultats'), /Redevance.*30 €/s)
  assert.match(await said(p, '#resultats'), /Pourquoi/)
  assert.ok(await narrow(p))
  await p.screenshot({ path: `${output}/rules-editor-360.png`, fullPage: true })
})

await run()
await browser.close()
