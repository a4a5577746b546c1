// SPDX-License-Identifier: AGPL-3.0-or-later
// An empty town of its own, served until stop(): for what the demonstration, where everything is switched on, cannot show.
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { until } from './browser.mjs'

export const PASSWORD = 'une image par jour'
const DEFAULTS = {
  service: { name: 'Accueil de la mairie', postal_address: '1 place de la Mairie\n88000 Essai', mail: 'accueil@essai.exemple.fr', phone: '03 39 98 01 01', hours: 'Du lundi au vendredi, 9 h à 17 h' },
  personal_data: { contact: 'dpo@essai.exemple.fr' }
}

export async function town(people = { 'gestion@exemple.fr': 'manager' }) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'town-')), data = path.join(dir, 'data'), bin = process.env.BEFFROI_BIN
  const port = 20000 + Math.floor(Math.random() * 40000)
  const ask = (...args) => {
    const r = spawnSync(bin, [...args, '--data', data], { encoding: 'utf8' })
    if (r.status !== 0) throw new Error(args.join(' ') + ': ' + r.stderr)
    return r.stdout
  }
  fs.mkdirSync(data)
  fs.writeFileSync(path.join(dir, 'defaults.json'), JSON.stringify(DEFAULTS))
  ask('tenant', 'add', '--name', 'Essai', '--host', 'localhost', '--admin', 'admin@exemple.fr')
  ask('defaults', path.join(dir, 'defaults.json'))
  for (const [mail, role] of Object.entries(people)) {
    ask('account', 'add', mail, '--forename', 'Gaspard', '--surname', 'Tocsin', '--agent', '--password', PASSWORD)
    ask('account', 'role', mail, role)
  }
  const server = spawn(bin, ['serve', '--data', data, '--listen', '127.0.0.1:' + port], { stdio: 'ignore' })
  const base = 'http://localhost:' + port
  await until(() => fetch(base + '/healthz').then((r) => r.ok, () => false), 10000)
  return { base, data, stop: () => new Promise((done) => { server.on('exit', () => { fs.rmSync(dir, { recursive: true }); done() }); server.kill('SIGTERM') }) }
}
