// SPDX-License-Identifier: AGPL-3.0-or-later
// web/form.js and web/map.js on a page written as docs/form-markup.md says, with a small server of its own that can fail at will.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import http from 'node:http'
import zlib from 'node:zlib'
import { open, page, judged, run, test, until } from './lib/browser.mjs'

const web = new URL('../../web/', import.meta.url)
const TYPES = { css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml', png: 'image/png', json: 'application/json' }
const s = { saved: [], fail: 0, uploads: {}, files: [], cut: 0, rows: ['r1'], posts: [], gone: false, patches: 0, slow: 0 }
const esc = (x) => String(x).replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;')
const when = (c) => `data-when="${esc(JSON.stringify(c))}"`
const words = ['saving', 'saved', 'fault', 'kept', 'gone', 'left', 'over', 'none', 'found', 'sending', 'paused', 'failed', 'large', 'cancel', 'sent', 'filter']

const rows = () => `<fieldset class="repeat" id="a-f20" tabindex="-1"><legend>Foyer</legend>${s.rows.map((r, i) => `
  <fieldset class="row" id="a-f20/${r}"><legend>Personne ${i + 1}</legend><input type="hidden" name="f20" value="${r}">
  <div class="field" id="a-f20/${r}/f1"><label for="f20/${r}/f1">Prénom</label><input type="text" id="f20/${r}/f1" name="f20/${r}/f1"></div>
  <button class="quiet" type="submit" name="_row_remove" value="f20/${r}" data-swap="a-f20">Retirer</button></fieldset>`).join('')}
  <button class="quiet" type="submit" name="_row_add" value="f20" data-swap="a-f20">Ajouter</button></fieldset>`
const filesBlock = () => `<div class="field files" id="a-f7" data-tus="/files?path=f7" data-many="5" data-shrink="200"><label for="f7">Photos</label>
  <ul class="file-list">${s.files.map((f) => `<li data-file="${f}"><a href="/x">${f}</a></li>`).join('')}</ul><input type="file" id="f7" name="f7" multiple></div>`
const form = (save) => `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Essai</title><link rel="stylesheet" href="/web/beffroi.css">
<meta name="viewport" content="width=device-width"><script src="/web/form.js" defer></script></head><body><main><h1>Essai</h1>
<form class="form" id="form" method="post" action="/page" novalidate ${save ? 'data-save="/save" data-draft="d1"' : ''}>
<p class="save-state" role="status" data-save-state></p><input type="hidden" name="csrf" value="t0k">
<div class="field" id="a-f1"><label for="f1">Nom</label><input type="text" id="f1" name="f1"></div>
<fieldset class="field" id="a-f2"><legend>Rappel ?</legend><div class="choices inline">
 <div class="choice"><input type="radio" id="f2" name="f2" value="oui"><label for="f2">Oui</label></div>
 <div class="choice"><input type="radio" id="f2-2" name="f2" value="non"><label for="f2-2">Non</label></div></div></fieldset>
<div class="field" id="a-f3" ${when({ op: 'true', path: 'f2' })} hidden><label for="f3">Téléphone</label><input type="hidden" name="_seen" value="f3" disabled><input type="text" id="f3" name="f3"></div>
<div class="field" id="a-f4" ${when({ op: 'all', children: [{ op: '!=', path: 'f3', value: '' }, { op: '>=', path: 'f5', value: 18 }] })} hidden><label for="f4">Suite</label><input type="text" id="f4" name="f4"></div>
<div class="field" id="a-f5"><label for="f5">Âge</label><input type="text" id="f5" name="f5" inputmode="numeric"></div>
<fieldset class="field" id="a-f6"><legend>Né le</legend><div class="date-parts"><div class="part"><label for="f6">Jour</label><input type="text" class="w-4" id="f6" name="f6.d"></div>
<div class="part"><label for="f6.m">Mois</label><input type="text" class="w-4" id="f6.m" name="f6.m"></div><div class="part"><label for="f6.y">Année</label><input type="text" class="w-8" id="f6.y" name="f6.y"></div></div></fieldset>
<div class="field" id="a-f8" ${when({ op: '<', path: 'f6', value: '2000-01-01' })} hidden><label for="f8">Avant 2000</label><input type="text" id="f8" name="f8"></div>
<div class="field" id="a-f9"><label for="f9">Commune</label><input type="text" id="f9" name="f9" data-suggest="/suggest?field=f9" list="f9-l"><input type="hidden" name="f9:id" value=""></div>
<div class="field" id="a-f10"><label for="f10">Récit</label><textarea id="f10" name="f10" maxlength="50"></textarea></div>
${filesBlock()}${rows()}
<div class="actions"><button type="submit">Continuer</button><button class="quiet" type="submit" name="do" value="quit" data-quit>Quitter et effacer d’ici</button></div></form></main>
<template id="mots" ${words.map((w) => `data-${w}="${w} #"`).join(' ')}></template></body></html>`

function body(req) { return new Promise((done) => { const all = []; req.on('data', (d) => all.push(d)); req.on('end', () => done(Buffer.concat(all))) }) }

async function answer(req, res) {
  const url = new URL(req.url, 'http://x'), data = await body(req)
  const say = (status, type, text, more = {}) => { res.writeHead(status, { 'Content-Type': type, 'Content-Security-Policy': "default-src 'self'; object-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' blob: data:", ...more }); res.end(text) }
  if (url.pathname.startsWith('/web/')) {
    const name = url.pathname.slice(5), file = name.startsWith('leaflet/') ? '/usr/share/javascript/' + name : new URL(name, web)
    return fs.existsSync(file) ? say(200, TYPES[name.split('.').pop()], fs.readFileSync(file)) : say(404, 'text/plain', '')
  }
  if (url.pathname === '/') return say(200, 'text/html; charset=utf-8', form(true))
  if (url.pathname === '/receipt') return say(200, 'text/html; charset=utf-8', form(false))
  if (url.pathname === '/save') {
    if (s.fail) return say(s.fail, 'text/plain', '')
    if (s.gone) return say(410, 'text/plain', '')
    if (data.toString().includes('f5=non')) return say(200, 'application/json', '{"fault":"un nombre"}')
    s.saved.push(data.toString())
    if (s.slow) await new Promise((done) => setTimeout(done, s.slow))
    return say(204, 'text/plain', '')
  }
  if (url.pathname === '/suggest') return say(200, 'application/json', JSON.stringify([{ id: '88160', label: 'Épinal (88000)', hint: 'Vosges' }, { id: '88383', label: 'Épinay' }]))
  if (url.pathname === '/page') {
    const sent = new URLSearchParams(data.toString())
    s.posts.push(sent)
    s.before = s.saved.length
    if (s.slow) await new Promise((done) => setTimeout(done, 5 * s.slow))
    if (sent.get('_row_add')) s.rows.push('r' + (s.rows.length + 1))
    if (sent.get('_row_remove')) s.rows = s.rows.filter((r) => 'f20/' + r !== sent.get('_row_remove'))
    if (sent.get('do') === 'quit') return say(303, 'text/plain', '', { Location: '/receipt' })
    return sent.get('_row_add') || sent.get('_row_remove') ? say(200, 'text/html; charset=utf-8', form(true)) : say(303, 'text/plain', '', { Location: '/receipt' })
  }
  if (url.pathname === '/files' && req.method === 'POST') {
    const id = 'u' + (Object.keys(s.uploads).length + 1)
    s.uploads[id] = { length: +req.headers['upload-length'], meta: req.headers['upload-metadata'], data: Buffer.alloc(0), token: req.headers['x-csrf-token'] }
    return say(201, 'text/plain', '', { Location: '/files/' + id, 'Tus-Resumable': '1.0.0' })
  }
  const u = url.pathname.startsWith('/files/') && s.uploads[url.pathname.slice(7)]
  if (u && req.method === 'HEAD') return say(200, 'text/plain', '', { 'Upload-Offset': u.data.length })
  if (u && req.method === 'PATCH') {
    s.patches++
    if (+req.headers['upload-offset'] !== u.data.length) return say(409, 'text/plain', '')
    if (s.cut > 0) { s.cut--; u.data = Buffer.concat([u.data, data.subarray(0, 1000)]); res.destroy(); return }
    u.data = Buffer.concat([u.data, data])
    if (u.data.length === u.length) s.files.push(url.pathname.slice(7))
    return say(204, 'text/plain', '', { 'Upload-Offset': u.data.length })
  }
  if (url.pathname === '/map') return say(200, 'text/html; charset=utf-8', `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Carte</title><link rel="stylesheet" href="/web/leaflet/leaflet.css"><link rel="stylesheet" href="/web/beffroi.css">
<script src="/web/leaflet/leaflet.min.js" defer></script><script src="/web/map.js" defer></script></head><body><main><h1>Carte</h1><form>
<div class="place" data-map data-center="48.17,6.45" data-zoom="14" data-outline="/outline"><label>Latitude <input type="text" name="f1.lat" value=""></label><label>Longitude <input type="text" name="f1.lon" value=""></label></div></form>
<div class="map" data-map data-list="l" data-center="48.17,6.45" data-zoom="14" data-outline="/outline" role="region" aria-label="Carte" hidden></div>
<ul id="l"><li data-lat="48.171" data-lon="6.451"><a href="/x">Banc</a> <span class="tag done">Réparé</span></li></ul></main><template id="mots-carte" data-here="ici" data-position="ma position" data-no-position="non" data-zoom-in="plus" data-zoom-out="moins"></template></body></html>`)
  if (url.pathname === '/favicon.ico') return say(204, 'image/x-icon', '')
  if (url.pathname === '/outline') return say(200, 'application/json', JSON.stringify({ type: 'Polygon', coordinates: [[[6.4, 48.1], [6.5, 48.1], [6.5, 48.2], [6.4, 48.2], [6.4, 48.1]]] }))
  say(404, 'text/plain', '')
}

// A grey PNG of w × h with noise, so that it weighs something.
function png(w, h) {
  const raw = Buffer.alloc((w + 1) * h)
  for (let i = 0, x = 1; i < raw.length; i++) { x = (x * 48271) % 2147483647; raw[i] = i % (w + 1) ? x & 255 : 0 }
  const table = Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1; return n >>> 0 })
  const crc = (b) => { let c = 0xffffffff; for (const v of b) c = table[(c ^ v) & 255] ^ (c >>> 8); return (c ^ 0xffffffff) >>> 0 }
  const chunk = (type, d) => { const t = Buffer.concat([Buffer.from(type), d]), n = Buffer.alloc(4), e = Buffer.alloc(4); n.writeUInt32BE(d.length); e.writeUInt32BE(crc(t)); return Buffer.concat([n, t, e]) }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(w, 0); head.writeUInt32BE(h, 4); head.set([8, 0, 0, 0, 0], 8)
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', zlib.deflateSync(raw)), chunk('IEND', Buffer.alloc(0))])
}

