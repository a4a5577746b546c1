// SPDX-License-Identifier: AGPL-3.0-or-later
// A filing made from the schema of a procedure alone, sent as any program would.
import { get, holds, post, same, sendFile } from './client.mjs'
import { dice, fill, valid } from './fill.mjs'

// share: of what is not required, how much is answered. Gives the milliseconds of both requests.
export async function fileFromSchema(slug, seed, share) {
  const t0 = Date.now()
  const p = await get(`/api/v1/procedures/${slug}`)
  same(p.status, 200, p.text.slice(0, 300))
  const ask_ms = Date.now() - t0
  const answers = await fill(p.json.schema, { roll: dice(seed), share, send: sendFile })
  holds(valid(p.json.schema, answers), 'the filler made what the schema refuses')
  const t1 = Date.now()
  const r = await post(`/api/v1/procedures/${slug}/records`, { json: { answers } })
  same(r.status, 201, `${r.text.slice(0, 500)} for ${Object.keys(answers).length} answers;`)
  return { ask_ms, file_ms: Date.now() - t1 }
}
