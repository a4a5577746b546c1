// SPDX-License-Identifier: AGPL-3.0-or-later
// What a newcomer would try, each from the home page as somebody who has never seen it: read, press, write. At desk width and on a telephone.
// SHOTS=DIR keeps a picture of each screen. Screens and what is typed are counted.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { open, page, run, test } from './lib/browser.mjs'
import { PASSWORD, town } from './lib/town.mjs'

const base = process.env.BEFFROI_URL, dir = process.env.SHOTS
const WIDTHS = [{ width: 1280, height: 900 }, { width: 360, height: 740 }]
const PDF = { name: 'justificatif.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4 justificatif') }
if (dir) fs.mkdirSync(dir, { recursive: true })
const browser = await open()

// Somebody in front of a screen: what they see is kept, what they type is counted.
class Person {
  static async at(viewport, task, from = base) { return Object.assign(new Person(), { p: await page(browser, { viewport }), task, base: from, width: viewport.width, screens: 0, typed: [] }) }
  async see(name) {
    this.screens++
    assert.ok(await this.p.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1), `${this.task}, ${name}: scrolls sideways at ${this.width}`)
    assert.equal((await this.p.$$('h1')).length, 1, `${this.task}, ${name}: one title`)
    if (dir) await this.p.screenshot({ path: `${dir}/${this.task}-${this.width}-${String(this.screens).padStart(2, '0')}-${name}.png`, fullPage: true })
  }
  async go(path, name) { await this.p.goto(this.base + path); if (name) await this.see(name) }
  async press(what, name) {
    const target = typeof what === 'string' ? this.p.locator(`main :is(a, button, summary):text-is("${what}")`).first() : what
    await Promise.all([this.p.waitForNavigation(), target.click()])
    if (name) await this.see(name)
  }
  async write(selector, value) { this.typed.push(value); await this.p.fill(selector, value) }
  async next(name) { await this.press(this.p.locator('button[name=do][value=next]'), name) }
  async submit(name) { await this.press(this.p.locator('main form.form button[type=submit], main form button[type=submit]').first(), name) }
  async text() { return (await this.p.textContent('main')).replace(/[\u00a0\u202f]/g, ' ') }
  async says(...words) { const said = await this.text(); for (const w of words) assert.ok(w.test ? w.test(said) : said.includes(w), `${this.task}: the page says ${w}\n${said.slice(0, 600)}`) }
  async begin(title, mail) {
    await this.go('/', 'home')
    await this.press(this.p.locator('nav a', { hasText: 'Démarches' }).first(), 'list')
    await this.press(title, 'procedure')
    await this.submit('begin')
    const codes = (await this.p.locator('.code').allInnerTexts()).map((s) => s.trim())
    await this.write('#email', mail)
    await this.submit('page-1')
    return { reference: codes[0], code: codes[1], mail }
  }
  async signIn(mail) {
    await this.go('/compte/connexion')
    await this.p.fill('#email', mail)
    await this.p.fill('#password', PASSWORD)
    await this.submit()
  }
  async address(id) { await this.write(`[name="${id}.street"]`, '3 rue des Images'); await this.write(`[name="${id}.postcode"]`, '88000'); await this.write(`[name="${id}.commune"]`, 'Épinal') }
  async date(id, d, m, y) { await this.p.fill(`[name="${id}.d"]`, d); await this.p.fill(`[name="${id}.m"]`, m); await this.p.fill(`[name="${id}.y"]`, y) }
  leave() { return this.p.context().close() }
}

const task = (name, fn) => { for (const viewport of WIDTHS) test(`${name} (${viewport.width} px)`, () => fn(viewport)) }

async function letter(who) {             // "Écrire à la mairie", filed
  const d = await who.begin('Écrire à la mairie', `personne${who.width}@exemple.fr`)
  await who.write('[name=f1]', 'Un arbre devant l’école')
  await who.p.check('input[name=f2][value=voirie]')
  await who.write('[name=f3]', 'Ses branches touchent les fils.')
  await who.next('page-2')
  await who.write('[name=f5]', 'Marie Imagier')
  await who.p.locator('input[name=f6]').nth(1).check()
  await who.next('check')
  await who.submit('receipt')
  return d
}

task('1 ask for a birth certificate', async (viewport) => {
  const c = await Person.at(viewport, '01-certificate')
  const d = await c.begin('Demander un acte de naissance, de mariage ou de décès', 'marie@exemple.fr')
  await c.p.check('[name=f1][value=naissance]')
  await c.p.check('[name=f2][value=sans]')
  await c.date('f3', '14', '7', '1987')
  await c.write('[name=f4]', 'Marie Louise Imagier')
  await c.next('page-2')
  await c.write('[name=f10]', 'Marie Imagier')
  await c.address('f11')
  await c.next('check')
  await c.says('Naissance', 'Marie Louise Imagier', '3 rue des Images')
  await c.submit('receipt')
  await c.says(d.reference, /reçu/, 'Accueil de la mairie')
  await c.leave()
})

