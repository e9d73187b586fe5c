/* Words and how often they occur. */
#include "core/text.h"

#include "check.h"

/* Checks that the text has these words and counts, written "word 2, other 1". */
static void check_words(const char *text, const char *expected)
{
    char found[512] = "";
    char **words = NULL;
    uint64_t *counts = NULL;
    size_t n = 0;

    if (!CHECK_OK(core_word_count(text, &words, &counts, &n))) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        size_t used = strlen(found);

        snprintf(found + used, sizeof found - used, "%s%s %" PRIu64, i > 0 ? ", " : "", words[i],
                 counts[i]);
    }
    CHECK_TEXT(found, expected);
    CHECK(words[n] == NULL);
    core_free(words);
    core_free(counts);
}

static void words_are_counted_in_order_of_first_appearance(void)
{
    check_words("the cat and the dog and the bird", "the 3, cat 1, and 2, dog 1, bird 1");
}

static void a_text_without_words_has_none(void)
{
    char **words = NULL;
    uint64_t *counts = NULL;
    size_t n = 9;

    CHECK_OK(core_word_count("", &words, &counts, &n));
    CHECK_UINT(n, 0);
    CHECK(words != NULL && words[0] == NULL);
    CHECK(counts != NULL);
    core_free(words);
    core_free(counts);
    check_words(" \t\r\n.,;-'- ' ", "");
}

static void case_makes_a_different_word(void)
{
    check_words("The the THE the", "The 1, the 2, THE 1");
}

static void punctuation_separates_words(void)
{
    check_words("one,two;one.(two)[one]{two}\"one\"", "one 4, two 3");
    check_words("a_b a/b a+b", "a 3, b 3");
    check_words("1,000 3.14 2nd", "1 1, 000 1, 3 1, 14 1, 2nd 1");
}

static void an_apostrophe_or_hyphen_inside_joins_a_word(void)
{
    check_words("don't don't well-known", "don't 2, well-known 1");
    check_words("don’t up‐to‑date", "don’t 1, up‐to‑date 1");
    check_words("mother-in-law's", "mother-in-law's 1");
}

static void an_apostrophe_or_hyphen_at_the_edge_is_no_part_of_a_word(void)
{
    check_words("'quoted' -x- dogs' 'tis", "quoted 1, x 1, dogs 1, tis 1");
    check_words("end-", "end 1");
    check_words("end'", "end 1");
    check_words("-", "");
}

static void two_of_them_in_a_row_separate_words(void)
{
    check_words("one--two rock-'n'-roll a'-b", "one 1, two 1, rock 1, n 1, roll 1, a 1, b 1");
}

static void words_of_every_script_are_words(void)
{
    check_words("Straße café Straße", "Straße 2, café 1");
    check_words("Война и мир и", "Война 1, и 2, мир 1");
    check_words("שלום مرحبا नमस्ते", "שלום 1, مرحبا 1, नमस्ते 1");
    check_words("日本語、日本語。", "日本語 2");
    check_words("🍏 🍏 pie", "🍏 2, pie 1");
    check_words("𝒳 𝒴 𝒳", "𝒳 2, 𝒴 1");
}

static void unicode_white_space_separates_words(void)
{
    static const char *const spaces[] = {
        "\t", "\n", "\v", "\f", "\r", " ", "\xc2\x85", "\u00a0", "\u1680", "\u2000", "\u2001",
        "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a",
        "\u2028", "\u2029", "\u202f", "\u205f", "\u3000",
    };

    for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++) {
        char text[16];

        snprintf(text, sizeof text, "a%sb%sa", spaces[i], spaces[i]);
        check_words(text, "a 2, b 1");
    }
}

static void typographic_punctuation_separates_words(void)
{
    check_words("«one» “two” ‘one’ one…two—two–one", "one 4, two 3");
    check_words("one！two？one（two）", "one 2, two 2");
}

static void letters_among_the_punctuation_are_kept(void)
{
    check_words("5µ 2ª x² 人々", "5µ 1, 2ª 1, x² 1, 人々 1");
}

