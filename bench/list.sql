-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Frozen: what the agent's list is measured against. 25 rows (and one more, to know whether there is a next page) of one procedure, newest
-- first, of the agent's team; with two filters of 10 % and 1 %; with two of 30 % that meet in 1 %; then the counts of its four states.
-- ?1 the tenant, ?2 the team. Written by hand along the best way through the same tables and indexes.
SELECT r.id, r.reference, r.title, r.kind, r.state, r.assignee, r.created, r.due, r.version
FROM record_index i CROSS JOIN record r
WHERE i.tenant = ?1 AND i.kind = 'banc' AND i.field = 'fb' AND i.value = 'oui' AND r.tenant = ?1 AND r.id = i.record AND r.team = ?2
  AND EXISTS (SELECT 1 FROM record_index x WHERE x.tenant = ?1 AND x.kind = 'banc' AND x.field = 'fa' AND x.value = 'oui' AND x.created = i.created AND x.record = i.record)
ORDER BY i.created DESC, i.record DESC LIMIT 26;

SELECT r.id, r.reference, r.title, r.kind, r.state, r.assignee, r.created, r.due, r.version
FROM record_index i CROSS JOIN record r
WHERE i.tenant = ?1 AND i.kind = 'banc' AND i.field = 'fc' AND i.value = 'oui' AND r.tenant = ?1 AND r.id = i.record AND r.team = ?2
  AND EXISTS (SELECT 1 FROM record_index x WHERE x.tenant = ?1 AND x.kind = 'banc' AND x.field = 'fd' AND x.value = 'oui' AND x.created = i.created AND x.record = i.record)
ORDER BY i.created DESC, i.record DESC LIMIT 26;

SELECT x.state, SUM(x.n) FROM (
    SELECT state, n FROM counter WHERE tenant = ?1 AND kind = 'banc' AND team = ?2
    UNION ALL SELECT state, n FROM counter_delta WHERE tenant = ?1 AND kind = 'banc' AND team = ?2) x
GROUP BY x.state ORDER BY x.state;
