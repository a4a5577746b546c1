/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sheets_zip.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#include "base/buf.h"
#include "shared_data.h"

struct zipping { zip_t *zip; arena *mem; };

static struct zipping start(const char *path)
{
    int why;
    unlink(path);
    struct zipping z = {zip_open(path, ZIP_CREATE | ZIP_EXCL, &why), arena_new((size_t)1 << 30)};
    if (!z.zip) abort();
    return z;
}

static void put(struct zipping *z, const char *name, str bytes)
{
    zip_source_t *s = zip_source_buffer(z->zip, bytes.p, bytes.n, 0);
    if (!s || zip_file_add(z->zip, name, s, ZIP_FL_OVERWRITE | ZIP_FL_ENC_UTF_8) < 0) abort();
}

static void finish(struct zipping *z)
{
    if (zip_close(z->zip) != 0) abort();
    arena_free(z->mem);
}

void zip_of(const char *path, const char *const *names, const str *bytes, size_t n)
{
    struct zipping z = start(path);
    for (size_t i = 0; i < n; i++) put(&z, names[i], bytes[i]);
    finish(&z);
}

static void samples_put(struct zipping *z, const char *without)
{
    DIR *d = opendir(BEFFROI_SOURCE_DIR "/tests/fixtures/comarquage");
    if (!d) abort();
    for (struct dirent *e; (e = readdir(d));) {
        str bytes;
        if (!str_ends(str_of(e->d_name), S(".xml")) || (without && strcmp(without, e->d_name) == 0)) continue;
        if (!file_bytes(z->mem, str_fmt(z->mem, BEFFROI_SOURCE_DIR "/tests/fixtures/comarquage/%s", e->d_name).p, &bytes)) abort();
        put(z, e->d_name, bytes);
    }
    closedir(d);
}

static const char *const what[] = {"Déclaration", "Demande", "Renouvellement", "Autorisation", "Inscription", "Attestation", "Certificat", "Allocation", "Contestation", "Résiliation", "Remboursement"};
static const char *const of_what[] = {"carte", "logement", "véhicule", "école", "contrat", "retraite", "naissance", "adoption", "succession", "location", "travaux", "impôt", "chasse", "pêche", "caution", "garde", "bourse"};
static const char *const whose[] = {"étudiant", "agriculteur", "locataire", "propriétaire", "salarié", "retraité", "mineur", "étranger", "artisan", "parent", "conjoint", "tuteur", "fonctionnaire"};
#define ONE(list_, i_) list_[(i_) % (sizeof list_ / sizeof *list_)]

/* The k-th word of sheet i, out of 30,000, the n-th of which comes 1/n as often as the first (Zipf), as in written French. */
static str rare_word(arena *mem, size_t i, size_t k)
{
    static const char *const syllables[] = {"ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "zo", "bru", "cha", "dre", "fli", "glo", "plu", "tra", "ban", "ten", "min", "son", "cur", "var", "rel"};
    const size_t n = sizeof syllables / sizeof *syllables;
    uint64_t x = (i * 64 + k + 1) * UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    size_t rank = (size_t)pow(30000.0, (double)((x ^ x >> 31) >> 11) / 9007199254740992.0);
    return str_fmt(mem, "%s%s%s%s", syllables[rank % n], syllables[rank / n % n], syllables[rank / n / n % n], syllables[rank / n / n / n % n]);
}

str comarquage_title(arena *mem, size_t i)
{
    return str_fmt(mem, "%s de %s %s, cas %zu : %.*s %.*s", ONE(what, i), ONE(of_what, i / 11), ONE(whose, i / 187), i, STR_ARG(rare_word(mem, i, 0)), STR_ARG(rare_word(mem, i, 1)));
}

str comarquage_made(arena *mem, size_t i)
{
    buf b = BUF(1 << 20);
    buf_fmt(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Publication xmlns:dc=\"http://purl.org/dc/elements/1.1/\" ID=\"F%zu\" type=\"Fiche d'information\"><dc:title>%.*s</dc:title>",
            100000 + i, STR_ARG(comarquage_title(mem, i)));
    buf_fmt(&b, "<dc:description>Qui peut faire cette démarche de %s, auprès de quel service, et ce que doit préparer le %s :", ONE(of_what, i / 11), ONE(whose, i / 187));
    for (size_t k = 2; k < 32; k++) buf_fmt(&b, " %.*s", STR_ARG(rare_word(mem, i, k)));
    buf_fmt(&b, ".</dc:description><dc:date>modified 2026-0%zu-1%zu</dc:date>", 1 + i % 9, i % 10);
    buf_fmt(&b, "<dc:type>Fiche pratique</dc:type><Theme ID=\"N%zu\"><Titre>Thème %zu</Titre></Theme><Texte>", 20000 + i % 11, i % 11);
    for (size_t k = 0; k < 6; k++)
        buf_fmt(&b, "<Chapitre><Titre><Paragraphe>%s : %s %zu</Paragraphe></Titre><Paragraphe>La règle est la même pour tous. Voir <LienInterne LienPublication=\"F%zu\">une autre fiche</LienInterne>.</Paragraphe>"
                    "<Liste type=\"puce\"><Item><Paragraphe>%s</Paragraphe></Item><Item><Paragraphe>%s</Paragraphe></Item></Liste></Chapitre>",
                ONE(what, i + k), ONE(of_what, i + 3 * k), k, 100000 + (i * 7 + k) % 4000, ONE(whose, i + k), ONE(of_what, i + k));
    buf_lit(&b, "</Texte></Publication>");
    str s = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return s;
}

void comarquage_zip(const char *path, bool with_samples, const char *without, size_t made)
{
    struct zipping z = start(path);
    if (with_samples) samples_put(&z, without);
    for (size_t i = 0; i < made; i++) put(&z, str_fmt(z.mem, "F%zu.xml", 100000 + i).p, comarquage_made(z.mem, i));
    finish(&z);
}
