// SPDX-License-Identifier: AGPL-3.0-or-later
// The main job, as people do it: on a telephone of 360 px, without account, without JavaScript; by keyboard; two agents at once; on a
// shared computer; then the whole story of a dossier from its first page to a reasoned decision. Screenshots stay in OUTPUT.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { open, output, page, judged, run, test } from './lib/browser.mjs'

const PASSWORD = 'une image par jour'
let shots = 0
const shot = async (p, name) => { await p.screenshot({ path: `${output}/job-${String(shots++).padStart(2, '0')}-${name}.png`, fullPage: true }) }
const noSideways = async (p) => assert.ok(await p.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1).catch(() => true), `scrolls sideways: ${p.url()}`)
const next = (p) => p.click('button[name=do][value=next]')

async function begin(p, base, slug, mail = 'marie@exemple.fr') {
  await p.goto(`${base}/demarches/${slug}`)
  await p.click('main form button[type=submit]')
  const ref = (await p.textContent('.code >> nth=0')).trim(), code = (await p.textContent('.code >> nth=1')).trim()
  assert.match(ref, /^[B-Z]{4}-[B-Z]{4}$/)
  assert.match(code, /^[B-Z]{4}(-[B-Z]{4})+$/)
  if (mail) await p.fill('#email', mail)
  await p.click('main form button[type=submit]')
  await p.waitForURL(/\/remplir\/1$/)                 // loaded: what the test then listens for is not missed
  return { ref, code, mail }
}
async function letter(p) {                       // "Écrire à la mairie", from its first page to its receipt
  await p.fill('[name=f1]', 'Un lampadaire clignote')
  await p.check('input[name=f2][value=voirie]')
  await p.fill('[name=f3]', 'Rue des Images, depuis lundi.')
  await next(p)
  await p.fill('[name=f5]', 'Marie Imagier')
  await p.locator('input[name=f6]').nth(1).check()
  await next(p)
  await p.click('main form button[type=submit]')
  assert.match(p.url(), /\/recepisse$/)
}
async function agent(browser, base, mail, options = {}) {
  const p = await page(browser, { viewport: { width: 1280, height: 900 }, ...options })
  await p.goto(base + '/compte/connexion')
  await p.fill('#email', mail)
  await p.fill('#password', PASSWORD)
  await p.click('main form button[type=submit]')
  assert.match(p.url(), /\/agents$/)
  return p
}
const act = async (p, title, fill = {}) => {
  const d = p.locator('details', { has: p.locator(`summary:text-is("${title}")`) })
  await d.locator('summary').click()
  for (const [name, value] of Object.entries(fill)) {
    if (typeof value === 'function') await value(d)
    else await d.locator(`[name="${name}"]`).fill(value)
  }
  await d.locator('button[type=submit]').click()
}

