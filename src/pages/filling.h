/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* filling.h — from the first page of a form to its receipt, for any kind: the structs of the pages, and how a service begins one. */
#pragma once
#include "core/receipt.h"
#include "pages/holder.h"
#include "view/layout.h"
#include "view/parts.h"

/* The code is shown when the draft begins: it is how one comes back without an account. */
struct danger { str text, phone; };         /* kind setting: who must call instead */
struct page_begin { struct layout l; struct danger danger; str title, kind_title, reference, code; struct url action, start, print; str email, birth_date; struct links faults;
                    bool ask_birth /* the mail or the birth date */, required, mailed; };

struct page_code { struct layout l; str kind_title, reference, code, address, second; struct url back; int64_t until_us; };

struct page_filling { struct layout l; struct danger danger; str kind_title, page_title, reference; int64_t step, steps; struct url action, save, back, quit, print; str draft_id;
                      struct html fields; struct links faults; bool is_correction, at_counter; str correction_words; bool has_files, saved; };

/* What is done with the answers (GDPR, article 13); no purpose: nothing to say. Whom to ask: before, a mail address found in it, after. */
struct personal { str purpose, basis, recipients, retention, before, mail, after; };
struct page_check { struct layout l; str kind_title, reference; struct part_answers answers; struct links faults, near /* the same, nearby */; str file_label; struct url action, back, quit;
                    struct personal personal; bool is_correction, at_counter; str draft_version; };

struct page_receipt { struct layout l; str kind_title, reference, code; struct receipt r; struct url follow, public_at, print, quit, desk; str title, follow_label; bool mailed; str email; bool at_counter /* and it is an agent who looks */; };

struct mine { str title, reference, state, tone; struct url at, leave; int64_t updated_us; };
struct mines { struct mine *v; size_t n; };
struct page_find { struct layout l; str reference, code, second; str said; struct mines mine /* of the account */, here /* that this device opens */; };

/* Starts a draft of the kind and leads to its first page: the code first for somebody without an account. channel: "web" | "counter". */
err filling_begin(struct req *q, const struct kind *k, int64_t body, const char *channel);
err correction_asked(struct req *q, int64_t record, str *out);      /* what the agent wrote last; absent: nothing */
struct link fault_link(struct req *q, const struct answer_fault *f, struct url at);
extern const struct route filling_routes[];
extern const struct route filing_routes[];
extern const struct route follow_routes[];
extern const struct route file_routes[];
extern const struct route api_routes[];
struct personal filling_notice(struct req *q, const struct kind *k, int64_t body);
err draw_lines(struct req *q, const struct held *h, const json_t *doc, bool editable, struct part_answers *out);
