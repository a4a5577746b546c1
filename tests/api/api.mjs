// SPDX-License-Identifier: AGPL-3.0-or-later
// The API of a served demonstration, over real HTTP.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { ask, check, end, get, holds, post, procedures, same, sendFile } from './lib/client.mjs'
import { dice, fill, valid } from './lib/fill.mjs'

const { Validator } = await import(createRequire(import.meta.url).resolve('@seriousme/openapi-schema-validator'))
const all = await procedures()
const roll = dice(7)
const schemaOf = async (slug) => (await get(`/api/v1/procedures/${slug}`)).json.schema
const filings = (slug) => `/api/v1/procedures/${slug}/records`

await check('the description is OpenAPI 3.1, every route has its operation', async () => {
  const r = await get('/api/v1/openapi.json')
  same(r.status, 200)
  const said = await new Validator().validate(r.json)
  holds(said.valid, JSON.stringify(said.errors)?.slice(0, 600))
  const paths = Object.entries(r.json.paths)
  holds(paths.length >= 6, `${paths.length} paths`)
  for (const [path, item] of paths)
    for (const [method, o] of Object.entries(item)) {
      holds(o.operationId && o.summary, `${method} ${path} is not in web/openapi.json`)
      same(o.parameters?.filter((p) => p.in === 'path').map((p) => p.name) ?? [], [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]), path)
    }
})

await check('procedures are listed', async () => {
  holds(all.length >= 4, `${all.length} procedures`)
  for (const p of all) holds(p.slug && p.title && p.url === `/api/v1/procedures/${p.slug}`, JSON.stringify(p))
})
// What is filed here has a schema; what is done elsewhere, at a counter, or is explained only, has none.
const here = []
await check('each says how it is done, and has a schema when it is filed here', async () => {
  for (const { slug } of all) {
    const { type, schema } = (await get(`/api/v1/procedures/${slug}`)).json
    same(schema !== null, type === 'here', slug)
    if (type === 'here') here.push({ slug })
  }
  holds(here.length >= 16 && here.length < all.length, `${here.length} of ${all.length}`)
})

if (process.env.BEFFROI_REAL) {
  await check('the real procedure is among them', async () => {
    const { number } = JSON.parse(readFileSync(process.env.BEFFROI_REAL)), p = all.find((x) => x.number === number)
    holds(p, `no procedure ${number}`)
    const schema = await schemaOf(p.slug)
    holds(Object.keys(schema.properties).length > 50, `${Object.keys(schema.properties).length} questions`)
    holds(Object.values(schema.properties).some((x) => x.items?.properties), 'no repetition')
  })
}

const properties = function* (s) {
  for (const [name, p] of Object.entries(s.properties ?? {})) {
    yield [name, p]
    if (p.items?.properties) yield* properties(p.items)
  }
}
for (const { slug } of here) {
  await check(`${slug} is filled from its schema alone`, async () => {
    const schema = await schemaOf(slug)
    same(schema.$schema, 'https://json-schema.org/draft/2020-12/schema')
    for (const [name, p] of properties(schema)) holds(p.examples?.length, `${name} has no examples`)
    for (const share of [0, 0.5, 1]) {
      const answers = await fill(schema, { roll, share, send: sendFile })
      holds(valid(schema, answers), `the filler made what the schema refuses: ${JSON.stringify(answers).slice(0, 300)}`)
      const r = await post(filings(slug), { json: { answers } })
      same(r.status, 201, `${r.text.slice(0, 400)} for ${JSON.stringify(answers).slice(0, 400)}`)
      const record = await get(r.headers.get('location'), { headers: { Authorization: `Bearer ${r.json.token}` } })
      same(record.status, 200)
      same(record.json.reference, r.json.reference)
    }
  })
}

const slug = all.find((p) => p.slug === 'ecrire-a-la-mairie')?.slug ?? all[0].slug
const schema = await schemaOf(slug)
const good = await fill(schema, { roll, share: 0, send: sendFile })

