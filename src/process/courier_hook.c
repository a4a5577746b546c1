/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Webhooks. */
#include <sodium.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/clock.h"
#include "process/address.h"
#include "process/courier_work.h"

#define REPLY_MAX_BYTES (64u << 10)
#define TIMEOUT_MS      10000L

struct call {
    bool private_addresses, address_refused;
    buf reply;
};

/* The address here is the one about to be connected: no second look at the DNS can change it. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
    struct call *call = arg;
    (void)purpose;
    if (!call->private_addresses && !address_is_public(&a->addr)) {
        call->address_refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static size_t take_reply(char *p, size_t size, size_t n, void *arg)
{
    struct call *call = arg;
    buf_put(&call->reply, (str){p, size * n});
    return call->reply.full ? 0 : size * n; /* too long: the status is known, the rest is not needed */
}

static str signature(arena *mem, const struct webhook *h, long long at_s)
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    char text[sodium_base64_ENCODED_LEN(sizeof mac, sodium_base64_VARIANT_ORIGINAL)];
    crypto_auth_hmacsha256_state state;
    str head = str_fmt(mem, "%.*s.%lld.", STR_ARG(h->delivery_id), at_s);
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)(h->secret.p ? h->secret.p : ""), h->secret.n);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)head.p, head.n);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)(h->body.p ? h->body.p : ""), h->body.n);
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_bin2base64(text, sizeof text, mac, sizeof mac, sodium_base64_VARIANT_ORIGINAL);
    return str_fmt(mem, "webhook-signature: v1,%s", text);
}

static struct curl_slist *headers_of(arena *mem, const struct webhook *h)
{
    long long at_s = h->at_us / SECOND_US;
    struct curl_slist *l = curl_slist_append(NULL, "Content-Type: application/json");
    l = curl_slist_append(l, "Expect:");
    l = curl_slist_append(l, str_fmt(mem, "webhook-id: %.*s", STR_ARG(h->delivery_id)).p);
    l = curl_slist_append(l, str_fmt(mem, "webhook-timestamp: %lld", at_s).p);
    return curl_slist_append(l, signature(mem, h, at_s).p);
}

static enum delivery_class class_of(CURLcode result, long code, const struct call *call)
{
    if (call->address_refused || result == CURLE_URL_MALFORMAT || result == CURLE_UNSUPPORTED_PROTOCOL)
        return DELIVERY_REFUSED;
    if (code == 0 || (result != CURLE_OK && result != CURLE_WRITE_ERROR)) return DELIVERY_RETRY;
    if (code / 100 == 2) return DELIVERY_SENT;
    return code == 408 || code == 425 || code == 429 || code >= 500 ? DELIVERY_RETRY : DELIVERY_REFUSED;
}

static void perform(CURL *c, struct courier_thread *t, struct call *call, const char *error,
                    struct delivery *out)
{
    long code = 0;
    curl_off_t wait_s = 0;
    CURLcode result = curl_easy_perform(c);
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &code);
    curl_easy_getinfo(c, CURLINFO_RETRY_AFTER, &wait_s);
    out->class = class_of(result, code, call);
    out->code = (int)code;
    out->retry_after_s = wait_s > 0 && wait_s < 7 * 86400 ? (int)wait_s : 0;
    if (call->address_refused)
        out->text = S("this address is not on the public Internet: refused");
    else if (code / 100 == 3)
        out->text = S("the receiver answers by a redirect: not followed, give its final address");
    else
        out->text = courier_one_line(t->mem, code ? buf_str(&call->reply)
                                                  : str_of(error[0] ? error : curl_easy_strerror(result)));
}

static bool is_header_word(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] >= 0x7f) return false;
    return s.n > 0 && s.n <= 200;
}

void courier_do_webhook(struct courier_thread *t, const struct webhook *h, struct delivery *out)
{
    char error[CURL_ERROR_SIZE];
    struct call call = {.private_addresses = t->settings->private_addresses, .reply = BUF(REPLY_MAX_BYTES)};
    *out = (struct delivery){DELIVERY_REFUSED, 0, 0, S("bad delivery id")};
    if (!is_header_word(h->delivery_id)) return;
    CURL *c = curl_easy_init();
    struct curl_slist *headers = headers_of(t->mem, h);
    courier_curl_defaults(c, t->settings, error);
    curl_easy_setopt(c, CURLOPT_URL, str_z(t->mem, h->url));
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, call.private_addresses ? "http,https" : "https");
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, &call);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_reply);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, &call);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "Beffroi");
    curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)h->body.n);
    curl_easy_setopt(c, CURLOPT_POSTFIELDS, h->body.p ? h->body.p : "");
    perform(c, t, &call, error, out);
    curl_slist_free_all(headers);
    curl_easy_cleanup(c);
    buf_free(&call.reply);
}
