// SPDX-License-Identifier: AGPL-3.0-or-later
// Pages written by the command line (rules eval --trace-page, rules doc), opened from the disk, without script: accessible in both modes,
// never wider than the screen, by the keyboard, whole on paper. Screenshots stay in OUTPUT.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { open, output, page, judged, run, test } from './lib/browser.mjs'

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'rules-')), rules = new URL('../rules/fixtures/garderie.yaml', import.meta.url).pathname
const bin = process.env.BEFFROI_BIN
fs.writeFileSync(dir + '/s.json', JSON.stringify({ 'foyer . revenu fiscal': '12960 €/an', 'foyer . parts': '2', enfants: '3' }))
execFileSync(bin, ['rules', 'eval', rules, 'à payer', '--situation', dir + '/s.json', '--trace-page', dir + '/why'])
execFileSync(bin, ['rules', 'doc', rules, '-o', dir + '/doc'])
const at = (name) => 'file://' + path.join(dir, name)

for (const name of ['why/index.html', 'doc/index.html', 'doc/regles/tarif.html', 'doc/regles/remise.html']) {
  test(`${name} passes axe in both modes, without scrolling sideways`, async (browser) => {
    for (const width of [360, 1280]) for (const colorScheme of ['light', 'dark']) {
      const p = await page(browser, { viewport: { width, height: 800 }, colorScheme })
      await p.goto(at(name))
      await p.evaluate(() => document.querySelectorAll('details').forEach((d) => { d.open = true }))
      assert.equal(await p.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'scrolls sideways at ' + width)
      assert.deepEqual(p.faults, [])               // before axe, which asks for the style sheet in its own way
      assert.deepEqual(await judged(p), [], `${width} ${colorScheme}`)
      await p.screenshot({ path: `${output}/rules-${name.replace(/\W+/g, '-')}-${width}-${colorScheme}.png`, fullPage: true })
      await p.context().close()
    }
  })
}

test('the tree opens step by step with the keyboard, without script, and leads to its rules', async (browser) => {
  const p = await page(browser, { javaScriptEnabled: false })
  await p.goto(at('why/index.html'))
  const price = p.locator('summary', { hasText: /^Prix de la soirée/ }), band = p.locator('.why-holds')
  assert.equal(await band.isVisible(), false)
  await price.press('Enter')
  await p.locator('summary', { hasText: /^Tarif d'une soirée/ }).waitFor()
  await p.locator('summary', { hasText: /^Tarif d'une soirée/ }).press('Enter')
  await band.waitFor()
  assert.match(await band.innerText(), /Tranche\sde\s400\s€\spar\smois\sà\s600\s€\spar\smois\s:\s2,10\s€/)
  await p.locator('.why-see', { hasText: "Tarif d'une soirée" }).click()
  assert.match(p.url(), /#regle-\d+$/)
  await p.context().close()
})

test('on paper all of it is open', async (browser) => {
  const p = await page(browser)
  await p.goto(at('why/index.html'))
  assert.equal(await p.locator('.why-holds').isVisible(), false)
  await p.emulateMedia({ media: 'print' })
  assert.equal(await p.locator('.why-holds').evaluate((e) => e.getBoundingClientRect().height > 0 && e.checkVisibility({ contentVisibilityAuto: true })), true)
  await p.context().close()
})

const browser = await open()
await run(browser)
await browser.close()
fs.rmSync(dir, { recursive: true })
