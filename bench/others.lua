-- SPDX-License-Identifier: AGPL-3.0-or-later
-- others.lua — for wrk: people who look around, each 10 ms after the last answer: in turn a page from the cache, a page made by a handler, the schema of a procedure, an agent's list (COOKIE in the environment).
local paths = {"/", "/demarches/ecrire-a-la-mairie?n=1", "/api/v1/procedures/ecrire-a-la-mairie", "/agents"}
local cookie = os.getenv("COOKIE")
local n = 0
function request()
   n = n + 1
   local path = paths[n % #paths + 1]
   return wrk.format("GET", path, path == "/agents" and {["Cookie"] = cookie} or nil)
end
function delay() return 10 end
function done(summary, latency, requests)
   io.write(string.format("OTHERS %d FAILED %d P99 %.2f\n", summary.requests, summary.errors.status + summary.errors.read + summary.errors.timeout, latency:percentile(99) / 1000))
end
