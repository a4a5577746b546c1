// SPDX-License-Identifier: AGPL-3.0-or-later
// What the town offers, without script and at 360 px: found as a clerk would point, read, left for another site; a manager adds an entry; an
// administrator teaches the search a word.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { judged, open, output, page, run, test } from './lib/browser.mjs'

const base = process.env.BEFFROI_URL
const browser = await open()
const submit = async (p, button) => (await Promise.all([p.waitForNavigation(), button.click()]))[0]
const narrow = { javaScriptEnabled: false, viewport: { width: 360, height: 740 } }
const fits = async (p) => assert.ok(await p.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is wider than the screen')

async function signed(mail, options) {
  const p = await page(browser, options)
  await p.goto(base + '/compte/connexion')
  await p.fill('input[type=email]', mail)
  await p.fill('input[type=password]', 'une image par jour')
  await submit(p, p.locator('main form button[type=submit]').first())
  return p
}
async function looked(p, words) {
  await p.goto(base + '/recherche')
  await p.fill('#q', words)
  await submit(p, p.locator('main form button'))
}

test('the list is by theme, says how each is done, and is filtered without script', async () => {
  const p = await page(browser, narrow)
  await p.goto(base + '/demarches')
  await fits(p)
  const text = await p.textContent('main')
  for (const said of ['En ligne, ici', 'En ligne, sur un autre site', 'France Titres (ANTS)', 'Au guichet ou par courrier', 'Information', 'État civil et identité', 'Cadre de vie et déchets'])
    assert.ok(text.includes(said), said)
  await p.screenshot({ path: `${output}/entries-list-360.png`, fullPage: true })
  await p.selectOption('#theme', 'civil')
  await p.selectOption('#type', 'counter')
  await submit(p, p.locator('form.filters button'))
  assert.match(p.url(), /theme=civil&type=counter/)
  assert.equal(await p.locator('main section').count(), 1)
  assert.ok((await p.textContent('main')).includes('PACS'))
  assert.ok(!(await p.textContent('main .entries')).includes('Carte grise'))
  await p.click('text=Tout voir')
  assert.ok((await p.textContent('main')).includes('Carte grise'))
})

test('keyboard alone filters the list', async () => {
  const p = await page(browser, { viewport: { width: 1280, height: 900 } })
  await p.goto(base + '/demarches')
  await p.locator('#theme').focus()
  await p.keyboard.press('ArrowDown')
  await p.keyboard.press('Tab')
  await p.keyboard.press('Tab')
  await Promise.all([p.waitForNavigation(), p.keyboard.press('Enter')])
  assert.equal(await p.locator('main section').count(), 1)
})

test('an entry of each way says what it is, and the way without a screen', async () => {
  const p = await page(browser, { viewport: { width: 1280, height: 900 }, bypassCSP: true })
  for (const [slug, way] of [['ecrire-a-la-mairie', 'En ligne, ici'], ['carte-grise-certificat-d-immatriculation', 'En ligne, sur un autre site'], ['conclure-un-pacs', 'Au guichet ou par courrier'], ['decheterie-horaires-et-acces', 'Information']]) {
    await p.goto(`${base}/demarches/${slug}`)
    assert.match(await p.textContent('.way'), new RegExp('^' + way))
    assert.match(await p.textContent('aside'), /03 39 98 0\d 0\d/)
    assert.deepEqual(await judged(p), [])
    await p.screenshot({ path: `${output}/entry-${slug.slice(0, 12)}-1280.png`, fullPage: true })
    const q = await page(browser, narrow)
    await q.goto(`${base}/demarches/${slug}`)
    await fits(q)
    if (slug.startsWith('carte')) await q.screenshot({ path: `${output}/entry-elsewhere-360.png`, fullPage: true })
    await q.context().close()
  }
  await p.goto(`${base}/demarches/carte-grise-certificat-d-immatriculation`)
  assert.equal(await p.getAttribute('main a.button', 'href'), 'https://immatriculation.ants.gouv.fr/')
  assert.match(await p.textContent('main a.button'), /France Titres/)
  assert.equal(await p.locator('main form').count(), 0)
})

test('search answers as a clerk would', async () => {
  const p = await page(browser, narrow)
  for (const [words, first] of [['poubelle', /Poubelles : jours de collecte/], ['carte grise', /Carte grise/], ['cantine', /cantine/], ['poublle', /Poubelles/], ['airbnb', /usage|meublé/], ['lampadaire', /Signal/]]) {
    await looked(p, words)
    assert.match((await p.textContent('.best-title')).replace(/ /g, ' '), first, words)
    assert.ok((await p.textContent('.best .way')).length > 5)
  }
  await looked(p, 'poublle')
  assert.match(await p.textContent('main'), /Nous avons lu/)
  await looked(p, 'acte de naissance')
  assert.match(await p.textContent('main'), /Fiche de service-public.fr/)
  await fits(p)
  await p.screenshot({ path: `${output}/search-360.png`, fullPage: true })
  await looked(p, 'soucoupe volante')
  assert.match(await p.textContent('main'), /Rien ne correspond/)
  assert.match(await p.textContent('main'), /03 39 98 01 01/)
  assert.ok(await p.locator('main a[href="/demarches/ecrire-a-la-mairie"]').count())
  await p.screenshot({ path: `${output}/search-none-360.png`, fullPage: true })
  const q = await page(browser, { viewport: { width: 1280, height: 900 }, bypassCSP: true })
  await looked(q, 'naissance')
  assert.deepEqual(await judged(q), [])
  await q.screenshot({ path: `${output}/search-1280.png`, fullPage: true })
})

test('a sheet says its source, and leads to the procedure here and back', async () => {
  const p = await page(browser, { viewport: { width: 1280, height: 900 }, bypassCSP: true })
  await p.goto(base + '/demarches/conclure-un-pacs')
  await p.click('text=Pacte civil de solidarité')
  assert.match(p.url(), /\/fiches\/F1618$/)
  assert.match(await p.textContent('aside'), /Faire cette démarche ici\s*Conclure un PACS/)
  assert.match(await p.textContent('aside'), /Exemple rédigé pour la démonstration/)
  await p.click('text=acte de naissance')
  assert.match(p.url(), /\/fiches\/F1427$/)
  assert.deepEqual(await judged(p), [])
  await p.screenshot({ path: `${output}/sheet-1280.png`, fullPage: true })
  const q = await page(browser, narrow)
  await q.goto(base + '/fiches/F1427')
  await fits(q)
  await q.screenshot({ path: `${output}/sheet-360.png`, fullPage: true })
  assert.equal((await q.goto(base + '/fiches/F99')).status(), 404)
  assert.match(await q.getAttribute('main a[rel=external]', 'href'), /service-public\.gouv\.fr.*F99$/)
  await q.goto(base + '/fiches')
  assert.match(await q.textContent('main'), /Papiers - Citoyenneté - Élections/)
  const dark = await page(browser, { ...narrow, colorScheme: 'dark' })
  await dark.goto(base + '/demarches/carte-grise-certificat-d-immatriculation')
  await dark.screenshot({ path: `${output}/entry-dark-360.png`, fullPage: true })
})

test('a manager adds an entry in one page, sees it, publishes it, withdraws it', async () => {
  const p = await signed('gestion@exemple.fr', narrow)
  await p.goto(base + '/admin/demarches')
  await p.fill('[name=title]', 'Louer un vélo')
  await p.check('[name=offer][value=elsewhere]')
  await submit(p, p.locator('main form button[type=submit]').last())
  assert.match(await p.textContent('main'), /Il manque l’organisme/)
  await p.fill('[name=operator]', 'Imaginelle')
  await p.fill('[name=online]', 'https://velo.exemple.fr/')
  await p.selectOption('[name=theme]', 'roads')
  await p.fill('[name=audience]', 'Habitants de 16 ans et plus.')
  await p.fill('[name=basis]', 'Délibération du conseil municipal')
  await p.fill('[name=keywords]', 'bicyclette\nvélo électrique')
  await fits(p)
  await submit(p, p.locator('button[value=texts]'))
  await p.click('text=Voir la page telle qu’elle sera')
  assert.match(await p.textContent('main'), /Continuer chez Imaginelle/)
  await p.goBack()
  await p.screenshot({ path: `${output}/entry-editor-360.png`, fullPage: true })
  await submit(p, p.locator('button[value=publish]'))
  const q = await page(browser, narrow)
  await looked(q, 'bicyclettes')
  assert.match(await q.textContent('.best-title'), /Louer un vélo/)
  await p.fill('[name=reason]', 'La location s’arrête.')
  await submit(p, p.locator('button[value=close]'))
  await looked(q, 'bicyclettes')
  assert.doesNotMatch(await q.textContent('main'), /Louer un vélo/)
  await q.goto(base + '/demarches/louer-un-velo')
  assert.match(await q.textContent('main'), /La location s’arrête/)
  const wide = await signed('gestion@exemple.fr', { viewport: { width: 1280, height: 900 }, bypassCSP: true })
  await wide.goto(base + '/admin/demarches')
  assert.deepEqual(await judged(wide), [])
  await wide.screenshot({ path: `${output}/entries-admin-1280.png`, fullPage: true })
})

test('what nobody found is told to the administrator, who teaches a word', async () => {
  const q = await page(browser, narrow)
  for (let i = 0; i < 3; i++) await looked(q, 'sapinette')
  const p = await signed('admin@exemple.fr', { viewport: { width: 1280, height: 900 }, bypassCSP: true })
  await p.goto(base + '/admin')
  await p.click('main >> text=Recherche')
  assert.match(await p.textContent('main'), /sapinette/)
  await p.click('text=Ajouter un mot de même sens')
  assert.equal(await p.inputValue('#words'), 'sapinette, ')
  await submit(p, p.locator('button[value=add]'))
  assert.match(await p.textContent('.faults'), /au moins deux mots/)
  await p.fill('#words', 'sapinette, déchets verts')
  await submit(p, p.locator('button[value=add]'))
  assert.deepEqual(await judged(p), [])
  await p.screenshot({ path: `${output}/search-admin-1280.png`, fullPage: true })
  await p.setViewportSize({ width: 360, height: 740 })
  await fits(p)
  await p.screenshot({ path: `${output}/search-admin-360.png`, fullPage: true })
  await looked(q, 'sapinette')
  assert.match(await q.textContent('main'), /Déchèterie/)
  const manager = await signed('gestion@exemple.fr')
  assert.ok((await manager.goto(base + '/admin/recherche')).status() >= 403)
})

test('an archive of sheets comes in through the running server, again, and goes', async () => {
  const { BEFFROI_BIN: bin, BEFFROI_DATA: data } = process.env
  const zip = `${data}/sheets.zip`
  const import_ = () => spawnSync(bin, ['import', 'comarquage', zip, '--data', data], { encoding: 'utf8' })
  const pack = (...files) => { spawnSync('rm', ['-f', zip]); assert.equal(spawnSync('python3', ['-c', 'import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1],"w",zipfile.ZIP_DEFLATED)\nfor f in sys.argv[2:]: z.write(f,f.split("/")[-1])', zip, ...files]).status, 0) }
  const fixture = (n) => new URL(`../fixtures/comarquage/${n}.xml`, import.meta.url).pathname
  pack(fixture('F1427'), fixture('F1618'), fixture('N19810'), fixture('R1406'))
  let r = import_()
  assert.equal(r.status, 0, r.stderr)
  assert.match(r.stdout, /new\t1\nrevision\t2\nsame\t0\nremoved\t2\nfaulty\t0/)
  r = import_()
  assert.match(r.stdout, /new\t0\nrevision\t0\nsame\t3\nremoved\t0/)
  const p = await page(browser, { viewport: { width: 1280, height: 900 }, bypassCSP: true })
  await p.goto(base + '/fiches/F1427')
  assert.match(await p.textContent('aside'), /DILA.*12.octobre.2026.*Licence Ouverte/s)
  assert.deepEqual(await judged(p), [])
  await p.screenshot({ path: `${output}/sheet-imported-1280.png`, fullPage: true })
  assert.equal((await p.goto(base + '/fiches/F1367')).status(), 404)
  pack(fixture('R1406'))
  assert.equal(import_().status, 1)
  assert.equal((await p.goto(base + '/fiches/F1427')).status(), 200)
})

await run()
await browser.close()
