// SPDX-License-Identifier: AGPL-3.0-or-later
// fill PORT HOST N          N dossiers by the API
// load PORT STOP HOST…      reads and files on these hosts until the file STOP is there; prints a line of JSON: what was asked, what was not answered
//                           200 or 201, the slowest answer and the slowest filing in ms
import http from 'node:http'
import { existsSync } from 'node:fs'

const [what, port, ...rest] = process.argv.slice(2)
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 })
const ask = (host, path, body) => new Promise((done, failed) => {
  const from = performance.now()
  const q = http.request({ port, host: '127.0.0.1', agent, path, method: body ? 'POST' : 'GET', headers: { Host: host, ...(body ? { 'Content-Type': 'application/json', 'Idempotency-Key': `${process.pid}-${Math.random()}` } : {}) } }, a => {
    a.resume()
    a.on('end', () => done({ status: a.statusCode, ms: performance.now() - from }))
    a.on('error', failed)
  })
  q.on('error', failed)
  q.end(body)
})
const filing = n => JSON.stringify({ answers: { f1: `Objet ${n}`, f2: 'voirie', f3: `Le message du dossier ${n}`, f5: 'Marie Imagier', f6: false }, contact: { email: `p${n}@exemple.fr` } })
const file = (host, n) => ask(host, '/api/v1/procedures/ecrire-a-la-mairie/records', filing(n))

if (what === 'fill') {
  const [host, count] = rest
  let n = 0
  await Promise.all(Array.from({ length: 16 }, async () => {
    while (n < +count) {
      const a = await file(host, n++)
      if (a.status !== 201) throw new Error(`filing: ${a.status}`)
    }
  }))
} else {
  const [stop, ...hosts] = rest
  const out = { asked: 0, filed: 0, bad: [], worst_ms: 0, worst_filing_ms: 0 }
  const all = []
  const one = async (host, i) => {
    const pages = ['/', '/demarches', '/signaler', '/transparence/journal', '/demarches/ecrire-a-la-mairie']
    for (let n = 0; !existsSync(stop); n++) {
      const isFiling = n % 4 === 3
      // A query of its own: no page comes from memory.
      const page = pages[n % pages.length], a = isFiling ? await file(host, `${i}-${n}`) : await ask(host, `${page}?n=${i}-${n}`)
      out.asked++
      if (isFiling) out.filed++
      if (a.status !== (isFiling ? 201 : 200)) out.bad.push(`${host} ${isFiling ? 'filing' : page} ${a.status}`)
      if (isFiling) out.worst_filing_ms = Math.max(out.worst_filing_ms, Math.round(a.ms))
      out.worst_ms = Math.max(out.worst_ms, Math.round(a.ms))
      all.push(a.ms)
      await new Promise(r => setTimeout(r, 20))
    }
  }
  await Promise.all(hosts.map(one))
  all.sort((a, b) => a - b)
  out.p99_ms = Math.round(all[Math.floor(all.length * 0.99)] || 0)
  out.bad = out.bad.slice(0, 5)
  console.log(JSON.stringify(out))
}
