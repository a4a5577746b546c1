-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Who read what, by agent.
CREATE INDEX audit_account ON audit (tenant, account, id);