task('2 find out about the canteen by search', async (viewport) => {
  const c = await Person.at(viewport, '02-search')
  await c.go('/', 'home')
  await c.press(c.p.locator('nav a', { hasText: 'Rechercher' }).first(), 'search')
  await c.p.fill('[name=q]', 'cantine')
  await c.submit('found')
  await c.press('Inscrire mon enfant à la cantine', 'procedure')
  await c.says('Pour qui', 'Combien de temps', 'Combien ça coûte', 'À préparer', 'Au guichet, par courrier ou par téléphone')
  await c.leave()
})

task('3 file the after-school form', async (viewport) => {
  const c = await Person.at(viewport, '03-after-school')
  await c.go('/demarches/inscrire-mon-enfant-a-l-accueil-periscolaire')
  await c.submit('begin')
  await c.write('#email', 'marie@exemple.fr')
  await c.submit('you')
  await c.write('[name=f1]', 'Marie Imagier')
  await c.address('f2')
  await c.write('[name=f3]', '06 39 98 01 23')
  await c.next('children')
  const row = await c.p.locator('input[type=hidden][name=f4]').first().getAttribute('value'), at = (f) => `f4/${row}/${f}`
  await c.write(`[name="${at('f5')}"]`, 'Lou Imagier')
  await c.date(at('f6'), '14', '7', '2019')
  await c.write(`[name="${at('f7')}"]`, 'École du Centre')
  await c.p.check(`[name="${at('f8')}"][value=soir]`)
  await c.write(`[name="${at('f19')}"]`, '2')
  await c.p.locator(`[name="${at('f9')}"]`).nth(1).check()
  await c.p.locator(`[name="${at('f10')}"]`).nth(1).check()
  await c.next('price')
  await c.p.check('[name=f21][value=connu]')
  await c.write('[name=f22]', '540')
  await c.p.check('[name=f15][value=attestation]')
  await c.p.setInputFiles('input[type=file][name=f17]', PDF)
  await c.p.locator('.file-list a', { hasText: 'justificatif.pdf' }).waitFor()
  await c.next('check')
  await c.says('Lou Imagier', 'École du Centre', 'Tranche 2 : de 400 € à moins de 600 €', '2,10 €', 'justificatif.pdf')
  await c.submit('receipt')
  await c.says(/reçu/)
  // Figures of the step: at most 8 screens from the button to the receipt, nothing typed twice.
  console.log(`after-school form: ${c.screens} screens, ${c.typed.length} answers typed`)
  assert.ok(c.screens <= 8, `${c.screens} screens`)
  assert.equal(new Set(c.typed).size, c.typed.length, 'typed twice: ' + c.typed.join(', '))
  await c.leave()
})

task('4 report a broken lamp', async (viewport) => {
  const c = await Person.at(viewport, '04-lamp')
  await c.go('/', 'home')
  await c.press('Signaler un problème', 'reports')
  await c.press(c.p.locator('form[action="/signaler/commencer"] button'), 'begin')
  await c.submit('where')
  await c.write('#place', '12 rue du Tissage')
  await c.next('what')
  await c.p.selectOption('#f1', 'lighting')
  await c.write('#f2', 'La lampe clignote depuis lundi.')
  await c.next('check')
  await c.submit('receipt')
  await c.says('Merci, votre signalement est enregistré')
  await c.leave()
})

task('5 take up a draft again by its code', async (viewport) => {
  const c = await Person.at(viewport, '05-draft')
  const d = await c.begin('Demander une salle municipale', 'marie@exemple.fr')
  await c.write('[name=f1]', 'Anniversaire de Tess')
  await c.press(c.p.locator('button[name=do][value=quit]'), 'leave')
  await c.press(c.p.locator('button[name=do][value=keep]'), 'kept')
  await c.leave()
  const later = await Person.at(viewport, '05-draft-later')
  await later.go('/', 'home')
  await later.press('Suivre un dossier', 'find')
  await later.p.fill('#reference', d.reference.toLowerCase())
  await later.p.fill('#code', d.code.toLowerCase())
  await later.p.fill('#second', d.mail)
  await later.submit('taken-up')
  assert.equal(await later.p.inputValue('[name=f1]'), 'Anniversaire de Tess')
  await later.leave()
})

async function acting(a, title, fill, name) {
  const d = a.p.locator('details', { has: a.p.locator(`summary:text-is("${title}")`) })
  await d.locator('summary').click()
  await fill?.(d)
  await a.see(name + '-asked')
  await a.press(d.locator('button[type=submit]').first(), name)
}