static void many_different_words_are_all_kept(void)
{
    enum { WORDS = 5000 };
    char *text = malloc((size_t)WORDS * 2 * 8);
    char **words = NULL;
    uint64_t *counts = NULL;
    size_t n = 0;
    char *to = text;

    CHECK(text != NULL);
    if (text == NULL) {
        return;
    }
    /* Every word once, and then every other once more. */
    for (int i = 0; i < 2 * WORDS; i++) {
        if (i < WORDS || i % 2 == 0) {
            to += sprintf(to, "w%d ", i % WORDS);
        }
    }
    CHECK_OK(core_word_count(text, &words, &counts, &n));
    CHECK_UINT(n, WORDS);
    for (size_t i = 0; i < n; i++) {
        char word[32];

        snprintf(word, sizeof word, "w%zu", i);
        CHECK_TEXT(words[i], word);
        CHECK_UINT(counts[i], i % 2 == 0 ? 2 : 1);
    }
    core_free(words);
    core_free(counts);
    free(text);
}

static void malformed_utf8_is_invalid_and_its_place_is_told(void)
{
    static const char *const wrong[] = {
        "ab \x80",         /* continuation alone */
        "ab \xff",         /* no byte of UTF-8 */
        "ab \xc3",         /* cut short */
        "ab \xe2\x82",     /* cut short */
        "ab \xf0\x9f\x8d", /* cut short */
        "ab \xc3(",        /* followed by ASCII */
        "ab \xc0\x80",     /* longer than necessary */
        "ab \xc1\xbf", "ab \xe0\x80\xaf", "ab \xf0\x80\x80\xaf",
        "ab \xed\xa0\x80",     /* surrogate */
        "ab \xf4\x90\x80\x80", /* beyond U+10FFFF */
        "ab \xf5\x80\x80\x80",
    };
    char **words = NULL;
    uint64_t *counts = NULL;
    size_t n = 9;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CHECK_FAILS(core_word_count(wrong[i], &words, &counts, &n), CORE_INVALID,
                    "text is not UTF-8 at byte 3");
    }
    CHECK(words == NULL && counts == NULL);
    CHECK_UINT(n, 9);
}

static void the_extremes_of_utf8_are_characters(void)
{
    check_words("\x01\x7f", "");
    check_words("\u00c0\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff",
                "\u00c0\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff 1");
}

static void null_pointers_are_refused(void)
{
    char **words;
    uint64_t *counts;
    size_t n;

    CHECK_FAILS(core_word_count(NULL, &words, &counts, &n), CORE_INVALID, "text is NULL");
    CHECK_FAILS(core_word_count("a", NULL, &counts, &n), CORE_INVALID, "words is NULL");
    CHECK_FAILS(core_word_count("a", &words, NULL, &n), CORE_INVALID, "counts is NULL");
    CHECK_FAILS(core_word_count("a", &words, &counts, NULL), CORE_INVALID, "n is NULL");
}

int main(void)
{
    static const struct test tests[] = {
        TEST(words_are_counted_in_order_of_first_appearance),
        TEST(a_text_without_words_has_none),
        TEST(case_makes_a_different_word),
        TEST(punctuation_separates_words),
        TEST(an_apostrophe_or_hyphen_inside_joins_a_word),
        TEST(an_apostrophe_or_hyphen_at_the_edge_is_no_part_of_a_word),
        TEST(two_of_them_in_a_row_separate_words),
        TEST(words_of_every_script_are_words),
        TEST(unicode_white_space_separates_words),
        TEST(typographic_punctuation_separates_words),
        TEST(letters_among_the_punctuation_are_kept),
        TEST(many_different_words_are_all_kept),
        TEST(malformed_utf8_is_invalid_and_its_place_is_told),
        TEST(the_extremes_of_utf8_are_characters),
        TEST(null_pointers_are_refused),
    };

    return RUN_TESTS(tests);
}
