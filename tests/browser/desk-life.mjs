// SPDX-License-Identifier: AGPL-3.0-or-later
// Living with the desk, as agents do: views, many dossiers at once, models, absences, statistics. Without JavaScript where it says so;
// each page looked at by axe at desk width and at 360 px.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { open, page, judged, output, test, run, until } from './lib/browser.mjs'

const PASSWORD = 'une image par jour'
async function agent(browser, base, mail, options = {}) {
  const p = await page(browser, { viewport: { width: 1280, height: 900 }, ...options })
  await p.goto(base + '/compte/connexion')
  await p.fill('#email', mail); await p.fill('#password', PASSWORD); await p.click('main form button[type=submit]')
  return p
}
const shot = (p, name) => p.screenshot({ path: `${output}/desk-life-${name}.png`, fullPage: true })
const text = async (p) => (await p.locator('main').textContent()).replace(/\s+/g, ' ')

// Both widths, judged, nothing goes sideways.
async function look(a, name) {
  for (const width of [1280, 360]) {
    await a.setViewportSize({ width, height: 800 })
    await shot(a, `${name}-${width}`)
    assert.deepEqual(await judged(a), [], `${name} at ${width}`)
    assert.ok(await a.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth + 1), `${name} goes sideways at ${width}`)
  }
  await a.setViewportSize({ width: 1280, height: 900 })
}

test('a view is kept without script, becomes a tab, opens the list, and goes', async (browser, base) => {
  const a = await agent(browser, base, 'voirie@exemple.fr', { javaScriptEnabled: false })
  await a.goto(base + '/agents?state=ouverts')
  assert.ok(await a.getByRole('link', { name: /Occupations à prendre/ }).isVisible(), 'the demonstration has a view of the team')
  await a.selectOption('#sort', 'due'); await a.locator('details.columns summary').click(); await a.uncheck('#col-kind'); await a.check('#col-channel')
  await a.click('form.filters button[type=submit]')
  assert.equal(await a.locator('thead th', { hasText: 'Démarche' }).count(), 0)
  await a.getByRole('link', { name: 'Garder ces filtres comme vue' }).click()
  await a.click('main form.form button[type=submit]')
  assert.ok(await a.locator('a[href="#name"]').isVisible(), 'a name is asked, the error links to it')
  await a.fill('#name', 'Mes échéances'); await a.check('#start'); await a.click('main form.form button[type=submit]')
  await a.goto(base + '/agents')
  assert.ok(a.url().includes('sort=due'), a.url())
  assert.equal(await a.locator('nav.tabs').first().locator('[aria-current]').textContent().then((s) => s.trim()), 'Mes échéances')
  await a.getByRole('link', { name: 'Modifier cette vue' }).click()
  await a.fill('#name', 'Échéances'); await a.click('main form.form button[type=submit]')
  assert.ok(await a.getByRole('link', { name: 'Échéances', exact: true }).isVisible())
  await a.getByRole('link', { name: 'Modifier cette vue' }).click()
  await a.getByRole('button', { name: 'Supprimer cette vue' }).click()
  await a.goto(base + '/agents')
  assert.equal(await a.getByRole('link', { name: 'Échéances', exact: true }).count(), 0)
  const csv = await a.request.get(base + '/agents/dossiers.csv?kind=d102')
  assert.ok((await csv.text()).startsWith('\uFEFFRéférence;'), 'a table for a spreadsheet')
  await a.context().close()
})

test('many dossiers are handled at once, without script: chosen, confirmed, followed, the result read', async (browser, base) => {
  const a = await agent(browser, base, 'voirie@exemple.fr', { javaScriptEnabled: false })
  await a.goto(base + '/agents?kind=d102&state=depose')
  const boxes = a.locator('td.pick input')
  const n = Math.min(3, await boxes.count())
  assert.ok(n > 0, 'the demonstration has filed dossiers')
  const first = await a.locator('tbody th a').first().getAttribute('href')
  for (let i = 0; i < n; i++) await boxes.nth(i).check()
  // Meanwhile somebody takes the first one: it will be told, not overwritten.
  await a.getByRole('button', { name: 'Agir sur les dossiers cochés' }).click()
  assert.match(await text(a), new RegExp(`${n} dossiers? choisis?`))
  await shot(a, 'mass-choose')
  await a.getByRole('link', { name: 'Prendre en instruction' }).click()
  const where = a.url()
  const b = await agent(browser, base, 'voirie@exemple.fr', { javaScriptEnabled: false })
  await b.goto(base + first)
  await b.locator('summary', { hasText: 'Prendre en instruction' }).click(); await b.getByRole('button', { name: 'Prendre en instruction' }).click()
  await b.context().close()
  await a.goto(where)
  await shot(a, 'mass-confirm')
  if (n > 1) {
    assert.match(await text(a), /Ceux qui ne peuvent pas l’être/)
    await a.getByRole('button', { name: /^Confirmer pour/ }).click()
    await until(async () => { await a.reload(); return /C’est terminé/.test(await text(a)) }, 20000)
    assert.match(await text(a), new RegExp(`${n - 1} dossiers? traités?`))
    assert.ok(await a.locator('table').isVisible(), 'the one that was taken meanwhile is said')
  }
  await shot(a, 'mass-result')
  await a.goto(base + '/agents/lots')
  assert.match(await text(a), /Terminé/)
  await a.context().close()
})

