/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* descriptors --seed 1 --count 500 [--conditions PERCENT] [--plain] -o DIR : writes DIR/descriptor-0000.json … (tests/support/descriptors.h) */
#include "descriptors.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static void usage(void)
{
    fprintf(stderr, "descriptors --seed N --count N [--conditions PERCENT] [--plain] -o DIR\n");
    exit(2);
}

static int number(const char *text)
{
    int64_t n;
    if (str_i64(str_of(text), &n).code != OK || n < 0 || n > 1000000)
        usage();
    return (int)n;
}

static void write_one(struct descriptor_wish wish, const char *folder)
{
    arena *mem = arena_new((size_t)1 << 30);
    str text = json_pretty(mem, descriptor_made(mem, wish));
    const char *path = str_z(mem, str_fmt(mem, "%s/descriptor-%04d.json", folder, wish.number));
    FILE *f = fopen(path, "wb");

    if (!f || fwrite(text.p, 1, text.n, f) != text.n || fclose(f) != 0) {
        perror(path);
        exit(1);
    }
    arena_free(mem);
}

int main(int argc, char **argv)
{
    static const struct option known[] = {{"seed", 1, NULL, 's'}, {"count", 1, NULL, 'n'}, {"conditions", 1, NULL, 'c'}, {"plain", 0, NULL, 'p'}, {0}};
    struct descriptor_wish wish = {.seed = 1};
    const char *folder = NULL;
    int count = 500;

    for (int c; (c = getopt_long(argc, argv, "o:", known, NULL)) != -1;) {
        switch (c) {
        case 's': wish.seed = (uint64_t)number(optarg); break;
        case 'n': count = number(optarg); break;
        case 'c': wish.conditions_percent = number(optarg); break;
        case 'p': wish.plain = true; break;
        case 'o': folder = optarg; break;
        default: usage();
        }
    }
    if (!folder || optind < argc)
        usage();
    mkdir(folder, 0777);
    for (wish.number = 0; wish.number < count; wish.number++)
        write_one(wish, folder);
    return 0;
}