test('a field is saved as it is left', async (b, at) => {
  const p = await page(b)
  await p.goto(at)
  await p.fill('#f1', 'Durand & fils')
  await p.focus('#f5')
  const sent = new URLSearchParams(await until(() => s.saved.find((x) => x.includes('path=f1&'))))
  assert.deepEqual([...sent], [['path', 'f1'], ['f1', 'Durand & fils'], ['csrf', 't0k']])
  await until(async () => (await p.textContent('[data-save-state]')).startsWith('saved'))
  await p.fill('#f6', '12')
  await p.fill('[name="f6.m"]', '4')
  await p.focus('#f1')
  const date = new URLSearchParams(await until(() => s.saved.filter((x) => x.includes('path=f6&')).pop()))
  assert.equal(date.get('f6.d'), '12')
  await until(async () => new URLSearchParams(s.saved.filter((x) => x.includes('path=f6&')).pop()).get('f6.m') === '4')
  assert.deepEqual(p.faults, [])
})

test('typing and waiting saves too', async (b, at) => {
  const p = await page(b)
  s.saved = []
  await p.goto(at)
  await p.type('#f1', 'Attente')
  await until(() => s.saved.some((x) => x.includes('f1=Attente')), 4000)
})

test('what cannot leave is kept on the device, comes back, and leaves later', async (b, at) => {
  const p = await page(b)
  s.saved = []
  s.fail = 503
  await p.goto(at)
  await p.fill('#f1', 'Perdu ?')
  await p.focus('#f5')
  await until(async () => (await p.getAttribute('[data-save-state]', 'class')).includes('kept'))
  assert.match(await p.evaluate(() => localStorage.getItem('beffroi:d1')), /Perdu \?/)
  p.on('dialog', (d) => d.accept())
  await p.reload()
  assert.equal(await p.inputValue('#f1'), 'Perdu ?')
  s.fail = 0
  await p.evaluate(() => window.dispatchEvent(new Event('online')))
  await until(() => s.saved.some((x) => x.includes('f1=Perdu')))
  await until(async () => (await p.evaluate(() => localStorage.getItem('beffroi:d1'))) === null)
})

