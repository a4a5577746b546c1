/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/test.h"
#include "base/clock.h"
#include "base/zone.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PARIS S("Europe/Paris")
static arena *a;

static int64_t at(const char *iso)
{
    int64_t us;
    assert_ok(time_parse_iso(str_of(iso), PARIS, &us));
    return us;
}

static int64_t day(const char *iso)
{
    int64_t days;
    assert_ok(date_parse_iso(str_of(iso), &days));
    return days;
}

static void days_go_there_and_back(void **state)
{
    int y, m, d;
    assert_true(days_of(1970, 1, 1) == 0 && days_of(2000, 3, 1) == 11017 && days_of(1969, 12, 31) == -1);
    for (int64_t days = -800000; days < 800000; days += 37) {
        days_civil(days, &y, &m, &d);
        assert_true(days_of(y, m, d) == days);
    }
    assert_true(days_of(1900, 3, 1) - days_of(1900, 2, 28) == 1);
    assert_true(days_of(2000, 3, 1) - days_of(2000, 2, 28) == 2);
}

/* The reference is the C library, which reads the same files its own way. Only this test touches TZ. */
static void zones_agree_with_the_c_library(void **state)
{
    static const char *const zones[] = {"Europe/Paris", "America/Martinique", "Indian/Reunion", "Pacific/Noumea", "America/Miquelon",
        "Pacific/Marquesas", "Europe/Dublin", "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Casablanca", "Asia/Kathmandu", "UTC"};
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        assert_true(zone_known(str_of(zones[i])));
        setenv("TZ", zones[i], 1);
        tzset();
        for (int64_t s = -2000000000; s < INT64_C(5000000000); s += 1000003) {
            time_t t = (time_t)s;
            struct tm tm;
            localtime_r(&t, &tm);
            struct civil c = civil_of(s * SECOND_US, str_of(zones[i]));
            if (c.offset_s != tm.tm_gmtoff) fail_msg("%s at %lld: %d, expected %ld", zones[i], (long long)s, c.offset_s, tm.tm_gmtoff);
            assert_true(c.year == tm.tm_year + 1900 && c.month == tm.tm_mon + 1 && c.day == tm.tm_mday);
            assert_true(c.hour == tm.tm_hour && c.minute == tm.tm_min && c.second == tm.tm_sec);
            assert_int_equal(c.weekday % 7, tm.tm_wday);
        }
    }
    unsetenv("TZ");
    tzset();
}

static void an_unknown_zone_is_utc(void **state)
{
    static const char *const bad[] = {"Europe/Nowhere", "", "../../etc/passwd", "/etc/localtime", "Europe", "zone.tab", "a b"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(zone_known(str_of(bad[i])));
        assert_int_equal(civil_of(1800000000 * SECOND_US, str_of(bad[i])).offset_s, 0);
    }
}

static void zone_files_at_fault_are_refused(void **state)
{
    char bytes[8192];
    int fd = open("/usr/share/zoneinfo/Europe/Paris", O_RDONLY), offset;
    ssize_t n = read(fd, bytes, sizeof bytes);
    close(fd);
    assert_true(n > 1000);
    assert_true(zone_bytes_offset_s((str){bytes, (size_t)n}, 1800000000, &offset));
    assert_int_equal(offset, 3600);
    for (size_t cut = 0; cut < (size_t)n; cut += 3) {       /* truncated anywhere: refused, or only the footer is lost */
        if (zone_bytes_offset_s((str){bytes, cut}, 1800000000, &offset)) assert_true(cut > (size_t)n - 40);
    }
    unsigned seed = 7;
    for (int i = 0; i < 20000; i++) {                       /* one byte changed: no crash, no offset out of reason */
        seed = seed * 1103515245 + 12345;
        size_t where = (seed >> 8) % (unsigned)n;
        char kept = bytes[where];
        bytes[where] = (char)(seed >> 3);
        if (zone_bytes_offset_s((str){bytes, (size_t)n}, 1800000000 + i, &offset)) assert_in_range(offset + 700000, 0, 1400000);
        bytes[where] = kept;
    }
}

