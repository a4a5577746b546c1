-- SPDX-License-Identifier: AGPL-3.0-or-later
-- file.lua — for wrk: files a record by the API, each with an idempotency key of its own and a mail for the receipt. Counts what is not 201.
-- CONTACT in the environment: another contact, as JSON.
local thread_n = 0
function setup(thread)
   thread_n = thread_n + 1
   thread:set("id", thread_n)
end
local n, refused = 0, 0
local body = '{"answers":{"f1":"Lampadaire éteint","f2":"voirie","f3":"Le lampadaire devant le 12 rue Saint-Goëry est éteint depuis lundi.",' ..
   '"f5":"Zoé Martin","f6":false},"contact":' .. (os.getenv("CONTACT") or '{"name":"Zoé Martin","email":"zoe@exemple.test"}') .. '}'
local headers = {["Content-Type"] = "application/json"}
local run = os.time() .. "-" .. tostring({}):sub(8)
function request()
   n = n + 1
   headers["Idempotency-Key"] = run .. "-" .. id .. "-" .. n
   return wrk.format("POST", "/api/v1/procedures/ecrire-a-la-mairie/records", headers, body)
end
function done(summary, latency, requests)
   io.write(string.format("FILED %.1f FAILED %d P99 %.2f\n", (summary.requests - summary.errors.status) / (summary.duration / 1e6),
      summary.errors.status + summary.errors.read + summary.errors.timeout + summary.errors.connect, latency:percentile(99) / 1000))
end
