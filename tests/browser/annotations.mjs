// SPDX-License-Identifier: AGPL-3.0-or-later
// Two agents write in the fields of agents at once: the second sees what the first did, and keeps the words.
import assert from 'node:assert/strict'
import { open, page, run, test } from './lib/browser.mjs'

const base = process.env.BEFFROI_URL
const browser = await open()
const submit = async (p, form) => (await Promise.all([p.waitForNavigation(), form.locator('button[type=submit]').first().click()]))[0]

test('two agents annotate one dossier', async () => {
  const p = await page(browser, { javaScriptEnabled: false })
  await p.goto(base + '/compte/connexion')
  await p.fill('input[type=email]', 'voirie@exemple.fr')
  await p.fill('input[type=password]', 'une image par jour')
  await submit(p, p.locator('main form'))
  await p.goto(base + '/agents')
  let at = null
  for (const href of await p.locator('a[href^="/agents/dossiers/"]').evaluateAll(all => all.map(a => a.getAttribute('href')))) {
    await p.goto(base + href)
    if (await p.locator('form[action$="/annotations"] [name=f16]').count()) { at = base + href; break }
  }
  assert.ok(at, 'the demonstration has a dossier with fields of agents')
  const q = await p.context().newPage()
  await q.goto(at)
  const [first, second] = [p, q].map(x => x.locator('form[action$="/annotations"]'))
  await first.locator('[name=f16]').fill('Avis du premier agent')
  assert.equal((await submit(p, first)).status(), 200)
  await second.locator('[name=f16]').fill('Avis du second agent')
  assert.equal((await submit(q, second)).status(), 409)
  assert.equal(await second.locator('[name=f16]').inputValue(), 'Avis du second agent')
  assert.match(await q.textContent('main'), /Quelqu’un a agi avant vous/)
  assert.equal((await submit(q, second)).status(), 200)
  await p.goto(at)
  assert.equal(await first.locator('[name=f16]').inputValue(), 'Avis du second agent')
})

await run()
await browser.close()
