// SPDX-License-Identifier: AGPL-3.0-or-later
// See tests/crash/run. On PostgreSQL it outlives the server, except in every third round, where it crashes too, before or under the
// server. Prints what it did each ten rounds and ends with "N passed, N failed": a round is one test.
import { acked, beginDraft, counted, crash, crashServer, demo, engine, fileOne, isCut, ledger, mark, opt, paperOne, pgCtl, random, Refused, runs, saveOne, sleep, start, uploadOne, verify, verifyStore } from './town.mjs'

const times = +opt('times', '10')
console.log(`${engine}, seed ${opt('seed', '1')}`)
demo()

/* While PostgreSQL is away an answer may be 503: not acknowledged, and nothing else. */
async function load(base, going, mayRefuse) {
  let n = (ledger.filed.length + ledger.papers.length) * 10
  const act = async d => {
    const dice = random()
    if (dice < 0.4) await fileOne(base, n++)
    else if (dice < 0.5) await paperOne(base, n++)
    else if (dice < 0.9) await saveOne(base, d)
    else await uploadOne(base, d)
  }
  const one = async () => {
    for (let d = null; going.on;) {
      try {
        d = d || await beginDraft(base)
        await act(d)
      } catch (e) {
        if (!(mayRefuse && e instanceof Refused && e.status === 503)) throw e
        refused++
      }
    }
  }
  for (const r of await Promise.allSettled(Array.from({ length: 8 }, one)))
    if (r.status === 'rejected' && (!isCut(r.reason) || (going.kept && /ECONNREFUSED/.test(String(r.reason.cause))))) throw r.reason
}

let passed = 0, failed = 0, refused = 0, databaseCrashes = 0, serverCrashes = 0
for (let i = 0; i < times; i++) {
  const from = mark(), both = engine === 'PostgreSQL' && i % 3 === 2
  let s, again
  try {
    s = await start()
    const ms = 150 + random() * 900
    const going = { on: true, kept: !both && random() < 0.5 }
    const loading = load(s.base, going, both)
    loading.catch(() => {})       // looked at below, once the server is gone
    await sleep(ms)
    if (both) {
      databaseCrashes++
      const restarted = pgCtl('restart')
      await sleep(random() * 1500)
      await crash(s)
      await restarted
    } else if (going.kept) {
      serverCrashes++
      await crashServer(s)
    } else await crash(s)
    going.on = false
    await loading
    again = going.kept ? s : await start()
    await verify(again.base, from)
    verifyStore()
    passed++
  } catch (e) {
    failed++
    console.log(`round ${i}: ${e.stack}`)
    if (failed > 3) break
  } finally {
    for (const x of [s, again]) if (x && runs(x)) await crash(x)
  }
  if (i % 10 === 9) console.log(`${i + 1} crashes: ${acked.filings} filings, ${acked.saves} saves, ${acked.pieces} pieces acknowledged; ${counted.checks} checks`)
}
if (databaseCrashes) console.log(`in ${databaseCrashes} of them PostgreSQL crashed too: ${refused} requests were answered 503`)
console.log(`${engine}: crashes ${passed + failed}, ${serverCrashes} of them of the server only; acknowledged: ${acked.filings} filings by API, ${acked.papers} by pages, ${acked.saves} field saves, ${acked.pieces} upload pieces; ${counted.checks} checks`)
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed ? 1 : 0)
