// SPDX-License-Identifier: AGPL-3.0-or-later
// A form that could not be taken comes back in the page that says so, on a telephone, without JavaScript. Last by name: it uses up
// the messages that one address may send.
import assert from 'node:assert/strict'
import { judged, open, output, page, run, test } from './lib/browser.mjs'

const base = process.env.BEFFROI_URL
const browser = await open()
let kept

test('too many messages: the last one is kept in the page, and sent from it', async () => {
  const p = await page(browser, { javaScriptEnabled: false, bypassCSP: true })
  await p.goto(base + '/demarches/ecrire-a-la-mairie')
  await p.locator('form[action$="/commencer"] button').first().click()
  await p.fill('[name=email]', 'zoe@exemple.test')
  await p.locator('main form button[type=submit]').first().click()
  await p.fill('[name=f1]', 'Un banc cassé')
  await p.check('[name=f2][value=voirie]')
  await p.fill('[name=f3]', 'Le banc de la place.')
  await p.click('button[name=do][value=next]')
  await p.fill('[name=f5]', 'Zoé Imagier')
  await p.check('[name=f6][value=non]')
  await p.click('button[name=do][value=next]')
  await p.locator('form[action$="/deposer"] button').click()
  await p.goto(p.url().replace(/\/recepisse$/, ''))
  const at = p.url()
  for (let i = 0; ; i++) {
    assert.ok(i < 30, 'no message is one too many')
    await p.fill('[name=words]', `Encore un mot, le ${i}ᵉ :\n« voilà » & <b>rien</b>`)
    const [answer] = await Promise.all([p.waitForNavigation(), p.locator('form[action$="/messages"] button').first().click()])
    if (answer.status() !== 429) continue
    kept = await answer.text()
    break
  }
  assert.match(await p.textContent('main'), /Cette page le garde/)
  await p.screenshot({ path: output + '/too-many.png', fullPage: true })
  const words = await p.inputValue('input[name=words]')
  await new Promise(done => setTimeout(done, 7000))
  await p.getByRole('button', { name: 'Réessayer' }).click()
  assert.ok(p.url().startsWith(at) && p.url().includes('fait=message'), p.url())
  assert.ok((await p.textContent('main')).includes(words.replace(/\r/g, '').split('\n')[1]), 'the message is not in the dossier')
})

test('that page can be read by all', async () => {
  const p = await page(browser, { bypassCSP: true })
  await p.route('**/given-back', route => route.fulfill({ status: 429, contentType: 'text/html; charset=utf-8', body: kept }))
  await p.goto(base + '/given-back')
  assert.deepEqual(await judged(p), [])
  assert.ok(await p.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page scrolls sideways')
})

await run()
await browser.close()
