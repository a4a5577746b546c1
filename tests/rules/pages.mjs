// SPDX-License-Identifier: AGPL-3.0-or-later
// node pages.mjs DIR: every page there is valid HTML, without script, and each of its links leads to a file and a place that exist.
import fs from 'node:fs'
import path from 'node:path'
import { HtmlValidate } from 'html-validate'

const dir = process.argv[2], judge = new HtmlValidate({ extends: ['html-validate:standard'], rules: { 'long-title': 'off', 'no-trailing-whitespace': 'off' } })
const pages = fs.readdirSync(dir, { recursive: true }).filter((f) => f.endsWith('.html'))
let links = 0, faults = 0
const ids = new Map()
const fault = (page, what) => { if (faults++ < 20) console.log(`${page}: ${what}`) }
const text = (f) => fs.readFileSync(path.join(dir, f), 'utf8')
const idsOf = (f) => { if (!ids.has(f)) ids.set(f, new Set([...text(f).matchAll(/ id="([^"]*)"/g)].map((m) => m[1]))); return ids.get(f) }
for (const page of pages) {
  const html = text(page), report = await judge.validateString(html)
  for (const r of report.results) for (const m of r.messages.filter((one) => one.severity === 2)) fault(page, `${m.ruleId} line ${m.line}: ${m.message}`)
  if (/<script|\son[a-z]+=|style=/.test(html)) fault(page, 'script or style')
  for (const [, href] of html.matchAll(/ href="([^"]*)"/g)) {
    if (/^(https?|mailto|tel):/.test(href)) continue
    links++
    const [file, at] = href.replace(/&amp;/g, '&').split('#'), target = file ? path.normalize(path.join(path.dirname(page), decodeURIComponent(file))) : page
    if (!fs.existsSync(path.join(dir, target))) fault(page, `${href} leads nowhere`)
    else if (at && !idsOf(target).has(decodeURIComponent(at))) fault(page, `#${at} is not in ${target}`)
  }
}
console.log(`${pages.length} pages, ${links} links, ${faults} faults`)