task('6 and 7 answer the town’s question with a file; refuse with reasons; verify the letter', async (viewport) => {
  const c = await Person.at(viewport, '06-answer'), a = await Person.at(viewport, '07-refuse')
  const { reference } = await letter(c)
  await a.signIn('accueil@exemple.fr')
  await a.see('inbox')
  await a.p.fill('[name=q]', reference)
  await a.press(a.p.locator('form[role=search] button[type=submit]'), 'inbox-found')
  await a.press(a.p.locator(`main tbody a[href*="${reference}"]`).first(), 'dossier')
  await acting(a, 'Prendre en instruction', null, 'taken')
  await acting(a, 'Demander une correction', async (d) => {
    await d.locator('[name=correction_kind][value=missing]').check()
    await d.locator('[name=missing_items]').fill('Une photo ou un plan du lieu.')
    await d.locator('[name=message]').fill('Pouvez-vous nous montrer l’arbre ?')
    await d.locator('[name="due_date.d"]').fill('1'); await d.locator('[name="due_date.m"]').fill('3'); await d.locator('[name="due_date.y"]').fill('2030')
  }, 'asked')
  await c.go('/dossiers/' + reference, 'to-correct')
  await c.says('Pouvez-vous nous montrer l’arbre ?', 'Une photo ou un plan du lieu.')
  await c.press(c.p.locator('form[action$="/corriger"] button'), 'correct')
  await c.p.setInputFiles('input[type=file][name=f4]', PDF)
  await c.p.locator('.file-list a', { hasText: 'justificatif.pdf' }).waitFor()
  await c.next('page-2')
  await c.next('check')
  await c.submit('sent')
  await c.says('justificatif.pdf')
  await a.go(new URL(a.p.url()).pathname, 'answered')
  await a.says('justificatif.pdf')
  await acting(a, 'Refuser', async (d) => {
    await d.locator('[name=reason_in_law]').fill('Règlement de voirie de la commune, article 12.')
    await d.locator('[name=reason_in_fact]').fill('Cet arbre est sur un terrain privé.')
  }, 'refused')
  await a.says('Refusé')
  await c.go('/dossiers/' + reference, 'decision')
  await c.says('Refusé', 'Cet arbre est sur un terrain privé.', 'Alban Bienvenu', 'tribunal administratif')
  // Whoever is shown the letter checks that it is ours.
  await c.press('Vérifier ce courrier', 'verified')
  await c.says(reference, /valable/i)
  await c.leave(); await a.leave()
})

task('8 file at the counter', async (viewport) => {
  const a = await Person.at(viewport, '08-counter')
  await a.signIn('accueil@exemple.fr')
  await a.press(a.p.locator('nav a', { hasText: 'Guichet' }).first(), 'counter')
  await a.press(a.p.locator('main button', { hasText: /^\s*Écrire à la mairie\s*$/ }).first(), 'page')
  if (/debut$/.test(a.p.url())) { await a.p.fill('#email', 'guichet@exemple.fr'); await a.submit('page-1') }
  await a.write('[name=f1]', 'Carte de bibliothèque perdue')
  await a.p.check('input[name=f2][value=autre]')
  await a.write('[name=f3]', 'Une dame demande une autre carte.')
  await a.next('page-2')
  await a.write('[name=f5]', 'Odile Sapinois')
  await a.p.locator('input[name=f6]').nth(1).check()
  await a.next('check')
  await a.submit('receipt')
  await a.says(/reçu/)
  await a.leave()
})

test('9 publish a form of the library, in a town that has none', async () => {
  const own = await town({ 'gestion@exemple.fr': 'manager' })
  for (const viewport of WIDTHS) {
    const title = viewport.width > 400 ? 'Faire enlever des encombrants' : 'Écrire à la mairie'
    const m = await Person.at(viewport, '09-publish', own.base)
    await m.signIn('gestion@exemple.fr')
    await m.go('/admin', 'admin')
    await m.press('Démarches', 'procedures')
    await m.press('Choisir une démarche prête à l’emploi', 'library')
    const line = m.p.locator('main .list > li', { hasText: title })
    await m.press(line.locator('button').first(), 'added')
    await m.press(m.p.locator('main .list > li', { hasText: title }).locator('a').first(), 'draft')
    await m.press(m.p.locator('button[value=publish]'), 'published')
    const c = await Person.at(viewport, '09-published', own.base)
    await c.go('/demarches', 'list')
    await c.press(title, 'procedure')
    await c.leave(); await m.leave()
  }
  await own.stop()
})

task('10 change a question and publish', async (viewport) => {
  const m = await Person.at(viewport, '10-question'), label = `Où les objets seront-ils posés, à ${viewport.width} pas ?`
  await m.signIn('gestion@exemple.fr')
  await m.go('/admin', 'admin')
  await m.press('Démarches', 'procedures')
  await m.press('Faire enlever des encombrants', 'form')
  await m.press(m.p.locator('#f-f8 a').first(), 'question')
  await m.p.fill('[name=label]', label)
  await m.submit('changed')
  await m.press(m.p.locator('button[value=publish]'), 'published')
  const c = await Person.at(viewport, '10-seen')
  await c.go('/demarches/faire-enlever-des-encombrants/imprimer', 'paper')
  await c.says(label)
  await c.leave(); await m.leave()
})

await run()
await browser.close()
