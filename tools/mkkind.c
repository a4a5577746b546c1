/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* mkkind — the YAML of shipped kinds, lists and asks, turned into JSON text compiled in; ready procedures (library/) in a table of their own.
   mkkind OUT.c OUT.h FILE.yaml…      *.kind.yaml, *.list.yaml, asks.yaml
   A file that is no YAML, or whose first words do not fit, stops the build with its line; kind_test.c parses all of them whole. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/yaml.h"

static int faults;

static void fault(const char *path, const char *what, const char *at)
{
    fprintf(stderr, "%s: %s%s%s\n", path, what, at ? ", " : "", at ? at : "");
    faults++;
}

static str file_read(arena *mem, const char *path)
{
    FILE *f = fopen(path, "rb");
    char *p = arena_alloc(mem, YAML_MAX_BYTES + 1);
    size_t n = f ? fread(p, 1, YAML_MAX_BYTES, f) : 0;
    if (!f) fault(path, "cannot be read", NULL);
    else fclose(f);
    return (str){p, n};
}

/* The text as a C string: in pieces, since a compiler may refuse very long ones. */
static void text_write(FILE *out, str s)
{
    fputs("    \"", out);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\') fprintf(out, "\\%c", c);
        else if (c < 32 || c >= 127) fprintf(out, "\\%03o", c);
        else fputc(c, out);
        if (i % 100 == 99) fputs("\"\n    \"", out);
    }
    fputs("\"", out);
}

static bool path_ends(const char *path, const char *end) { return str_ends(str_of(path), str_of(end)); }
static bool in_library(const char *path) { return strstr(path, "/library/") != NULL; }

static json_t *yaml_of(arena *mem, const char *path)
{
    json_t *v = NULL;
    err e = yaml_parse(mem, file_read(mem, path), &v);
    if (e.code != OK) fault(path, e.msg, e.at);
    else if (!json_is_object(v)) fault(path, "a map is expected", NULL);
    else return v;
    return NULL;
}

/* Keys in their order: jansson keeps it, and people read fields and transitions in it. */
static str json_write(arena *mem, const json_t *v)
{
    char *z = json_dumps(v, JSON_COMPACT);
    str s = str_copy(mem, str_of(z));
    free(z);
    return s;
}

struct table { const char *function, *end, *key; bool library; const char *names; /* of the array of names; NULL: none */ };

static void table_write(arena *mem, FILE *out, struct table t, int n, char **paths)
{
    struct strs names = {0};
    fprintf(out, "\nconst char *%s(const char *name)\n{\n", t.function);
    for (int i = 0; i < n; i++) {
        if (!path_ends(paths[i], t.end) || in_library(paths[i]) != t.library) continue;
        json_t *v = yaml_of(mem, paths[i]);
        if (!v) continue;
        str name = json_str(v, t.key);
        if (!name.n) fault(paths[i], "its name is missing", t.key);
        for (size_t j = 0; j < names.n; j++)
            if (str_eq(names.v[j], name)) fault(paths[i], "the name is taken", str_z(mem, name));
        PUSH(mem, &names, name);
        fprintf(out, "    if (strcmp(name, \"%.*s\") == 0)\n        return\n", STR_ARG(name));
        text_write(out, json_write(mem, v));
        fputs(";\n", out);
    }
    fputs("    return NULL;\n}\n", out);
    if (!t.names) return;
    fprintf(out, "\nconst char *const %s[] = {", t.names);
    for (size_t j = 0; j < names.n; j++) fprintf(out, "\"%.*s\", ", STR_ARG(names.v[j]));
    fputs("NULL};\n", out);
}

int main(int argc, char **argv)
{
    if (argc < 3) return fprintf(stderr, "mkkind OUT.c OUT.h FILE.yaml…\n"), 2;
    arena *mem = arena_new((size_t)1 << 30);
    FILE *out = fopen(argv[1], "wb"), *header = fopen(argv[2], "wb");
    if (!out || !header) return fprintf(stderr, "%s: cannot be written\n", argv[1]), 1;
    fputs("/* made by tools/mkkind */\n#include \"core/kind.h\"\n#include <string.h>\n", out);
    fputs("/* made by tools/mkkind */\n#pragma once\n#include \"core/kind.h\"\n", header);
    static const struct table tables[] = {{"kind_yaml_shipped", ".kind.yaml", "kind", false, "kind_names_shipped"},
                                          {"kind_yaml_library", ".kind.yaml", "kind", true, "kind_names_library"},
                                          {"list_yaml_shipped", ".list.yaml", "list", false, NULL}};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) table_write(mem, out, tables[i], argc - 3, argv + 3);
    fputs("\nconst char asks_shipped[] =\n", out);
    str asks = S("{}");
    for (int i = 3; i < argc; i++) {
        json_t *v = path_ends(argv[i], "/asks.yaml") ? yaml_of(mem, argv[i]) : NULL;
        if (v) asks = json_write(mem, v);
    }
    text_write(out, asks);
    fputs(";\n", out);
    fclose(header);
    if (fclose(out) != 0) fault(argv[1], "cannot be written", NULL);
    arena_free(mem);
    if (faults) remove(argv[1]);
    return faults ? 1 : 0;
}
