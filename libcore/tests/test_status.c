/* Statuses, their messages, and the version. */
#include "core/core.h"

#include "check.h"

#include <errno.h>

static void every_status_has_a_message_of_its_own(void)
{
    const char *seen[CORE_TRUNCATED + 1];

    for (int status = CORE_OK; status <= CORE_TRUNCATED; status++) {
        seen[status] = core_status_message((enum core_status)status);
        CHECK(seen[status][0] != '\0');
        for (int other = CORE_OK; other < status; other++) {
            CHECK(strcmp(seen[status], seen[other]) != 0);
        }
    }
}

static void the_values_of_statuses_are_fixed(void)
{
    CHECK_INT(CORE_OK, 0);
    CHECK_INT(CORE_INVALID, 1);
    CHECK_INT(CORE_OVERFLOW, 2);
    CHECK_INT(CORE_NOMEM, 3);
    CHECK_INT(CORE_IO, 4);
    CHECK_INT(CORE_STUCK, 5);
    CHECK_INT(CORE_INDEX, 6);
    CHECK_INT(CORE_TRUNCATED, 7);
}

static void an_unknown_status_has_a_message(void)
{
    CHECK_TEXT(core_status_message((enum core_status)1000), "unknown status");
    CHECK_TEXT(core_error_message((enum core_status)1000), "unknown status");
}

static void the_error_message_is_general_before_any_failure(void)
{
    CHECK_TEXT(core_error_message(CORE_OVERFLOW), core_status_message(CORE_OVERFLOW));
    CHECK_TEXT(core_error_message(CORE_OK), "success");
}

static void the_error_message_tells_the_detail_of_the_last_failure(void)
{
    CHECK_FAILS(core_throws_error(), CORE_STUCK, "Hello Error: 🍏🍏");
    CHECK_FAILS(core_throws_error(), CORE_STUCK, "Hello Error: \xf0\x9f\x8d\x8f\xf0\x9f\x8d\x8f");
}

static void the_error_message_is_general_for_another_status(void)
{
    CHECK_STATUS(core_throws_error(), CORE_STUCK);
    CHECK_TEXT(core_error_message(CORE_INVALID), "invalid argument");
    CHECK_TEXT(core_error_message(CORE_OK), "success");
}

static void a_success_keeps_the_last_failure(void)
{
    uint64_t result;

    CHECK_STATUS(core_throws_error(), CORE_STUCK);
    CHECK_OK(core_fact(3, &result));
    CHECK_TEXT(core_error_message(CORE_STUCK), "Hello Error: 🍏🍏");
}

static void a_failure_keeps_errno(void)
{
    errno = ERANGE;
    CHECK_STATUS(core_throws_error(), CORE_STUCK);
    CHECK_INT(errno, ERANGE);
}

static void a_null_pointer_is_invalid_and_named(void)
{
    CHECK_FAILS(core_fact(3, NULL), CORE_INVALID, "result is NULL");
}

static void the_library_has_the_version_of_its_headers(void)
{
    char version[32];

    CHECK_TEXT(core_version(), CORE_VERSION);
    CHECK_UINT(core_version_number, CORE_VERSION_NUMBER);
    snprintf(version, sizeof version, "%d.%d.%d", CORE_VERSION_MAJOR, CORE_VERSION_MINOR,
             CORE_VERSION_PATCH);
    CHECK_TEXT(core_version(), version);
}

int main(void)
{
    static const struct test tests[] = {
        TEST(the_error_message_is_general_before_any_failure),
        TEST(every_status_has_a_message_of_its_own),
        TEST(the_values_of_statuses_are_fixed),
        TEST(an_unknown_status_has_a_message),
        TEST(the_error_message_tells_the_detail_of_the_last_failure),
        TEST(the_error_message_is_general_for_another_status),
        TEST(a_success_keeps_the_last_failure),
        TEST(a_failure_keeps_errno),
        TEST(a_null_pointer_is_invalid_and_named),
        TEST(the_library_has_the_version_of_its_headers),
    };

    return RUN_TESTS(tests);
}
