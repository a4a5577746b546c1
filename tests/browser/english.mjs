// SPDX-License-Identifier: AGPL-3.0-or-later
// English throughout: every page that `beffroi routes` lists, as a visitor, a resident, an agent and an administrator who read English. What is
// left in French is there because somebody wrote it so, and says it is French (WCAG 3.1.2). Names of people, places and laws are what they are.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { open, page, run, test } from './lib/browser.mjs'
import { PASSWORD } from './lib/town.mjs'

const base = process.env.BEFFROI_URL, bin = process.env.BEFFROI_BIN, data = process.env.BEFFROI_DATA
const browser = await open()
const fixture = (name) => fileURLToPath(new URL('../fixtures/' + name, import.meta.url))

// Routes whose answer is a page for people.
const routes = execFileSync(bin, ['routes'], { encoding: 'utf8' }).split('\n').map((l) => l.match(/^GET\s+(\S+)\s+(\S+)\s+(.*)/)).filter(Boolean)
  .map(([, path, right, doc]) => ({ path, right, doc, like: new RegExp('^' + path.replace(/[.]/g, '\\.').replace(/:[a-z]+/g, '[^/]+') + '$') }))
  .filter((r) => !/\[(api|raw|files)\]/.test(r.doc) && !/fichiers|photos|logo|\.css|atom|metrics|[.]csv$|[.]json$|\/pdf$/.test(r.path))
  // A link of a mail, good once, and the page of a town that has just opened: tried where they are made.
  .filter((r) => !['/compte/mot-de-passe/:token', '/signaler/:ref/suivre', '/admin/premiers-pas/ouverte'].includes(r.path))

// In the page (its title can hold no mark, and what one is writing oneself is in one's own language): what stands in French where it is said to be English.
function french(names) {
  const name = /(?:[Cc]ode|[Ll]oi|[Dd]écret|[Aa]rrêté|[Dd]élibération|[Rr]èglement)s? (?:n° |d[eu’']|gén|civil|élec|rural|pénal)[^,;.)]*|(?:rue|quai|place|avenue|chemin|impasse|[ÉE]cole|[Mm]airie|Ville|Commune|Agglomération|Communauté) (?:d[eu’']|d’agg)[^,;.)]*|[Tt]eam [^,;.)·]*|\{[^}]*\}|\S+@\S+|https?:\S+|Épinal|Dinozé|Jeuxey|procureur de la République|[Dd]irecteur académique des services de l’éducation nationale|Commission d’accès aux documents administratifs/g
  const word = /(?:^|[^\p{L}’'-])(le|la|les|des|du|une|est|dans|pour|vous|votre|vos|nous|notre|que|qui|sur|avec|par|pas|sont|aux|cette|et|ou|au|de|à|il|elle|ce|ces|si|ne)(?=$|[^\p{L}’'-])|(?:^|[^\p{L}])([ldnsjc]|qu)[’'](?=\p{L}{2})/giu
  names = new Set(names)
  const found = []
  const look = (text, where, el) => {
    const lang = el.closest('[lang]').lang
    if (lang !== 'en') return
    const bare = text.replace('Épinal (démonstration)', ' ').replace(name, ' ')
    const stop = new Set((bare.match(word) || []).map((w) => w.replace(/[^\p{L}]/gu, '').toLowerCase()))
    const accented = (bare.match(/[\p{L}’-]*[éèêëàâçôîïûùœ][\p{L}’-]*/giu) || []).filter((w) => !names.has(w.replace(/^[ldLD]’/, '')) && !/^(café|cafés|résumé|décret|décrets|arrêté|préfet)$/i.test(w))
    if (stop.size >= 2 || accented.length) found.push(`${where}: ${text.trim().replace(/\s+/g, ' ').slice(0, 120)}`)
  }
  const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT)
  for (let n; (n = walk.nextNode());) {
    if (!n.data.trim() || n.parentElement.closest('script, style, template, title, .source, textarea')) continue
    look(n.data, n.parentElement.tagName.toLowerCase() + (n.parentElement.className ? '.' + n.parentElement.className : ''), n.parentElement)
  }
  for (const el of document.querySelectorAll('[aria-label], [title], [alt], [placeholder], [data-label], [label]')) {
    for (const a of ['aria-label', 'title', 'alt', 'placeholder', 'data-label', 'label']) if (el.getAttribute(a)) look(el.getAttribute(a), `${el.tagName.toLowerCase()}[${a}]`, el)
  }
  return found
}

