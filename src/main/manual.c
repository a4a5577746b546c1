/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* beffroi manual: the page for man(1), in roff, from the tables of commands, options and settings. */
#include <string.h>

#include "main/command.h"
#include "version.h"

/* Backslashes and hyphens mean something to roff; so does a full stop or a quote that begins a line. */
static str roff(arena *mem, str s)
{
    buf b = BUF(1 << 16);
    if (s.n && (s.p[0] == '.' || s.p[0] == '\'')) buf_lit(&b, "\\&");
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\') buf_lit(&b, "\\e");
        else if (s.p[i] == '-') buf_lit(&b, "\\-");
        else buf_char(&b, s.p[i]);
    }
    str out = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return out;
}

static str roff_z(arena *mem, const char *z) { return roff(mem, str_of(z)); }

static void option_print(struct run *r, const struct option_row *o)
{
    run_print(r, ".TP\n\\fB\\-\\-%.*s\\fR", STR_ARG(roff_z(r->mem, o->name)));
    if (o->value) run_print(r, " \\fI%.*s\\fR", STR_ARG(roff_z(r->mem, o->value)));
    run_print(r, "\n%.*s\n", STR_ARG(roff_z(r->mem, o->doc)));
}

static void command_print(struct run *r, const struct command *c)
{
    run_print(r, ".TP\n\\fB%.*s\\fR", STR_ARG(roff_z(r->mem, c->name)));
    if (*c->usage) run_print(r, " \\fI%.*s\\fR", STR_ARG(roff_z(r->mem, c->usage)));
    for (str one, rest = str_of(c->options); rest.p;) {
        one = str_split(rest, ' ', &rest);
        for (const struct option_row *o = option_rows; o->name; o++)
            if (str_is(one, o->name)) run_print(r, o->value ? " [\\-\\-%.*s\\ \\fI%s\\fR]" : " [\\-\\-%.*s]", STR_ARG(roff(r->mem, one)), o->value);
    }
    run_print(r, "\n%.*s\n", STR_ARG(roff_z(r->mem, c->doc)));
}

int manual_run(struct run *r)
{
    run_print(r, ".\\\" SPDX-License-Identifier: AGPL-3.0-or-later\n.TH BEFFROI 8 \"\" \"Beffroi %s\" \"System administration\"\n", BEFFROI_VERSION);
    run_print(r, ".SH NAME\nbeffroi \\- town server: procedures, reports, participation\n"
                 ".SH SYNOPSIS\n\\fBbeffroi\\fR \\fICOMMAND\\fR [\\fIWORDS\\fR] [\\fIOPTIONS\\fR]\n"
                 ".SH DESCRIPTION\nServes the digital public life of a town. A command on a data directory that is being served is sent to the server and run there.\n"
                 "Typed by root on the directory of another account, it runs as that account.\n.SH COMMANDS\n");
    for (const struct command *c = commands; c->name; c++) command_print(r, c);
    run_print(r, ".SH OPTIONS\n");
    for (const struct option_row *o = option_rows; o->name; o++) option_print(r, o);
    run_print(r, ".SH SETTINGS\nLines \\fIname = value\\fR of the file of settings; each is overridden by BEFFROI_NAME in the environment.\n");
    for (const struct setting_row *s = setting_rows; s->name; s++)
        run_print(r, ".TP\n\\fB%.*s\\fR = %.*s\n%.*s\n", STR_ARG(roff_z(r->mem, s->name)), STR_ARG(roff_z(r->mem, s->fallback)), STR_ARG(roff_z(r->mem, s->doc)));
    run_print(r, ".SH ENVIRONMENT\n.TP\n\\fBBEFFROI_CONF\\fR\nThe file of settings.\n"
                 ".SH FILES\n.TP\n\\fI/etc/beffroi/beffroi.conf\\fR\nSettings of the machine.\n.TP\n\\fI/var/lib/beffroi\\fR\nData of the towns, as packaged.\n"
                 ".SH EXIT STATUS\n0: done. 1: the work found a fault. 2: wrong use.\n");
    return DONE;
}
