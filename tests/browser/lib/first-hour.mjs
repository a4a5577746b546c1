// SPDX-License-Identifier: AGPL-3.0-or-later
// What the administrator does in the browser during the first hour, and the first citizen after them: tests/first-hour starts it with the
// link that `tenant add` printed. Each value that has to be typed or chosen is counted; ends with "N inputs".
import assert from 'node:assert/strict'
import { open, output, page } from './browser.mjs'

const [link, admin] = process.argv.slice(2), base = new URL(link).origin
const browser = await open()
let inputs = 0
// The certificate is that of the proxy's own authority: there is no other one without a network.
const options = { viewport: { width: 1280, height: 900 }, ignoreHTTPSErrors: true }
const p = await page(browser, options)
const shot = (q, name) => q.screenshot({ path: `${output}/first-hour-${name}.png`, fullPage: true })
async function fill(name, value) {
  const at = p.locator(`main [name="${name}"]`).first()
  if ((await at.inputValue()) === value) return              // said already, by open data
  await at.fill(value)
  inputs++
}
const press = (q, selector) => Promise.all([q.waitForNavigation(), q.locator(selector).first().click()])

await p.goto(link)
await fill('password', 'une image par jour, deux le dimanche')
await press(p, 'main form button[type=submit]')
if (await p.locator('main input[type=password]').count()) {
  await p.fill('main input[type=email]', admin)              // typed before: nothing new, and a browser fills both in
  await p.fill('main input[type=password]', 'une image par jour, deux le dimanche')
  await press(p, 'main form button[type=submit]')
}

const logo = { name: 'logo.png', mimeType: 'image/png', buffer: await p.screenshot({ clip: { x: 0, y: 0, width: 96, height: 96 } }) }
const contacts = async () => {
  await fill('address', '9 rue du Général-Leclerc\n88000 Épinal')
  await fill('mail', 'mairie@ville.fr')
  await fill('phone', '03 29 68 50 00')
}
const slugs = () => p.$$eval('main a[href^="/demarches/"]', (all) => all.map((a) => a.getAttribute('href')))
const first = await p.goto(base + '/admin/premiers-pas')
if (first.status() === 200) {                                // one page for all of it
  await p.setInputFiles('main [name=logo]', logo)
  inputs++
  await contacts()
  await fill('sender', 'ne-pas-repondre@ville.fr')
  const ready = p.locator('main input[name=procedure][value*=ecrire]')
  if (!(await ready.isChecked())) inputs++
  await ready.check()
  await shot(p, 'page')
  await press(p, 'main button[value=open]')
} else {
  await p.goto(base + '/admin/reglages')
  await p.setInputFiles('main [name=logo]', logo)
  inputs++
  await press(p, 'main button[value=put]')
  await p.goto(base + '/admin/collectivites')
  await press(p, 'main a[href^="/admin/collectivites/"]')
  await fill('service', 'Mairie')
  await contacts()
  await press(p, 'main form button[type=submit]')
  await p.goto(base + '/admin/demarches/bibliotheque')
  await press(p, 'main form:has(input[value=ecrire-mairie]) button')
  inputs++
  await p.goto(base + '/admin/demarches')
  await press(p, 'main .list a[href^="/admin/demarches/"]')
  await press(p, 'main button[value=publish]')
}
await shot(p, 'administration')

await p.goto(base + '/demarches')
const live = await slugs()
assert.ok(live.length >= 1, 'a procedure is live')
const pdf = await p.request.get(base + live.find((x) => x.includes('ecrire')) + '/formulaire.pdf')
assert.ok(pdf.status() === 200 && (await pdf.body()).subarray(0, 5).toString() === '%PDF-', 'the blank form is printed, within the sandbox of the unit')
const q = await page(browser, { ...options, viewport: { width: 360, height: 740 } })
await q.goto(base + '/')
await shot(q, 'home-360')
assert.match(await q.locator('header').first().innerHTML(), /<img[^>]+logo/i, 'the town\'s logo is on its pages')
await q.goto(base + live.find((x) => x.includes('ecrire')))
await press(q, 'main form button[type=submit]')
assert.match((await q.textContent('.code >> nth=0')).trim(), /^[B-Z]{4}-[B-Z]{4}$/, 'a citizen begins')
await shot(q, 'citizen-360')
await browser.close()
console.log(`${inputs} inputs`)
