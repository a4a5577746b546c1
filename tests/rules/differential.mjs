// SPDX-License-Identifier: AGPL-3.0-or-later
// The reference engine (npm publicodes) and ours on the same rules: values, units, missing variables, and errors at the same places.
//   differential.mjs BEFFROI [--seed N] [--count 1000] [--only BASE] [FILE.yaml…]
// A file holds bases, one in each YAML document; their own examples give situations. Then so many small bases are made of random
// expressions, units and applicability. Types are compared too: those the reference infers become examples that ours must hold.
// Where the two differ on a random base, the reference is asked again: in the opposite order, each name after its situation is set anew, each
// name in an engine of its own. One that then contradicts itself, on that base, is no witness: the base is set aside, and counted. More than
// one base in a hundred set aside is a failure.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import Engine from 'publicodes'
import { serializeUnit } from 'publicodes'
import YAML from 'yaml'

const args = process.argv.slice(2), beffroi = args.shift(), files = []
let seed = Date.now() % 1e9, count = 1000, only = -1
while (args.length) { const a = args.shift(); if (a === '--seed') seed = +args.shift(); else if (a === '--count') count = +args.shift(); else if (a === '--only') only = +args.shift(); else files.push(a) }
const first = seed
// mulberry32 (T. Ettinger): 32 bits of state, no short cycle.
const random = () => { seed = (seed + 0x6d2b79f5) | 0; let t = Math.imul(seed ^ (seed >>> 15), seed | 1); t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t; return ((t ^ (t >>> 14)) >>> 0) / 4294967296 }
const pick = list => list[Math.floor(random() * list.length)]
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'rules-'))
process.on('exit', () => fs.rmSync(dir, { recursive: true, force: true }))

// ---- what both say ----
const quiet = { logger: { log () {}, warn () {}, error () {} } }
const plain = v => v === undefined ? 'undefined' : typeof v === 'number' && !Number.isFinite(v) ? String(v) : v
const made = (rules, filter) => new Engine(structuredClone(rules), { flag: { filterNotApplicablePossibilities: filter }, ...quiet })
function asked(engine, name) {
  try {
    const r = engine.evaluate(name)
    return { value: plain(r.nodeValue), unit: serializeUnit(r.unit) || null, missing: Object.keys(r.missingVariables ?? {}).sort() }
  } catch (e) { return { error: e.message } }
}
function reference(rules, filter, situations, names) {
  let engine
  try { engine = made(rules, filter) } catch (e) { return { refused: e.message } }
  const said = situation => { try { engine.setSituation(structuredClone(situation)) } catch (e) { return e.message } }
  return situations.map(situation => [situation, said(situation)]).map(([situation, fault]) => Object.fromEntries(names.map((name, i) => {
    if (fault) return [name, { error: fault }]
    if (i === 0) engine.setSituation(structuredClone(situation))
    return [name, asked(engine, name)]
  })))
}
// Does the reference give other answers when it is asked in another way?
function contradicts(rules, filter, situations, names, first) {
  const backwards = [...names].reverse(), engine = made(rules, filter), anew = made(rules, filter)
  const set = (e, situation) => (e.setSituation(structuredClone(situation)), e)
  return situations.some((situation, i) => {
    try { set(engine, situation) } catch { return false }
    return backwards.some(name => !same(asked(engine, name), first[i][name])) ||
      names.some(name => !same(asked(set(anew, situation), name), first[i][name])) ||
      names.some(name => !same(asked(set(made(rules, filter), situation), name), first[i][name]))
  })
}
function ours(rules, filter, situations, names) {
  const base = path.join(dir, 'rules.json'), said = path.join(dir, 'situation.json')
  fs.writeFileSync(base, JSON.stringify(rules))
  fs.writeFileSync(said, JSON.stringify(situations))
  try {
    return JSON.parse(execFileSync(beffroi, ['rules', 'eval', base, '--situation', said, ...(filter ? ['--filter-choices'] : []), ...names], { stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 }))
  } catch (e) {
    if (e.status !== 1) throw new Error(`${e.signal ?? e.status}: ${e.stderr}\n${JSON.stringify(rules)}\n${JSON.stringify(situations)}`)
    return { refused: String(e.stderr) }
  }
}
const near = (a, b) => a === b || (typeof a === 'number' && typeof b === 'number' && Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b), 1e-9))
const unit = u => u || null
function same(a, b) {
  if (a.error || b.error) return !!a.error === !!b.error
  return near(a.value, b.value) && unit(a.unit) === unit(b.unit) && JSON.stringify(a.missing) === JSON.stringify(b.missing)
}
let passed = 0, failed = 0, refused = 0, aside = []
function compare(title, rules, filter, situations, names, random) {
  const a = reference(rules, filter, situations, names), b = ours(rules, filter, situations, names)
  if (a.refused || b.refused) {
    if (!!a.refused === !!b.refused) { refused++; passed++; if (process.env.WHY) console.log(`refused: ${a.refused.slice(0, 300)}`); return }
    failed++
    return console.log(`not ok ${title}: refused by ${a.refused ? 'the reference' : 'us'} only: ${(a.refused || b.refused).trim().slice(0, 400)}\n${JSON.stringify(rules)}`)
  }
  const differs = situations.some((_, i) => names.some(name => !same(a[i][name], b[i][name])))
  if (random && differs && contradicts(rules, filter, situations, names, a)) return aside.push(title)
  for (let i = 0; i < situations.length; i++)
    for (const name of names) {
      if (same(a[i][name], b[i][name])) { passed++; continue }
      failed++
      console.log(`not ok ${title}, ${name}, ${JSON.stringify(situations[i])}\n  reference ${JSON.stringify(a[i][name]).slice(0, 300)}\n  ours      ${JSON.stringify(b[i][name]).slice(0, 300)}${Object.keys(rules).length < 14 ? '\n  ' + JSON.stringify(rules) : ''}`)
    }
}