test('an answer at fault is told, not called saved', async (b, at) => {
  const p = await page(b)
  await p.goto(at)
  await p.fill('#f5', 'non')
  await p.focus('#f1')
  await until(async () => (await p.textContent('[data-save-state]')) === 'fault un nombre')
})

test('a draft that is gone says so and sends nothing more', async (b, at) => {
  const p = await page(b)
  s.gone = true
  await p.goto(at)
  await p.fill('#f1', 'x')
  await p.focus('#f5')
  await until(async () => (await p.getAttribute('[data-save-state]', 'class')).includes('gone'))
  s.gone = false
})

test('quitting erases what this device holds', async (b, at) => {
  const p = await page(b)
  s.fail = 503
  await p.goto(at)
  await p.fill('#f1', 'secret')
  await p.focus('#f5')
  await until(async () => (await p.getAttribute('[data-save-state]', 'class')).includes('kept'))
  s.fail = 0
  await p.click('[data-quit]')
  await p.waitForURL('**/receipt')
  assert.equal(await p.evaluate(() => JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)]).includes('secret')), false)
})

test('the copy is forgotten once the page was sent and another one came', async (b, at) => {
  const p = await page(b)
  s.fail = 503
  await p.goto(at)
  await p.fill('#f1', 'envoyé')
  await p.focus('#f5')
  await until(async () => (await p.getAttribute('[data-save-state]', 'class')).includes('kept'))
  s.fail = 0
  await p.click('button:has-text("Continuer")')
  await p.waitForURL('**/receipt')
  assert.equal(await p.evaluate(() => Object.keys(localStorage).filter((k) => k.startsWith('beffroi:')).length), 0)
})

