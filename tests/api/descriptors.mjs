// SPDX-License-Identifier: AGPL-3.0-or-later
// descriptors.mjs FILE… — each descriptor is imported into the running server with --publish, then filed at random from its schema alone.
import { spawnSync } from 'node:child_process'
import { check, end, same } from './lib/client.mjs'
import { fileFromSchema } from './lib/file.mjs'

const files = process.argv.slice(2), slugs = []
const { BEFFROI_BIN: bin, BEFFROI_DATA: data } = process.env
import { writeFileSync } from 'node:fs'
const lacking = `${data}/../defaults.json`
writeFileSync(lacking, JSON.stringify({
  service: { name: 'Accueil', postal_address: '1 place de la Mairie, 88000 Épinal', mail: 'accueil@exemple.fr', phone: '03 00 00 00 00' },
  silence: { means: 'acceptance', after: '2 months', article: 'CRPA L231-1' }, appeal: { text: 'Deux mois pour saisir le tribunal administratif.' }, legal_basis: 'Délibération du conseil',
  personal_data: { purpose: 'Traiter la demande.', legal_basis: 'Mission d’intérêt public', recipients: 'Les agents du service.', retention: 'Deux ans.' } }))
const filled = spawnSync(bin, ['defaults', lacking, '--data', data], { encoding: 'utf8' })
if (filled.status !== 0) console.log(`not ok defaults: ${filled.stderr}`)
const started = Date.now()
const import_ = (list) => spawnSync(bin, ['import', 'ds-descriptor', ...list, '--data', data, '--publish'], { encoding: 'utf8', maxBuffer: 1 << 26 })

await check(`${files.length} descriptors are imported and published by the running server`, async () => {
  const wrong = []
  for (let i = 0; i < files.length; i += 50) {
    const r = import_(files.slice(i, i + 50))
    for (const line of r.stdout.split('\n').filter(Boolean)) slugs.push(line.split('\t')[2])
    if (r.status !== 0) wrong.push(r.stderr.slice(-400))
  }
  same(slugs.length, files.length, wrong.join('\n'))
  same(wrong, [])
})
const imported = Date.now()

await check('imported again, they are the same', async () => {
  const r = import_(files.slice(0, 5))
  same(r.stdout.split('\n').filter(Boolean).map((l) => l.split('\t')[0]), Array(Math.min(5, files.length)).fill('same'), r.stderr)
})

let filed = 0, ask_ms = 0, file_ms = 0
for (const [i, slug] of slugs.entries()) {
  await check(`${slug} takes a random filing`, async () => {
    const took = await fileFromSchema(slug, i + 1, [0.1, 0.5, 1][i % 3])
    ask_ms += took.ask_ms
    file_ms += took.file_ms
    filed++
  })
}
console.log(`# ${files.length} imported and published in ${imported - started} ms; ${filed} filed: schemas ${ask_ms} ms, filings ${file_ms} ms`)
end()