await check('the same key and body get the same answer, another body does not', async () => {
  const key = `k-${Date.now()}`
  const send = (answers) => post(filings(slug), { json: { answers }, headers: { 'Idempotency-Key': key } })
  const text = Object.keys(good).find((f) => schema.properties[f].type === 'string' && !schema.properties[f].format && !schema.properties[f].enum && !schema.properties[f].oneOf)
  const first = await send(good), again = await send(good), other = await send({ ...good, [text]: 'Autre' })
  same([first.status, again.status, other.status], [201, 201, 422])
  same(again.text, first.text)
  same(again.headers.get('location'), first.headers.get('location'))
  const many = await Promise.all([...Array(8)].map(() => post(filings(slug), { json: { answers: good }, headers: { 'Idempotency-Key': `${key}-many` } })))
  same(new Set(many.map((r) => `${r.status} ${r.text} ${r.headers.get('location')}`)).size, 1)
})

await check('a telephone that changes network between two tries files once', async () => {
  const key = randomUUID()
  const send = (from, headers = { 'Idempotency-Key': key }) => post(filings(slug), { json: { answers: good }, headers: { 'X-Forwarded-For': from, ...headers } })
  const home = await send('192.0.2.1'), train = await send('198.51.100.7'), away = await send('2001:db8::7')
  same([home.status, train.status, away.status], [201, 201, 201])
  same([train.text, away.text], [home.text, home.text])
  same(train.headers.get('location'), home.headers.get('location'))
  const other = await post(filings(slug), { json: { answers: good, contact: { name: 'Autre' } }, headers: { 'Idempotency-Key': key, 'X-Forwarded-For': '203.0.113.9' } })
  same([other.status, other.text.includes(home.json.code)], [422, false])
  const fresh = await send('198.51.100.7', { 'Idempotency-Key': randomUUID() })
  holds(fresh.json.reference !== home.json.reference, 'another key files anew')
})

await check('what cannot be read says where', async () => {
  for (const [body, line, column] of [['{"answers":\n {,}}', 2, 3], ['', 1, null], ['{"answers":{}', 1, null], ['\u0000', 1, null], ['[[[', 1, null]]) {
    const r = await post(filings(slug), { body, headers: { 'Content-Type': 'application/json' } })
    same([r.status, r.type.split(';')[0]], [400, 'application/problem+json'], JSON.stringify(body))
    same(r.json.line, line, r.text)
    holds(Number.isInteger(r.json.column) && (column === null || r.json.column === column), r.text)
  }
})

await check('bodies of the wrong shape are refused cleanly', async () => {
  for (const json of [[], 3, null, 'x', {}, { answers: [] }, { answers: 'x' }, { answers: null }, { answers: good, contact: [] }]) {
    const r = await post(filings(slug), { json })
    same(r.status, 422, JSON.stringify(json))
  }
  same((await post(filings(slug), { body: 'a,b', headers: { 'Content-Type': 'text/csv' } })).status, 415)
  same((await post(filings(slug), { json: { answers: good }, headers: { 'Idempotency-Key': 'k'.repeat(201) } })).status, 422)
})

await check('there is one fault for each field', async () => {
  const r = await post(filings(slug), { json: { answers: { nothing: 1 } } })
  same(r.status, 422)
  const fields = r.json.faults.map((f) => f.field)
  for (const f of [...schema.required, 'nothing']) holds(fields.includes(f), `${f} is not in ${fields}`)
  same(new Set(fields).size, fields.length)
  for (const f of r.json.faults) holds(f.code && f.message, JSON.stringify(f))
})

await check('an answer to a hidden question is a fault', async () => {
  let tried = 0
  for (const { slug: s } of here) {
    const sch = await schemaOf(s)
    for (const rule of sch.allOf ?? []) {
      const name = Object.keys(rule.else?.properties ?? {}).find((n) => rule.else.properties[n] === false)
      const answers = await fill(sch, { roll, share: 0, send: sendFile })
      if (!name || name in answers || valid(rule.if, answers)) continue
      answers[name] = sch.properties[name].items?.format ? [await sendFile(sch.properties[name].items.contentMediaType)] : sch.properties[name].examples[0]
      const r = await post(filings(s), { json: { answers } })
      same([r.status, r.json.faults?.map((f) => `${f.field} ${f.code}`)], [422, [`${name} answers.hidden`]], s)
      tried++
    }
  }
  holds(tried > 0, 'no hidden question in the demonstration')
})