test('fields appear and hide under their conditions, and say whether they were seen', async (b, at) => {
  const p = await page(b)
  await p.goto(at)
  const shown = async (id) => p.isVisible('[id="a-' + id + '"]')
  assert.equal(await shown('f3'), false)
  await p.check('#f2')
  assert.equal(await shown('f3'), true)
  assert.equal(await p.isDisabled('[name="_seen"]'), false)
  await p.fill('#f3', '06')
  await p.fill('#f5', '17,5')
  assert.equal(await shown('f4'), false)
  await p.fill('#f5', '18')
  assert.equal(await shown('f4'), true)
  await p.check('#f2-2')
  assert.equal(await shown('f3'), false)
  assert.equal(await shown('f4'), false)          // its source is hidden now
  assert.equal(await p.isDisabled('[name="_seen"]'), true)
  assert.equal(await shown('f8'), false)
  await p.fill('#f6', '1')
  await p.fill('[name="f6.m"]', '12')
  await p.fill('[name="f6.y"]', '1999')
  assert.equal(await shown('f8'), true)
  await p.fill('[name="f6.y"]', '2000')
  assert.equal(await shown('f8'), false)
})

test('a row is added and removed without leaving the page', async (b, at) => {
  const p = await page(b)
  s.rows = ['r1']
  await p.goto(at)
  await p.evaluate(() => { window.same = true })
  await p.fill('[id="f20/r1/f1"]', 'Camille')
  await p.click('[name="_row_add"]')
  await p.waitForSelector('[id="f20/r2/f1"]')
  assert.equal(await p.evaluate(() => window.same && document.activeElement.id), 'f20/r2/f1')
  assert.equal(s.posts.at(-1).get('f20/r1/f1'), 'Camille')
  await p.click('[id="a-f20/r2"] [name="_row_remove"]')
  await until(async () => !(await p.$('[id="f20/r2/f1"]')))
  assert.equal(await p.evaluate(() => window.same && document.activeElement.name), '_row_add')
})

