/* Greetings, factorials, sums as text, lines of a file. */
#include "core/text.h"

#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Calls core_say_hello in a child process whose standard output is the file. Returns the child's
 * status: that of the call, or 100 if the greetings or errno are not as expected. */
static int say_hello_into(const char *path, unsigned times, uint32_t greetings, int error)
{
    int outcome = -1;
    pid_t child;

    fflush(stdout);
    child = fork();
    if (child == 0) {
        int file = open(path, O_WRONLY | O_TRUNC);
        enum core_status status = CORE_OK;

        if (file < 0 || dup2(file, STDOUT_FILENO) < 0) {
            _exit(101);
        }
        core_greetings = 0;
        errno = 0;
        for (unsigned i = 0; i < times; i++) {
            status = core_say_hello();
        }
        /* Without a flush of the child's own: what was said must be out. */
        _exit(core_greetings == greetings && errno == error ? (int)status : 100);
    }
    CHECK(child > 0);
    CHECK(waitpid(child, &outcome, 0) == child);
    return WIFEXITED(outcome) ? WEXITSTATUS(outcome) : 102;
}

/* Makes a file with the content, for one test; the caller removes it. */
static void make_file(char path[32], const char *content, size_t size)
{
    int file;

    strcpy(path, "core-test-XXXXXX");
    file = mkstemp(path);
    CHECK(file >= 0);
    CHECK(write(file, content, size) == (ssize_t)size);
    CHECK(close(file) == 0);
}

static void hello_is_printed_with_a_newline_and_flushed(void)
{
    char path[32];
    char content[64] = "";
    FILE *file;

    make_file(path, "", 0);
    CHECK_INT(say_hello_into(path, 2, 2, 0), CORE_OK);
    file = fopen(path, "r");
    CHECK(file != NULL && fread(content, 1, sizeof content - 1, file) == 26);
    CHECK_TEXT(content, "Hello world!\nHello world!\n");
    if (file != NULL) {
        fclose(file);
    }
    unlink(path);
}

static void hello_into_a_full_device_is_an_io_error_with_errno(void)
{
    if (access("/dev/full", W_OK) != 0) {
        printf("# there is no /dev/full\n");
        return;
    }
    CHECK_INT(say_hello_into("/dev/full", 1, 0, ENOSPC), CORE_IO);
}

static void the_factorials_that_fit(void)
{
    uint64_t product = 1;

    for (uint32_t n = 0; n <= 20; n++) {
        uint64_t result = 0;

        product *= n > 0 ? n : 1;
        CHECK_OK(core_fact(n, &result));
        CHECK_UINT(result, product);
    }
    CHECK_UINT(product, UINT64_C(2432902008176640000));
}

static void a_factorial_that_does_not_fit_overflows(void)
{
    uint64_t result = 7;

    CHECK_FAILS(core_fact(21, &result), CORE_OVERFLOW, "21! does not fit in 64 bits");
    CHECK_STATUS(core_fact(UINT32_MAX, &result), CORE_OVERFLOW);
    CHECK_UINT(result, 7);
}

static void a_sum_as_a_string_of_its_own(void)
{
    char *text = NULL;

    CHECK_OK(core_sum_as_string(9000, 1, &text));
    CHECK_TEXT(text, "9001");
    core_free(text);
    CHECK_OK(core_sum_as_string(0, 0, &text));
    CHECK_TEXT(text, "0");
    core_free(text);
    CHECK_OK(core_sum_as_string(UINT64_MAX - 1, 1, &text));
    CHECK_TEXT(text, "18446744073709551615");
    core_free(text);
}

static void a_sum_beyond_64_bits_overflows(void)
{
    char *text = NULL;
    char buffer[CORE_SUM_TEXT_SIZE] = "kept";
    size_t length = 7;

    CHECK_FAILS(core_sum_as_string(UINT64_MAX, 1, &text), CORE_OVERFLOW,
                "the sum does not fit in 64 bits: 18446744073709551615 + 1");
    CHECK(text == NULL);
    CHECK_STATUS(core_sum_to_buffer(UINT64_MAX, UINT64_MAX, buffer, sizeof buffer, &length),
                 CORE_OVERFLOW);
    CHECK_TEXT(buffer, "kept");
    CHECK_UINT(length, 7);
}

static void a_sum_in_a_buffer(void)
{
    char buffer[CORE_SUM_TEXT_SIZE];
    size_t length;

    CHECK_OK(core_sum_to_buffer(9000, 1, buffer, sizeof buffer, &length));
    CHECK_TEXT(buffer, "9001");
    CHECK_UINT(length, 4);
    CHECK_OK(core_sum_to_buffer(UINT64_MAX, 0, buffer, sizeof buffer, &length));
    CHECK_TEXT(buffer, "18446744073709551615");
    CHECK_UINT(length, 20);
    CHECK_OK(core_sum_to_buffer(9000, 1, buffer, 5, &length));
}