test('a family registers two children on a telephone, without account and without JavaScript', async (browser, base) => {
  const p = await page(browser, { javaScriptEnabled: false })
  const { ref } = await begin(p, base, 'restauration-scolaire')
  await next(p)
  assert.equal((await p.$$('.faults li')).length >= 3, true, 'an empty page is told what is missing')
  await shot(p, 'faults')
  await p.fill('[name=f2]', 'Marie Imagier')
  await p.fill('[name="f3.street"]', '3 rue des Images')
  await p.fill('[name="f3.postcode"]', '88000')
  await p.fill('[name="f3.commune"]', 'Épinal')
  await p.fill('[name=f5]', '06 39 98 01 23')
  await next(p)
  for (const [i, name] of ['Lou Imagier', 'Tess Imagier'].entries()) {
    if (i) await p.click('button[name=_row_add][value=f6]')
    const row = await p.locator('input[type=hidden][name=f6]').nth(i).getAttribute('value')
    const at = (f) => `[name="f6/${row}/${f}"]`
    await p.fill(at('f7'), name)
    await p.fill(`[name="f6/${row}/f8.d"]`, '14'); await p.fill(`[name="f6/${row}/f8.m"]`, '7'); await p.fill(`[name="f6/${row}/f8.y"]`, '2019')
    const school = p.locator(at('f9'))
    if (await school.first().evaluate((e) => e.tagName) === 'SELECT') await school.selectOption('centre')
    else await p.check(`${at('f9')}[value=centre]`)
    await p.check(`${at('f10')}[value=lun]`)
    await p.locator(at('f11')).nth(1).check()
  }
  await noSideways(p)
  await shot(p, 'children')
  await next(p)
  await p.locator('input[name=f13]').nth(0).check()            // asks for a lower price: two questions appear, and say so
  await next(p)
  assert.equal(await p.locator('[name=f14]').count(), 1)
  await p.fill('[name=f14]', '540')
  await p.setInputFiles('input[type=file][name=f15]', { name: 'attestation.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4 attestation') })
  await next(p)
  assert.match(p.url(), /\/verifier$/, 'checks the answers: ' + (await p.textContent('main')).slice(0, 400))
  const text = await p.textContent('main')
  for (const word of ['Lou Imagier', 'Tess Imagier', '540', 'attestation.pdf', '3 rue des Images']) assert.ok(text.includes(word), word)
  await noSideways(p)
  await shot(p, 'check')
  await p.click('main form button[type=submit]')
  const receipt = await p.textContent('main')
  // CRPA L112-3, L112-11, R112-5: date, service with postal address, mail and telephone, what silence means and when; L232-3.
  for (const word of [ref, 'reçu', 'Accueil de la mairie', '9 rue du Général-Leclerc', 'accueil@epinal.exemple.fr', '03 39 98 01 01', 'sera acceptée', 'L232-3']) assert.ok(receipt.includes(word), `the receipt says ${word}`)
  assert.match(receipt, /\d{1,2}(er)?\s\S+\s20\d\d/)
  await shot(p, 'receipt')
  await p.goto(`${base}/dossiers/${ref}/remplir/1`)
  assert.equal((await p.textContent('main')).includes('déjà déposé'), true, 'a filed form is no form any more')
  assert.deepEqual(p.faults.filter((f) => !/40[45]|410|422/.test(f)), [])
  await p.context().close()
})

test('a letter is filed by keyboard alone', async (browser, base) => {
  const p = await page(browser)
  await p.goto(base + '/demarches/ecrire-a-la-mairie')
  const reach = async (selector) => {
    for (let i = 0; i < 60; i++) {
      if (await p.evaluate((s) => document.activeElement?.matches(s), selector)) return
      await p.keyboard.press('Tab')
    }
    throw new Error('the keyboard does not reach ' + selector)
  }
  await reach('main form button[type=submit]'); await p.keyboard.press('Enter'); await p.waitForURL(/debut$/)
  await reach('#email'); await p.keyboard.type('clavier@exemple.fr')
  await reach('main form button[type=submit]'); await p.keyboard.press('Enter'); await p.waitForURL(/remplir\/1/)
  await reach('[name=f1]'); await p.keyboard.type('Une question')
  await reach('[name=f2]'); await p.keyboard.press('Space')
  await reach('[name=f3]'); await p.keyboard.type('Peut-on planter un arbre ?')
  await reach('button[name=do][value=next]'); await p.keyboard.press('Enter'); await p.waitForURL(/remplir\/2/)
  await reach('[name=f5]'); await p.keyboard.type('Noé Clavier')
  await reach('[name=f6]'); await p.keyboard.press('Space'); await p.keyboard.press('ArrowDown')
  await reach('button[name=do][value=next]'); await p.keyboard.press('Enter'); await p.waitForURL(/verifier/)
  await reach('main form button[type=submit]'); await p.keyboard.press('Enter'); await p.waitForURL(/recepisse/)
  assert.deepEqual(p.faults, [])
  await p.context().close()
})

