// SPDX-License-Identifier: AGPL-3.0-or-later
// Answers made from a JSON Schema alone, as a machine that knows nothing of Beffroi would: examples, required, if/then/else.
// Only the words used by schemas of answers are understood; another one is an error, so that the test says it.
const known = new Set(['$schema', 'title', 'description', 'type', 'properties', 'required', 'additionalProperties', 'allOf', 'anyOf', 'oneOf', 'not', 'if',
  'then', 'else', 'const', 'enum', 'contains', 'pattern', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength',
  'items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems', 'format', 'contentMediaType', 'examples', 'default', 'dependentRequired', 'minProperties',
  'readOnly'])

const kinds = {
  object: (v) => v !== null && typeof v === 'object' && !Array.isArray(v), array: Array.isArray, string: (v) => typeof v === 'string',
  number: (v) => typeof v === 'number', integer: Number.isInteger, boolean: (v) => typeof v === 'boolean', null: (v) => v === null }
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b)

export function valid(s, v) {
  if (s === true || s === false) return s
  for (const word of Object.keys(s)) if (!known.has(word) && !word.startsWith('x-')) throw new Error(`unknown word in a schema: ${word}`)
  if (s.type && ![s.type].flat().some((t) => kinds[t](v))) return false
  if ('const' in s && !same(s.const, v)) return false
  if (s.enum && !s.enum.some((e) => same(e, v))) return false
  if (s.allOf && !s.allOf.every((x) => valid(x, v))) return false
  if (s.anyOf && !s.anyOf.some((x) => valid(x, v))) return false
  if (s.oneOf && s.oneOf.filter((x) => valid(x, v)).length !== 1) return false
  if (s.not !== undefined && valid(s.not, v)) return false
  if (s.if !== undefined) {
    const branch = valid(s.if, v) ? s.then : s.else
    if (branch !== undefined && !valid(branch, v)) return false
  }
  if (typeof v === 'string') {
    const length = [...v].length
    if (s.pattern && !new RegExp(s.pattern, 'u').test(v)) return false
    if (length < (s.minLength ?? 0) || length > (s.maxLength ?? Infinity)) return false
  }
  if (typeof v === 'number') {
    if (v < (s.minimum ?? -Infinity) || v > (s.maximum ?? Infinity)) return false
    if (v <= (s.exclusiveMinimum ?? -Infinity) || v >= (s.exclusiveMaximum ?? Infinity)) return false
  }
  if (Array.isArray(v)) {
    if (v.length < (s.minItems ?? 0) || v.length > (s.maxItems ?? Infinity)) return false
    if (s.items !== undefined && !v.every((x) => valid(s.items, x))) return false
    if (s.contains !== undefined && !v.some((x) => valid(s.contains, x))) return false
    if (s.uniqueItems && new Set(v.map((x) => JSON.stringify(x))).size !== v.length) return false
  }
  if (kinds.object(v)) {
    for (const name of s.required ?? []) if (!(name in v)) return false
    for (const [name, value] of Object.entries(v)) {
      if (s.properties && name in s.properties) {
        if (!valid(s.properties[name], value)) return false
      } else if (s.additionalProperties === false) return false
    }
  }
  return true
}

// Conditional parts that speak of this object: what is asked now (required) and what must not be there (false).
function asked(s, v, wanted, refused) {
  for (const name of s.required ?? []) wanted.add(name)
  for (const [name, p] of Object.entries(s.properties ?? {})) if (p === false) refused.add(name)
  for (const part of s.allOf ?? []) asked(part, v, wanted, refused)
  if (s.if === undefined) return
  const branch = valid(s.if, v) ? s.then : s.else
  if (branch) asked(branch, v, wanted, refused)
}

const isFile = (p) => p.type === 'array' && p.items?.format === 'beffroi-file'

// A random source that gives the same again: mulberry32.
export function dice(seed) {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
// A list that has nothing in it yet.
const unanswerable = (p) => !p.examples?.length && (p['x-beffroi-options'] ?? p.items?.['x-beffroi-options']) === 0
const pick = (roll, list) => list[Math.floor(roll() * list.length)]

async function value(p, roll, send, share) {
  if (isFile(p)) return [await send(p.items.contentMediaType)]
  if (p.type === 'array' && p.items?.type === 'object') {
    const rows = []
    for (let n = 1 + Math.floor(roll() * Math.min(2, p.maxItems ?? 2)); rows.length < n;) rows.push(await object(p.items, roll, send, share))
    return rows
  }
  if (p.enum) return pick(roll, p.enum)
  if (p.oneOf?.every((x) => 'const' in x)) return pick(roll, p.oneOf).const
  if (!p.examples?.length) throw new Error(`no examples: ${JSON.stringify(p).slice(0, 200)}`)
  return structuredClone(pick(roll, p.examples))
}

// In the order of the schema: a question is asked once those it depends on are answered, until nothing changes.
async function object(s, roll, send, share) {
  const v = {}, decided = new Map()
  for (let turn = 0; turn < 60; turn++) {
    const wanted = new Set(), refused = new Set()
    asked(s, v, wanted, refused)
    const gone = Object.keys(v).filter((name) => refused.has(name))
    for (const name of gone) delete v[name]
    let put = false
    for (const [name, p] of Object.entries(s.properties ?? {})) {
      if (name === '_id' || p.readOnly || name in v || refused.has(name)) continue
      if (!decided.has(name)) decided.set(name, roll() < share)
      if (!wanted.has(name) && (!decided.get(name) || unanswerable(p))) continue
      v[name] = await value(p, roll, send, share)
      put = true
      break
    }
    if (put) { turn = -1; continue }
    if (!gone.length) break
  }
  return v
}

// Rules said at the top of the rows of a repetition: {then: {properties: {f20: {items: {…}}}}}.
async function rowsObey(s, v, roll, send, share) {
  for (const part of s.allOf ?? []) {
    if (part.if === undefined) continue
    const branch = valid(part.if, v) ? part.then : part.else
    for (const [name, p] of Object.entries(branch?.properties ?? {})) {
      if (!p.items || !Array.isArray(v[name])) continue
      for (const row of v[name]) {
        for (const [child, rule] of Object.entries(p.items.properties ?? {})) if (rule === false) delete row[child]
        for (const child of p.items.required ?? []) row[child] ??= await value(s.properties[name].items.properties[child], roll, send, share)
      }
    }
  }
}

// share: how many of the questions that need no answer get one. send(contentMediaType) → id of a file just sent.
export async function fill(schema, { roll = dice(1), send, share = 0.3 } = {}) {
  const v = await object(schema, roll, send, share)
  await rowsObey(schema, v, roll, send, share)
  return v
}
