-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Which results stand. superseded: the version of the answers that took the place of those it was made of (0: none did). by_step: 1, a step
-- followed it (a guard, a delay): answers that change later do not unsay it.
ALTER TABLE result ADD COLUMN superseded BIGINT NOT NULL DEFAULT 0;
ALTER TABLE result ADD COLUMN by_step BIGINT NOT NULL DEFAULT 0;
UPDATE result SET by_step = 1 WHERE name LIKE 'beffroi . étape %' OR name LIKE 'beffroi . délai %';
UPDATE result SET superseded = (SELECT MIN(n.version) FROM result n WHERE n.tenant = result.tenant AND n.record = result.record AND n.by_step = 0 AND n.version > result.version)
WHERE by_step = 0 AND EXISTS (SELECT 1 FROM result n WHERE n.tenant = result.tenant AND n.record = result.record AND n.by_step = 0 AND n.version > result.version);