test('what was typed is saved as each field is left, and comes back by code on another device', async (browser, base) => {
  const p = await page(browser)
  const d = await begin(p, base, 'ecrire-a-la-mairie', 'retour@exemple.fr')
  const saved = p.waitForResponse((r) => r.url().endsWith('/champ') && r.status() === 204)
  await p.fill('[name=f1]', 'Un banc cassé')
  await p.focus('[name=f3]')
  await saved
  await p.context().close()                                    // the telephone dies
  const other = await page(browser, { javaScriptEnabled: false })
  await other.goto(base + '/dossiers/' + d.ref)
  assert.equal((await other.textContent('main')).includes('Un banc cassé'), false, 'the reference alone opens nothing')
  await other.goto(base + '/dossiers')
  await other.fill('#reference', d.ref); await other.fill('#code', 'BCDF-GHJK-LMNP'); await other.fill('#second', d.mail)
  await other.click('main form button[type=submit]')
  assert.equal((await other.$$('.faults')).length, 1, 'a wrong code opens nothing')
  await other.fill('#code', d.code.toLowerCase().replace(/-/g, ' ')); await other.fill('#second', 'quelqu.un@exemple.fr')
  await other.click('main form button[type=submit]')
  assert.equal((await other.$$('.faults')).length, 1, 'the code without the second element opens nothing')
  await other.fill('#code', d.code.toLowerCase().replace(/-/g, ' ')); await other.fill('#second', d.mail)
  await other.click('main form button[type=submit]')
  assert.equal(await other.inputValue('[name=f1]'), 'Un banc cassé')
  await other.context().close()
})

test('the code is printed on a sheet of its own, as long as it can be shown', async (browser, base) => {
  for (const javaScriptEnabled of [false, true]) {
    const p = await page(browser, { javaScriptEnabled, bypassCSP: true })
    await p.goto(`${base}/demarches/ecrire-a-la-mairie`)
    await p.click('main form button[type=submit]')
    const [ref, code] = (await p.locator('.code').allInnerTexts()).map((s) => s.trim())
    await p.click('a[href$="/code"]')
    assert.equal(new URL(p.url()).pathname, `/dossiers/${ref}/code`)
    const said = await p.locator('.code-sheet').innerText()
    for (const words of [ref, code, new URL(base).host + '/dossiers', 'est effacé le']) assert.ok(said.includes(words), words)
    assert.equal(await p.locator('button[data-print]').isVisible(), javaScriptEnabled, 'the button needs a script')
    assert.match(await p.locator('main').innerText(), /Ctrl et P/)
    await noSideways(p)
    await shot(p, 'code-screen')
    if (javaScriptEnabled) {
      assert.deepEqual(await judged(p), [])
      await p.evaluate(() => { window.print = () => { window.printed = true } })
      await p.focus('button[data-print]')
      await p.keyboard.press('Enter')
      assert.equal(await p.evaluate(() => window.printed), true)
    }
    await p.setViewportSize({ width: 800, height: 1100 })
    await p.emulateMedia({ media: 'print' })
    assert.equal((await p.locator('body').innerText()).trim(), (await p.locator('.code-sheet').innerText()).trim(), 'nothing else is printed')
    assert.ok(await p.locator('.code').nth(1).evaluate((e) => parseFloat(getComputedStyle(e).fontSize)) >= 36, 'large letters')
    await shot(p, 'code-print')
    await p.emulateMedia({ media: null })
    await p.click('.no-print a')
    await p.fill('[name=email]', 'zoe@exemple.test')
    await p.click('main form button[type=submit]')
    await p.locator('form#form a[href$="/code"]').waitFor()                     // still there from a page of the form
    const second = await p.context().newPage()
    await begin(second, base, 'ecrire-a-la-mairie')
    await second.goto(`${base}/dossiers/${ref}/code`)
    assert.equal((await second.locator('.code').nth(1).innerText()).trim(), code, 'a second draft does not take its place')
    const others = (await p.context().cookies()).filter((c) => !c.name.startsWith('code_'))
    await p.context().clearCookies()
    await p.context().addCookies(others)
    assert.equal((await p.goto(`${base}/dossiers/${ref}/code`)).status(), 410)
    assert.doesNotMatch(await p.content(), new RegExp(code))
    await p.goto(`${base}/dossiers/${ref}/remplir/1`)
    assert.equal(await p.locator('a[href$="/code"]').count(), 0)
    await p.context().close()
    const stranger = await page(browser)
    assert.equal((await stranger.goto(`${base}/dossiers/${ref}/code`)).status(), 404)
    await stranger.context().close()
  }
})