await check('a file is named once, by one filing, and must have been sent', async () => {
  const named = (await Promise.all(here.map(async (p) => [p.slug, await schemaOf(p.slug)])))
    .map(([s, sch]) => [s, sch, Object.keys(sch.properties).find((n) => sch.properties[n].items?.format === 'beffroi-file')]).find((x) => x[2])
  holds(named, 'no procedure with files')
  const [s, sch, field] = named
  let asked = null
  for (let i = 0; i < 40 && !asked; i++) {
    const a = await fill(sch, { roll, share: 1, send: sendFile })
    if (a[field]) asked = a
  }
  holds(asked, `${field} is never asked`)
  const id = asked[field][0]
  const send = (ids) => post(filings(s), { json: { answers: { ...asked, [field]: ids } } })
  const twice = await send([id, id])
  same([twice.status, twice.json.faults?.map((f) => f.field)], [422, [field]], 'twice')
  same((await send([id])).status, 201, 'once')
  for (const [ids, why] of [[[id], 'of another record'], [['0AMHGP8Q4MKVZ'], 'never sent'], [['x'], 'no id'], [[3], 'a number'], ['x', 'no list']]) {
    const r = await send(ids)
    same([r.status, r.json.faults?.some((f) => f.field === field)], [422, true], why)
  }
})

await check('a file goes as a part or as the body', async () => {
  const raw = await post('/api/v1/files?name=plan.pdf', { body: '%PDF-1.4\n%%EOF\n', headers: { 'Content-Type': 'application/pdf' } })
  same([raw.status, raw.json?.name, raw.json?.type], [201, 'plan.pdf', 'application/pdf'], raw.text)
  const empty = await post('/api/v1/files', { body: '', headers: { 'Content-Type': 'application/pdf' } })
  same(empty.status, 422, empty.text)
  const form = new FormData()
  form.append('other', 'x')
  same((await post('/api/v1/files', { body: form })).status, 422)
  same((await post('/api/v1/files', { body: 'x', headers: { 'Content-Type': 'multipart/form-data' } })).status, 400)
})

await check('a record is read with its own token only', async () => {
  const [a, b] = [await post(filings(slug), { json: { answers: good } }), await post(filings(slug), { json: { answers: good } })]
  const read = (ref, token) => get(`/api/v1/records/${ref}`, token ? { headers: { Authorization: token } } : {})
  const none = await read(a.json.reference)
  same([none.status, none.headers.get('www-authenticate')?.split(' ')[0], none.type], [401, 'Bearer', 'application/problem+json'])
  same((await read(a.json.reference, `Basic ${a.json.token}`)).status, 401)
  same((await read(a.json.reference, `Bearer ${b.json.token}`)).status, 404)
  same((await read('NOTHING', `Bearer ${b.json.token}`)).status, 404)
  const mine = await read(a.json.reference, `Bearer ${a.json.token}`)
  same([mine.status, mine.json.reference, mine.headers.get('cache-control')], [200, a.json.reference, 'no-store'])
  for (const [f, v] of Object.entries(good)) if (typeof v === 'string') same(mine.json.answers[f], v)
})

await check('what is not there is a problem in JSON too', async () => {
  for (const [method, path, status] of [['GET', '/api/v1/nothing', 404], ['DELETE', '/api/v1/procedures', 405], ['GET', '/api/v1/procedures/rien', 404], ['POST', '/api/v1/procedures/rien/records', 404]]) {
    const r = await ask(method, path, method === 'POST' ? { json: { answers: {} } } : {})
    same([r.status, r.type], [status, 'application/problem+json'], `${method} ${path}`)
  }
})
end()
