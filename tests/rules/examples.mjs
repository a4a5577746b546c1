// SPDX-License-Identifier: AGPL-3.0-or-later
// node examples.mjs FILE.yaml: one line for each example its rules carry: the rule, a tab, the situation as JSON.
import fs from 'node:fs'
import { parse } from 'yaml'

for (const [rule, definition] of Object.entries(parse(fs.readFileSync(process.argv[2], 'utf8')) ?? {}))
  for (const example of [definition?.exemples ?? []].flat()) console.log(`${rule}\t${JSON.stringify(example.situation ?? {})}`)