test('with scripts, a document is sent in pieces as soon as it is chosen, through a cut, and a photo shrinks on the way', async (browser, base) => {
  const p = await page(browser)
  const { ref } = await begin(p, base, 'ecrire-a-la-mairie')
  let patches = 0
  await p.route('**/fichiers/**', (route) => route.request().method() === 'PATCH' && ++patches === 1 ? route.abort('connectionreset') : route.continue())
  const pdf = Buffer.concat([Buffer.from('%PDF-1.4\n'), Buffer.alloc(3 << 20, 'x')])
  await p.setInputFiles('input[type=file][name=f4]', { name: 'plan.pdf', mimeType: 'application/pdf', buffer: pdf })
  const link = p.locator('.file-list a', { hasText: 'plan.pdf' })
  await link.waitFor({ timeout: 30000 })
  assert.ok(patches >= 2, 'the cut was gone on with')
  const got = await p.request.get(new URL(await link.getAttribute('href'), base).href)
  assert.equal(Buffer.compare(await got.body(), pdf), 0, 'the document is whole')
  await shot(p, 'sent')
  await p.fill('[name=f1]', 'Avec un plan'); await p.check('input[name=f2][value=voirie]'); await p.fill('[name=f3]', 'Voir le plan.')
  await next(p)
  assert.match(p.url(), /remplir\/2/)
  await p.goto(`${base}/dossiers/${ref}/verifier`)
  assert.ok((await p.textContent('main')).includes('plan.pdf'))
  await p.context().close()
})

test('a shared computer keeps nothing after "leave and erase"', async (browser, base) => {
  const p = await page(browser)
  const d = await begin(p, base, 'ecrire-a-la-mairie', 'partage@exemple.fr')
  await p.fill('[name=f1]', 'Un secret bien gardé')
  await p.click('button[name=do][value=quit]')
  await p.waitForURL(/quitter$/)
  await shot(p, 'leave')
  await p.click('button[name=do][value=erase]')
  await p.waitForURL(/\/dossiers\?/)
  assert.equal((await p.context().cookies()).some((c) => c.value && /^(d_|code)/.test(c.name)), false, 'no cookie opens it any more')
  await p.goto(`${base}/dossiers/${d.ref}/remplir/1`)
  assert.equal((await p.content()).includes('Un secret bien gardé'), false)
  await p.goBack(); await p.goBack()
  assert.equal((await p.content()).includes('Un secret bien gardé'), false, 'the back button shows nothing')
  assert.equal(await p.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }).includes('secret')), false)
  await p.goto(base + '/dossiers')
  await p.fill('#reference', d.ref); await p.fill('#code', d.code); await p.fill('#second', d.mail)
  await p.click('main form button[type=submit]')
  assert.equal((await p.$$('.faults')).length, 1, 'erased for good')
  await p.context().close()
})