test('the pages of the desk at both widths', async (browser, base) => {
  const a = await agent(browser, base, 'admin@exemple.fr', { bypassCSP: true })
  // Somebody who filed more than once: their other dossiers stand beside.
  let beside = 0
  await a.goto(base + '/agents?state=tous')
  const links = await a.locator('tbody th a').evaluateAll((all) => all.map((x) => x.getAttribute('href')))
  for (const at of links) {
    await a.goto(base + at)
    if ((beside = await a.locator('#related').count())) break
  }
  assert.ok(beside, 'one of the last 25 filed before')
  await look(a, 'related')
  await a.goto(base + '/agents?state=ouverts&kind=d102')
  await look(a, 'inbox')
  await a.locator('td.pick input').nth(0).check(); await a.locator('td.pick input').nth(1).check()
  await a.getByRole('button', { name: 'Agir sur les dossiers cochés' }).click()
  await look(a, 'mass')
  const lot = a.url()
  await a.goto(lot + '?acte=close')
  await look(a, 'mass-act')
  for (const [name, path] of Object.entries({ view: '/agents/vues?kind=d102&sort=due', masses: '/agents/lots', models: '/agents/modeles', model: '/agents/modeles/nouveau', absences: '/agents/absences',
    stats: '/agents/statistiques/d102', 'stats-week': '/agents/statistiques/d102?periode=3m&pas=semaine', 'stats-list': '/agents/statistiques' })) {
    const r = await a.goto(base + path)
    assert.equal(r.status(), 200, path)
    await look(a, name)
  }
  await a.emulateMedia({ colorScheme: 'dark' })
  await a.goto(base + '/agents/statistiques/occupation-du-domaine-public')
  await shot(a, 'stats-dark')
  assert.deepEqual(await judged(a), [], 'statistics, dark')
  await a.emulateMedia({ colorScheme: 'light', media: 'print' })
  await shot(a, 'stats-print')
  await a.context().close()
})

test('a model is put into the reply without script, and read over before it is sent', async (browser, base) => {
  const a = await agent(browser, base, 'voirie@exemple.fr', { javaScriptEnabled: false, viewport: { width: 360, height: 740 } })
  await a.goto(base + '/agents?kind=d102&state=en-instruction')
  await a.locator('tbody th a').first().click()
  const reference = (await a.locator('main p strong.code').first().textContent()).trim()
  await a.fill('#words', 'Suite à votre appel.')
  await a.selectOption('#model', { label: 'Pièce illisible' })
  await a.getByRole('button', { name: 'Mettre ce modèle dans le message' }).click()
  const said = await a.inputValue('#words')
  assert.ok(said.startsWith('Suite à votre appel.') && said.includes(reference) && said.includes('Viviane Pavement') && !said.includes('{'), said)
  await shot(a, 'model-360')
  await a.setViewportSize({ width: 1280, height: 900 }); await shot(a, 'model-1280')
  await a.getByRole('button', { name: 'Envoyer au demandeur' }).click()
  assert.match(await text(a), /C’est fait|Suite à votre appel/)
  await a.context().close()
})

