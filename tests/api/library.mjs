// SPDX-License-Identifier: AGPL-3.0-or-later
// library.mjs — every ready procedure is imported by its name into the running server, published on a body that gave its contacts only, and
// filed from its schema alone.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { base, check, end, same } from './lib/client.mjs'
import { fileFromSchema } from './lib/file.mjs'

const { BEFFROI_BIN: bin, BEFFROI_DATA: data } = process.env
const names = readdirSync(new URL('../../towns/library', import.meta.url)).map((f) => f.replace('.kind.yaml', ''))
const import_ = (...words) => spawnSync(bin, ['import', 'kind', ...words, '--data', data], { encoding: 'utf8' })
const lines = (r) => r.stdout.split('\n').filter(Boolean).map((l) => l.split('\t'))
let slugs = []

await check('the running server takes the whole library by name', async () => {
  const r = import_(...names, '--publish')
  same(r.status, 0, r.stderr)
  same(lines(r).map((l) => [l[0], l[3]]), names.map((n) => ['new', n]))
  slugs = lines(r).map((l) => l[2])
  same(slugs.length, 32)
})
await check('taken again, nothing', async () => {
  same(lines(import_(...names)).map((l) => l[0]), names.map(() => 'same'))
})
const here = []
await check('fourteen are filed here, the others say how they are done', async () => {
  for (const slug of slugs) {
    const said = await (await fetch(`${base}/api/v1/procedures/${slug}`)).json()
    if (said.type === 'here') here.push(slug)
    same(said.schema !== null, said.type === 'here', slug)
  }
  same(here.length, 14)
})
for (const [i, slug] of here.entries())
  for (const [j, share] of [0, 0.2, 0.5, 0.8, 1].entries())
    for (const roll of [1, 2, 3])
      await check(`${slug} takes a filing made from its schema (${share}, ${roll})`, () => fileFromSchema(slug, 1000 * i + 10 * j + roll, share))
end()