test('a dossier from filing to correction, to a refusal with reasons in law and in fact', async (browser, base) => {
  const c = await page(browser, { javaScriptEnabled: false })
  const { ref } = await begin(c, base, 'ecrire-a-la-mairie')
  await letter(c)
  const a = await agent(browser, base, 'accueil@exemple.fr')
  await shot(a, 'inbox')
  await a.goto(`${base}/agents?q=${encodeURIComponent('lampadaire')}`)
  await a.goto(`${base}/agents/dossiers/${ref}`)
  await shot(a, 'dossier')
  await act(a, 'Prendre en instruction')
  await act(a, 'Demander une correction', { correction_kind: (d) => d.locator('[name=correction_kind][value=missing]').check(), missing_items: 'Le numéro du lampadaire.', message: 'Pouvez-vous donner son numéro ?',
    due: async (d) => { await d.locator('[name="due_date.d"]').fill('1'); await d.locator('[name="due_date.m"]').fill('3'); await d.locator('[name="due_date.y"]').fill('2030') } })
  assert.ok((await a.textContent('main')).includes('À corriger'), 'asks for a correction: ' + (await a.locator('.faults').allTextContents()))
  await c.goto(`${base}/dossiers/${ref}`)
  await shot(c, 'to-correct')
  for (const word of ['Pouvez-vous donner son numéro ?', 'Le numéro du lampadaire.', '1er mars 2030'.slice(4)]) assert.ok((await c.textContent('main')).replace(/\u00a0/g, ' ').includes(word), word)
  await c.click('form[action$="/corriger"] button')
  await c.fill('[name=f3]', 'Rue des Images, depuis lundi, numéro 4512.')
  await next(c); await next(c)
  await c.click('main form button[type=submit]')
  assert.ok((await c.textContent('main')).includes('4512'))
  await a.goto(`${base}/agents/dossiers/${ref}`)
  assert.ok((await a.textContent('main')).includes('4512'), 'the agent reads the corrected answer')
  await act(a, 'Refuser', { reason_in_law: 'Règlement de voirie, article 12.', reason_in_fact: '' })
  assert.equal((await a.$$('.faults')).length, 1, 'a refusal needs its reasons in fact')
  await a.locator('[name=reason_in_fact]').fill('Ce lampadaire est privé.')
  assert.equal(await a.locator('[name=reason_in_law]').inputValue(), 'Règlement de voirie, article 12.', 'what the agent wrote is kept')
  await a.locator('details[open] button[type=submit]').click()
  await c.goto(`${base}/dossiers/${ref}`)
  const said = await c.textContent('main')
  // CRPA L211-2, L211-5: reasons in law and in fact. L212-1, L212-2: forename, surname, capacity, service. R421-1 CJA by the appeal text.
  for (const word of ['Refusé', 'Règlement de voirie, article 12.', 'Ce lampadaire est privé.', 'Alban Bienvenu', "Agent d'accueil", 'Accueil et relation aux habitants', 'tribunal administratif', 'R421-1']) assert.ok(said.replace(/’/g, "'").includes(word), `the decision says ${word}`)
  await shot(c, 'decision')
  await a.context().close(); await c.context().close()
})

test('two agents at once: the second learns what the first did, and loses nothing typed', async (browser, base) => {
  const c = await page(browser, { javaScriptEnabled: false })
  const { ref } = await begin(c, base, 'ecrire-a-la-mairie')
  await letter(c)
  const one = await agent(browser, base, 'accueil@exemple.fr'), two = await agent(browser, base, 'admin@exemple.fr')
  await one.goto(`${base}/agents/dossiers/${ref}`)
  await act(one, 'Prendre en instruction')
  await one.goto(`${base}/agents/dossiers/${ref}`)
  await two.goto(`${base}/agents/dossiers/${ref}`)
  await act(one, 'Accepter')
  const answer = two.waitForResponse((r) => r.request().method() === 'POST')
  await act(two, 'Refuser', { reason_in_law: 'Un texte.', reason_in_fact: 'Un fait.' })
  assert.equal((await answer).status(), 409)
  const said = (await two.textContent('main')).replace(/’/g, "'")
  assert.ok(said.includes('Alban') && said.includes('Accepté'), 'says who did what: ' + said.slice(0, 300))
  await shot(two, 'conflict')
  for (const p of [one, two, c]) await p.context().close()
})

