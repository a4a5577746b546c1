// SPDX-License-Identifier: AGPL-3.0-or-later
// make.mjs FROM OUT [OUTLINES] — small files that src/formats/territory.c reads, one a département, so that a town is found without
// reading the country:
//   territory.json      what it is made from, licence, year, départements
//   DEP.json.gz         {communes: [{code, name, kind, part_of, siren, population, postcodes, epci}]}
//   DEP.outlines.json.gz  {CODE: geometry}, where OUTLINES has them
//   epci.json.gz        {epci: [{siren, name, kind, population, members: [{code, name, siren, population}]}]}
// Written in a folder of its own, then renamed: half a package is never read.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

const [from, out, outlines] = process.argv.slice(2)
if (!from || !out) { console.error('make.mjs FROM OUT [OUTLINES]'); process.exit(2) }
const read = (file) => JSON.parse(readFileSync(file, 'utf8'))
const communes = read(join(from, 'communes.json')), groups = read(join(from, 'epci.json')), departments = read(join(from, 'departements.json'))

const KINDS = { 'commune-actuelle': 'commune', 'commune-deleguee': 'delegated', 'commune-associee': 'associated', 'arrondissement-municipal': 'district' }
const LONG = { 'CC ': 'Communauté de communes ', 'CA ': 'Communauté d’agglomération ', 'CU ': 'Communauté urbaine ' }
const department = (code) => (code.startsWith('97') || code.startsWith('98') ? code.slice(0, 3) : code.slice(0, 2))
const group_name = (name) => { const short = Object.keys(LONG).find((s) => name.startsWith(s)); return short ? LONG[short] + name.slice(3) : name }

const epci = groups.map((g) => ({
  siren: g.code, name: group_name(g.nom), kind: g.type, population: g.populationMunicipale,
  members: g.membres.map((m) => ({ code: m.code, name: m.nom, siren: m.siren, population: m.populationMunicipale })),
})).sort((a, b) => (a.siren < b.siren ? -1 : 1))
const group_of = new Map(epci.flatMap((g) => g.members.map((m) => [m.code, g.siren])))

const by_department = new Map()
for (const c of communes) {
  const kind = KINDS[c.type]
  if (!kind) continue
  const one = { code: c.code, name: c.nom, kind, part_of: c.chefLieu ?? c.commune, siren: c.siren, population: c.population, postcodes: c.codesPostaux, epci: group_of.get(c.code) }
  // A commune made of others keeps the code of its seat: the living one is the answer.
  const list = by_department.get(department(c.code)) ?? by_department.set(department(c.code), new Map()).get(department(c.code))
  if (kind === 'commune' || !list.has(c.code)) list.set(c.code, one)
}

const shapes = new Map()
for (const file of outlines && existsSync(outlines) ? readdirSync(outlines).filter((f) => f.endsWith('.geojson')).sort() : [])
  for (const f of read(join(outlines, file)).features ?? [read(join(outlines, file))])
    if (/^[0-9][0-9AB][0-9]{3}$/.test(f.properties?.code ?? '') && f.geometry) shapes.set(f.properties.code, f.geometry)

const version = (() => { try { return read(join(from, '..', 'package.json')) } catch { return null } })()
const fresh = `${out}.new`
rmSync(fresh, { recursive: true, force: true })
mkdirSync(fresh, { recursive: true })
mkdirSync(dirname(out), { recursive: true })
const pack = (name, v) => writeFileSync(join(fresh, name), gzipSync(JSON.stringify(v), { level: 9 }))
for (const [code, list] of by_department) {
  pack(`${code}.json.gz`, { communes: [...list.values()] })
  const here = [...list.keys()].filter((c) => shapes.has(c))
  if (here.length) pack(`${code}.outlines.json.gz`, Object.fromEntries(here.map((c) => [c, shapes.get(c)])))
}
pack('epci.json.gz', { epci })
writeFileSync(join(fresh, 'territory.json'), JSON.stringify({
  title: 'Découpage administratif de la France (code officiel géographique)',
  source: 'INSEE, DGCL et La Poste, réunis par Etalab : @etalab/decoupage-administratif',
  version: version?.version ?? '6.0.0', year: '2026', licence: 'Licence Ouverte 2.0 (Etalab)',
  outlines: shapes.size ? 'IGN Admin Express, par france-geojson (2018), Licence Ouverte' : '',
  communes: [...by_department.values()].reduce((n, l) => n + l.size, 0), epci: epci.length, shapes: shapes.size,
  departments: departments.map((d) => ({ code: d.code, name: d.nom })),
}, null, 1) + '\n')
rmSync(out, { recursive: true, force: true })
renameSync(fresh, out)
console.log(`${out}: ${[...by_department.values()].reduce((n, l) => n + l.size, 0)} communes, ${epci.length} EPCI, ${shapes.size} outlines`)