static void a_sum_is_cut_to_a_small_buffer_and_says_what_it_needs(void)
{
    char buffer[8] = "#######";
    size_t length = 0;

    CHECK_FAILS(core_sum_to_buffer(9000, 1, buffer, 4, &length), CORE_TRUNCATED,
                "the text takes 4 bytes and a NUL, the buffer has 4");
    CHECK_TEXT(buffer, "900");
    CHECK_INT(buffer[4], '#');
    CHECK_UINT(length, 4);
    CHECK_STATUS(core_sum_to_buffer(9000, 1, buffer, 1, &length), CORE_TRUNCATED);
    CHECK_TEXT(buffer, "");
    CHECK_STATUS(core_sum_to_buffer(9000, 1, NULL, 0, &length), CORE_TRUNCATED);
    CHECK_UINT(length, 4);
}

static void check_lines(const char *content, size_t size, uint64_t expected)
{
    char path[32];
    uint64_t lines = 99;

    make_file(path, content, size);
    CHECK_OK(core_count_lines(path, &lines));
    CHECK_UINT(lines, expected);
    unlink(path);
}

static void lines_end_in_newlines_and_the_last_need_not(void)
{
    check_lines("", 0, 0);
    check_lines("\n", 1, 1);
    check_lines("a", 1, 1);
    check_lines("a\n", 2, 1);
    check_lines("a\nb", 3, 2);
    check_lines("a\nb\n", 4, 2);
    check_lines("\n\n\n", 3, 3);
    check_lines("a\0b\nc\0", 6, 2);
}

static void lines_of_a_file_of_many_blocks(void)
{
    static char content[100003];

    for (size_t i = 0; i < sizeof content; i++) {
        content[i] = i % 7 == 6 ? '\n' : 'x';
    }
    check_lines(content, sizeof content, 14287);
    /* A newline as the last byte of a block, and the first of the next. */
    memset(content, 'x', sizeof content);
    content[16383] = '\n';
    check_lines(content, 16384, 1);
    content[16384] = '\n';
    check_lines(content, 16385, 2);
}

static void a_file_that_is_not_there_is_an_io_error_with_errno(void)
{
    uint64_t lines = 7;

    errno = 0;
    CHECK_FAILS(core_count_lines("no/such/file", &lines), CORE_IO,
                "cannot open the file: No such file or directory");
    CHECK_INT(errno, ENOENT);
    CHECK_UINT(lines, 7);
}

static void a_directory_is_an_io_error_with_errno(void)
{
    uint64_t lines = 7;

    errno = 0;
    CHECK_FAILS(core_count_lines(".", &lines), CORE_IO, "cannot read the file: Is a directory");
    CHECK_INT(errno, EISDIR);
    CHECK_UINT(lines, 7);
}

static void null_pointers_are_refused(void)
{
    uint64_t lines;
    char text[8];

    CHECK_FAILS(core_fact(1, NULL), CORE_INVALID, "result is NULL");
    CHECK_FAILS(core_sum_as_string(1, 2, NULL), CORE_INVALID, "text is NULL");
    CHECK_FAILS(core_sum_to_buffer(1, 2, NULL, 8, (size_t[]){0}), CORE_INVALID, "buffer is NULL");
    CHECK_FAILS(core_sum_to_buffer(1, 2, text, 8, NULL), CORE_INVALID, "length is NULL");
    CHECK_FAILS(core_count_lines(NULL, &lines), CORE_INVALID, "path is NULL");
    CHECK_FAILS(core_count_lines(".", NULL), CORE_INVALID, "lines is NULL");
}

static void an_apple_is_stuck(void)
{
    CHECK_FAILS(core_throws_error(), CORE_STUCK, "Hello Error: 🍏🍏");
}

int main(void)
{
    static const struct test tests[] = {
        TEST(hello_is_printed_with_a_newline_and_flushed),
        TEST(hello_into_a_full_device_is_an_io_error_with_errno),
        TEST(the_factorials_that_fit),
        TEST(a_factorial_that_does_not_fit_overflows),
        TEST(a_sum_as_a_string_of_its_own),
        TEST(a_sum_beyond_64_bits_overflows),
        TEST(a_sum_in_a_buffer),
        TEST(a_sum_is_cut_to_a_small_buffer_and_says_what_it_needs),
        TEST(lines_end_in_newlines_and_the_last_need_not),
        TEST(lines_of_a_file_of_many_blocks),
        TEST(a_file_that_is_not_there_is_an_io_error_with_errno),
        TEST(a_directory_is_an_io_error_with_errno),
        TEST(null_pointers_are_refused),
        TEST(an_apple_is_stuck),
    };

    return RUN_TESTS(tests);
}