static void a_missing_hour_goes_forward(void **state)
{
    struct civil gap = {2026, 3, 29, 2, 30, 0, 0, 0}, twice = {2026, 10, 25, 2, 30, 0, 0, 0}, noon = {2026, 10, 25, 12, 0, 0, 0, 0};
    assert_str(time_iso_zone(a, civil_us(gap, PARIS), PARIS), "2026-03-29T03:30:00+02:00");
    assert_str(time_iso_zone(a, civil_us(twice, PARIS), PARIS), "2026-10-25T02:30:00+02:00");
    assert_str(time_iso_zone(a, civil_us(noon, PARIS), PARIS), "2026-10-25T12:00:00+01:00");
    for (int64_t us = at("2026-01-01T00:00:00Z"); us < at("2027-01-01T00:00:00Z"); us += 13 * MINUTE_US) {
        int64_t back = civil_us(civil_of(us, PARIS), PARIS);
        assert_true(back == us || back == us - HOUR_US);     /* the second time of an hour reads as the first */
    }
}

static void iso_texts(void **state)
{
    assert_str(time_iso(a, at("2026-11-23T23:03:04+01:00")), "2026-11-23T22:03:04Z");
    assert_str(time_iso(a, at("2026-11-23T23:03:04.5")), "2026-11-23T22:03:04.500000Z");
    assert_str(time_iso(a, at("2026-11-23 23:03")), "2026-11-23T22:03:00Z");
    assert_str(time_iso(a, at("2026-07-14t10:00:00.1234567890z")), "2026-07-14T10:00:00.123456Z");
    assert_str(time_iso(a, at("1969-12-31T23:59:59.999999Z")), "1969-12-31T23:59:59.999999Z");
    assert_str(time_iso(a, at("2026-01-01T00:00:00-0330")), "2026-01-01T03:30:00Z");
    assert_str(time_iso_zone(a, at("2026-07-01T00:00:00Z"), S("America/St_Johns")), "2026-06-30T21:30:00-02:30");
    assert_str(date_iso(a, days_of(2024, 2, 29)), "2024-02-29");
    static const char *const bad_dates[] = {"", "2026-2-3", "2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "26-04-30", "2026-04-30 ", "0000-01-01", "2026/04/30"};
    static const char *const bad_times[] = {"", "2026-11-23", "2026-11-23T24:00:00Z", "2026-11-23T10:60:00Z", "2026-11-23T10:00:60Z",
        "2026-11-23T10Z", "2026-11-23T10:00:00.Z", "2026-11-23T10:00:00+1", "2026-11-23T10:00:00Zx", "2026-11-23T10:00:00+24:00", "2026-02-30T10:00:00Z"};
    int64_t v;
    for (size_t i = 0; i < sizeof bad_dates / sizeof *bad_dates; i++) assert_err(date_parse_iso(str_of(bad_dates[i]), &v), E_INVALID);
    for (size_t i = 0; i < sizeof bad_times / sizeof *bad_times; i++) assert_err(time_parse_iso(str_of(bad_times[i]), PARIS, &v), E_INVALID);
}

static void the_clock_moves_when_told(void **state)
{
    int64_t before = clock_now_us();
    clock_shift_us(DAY_US);
    assert_true(clock_now_us() - before >= DAY_US);
    clock_freeze_us(123 * SECOND_US);
    assert_true(clock_now_us() == 123 * SECOND_US);
    clock_shift_us(SECOND_US);
    assert_true(clock_now_us() == 124 * SECOND_US);
    clock_freeze_us(0);
    assert_true(clock_now_us() - before < MINUTE_US);
    int64_t m = clock_monotonic_us();
    assert_true(clock_monotonic_us() >= m);
}

static void holidays_of_2024_to_2027(void **state)
{
    static const char *const all[] = {"2024-01-01", "2024-04-01", "2024-05-01", "2024-05-08", "2024-05-09", "2024-05-20", "2024-07-14",
        "2024-08-15", "2024-11-01", "2024-11-11", "2024-12-25", "2025-04-21", "2025-05-29", "2025-06-09", "2026-04-06", "2026-05-14", "2026-05-25",
        "2027-03-29", "2027-05-06", "2027-05-17", "2038-04-26"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) assert_true(day_is_holiday(day(all[i]), false));
    int n = 0;
    for (int64_t d = day("2026-01-01"); d <= day("2026-12-31"); d++) n += day_is_holiday(d, false);
    assert_int_equal(n, 11);
    assert_false(day_is_holiday(day("2026-04-03"), false));
    assert_true(day_is_holiday(day("2026-04-03"), true) && day_is_holiday(day("2026-12-26"), true));
    assert_false(day_is_working(day("2026-11-22"), false));
    assert_true(day_is_working(day("2026-11-23"), false));
    assert_false(day_is_working(day("2026-11-11"), false));
    /* Easter's extremes: 22 March 1818 and 25 April 1943 (its Monday is the 26th). */
    assert_true(day_is_holiday(day("1818-03-23"), false) && day_is_holiday(day("1943-04-26"), false));
}

static void span(const char *from, const char *text, bool alsace, const char *expected)
{
    struct span s;
    assert_ok(span_parse(str_of(text), &s));
    assert_str(date_iso(a, span_add_days(day(from), s, alsace)), expected);
}

static void spans(void **state)
{
    span("2026-01-31", "1 month", false, "2026-02-28");
    span("2024-01-31", "1 month", false, "2024-02-29");
    span("2026-03-31", "1 month", false, "2026-04-30");
    span("2026-12-15", "2 months", false, "2027-02-15");
    span("2024-02-29", "12 months", false, "2025-02-28");
    span("2026-11-23", "24 months", false, "2028-11-23");
    span("2026-11-23", "1 year", false, "2027-11-23");
    span("2026-11-23", "90 days", false, "2027-02-21");
    span("2026-11-23", "2 weeks", false, "2026-12-07");
    span("2026-11-23", "0 days", false, "2026-11-23");
    span("2026-11-20", "1 working day", false, "2026-11-23");       /* Friday to Monday */
    span("2026-12-24", "1 working days", false, "2026-12-28");
    span("2026-04-02", "1 working days", true, "2026-04-07");       /* Good Friday and Easter Monday in Alsace-Moselle */
    span("2026-04-02", "1 working days", false, "2026-04-03");
    span("2026-04-30", "15 working days", false, "2026-05-27");     /* 1, 8, 14 and 25 May between */
    static const char *const bad[] = {"", "5", "days", "-1 days", "1.5 days", "3 fortnights", "999999 days", "2  ", "1 jour"};
    struct span s;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_err(span_parse(str_of(bad[i]), &s), E_INVALID);
    assert_ok(span_parse(S("  3  working days "), &s));
    static const char *const typed[][2] = {{"2 mois", "2 months"}, {" 15  jours ouvrés ", "15 working days"}, {"1 Semaine", "1 weeks"}, {"30 jours", "30 days"},
                                           {"1 an", "12 months"}, {"2 months", "2 months"}};
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        assert_ok(span_typed(a, str_of(typed[i][0]), &s));
        assert_str(span_text(a, s), typed[i][1]);
    }
    assert_err(span_typed(a, S("deux mois"), &s), E_INVALID);
    assert_err(span_typed(a, S("2"), &s), E_INVALID);
    /* The time of the day stays, over the change to summer time. */
    assert_ok(span_parse(S("1 month"), &s));
    assert_str(time_iso_zone(a, span_add_us(at("2026-03-01T10:30:00.25+01:00"), s, PARIS, false), PARIS), "2026-04-01T10:30:00.250000+02:00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_go_there_and_back),          cmocka_unit_test(zones_agree_with_the_c_library),
        cmocka_unit_test(an_unknown_zone_is_utc),          cmocka_unit_test(zone_files_at_fault_are_refused),
        cmocka_unit_test(a_missing_hour_goes_forward),     cmocka_unit_test(iso_texts),
        cmocka_unit_test(the_clock_moves_when_told),       cmocka_unit_test(holidays_of_2024_to_2027),
        cmocka_unit_test(spans),
    };
    a = arena_new(0);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(a);
    return failed;
}