test('suggestions by keyboard', async (b, at) => {
  const p = await page(b, { bypassCSP: true })
  s.saved = []
  await p.goto(at)
  await p.type('#f9', 'epi')
  await p.waitForSelector('#f9-list li')
  assert.deepEqual(await judged(p), [])
  await p.keyboard.press('ArrowDown')
  assert.equal(await p.getAttribute('#f9', 'aria-activedescendant'), 'f9-list-0')
  await p.keyboard.press('Escape')
  assert.equal(await p.getAttribute('#f9', 'aria-expanded'), 'false')
  await p.keyboard.press('ArrowDown')
  await p.waitForSelector('#f9-list li')
  await p.keyboard.press('ArrowUp')
  await p.keyboard.press('ArrowDown')
  await p.keyboard.press('Enter')
  assert.equal(await p.inputValue('#f9'), 'Épinal (88000)')
  assert.equal(await p.inputValue('[name="f9:id"]'), '88160')
  await until(() => s.saved.some((x) => x.includes('f9%3Aid=88160')))
  await p.type('#f9', 'x')
  assert.equal(await p.inputValue('[name="f9:id"]'), '')
})

test('characters left are counted', async (b, at) => {
  const p = await page(b)
  await p.goto(at)
  await p.fill('#f10', 'douze lettres')
  assert.equal(await p.textContent('.count'), 'left 37')
})

test('a photo is made smaller, a document is not', async (b, at) => {
  const p = await page(b)
  s.files = []
  s.uploads = {}
  await p.goto(at)
  const photo = png(900, 600), paper = Buffer.alloc(400000, 'x')
  await p.setInputFiles('#f7', [{ name: 'été.png', mimeType: 'image/png', buffer: photo }, { name: 'plan.pdf', mimeType: 'application/pdf', buffer: paper }])
  await until(() => s.files.length === 2, 10000)
  const all = Object.values(s.uploads), meta = (u) => Object.fromEntries(u.meta.split(',').map((m) => [m.split(' ')[0], Buffer.from(m.split(' ')[1], 'base64').toString()]))
  const small = all.find((u) => meta(u).filetype === 'image/jpeg'), whole = all.find((u) => meta(u).filetype === 'application/pdf')
  assert.ok(small.length < photo.length / 4, `${small.length} of ${photo.length}`)
  assert.equal(meta(small).filename, 'été.jpg')
  assert.equal(meta(small).path, 'f7')
  assert.equal(whole.length, paper.length)
  assert.ok(whole.data.equals(paper))
  assert.equal(whole.token, 't0k')
  await until(async () => (await p.$$('.file-list li[data-file]')).length === 2)
  await until(async () => (await p.$$('.file-list progress')).length === 0)
})

test('an interrupted upload resumes where it was', async (b, at) => {
  const p = await page(b)
  s.files = []
  s.uploads = {}
  s.cut = 2
  await p.goto(at)
  const big = Buffer.from(Array.from({ length: 9000000 }, (_, i) => i & 255))
  await p.setInputFiles('#f7', { name: 'gros.pdf', mimeType: 'application/pdf', buffer: big })
  await until(() => s.files.length === 1, 20000)
  assert.equal(Object.keys(s.uploads).length, 1)
  assert.ok(Object.values(s.uploads)[0].data.equals(big))
})

