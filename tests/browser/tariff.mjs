// SPDX-License-Identifier: AGPL-3.0-or-later
// Two tariffs, as a citizen meets them. After-school care: a change of income moves the price at once; once filed, the explanation names the
// band; without script the check page says the same. Tourist tax: a stay at a time, and what is to be paid. Screenshots stay in OUTPUT.
import assert from 'node:assert/strict'
import { judged, open, output, page, run, test, until } from './lib/browser.mjs'

const browser = await open(), base = process.env.BEFFROI_URL
const plain = (s) => s.replace(/[\u00a0\u202f]/g, ' ').replace(/\s+/g, ' ').trim()
const main = async (p) => plain(await p.textContent('main'))
const go = async (p, button) => { await Promise.all([p.waitForNavigation(), p.click(button)]) }
const next = (p) => go(p, 'button[name=do][value=next]')
const send = (p) => go(p, 'main form button[type=submit]')
const WIDE = { viewport: { width: 1280, height: 900 } }, NARROW = { viewport: { width: 360, height: 740 } }

async function whole(p, name) {
  assert.ok(await p.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1), `${name} scrolls sideways`)
  await p.screenshot({ path: `${output}/tariff-${name}.png`, fullPage: true })
}
const date = async (p, name, d, m, y) => { await p.fill(`[name="${name}.d"]`, d); await p.fill(`[name="${name}.m"]`, m); await p.fill(`[name="${name}.y"]`, y) }
const address = async (p, name) => { await p.fill(`[name="${name}.street"]`, '3 rue des Images'); await p.fill(`[name="${name}.postcode"]`, '88000'); await p.fill(`[name="${name}.commune"]`, 'Épinal') }
const computed = async (p, field) => plain(await p.textContent(`[data-computed="${field}"]`))
const becomes = (p, field, wanted) => until(async () => (await computed(p, field)) === wanted).catch(async () => assert.equal(await computed(p, field), wanted, field))

async function begin(p, slug) {
  await p.goto(`${base}/demarches/${slug}`)
  await send(p)
  const reference = plain(await p.locator('.code').first().textContent())
  await p.fill('#email', 'marie@exemple.fr')
  await send(p)
  return reference
}
// To the page of the price: one child, two evenings a week.
async function child(p) {
  const reference = await begin(p, 'inscrire-mon-enfant-a-l-accueil-periscolaire')
  await p.fill('[name=f1]', 'Marie Imagier'); await address(p, 'f2'); await p.fill('[name=f3]', '06 39 98 01 23')
  await next(p)
  if (!await p.locator('input[type=hidden][name=f4]').count()) await go(p, 'button[name=_row_add]')
  const row = await p.locator('input[type=hidden][name=f4]').first().getAttribute('value'), at = (f) => `f4/${row}/${f}`
  await p.fill(`[name="${at('f5')}"]`, 'Lou Imagier'); await date(p, at('f6'), '14', '7', '2019'); await p.fill(`[name="${at('f7')}"]`, 'École du Centre')
  await p.check(`[name="${at('f8')}"][value=soir]`)
  if (!await p.locator(`[name="${at('f19')}"]`).isVisible()) await next(p)         // without script, the question comes once the page is sent
  await p.fill(`[name="${at('f19')}"]`, '2')
  await p.locator(`[name="${at('f9')}"]`).nth(1).check(); await p.locator(`[name="${at('f10')}"]`).nth(1).check()
  await next(p)
  return reference
}
const income = async (p, euros) => { await p.fill('[name=f23]', euros); await p.locator('[name=f23]').blur() }