test('an agent files at the counter for somebody who is there, and it shows', async (browser, base) => {
  const a = await agent(browser, base, 'accueil@exemple.fr')
  await a.goto(base + '/agents/guichet')
  await a.click('main form[action$="ecrire-a-la-mairie"] button')
  await a.click('main form button[type=submit]')
  await letter(a)
  const ref = (await a.textContent('.code >> nth=0')).trim()
  await shot(a, 'counter-receipt')
  assert.match(await a.textContent('main'), /remettez-la à la personne/)
  assert.equal(await a.locator('main a[href="/agents/guichet"]').count(), 1, 'a way back to the counter')
  await a.click('main a:has-text("Ouvrir le dossier")')
  assert.equal(new URL(a.url()).pathname, `/agents/dossiers/${ref}`)
  assert.ok((await a.textContent('main')).includes('guichet'))
  await a.context().close()
})

test('a procedure is made, filled with questions, refused while it lacks what the law wants, published, closed', async (browser, base) => {
  const a = await page(browser, { viewport: { width: 1280, height: 900 }, javaScriptEnabled: false })
  await a.goto(base + '/compte/connexion')
  await a.fill('#email', 'gestion@exemple.fr'); await a.fill('#password', PASSWORD); await a.click('main form button[type=submit]')
  await a.goto(base + '/admin/demarches')
  const title = 'Adopter un banc ' + Date.now()
  await a.fill('#title', title); await a.click('main form button[type=submit]')
  const where = a.url()
  assert.ok((await a.textContent('main')).includes('il reste à fournir'))
  await shot(a, 'editor-new')
  const add = async (label, type) => { await a.locator('form', { has: a.locator('[name=type]') }).locator('[name=label]').fill(label); await a.selectOption('[name=type]', type); await a.click('button[value=add]') }
  await add('Quel banc ?', 'text'); await add('Pour combien de temps ?', 'choice')
  await a.locator('ol.plain li', { hasText: 'Pour combien de temps ?' }).locator('a').click()
  for (const o of ['Un an', 'Deux ans']) { await a.fill('#option_label', o); await a.click('button[value=option_add]') }
  await a.goto(where)
  await a.locator('ol.plain li', { hasText: 'Pour combien de temps ?' }).locator('button[value=up]').click()
  const labels = await a.locator('ol.plain > li > strong').allTextContents()
  assert.deepEqual(labels, ['Pour combien de temps ?', 'Quel banc ?'])
  const texts = a.locator('form', { has: a.locator('[name=basis]') })
  await texts.locator('[name=basis]').fill('Délibération du conseil municipal')
  await texts.locator('[name=means][value=acceptance]').check()
  await texts.locator('[name=after]').fill('2'); await texts.locator('[name="after.unit"]').selectOption('months'); await texts.locator('[name=article]').fill('CRPA, article L231-1')
  await texts.locator('[name=appeal]').fill('Vous pouvez saisir le tribunal administratif de Nancy dans les deux mois.')
  await texts.locator('[name=purpose]').fill('Suivre les adoptions'); await texts.locator('[name=pd_basis]').fill('Mission d’intérêt public'); await texts.locator('[name=recipients]').fill('Le service des espaces verts'); await texts.locator('[name=retention]').fill('12 mois')
  await texts.locator('button[value=texts]').click()
  const visitors = async () => (await (await fetch(base + '/demarches')).text()).includes(title)          // their page comes from the cache
  assert.equal(await visitors(), false)
  assert.equal(await a.locator('button[value=publish]').count(), 1, 'may be published: ' + (await a.locator('.notice').allTextContents()))
  await a.click('button[value=publish]')
  await a.goto(base + '/demarches')
  assert.ok((await a.textContent('main')).includes(title))
  assert.ok(await visitors(), 'a procedure published is offered at once')
  await a.goto(where)
  await a.fill('[name=reason]', 'Tous les bancs sont adoptés.'); await a.click('button[value=close]')
  await a.goto(base + '/demarches')
  assert.equal((await a.textContent('main')).includes(title), false, 'a closed procedure is not offered')
  assert.equal(await visitors(), false, 'nor to visitors, whose page was kept')
  await a.context().close()
})

