// SPDX-License-Identifier: AGPL-3.0-or-later
// Reports from a telephone: filed with a photo, without JavaScript then with it; accepted by an agent with a mask; seen by everybody.
import assert from 'node:assert/strict'
import zlib from 'node:zlib'
import { open, output, page, judged, run, test, until } from './lib/browser.mjs'

function crc(bytes) { let c = ~0; for (const b of bytes) { c ^= b; for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1 } return ~c >>> 0 }
function chunk(name, data) {
  const all = Buffer.concat([Buffer.from(name), data]), out = Buffer.alloc(all.length + 8)
  out.writeUInt32BE(data.length, 0)
  all.copy(out, 4)
  out.writeUInt32BE(crc(all), all.length + 4)
  return out
}
// A striped picture of 600 × 400 that tells where it was taken.
function photo(dark = 0x66) {
  const rows = Buffer.alloc(400 * 1801), head = Buffer.alloc(13)
  for (let y = 0; y < 400; y++) for (let x = 0; x < 600; x++) rows.fill((x >> 5) % 2 ? dark : 0xdd, y * 1801 + 1 + x * 3, y * 1801 + 4 + x * 3)
  head.writeUInt32BE(600, 0)
  head.writeUInt32BE(400, 4)
  head.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('tEXt', Buffer.from('Comment\0SECRETGPS 48.17')), chunk('IDAT', zlib.deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}
const picture = { name: 'jardin-de-durand.png', mimeType: 'image/png', buffer: photo() }
const shot = (p, name) => p.screenshot({ path: `${output}/reports-${name}.png`, fullPage: true })
async function narrow(p, what) { assert.ok(await p.evaluate(() => document.documentElement.scrollWidth <= innerWidth), what + ' scrolls sideways') }
const next = (p) => p.locator('form#form button[type=submit][value=next]').click()

async function signIn(browser, base, options = { viewport: { width: 1280, height: 900 } }) {
  const p = await page(browser, options)
  await p.goto(base + '/compte/connexion')
  await p.fill('input[type=email]', 'voirie@exemple.fr')
  await p.fill('input[type=password]', 'une image par jour')
  await Promise.all([p.waitForNavigation(), p.locator('main form button[type=submit]').first().click()])
  return p
}

async function fileReport(p, base, { words, where, name, pictures = picture }) {
  await p.goto(base + '/signaler')
  assert.match(await p.locator('main').innerText(), /^[^]{0,60}Danger immédiat\s:\sappelez le 112/, 'danger comes first')
  await shot(p, name + '-1-room')
  await p.locator('form[action="/signaler/commencer"] button').click()
  const reference = await p.locator('strong.code').first().innerText()
  assert.equal(await p.locator('strong.code').count(), 2, 'reference and code are shown when it begins')
  await p.locator('form#form button[type=submit]').click()
  await where(p)
  await shot(p, name + '-2-place')
  await narrow(p, 'the page of the place')
  await next(p)
  await p.locator('#f1').waitFor()
  await p.selectOption('#f1', 'lighting')
  await p.fill('#f2', words)
  await p.setInputFiles('input[type=file]', pictures)
  return reference
}
async function send(p, name) {
  await p.waitForURL(/verifier/)
  await shot(p, name + '-4-check')
  await p.locator('form[action$="/deposer"] button[type=submit]').click()
  await p.waitForURL(/recepisse/)
  assert.doesNotMatch(await p.locator('main').innerText(), /silence|acceptation|rejet/i, 'a report has no regime of silence')
  await shot(p, name + '-5-receipt')
}

test('filed at 360 px without JavaScript, by an address and a photo', async (browser, base, state) => {
  const p = await page(browser, { javaScriptEnabled: false })
  const reference = await fileReport(p, base, { words: 'La lampe de Zibeline clignote.', name: 'nojs',
    where: async (q) => { assert.match(await q.locator('main h1').innerText(), /Où est-ce/); await q.fill('#place', '12 rue du Tissage') } })
  await shot(p, 'nojs-3-what')
  await next(p)
  await send(p, 'nojs')
  state.first = reference
  const seen = await page(browser, { javaScriptEnabled: false })
  await seen.goto(`${base}/signaler/${reference}`)
  const said = await seen.locator('main').innerText()
  assert.match(said, /Éclairage public/)
  assert.match(said, /12 rue du Tissage/, 'an address of the list is no secret')
  assert.doesNotMatch(await seen.content(), /Zibeline|durand/)
  await shot(seen, 'nojs-6-before')
  await seen.context().close()
  await p.context().close()
})

test('an agent accepts and masks the words; the photo is shown, made anew', async (browser, base, state) => {
  const p = await signIn(browser, base)
  await p.goto(`${base}/agents/dossiers/${state.first}`)
  assert.match(await p.locator('main').innerText(), /La lampe de Zibeline clignote/)
  const act = p.locator('details', { has: p.locator('summary', { hasText: 'Prendre en charge' }) })
  await act.locator('summary').click()
  await act.locator('label', { hasText: 'Décrivez-le' }).click()
  await shot(p, 'desk-accept')
  await act.locator('button[type=submit]').click()
  await p.waitForURL(/fait=1/)
  await p.context().close()
  const seen = await page(browser, { bypassCSP: true })
  const src = await until(async () => {
    await seen.goto(`${base}/signaler/${state.first}`)
    return seen.locator('.photos img').first().getAttribute('src', { timeout: 300 }).catch(() => null)
  }, 20000)
  assert.doesNotMatch(await seen.content(), /Zibeline|durand/)
  for (const path of [src, src.replace(/\/vignette$/, '')]) {
    const r = await seen.request.get(base + path), bytes = await r.body()
    assert.equal(r.headers()['content-type'], 'image/jpeg')
    assert.ok(!bytes.includes('SECRETGPS') && !bytes.includes('Exif'), 'what the photo told is gone')
    if (path === src) assert.ok(bytes.length <= 15360, `${bytes.length} B`)
  }
  await seen.locator('.photos img').scrollIntoViewIfNeeded()
  await until(() => seen.evaluate(() => document.querySelector('.photos img').naturalWidth > 0))
  await until(() => seen.locator('.leaflet-container').count())
  assert.deepEqual(await judged(seen), [])
  await narrow(seen, 'the public page')
  await shot(seen, 'public')
  await seen.locator('form[action$="/soutien"] button').click()
  assert.match(await seen.locator('main').innerText(), /1 personne concernée/)
  await seen.context().close()
})

test('an agent masks one photo of two, by keyboard, at 360 px, without JavaScript', async (browser, base) => {
  const p = await page(browser, { javaScriptEnabled: false })
  const second = { ...picture, name: 'plaque.png', buffer: photo(0x11) }
  const reference = await fileReport(p, base, { words: 'Deux vues du banc.', name: 'two', pictures: [picture, second], where: (q) => q.fill('#place', '12 rue du Tissage') })
  await next(p)
  await send(p, 'two')
  await p.context().close()
  const desk = await signIn(browser, base, { javaScriptEnabled: false, bypassCSP: true })
  await desk.goto(`${base}/agents/dossiers/${reference}`)
  const act = desk.locator('details', { has: desk.locator('summary', { hasText: 'Prendre en charge' }) })
  await act.locator('summary').focus()
  await desk.keyboard.press('Enter')
  const boxes = act.locator('.of-file')
  assert.equal(await boxes.count(), 2)
  assert.deepEqual((await act.locator('.choice label').allInnerTexts()).map((l) => l.replace(/\s/g, ' ')),
    ['Adresse ou lieu', 'Quel est le problème ?', 'Décrivez-le', 'Photos', '« Photos », n° 1 seulement', '« Photos », n° 2 seulement'])
  const masked = await boxes.nth(1).locator('input').getAttribute('value'), kept = await boxes.nth(0).locator('input').getAttribute('value')
  for (const box of [0, 1]) assert.match((await desk.request.get(base + await boxes.nth(box).locator('img').getAttribute('src'))).headers()['content-type'], /^image\/png/)
  for (let i = 0; i < 20 && !(await boxes.nth(1).locator('input').evaluate((e) => e === document.activeElement)); i++) await desk.keyboard.press('Tab')
  await desk.keyboard.press('Space')
  assert.ok(await boxes.nth(1).locator('input').isChecked())
  await narrow(desk, 'the accept form')
  await shot(desk, 'desk-masks-360')
  await desk.keyboard.press('Tab')
  while (!(await desk.evaluate(() => document.activeElement.matches('button')))) await desk.keyboard.press('Tab')
  await Promise.all([desk.waitForURL(/fait=1/), desk.keyboard.press('Enter')])
  await desk.context().close()
  const seen = await page(browser)
  await until(async () => {
    await seen.goto(`${base}/signaler/${reference}`)
    return seen.locator('.photos img').count()
  }, 20000)
  const get = async (path) => (await seen.request.get(base + path)).status()
  assert.equal(await seen.locator('.photos img').count(), 1)
  assert.equal(await get(`/signaler/${reference}/photos/${kept}`), 200)
  for (const path of [`/signaler/${reference}/photos/${masked}`, `/signaler/${reference}/photos/${masked}/vignette`, `/dossiers/${reference}/fichiers/${masked}`, `/agents/dossiers/${reference}/fichiers/${masked}`])
    assert.equal((await seen.request.get(base + path, { maxRedirects: 0 })).status(), path.startsWith('/agents') ? 401 : 404, path)      // an agent's page: sign in
  for (const path of ['/signaler', '/signaler/flux.atom', '/signaler/carte.geojson', `/signaler/${reference}`])
    assert.ok(!(await (await seen.request.get(base + path)).text()).includes(masked), path)
  await seen.context().close()
})

test('with JavaScript the place is shown on the map, and saved as it is left', async (browser, base) => {
  const p = await page(browser, { bypassCSP: true })
  await fileReport(p, base, { words: 'Lampe éteinte.', name: 'js', where: async (q) => {
    await q.locator('.leaflet-container').waitFor()
    const saved = q.waitForResponse((r) => r.url().endsWith('/champ'))
    await q.locator('.leaflet-container').click({ position: { x: 150, y: 120 } })
    await saved
    assert.match(await q.inputValue('[name="place.lat"]'), /^48\.\d{6}$/)
    assert.deepEqual(await judged(q), [])
  } })
  await until(() => p.locator('.file-list [data-file]').count(), 10000)        // it went by itself, resumably
  await shot(p, 'js-3-what')
  await next(p)
  await send(p, 'js')
  assert.deepEqual(p.faults, [])
  await p.context().close()
})

test('the list has its map, its filters, and the same list without scripts', async (browser, base) => {
  const p = await page(browser, { viewport: { width: 1280, height: 900 }, bypassCSP: true })
  await p.goto(base + '/signaler?etat=done')
  await until(() => p.locator('.leaflet-marker-icon').count())
  const lines = await p.locator('#map-points li').count()
  assert.ok(lines > 5)
  assert.equal(await p.locator('#map-points .tag.done').count(), lines)
  assert.equal(await p.locator('.leaflet-marker-icon').count(), lines)
  assert.deepEqual(await judged(p), [])
  await shot(p, 'list')
  await p.context().close()
  const plain = await page(browser, { javaScriptEnabled: false })
  await plain.goto(base + '/signaler?etat=done')
  assert.equal(await plain.locator('#map-points li').count(), lines)
  assert.equal(await plain.locator('.map:visible').count(), 0)
  await plain.context().close()
})

const browser = await open()
await run(browser, process.env.BEFFROI_URL, {})
await browser.close()