for (const [size, options] of [['1280', WIDE], ['360', NARROW]])
  test(`a change of income moves the price at once (${size})`, async () => {
    const p = await page(browser, { ...options, bypassCSP: true })
    const reference = await child(p)
    await p.check('[name=f21][value=calcul]')
    await income(p, '21000')
    await p.fill('[name=f24]', '148'); await p.locator('[name=f24]').blur()
    await p.fill('[name=f25]', '2'); await p.locator('[name=f25]').blur()
    await becomes(p, 'f27', '633 €')                       // (21 000 / 12 + 148) / 3
    await becomes(p, 'f28', 'Tranche 3 : de 600 € à moins de 1 000 €')
    await becomes(p, 'f30', '2,80 €/séance')
    await becomes(p, 'f32', '20,16 €/mois')                // 2 evenings × 2,80 × 3,6
    await income(p, '17500')
    await becomes(p, 'f27', '535 €')
    await becomes(p, 'f28', 'Tranche 2 : de 400 € à moins de 600 €')
    await becomes(p, 'f30', '2,10 €/séance')
    await becomes(p, 'f32', '15,12 €/mois')
    await p.check('[name=f15][value=caf]'); await p.fill('[name=f16]', '0012345')
    assert.deepEqual(await judged(p), [])
    await whole(p, `live-${size}`)
    await next(p)
    const said = await main(p)
    for (const words of ['535 €', 'Tranche 2 : de 400 € à moins de 600 €', '2,10 €', '15,12 €']) assert.ok(said.includes(words), words)
    await whole(p, `check-${size}`)
    await send(p)
    await p.goto(`${base}/dossiers/${reference}`)
    await whole(p, `filed-${size}`)
    await go(p, 'a.why-link[href$="de=f30"]')                    // why 2,10 € (CRPA L311-3-1)
    const why = await main(p)
    for (const words of ['2,10 € par séance', '535 €', 'de 400 € à 600 €', 'L311-3-1']) assert.ok(why.includes(words), `${words}\n${why.slice(0, 1500)}`)
    assert.deepEqual(await judged(p), [])
    await whole(p, `why-${size}`)
    const trace = await (await p.request.get(`${base}/dossiers/${reference}/pourquoi.json?de=f30`)).json()
    assert.equal(trace.value, 2.1)
    await go(p, 'a[href$="/pourquoi"]')
    assert.ok((await main(p)).includes('Prix d’un soir'))
    await whole(p, `whys-${size}`)
    assert.deepEqual(p.faults, [])
  })

test('without script, the check page says the same', async () => {
  const p = await page(browser, { ...NARROW, javaScriptEnabled: false })
  await child(p)
  await p.check('[name=f21][value=calcul]')
  await next(p)                                             // the page comes back, with the questions of this choice
  await p.fill('[name=f23]', '17500'); await p.fill('[name=f24]', '148'); await p.fill('[name=f25]', '2')
  await next(p)
  if (await p.locator('[name=f15]').first().isVisible().catch(() => false)) { await p.check('[name=f15][value=caf]'); await next(p) }
  if (await p.locator('[name=f16]').isVisible().catch(() => false)) { await p.fill('[name=f16]', '0012345'); await next(p) }
  const said = await main(p)
  for (const words of ['535 €', 'Tranche 2 : de 400 € à moins de 600 €', '2,10 €', '15,12 €']) assert.ok(said.includes(words), `${words}\n${said.slice(0, 1500)}`)
  await p.screenshot({ path: `${output}/tariff-check-plain.png`, fullPage: true })
  const check = p.url()
  await go(p, 'a.why-link[href$="de=f30"]')
  assert.ok((await main(p)).includes('de 400 € à 600 €'))
  await p.goto(check)
  await send(p)
  assert.match(p.url(), /recepisse/)
})

