// SPDX-License-Identifier: AGPL-3.0-or-later
// What browser tests share: one Chromium, named tests that count, accessibility by axe.
import { chromium } from 'playwright-core'
import { createRequire } from 'node:module'
import fs from 'node:fs'

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
export const output = process.env.OUTPUT || '.'

export async function open() {
  return chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: FLAGS })
}

// A page of its own: options as Playwright's newContext. Console errors are gathered in page.faults.
export async function page(browser, options = {}) {
  const context = await browser.newContext({ locale: 'fr-FR', viewport: { width: 360, height: 740 }, ...options })
  const p = await context.newPage()
  p.faults = []
  p.on('console', (m) => m.type() === 'error' && p.faults.push(m.text()))
  p.on('pageerror', (e) => p.faults.push(String(e)))
  return p
}

// Violations of WCAG 2.2 AA and good practice, as lines. The page must be opened with bypassCSP.
export async function judged(p) {
  await p.evaluate(axe)
  const found = await p.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }))
  return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`)
}

const tests = []
export function test(name, fn) { tests.push([name, fn]) }
export async function run(...args) {
  let passed = 0, failed = 0
  for (const [name, fn] of tests) {
    try { await fn(...args); passed++ } catch (e) { failed++; console.log(`FAILED ${name}\n${e.stack || e}`) }
  }
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed ? 1 : 0
}
export function until(what, ms = 5000) {
  const end = Date.now() + ms
  return (async function again() {
    const got = await what()
    if (got) return got
    if (Date.now() > end) throw new Error('waited in vain for ' + what)
    await new Promise((r) => setTimeout(r, 30))
    return again()
  })()
}
