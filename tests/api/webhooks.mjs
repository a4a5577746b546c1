// SPDX-License-Identifier: AGPL-3.0-or-later
// A change of state tells the town's own software, signed with the secret that the administrator was shown once. The receiver
// (tests/servers/hook.mjs) checks with the library of Standard Webhooks.
import { setCookies } from '../support/cookies.mjs'
import { createHmac } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { base, check, end, get, holds, post, procedures, same, sendFile } from './lib/client.mjs'
import { dice, fill } from './lib/fill.mjs'

const { BEFFROI_HOOK_DIR: dir, BEFFROI_HOOK_PORT: port } = process.env
const url = `http://127.0.0.1:${port}/ok?ville=1`
const sleep = (ms) => new Promise((r) => setTimeout(r, ms))

// Somebody signed in: their cookie, and the token of the last page read.
async function person(mail) {
  let cookie = ''
  const call = async (method, path, form) => {
    const headers = { Cookie: cookie, Origin: base, ...(form && { 'Content-Type': 'application/x-www-form-urlencoded' }) }
    const r = await fetch(base + path, { method, headers, redirect: 'manual', body: form && new URLSearchParams(form) })
    for (const c of setCookies(r)) cookie = [...cookie.split('; ').filter((x) => x && !x.startsWith(c.split('=')[0] + '=')), c.split(';')[0]].join('; ')
    return { status: r.status, text: await r.text() }
  }
  const csrf = (page) => page.text.match(/name="csrf" value="([^"]*)"/)?.[1] ?? ''
  const door = await call('GET', '/compte/connexion')
  same((await call('POST', '/compte/connexion', { email: mail, password: 'une image par jour', csrf: csrf(door) })).status, 303, mail)
  return { get: (path) => call('GET', path), post: async (path, form, from) => call('POST', path, { csrf: csrf(await call('GET', from ?? path)), ...form }) }
}
const unescape = (s) => s.replace(/&#39;/g, "'").replace(/&quot;/g, '"').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&')
function fields(page) {                                                     // what a browser would send again of the form of a body
  const form = page.text.match(/<form class="form"[^]*?<\/form>/)[0], out = {}
  for (const [tag] of form.matchAll(/<input[^>]*>/g)) {
    const at = (n) => unescape(tag.match(new RegExp(` ${n}="([^"]*)"`))?.[1] ?? '')
    if (at('name') && (at('type') !== 'radio' || / checked/.test(tag))) out[at('name')] = at('value')
  }
  for (const [, name, text] of form.matchAll(/<textarea[^>]* name="([^"]*)"[^>]*>([^]*?)<\/textarea>/g)) out[name] = unescape(text)
  return out
}
// The delivery about that dossier: the demonstration's own clocks send some too.
async function received(reference) {
  for (let i = 0; i < 1200; i++, await sleep(100))
    for (const name of readdirSync(dir).filter((f) => /^hook-\d+\.json$/.test(f))) {
      let got
      try { got = JSON.parse(readFileSync(`${dir}/${name}`)) } catch { continue }          // being written
      if (got.body.includes(reference)) return got
    }
  throw new Error(`no delivery about ${reference}`)
}
const signature = (got, by) => `v1,${createHmac('sha256', Buffer.from(by.slice('whsec_'.length), 'base64'))
  .update(`${got.headers['webhook-id']}.${got.headers['webhook-timestamp']}.${got.body}`).digest('base64')}`

const admin = await person('admin@exemple.fr'), agent = await person('accueil@exemple.fr')
const list = await admin.get('/admin/collectivites')
const body = list.text.match(/href="(\/admin\/collectivites\/[^"]+)"/)[1]
let secret

await check('the secret is shown to the administrator, once', async () => {
  const form = fields(await admin.get(body))
  const refused = await admin.post(body, { ...form, webhook: 'ftp://exemple.fr/' }, body)
  same([refused.status, /whsec_/.test(refused.text)], [422, false])
  const saved = await admin.post(body, { ...form, webhook: url }, body)
  secret = saved.text.match(/whsec_[A-Za-z0-9+/]{43}=/)?.[0]
  same([saved.status, !!secret], [200, true], saved.text.slice(0, 300))
  const again = await admin.get(body)
  same([again.text.includes(secret), fields(again).webhook], [false, url])
  const unchanged = await admin.post(body, fields(again), body)
  same([unchanged.status, unchanged.text.includes(secret)], [303, false])
  holds((await agent.get(body)).status >= 400, 'an agent reads no settings')
})

async function taken() {
  const p = (await procedures()).find((x) => x.slug === 'ecrire-a-la-mairie')
  const schema = (await get(p.url)).json.schema
  const filed = await post(`${p.url}/records`, { json: { answers: await fill(schema, { roll: dice(3), share: 1, send: sendFile }) } })
  same(filed.status, 201, filed.text)
  const path = `/agents/dossiers/${filed.json.reference}`, page = await agent.get(path)
  same(page.status, 200)
  same((await agent.post(`${path}/actes/take`, { version: page.text.match(/name="version" value="(\d+)"/)[1] }, path)).status, 303)
  return filed.json.reference
}

await check('a change of state is delivered, signed with it', async () => {
  writeFileSync(`${dir}/secret`, secret)
  const reference = await taken(), got = await received(reference), said = JSON.parse(got.body), h = got.headers
  same(got.verified, true, 'the library of the standard')
  same(h['webhook-signature'], signature(got, secret))
  holds(Math.abs(Date.now() / 1000 - h['webhook-timestamp']) < 60, h['webhook-timestamp'])
  same([got.method, got.path, said.reference, said.transition, said.state], ['POST', '/ok?ville=1', reference, 'take', 'examining'])
  same(Object.keys(said).sort(), ['at', 'kind', 'reference', 'state', 'transition'], 'never what somebody wrote')
})

await check('another address has another secret', async () => {
  const saved = await admin.post(body, { ...fields(await admin.get(body)), webhook: url + '&v=2' }, body)
  const other = saved.text.match(/whsec_[A-Za-z0-9+/]{43}=/)?.[0]
  holds(other && other !== secret, other)
  const got = await received(await taken())
  same(got.path, '/ok?ville=1&v=2')
  same([got.headers['webhook-signature'] === signature(got, secret), got.headers['webhook-signature'] === signature(got, other)], [false, true])
})
end()