// The type of each rule of the top, as an example of ours.
const withoutExamples = rules => Object.fromEntries(Object.entries(rules).map(([name, r]) => [name, r && typeof r === 'object' && !Array.isArray(r) ? { ...r, exemples: undefined, ...(r.avec ? { avec: withoutExamples(r.avec) } : {}) } : r]))
function types(title, rules) {
  let engine
  try { engine = new Engine(structuredClone(rules), quiet) } catch { return }
  const known = engine.getParsedRules(), typed = withoutExamples(rules), base = path.join(dir, 'typed.json')
  for (const name of Object.keys(typed).filter(n => n in known)) {
    const r = typed[name], type = engine.context.nodesTypes.get(known[name])?.type
    typed[name] = { ...(r && typeof r === 'object' ? r : r == null ? {} : { valeur: r }), exemples: [{ type: type ?? 'undefined' }] }
  }
  fs.writeFileSync(base, JSON.stringify(typed))
  let said
  try { said = execFileSync(beffroi, ['rules', 'test', base], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }) } catch (e) { said = String(e.stdout) }
  passed += +(said.match(/(\d+) passed/)?.[1] ?? 0)
  for (const line of said.split('\n').filter(l => / type : /.test(l))) {
    failed++
    console.log(`not ok ${title}, type ${line}, reference ${typed[line.match(/: (.*) \(exemple/)?.[1]]?.exemples[0].type}`)
  }
}

// ---- the rules of files, in the situations of their examples ----
function namesOf(rules) {
  try { return Object.keys(new Engine(structuredClone(rules), quiet).getParsedRules()).filter(n => !n.includes('$')) } catch { return Object.keys(rules) }
}
function examplesOf(rules, into = []) {
  for (const r of Object.values(rules ?? {})) {
    if (!r || typeof r !== 'object') continue
    for (const e of [].concat(r.exemples ?? [])) into.push(e?.situation ?? {})
    if (r.avec) examplesOf(r.avec, into)
  }
  return into
}
for (const file of files)
  YAML.parseAllDocuments(fs.readFileSync(file, 'utf8')).forEach((doc, i, all) => {
    const rules = doc.toJS(), names = namesOf(rules), title = path.basename(file) + (all.length > 1 ? ` n° ${i + 1}` : '')
    for (const filter of [false, true]) compare(title, rules, filter, [{}, ...examplesOf(rules)], names)
    types(title, rules)
  })

