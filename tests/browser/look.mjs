// SPDX-License-Identifier: AGPL-3.0-or-later
// The look: /styles and the public pages, light and dark, on a telephone and a desk, with their weight. Screenshots stay in OUTPUT.
import assert from 'node:assert/strict'
import { open, output, page, judged, run, test, until } from './lib/browser.mjs'

const PATHS = ['/', '/demarches', '/demarches/ecrire-a-la-mairie', '/dossiers', '/compte/connexion', '/accessibilite', '/nulle-part', '/styles']
const SIZES = [{ width: 360, height: 740 }, { width: 1280, height: 900 }]

for (const path of PATHS) {
  test(`${path} passes axe in both modes, without scrolling sideways`, async (browser, base) => {
    for (const viewport of SIZES) for (const colorScheme of ['light', 'dark']) {
      const p = await page(browser, { viewport, colorScheme, bypassCSP: true })
      await p.goto(base + path, { waitUntil: 'load' })
      assert.equal(await p.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'scrolls sideways at ' + viewport.width)
      assert.deepEqual(await judged(p), [], `${viewport.width} ${colorScheme}`)
      await p.screenshot({ path: `${output}/look${path.replace(/\W+/g, '-')}-${viewport.width}-${colorScheme}.png`, fullPage: true })
      await p.context().close()
    }
  })
  test(`${path} weighs little at the first visit`, async (browser, base) => {
    const p = await page(browser)
    let bytes = 0
    const wire = await p.context().newCDPSession(p)
    await wire.send('Network.enable')
    wire.on('Network.loadingFinished', (e) => { bytes += e.encodedDataLength })
    await p.goto(base + path, { waitUntil: 'networkidle' })
    const most = path === '/styles' ? 130000 : 60000          // /styles has a map
    console.log(`${path}: ${bytes} B`)
    assert.ok(bytes > 1000 && bytes <= most, `${bytes} B`)
    await p.context().close()
  })
}

// The reference client of DESIGN §8: processor 6 times slower, 400 kb/s, 400 ms.
for (const path of ['/', '/demarches/ecrire-a-la-mairie', '/compte/connexion']) {
  test(`${path} shows its first text within two seconds on the reference client`, async (browser, base) => {
    const p = await page(browser), wire = await p.context().newCDPSession(p)
    await wire.send('Network.enable')
    await wire.send('Network.emulateNetworkConditions', { offline: false, latency: 400, downloadThroughput: 50000, uploadThroughput: 50000 })
    await wire.send('Emulation.setCPUThrottlingRate', { rate: 6 })
    await p.goto(base + path, { waitUntil: 'load' })
    const first = await until(() => p.evaluate(() => { const e = performance.getEntriesByName('first-contentful-paint')[0]; return e && e.startTime }))
    console.log(`${path}: first text after ${Math.round(first)} ms`)
    assert.ok(first <= 2000, `${Math.round(first)} ms`)
    await p.context().close()
  })
}

test('every control of /styles is reached by keyboard and shows it', async (browser, base) => {
  const p = await page(browser, { viewport: SIZES[1] })
  await p.goto(base + '/styles')
  await p.evaluate(() => document.activeElement.blur())
  const seen = new Set()
  for (let i = 0; i < 400; i++) {
    await p.keyboard.press('Tab')
    const at = await p.evaluate(() => {
      const e = document.activeElement
      if (!e || e === document.body) return null
      const s = getComputedStyle(e), ring = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 3
      return { what: e.tagName + '#' + (e.id || e.name || e.textContent.trim().slice(0, 20)), ring: ring || s.boxShadow !== 'none' }
    })
    if (!at) break
    assert.ok(at.ring, at.what + ' shows no focus')
    seen.add(at.what)
  }
  for (const id of ['INPUT#nom', 'INPUT#rappel', 'SELECT#voie', 'TEXTAREA#recit', 'INPUT#photos', 'INPUT#passe']) assert.ok(seen.has(id), id + ' is not reached')
})

// What a page of the desk puts on its body, what another script draws, and what stands in the form of a place and the settings of a town.
const ELSEWHERE = /^(is-desk|wide|leaflet-.*|place|logo-now)$/

test('every class of the style sheet is shown on /styles, each component with its code', async (browser, base) => {
  const p = await page(browser, { viewport: SIZES[1] })
  await p.goto(base + '/styles', { waitUntil: 'load' })
  await until(() => p.$('.pin'))
  const missing = await p.evaluate(() => {
    const names = new Set()
    const walk = (rules) => { for (const r of rules) { if (r.cssRules) walk(r.cssRules); for (const m of (r.selectorText || '').matchAll(/\.([a-z][\w-]*)/gi)) names.add(m[1]) } }
    walk([...document.styleSheets].find((s) => /beffroi/.test(s.href)).cssRules)
    return [...names].filter((n) => !document.getElementsByClassName(n).length)
  })
  assert.deepEqual(missing.filter((n) => !ELSEWHERE.test(n)), [])
  const samples = await p.$$eval('.sample', (list) => list.map((s) => ({ id: s.id, codes: [...s.querySelectorAll('.source code')].map((c) => c.textContent) })))
  assert.ok(samples.length >= 24, samples.length + ' samples')
  assert.ok(samples.reduce((n, s) => n + s.codes.length, 0) >= 30)
  for (const s of samples) assert.ok(s.codes.length && s.codes.every((c) => /[<{]/.test(c)), s.id + ' has no code')
  // The list at the top leads to each.
  assert.deepEqual(await p.$$eval('.contents a', (as) => as.map((a) => a.getAttribute('href'))), samples.map((s) => '#' + s.id))
})

test('every state of a control looks different', async (browser, base) => {
  const p = await page(browser, { viewport: SIZES[1] })
  await p.goto(base + '/styles')
  const looks = await p.$$eval('#s-buttons p:nth-of-type(-n+2) > *', (list) => list.map((e) => { const s = getComputedStyle(e); return [s.backgroundColor, s.color, s.outlineColor, s.textDecorationLine, s.boxShadow].join() }))
  assert.equal(looks.length, 7)
  assert.ok(new Set(looks).size >= 6, looks.join('\n'))
  const fields = await p.$$eval('#nom, #mail, #as-focus, #off, #read', (list) => list.map((e) => { const s = getComputedStyle(e); return [s.borderTopColor, s.backgroundColor, s.outlineStyle].join() }))
  assert.ok(new Set(fields).size >= 4, fields.join('\n'))
})

test('/styles prints without navigation', async (browser, base) => {
  const p = await page(browser, { viewport: { width: 800, height: 1100 } })
  await p.goto(base + '/styles')
  await p.emulateMedia({ media: 'print' })
  assert.equal(await p.isVisible('.nav'), false)
  assert.equal(await p.isVisible('.receipt'), true)
  assert.equal(await p.evaluate(() => getComputedStyle(document.body).color), 'rgb(0, 0, 0)')
  await p.screenshot({ path: `${output}/look-styles-print.png`, fullPage: true })
})

const browser = await open()
await run(browser, process.env.BEFFROI_URL)
await browser.close()
