// SPDX-License-Identifier: AGPL-3.0-or-later
// Letters as a manager writes them, with and without script; the blank form as a PDF, filled on paper and typed in at the counter.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { judged, open, output, page, run, test, until } from './lib/browser.mjs'

const base = process.env.BEFFROI_URL
const browser = await open()
const submit = async (p, button) => (await Promise.all([p.waitForNavigation(), button.click()]))[0]

async function signed(mail, options) {
  const p = await page(browser, options)
  await p.goto(base + '/compte/connexion')
  await p.fill('input[type=email]', mail)
  await p.fill('input[type=password]', 'une image par jour')
  await submit(p, p.locator('main form button[type=submit]').first())
  return p
}
const wide = { viewport: { width: 1280, height: 900 }, bypassCSP: true }
const narrow = (p) => p.evaluate(() => document.documentElement.scrollWidth <= innerWidth)

test('the letters of a procedure are listed, with the step that sends each', async () => {
  const p = await signed('gestion@exemple.fr', wide)
  await p.goto(base + '/admin/demarches/d102')
  await p.click('text=Courriers de cette démarche')
  const text = await p.textContent('main')
  for (const word of ['Autorisation d’occuper la voie publique', 'Décision de refus', 'Accepter', 'Refuser', 'propre à cette démarche', 'modèle commun']) assert.ok(text.includes(word), word)
  assert.deepEqual(await judged(p), [])
  await p.screenshot({ path: `${output}/letters-list.png`, fullPage: true })
})

test('a letter is written with script: a variable at the caret, the preview beside, the check at its line', async () => {
  const p = await signed('gestion@exemple.fr', wide)
  await p.goto(base + '/admin/demarches/d102/courriers/granted')
  assert.match(await p.textContent('.sheet'), /Voies et délais de recours/)
  await p.fill('#body', 'Vous occuperez la rue le ')
  await p.click('.letter-vars button:has-text("{début}")')
  assert.equal(await p.inputValue('#body'), 'Vous occuperez la rue le {début}')
  await until(async () => /Vous occuperez la rue le \d+\s\S+\s\d{4}/.test(await p.textContent('.sheet')))
  await p.screenshot({ path: `${output}/letters-edit.png` })
  await p.locator('#body').press('End')
  await p.locator('#body').type('\n\nAvec {surface} m² et {inconnu}')
  await until(async () => (await p.locator('.letter-checks .fault').count()) === 1)
  assert.match(await p.textContent('.letter-checks .fault'), /Ligne 3 \{inconnu\}/)
  await p.click('.letter-checks .fault a')
  assert.equal(await p.evaluate(() => document.activeElement.id), 'body')
  assert.equal(await p.evaluate(() => { const a = document.activeElement; return a.value.slice(a.selectionStart, a.selectionEnd) }), 'Avec {surface} m² et {inconnu}')
  assert.deepEqual(await judged(p), [])
  assert.deepEqual(p.faults.filter((f) => !/422/.test(f)), [])
  await p.screenshot({ path: `${output}/letters-edit-fault.png` })
  await p.reload()
  assert.match(await p.inputValue('#body'), /Le maire/)                       // nothing was kept
})

test('without script, at 360 px, a button shows the preview, and what is at fault is said with nothing lost', async () => {
  const p = await signed('gestion@exemple.fr', { javaScriptEnabled: false, viewport: { width: 360, height: 740 } })
  await p.goto(base + '/admin/demarches/d102/courriers/granted')
  assert.ok(await narrow(p))
  await p.screenshot({ path: `${output}/letters-edit-360.png`, fullPage: true })
  await p.fill('#body', 'Pour {motif}.\n\nEt {rien}.')
  await submit(p, p.locator('button[value=save]'))
  assert.match(await p.textContent('.faults, [role=alert], main'), /Ligne 3 \{rien\}/)
  assert.equal(await p.inputValue('#body'), 'Pour {motif}.\n\nEt {rien}.')
  await p.fill('#body', '**{nom}** occupe la rue : {motif}.')
  await submit(p, p.locator('button[value=preview]'))
  assert.match(await p.textContent('.sheet'), /\[Nom et prénom, ou raison sociale\] occupe la rue\s: Un déménagement\./)
  await submit(p, p.locator('button[value=save]'))
  assert.match(await p.textContent('main'), /enregistré dans le brouillon/)
  await p.goto(base + '/admin/demarches/d102')
  await submit(p, p.locator('button[value=publish]'))
  assert.match(await p.textContent('main'), /publiée?/i)
})

test('the blank form is a tagged PDF that says where to send it, and its version', async () => {
  const p = await page(browser)
  await p.goto(base + '/demarches/occupation-du-domaine-public')
  const href = await p.getAttribute('text=Formulaire à imprimer (PDF)', 'href')
  const r = await p.request.get(base + href)
  assert.equal(r.status(), 200)
  assert.equal(r.headers()['content-type'], 'application/pdf')
  const file = `${output}/formulaire.pdf`
  writeFileSync(file, await r.body())
  const said = (...args) => { const x = spawnSync(args[0], args.slice(1), { encoding: 'utf8' }); assert.equal(x.status, 0, x.stderr); return x.stdout }
  const text = said('pdftotext', '-layout', file, '-').replace(/\s+/g, ' ')
  for (const word of ['Réserver la rue pour un déménagement ou des travaux', '9 rue du Général-Leclerc, 88000 Épinal', 'Pourquoi occuper la rue ?', 'Un déménagement', 'Documents à joindre',
    'Vos données personnelles', 'Base légale', 'Cadre réservé à la mairie', 'Formulaire n° 102, version 2']) assert.ok(text.includes(word), word)
  assert.ok(!text.includes('Avis du service voirie'), 'what agents alone fill is not printed')
  const structure = said('pdfinfo', '-struct', file)
  for (const tag of ['H1', 'H2', 'LI', 'Table']) assert.match(structure, new RegExp(`^ *${tag}\\b`, 'm'))
  assert.match(said('pdfinfo', file), /Tagged: +yes/)
})

test('what came on paper is typed in at the counter, which says the version it expects', async () => {
  const p = await signed('accueil@exemple.fr', wide)
  await p.goto(base + '/agents/guichet')
  const line = p.locator('main .list > li', { hasText: 'formulaire n° 101' })
  assert.match(await line.textContent(), /formulaire n° 101, version 1/)
  assert.match(await p.locator('main .list > li', { hasText: 'formulaire n° 102' }).textContent(), /version 2/)
  assert.deepEqual(await judged(p), [])
  await p.screenshot({ path: `${output}/letters-counter.png`, fullPage: true })
  await submit(p, line.locator('button'))
  for (let step = 0; step < 8 && !/reçue|déposée/.test(await p.textContent('h1')); step++) {
    for (const [name, value] of [['f1', 'Banc cassé'], ['f3', 'Le banc de la place est cassé.'], ['f5', 'Camille Durand'], ['email', 'camille@exemple.fr']])
      if (await p.locator(`main [name="${name}"]`).count()) await p.fill(`main [name="${name}"]`, value)
    if (await p.locator('main [name=f2]').count()) await p.locator('main [name=f2]').first().check()
    if (await p.locator('main [name=f6]').count()) await p.locator('main [name=f6]').last().check()
    const buttons = p.locator('main form button[type=submit]:not(.quiet):not(.link)')
    await submit(p, buttons.last())
  }
  assert.match(await p.textContent('main'), /[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}/)
  await p.screenshot({ path: `${output}/letters-counter-done.png`, fullPage: true })
})

await run()
await browser.close()
