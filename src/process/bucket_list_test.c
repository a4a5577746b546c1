/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The XML of ListObjectsV2, as servers write it; and what is no list. The first is the example of Amazon's reference, shortened. */
#include "base/test.h"
#include "base/clock.h"
#include "process/bucket_list.h"

static const char page[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\n  <Name>bucket</Name>\n"
    "  <Prefix>ville/</Prefix><NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=&lt;&#x2b;&#43;</NextContinuationToken>\n"
    "  <KeyCount>2</KeyCount><MaxKeys>2</MaxKeys><IsTruncated>true</IsTruncated>\n"
    "  <Contents><Key>ville/1/ab/my-image.jpg</Key><LastModified>2009-10-12T17:50:30.000Z</LastModified><ETag>&quot;fba9dede5f27731c9771645a39863328&quot;</ETag>"
    "<Size>434234</Size><StorageClass>STANDARD</StorageClass><Owner><ID>8a69b1ddee97</ID><DisplayName>size</DisplayName></Owner></Contents>\n"
    "  <Contents>\n    <ETag>x</ETag>\n    <Size>0</Size>\n    <LastModified>2026-11-29T20:57:24Z</LastModified>\n    <Key>ville/a&amp;b</Key>\n  </Contents>\n"
    "  <Contents><Key>autre/c</Key><LastModified>2026-11-29T20:57:24Z</LastModified><Size>1</Size></Contents>\n</ListBucketResult>";

static arena *mem;

static void a_page_is_read(void **state)
{
    struct file_reply p = {0};
    int64_t at;
    assert_ok(bucket_list_parse(mem, str_of(page), S("ville/"), &p));
    assert_int_equal(p.n, 2); /* the third is not under the prefix */
    assert_str(p.v[0].key, "1/ab/my-image.jpg");
    assert_int_equal(p.v[0].size_bytes, 434234);
    assert_ok(time_parse_iso(S("2009-10-12T17:50:30Z"), S("UTC"), &at));
    assert_int_equal(p.v[0].modified_us, at);
    assert_str(p.v[1].key, "a&b");
    assert_str(p.next, "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=<++");
}

static void the_last_page_has_no_next(void **state)
{
    struct file_reply p = {.next = S("before")};
    assert_ok(bucket_list_parse(mem, S("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"), S(""), &p));
    assert_int_equal(p.n, 0);
    assert_null(p.next.p);
}

/* A list cut short would make a sweep or a backup take a part for the whole. */
static void what_is_not_whole_is_refused(void **state)
{
    struct file_reply p;
    for (size_t n = 0; n < sizeof page - 1; n += 7) assert_err(bucket_list_parse(mem, (str){page, n}, S("ville/"), &p), E_MALFORMED);
    static const char *const others[] = {"", "<html><body>Sign in</body></html>", "<Error><Code>AccessDenied</Code></Error>",
        "<ListBucketResult><Contents><Key>a</Key><Size>x</Size><LastModified>2009-10-12T17:50:30.000Z</LastModified></Contents></ListBucketResult>",
        "<ListBucketResult><Contents><Key>a</Key><Size>1</Size><LastModified>yesterday</LastModified></Contents></ListBucketResult>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
        "<ListBucketResult><Contents><Key>a</Key><Size>1</Size></ListBucketResult>"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) assert_err(bucket_list_parse(mem, str_of(others[i]), S(""), &p), E_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_page_is_read), cmocka_unit_test(the_last_page_has_no_next), cmocka_unit_test(what_is_not_whole_is_refused)};
    mem = arena_new(0);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(mem);
    return failed;
}