test('a dossier is given to somebody, who is replaced; the one who stands in finds it', async (browser, base) => {
  const a = await agent(browser, base, 'admin@exemple.fr', { javaScriptEnabled: false })
  await a.goto(base + '/agents?kind=d101&state=ouverts')
  await a.locator('tbody th a').first().click()
  const at = a.url().split('?')[0]
  await a.getByRole('link', { name: 'Confier à quelqu’un' }).click()
  await a.getByLabel(/Alban Bienvenu/).check()
  await shot(a, 'assign')
  await a.getByRole('button', { name: 'Confier' }).click()
  assert.match(await text(a), /Gaspard Tocsin remplace/)
  await shot(a, 'absent-1280')
  await a.setViewportSize({ width: 360, height: 740 }); await shot(a, 'absent-360')
  await a.context().close()
  const g = await agent(browser, base, 'gestion@exemple.fr', { javaScriptEnabled: false })
  await g.goto(base + '/agents?whose=mine')
  assert.match(await text(g), /Vous remplacez Alban Bienvenu/)
  assert.ok(await g.locator('tbody a[href$="' + new URL(at).pathname + '"]').count(), 'it is in the list of who stands in')
  assert.match(await text(g), /Pour Alban Bienvenu/)
  await shot(g, 'stand-in')
  await g.context().close()
})

test('an absence is declared without script; a wrong date is told', async (browser, base) => {
  const a = await agent(browser, base, 'education@exemple.fr', { javaScriptEnabled: false })
  await a.goto(base + '/agents/absences')
  await a.click('main form.form button[type=submit]')
  assert.ok(await a.locator('a[href="#last"]').first().isVisible())
  await a.fill('#last', '2030-01-01'); await a.selectOption('#stand_in', { label: 'Ada Clocher' })
  await a.click('main form.form button[type=submit]')
  assert.match(await text(a), /Ada Clocher/)
  await a.getByRole('button', { name: /Supprimer l’absence/ }).click()
  assert.doesNotMatch(await text(a), /en ce moment/)
  await a.context().close()
})

// A server of this test's own, killed as a crash kills it.
async function serve(data, port) {
  const child = spawn(process.env.BEFFROI_BIN, ['serve', '--data', data, '--listen', `127.0.0.1:${port}`], { stdio: 'ignore' })
  await until(() => fetch(`http://localhost:${port}/healthz`).then((r) => r.ok).catch(() => false), 10000)
  return child
}
const gone = (child, signal) => new Promise((r) => { child.once('exit', r); child.kill(signal) })

test('killed in the middle, a mass action goes on by itself and does nothing twice', async (browser) => {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'beffroi-mass-')), port = 20000 + Math.floor(Math.random() * 40000)
  execFileSync(process.env.BEFFROI_BIN, ['demo', '--data', path.join(data, 'd')], { stdio: 'ignore' })
  let server = await serve(path.join(data, 'd'), port)
  const base = `http://localhost:${port}`
  try {
    const a = await agent(browser, base, 'admin@exemple.fr', { javaScriptEnabled: false })
    await a.goto(base + '/agents?state=tous&kind=d101')
    await a.getByRole('button', { name: 'Agir sur tous les dossiers de la liste' }).click()
    await a.getByRole('link', { name: 'Ajouter une note interne' }).click()
    await a.fill('#message', 'Vu en commission du lundi.')
    await a.getByRole('button', { name: /^Confirmer pour/ }).click()
    const at = a.url().split('?')[0]
    const counts = async () => { const t = await (await a.request.get(at)).text(); return { done: Number(/<dt>Faits<\/dt><dd>([^<]*)/.exec(t)[1].replace(/\D/g, '')), over: /C’est terminé/.test(t) } }
    let seen = await until(async () => { const c = await counts(); return (c.done > 0 || c.over) && c }, 20000)
    await gone(server, 'SIGKILL')
    const killed = Date.now()
    server = await serve(path.join(data, 'd'), port)
    console.log(`    killed after ${seen.done}, over: ${seen.over}`)
    await a.goto(base + '/agents/lots')
    seen = await until(async () => { const c = await counts(); return c.over && c }, 60000)
    console.log(`    done ${seen.done}, ${((Date.now() - killed) / 1000).toFixed(1)} s after the kill`)
    assert.ok(seen.done > 100, `${seen.done} done`)
    const csv = (await (await a.request.get(base + '/agents/dossiers.csv?state=tous&kind=d101')).text()).split('\r\n').slice(1).filter(Boolean).map((l) => l.split(';')[0])
    for (let i = 0; i < csv.length; i += 7) {
      const t = await (await a.request.get(`${base}/agents/dossiers/${csv[i]}`)).text()
      assert.equal(t.split('Vu en commission du lundi.').length - 1, 1, `${csv[i]} has its note once`)
    }
    await a.context().close()
  } finally { await gone(server, 'SIGTERM'); fs.rmSync(data, { recursive: true, force: true }) }
})

const browser = await open()
await run(browser, process.env.BEFFROI_URL)
await browser.close()
