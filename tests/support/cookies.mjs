// SPDX-License-Identifier: AGPL-3.0-or-later
// The Set-Cookie lines of an answer of fetch, also where Headers has no getSetCookie (Debian 12's Node). Ours bear Max-Age, never a date: no comma within.
export const setCookies = r => r.headers.getSetCookie?.() ?? (r.headers.get('set-cookie') ?? '').split(/, (?=[^ ;=,]+=)/).filter(Boolean)
export const cookiesOf = r => setCookies(r).map(c => c.split(';')[0]).join('; ')
