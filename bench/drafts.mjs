// SPDX-License-Identifier: AGPL-3.0-or-later
// drafts.mjs URL [CLIENTS = 64] [SECONDS = 4] — the citizen's own path: each client begins a draft, saves five fields as they are left, and files it,
// again and again. Prints "FILED <per second> FAILED <answers that a browser would not expect>".
import http from 'node:http'

const base = new URL(process.argv[2]), clients = +(process.argv[3] ?? 64), seconds = +(process.argv[4] ?? 4)
const agent = new http.Agent({ keepAlive: true, maxSockets: clients })
const fields = { f1: 'Lampadaire éteint', f2: 'voirie', f3: 'Le lampadaire devant le 12 est éteint depuis lundi.', f5: 'Zoé Martin', f6: 'no' }
let filed = 0, failed = 0

const post = (path, cookie, body) => new Promise((done, lost) => {
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': Buffer.byteLength(body), 'Sec-Fetch-Site': 'same-origin', Cookie: cookie }
  http.request({ agent, host: base.hostname, port: base.port, method: 'POST', path, headers }, r => { r.resume(); r.on('end', () => done(r)) }).on('error', lost).end(body)
})
const expect = (r, status) => { if (r.statusCode !== status) failed++; return r.statusCode === status }

async function client(until) {
  while (performance.now() < until) {
    const begun = await post('/demarches/ecrire-a-la-mairie/commencer', '', '')
    if (!expect(begun, 303)) continue
    const ref = begun.headers.location.split('/')[2], cookie = begun.headers['set-cookie'].map(c => c.split(';')[0]).join('; ')
    for (const [path, value] of Object.entries(fields)) expect(await post(`/dossiers/${ref}/champ`, cookie, new URLSearchParams({ path, [path]: value }).toString()), 204)
    const r = await post(`/dossiers/${ref}/deposer`, cookie, '')
    if (expect(r, 303) && r.headers.location.endsWith('/recepisse')) filed++
  }
}
const from = performance.now()
await Promise.all(Array.from({ length: clients }, () => client(from + seconds * 1000)))
console.log(`FILED ${(filed * 1000 / (performance.now() - from)).toFixed(1)} FAILED ${failed}`)
agent.destroy()
