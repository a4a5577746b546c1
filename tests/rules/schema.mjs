// SPDX-License-Identifier: AGPL-3.0-or-later
// node schema.mjs SCHEMA ANSWERS.json…: every trace within the answers of `rules eval --trace` against the schema; ends with "N valid, N not".
import fs from 'node:fs'
import Ajv from 'ajv/dist/2020.js'

const [schema, ...files] = process.argv.slice(2)
const valid = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: false }).compile(JSON.parse(fs.readFileSync(schema, 'utf8')))
let good = 0, bad = 0
for (const f of files) {
  const cases = [JSON.parse(fs.readFileSync(f, 'utf8'))].flat()
  for (const answers of cases) for (const [rule, answer] of Object.entries(answers)) {
    if (!answer.trace) continue
    if (valid(answer.trace)) good++
    else { bad++; console.log(`${f}: ${rule}: ${valid.errors.slice(0, 2).map((e) => e.instancePath + ' ' + e.message).join('; ')}`) }
  }
}
console.log(`${good} valid, ${bad} not`)