test('where files cannot leave in pieces, they go with the form', async (b, at) => {
  const p = await page(b)
  await p.route('**/files?*', (r) => r.fulfill({ status: 404, body: '' }))
  await p.goto(at)
  await p.setInputFiles('#f7', [{ name: 'a.pdf', mimeType: 'application/pdf', buffer: Buffer.from('a') }, { name: 'b.pdf', mimeType: 'application/pdf', buffer: Buffer.from('b') }])
  await until(() => p.evaluate(() => document.getElementById('f7').files.length === 2))
  assert.equal(await p.locator('.file-list progress').count(), 0)
})

test('a form pressed twice is sent once', async (b, at) => {
  const p = await page(b)
  s.posts = []
  await p.goto(at)
  await p.evaluate(() => { const f = document.getElementById('form'); f.addEventListener('submit', (e) => e.preventDefault()); window.n = 0; document.addEventListener('submit', (e) => { if (!e.defaultPrevented) window.n++ }, false); const b = document.querySelector('.actions button'); b.click(); b.click() })
  assert.equal(await p.getAttribute('#form', 'data-gone'), '1')
})

test('nothing is saved behind a page that leaves: its draft would change under it', async (b, at) => {
  const p = await page(b)
  s.posts = []
  await p.goto(at)
  s.slow = 200                                     // each save, and five times as long for the page
  await p.evaluate(() => {
    for (const [id, words] of [['f1', 'un'], ['f5', '2'], ['f10', 'trois']]) { const e = document.getElementById(id); e.value = words; e.dispatchEvent(new Event('change', { bubbles: true })) }
    document.querySelector('.actions button').click()
  })
  await p.waitForURL('**/receipt')
  s.slow = 0
  assert.deepEqual([s.posts[0].get('f1'), s.posts[0].get('f5'), s.posts[0].get('f10')], ['un', '2', 'trois'])
  assert.ok(s.saved.length - s.before <= 1, `${s.saved.length - s.before} saved behind it: only what had left already may be`)
})

test('without the script the same form is sent whole', async (b, at) => {
  const p = await page(b, { javaScriptEnabled: false })
  s.posts = []
  await p.goto(at)
  await p.fill('#f1', 'Sans script')
  await p.click('button:has-text("Continuer")')
  await p.waitForURL('**/receipt')
  assert.equal(s.posts[0].get('f1'), 'Sans script')
})

test('a map shows its list and picks a place', async (b, at) => {
  const p = await page(b, { bypassCSP: true, viewport: { width: 800, height: 900 } })
  await p.goto(at + 'map')
  await p.waitForSelector('.map .pin')
  const picker = p.locator('.place .map')
  await picker.click({ position: { x: 100, y: 120 } })
  assert.match(await p.inputValue('[name="f1.lat"]'), /^48\.\d{6}$/)
  assert.match(await p.inputValue('[name="f1.lon"]'), /^6\.\d{6}$/)
  await p.fill('[name="f1.lat"]', '48,18')
  await p.fill('[name="f1.lon"]', '6,46')
  await p.focus('a')
  assert.equal(await p.locator('.place .pin').count(), 1)
  await p.context().grantPermissions(['geolocation'])
  await p.context().setGeolocation({ latitude: 48.1752, longitude: 6.4493 })
  await p.click('text=ma position')
  await until(async () => (await p.inputValue('[name="f1.lat"]')) === '48.175200')
  await p.locator('.map:not(.place .map) .pin').first().click()
  await p.waitForSelector('.leaflet-popup-content a[href="/x"]')
  await new Promise((r) => setTimeout(r, 400))          // the popup fades in
  assert.deepEqual((await judged(p)).filter((v) => !v.startsWith('landmark') && !v.startsWith('region')), [])
  assert.deepEqual(p.faults, [])
})

const server = http.createServer((q, r) => { answer(q, r).catch((e) => { console.log(e); r.destroy() }) })
await new Promise((r) => server.listen(0, '127.0.0.1', r))
const browser = await open()
await run(browser, `http://127.0.0.1:${server.address().port}/`)
await browser.close()
server.close()
server.closeAllConnections()