// Loi 2000-321, article 10; décret 2001-495, article 1: above 23,000 € in a year, an agreement. What the town paid already matters below only.
for (const [size, options] of [['1280', WIDE], ['360', NARROW]])
  test(`a question is asked only while a result depends on it (${size})`, async () => {
    const p = await page(browser, { ...options, bypassCSP: true })
    await begin(p, 'subvention-association')
    await p.fill('[name=f1]', 'Les Images'); await p.check('[name=f3][value=culture]').catch(() => p.locator('[name=f3]').selectOption('culture'))
    await p.fill('[name=f4]', 'Marie Imagier, présidente'); await p.fill('[name=f5]', 'marie@exemple.fr')
    await next(p)
    await p.check('[name=f6][value=fonctionnement]')
    const amount = async (euros) => { await p.fill('[name=f8]', euros); await p.locator('[name=f8]').blur() }
    await amount('30000')
    await becomes(p, 'f17', 'Oui')
    assert.equal(await p.locator('[name=f15]').isVisible(), false)
    await amount('5000')
    await until(() => p.locator('[name=f15]').isVisible())
    assert.notEqual(await computed(p, 'f17'), 'Oui')
    await p.fill('[name=f15]', '19000'); await p.locator('[name=f15]').blur()
    await becomes(p, 'f17', 'Oui')
    await p.fill('[name=f15]', '1000'); await p.locator('[name=f15]').blur()
    await becomes(p, 'f17', 'Non')
    await becomes(p, 'f16', '100 %')
    assert.deepEqual(await judged(p), [])
    await whole(p, `grant-${size}`)
    // Too much: said on the page, at the question, and nothing typed is lost.
    await amount('400000')
    await next(p)
    assert.ok((await main(p)).includes('Au-delà de 300 000 €'))
    assert.equal(await p.inputValue('[name=f8]'), '400000')
    await whole(p, `grant-refused-${size}`)
    assert.deepEqual(p.faults.filter((f) => !/422/.test(f)), [])
  })

// CGCT L2333-30: not classified, 5 % of the price per person and night; L2333-31: minors owe nothing; L3333-1: 10 % more for the department.
test('the tourist tax is worked out stay by stay', async () => {
  const p = await page(browser, { ...WIDE, bypassCSP: true })
  await begin(p, 'declarer-la-taxe-de-sejour')
  await p.fill('[name=f1]', 'Jean Lodge'); await p.fill('[name=f2]', 'Gîte des Images'); await address(p, 'f3')
  const select = p.locator('[name=f4]').first()
  if (await select.evaluate((e) => e.tagName) === 'SELECT') await select.selectOption('sans')
  else await p.check('[name=f4][value=sans]')
  await next(p)
  await date(p, 'f6', '1', '7', '2026'); await date(p, 'f7', '30', '9', '2026')
  for (const [i, [nights, people, minors, price]] of [['7', '4', '2', '700'], ['2', '2', '0', '2000']].entries()) {
    if (await p.locator('input[type=hidden][name=f9]').count() <= i) {
      await p.click('button[name=_row_add]')
      await until(async () => await p.locator('input[type=hidden][name=f9]').count() > i)
    }
    const row = await p.locator('input[type=hidden][name=f9]').nth(i).getAttribute('value'), at = (f) => `f9/${row}/${f}`
    await date(p, at('f10'), '1', '8', '2026')
    for (const [f, v] of [['f11', nights], ['f12', people], ['f13', minors], ['f14', '0'], ['f16', price]]) { await p.fill(`[name="${at(f)}"]`, v); await p.locator(`[name="${at(f)}"]`).blur() }
    await becomes(p, at('f18'), i ? '16 €' : '17,50 €')
  }
  assert.deepEqual(await judged(p), [])
  await whole(p, 'stays-1280')
  await next(p)
  await becomes(p, 'f23', '36,85 €')
  await whole(p, 'total-1280')
  await p.check('[name=f24]')
  await next(p)
  const said = await main(p)
  for (const words of ['33,50 €', '3,35 €', '36,85 €']) assert.ok(said.includes(words), `${words}\n${said.slice(0, 1500)}`)
  await p.setViewportSize({ width: 360, height: 740 })
  await whole(p, 'tax-check-360')
  await send(p)
  assert.match(p.url(), /recepisse/)
  assert.deepEqual(p.faults, [])
})

await run()
await browser.close()
