// SPDX-License-Identifier: AGPL-3.0-or-later
// A mail server: three ports (clear without password, STARTTLS, TLS from the start; the last two want marie / "mot de passe é").
// The address says how the mail fares:
//   inconnu@ 550 · plein@ 452 · occupe@ 421 at MAIL FROM · contenu@ 554 after the data · plus-tard@ 451 after the data
// Each mail becomes DIR/N.eml (bytes as they came) and DIR/N.json (as mailparser reads it).
import { readFileSync, writeFileSync } from 'node:fs';
import { SMTPServer } from 'smtp-server';
import { simpleParser } from 'mailparser';

const dir = process.argv[2];
let received = 0;
const connections = new Set();
const refuse = (code, text) => Object.assign(new Error(text), { responseCode: code });

const common = {
    key: readFileSync(`${dir}/key.pem`),
    cert: readFileSync(`${dir}/cert.pem`),
    logger: false,
    onConnect(session, done) { connections.add(session.id); done(); },
    onAuth(auth, session, done) {
        const ok = auth.username === 'marie' && auth.password === 'mot de passe é';
        done(ok ? null : refuse(535, '5.7.8 Authentication failed'), ok ? { user: 'marie' } : undefined);
    },
    onMailFrom(address, session, done) {
        done(address.address.startsWith('occupe@') ? refuse(421, '4.3.2 Service not available') : null);
    },
    onRcptTo(address, session, done) {
        const name = address.address.split('@')[0];
        done(name === 'inconnu' ? refuse(550, '5.1.1 No such user here: déménagé')
            : name === 'plein' ? refuse(452, '4.2.2 Mailbox full') : null);
    },
    onData(stream, session, done) {
        const chunks = [];
        stream.on('data', c => chunks.push(c));
        stream.on('end', async () => {
            const to = session.envelope.rcptTo[0].address;
            if (to.startsWith('contenu@')) return done(refuse(554, '5.7.1 Content refused'));
            if (to.startsWith('plus-tard@')) return done(refuse(451, '4.7.1 Greylisted, try later'));
            const raw = Buffer.concat(chunks), n = ++received, m = await simpleParser(raw);
            writeFileSync(`${dir}/${n}.eml`, raw);
            writeFileSync(`${dir}/${n}.json`, JSON.stringify({
                envelope: { from: session.envelope.mailFrom.address, to }, helo: session.hostNameAppearsAs,
                secure: session.secure, user: session.user ?? null, connections: connections.size,
                from: m.from.text, to: m.to.text, replyTo: m.replyTo?.text ?? null, subject: m.subject, text: m.text,
                html: m.html || null, messageId: m.messageId, date: m.date.toISOString(),
                autoSubmitted: m.headers.get('auto-submitted'),
            }));
            done(null, `2.0.0 kept as ${n}`);
        });
    },
};

const servers = [
    new SMTPServer({ ...common, authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'] }),
    new SMTPServer({ ...common }),
    new SMTPServer({ ...common, secure: true }),
];
const ports = await Promise.all(servers.map(s => new Promise(done => {
    s.on('error', () => {});
    const l = s.listen(0, '127.0.0.1', () => done(l.address().port));
})));
console.log(ports.join(' '));
process.stdin.on('end', () => process.exit(0)).resume();
