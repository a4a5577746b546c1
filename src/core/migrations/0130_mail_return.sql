-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What says that a mail did not arrive: refused when it was sent, or sent back later. address: folded. is_final 0: only late. cleared: when
-- somebody said that the address is good.
CREATE TABLE mail_return (
    tenant BIGINT NOT NULL, id BIGINT NOT NULL, outbox BIGINT NOT NULL, record BIGINT NOT NULL, address TEXT NOT NULL, at BIGINT NOT NULL, status TEXT NOT NULL, why TEXT NOT NULL,
    is_final BIGINT NOT NULL, cleared BIGINT NOT NULL, PRIMARY KEY (tenant, id));
CREATE UNIQUE INDEX mail_return_once ON mail_return (tenant, outbox, is_final);
CREATE INDEX mail_return_address ON mail_return (tenant, address, id);
CREATE INDEX mail_return_open ON mail_return (tenant, cleared, id);
CREATE INDEX mail_return_record ON mail_return (tenant, record, id);
CREATE INDEX mail_return_at ON mail_return (tenant, at, id);