test('desk and administration pass axe, at desk width and at 360 px', async (browser, base) => {
  const a = await agent(browser, base, 'admin@exemple.fr', { bypassCSP: true })
  const first = await a.locator('tbody a').first().getAttribute('href')
  for (const path of ['/agents', first, '/agents/guichet', '/admin', '/admin/comptes', '/admin/equipes', '/admin/collectivites', '/admin/reglages', '/admin/demarches', '/admin/demarches/d102', '/admin/demarches/d102/questions/f1', '/compte'])
    for (const width of [1280, 360]) {
      await a.setViewportSize({ width, height: 800 })
      await a.goto(base + path)
      assert.deepEqual(await judged(a), [], `${path} at ${width}`)
      await noSideways(a)
      await shot(a, `desk${path.replace(/\W+/g, '-').slice(0, 40)}-${width}`)
    }
  await a.context().close()
})

test('one town’s dossier is nobody else’s: other agents, other people, no account', async (browser, base) => {
  const c = await page(browser, { javaScriptEnabled: false })
  const { ref } = await begin(c, base, 'ecrire-a-la-mairie')
  await letter(c)
  for (const mail of ['education@exemple.fr', 'voirie@exemple.fr']) {
    const a = await agent(browser, base, mail)
    const r = await a.goto(`${base}/agents/dossiers/${ref}`)
    assert.equal(r.status(), 404, `${mail} is of another team`)
    await a.context().close()
  }
  const nobody = await page(browser)
  for (const path of [`/dossiers/${ref}`, `/dossiers/${ref}/recepisse`, `/agents/dossiers/${ref}`, `/api/v1/records/${ref}`]) {
    const r = await nobody.goto(base + path)
    assert.ok([401, 404].includes(r.status()), `${path}: ${r.status()}`)
    assert.equal((await nobody.content()).includes('lampadaire'), false)
  }
  await nobody.context().close(); await c.context().close()
})

const real = new URL('../../../shared/data/procedures/derogation-especes-protegees.json', import.meta.url)
if (fs.existsSync(real)) test('a real descriptor comes in, is edited in the browser, and goes out with exactly these differences', async (browser, base) => {
  const beffroi = (...args) => execFileSync(process.env.BEFFROI_BIN, [...args, '--data', process.env.BEFFROI_DATA]).toString()
  beffroi('import', 'ds-descriptor', real.pathname, '--body', '200068757')
  const given = JSON.parse(fs.readFileSync(real)), exported = () => JSON.parse(beffroi('export', 'ds-descriptor', '88444'))
  assert.deepEqual(exported(), given)
  const a = await agent(browser, base, 'admin@exemple.fr')
  await a.goto(base + '/admin/demarches')
  await a.click('main .list a:has-text("Espèces Protégées")')
  const where = a.url().split('?')[0]
  await a.locator('ol.plain li', { hasText: 'Activité principale' }).first().locator('a').click()
  await a.fill('#option_label', 'Une activité de plus'); await a.click('button[value=option_add]')
  await a.goto(where)
  await a.locator('ol.plain li', { hasText: 'Qualification' }).first().locator('a').click()
  await a.locator('#label').fill('Votre qualification'); await a.click('button[value=save]')
  await a.goto(where)
  await a.locator('ol.plain li', { hasText: 'Numéro de SIRET' }).first().locator('button[value=down]').click()
  const fields = given.revision.champDescriptors
  const at = fields.findIndex((f) => f.label === 'Numéro de SIRET')
  fields.find((f) => f.label === 'Activité principale').options.push('Une activité de plus')
  fields.find((f) => f.label === 'Qualification').label = 'Votre qualification'
  fields.splice(at + 1, 0, ...fields.splice(at, 1))
  assert.deepEqual(exported(), given)
  await a.context().close()
})

const browser = await open()
await run(browser, process.env.BEFFROI_URL)
await browser.close()