const NAMES = fs.readFileSync(fixture('../../src/main/demo_words.c'), 'utf8') + fs.readFileSync(fixture('../../src/main/demo_data.c'), 'utf8')
const names = [...new Set(NAMES.match(/[\p{Lu}][\p{L}’-]*/gu))].filter((w) => /[éèêëàâçôîïûùœ]/i.test(w))

const seen = new Map(routes.map((r) => [r.path, 0]))
// The most literal route first: /admin/demarches/bibliotheque is no procedure.
routes.sort((a, b) => (a.path.match(/:/g) || []).length - (b.path.match(/:/g) || []).length)
const MOST = { '/demarches/:slug': 60, '/demarches/:slug/imprimer': 20, '/agents': 6, '/agents/dossiers/:ref': 8, '/signaler/:ref': 6, '/admin/demarches/:name': 17, '/dossiers/:ref/remplir/:n': 40 }
const left = []

async function read(p, path) { return judge(p, await p.goto(base + path, { waitUntil: 'domcontentloaded' })) }

async function judge(p, r) {
  const url = new URL(p.url()), at = url.pathname
  const route = routes.find((x) => x.like.test(at))
  if (route) seen.set(route.path, seen.get(route.path) + 1)
  if (!/html/.test(r.headers()['content-type'] || '')) return
  assert.equal(await p.evaluate(() => document.documentElement.lang), 'en', at)
  for (const line of await p.evaluate(french, names)) left.push(`${at} ${line}`)
}

// From these pages on, by links, a few of each route. What is for everybody says to the next reader what it said to the first: one of each is enough.
const common = new Map()
async function crawl(p, queue) {
  const done = new Map(), visited = new Set()
  while (queue.length) {
    const path = queue.shift(), route = routes.find((r) => r.like.test(path.split('?')[0]))
    if (!route || visited.has(path)) continue
    const n = done.get(route.path) || 0
    if (n >= (common.has(route.path) && common.get(route.path) !== p ? 1 : MOST[route.path] || 3)) continue
    done.set(route.path, n + 1)
    if (route.right === 'public' && !common.has(route.path)) common.set(route.path, p)
    visited.add(path)
    await read(p, path)
    for (const href of await p.$$eval('a[href]', (as) => as.map((a) => a.href))) {
      const u = new URL(href)
      if (u.origin === base && !visited.has(u.pathname + u.search)) queue.push(u.pathname + u.search)
    }
  }
}

async function reader(mail) {
  const p = await page(browser, { locale: 'en-GB', viewport: { width: 1280, height: 900 } })
  p.setDefaultTimeout(60000)
  await p.context().addCookies([{ name: 'langue', value: 'en', url: base }])
  if (!mail) return p
  await p.goto(base + '/compte/connexion')
  await p.fill('input[type=email]', mail)
  await p.fill('input[type=password]', PASSWORD)
  await Promise.all([p.waitForNavigation(), p.locator('main form button[type=submit]').first().click()])
  return p
}

test('a procedure that a town wrote in French alone is there', () => {
  const r = spawnSync(bin, ['import', 'kind', fixture('french-only.kind.yaml'), '--publish', '--data', data], { encoding: 'utf8' })
  assert.equal(r.status, 0, r.stderr)
})

test('a visitor reads English, and French is marked', async () => {
  const p = await reader()
  await crawl(p, ['/', '/demarches', '/signaler', '/recherche?q=cantine', '/recherche?q=lampadaire', '/recherche?q=acte+de+naissance', '/accessibilite', '/mentions-legales', '/donnees-personnelles', '/transparence/journal',
    '/styles', '/source', '/v', '/compte/connexion', '/compte/inscription', '/compte/mot-de-passe', '/dossiers'])
  assert.equal([...new Set(left.splice(0))].join('\n'), '')
})

