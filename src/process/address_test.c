/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <arpa/inet.h>
#include <netinet/in.h>
#include "base/test.h"
#include "process/address.h"

static bool is_public(const char *text)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) return address_is_public((struct sockaddr *)&v4);
    assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
    return address_is_public((struct sockaddr *)&v6);
}

static void the_internet_is_public(void **state)
{
    static const char *const yes[] = {"1.1.1.1",
                                      "8.8.8.8",
                                      "9.255.255.255",
                                      "11.0.0.1",
                                      "100.63.255.255",
                                      "100.128.0.1",
                                      "126.255.255.255",
                                      "128.0.0.1",
                                      "169.253.255.255",
                                      "172.15.255.255",
                                      "172.32.0.1",
                                      "192.167.255.255",
                                      "192.169.0.1",
                                      "198.17.255.255",
                                      "198.20.0.1",
                                      "223.255.255.255",
                                      "2001:4860:4860::8888",
                                      "2a01:e0a::1",
                                      "2606:4700::1111",
                                      "64:ff9b::8.8.8.8",
                                      "::ffff:8.8.8.8",
                                      "2002:808:808::1"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (!is_public(yes[i])) fail_msg("%s is public", yes[i]);
}

static void the_rest_is_not(void **state)
{
    static const char *const no[] = {"0.0.0.0",
                                     "0.1.2.3",
                                     "10.0.0.1",
                                     "10.255.255.255",
                                     "100.64.0.1",
                                     "100.127.255.255",
                                     "127.0.0.1",
                                     "127.255.255.254",
                                     "169.254.169.254",
                                     "172.16.0.1",
                                     "172.31.255.255",
                                     "192.0.0.1",
                                     "192.0.2.1",
                                     "192.168.0.1",
                                     "198.18.0.1",
                                     "198.19.255.255",
                                     "198.51.100.1",
                                     "203.0.113.1",
                                     "224.0.0.1",
                                     "239.255.255.255",
                                     "240.0.0.1",
                                     "255.255.255.255",
                                     "::",
                                     "::1",
                                     "::127.0.0.1",
                                     "::ffff:127.0.0.1",
                                     "::ffff:10.0.0.1",
                                     "::ffff:169.254.169.254",
                                     "64:ff9b::10.0.0.1",
                                     "64:ff9b:1::1",
                                     "100::1",
                                     "fc00::1",
                                     "fd12:3456::1",
                                     "fe80::1",
                                     "fec0::1",
                                     "ff02::1",
                                     "2001:db8::1",
                                     "2001::1",
                                     "2001:10::1",
                                     "2002:7f00:1::1",
                                     "2002:a00:1::1",
                                     "3fff::1",
                                     "4000::1"};
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (is_public(no[i])) fail_msg("%s is not public", no[i]);
    struct sockaddr local = {.sa_family = AF_UNIX};
    assert_false(address_is_public(&local));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_internet_is_public),
        cmocka_unit_test(the_rest_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