// ---- random rules ----
const names = ['net', 'a', 'a . x', 'a . x . p', 'a . y', 'b', 'b . z', 'c', 'd', 'brut', 'revenu', 'foyer', 'foyer . part']
const units = ['', '', '', ' €', ' €/mois', ' €/an', ' %', ' mois', ' an', ' k€', ' h', ' jour', '%']
const number = () => pick(['0', '1', '2', '3.5', '10', '12', '100', '1500', '0.25', '7']) + pick(units)
// A rule reads only those after it, its own children aside (they read it, to know whether they apply), and replaces only those before it: a
// cycle is a fault of the rules, found by the static checks. What stands under a rule reads it, so none replaces one it stands under.
let at = 0, bests = 0       // one rule has one maximum or minimum at most
const later = () => names.slice(at + 1).filter(n => !n.startsWith(names[at] + ' . '))
const name = () => pick(later().length ? later() : ['1'])
const replaceable = () => names.slice(0, at).filter(n => !names[at].startsWith(n + ' . '))
const earlier = () => pick(replaceable())
function expression(depth = 0) {
  if (depth > 2 || random() < 0.35) return random() < 0.5 ? number() : random() < 0.9 ? name() : pick(['oui', 'non', "'mot'", '01/02/2024', '15/03/2025'])
  const op = pick(['+', '-', '*', '/', '+', '*', '>', '<', '>=', '<=', '=', '!=', '//', '**'])
  const e = `${expression(depth + 1)} ${op} ${expression(depth + 1)}`
  return random() < 0.5 ? `(${e})` : e
}
const some = (n, fn) => Array.from({ length: 1 + Math.floor(random() * n) }, fn)
const date = () => pick(['01/01/2020', '15/02/2021', '29/02/2024', '12/2023', '31/12/2025'])
const condition = () => pick([() => `${name()} ${pick(['>', '<', '=', '!=', '>='])} ${expression(2)}`, name, () => ({ 'toutes ces conditions': some(3, condition2) }), () => ({ 'une de ces conditions': some(3, condition2) }), () => ({ 'est défini': name() }), () => ({ 'est applicable': name() }), () => ({ 'est non applicable': name() }), () => ({ 'est non défini': name() }), () => `${name()} ${pick(['>', '<=', '='])} ${date()}`, () => `${name()} = 'un'`])()
const condition2 = () => `${name()} ${pick(['>', '<', '='])} ${number()}`
const bands = what => { let top = 0; return [...some(3, () => ({ [what]: what === 'taux' ? pick(['5%', '10%', '20%', '0.3', name()]) : number(), plafond: `${top += pick([10, 500, 1000])}${pick(['', ' €', ' €/mois'])}` })), { [what]: what === 'taux' ? pick(['30%', '45 %']) : number() }] }
function value(depth = 0) {
  if (depth > 1 || random() < 0.35) return expression()
  const v = () => value(depth + 1)
  const best = () => bests++ ? v() : { [pick(['le maximum de', 'le minimum de'])]: some(3, v) }
  const made = pick([
    () => ({ somme: some(4, v) }), () => ({ produit: some(3, v) }), () => ({ moyenne: some(3, v) }), best, best,
    () => ({ variations: [...some(2, () => ({ si: condition(), alors: v() })), ...(random() < 0.7 ? [{ sinon: v() }] : [])] }),
    () => ({ 'barème': { assiette: v(), tranches: bands('taux'), ...(random() < 0.3 ? { multiplicateur: number() } : {}) } }),
    () => ({ grille: { assiette: v(), tranches: bands('montant') } }),
    () => ({ 'taux progressif': { assiette: v(), tranches: bands('taux') } }),
    () => ({ 'durée': { depuis: pick([date(), name()]), ...(random() < 0.9 ? { "jusqu'à": pick([date(), date(), name()]) } : {}), 'unité': pick(['jour', 'mois', 'an', 'trimestre', 'trimestre civil', 'année civile']) } }),
    () => ({ texte: `Il y a {{ ${expression(2)} }} et {{ ${name()} }}.` }),
    () => ({ condition: { si: condition(), alors: v(), sinon: v() } }),
    () => ({ valeur: v(), ...(later().length ? { contexte: Object.fromEntries(some(3, () => [name(), value(2)])) } : {}) }),
    () => ({ logarithme: v() }), () => ({ valeur: v(), 'variable manquante': pick(['inconnue', ...names]) }),
    condition, () => ({ 'toutes ces conditions': some(3, condition) }), () => ({ 'une de ces conditions': some(3, condition) }),
  ])()
  const m = typeof made === 'string' ? { valeur: made } : made
  if (random() < 0.2) m.plafond = expression(2)
  if (random() < 0.2) m.plancher = number()
  if (random() < 0.15) m.abattement = number()
  if (random() < 0.15) m.arrondi = pick(['oui', '2 décimales', 'non'])
  if (random() < 0.15) m['unité'] = pick(['€', '€/mois', '€/an', '%', 'mois'])
  if (random() < 0.15) m['applicable si'] = condition()
  if (random() < 0.1) m['non applicable si'] = condition()
  if (random() < 0.1) m['simplifier l\'unité'] = 'oui'
  if (random() < 0.1) m['par défaut'] = expression(1)
  return m
}
const replaced = () => pick([earlier(), { 'références à': earlier(), dans: pick(names) }, { 'références à': earlier(), 'sauf dans': some(2, () => pick(names)), 'priorité': 2 }])
// What a rule may hold: choices that are rules, a private one, one that replaces.
function held() {
  const inside = { 'un': value(1), deux: random() < 0.5 ? { 'applicable si': condition() } : null }
  if (random() < 0.5) inside[pick(['caché', '[privé] caché'])] = random() < 0.5 ? { valeur: value(1), 'privé': 'oui' } : { valeur: value(1) }
  if (random() < 0.3 && replaceable().length) inside.trois = { valeur: value(1), [pick(['remplace', 'rend non applicable'])]: random() < 0.5 ? replaced() : [replaced(), earlier()] }
  return inside
}
function rule() {
  const dice = random()
  if (names[at] === 'brut' && dice < 0.6) return { 'inversion numérique': random() < 0.5 ? pick(names.slice(0, at)) : { avec: some(2, () => pick(names.slice(0, at))) }, 'unité': pick(['€', '€/mois']) }
  if (names[at] === 'net' && dice < 0.6) return pick([{ valeur: 'brut - 22%' }, { somme: ['brut', `-${number()}`] }, { 'barème': { assiette: 'brut', tranches: [{ taux: '80%', plafond: '1000' }, { taux: '60%' }] } }, { valeur: 'brut * 0.8', plafond: expression(2) }, { produit: ['brut', value(1)] }])
  if (dice < 0.12) return null
  if (dice < 0.25) return { 'par défaut': pick([number(), 'oui', 'non', date(), "'un'", expression(1)]), ...(random() < 0.3 ? { 'unité': pick(['€', '€/mois', 'mois']) } : {}) }
  if (dice < 0.4) return expression()
  if (dice < 0.43) return { valeur: `0.4 * ${names[at]} + ${name()}`, 'résoudre la référence circulaire': 'oui' }
  if (dice < 0.48) return { 'une possibilité': pick([['1 €', '2 €'], ['1 m', '50 cm'], ['3 mois', '1 an', '12'], ["'un'", "'deux'"]]), ...(random() < 0.5 ? { 'par défaut': pick(['1 €', '50 cm', '1 an', "'un'", expression(2)]) } : {}) }
  const v = value(), r = typeof v === 'object' && !v.valeur ? { ...v } : { valeur: v }
  if (random() < 0.15) r['applicable si'] = condition()
  if (random() < 0.1) r['par défaut'] = number()
  if (random() < 0.16 && replaceable().length) r.remplace = replaced()
  if (random() < 0.1 && replaceable().length) r['rend non applicable'] = random() < 0.7 ? earlier() : [replaced(), earlier()]
  if (random() < 0.05) r['possiblement non applicable'] = 'oui'
  if (random() < 0.05) r.question = 'Combien ?'
  if (random() < 0.05) r.type = pick(['nombre', 'booléen', 'date', 'texte'])
  if (random() < 0.08) r.avec = held()
  if (random() < 0.08) r['une possibilité'] = r.avec ? ['un', 'deux'] : pick([["'un'", "'deux'"], ['1 €', '2 €'], ['revenu', 'foyer'].filter(n => names.indexOf(n) > at)])
  if (!r['une possibilité']?.length) delete r['une possibilité']
  return r
}
for (let i = 0; i < count; i++) {
  const rules = Object.fromEntries(names.map((n, k) => [n, (at = k, bests = 0, rule())]))
  at = -1
  const situations = [{}, ...some(3, () => Object.fromEntries(some(3, name).map(n => [n, pick([number(), 'oui', 'non', number(), number(), date(), "'un'", { 'applicable si': 'non', valeur: 3 }, { 'le maximum de': ['3 €', '2'] }])])))]
  const filter = random() < 0.3
  if (only >= 0 && only !== i) continue
  compare(`seed ${first}, base ${i}`, rules, filter, situations, names, true)
  types(`seed ${first}, base ${i}`, rules)
}
console.log(`seed ${first}, ${refused} bases refused by both, ${aside.length} set aside: ${aside.map(t => t.replace(/.* /, '')).join(' ') || 'none'}`)
if (aside.length > Math.max(1, count / 100)) { failed++; console.log(`not ok ${aside.length} bases of ${count} set aside`) }
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed ? 1 : 0)
