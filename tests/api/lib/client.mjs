// SPDX-License-Identifier: AGPL-3.0-or-later
export const base = process.env.BEFFROI_URL
let passed = 0, failed = 0

export async function check(name, fn) {
  try {
    await fn()
    passed++
    console.log(`ok ${name}`)
  } catch (e) {
    failed++
    console.log(`not ok ${name}: ${e.message}`)
  }
}
export function same(got, wanted, what = '') {
  if (JSON.stringify(got) !== JSON.stringify(wanted)) throw new Error(`${what} got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`)
}
export function holds(v, what) {
  if (!v) throw new Error(what)
}
export function end() {
  console.log(`${passed} passed, ${failed} failed`)
  process.exit(failed ? 1 : 0)
}

export async function ask(method, path, { body, headers = {}, json } = {}) {
  if (json !== undefined) body = JSON.stringify(json)
  if (json !== undefined) headers = { 'Content-Type': 'application/json', ...headers }
  const r = await fetch(base + path, { method, body, headers })
  const text = await r.text()
  const type = r.headers.get('content-type') ?? ''
  return { status: r.status, type, headers: r.headers, text, json: /json/.test(type) ? JSON.parse(text) : null }
}
export const get = (path, o) => ask('GET', path, o)
export const post = (path, o) => ask('POST', path, o)

const PDF = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n')
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
const TEXT = Buffer.from('Une ligne de texte.\n')
const samples = [['application/pdf', PDF, 'piece.pdf'], ['image/png', PNG, 'photo.png'], ['text/plain', TEXT, 'note.txt']]

// The first sample that the accepted types (MIME, "image/*", ".pdf") let in.
export function sampleFor(accepted) {
  const list = accepted.split(',').map((t) => t.trim())
  const takes = (s) => list.some((t) => t === '*/*' || t === s[0] || (t.endsWith('/*') && s[0].startsWith(t.slice(0, -1))) || (t.startsWith('.') && s[2].endsWith(t)))
  const found = samples.find(takes)
  if (!found) throw new Error(`no sample for ${accepted}`)
  return found
}
export async function sendFile(accepted = '*/*') {
  const [type, bytes, name] = sampleFor(accepted)
  const form = new FormData()
  form.append('file', new Blob([bytes], { type }), name)
  const r = await post('/api/v1/files', { body: form })
  if (r.status !== 201) throw new Error(`file refused: ${r.status} ${r.text}`)
  return r.json.id
}
export async function procedures() {
  const all = []
  for (let next = '/api/v1/procedures'; next;) {
    const r = await get(next)
    if (r.status !== 200) throw new Error(`${next}: ${r.status}`)
    all.push(...r.json.procedures)
    next = r.json.next
  }
  return all
}
