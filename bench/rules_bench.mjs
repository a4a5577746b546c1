// SPDX-License-Identifier: AGPL-3.0-or-later
// rules_bench.mjs MODEL.json — the reference engine's side of bench/rules.part: the same measures under Node.
import fs from 'node:fs'
import { createRequire } from 'node:module'
const Engine = createRequire(new URL('../tests/rules/', import.meta.url))('publicodes').default
const quiet = { logger: { log () {}, warn () {}, error () {} } }
const least = v => Math.min(...v), median = v => [...v].sort((a, b) => a - b)[v.length >> 1]
const before = process.memoryUsage().rss, text = fs.readFileSync(process.argv[2], 'utf8')
const once = () => { const rules = JSON.parse(text), from = performance.now(), engine = new Engine(rules, quiet); return [performance.now() - from, engine] }
const [first, engine] = once()
const memory = (process.memoryUsage().rss - before) / 2 ** 20
const each = []
for (let i = 0; i < 20; i++) {
  const from = performance.now()
  engine.setSituation({ 'salarié . contrat . salaire brut': `${1500 + 7 * i} €/mois` })
  engine.evaluate('salarié . rémunération . net . payé après impôt')
  each.push(performance.now() - from)
}
console.log(`memory ${memory.toFixed(1)}\nparse ${first.toFixed(3)}\nevaluate ${median(each).toFixed(3)}`)
console.log(`parse-again ${least([once()[0], once()[0], once()[0]]).toFixed(3)}\nevaluate-again ${least(each).toFixed(3)}`)