test('so does who fills a form, in each of them', async () => {
  // Reports have pages of their own, and no revision.
  const slugs = (await (await fetch(base + '/api/v1/procedures')).json()).procedures.filter((x) => x.type === 'here' && x.revision).map((x) => x.slug)
  assert.ok(slugs.length >= 17)
  let explained = 0
  const p = await reader()
  for (const slug of slugs) {
    await p.goto(`${base}/demarches/${slug}`)
    await Promise.all([p.waitForNavigation(), p.locator('form[action$=commencer] button').first().click()])
    const at = new URL(p.url()).pathname.replace(/\/debut$/, '')
    for (const end of ['/debut', '/code', '/verifier', '/quitter']) await read(p, at + end)
    // What its rules give, the first results of it.
    await read(p, at + '/pourquoi')
    for (const href of await p.$$eval('main .list a', (as) => as.slice(0, 2).map((a) => a.getAttribute('href')))) explained += (await read(p, href), 1)
    for (let n = 1; n < 9; n++) {
      const r = await p.goto(`${base}${at}/remplir/${n}`, { waitUntil: 'domcontentloaded' })
      if (r.status() !== 200) break
      await judge(p, r)
      // What is missing is said in English too.
      await Promise.all([p.waitForNavigation(), p.locator('button[name=do][value=next]').click()])
      for (const line of await p.evaluate(french, names)) left.push(`${at}/remplir/${n} ${slug}, at fault: ${line}`)
    }
  }
  assert.ok(explained >= 4, `${explained} results explained`)
  assert.equal([...new Set(left.splice(0))].join('\n'), '')
})

test('so does who files in English, and follows it', async () => {
  const p = await reader()
  const press = (button) => Promise.all([p.waitForNavigation(), button.click()])
  await p.goto(base + '/demarches/signaler-des-chats-sans-maitre')
  await press(p.locator('form[action$=commencer] button'))
  const at = new URL(p.url()).pathname.replace(/\/debut$/, '')
  await p.fill('[name=email]', 'reader@exemple.fr')
  await press(p.locator('main form.form button[type=submit]').first())
  await p.check('[name=f1] >> nth=0')
  await p.fill('[name=f3]', 'Derrière la mairie, près du lavoir.')
  await press(p.locator('button[value=next]'))
  await read(p, at + '/verifier')
  await press(p.locator('main form.form button[type=submit]').first())
  await read(p, at + '/recepisse')
  await read(p, at)
  assert.equal(await p.locator('dd [lang=fr]', { hasText: 'Derrière la mairie' }).count(), 1)
  assert.equal(left.splice(0).join('\n'), '')
})

test('a draft that may be given up is there', async () => {
  const p = await reader('admin@exemple.fr')
  await p.goto(base + '/admin/demarches/encombrants')
  await p.fill('[name=duration]', '6 minutes')
  await Promise.all([p.waitForNavigation(), p.locator('button[value=texts]').click()])
})

test('what many dossiers are asked is said in English', async () => {
  const p = await reader('admin@exemple.fr')
  await p.goto(base + '/agents?kind=d102&state=ouverts')
  await p.locator('td.pick input').first().check()
  await Promise.all([p.waitForNavigation(), p.locator('button[value=coches]').click()])
  const at = new URL(p.url()).pathname
  await read(p, at)
  for (const href of await p.$$eval('main .list a', (as) => as.map((a) => a.getAttribute('href')))) await read(p, href)
  assert.equal([...new Set(left.splice(0))].join('\n'), '')
})

for (const [mail, from] of [['habitante@exemple.fr', ['/compte', '/dossiers']], ['accueil@exemple.fr', ['/agents?state=accepted', '/agents']], ['associations@exemple.fr', ['/agents']], ['admin@exemple.fr', ['/admin', '/admin/demarches/encombrants', '/agents', '/agents/guichet', '/admin/lectures']]]) {
  test(`so does ${mail}`, async () => {
    const p = await reader(mail)
    await crawl(p, from)
    assert.equal([...new Set(left.splice(0))].join('\n'), '')
  })
}

test('no page was left out', () => {
  const missed = [...seen].filter(([, n]) => !n).map(([path]) => path)
  assert.deepEqual(missed, [])
})

await run()
await browser.close()
